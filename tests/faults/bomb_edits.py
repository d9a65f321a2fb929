"""Requests about a page that are a trap: edits without a measure, JSON without a bottom."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tests.faults.bomb_png import BIG, DAMAGED, READ

_PAGES = "/api/storage/pages"
_DOCUMENTS = "/api/storage/documents"
_PROCESS = "/api/process"
_JSON = {"Content-Type": "application/json"}
_HUGE = 10**400


class Request(NamedTuple):
    """One request."""

    verb: str
    path: str
    body: bytes
    headers: Mapping[str, str]


Make = Callable[[str, str], Request]
"""From the uids of a document and of its page."""


def edit(**body: Any) -> Make:
    """An edit of the page."""
    return raw_edit(json.dumps(body).encode())


def raw_edit(body: bytes) -> Make:
    """An edit as it stands."""
    return lambda _, page: Request("POST", f"{_PAGES}/{page}/edits", body, _JSON)


def process(operation: str, **settings: Any) -> Make:
    """An operation on the page."""

    def make(document: str, page: str) -> Request:
        source = f"{_DOCUMENTS}/{document}/pages/{page}"
        body = json.dumps({"source": source, "settings": settings}).encode()
        return Request("POST", f"{_PROCESS}/{operation}", body, _JSON)

    return make


def _raw_process(body: bytes) -> Make:
    return lambda _document, _page: Request("POST", f"{_PROCESS}/rotate", body, _JSON)


def _many_sources(_: str, page: str) -> Request:
    body = json.dumps({"source": [f"{_PAGES}/{page}/content"] * 5000}).encode()
    return Request("POST", f"{_PROCESS}/encode", body, _JSON)


def _change(verb: str, body: bytes) -> Make:
    return lambda document, _: Request(verb, f"{_DOCUMENTS}/{document}", body, _JSON)


def _order(body: bytes) -> Make:
    return lambda document, _: Request("PATCH", f"{_DOCUMENTS}/{document}/pages", body, _JSON)


def _look(query: str) -> Make:
    return lambda _, page: Request("GET", f"{_PAGES}/{page}/content?{query}", b"", {})


_DEEP = b"[" * 1_000_000 + b"]" * 1_000_000

REQUESTS: Mapping[str, tuple[str, Make]] = {
    "edit resize to 65,535^2": (BIG, edit(op="resize", width=65_535, height=65_535)),
    "edit resize to 1 x 10^9": (BIG, edit(op="resize", width=1, height=10**9)),
    "edit resize to 10^400": (DAMAGED, edit(op="resize", width=_HUGE)),
    "edit resize to 2^63": (DAMAGED, edit(op="resize", width=2**63)),
    "edit resize to -1": (DAMAGED, edit(op="resize", width=-1)),
    "edit resize to nothing": (DAMAGED, edit(op="resize")),
    "edit rotate by 1e308": (READ, edit(op="rotate", angle=1e308)),
    "edit rotate by 1e400": (DAMAGED, raw_edit(b'{"op": "rotate", "angle": 1e400}')),
    "edit rotate by 10^400": (DAMAGED, edit(op="rotate", angle=_HUGE)),
    "edit rotate by -10^400": (DAMAGED, edit(op="rotate", angle=-_HUGE)),
    "edit rotate by NaN": (DAMAGED, raw_edit(b'{"op": "rotate", "angle": NaN}')),
    "edit rotate by a text": (DAMAGED, edit(op="rotate", angle="NaN")),
    "edit rotate by a list": (DAMAGED, edit(op="rotate", angle=[90])),
    "edit rotate by 1e-300": (READ, edit(op="rotate", angle=1e-300)),
    "edit crop outside": (DAMAGED, edit(op="crop", box=[-1, 0, 9, 9])),
    "edit crop to 2^62": (DAMAGED, edit(op="crop", box=[0, 0, 2**62, 2**62])),
    "edit crop to 10^400": (DAMAGED, edit(op="crop", box=[0, 0, _HUGE, 9])),
    "edit crop of a million numbers": (BIG, edit(op="crop", box=[1] * 300_000)),
    "edit crop inside out": (DAMAGED, edit(op="crop", box=[9, 9, 1, 1])),
    "edit erase beyond": (DAMAGED, edit(op="erase", box=[0, 0, 10**9, 10**9])),
    "edit erase with 10^400": (DAMAGED, edit(op="erase", box=[0, 0, 1, 1], color=[_HUGE] * 3)),
    "edit dpi of 1e308": (DAMAGED, edit(op="change-dpi", dpi=1e308)),
    "edit dpi of 10^400": (DAMAGED, edit(op="change-dpi", dpi=[_HUGE, 1])),
    "edit dpi of three": (DAMAGED, edit(op="change-dpi", dpi=[1, 2, 3])),
    "edit gamma of 10^400": (DAMAGED, edit(op="gamma", value=_HUGE)),
    "edit despeckle of 10^9": (DAMAGED, edit(op="despeckle", size_px=10**9)),
    "edit unknown": ("addon_missing", edit(op="x" * 64)),
    "edit name of 500,000 letters": (BIG, edit(op="x" * 500_000)),
    "edit setting of 500,000 letters": (BIG, edit(op="rotate", angle=90, **{"y" * 500_000: 1})),
    "edit text of 500,000 letters": (BIG, edit(op="rotate", angle="z" * 500_000)),
    "edit surrogates": (DAMAGED, raw_edit(b'{"op": "\\ud800", "angle": 1}')),
    "edit not UTF-8": (DAMAGED, raw_edit(b'{"op": "\xff\xfe"}')),
    "edit a million brackets": (BIG, raw_edit(_DEEP)),
    "edit 400,000 brackets": (BIG, raw_edit(b"[" * 400_000)),
    "edit 400,000 brackets in a setting": (
        BIG,
        raw_edit(b'{"op":"rotate","angle":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    ),
    "edit 900 brackets in a setting": (
        DAMAGED,
        raw_edit(b'{"op":"rotate","angle":' + b"[" * 900 + b"]" * 900 + b"}"),
    ),
    "edit number of 900,000 digits": (
        BIG,
        raw_edit(b'{"op":"rotate","angle":' + b"9" * 900_000 + b"}"),
    ),
    "process resize to 65,535^2": (BIG, process("resize", width=65_535, height=65_535)),
    "process rotate by 10^400": (DAMAGED, process("rotate", angle=_HUGE)),
    "process check-blank with 10^400": (DAMAGED, process("check-blank", minBlockHeight=_HUGE)),
    "process check-blank with 2^63": (READ, process("check-blank", minBlockHeight=2**63 - 1)),
    "process split-photos with 10^9": (DAMAGED, process("split-photos", most=10**9)),
    "process encode to 2^62": (READ, process("encode", width=2**62, height=2**62)),
    "process encode to 10^400": (READ, process("encode", width=_HUGE)),
    "process 5,000 sources": (BIG, _many_sources),
    "process a million brackets": (BIG, _raw_process(_DEEP)),
    "process 400,000 brackets": (BIG, _raw_process(b'{"settings":{"a":' + b"[" * 400_000)),
    "process source of 500,000 letters": (
        BIG,
        _raw_process(json.dumps({"source": "http://[" + "1" * 500_000}).encode()),
    ),
    "metadata of 800 brackets": (
        READ,
        _change("PATCH", b'{"metadata":{"a":' + b"[" * 800 + b"]" * 800 + b"}}"),
    ),
    "metadata of 400,000 brackets": (
        BIG,
        _change("PATCH", b'{"metadata":{"a":' + b"[" * 400_000 + b"]" * 400_000 + b"}}"),
    ),
    "order of 30,000 pages": (DAMAGED, _order(json.dumps({"order": ["0" * 32] * 25_000}).encode())),
    "order of 400,000 brackets": (DAMAGED, _order(b'{"order":' + b"[" * 400_000)),
    "content 65,535 wide": (READ, _look("width=65535&height=65535&type=image/jpeg")),
    "content 10^400 wide": (DAMAGED, _look(f"width={_HUGE}")),
    "content quality of 10^400": (DAMAGED, _look(f"type=image/jpeg&quality={_HUGE}")),
}

_KEYS = {f"k{each}": 1 for each in range(70_000)}

DENSE: Mapping[str, tuple[str, Make]] = {
    "edit with 70,000 settings": (BIG, edit(op="rotate", angle=1, **_KEYS)),
    "process with 70,000 settings": (BIG, process("rotate", **_KEYS)),
    "process with 300,000 lists": (BIG, process("rotate", angle=[[]] * 250_000)),
    "metadata of 300,000 lists": (
        BIG,
        _change("PATCH", json.dumps({"metadata": {"a": [[]] * 250_000}}).encode()),
    ),
}
"""JSON within the limit of a body that takes many times its bytes as objects."""
