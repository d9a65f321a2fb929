"""Pages as Pillow images."""

from __future__ import annotations

import struct
from typing import Any, cast

from isal import isal_zlib
from PIL import Image

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
_ZLIB_HEADER, _ZLIB_HEADER_BYTES, _ADLER_BYTES, _WINDOW_BITS = b"\x78\x01", 2, 4, 15
_STORED_MOST = 0xFFFF
"""Bytes of one stored block (RFC 1951, 3.2.4)."""
_SAMPLES = {"1": 1, "L": 1, "RGB": 3}
_MODES = {(0, 1): "1", (0, 8): "L", (0, 16): "L", (2, 8): "RGB", (2, 16): "RGB"}


_BROKEN: Any = (
    *(struct.error, KeyError, IndexError, OSError, SyntaxError, ValueError),
    isal_zlib.IsalError,
)


def open_png(data: bytes, *, most_pixels: int = OWN_PAGE_PIXELS) -> Image.Image:
    """A stored page's PNG as an image of mode `1`, `L` or `RGB`, 8 bits a sample at most.

    Args:
        data: The whole file.
        most_pixels: A page of more is none of ours.

    Raises:
        PageCorruptError: If it is no PNG of ours, or larger than any page of ours.
    """
    try:
        width, height, bits, color = struct.unpack_from(">IIBB", data, 16)
        mode = _MODES[color, bits]
        if width * height > most_pixels:
            raise PageCorruptError("A page is larger than any that was scanned.")
        stride = 1 + (width * _SAMPLES[mode] * bits + 7) // 8
        image, top = Image.new(mode, (width, height)), 0
        for strip in _strips(data):
            rows = isal_zlib.decompressobj(-_WINDOW_BITS).decompress(strip)
            count, rest = divmod(len(rows), stride)
            if rest or top + count > height:
                raise PageCorruptError
            if count:  # the last one ends the stream and has none
                image.paste(_to_band(rows, (width, count), mode, bits), (0, top))
            top += count
    except _BROKEN as error:
        raise PageCorruptError from error
    if top < height:
        raise PageCorruptError
    return image


def _to_band(rows: bytes, size: tuple[int, int], mode: str, bits: int) -> Image.Image:
    """The rows of one strip; filters look at rows of their own strip only."""
    stride = len(rows) // size[1]
    # The first row of a strip never has a filter; the second one tells.
    if size[1] > 1 and rows[stride] != 0:
        return _unfilter(rows, size, mode, bits)
    # Pillow takes every buffer; its annotation names fewer.
    pixels = cast("bytes", memoryview(rows)[1:])
    return Image.frombytes(mode, size, pixels, "raw", RAW_MODES[mode, bits], stride, 1)


def _strips(data: bytes) -> list[memoryview]:
    """The deflated strips of a page of ours: one in each IDAT chunk."""
    found, view, at = [], memoryview(data), _FIRST_CHUNK
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            found.append(view[at + 8 : at + 8 + length])
        at += length + 12
    return [found[0][_ZLIB_HEADER_BYTES:], *found[1:-1], found[-1][:-_ADLER_BYTES]]


def _unfilter(rows: bytes, size: tuple[int, int], mode: str, bits: int) -> Image.Image:
    # Pillow takes filters off while it inflates. Inflating is what takes its time; so it gets what
    # isal inflated, in blocks that are only stored.
    raw_mode = "I;16B" if (mode, bits) == ("L", 16) else RAW_MODES[mode, bits]
    decoded = "I;16" if (mode, bits) == ("L", 16) else mode
    image = Image.frombytes(decoded, size, _store(rows), "zip", raw_mode, 0)
    if decoded == mode:
        return image
    # Pillow clips a 16 bit gray picture when it converts it; the high byte is what is wanted.
    return image.convert("I").point(lambda value: value / 256).convert("L")


def _store(data: bytes) -> bytes:
    """Bytes as a zlib stream that compresses nothing."""
    view = memoryview(data)
    parts: list[bytes | memoryview] = [_ZLIB_HEADER]
    for at in range(0, len(data), _STORED_MOST):
        part = view[at : at + _STORED_MOST]
        is_last = at + _STORED_MOST >= len(data)
        parts += [struct.pack("<BHH", is_last, len(part), 0xFFFF ^ len(part)), part]
    return b"".join([*parts, struct.pack(">I", isal_zlib.adler32(data))])
