"""Barcodes as the wire contract has them, with our own names beside.

The numbers and names of symbologies are those that clients of the older service compare.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import msgspec

from flatbed.addon.types import Barcode, Point

_FORMATS: dict[str, tuple[int, str]] = {
    "code39": (0x1, "CODE_39"),
    "code128": (0x2, "CODE_128"),
    "code93": (0x4, "CODE_93"),
    "codabar": (0x8, "CODABAR"),
    "itf": (0x10, "ITF"),
    "ean13": (0x20, "EAN_13"),
    "ean8": (0x40, "EAN_8"),
    "upca": (0x80, "UPC_A"),
    "upce": (0x100, "UPC_E"),
    "industrial25": (0x200, "INDUSTRIAL_25"),
    "code39extended": (0x400, "CODE_39_EXTENDED"),
    "databar": (0x800, "GS1_DATABAR_OMNIDIRECTIONAL"),
    "databartruncated": (0x1000, "GS1_DATABAR_TRUNCATED"),
    "databarstacked": (0x2000, "GS1_DATABAR_STACKED"),
    "databarexpanded": (0x8000, "GS1_DATABAR_EXPANDED"),
    "databarlimited": (0x20000, "GS1_DATABAR_LIMITED"),
    "patchcode": (0x40000, "PATCHCODE"),
    "micropdf417": (0x80000, "MICRO_PDF417"),
    "msi": (0x100000, "MSI_CODE"),
    "code11": (0x200000, "CODE_11"),
    "pdf417": (0x2000000, "PDF417"),
    "qrcode": (0x4000000, "QR_CODE"),
    "datamatrix": (0x8000000, "DATAMATRIX"),
    "aztec": (0x10000000, "AZTEC"),
    "maxicode": (0x20000000, "MAXICODE"),
    "microqrcode": (0x40000000, "MICRO_QR"),
}
"""(number, name) by our name without case and punctuation; what is not here has number 0."""


def to_contract(barcodes: Iterable[Barcode], *, page_number: int = 0) -> list[dict[str, Any]]:
    """What `read-barcode` answers for one page.

    Args:
        barcodes: In the order of the answer.
        page_number: The page's place among those that were read, from 0.
    """
    return [_to_result(each, page_number) for each in barcodes]


def _to_result(barcode: Barcode, page_number: int) -> dict[str, Any]:
    number, name = _find_format(barcode.format)
    place, raw = _to_place(barcode, page_number), list(bytes.fromhex(barcode.raw))
    percent = round(barcode.confidence * 100)
    older = {"BarcodeFormat": number, "BarcodeFormatString": name, "LocalizationResult": place}
    return {
        "barcodeText": barcode.text,
        "barcodeFormat": number,
        "barcodeFormatString": name,
        "barcodeBytes": raw,
        "localizationResult": place,
        "detailedResult": {},
        "results": [{"bytes": raw, "confidence": percent}],
        **older,
        **msgspec.to_builtins(barcode),
    }


def _to_place(barcode: Barcode, page_number: int) -> dict[str, Any]:
    points = [(round(x), round(y)) for x, y in barcode.corners]
    corners = {
        f"{axis}{number}": value
        for number, point in enumerate(points, 1)
        for axis, value in zip("xy", point, strict=True)
    }
    return corners | {
        "angle": _angle(barcode.corners),
        "confidence": round(barcode.confidence * 100),
        "moduleSize": round(barcode.module_px),
        "pageNumber": page_number,
        "ResultPoints": [f"{x}, {y}" for x, y in points],
    }


def _angle(corners: tuple[Point, Point, Point, Point]) -> int:
    """How far the symbol's upper edge is turned clockwise, whole degrees from 0 to 359."""
    (left, top), (right, bottom) = corners[0], corners[1]
    return round(math.degrees(math.atan2(bottom - top, right - left))) % 360


def _find_format(name: str) -> tuple[int, str]:
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return _FORMATS.get(plain, (0, re.sub(r"\W+", "_", name).upper()))
