"""PNG files that are a trap: small on the disk, large or endless in memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

SIGNATURE = b"\x89PNG\r\n\x1a\n"
SIDE = 10_000
"""Of a square page that is just within what is allowed from outside."""

_MIB = 1 << 20
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_ADLER_BASE = 65_521
_MOST = 0x7FFF_FFFF
_PALETTE = bytes(range(256)) * 3


def chunk(kind: bytes, data: bytes, *, says: int | None = None) -> bytes:
    """One chunk, which may say another length than it has."""
    length = struct.pack(">I", len(data) if says is None else says)
    return length + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(count: int) -> bytes:
    """A zlib stream of so many zero bytes; made in no time, whatever their number."""
    whole, rest = divmod(count, _MIB)
    block, body = _flushed(_MIB), b""
    body = block * whole + _flushed(rest)
    sums = (count % _ADLER_BASE) << 16 | 1
    return b"\x78\x01" + body + b"\x03\x00" + struct.pack(">I", sums)


def png(
    width: int, height: int, kind: int, bits: int, *before: bytes, is_interlaced: bool = False
) -> bytes:
    """A black picture with all of its pixels.

    Args:
        width: In pixels.
        height: In pixels.
        kind: Color type, 0, 2, 3, 4 or 6.
        bits: Of a sample.
        before: Chunks between header and pixels.
        is_interlaced: In seven passes.
    """
    row = 1 + -(-width * bits * _SAMPLES[kind] // 8)
    # The passes have filter bytes of their own; too many bytes are no matter.
    count = row * height * 9 // 8 if is_interlaced else row * height
    return png_of(width, height, kind, bits, zeros(count), *before, interlace=is_interlaced)


def png_of(
    width: int, height: int, kind: int, bits: int, packed: bytes, *before: bytes, interlace: int = 0
) -> bytes:
    """A picture of a stream that need not fit its header."""
    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, interlace)
    palette = chunk(b"PLTE", _PALETTE) if kind == 3 else b""
    parts = (chunk(b"IHDR", header), palette, *before, chunk(b"IDAT", packed), chunk(b"IEND", b""))
    return SIGNATURE + b"".join(parts)


def _small(*before: bytes) -> bytes:
    return png(8, 8, 0, 8, *before)


def _after(*chunks: bytes) -> bytes:
    """Chunks behind the pixels."""
    whole = _small()
    return whole[:-12] + b"".join(chunks) + whole[-12:]


def _two_headers() -> bytes:
    large = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return _small(chunk(b"IHDR", large))


def _moving(frames: int) -> bytes:
    control = chunk(b"acTL", struct.pack(">II", frames, 0))
    frame = struct.pack(">IIIIIHHBB", 0, 60_000, 60_000, 0, 0, 1, 1, 0, 0)
    return _small(control, chunk(b"fcTL", frame))


def _in_tiny_parts(parts: int) -> bytes:
    packed = zeros(parts - 20)
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    pieces = b"".join(chunk(b"IDAT", packed[at : at + 1]) for at in range(len(packed)))
    return SIGNATURE + header + chunk(b"IDAT", b"") * parts + pieces + chunk(b"IEND", b"")


def _flushed(count: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(count)) + packer.flush(zlib.Z_FULL_FLUSH)


def _packed_text(kind: bytes, head: bytes, count: int) -> bytes:
    return chunk(kind, head + zeros(count))


_ICC, _ZTXT, _ITXT = b"icc\0\0", b"note\0\0", b"note\0\1\0\0\0"

DAMAGED, BIG, READ = "invalid_input", "too_big", ""

Maker = Callable[[], bytes]

FILES: Mapping[str, tuple[str, Maker]] = {
    "png 30,000^2 1 bit": (BIG, lambda: png(30_000, 30_000, 0, 1)),
    "png 30,000^2 gray": (BIG, lambda: png(30_000, 30_000, 0, 8)),
    "png 20,000^2 gray of 16 bits": (BIG, lambda: png(20_000, 20_000, 0, 16)),
    "png 20,000^2 color of 16 bits": (BIG, lambda: png(20_000, 20_000, 2, 16)),
    "png 30,000^2 palette": (BIG, lambda: png(30_000, 30_000, 3, 8)),
    "png 20,000^2 interlaced": (BIG, lambda: png(20_000, 20_000, 2, 8, is_interlaced=True)),
    "png 2^31-1 squared": (BIG, lambda: png_of(_MOST, _MOST, 2, 16, b"")),
    "png 2^32-1 wide": (BIG, lambda: png_of(0xFFFF_FFFF, 1, 0, 1, b"")),
    "png of no width": (DAMAGED, lambda: png(0, 10, 0, 8)),
    "png of no height": (DAMAGED, lambda: png(10, 0, 0, 8)),
    "png of 3 bits": (DAMAGED, lambda: png(10, 10, 0, 3)),
    "png of 255 bits": (DAMAGED, lambda: png(10, 10, 0, 255)),
    "png of color type 5": (DAMAGED, lambda: png_of(10, 10, 5, 8, zeros(99))),
    "png filter 9": (DAMAGED, lambda: png_of(8, 8, 0, 8, zlib.compress(b"\x09" * 72))),
    "png a gigabyte behind 8 x 8": (READ, lambda: png_of(8, 8, 0, 8, zeros(1 << 30))),
    "png pixels missing": (DAMAGED, lambda: png_of(SIDE, SIDE, 2, 8, zeros(999))),
    "png pixels no stream": (DAMAGED, lambda: png_of(SIDE, SIDE, 2, 8, b"\xff" * 999)),
    "png stream wants a dictionary": (DAMAGED, lambda: png_of(8, 8, 0, 8, b"\x78\x20" * 30)),
    "png iCCP of a gigabyte": (DAMAGED, lambda: _small(_packed_text(b"iCCP", _ICC, 1 << 30))),
    "png zTXt of a gigabyte": (DAMAGED, lambda: _small(_packed_text(b"zTXt", _ZTXT, 1 << 30))),
    "png iTXt of a gigabyte": (DAMAGED, lambda: _small(_packed_text(b"iTXt", _ITXT, 1 << 30))),
    "png 500 zTXt of a megabyte": (
        DAMAGED,
        lambda: _small(_packed_text(b"zTXt", _ZTXT, _MIB - 9) * 500),
    ),
    "png zTXt behind the pixels": (
        DAMAGED,
        lambda: _after(_packed_text(b"zTXt", _ZTXT, 1 << 30)),
    ),
    "png tEXt of 60 MiB": (READ, lambda: _small(chunk(b"tEXt", b"a\0" + bytes(60 * _MIB)))),
    "png a million chunks": (READ, lambda: _small(chunk(b"tEXt", b"a\0") * 1_000_000)),
    "png a million empty parts": (READ, lambda: _in_tiny_parts(1_000_000)),
    "png chunk of 2^32-1": (DAMAGED, lambda: _small(chunk(b"gAMA", b"", says=0xFFFF_FFFF))),
    "png checksum wrong": (DAMAGED, lambda: _small().replace(b"IHDR\0\0\0\x08", b"IHDR\0\0\0\x09")),
    "png no header": (DAMAGED, lambda: SIGNATURE + chunk(b"IDAT", zeros(99)) + chunk(b"IEND", b"")),
    "png two headers": (BIG, _two_headers),
    "png end at once": (DAMAGED, lambda: SIGNATURE + chunk(b"IEND", b"")),
    "png moving, 2^32-1 frames": (DAMAGED, lambda: _moving(0xFFFF_FFFF)),
    "png moving, a frame of 60,000^2": (DAMAGED, lambda: _moving(2)),
    "png Exif of nonsense": (READ, lambda: _small(chunk(b"eXIf", b"MM\0*" + b"\xff" * 99_999))),
    "png palette of a megabyte": (READ, lambda: _small(chunk(b"PLTE", bytes(3 * _MIB)))),
    "png tRNS of a megabyte": (READ, lambda: _small(chunk(b"tRNS", bytes(_MIB)))),
    "png 100,000,000 wide": (BIG, lambda: png(SIDE * SIDE, 1, 0, 1)),
    "png 100,000,000 high": (BIG, lambda: png(1, SIDE * SIDE, 0, 1)),
}

SLOW: Mapping[str, tuple[str, Maker]] = {
    "png 14 million chunks": (READ, lambda: _small(chunk(b"tEXt", b"a\0") * 14_000_000)),
    "png 10,000^2 color": (READ, lambda: png(SIDE, SIDE, 2, 8)),
    "png 10,000^2 color of 16 bits": (READ, lambda: png(SIDE, SIDE, 2, 16)),
    "png 10,000^2 gray of 16 bits": (READ, lambda: png(SIDE, SIDE, 0, 16)),
    "png 10,000^2 alpha of 16 bits": (READ, lambda: png(SIDE, SIDE, 6, 16)),
    "png 10,000^2 palette": (READ, lambda: png(SIDE, SIDE, 3, 8, chunk(b"tRNS", bytes(256)))),
    "png 10,000^2 interlaced": (READ, lambda: png(SIDE, SIDE, 6, 8, is_interlaced=True)),
}
"""At the limit: read, and that takes seconds."""
