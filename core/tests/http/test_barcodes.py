"""Barcodes in the shape of the wire contract."""

from __future__ import annotations

import pytest

from flatbed.addon.types import Barcode
from flatbed.http.barcodes import to_contract
from flatbed.http.shapes import shape

LABEL = Barcode(
    format="EAN-13",
    text="4006381333931",
    raw="34303036333831333333393331",
    corners=((10.4, 20), (110, 20), (110, 60), (10, 60)),
    confidence=0.97,
)


def test_barcode_has_the_keys_of_the_contract_and_ours() -> None:
    """Those in capitals repeat the others, as older clients read them."""
    (found,) = to_contract([LABEL], page_number=3)
    place = {
        "x1": 10,
        "y1": 20,
        "x2": 110,
        "y2": 20,
        "x3": 110,
        "y3": 60,
        "x4": 10,
        "y4": 60,
        "angle": 0,
        "confidence": 97,
        "moduleSize": 0,
        "pageNumber": 3,
        "ResultPoints": ["10, 20", "110, 20", "110, 60", "10, 60"],
    }
    raw = [52, 48, 48, 54, 51, 56, 49, 51, 51, 51, 57, 51, 49]
    for name in ("localizationResult", "LocalizationResult"):
        assert found.pop(name) == place
    assert {name: found.pop(name) for name in ("format", "text", "raw", "confidence")} == {
        "format": "EAN-13",
        "text": "4006381333931",
        "raw": "34303036333831333333393331",
        "confidence": 0.97,
    }
    assert found.pop("corners")[0] == (10.4, 20)
    assert {name: found[name] for name in found if name not in ("angle", "module_px")} == {
        "barcodeText": "4006381333931",
        "barcodeFormat": 0x20,
        "barcodeFormatString": "EAN_13",
        "barcodeBytes": raw,
        "detailedResult": {},
        "results": [{"bytes": raw, "confidence": 97}],
        "BarcodeFormat": 0x20,
        "BarcodeFormatString": "EAN_13",
    }


@pytest.mark.parametrize(
    ("ours", "number", "name"),
    [
        ("QR Code", 0x4000000, "QR_CODE"),
        ("Code 128", 0x2, "CODE_128"),
        ("Data Matrix", 0x8000000, "DATAMATRIX"),
        ("PDF417", 0x2000000, "PDF417"),
        ("Patch Code", 0x40000, "PATCHCODE"),
        ("DX Film Edge", 0, "DX_FILM_EDGE"),
    ],
)
def test_format_has_the_number_of_the_older_service(ours: str, number: int, name: str) -> None:
    """0 where it knew none."""
    barcode = Barcode(format=ours, text="", raw="", corners=LABEL.corners, confidence=1)
    (found,) = to_contract([barcode])
    assert (found["barcodeFormat"], found["barcodeFormatString"]) == (number, name)


@pytest.mark.parametrize(
    ("second", "angle"), [((20, 0), 0), ((0, 20), 90), ((-20, 0), 180), ((0, -20), 270)]
)
def test_angle_is_that_of_the_upper_edge(second: tuple[float, float], angle: int) -> None:
    """Clockwise, from 0 to 359 degrees."""
    corners = ((0.0, 0.0), second, (5.0, 5.0), (5.0, 0.0))
    (found,) = to_contract(
        [Barcode(format="Aztec", text="", raw="", corners=corners, confidence=1)]
    )
    assert found["localizationResult"]["angle"] == angle


def test_shape_leaves_what_is_no_barcode_as_it_is() -> None:
    """And takes barcodes as JSON brought them."""
    assert shape("process_page", {"result": True}) == {"result": True}
    plain = {"format": "Aztec", "text": "x", "raw": "78", "confidence": 1}
    (found,) = shape("read_barcodes", [plain | {"corners": [[0, 0], [1, 0], [1, 1], [0, 1]]}])
    assert found["barcodeText"] == "x"
