"""Pages as Pillow images."""

from __future__ import annotations

import struct
from typing import cast

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
_MODES = {(0, 1): "1", (0, 8): "L", (0, 16): "L", (2, 8): "RGB", (2, 16): "RGB"}


def open_png(data: bytes) -> Image.Image:
    """A stored page's PNG as an image of mode `1`, `L` or `RGB`, 8 bits a sample at most.

    Raises:
        PageCorruptError: If it is no PNG of ours, or larger than any page of ours.
    """
    try:
        width, height, bits, color = struct.unpack_from(">IIBB", data, 16)
        mode = _MODES[color, bits]
    except (struct.error, KeyError) as error:
        raise PageCorruptError from error
    if width * height > OWN_PAGE_PIXELS:
        raise PageCorruptError("A page is larger than any that was scanned.")
    samples = width * (3 if mode == "RGB" else 1)
    stride = 1 + (samples * bits + 7) // 8
    rows = _inflate(data)
    # Pages are written with filter 0 on every row, which is what makes this way quick.
    if len(rows) != stride * height or any(rows[::stride]):
        raise PageCorruptError
    # Pillow takes every buffer; its annotation names fewer.
    pixels = cast("bytes", memoryview(rows)[1:])
    return Image.frombytes(mode, (width, height), pixels, "raw", RAW_MODES[mode, bits], stride, 1)


def _inflate(data: bytes) -> bytes:
    try:
        return isal_zlib.decompress(b"".join(_pixel_chunks(data)))
    except (isal_zlib.IsalError, struct.error) as error:  # type: ignore[misc]
        raise PageCorruptError from error


def _pixel_chunks(data: bytes) -> list[memoryview]:
    found, view, at = [], memoryview(data), _FIRST_CHUNK
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IDAT":
            found.append(view[at + 8 : at + 8 + length])
        at += length + 12
    return found
