"""JPEG, GIF, WebP, BMP and PDF files that are a trap, and files of every kind that are cut off."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PIL import Image
from tests.faults.bomb_png import BIG, DAMAGED, READ, SIDE

Maker = Callable[[], bytes]


_MIB = 1 << 20
_MOST_16 = 65_535
_MOST_WEBP = 16_383
_DC_ONLY = b"\0\1" + bytes(15) + b"\0"
"""A table of one code: `0`, which stands for nothing."""
# Codes of two bits: a block's end, and 32767 blocks' ends, of which 14 more bits tell.
_RUNS = b"\x10\0\2" + bytes(14) + b"\x00\xe0"


def segment(marker: int, data: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(
    width: int, height: int, *before: bytes, frame: int = 0xC0, parts: int = 1, scans: bytes = b""
) -> bytes:
    """A JPEG with a header, and as many scans as are given."""
    tables = segment(0xDB, b"\0" + b"\x01" * 64) + segment(0xC4, _DC_ONLY) + segment(0xC4, _RUNS)
    shape = b"".join(bytes([number + 1, 0x11, 0]) for number in range(parts))
    header = segment(frame, struct.pack(">BHHB", 8, height, width, parts) + shape)
    return b"\xff\xd8" + b"".join(before) + tables + header + scans + b"\xff\xd9"


def scan(first: int, last: int, data: bytes) -> bytes:
    """One scan of the first component."""
    return segment(0xDA, b"\1\1\0" + bytes([first, last, 0])) + data


def many_scans(side: int, count: int) -> bytes:
    """A progressive JPEG each of whose scans says in some bytes that no block changes."""
    blocks = (side // 8) ** 2
    # 16 bits for 2^14 + 16383 blocks in a row without anything.
    runs = b"\x7f\xff\0" * (blocks // 32_767 + 1)
    scans = scan(0, 0, bytes(blocks // 8 + 1)) + scan(1, 63, runs) * count
    return jpeg(side, side, frame=0xC2, scans=scans)


def gif(screen: tuple[int, int], image: tuple[int, int], data: bytes, before: bytes = b"") -> bytes:
    """A GIF of one picture on a screen."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + bytes(6)
    return head + before + b"," + struct.pack("<HHHHB", 0, 0, *image, 0) + data + b"\0;"


def bmp(
    width: int, height: int, *, bits: int = 8, packing: int = 0, data: bytes = b"", colors: int = 2
) -> bytes:
    """A BMP with a short palette."""
    place = 54 + 4 * 256
    opening = b"BM" + struct.pack("<LLL", place + len(data), 0, place)
    shape = struct.pack(
        "<LllHHLLllLL", 40, width, height, 1, bits, packing, len(data), 0, 0, colors, 0
    )
    return opening + shape + bytes(4 * 256) + data


