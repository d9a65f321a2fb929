"""The second reader: zbar, which reads bars that are blurred or damaged where zxing does not."""

from __future__ import annotations

from flatbed.addon import Barcode
from flatbed_barcode import confidence, zbar
from flatbed_barcode.first_pass import retail_name
from flatbed_barcode.formats import ADD_ONS, ZBAR_NAMES, Wanted
from flatbed_barcode.geometry import rectangle_around
from flatbed_barcode.view import View

_FEWEST_LINES = {"EAN-13": 12, "EAN-8": 12, "UPC-E": 12, "Code 128": 4, "Code 93": 6}
"""Scan lines that must agree. zbar takes one for enough, and finds codes in drawings with five."""
_FEWEST_UNCHECKED = 20
_SHORTEST_UNCHECKED = 4


def read(view: View, wanted: Wanted) -> list[Barcode]:
    """What zbar reads on a view, in page pixels; nothing where its library is missing.

    EAN-2 and EAN-5 are given as barcodes of their own, for `joining.join_add_ons`.
    """
    if not wanted.zbar or min(view.image.size) < 2:
        return []
    found = zbar.scan(view.image, wanted.zbar)
    return [each for each in (_barcode(one, view, wanted) for one in found) if each is not None]


def _barcode(symbol: zbar.Symbol, view: View, wanted: Wanted) -> Barcode | None:
    name = ZBAR_NAMES[symbol.kind]
    text = _decoded(symbol.data)
    if not _is_trusted(name, text, symbol.lines):
        return None
    sureness = confidence.of_zbar(name, symbol.lines)
    if name in {"EAN-13", "EAN-8", "UPC-E"}:
        named = retail_name(name, text, "", wanted)
        if named is None:
            return None
        name, text = named
    corners = rectangle_around(symbol.points or [(0.0, 0.0)], symbol.turns)
    return Barcode(
        format=name,
        text=text,
        raw=(text.encode() if text.isdigit() else symbol.data).hex(),
        corners=view.on_page(corners),
        confidence=sureness,
    )


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _is_trusted(name: str, text: str, lines: int) -> bool:
    if name in confidence.CORRECTED:
        return True
    if name in ADD_ONS:
        return lines >= _FEWEST_UNCHECKED
    if name in confidence.UNCHECKED:
        return lines >= _FEWEST_UNCHECKED and len(text) >= _SHORTEST_UNCHECKED
    return lines >= _FEWEST_LINES.get(name, 12)
