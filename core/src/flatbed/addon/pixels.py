"""Pages as Pillow images."""

from __future__ import annotations

import io
import struct
from typing import Any, cast

from isal import isal_zlib
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from flatbed.errors import PageCorruptError

OWN_PAGE_PIXELS = 400_000_000
"""An A3 page at 1200 dpi has 278 million; beyond this no scanner of ours goes."""

RAW_MODES = {
    ("1", 1): "1",
    ("L", 8): "L",
    ("L", 16): "L;16B",
    ("RGB", 8): "RGB",
    ("RGB", 16): "RGB;16B",
}
"""Pillow's name for the layout of a PNG's rows, by mode and bits; 16 bit give their high byte."""

_FIRST_CHUNK = 8
_ZLIB_HEADER_BYTES, _ADLER_BYTES, _WINDOW_BITS = 2, 4, 15
_SAMPLES = {"1": 1, "L": 1, "RGB": 3}
_MODES = {(0, 1): "1", (0, 8): "L", (0, 16): "L", (2, 8): "RGB", (2, 16): "RGB"}


_BROKEN: Any = (
    *(struct.error, KeyError, IndexError, OSError, SyntaxError, ValueError),
    isal_zlib.IsalError,
)


def open_png(data: bytes) -> Image.Image:
    """A stored page's PNG as an image of mode `1`, `L` or `RGB`, 8 bits a sample at most.

    Raises:
        PageCorruptError: If it is no PNG of ours, or larger than any page of ours.
    """
    try:
        width, height, bits, color = struct.unpack_from(">IIBB", data, 16)
        mode = _MODES[color, bits]
        if width * height > OWN_PAGE_PIXELS:
            raise PageCorruptError("A page is larger than any that was scanned.")
        stride = 1 + (width * _SAMPLES[mode] * bits + 7) // 8
        strips = _strips(data)
        if any(_is_filtered(strip, stride) for strip in strips):
            return _open_filtered(data)
        rows = isal_zlib.decompress(b"".join(strips), -_WINDOW_BITS)
    except _BROKEN as error:
        raise PageCorruptError from error
    if len(rows) != stride * height:
        raise PageCorruptError
    # Pillow takes every buffer; its annotation names fewer.
    pixels = cast("bytes", memoryview(rows)[1:])
    return Image.frombytes(mode, (width, height), pixels, "raw", RAW_MODES[mode, bits], stride, 1)


def _strips(data: bytes) -> list[memoryview]:
    """The deflated strips of a page of ours: one in each IDAT chunk."""
    found, view, at = [], memoryview(data), _FIRST_CHUNK
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            found.append(view[at + 8 : at + 8 + length])
        at += length + 12
    return [found[0][_ZLIB_HEADER_BYTES:], *found[1:-1], found[-1][:-_ADLER_BYTES]]


def _is_filtered(strip: memoryview, stride: int) -> bool:
    # The first row of a strip never has a filter; the second one tells.
    rows = isal_zlib.decompressobj(-_WINDOW_BITS).decompress(strip, 2 * stride)
    return len(rows) > stride and rows[stride] != 0


def _open_filtered(data: bytes) -> Image.Image:
    # Not by `Image.open`, whose limit an A3 page at 1200 dpi would come near; ours was checked.
    image: Image.Image = PngImageFile(io.BytesIO(data))
    image.load()
    if not image.mode.startswith("I"):
        return image
    # Pillow clips a 16 bit gray picture when it converts it; the high byte is what is wanted.
    return image.convert("I").point(lambda value: value / 256).convert("L")