def webp(kind: bytes, data: bytes) -> bytes:
    """A WebP of one chunk."""
    body = b"WEBP" + kind + struct.pack("<L", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<L", len(body)) + body


def _webp_canvas(side: int, frames: int) -> bytes:
    flags = struct.pack("<L", 2) + _int24(side - 1) * 2
    tiny = saved("WEBP", lossless=True)[12:]
    frame = bytes(6) + _int24(39) + _int24(29) + _int24(1) + b"\0" + tiny
    parts = _riff(b"VP8X", flags) + _riff(b"ANIM", bytes(6)) + _riff(b"ANMF", frame) * frames
    return b"RIFF" + struct.pack("<L", 4 + len(parts)) + b"WEBP" + parts


def _riff(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<L", len(data)) + data + bytes(len(data) % 2)


def _int24(value: int) -> bytes:
    return struct.pack("<L", value)[:3]


def saved(kind: str, size_px: tuple[int, int] = (40, 30), **options: Any) -> bytes:
    """A good file: noise of a fixed seed."""
    noise = random.Random(5).randbytes(size_px[0] * size_px[1] * 3)
    stream = io.BytesIO()
    Image.frombytes("RGB", size_px, noise).save(stream, kind, **options)
    return stream.getvalue()


def _cut(kind: str, kept: float) -> bytes:
    whole = saved(kind, (80, 60))
    return whole[: int(len(whole) * kept)]


def _noise(opening: bytes) -> bytes:
    return opening + random.Random(9).randbytes(200_000)


def _exif(directory: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + directory)


def _with_exif(directory: bytes, times: int = 1) -> bytes:
    whole = saved("JPEG")
    return whole[:2] + _exif(directory) * times + whole[2:]


def _many_frames(count: int) -> bytes:
    frame = b"," + struct.pack("<HHHHB", 0, 0, 8, 8, 0) + b"\x02\x02\x4c\x01\0"
    return gif((8, 8), (8, 8), b"\x02\x02\x4c\x01\0" + frame * count)


_LOOP = struct.pack("<H", 1) + struct.pack("<HHLL", 34665, 4, 1, 8) + struct.pack("<L", 8)
_WIDE = struct.pack("<H", 1) + struct.pack("<HHLL", 274, 3, 0xFFFF_FFFF, 8) + struct.pack("<L", 8)
_FULL = struct.pack("<H", 5000) + struct.pack("<HHLL", 0x9286, 7, 60_000, 8) * 5000
# Escape, then "go 255 rows down", in RLE8.
_DOWN = b"\0\2\0\xff"

FILES: Mapping[str, tuple[str, Maker]] = {
    "jpeg 65,535^2 without data": (BIG, lambda: jpeg(_MOST_16, _MOST_16)),
    "jpeg 10,000^2 without data": (DAMAGED, lambda: jpeg(SIDE, SIDE)),
    "jpeg 10,000^2, an empty scan": (READ, lambda: jpeg(SIDE, SIDE, scans=scan(0, 63, b""))),
    "jpeg 65,535 x 1,500 in 255 parts": (DAMAGED, lambda: jpeg(_MOST_16, 1500, parts=255)),
    "jpeg of no height": (DAMAGED, lambda: jpeg(80, 0, scans=scan(0, 63, b"\0"))),
    "jpeg of no width": (DAMAGED, lambda: jpeg(0, 80, scans=scan(0, 63, b"\0"))),
    "jpeg two headers": (
        DAMAGED,
        lambda: jpeg(8, 8, scans=segment(0xC0, struct.pack(">BHHB", 8, 60_000, 60_000, 0))),
    ),
    "jpeg 20,000 scans of 2,000^2": (DAMAGED, lambda: many_scans(2000, 20_000)),
    "jpeg 20,000 scans of 10,000^2": (DAMAGED, lambda: many_scans(SIDE, 20_000)),
    "jpeg 20,000 empty scans": (
        DAMAGED,
        lambda: jpeg(SIDE, SIDE, frame=0xC2, scans=scan(0, 0, b"") * 20_000),
    ),
    "jpeg Exif of itself": (READ, lambda: _with_exif(_LOOP)),
    "jpeg Exif of 2^32-1 values": (READ, lambda: _with_exif(_WIDE)),
    "jpeg Exif of 5,000 entries": (READ, lambda: _with_exif(_FULL)),
    "jpeg 2,000 Exifs": (DAMAGED, lambda: _with_exif(_FULL[:60_000], 2000)),
    "jpeg 10 MiB of comments": (
        READ,
        lambda: _with_exif(b"")[:2] + segment(0xFE, bytes(65_000)) * 160 + saved("JPEG")[2:],
    ),
    "jpeg fill bytes for 20 MiB": (
        DAMAGED,
        lambda: saved("JPEG")[:2] + b"\xff" * 20 * _MIB + saved("JPEG")[2:],
    ),
    "jpeg in 12 bits": (
        DAMAGED,
        lambda: jpeg(80, 80).replace(b"\x11\x08\0\x50", b"\x11\x0c\0\x50"),
    ),
    "gif screen of 65,535^2": (BIG, lambda: gif((_MOST_16,) * 2, (8, 8), b"\x02\x02\x4c\x01\0")),
    "gif frame of 65,535^2": (BIG, lambda: gif((8, 8), (_MOST_16,) * 2, b"\x02\x02\x4c\x01\0")),
    "gif frame of 10,000^2, no data": (
        DAMAGED,
        lambda: gif((8, 8), (SIDE, SIDE), b"\x02\x01\x05\0"),
    ),
    "gif code of 255 bits": (DAMAGED, lambda: gif((8, 8), (8, 8), b"\xff\x02\x4c\x01\0")),
    "gif of no pixels": (DAMAGED, lambda: gif((0, 0), (0, 0), b"\x02\x02\x4c\x01\0")),
    "gif without a picture": (
        DAMAGED,
        lambda: b"GIF89a" + struct.pack("<HHBBB", 9, 9, 0, 0, 0) + b";",
    ),
    "gif a million comments": (
        DAMAGED,
        lambda: gif((8, 8), (8, 8), b"\x02\x02\x4c\x01\0", b"!\xfe\x01a\0" * 1_000_000),
    ),
    "gif comment of 20 MiB": (
        DAMAGED,
        lambda: gif(
            (8, 8), (8, 8), b"\x02\x02\x4c\x01\0", b"!\xfe" + b"\xff" * 256 * 80_000 + b"\0"
        ),
    ),
    "gif a million frames": (DAMAGED, lambda: _many_frames(1_000_000)),
    "webp canvas of 16,384^2": (BIG, lambda: _webp_canvas(16_384, 1)),
    "webp canvas of 2^24 squared": (BIG, lambda: _webp_canvas(1 << 24, 1)),
    "webp canvas of 9,000^2, 9,000 frames": (READ, lambda: _webp_canvas(9_000, 9_000)),
    "webp says 16,383^2 without loss": (
        BIG,
        lambda: webp(b"VP8L", b"\x2f" + struct.pack("<L", 16_382 | 16_382 << 14)),
    ),
    "webp says 16,383^2 with loss": (
        BIG,
        lambda: webp(
            b"VP8 ", bytes([0x10, 2, 0, 0x9D, 1, 0x2A]) + struct.pack("<HH", *(_MOST_WEBP,) * 2)
        ),
    ),
    "webp chunk of 2^32-1": (
        DAMAGED,
        lambda: saved("WEBP")[:16] + b"\xff" * 4 + saved("WEBP")[20:],
    ),
    "bmp 2^31-1 squared": (BIG, lambda: bmp(0x7FFF_FFFF, 0x7FFF_FFFF)),
    "bmp -2^31 high": (BIG, lambda: bmp(1000, -(1 << 31))),
    "bmp of negative width": (BIG, lambda: bmp(-8, 8, data=bytes(64))),
    "bmp 10,000^2 without data": (DAMAGED, lambda: bmp(SIDE, SIDE)),
    "bmp 10,000 x -10,000 without data": (DAMAGED, lambda: bmp(SIDE, -SIDE, bits=24)),
    "bmp of no height": (DAMAGED, lambda: bmp(8, 0)),
    "bmp of 65,535 bits": (DAMAGED, lambda: bmp(8, 8, bits=_MOST_16)),
    "bmp of 2^32-1 colors": (DAMAGED, lambda: bmp(8, 8, colors=0xFFFF_FFFF)),
    "bmp RLE 10,000^2 without data": (DAMAGED, lambda: bmp(SIDE, SIDE, packing=1)),
    "bmp RLE down 255 rows of 100,000,000": (
        BIG,
        lambda: bmp(SIDE * SIDE, 1, packing=1, data=_DOWN),
    ),
    "bmp RLE ends a row of 100,000,000": (
        BIG,
        lambda: bmp(SIDE * SIDE, 1, packing=1, data=b"\1\0\0\0"),
    ),
    "bmp RLE a pixel at a time": (
        BIG,
        lambda: bmp(SIDE, 2000, packing=1, data=b"\1\0" * 20_000_000),
    ),
    "bmp RLE4 of nonsense": (DAMAGED, lambda: bmp(999, 999, bits=4, packing=2, data=_noise(b""))),
    "bmp header of 2^32-1": (DAMAGED, lambda: b"BM" + bytes(12) + b"\xff" * 200),
    "pdf": (DAMAGED, lambda: b"%PDF-1.7\n1 0 obj <</Type/Page/MediaBox[0 0 14400 14400]>>"),
    "pdf behind a kilobyte": (DAMAGED, lambda: bytes(1000) + b"%PDF-1.4"),
    "pdf behind more": (DAMAGED, lambda: bytes(1024) + b"%PDF-1.4"),
    "nothing": (DAMAGED, lambda: b""),
    "one byte": (DAMAGED, lambda: b"\x89"),
    "100 MiB of zeros": (DAMAGED, lambda: bytes(100 * _MIB)),
    "postscript": (DAMAGED, lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "a JPEG called PNG": (DAMAGED, lambda: b"\x89PNG\r\n\x1a\n" + saved("JPEG")),
    "a PNG called TIFF": (DAMAGED, lambda: b"II*\0" + saved("PNG")),
    "a TIFF called JPEG": (DAMAGED, lambda: b"\xff\xd8\xff" + saved("TIFF")),
    "a ZIP called WebP": (DAMAGED, lambda: b"RIFF\x08\0\0\0WEBPPK\3\4" + bytes(99)),
    **{
        f"noise called {name}": (BIG if name == "GIF" else DAMAGED, partial(_noise, opening))
        for name, opening in (
            *(("PNG", b"\x89PNG\r\n\x1a\n"), ("JPEG", b"\xff\xd8\xff"), ("GIF", b"GIF89a")),
            *(("TIFF", b"II*\0\x08\0\0\0"), ("BigTIFF", b"II+\0\x08\0\0\0"), ("BMP", b"BM")),
            *(("WebP", b"RIFF\xff\xff\0\0WEBPVP8 "), ("nothing", b"\0")),
        )
    },
    **{
        f"{kind.lower()}, {kept:.0%} of it": (DAMAGED, partial(_cut, kind, kept))
        for kind in ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP")
        for kept in (0.01, 0.1, 0.5, 0.9)
    },
}

SLOW: Mapping[str, tuple[str, Maker]] = {
    "jpeg 100 scans of 10,000^2": (READ, lambda: many_scans(SIDE, 98)),
    "gif a small frame on 10,000^2": (
        DAMAGED,
        lambda: gif((SIDE, SIDE), (8, 8), b"\x02\x02\x4c\x01\0"),
    ),
    "gif 30 million comments": (
        BIG,
        lambda: gif((8, 8), (8, 8), b"\x02\x02\x4c\x01\0", b"!\xfe\x01a\0" * 30_000_000),
    ),
    "bmp RLE 10,000^2 a pixel at a time": (
        DAMAGED,
        lambda: bmp(SIDE, SIDE, packing=1, data=b"\1\0" * (15 << 20)),
    ),
    "bmp RLE 10,000^2 of ends of rows": (
        READ,
        lambda: bmp(SIDE, SIDE, packing=1, data=b"\1\0\0\0" * SIDE + b"\0\1"),
    ),
}
"""What takes seconds."""
