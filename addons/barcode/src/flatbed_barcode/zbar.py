"""zbar by way of pyzbar's binding.

pyzbar's own `decode` gives up a whole page when zbar cannot tell how one of its symbols is turned
(https://github.com/NaturalHistoryMuseum/pyzbar, `ZBarOrientation` of an unsigned -1), and sorts the
places of a symbol away; so the calls are made here.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from PIL import Image

from flatbed.addon import Point

_GRAY = int.from_bytes(b"Y800", "little")
"""The format's four characters: eight bits of gray."""


@dataclass(frozen=True)
class Symbol:
    """What zbar read.

    Attributes:
        kind: Its name for the symbology.
        data: The content; of QR codes as UTF-8, whatever stands in the symbol.
        lines: How many of its scan lines read the same; 1 for QR codes.
        turns: By how many quarters, clockwise, the symbol is turned; 0 where it cannot tell.
        points: Where its scan lines met the symbol, or a QR code's corners.
    """

    kind: str
    data: bytes
    lines: int
    turns: int
    points: Sequence[Point]


@cache
def binding() -> ModuleType | None:
    """pyzbar's functions of the library, or `None` if either is not on this machine."""
    try:
        from pyzbar import wrapper  # noqa: PLC0415 - it looks for the library
    except (ImportError, OSError):
        # Without libzbar the import fails, as ImportError or as what the loader says.
        return None
    module: ModuleType = wrapper
    return module


def version() -> str:
    """zbar's version, or `missing`."""
    zbar = binding()
    if zbar is None:
        return "missing"
    parts = [ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint()]
    # pyzbar declares two of the three numbers that the function writes.
    told = ctypes.CFUNCTYPE(ctypes.c_int, *[ctypes.POINTER(ctypes.c_uint)] * 3)
    told(("zbar_version", zbar.load_libzbar()))(*map(ctypes.byref, parts))
    return ".".join(str(part.value) for part in parts)


def scan(image: Image.Image, kinds: Sequence[str]) -> list[Symbol]:
    """What zbar reads on a gray image (mode `L`); nothing where it is missing.

    Args:
        image: With at least one pixel.
        kinds: Its names for the symbologies to look for.
    """
    zbar = binding()
    if zbar is None:
        return []
    scanner, picture = zbar.zbar_image_scanner_create(), zbar.zbar_image_create()
    try:
        _choose(zbar, scanner, kinds)
        pixels = image.tobytes()
        zbar.zbar_image_set_format(picture, _GRAY)
        zbar.zbar_image_set_size(picture, *image.size)
        pointer = ctypes.cast(ctypes.c_char_p(pixels), ctypes.c_void_p)
        zbar.zbar_image_set_data(picture, pointer, len(pixels), None)
        zbar.zbar_scan_image(scanner, picture)
        # It also gives halves of symbols, which nobody asked for.
        return [each for each in _symbols(zbar, picture) if each.kind in kinds]
    finally:
        zbar.zbar_image_destroy(picture)
        zbar.zbar_image_scanner_destroy(scanner)


def _choose(zbar: Any, scanner: Any, kinds: Sequence[str]) -> None:
    for each in zbar.ZBarSymbol:
        is_wanted = int(each.name in kinds)
        zbar.zbar_image_scanner_set_config(scanner, each, zbar.ZBarConfig.CFG_ENABLE, is_wanted)


def _symbols(zbar: Any, picture: Any) -> Iterator[Symbol]:
    names = {int(each): each.name for each in zbar.ZBarSymbol}
    symbol = zbar.zbar_image_first_symbol(picture)
    while symbol:
        kind = names.get(symbol.contents.type)
        if kind is not None:
            yield _symbol(zbar, symbol, kind)
        symbol = zbar.zbar_symbol_next(symbol)


def _symbol(zbar: Any, symbol: Any, kind: str) -> Symbol:
    length = zbar.zbar_symbol_get_data_length(symbol)
    turns = zbar.zbar_symbol_get_orientation(symbol) if zbar.zbar_symbol_get_orientation else 0
    return Symbol(
        kind,
        ctypes.string_at(zbar.zbar_symbol_get_data(symbol), length),
        zbar.zbar_symbol_get_quality(symbol),
        turns if 0 <= turns < 4 else 0,
        [
            (
                float(zbar.zbar_symbol_get_loc_x(symbol, index)),
                float(zbar.zbar_symbol_get_loc_y(symbol, index)),
            )
            for index in range(zbar.zbar_symbol_get_loc_size(symbol))
        ],
    )
