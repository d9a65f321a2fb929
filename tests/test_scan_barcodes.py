"""Barcodes of scanned pages: while they are scanned, afterwards, and between documents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from .conftest import MakeService
from .support.bench import GRANTED
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.service import LiveService

DPI = 150
PAPER_MM = (100, 140)
SIZE = (round(PAPER_MM[0] / 25.4 * DPI), round(PAPER_MM[1] / 25.4 * DPI))
SPLIT = "/api/process/split-document"
READ = "/api/process/read-barcode"

PATCH_T = "nwnw"
"""The bars of the patch code T, wide and narrow by turns."""


def letter(number: int) -> Image.Image:
    """A page of text lines, as it were."""
    page = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(page)
    for line in range(12):
        draw.rectangle(
            (60, 80 + 40 * line, 300 + (line * 37 + number * 53) % 180, 92 + 40 * line), 0
        )
    return page


def coded(text: str) -> Image.Image:
    """A page with a Code 128."""
    page = letter(7)
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=2)
    picture = Image.fromarray(symbol)
    page.paste(255, (40, 560, 40 + picture.width + 40, 600 + picture.height))
    page.paste(picture, (60, 580))
    return page


def patched(text: str = "") -> Image.Image:
    """A separator sheet: the patch code T across, and a code that names what follows."""
    page = Image.new("L", SIZE, 255)
    draw, y = ImageDraw.Draw(page), 60
    for bar in PATCH_T:
        height = round((0.2 if bar == "w" else 0.08) * DPI)
        draw.rectangle((60, y, SIZE[0] - 60, y + height - 1), 0)
        y += height + round(0.08 * DPI)
    if text:
        symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128).to_image(scale=2)
        page.paste(Image.fromarray(symbol), (60, 400))
    return page


@pytest.fixture
def pile(tmp_path: Path, make_service: MakeService) -> Callable[..., LiveService]:
    """A service whose virtual scanner feeds the pages that a test draws."""

    def make(*pages: Image.Image) -> LiveService:
        folder = tmp_path / "pile"
        folder.mkdir()
        for number, page in enumerate(pages):
            page.save(folder / f"{number:02}.png", dpi=(DPI, DPI))
        return make_service(
            ADDONS__VIRTUAL__FOLDER=str(folder),
            ADDONS__VIRTUAL__SHEETS=len(pages),
            ADDONS__VIRTUAL__PAPER_MM=list(PAPER_MM),
            ADDONS__VIRTUAL__SECONDS_PER_PAGE=0,
            ALLOWED_ORIGINS=[GRANTED],
        )

    return make


def scan(api: ApiClient, **body: Any) -> str:
    """Scan the whole pile; the job."""
    config = {"PixelType": 1, "Resolution": DPI, "IfFeederEnabled": True}
    job = str(api.ask("POST", JOBS, 201, json={"config": config, **body}).json()["jobuid"])
    while api.ask("GET", f"{JOBS}/{job}/next-page").status_code == 200:
        pass
    return job


def test_feeder_scan_is_split_at_patch_sheets_into_named_documents(
    pile: Callable[..., LiveService],
) -> None:
    """Seven sheets, two of them separators: what they name, without themselves."""
    service = pile(
        letter(0), patched("INVOICE-17"), letter(1), letter(2), patched("INVOICE-18"), letter(3)
    )
    api = service.client(GRANTED)
    uid = api.ask("POST", DOCUMENTS, 201, json={"name": "Pile"}).json()["uid"]
    scan(api, document=uid)
    answer = api.ask("POST", SPLIT, 200, json={"source": f"{DOCUMENTS}/{uid}"}).json()
    assert [(each.get("name"), len(each["pages"])) for each in answer["documents"]] == [
        (None, 1),
        ("INVOICE-17", 2),
        ("INVOICE-18", 1),
    ]
    listed = api.get(DOCUMENTS).json()
    assert [each.get("name") for each in listed] == ["Pile", None, "INVOICE-17", "INVOICE-18"]
    pile_now = api.get(f"{DOCUMENTS}/{uid}").json()
    assert len(pile_now["pages"]) == 6


def test_split_at_codes_that_match_keeps_their_pages(pile: Callable[..., LiveService]) -> None:
    """Named by what the pattern takes out of the code."""
    service = pile(coded("CUSTOMER 4711"), letter(1), coded("PART 99"), coded("CUSTOMER 4712"))
    api = service.client()
    uid = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    scan(api, document=uid)
    settings = {"at": ["code"], "pattern": r"CUSTOMER (\d+)", "page": "first"}
    body = {"source": f"{DOCUMENTS}/{uid}", "settings": settings}
    answer = api.ask("POST", SPLIT, 200, json=body).json()
    assert [(each.get("name"), len(each["pages"])) for each in answer["documents"]] == [
        ("4711", 3),
        ("4712", 1),
    ]


def test_codes_are_read_while_pages_are_scanned(pile: Callable[..., LiveService]) -> None:
    """They stand with the page of the job, and with that page in a document."""
    api = pile(coded("ALPHA"), letter(1)).client(GRANTED)
    uid = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    process = [{"operation": "read-barcode", "settings": "speed"}]
    config = {"PixelType": 1, "Resolution": DPI, "IfFeederEnabled": True}
    body = {"config": config, "document": uid, "process": process}
    job = api.ask("POST", JOBS, 201, json=body).json()["jobuid"]
    told = [api.ask("GET", f"{JOBS}/{job}/next-page-info", 200).json() for _ in range(2)]
    found = [each["results"]["read-barcode"] for each in told]
    assert [[code["barcodeText"] for code in codes] for codes in found] == [["ALPHA"], []]
    page = api.get(f"{DOCUMENTS}/{uid}").json()["pages"][0]["uid"]
    (code,) = api.get(f"{PAGES}/{page}").json()["results"]["read-barcode"]
    assert (code["barcodeFormatString"], code["format"]) == ("CODE_128", "Code 128")
    api.ask("DELETE", f"{JOBS}/{job}", 204)
    assert api.get(f"{PAGES}/{page}").json()["results"]["read-barcode"] == [code]


def test_job_with_an_operation_that_cannot_be_is_refused(
    pile: Callable[..., LiveService],
) -> None:
    """Before any paper moves; also where the page did not enable its add-on."""
    api = pile(letter(0)).client(GRANTED)
    wanted = {"process": [{"operation": "read-barcode"}]}
    session = api.ask("POST", "/api/sessions", 201, json={"addons": []}).json()["sessionuid"]
    headers = {"Flatbed-Session": session}
    refusal = api.refusal("POST", JOBS, 403, headers=headers, json=wanted)
    assert (refusal["error"], refusal["details"]) == ("addon_not_enabled", {"addon": "barcode"})
    unknown = {"process": [{"operation": "fold"}]}
    assert api.refusal("POST", JOBS, 404, json=unknown)["error"] == "addon_missing"
    bad = {"process": [{"operation": "read-barcode", "settings": "never"}]}
    assert api.refusal("POST", JOBS, 400, json=bad)["code"] == -2113


def test_read_barcode_answers_in_the_shape_of_the_contract(
    pile: Callable[..., LiveService],
) -> None:
    """One page: a list; the raw bytes beside the text."""
    api = pile(coded("ALPHA")).client()
    job = scan(api)
    body = {"source": f"{JOBS}/{job}/content?page=0", "settings": "balance"}
    (code,) = api.ask("POST", READ, 200, json=body).json()
    assert code["barcodeText"] == "ALPHA"
    assert code["barcodeFormat"] == code["BarcodeFormat"] == 2
    assert bytes(code["results"][0]["bytes"]).decode() == "ALPHA"
    place = code["localizationResult"]
    assert place["ResultPoints"][0] == f"{place['x1']}, {place['y1']}"
    assert (place["angle"], place["pageNumber"]) == (0, 0)
    assert 50 <= place["x1"] <= 100
    assert 570 <= place["y1"] <= 600
