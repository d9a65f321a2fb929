"""The chain of directories in a TIFF, followed before anything else in the file is believed.

Layout: TIFF 6.0, section 2, and the BigTIFF design of the libtiff project. A directory is a count,
so many entries of a tag, a type, a number of values and their place, and the place of the next.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

from flatbed.builtin.imaging.load_limits import LoadLimits
from flatbed.errors import InvalidInputError

MAX_ENTRIES = 512
"""Of one directory; real ones have some dozens, and all of them are parsed in Python."""

MAX_CHUNKS = 250_000
"""Strips or tiles of one page: each costs some hundred bytes before a pixel is there."""

_CHUNK_TAGS = {273, 279, 324, 325}  # offsets and byte counts, of strips and of tiles
_ORDERS = {b"II": "<", b"MM": ">"}
_BIG = 43


@dataclass(frozen=True)
class _Layout:
    count: struct.Struct
    entry: struct.Struct
    place: struct.Struct

    @classmethod
    def of(cls, order: str, version: int) -> _Layout:
        formats = ("Q", "HHQ8s", "Q") if version == _BIG else ("H", "HHL4s", "L")
        return cls(*(struct.Struct(order + each) for each in formats))


def count_frames(stream: IO[bytes], limits: LoadLimits) -> int:
    """How many pages a TIFF has; stops at the first beyond the budget.

    Raises:
        TooBigError: If there are more than `limits.max_pages`.
        InvalidInputError: If the directories run in a circle, or one is larger than any real one.
        struct.error: If the file ends within a directory.
    """
    layout, place = _open(stream)
    seen: set[int] = set()
    while place:
        if place in seen:
            raise InvalidInputError(
                "The pages of this TIFF run in a circle. It is damaged; save it anew first."
            )
        seen.add(place)
        limits.check_pages(len(seen))
        place = _next(stream, layout, place)
    return len(seen)


def _open(stream: IO[bytes]) -> tuple[_Layout, int]:
    stream.seek(0)
    opening = stream.read(4)
    order = _ORDERS[opening[:2]]
    layout = _Layout.of(order, struct.unpack(order + "H", opening[2:])[0])
    if layout.place.size == 8:
        stream.read(4)  # the size of a place, always 8, and a constant 0
    return layout, _unpack(stream, layout.place)


def _next(stream: IO[bytes], layout: _Layout, place: int) -> int:
    stream.seek(place)
    count = _unpack(stream, layout.count)
    if count > MAX_ENTRIES:
        raise _unreal(f"a directory of {count} entries")
    entries = stream.read(count * layout.entry.size)
    for tag, _, values, _ in layout.entry.iter_unpack(entries):
        if tag in _CHUNK_TAGS and values > MAX_CHUNKS:
            raise _unreal(f"a page of {values} strips or tiles")
    return _unpack(stream, layout.place)


def _unpack(stream: IO[bytes], layout: struct.Struct) -> int:
    (number,) = layout.unpack(stream.read(layout.size))
    return int(number)


def _unreal(what: str) -> InvalidInputError:
    return InvalidInputError(f"The TIFF has {what}. It is damaged; save it anew first.")
