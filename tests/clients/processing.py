"""Steps that look at pages: whether one is blank, and its barcodes."""

from __future__ import annotations

from typing import Any

from .desk import Desk, Found

# What their reader takes as its settings: the name of a template, or the whole of one.
TEMPLATE = '{"ImageParameter": {"Name": "BestSpeed", "ExpectedBarcodesCount": 512}}'


def blanks(desk: Desk) -> Found:
    """By the page's address alone, with heights, and never by a foreign address."""
    ask, host, job = desk.ask, desk.host, desk.create()
    sources = [info["url"] for info in desk.infos(job)]
    found: Found = {
        "plain": [ask.checkBlank(host, {"source": each})["result"] for each in sources],
        "heights": [
            ask.checkBlank(host, {"source": sources[4], "settings": heights})["result"]
            for heights in (
                {"minBlockHeight": 20, "maxBlockHeight": 30},
                {"minBlockHeight": 10, "maxBlockHeight": 30},
            )
        ],
    }
    elsewhere = {"source": "http://example.com/page.png"}
    low = {"source": sources[0], "settings": {"minBlockHeight": -1, "maxBlockHeight": 30}}
    found["elsewhere"] = desk.code(lambda: ask.checkBlank(host, elsewhere))
    found["low"] = desk.code(lambda: ask.checkBlank(host, low))
    ask.deleteJob(host, job)
    return found


def barcodes(desk: Desk) -> Found:
    """Of every page, by every kind of settings, and of a page in a document."""
    job = desk.create()
    infos = desk.infos(job)
    sources = [info["url"] for info in infos]
    found = {
        "pages": [_read(desk, source=each) for each in sources],
        "uid": _read(desk, source=infos[0]["imageuid"]),
        "efforts": [
            _read(desk, source=sources[2], settings=each)
            for each in ("speed", "balance", "coverage")
        ],
        "one": _read(desk, source=sources[2], settings={"formats": ["QR Code"]}),
        "most": _read(desk, source=sources[2], settings={"most": 1}),
        "whole": desk.ask.readBarcode(desk.host, {"source": sources[0]}),
    }
    found["refused"] = [
        desk.code(lambda each=each: _read(desk, source=sources[0], settings=each))  # type: ignore[misc]
        for each in ("BestSpeed", TEMPLATE, {"formats": ["Morse"]})
    ]
    desk.ask.deleteJob(desk.host, job)
    found["gone"] = desk.code(lambda: _read(desk, source=sources[0]))
    return found


def _read(desk: Desk, **wanted: Any) -> list[str]:
    wanted["license"] = "LICENSE-KEY"
    codes = desk.ask.readBarcode(desk.host, wanted)
    return [f"{each['barcodeFormatString']} {each['barcodeText']}" for each in codes]
