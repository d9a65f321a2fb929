"""TIFF files that are a trap: pages that share their bytes, directories without an end."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tests.faults.bomb_png import BIG, DAMAGED, READ, SIDE, zeros

Entry = tuple[int, int, int, int]
"""Tag, type, number of values, value or place."""

Maker = Callable[[], bytes]

NONE, G4, LZW, JPEG, DEFLATE, PACKBITS = 1, 4, 5, 7, 8, 32773
_SHORT, _LONG, _BYTE = 3, 4, 1
_MIB = 1 << 20
_HEAD = 8


def frame(
    size_px: tuple[int, int],
    *,
    bits: int = 8,
    packing: int = NONE,
    strip: tuple[int, int] = (_HEAD, 1),
    more: Sequence[Entry] = (),
) -> list[Entry]:
    """The entries of a page of one strip, which lies at (place, bytes)."""
    entries = {
        256: (256, _LONG, 1, size_px[0]),
        257: (257, _LONG, 1, size_px[1]),
        258: (258, _SHORT, 1, bits),
        259: (259, _SHORT, 1, packing),
        262: (262, _SHORT, 1, 1),
        273: (273, _LONG, 1, strip[0]),
        277: (277, _SHORT, 1, 1),
        278: (278, _LONG, 1, size_px[1]),
        279: (279, _LONG, 1, strip[1]),
    }
    return sorted((entries | {each[0]: each for each in more}).values())


def tiff(frames: Sequence[Sequence[Entry]], body: bytes = b"\0", *, last: int = 0) -> bytes:
    """A file whose body comes first, then its directories; the last names `last` as the next."""
    start = _HEAD + len(body)
    parts, place = [b"II*\0" + struct.pack("<L", start), body], start
    for number, entries in enumerate(frames, 1):
        place += 6 + 12 * len(entries)
        parts.append(_directory(entries, last if number == len(frames) else place))
    return b"".join(parts)


def big_tiff(entries: Sequence[Entry], body: bytes = b"\0", *, after: int = 0) -> bytes:
    """A BigTIFF of one directory."""
    start = 16 + len(body)
    packed = b"".join(struct.pack("<HHQQ", *entry) for entry in entries)
    head = b"II+\0" + struct.pack("<HHQ", 8, 0, start)
    return head + body + struct.pack("<Q", len(entries)) + packed + struct.pack("<Q", after)


def shared(pages: int, size_px: tuple[int, int], bits: int, packing: int, body: bytes) -> bytes:
    """Pages that all name the same strip."""
    strip = (_HEAD, len(body))
    return tiff([frame(size_px, bits=bits, packing=packing, strip=strip)] * pages, body)


def apart(
    pages: int, size_px: tuple[int, int], bits: int, packing: int, body: bytes, *, unused: int = 0
) -> bytes:
    """Pages with equal strips, each its own, and so many bytes that nobody names."""
    step = len(body)
    frames = [
        frame(size_px, bits=bits, packing=packing, strip=(_HEAD + step * number, step))
        for number in range(pages)
    ]
    return tiff(frames, body * pages + bytes(unused))


def white_fax(rows: int) -> bytes:
    """Rows of Group 4 without anything on them: a bit each."""
    return b"\xff" * -(-rows // 8) + b"\0\x10\x01\0\x10\x01"


def _directory(entries: Sequence[Entry], after: int) -> bytes:
    packed = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<L", after)


def _claims(packing: int, side: int, bits: int = 8) -> bytes:
    return tiff([frame((side, side), bits=bits, packing=packing, strip=(_HEAD, 40))], bytes(40))


def _with(*more: Entry, body: bytes = bytes(4096)) -> bytes:
    return tiff([frame((64, 64), strip=(_HEAD, 4096), more=more)], body)


def _million_directories() -> bytes:
    directory = struct.Struct("<HHHLLL")
    body = (directory.pack(1, 256, 4, 1, 10, 26 + 18 * number) for number in range(1_000_000))
    return b"II*\0" + struct.pack("<L", 8) + b"".join(body)


def _one_tag_many_times(count: int, size: int) -> bytes:
    """Entries that all name the same megabytes."""
    more = [(40_000 + number, _BYTE, size, _HEAD) for number in range(count)]
    return tiff([frame((64, 64), strip=(_HEAD, 4096), more=more)], bytes(size))


def _shared_tags(pages: int, values: int) -> bytes:
    """Pages of many strips, whose lists of them are the same."""
    body = struct.pack("<L", 8) * values
    more = [(273, _LONG, values, _HEAD), (279, _LONG, values, _HEAD), (278, _LONG, 1, 1)]
    return tiff([frame((1, values), more=more)] * pages, body)


def _long_tag(tag: int, kind: int, size: int) -> bytes:
    """A tag of as many values as there are bytes in the body."""
    width = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[kind]
    return _with((tag, kind, size // width, _HEAD), body=b"\x07\x01" * (size // 2))


def _nested(depth: int) -> bytes:
    """Directories below directories, each the child of the one before."""
    step = 6 + 12
    start = _HEAD + 4096
    children = b"".join(
        _directory([(330, 13, 1, start + step * (number + 1))], 0) for number in range(depth)
    )
    return _with((330, 13, 1, start), (34665, 13, 1, start), body=bytes(4096) + children)


def _tiles(width: int, height: int) -> bytes:
    tiles = [
        *[(322, _LONG, 1, width), (323, _LONG, 1, height)],
        *[(324, _LONG, 1, _HEAD), (325, _LONG, 1, 4096)],
    ]
    of_strips = (273, 278, 279)
    entries = [each for each in frame((64, 64)) if each[0] not in of_strips]
    return tiff([sorted([*entries, *tiles])], bytes(4096))


FILES: Mapping[str, tuple[str, Maker]] = {
    **{
        f"tiff claims 60,000^2, compression {packing}": (BIG, partial(_claims, packing, 60_000))
        for packing in (NONE, G4, LZW, JPEG, DEFLATE, PACKBITS)
    },
    **{
        f"tiff claims 10,000^2, compression {packing}": (DAMAGED, partial(_claims, packing, SIDE))
        for packing in (NONE, LZW, JPEG, DEFLATE, PACKBITS)
    },
    "tiff 30,000^2 in deflate": (
        BIG,
        lambda: shared(1, (30_000, 30_000), 8, DEFLATE, zeros(30_000 * 30_000)),
    ),
    "tiff a gigabyte behind 64 x 64": (
        READ,
        lambda: shared(1, (64, 64), 8, DEFLATE, zeros(1 << 30)),
    ),
    "tiff one strip by 2,000 pages": (
        DAMAGED,
        lambda: shared(2_000, (SIDE, SIDE), 8, DEFLATE, zeros(SIDE * SIDE)),
    ),
    "tiff one fax strip by 2,000 pages": (
        DAMAGED,
        lambda: shared(2_000, (SIDE, SIDE), 1, G4, white_fax(SIDE)),
    ),
    "tiff 2,001 pages": (BIG, lambda: shared(2_001, (1, 1), 8, NONE, b"\0")),
    "tiff a million directories": (BIG, _million_directories),
    "tiff in a circle": (DAMAGED, lambda: tiff([frame((8, 8))], bytes(64), last=72)),
    "tiff directory of 65,535 entries": (
        DAMAGED,
        lambda: tiff([[(700, 1, 1, 0)] * 65_535]),
    ),
    "tiff tag of 2^32-1 values": (DAMAGED, lambda: _with((700, 12, 0xFFFF_FFFF, _HEAD))),
    "tiff 400 tags share 20 MiB": (DAMAGED, lambda: _one_tag_many_times(400, 20 * _MIB)),
    "tiff 2,000 pages share 60,000 strips": (DAMAGED, lambda: _shared_tags(2_000, 60_000)),
    "tiff 9 million bits per sample": (DAMAGED, lambda: _long_tag(258, _SHORT, 18 * _MIB)),
    "tiff 9 million sample formats": (DAMAGED, lambda: _long_tag(339, _SHORT, 18 * _MIB)),
    "tiff 9 million colors": (DAMAGED, lambda: _long_tag(320, _SHORT, 18 * _MIB)),
    "tiff 5 million resolutions": (DAMAGED, lambda: _long_tag(282, 5, 40 * _MIB)),
    "tiff 9 million orientations": (DAMAGED, lambda: _long_tag(274, _SHORT, 18 * _MIB)),
    "tiff XMP of 18 MiB": (READ, lambda: _long_tag(700, _BYTE, 18 * _MIB)),
    "tiff a million strips": (
        DAMAGED,
        lambda: tiff([frame((8, 8), more=[(273, _LONG, 1_000_000, 8)])]),
    ),
    "tiff nested directories": (READ, lambda: _nested(20_000)),
    "tiff child is its parent": (READ, lambda: _with((330, 13, 1, 8 + 4096))),
    "tiff of no width": (DAMAGED, lambda: tiff([frame((0, 8))], bytes(64))),
    "tiff of no height": (DAMAGED, lambda: tiff([frame((8, 0))], bytes(64))),
    "tiff 2^32-1 wide": (BIG, lambda: tiff([frame((0xFFFF_FFFF, 1))], bytes(64))),
    "tiff 65,535 samples a pixel": (DAMAGED, lambda: _with((277, _SHORT, 1, 65_535))),
    "tiff 65,535 bits a sample": (DAMAGED, lambda: _with((258, _SHORT, 1, 65_535))),
    "tiff no rows in a strip": (DAMAGED, lambda: _with((278, _LONG, 1, 0))),
    "tiff unknown compression": (DAMAGED, lambda: _with((259, _SHORT, 1, 34_712))),
    "tiff tiles of 2^31": (DAMAGED, lambda: _tiles(1 << 31, 1 << 31)),
    "tiff tiles of nothing": (DAMAGED, lambda: _tiles(0, 0)),
    "tiff strip beyond the file": (
        DAMAGED,
        lambda: _with((273, _LONG, 1, 0xFFFF_FFF0)),
    ),
    "tiff directory beyond the file": (DAMAGED, lambda: b"II*\0" + struct.pack("<L", 0xFFFF_FFF0)),
    "tiff no directory": (DAMAGED, lambda: b"MM\0*" + bytes(99)),
    "bigtiff 2^62 entries": (
        DAMAGED,
        lambda: b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 1 << 62),
    ),
    "bigtiff tag of 2^62 values": (
        DAMAGED,
        lambda: big_tiff(frame((64, 64), strip=(16, 4096), more=[(700, 7, 1 << 62, 16)])),
    ),
    "bigtiff 2^40 wide": (
        BIG,
        lambda: big_tiff(frame((64, 64), strip=(16, 4096), more=[(256, 16, 1, 1 << 40)])),
    ),
    "bigtiff the next at 2^63": (
        DAMAGED,
        lambda: big_tiff(frame((64, 64), strip=(16, 4096)), bytes(4096), after=1 << 63),
    ),
}

SLOW: Mapping[str, tuple[str, Maker]] = {
    "tiff 680 fax pages of 10,000^2 share a strip": (
        DAMAGED,
        lambda: shared(680, (SIDE, SIDE), 1, G4, white_fax(SIDE)),
    ),
    "tiff 80 gray pages of 10,000^2 share 100 MB": (
        DAMAGED,
        lambda: shared(80, (SIDE, SIDE), 8, NONE, bytes(SIDE * SIDE)),
    ),
    "tiff 680 fax pages of 10,000^2": (
        BIG,
        lambda: apart(680, (SIDE, SIDE), 1, G4, white_fax(SIDE)),
    ),
    "tiff 26 fax pages of 10,000^2": (
        READ,
        lambda: apart(26, (SIDE, SIDE), 1, G4, white_fax(SIDE)),
    ),
    "tiff 10 gray pages of 10,000^2": (
        READ,
        lambda: apart(10, (SIDE, SIDE), 8, DEFLATE, zeros(SIDE * SIDE)),
    ),
    "tiff 2,000 fax pages of 1,100^2": (
        READ,
        lambda: apart(2_000, (1_100, 1_100), 1, G4, white_fax(1_100)),
    ),
    "tiff 85 gray pages of 10,000^2 in 50 MiB": (
        READ,
        lambda: apart(85, (SIDE, SIDE), 8, DEFLATE, zeros(SIDE * SIDE), unused=50 * _MIB),
    ),
    "tiff 2,000 gray pages of 2,050^2 in 50 MiB": (
        READ,
        lambda: apart(2_000, (2_050, 2_050), 8, DEFLATE, zeros(2_050 * 2_050), unused=50 * _MIB),
    ),
    "tiff 85 gray pages of 10,000^2": (
        BIG,
        lambda: apart(85, (SIDE, SIDE), 8, DEFLATE, zeros(SIDE * SIDE)),
    ),
}
"""What is within every limit of one page, many times over."""
