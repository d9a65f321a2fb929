"""A PNG made strip by strip, so that a page is compressed while it is still being scanned.

Filter 0 on every row and deflate by ISA-L: docs/decisions/0001-page-codec.md has the figures. The
strips are deflated independently of each other, side by side, and joined into one zlib stream;
sources: RFC 1950 (zlib, Adler-32), RFC 1951 (deflate), the PNG specification, third edition.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from isal import isal_zlib

from flatbed.addon.types import Bits, Mode

SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER_OFFSET = len(SIGNATURE)
"""Where the IHDR chunk begins: its height is mended there once it is known."""

_LEVEL = 1
_ADLER_BASE = 65521
_ZLIB_HEADER = b"\x78\x01"
_EMPTY_FINAL_BLOCK = b"\x03\x00"
_INCHES_PER_METRE = 39.37007874015748
_COLOR_TYPES = {"1": 0, "L": 0, "RGB": 2}


@dataclass(frozen=True)
class Strip:
    """A deflated run of rows: `data` ends on a byte boundary; `adler` is over `length` bytes."""

    data: bytes
    adler: int
    length: int


def deflate_strip(*parts: bytes | bytearray | memoryview) -> Strip:
    """Deflate rows, each with its filter byte, into a part of a longer stream.

    Args:
        parts: The rows; where one part ends and the next begins makes no difference.
    """
    deflater = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -15)
    data, adler, length = [], 1, 0
    for part in parts:
        data.append(deflater.compress(part))
        adler, length = isal_zlib.adler32(part, adler), length + len(part)
    data.append(deflater.flush(isal_zlib.Z_SYNC_FLUSH))
    return Strip(b"".join(data), adler, length)


def header(size_px: tuple[int, int], *, mode: Mode, bits: Bits) -> bytes:
    """The IHDR chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *size_px, bits, _COLOR_TYPES[mode], 0, 0, 0))


def opening(size_px: tuple[int, int], *, dpi: tuple[float, float], mode: Mode, bits: Bits) -> bytes:
    """Everything before the pixels: signature, IHDR, pHYs."""
    per_metre = [round(value * _INCHES_PER_METRE) for value in dpi]
    physical = chunk(b"pHYs", struct.pack(">IIB", *per_metre, 1))
    return SIGNATURE + header(size_px, mode=mode, bits=bits) + physical


def strip_chunk(strip: Strip, *, is_first: bool) -> tuple[bytes, bytes, bytes]:
    """The IDAT chunk of one strip, in parts: its data is not copied once more."""
    kind = b"IDAT" + (_ZLIB_HEADER if is_first else b"")
    checksum = isal_zlib.crc32(strip.data, isal_zlib.crc32(kind))
    length = len(kind) - 4 + len(strip.data)
    return struct.pack(">I", length) + kind, strip.data, struct.pack(">I", checksum)


def closing(adler: int) -> bytes:
    """Everything after the pixels: the stream's end with its checksum, and IEND."""
    return chunk(b"IDAT", _EMPTY_FINAL_BLOCK + struct.pack(">I", adler)) + chunk(b"IEND", b"")


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk: length, type, data, CRC-32."""
    checksum = isal_zlib.crc32(data, isal_zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", checksum)))


def join_adler(first: int, second: int, second_length: int) -> int:
    """The Adler-32 of two joined runs of bytes, from the sums of each.

    Of a run of n bytes, the low half is 1 + sum of the bytes, the high half the sum of all low
    halves on the way; so the second run's high half gains n times what the first left in the low.
    """
    low_first, high_first = first & 0xFFFF, first >> 16
    low_second, high_second = second & 0xFFFF, second >> 16
    low = (low_first + low_second - 1) % _ADLER_BASE
    high = (high_first + high_second + second_length * (low_first - 1)) % _ADLER_BASE
    return high << 16 | low
