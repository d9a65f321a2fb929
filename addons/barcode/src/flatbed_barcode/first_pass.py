"""The first reader: zxing-cpp."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from flatbed.addon import Barcode
from flatbed_barcode import confidence
from flatbed_barcode.formats import Wanted
from flatbed_barcode.geometry import Corners, side_lengths
from flatbed_barcode.view import View

if TYPE_CHECKING:
    from zxingcpp import Barcode as Symbol

_RETAIL_MODULES: Mapping[str, int] = {"EAN-13": 95, "UPC-A": 95, "EAN-8": 67, "UPC-E": 51}
_SHORTEST_ITF = 6
"""Digits, beside other codes: within their bars shorter ones are found that are none."""


@dataclass(frozen=True)
class Effort:
    """What zxing tries on one picture.

    Attributes:
        invert: Light symbols on dark too.
        downscale: Smaller copies too, which read what is blurred or dotted.
        one_threshold: One threshold for the whole picture in place of local ones.
    """

    invert: bool = True
    downscale: bool = True
    one_threshold: bool = False


def read(view: View, wanted: Wanted, effort: Effort) -> list[Barcode]:
    """What zxing reads on a view, in page pixels and in its own order."""
    if wanted.names and not wanted.zxing:
        return []
    zxing = _library()
    picture = view.image
    symbols = zxing.read_barcodes(
        memoryview(picture.tobytes()).cast("B", (picture.height, picture.width)),
        formats=zxing.BarcodeFormats(list(wanted.zxing) or [zxing.BarcodeFormat.AllReadable]),
        try_invert=effort.invert,
        try_downscale=effort.downscale,
        text_mode=zxing.TextMode.Plain,
        binarizer=zxing.Binarizer.GlobalHistogram
        if effort.one_threshold
        else zxing.Binarizer.LocalAverage,
        ean_add_on_symbol=zxing.EanAddOnSymbol.Read,
    )
    if len(symbols) > 1 and not wanted.names:
        symbols = [each for each in symbols if not _is_short_itf(each)]
    return [each for each in (_barcode(one, view, wanted) for one in symbols) if each is not None]


def _is_short_itf(symbol: Symbol) -> bool:
    return str(symbol.symbology) == "ITF" and len(symbol.text) < _SHORTEST_ITF


def _barcode(symbol: Symbol, view: View, wanted: Wanted) -> Barcode | None:
    extra: Mapping[str, Any] = symbol.extra if isinstance(symbol.extra, dict) else {}
    family = str(symbol.symbology)
    corners = view.on_page(_corners(symbol))
    name, text, raw = str(symbol.format), symbol.text, symbol.bytes
    if family == "EAN/UPC":
        add_on = extra.get("EanAddOn", "")
        digits = extra.get("UPCE") or text.removesuffix(add_on)
        named = retail_name(name, digits, add_on, wanted)
        if named is None:
            return None
        name, text = named
        raw = text.replace(" ", "").encode("ascii")
    return Barcode(
        format=name,
        text=text,
        raw=raw.hex(),
        corners=corners,
        confidence=confidence.of_zxing(family, extra.get("UEC")),
        module_px=_module_px(name, extra.get("Version", ""), corners),
    )


def retail_name(name: str, code: str, add_on: str, wanted: Wanted) -> tuple[str, str] | None:
    """(format, text) of an EAN or UPC as it is printed; `None` if its kind is not wanted.

    Args:
        name: `EAN-13`, `EAN-8`, `UPC-A` or `UPC-E`.
        code: Its digits; a UPC-A may have a 0 before them.
        add_on: The add-on's digits, or none.
        wanted: An EAN-13 that begins with 0 is a UPC-A, unless only EAN-13 is wanted.
    """
    if name in {"EAN-13", "UPC-A"}:
        kinds = _kinds_of(code)
        name = next((kind for kind in kinds if wanted.has(kind)), "")
        if not name and not wanted.has("EAN/UPC"):
            return None
        name = name or kinds[0]
        code = code[-12:] if name == "UPC-A" else code
    return (f"{name}+{len(add_on)}", f"{code} {add_on}") if add_on else (name, code)


def _kinds_of(code: str) -> tuple[str, ...]:
    if len(code) == 12 or code[0] == "0":
        return ("UPC-A", "EAN-13")
    return ("EAN-13", "ISBN") if code[:3] in {"978", "979"} else ("EAN-13",)


def _corners(symbol: Symbol) -> Corners:
    at = symbol.position
    first, second, third, fourth = (
        (float(point.x), float(point.y))
        for point in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)
    )
    across = (second[0] - first[0]) * (fourth[1] - first[1])
    if across - (second[1] - first[1]) * (fourth[0] - first[0]) < 0 and not _has_own_top(symbol):
        return fourth, third, second, first  # bars that were read from right to left
    return first, second, third, fourth


def _has_own_top(symbol: Symbol) -> bool:
    """Whether a mirrored print of it can be told from one that is read backwards."""
    return str(symbol.symbology) in confidence.CORRECTED


def _module_px(name: str, version: str, corners: Corners) -> float:
    """The width of a module where the symbol says how many it has, else 0."""
    modules = _RETAIL_MODULES.get(name, 0)
    if name == "QR Code" and version.isdigit():
        modules = 17 + 4 * int(version)
    elif name == "Data Matrix" and "x" in version:
        modules = int(version.split("x")[1])
    return round(side_lengths(corners)[0] / modules, 2) if modules else 0.0


@cache
def _library() -> Any:
    import zxingcpp  # noqa: PLC0415 - not before the first page

    return zxingcpp
