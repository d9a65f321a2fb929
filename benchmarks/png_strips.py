"""PNG files made strip by strip: rows filtered, deflated and joined into one stream."""

from __future__ import annotations

import array
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, cast

from isal import isal_zlib
from PIL import Image, ImageChops

from pages import DPI, Page

STRIP_BYTES = 512 * 1024
RAW_DEFLATE = -15
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
ZLIB_HEADER = b"\x78\x01"
LAST_BLOCK = b"\x03\x00"  # an empty final deflate block closes what the flushes left open
SUB = 1
# What leads the rows that Up subtracts from one another: each differs by 2, the number of Up.
EVEN = [bytes([number]) for number in range(0, 256, 2)]

Filter = Callable[[Page, int], Iterator[bytes]]
"""Splits a page into strips of about so many bytes, each row led by its PNG filter's number."""
Deflate = Callable[[bytes], bytes]
"""Deflates one strip into a run of blocks that ends at a byte and leaves the stream open."""


class Deflater(Protocol):
    """What zlib, isal and zlib-ng have in common."""

    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self, mode: int = ..., /) -> bytes: ...


def unfiltered(page: Page, strip_bytes: int) -> Iterator[bytes]:
    """Lead each row by a zero."""
    for strip in row_strips(page, strip_bytes):
        yield b"\0" + b"\0".join(_rows(strip, page.row_bytes))


def up(page: Page, strip_bytes: int) -> Iterator[bytes]:
    """Take from each byte the one above it, in one subtraction of Pillow's for a whole strip."""
    stride = page.row_bytes + 1
    above, number = bytes(page.row_bytes), 0
    for strip in row_strips(page, strip_bytes):
        rows: list[bytes | memoryview] = [above, *_rows(strip, page.row_bytes)]
        led: list[bytes | memoryview] = []
        for i, row in enumerate(rows, number):
            led += (EVEN[i % len(EVEN)], row)
        joined = memoryview(b"".join(led))
        size = (stride, len(rows) - 1)
        yield ImageChops.subtract_modulo(
            _plane(size, joined[stride:]), _plane(size, joined[:-stride])
        ).tobytes()
        above, number = bytes(rows[-1]), number + len(rows) - 1


def sub(page: Page, strip_bytes: int) -> Iterator[bytes]:
    """Take from each byte the same sample of the pixel to its left."""
    width, pixel = page.row_bytes, max(1, page.bits // 8) * (3 if page.mode == "RGB" else 1)
    for strip in row_strips(page, strip_bytes):
        rows = _plane((width, len(strip) // width), strip)
        filtered = Image.new("L", (width + 1, rows.height), SUB)
        filtered.paste(rows.crop((0, 0, pixel, rows.height)), (1, 0))
        right = rows.crop((pixel, 0, width, rows.height))
        left = rows.crop((0, 0, width - pixel, rows.height))
        filtered.paste(ImageChops.subtract_modulo(right, left), (1 + pixel, 0))
        yield filtered.tobytes()


def row_strips(page: Page, strip_bytes: int) -> Iterator[memoryview]:
    """Cut a page into strips of whole rows, samples of 16 bits in PNG's byte order."""
    view = memoryview(page.rows)
    step = max(1, strip_bytes // page.row_bytes) * page.row_bytes
    for start in range(0, len(view), step):
        strip = view[start : start + step]
        yield _swapped(strip) if page.bits == 16 else strip


def raw_strips(make: Callable[[], Deflater]) -> Deflate:
    """Deflate each strip by a deflater of its own, so that strips can be done side by side."""

    def deflate(strip: bytes) -> bytes:
        deflater = make()
        return deflater.compress(strip) + deflater.flush(zlib.Z_FULL_FLUSH)

    return deflate


def one_stream(deflater: Deflater) -> Deflate:
    """Deflate strip after strip by one deflater that is flushed after each."""
    return lambda strip: deflater.compress(strip) + deflater.flush(zlib.Z_SYNC_FLUSH)


def png(page: Page, strips: Iterable[bytes], deflate: Deflate) -> Iterator[bytes]:
    """Join deflated strips into one PNG, one chunk a strip."""
    return join_png(page, ((strip, deflate(strip)) for strip in strips))


def join_png(page: Page, strips: Iterable[tuple[bytes, bytes]]) -> Iterator[bytes]:
    """Join strips, plain and deflated, into one PNG: one zlib stream, one chunk a strip."""
    color = 2 if page.mode == "RGB" else 0
    header = struct.pack(">IIBBBBB", page.width_px, page.height_px, page.bits, color, 0, 0, 0)
    per_meter = round(DPI / 0.0254)
    yield PNG_SIGNATURE + _chunk(b"IHDR", header)
    yield _chunk(b"pHYs", struct.pack(">IIB", per_meter, per_meter, 1))
    yield _chunk(b"IDAT", ZLIB_HEADER)
    checksum = 1
    for plain, deflated in strips:
        checksum = isal_zlib.adler32(plain, checksum)
        yield _chunk(b"IDAT", deflated)
    yield _chunk(b"IDAT", LAST_BLOCK + checksum.to_bytes(4, "big")) + _chunk(b"IEND", b"")


def _swapped(samples: memoryview) -> memoryview:
    pixels = array.array("H", samples.tobytes())
    if sys.byteorder == "little":
        pixels.byteswap()
    return memoryview(pixels).cast("B")


def _rows(strip: memoryview, row_bytes: int) -> list[memoryview]:
    return [strip[i : i + row_bytes] for i in range(0, len(strip), row_bytes)]


def _plane(size: tuple[int, int], data: memoryview) -> Image.Image:
    # Any buffer will do, without a copy; Pillow's annotation only knows bytes.
    return Image.frombuffer("L", size, cast("bytes", data), "raw", "L", 0, 1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = isal_zlib.crc32(data, isal_zlib.crc32(kind))
    return b"".join((len(data).to_bytes(4, "big"), kind, data, checksum.to_bytes(4, "big")))
