"""The chain of directories in a TIFF, followed before anything else in the file is believed.

Layout: TIFF 6.0, section 2, and the BigTIFF design of the libtiff project. A directory is a count,
so many entries of a tag, a type, a number of values and their place, and the place of the next.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO, TypeAlias

from flatbed.builtin.imaging.load_limits import LoadLimits
from flatbed.errors import InvalidInputError

MAX_ENTRIES = 512
"""Of one directory; real ones have some dozens, and all of them are parsed in Python."""

MAX_CHUNKS = 250_000
"""Strips or tiles of one page: each costs some hundred bytes before a pixel is there."""

MAX_VALUES = 250_000
"""Numbers of one other tag: a palette has 200,000, and all of them become objects."""

MOST_TIMES = 2
"""How often the pages may name each byte of the file on average; writers name each once."""

_BYTE_COUNT_TAGS = {279, 325}  # of strips and of tiles
_CHUNK_TAGS = {273, 324, *_BYTE_COUNT_TAGS}  # the first two are their places
_WIDTHS = {3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value by its type; all others are of one byte, or unknown and left out."""
_WHOLE = {3: "H", 4: "L", 13: "L", 16: "Q"}
_SMALL_FILE_BYTES = 64 << 10
_ORDERS = {b"II": "<", b"MM": ">"}
_BIG = 43


_Entry: TypeAlias = tuple[int, int, int, bytes]
"""Tag, type, number of values, and the values or their place."""


@dataclass(frozen=True)
class _Layout:
    order: str
    count: struct.Struct
    entry: struct.Struct
    place: struct.Struct

    @classmethod
    def of(cls, order: str, version: int) -> _Layout:
        formats = ("Q", "HHQ8s", "Q") if version == _BIG else ("H", "HHL4s", "L")
        return cls(order, *(struct.Struct(order + each) for each in formats))


def count_frames(stream: IO[bytes], limits: LoadLimits) -> int:
    """How many pages a TIFF has; stops at the first beyond the budget.

    Raises:
        TooBigError: If there are more than `limits.max_pages`.
        InvalidInputError: If the directories run in a circle, one is larger than any real one, or
            their pages share bytes as no real ones do.
        struct.error: If the file ends within a directory.
    """
    file_bytes = stream.seek(0, 2)
    layout, place = _open(stream)
    seen: set[int] = set()
    named = 0
    while place:
        if place in seen:
            raise InvalidInputError(
                "The pages of this TIFF run in a circle. It is damaged; save it anew first."
            )
        seen.add(place)
        limits.check_pages(len(seen))
        entries, place = _read_directory(stream, layout, place)
        named += sum(_named_bytes(stream, layout, entry, file_bytes) for entry in entries)
        if named > MOST_TIMES * file_bytes + _SMALL_FILE_BYTES:
            raise _unreal("pages that share their bytes many times over")
    return len(seen)


def _open(stream: IO[bytes]) -> tuple[_Layout, int]:
    stream.seek(0)
    opening = stream.read(4)
    order = _ORDERS[opening[:2]]
    layout = _Layout.of(order, struct.unpack(order + "H", opening[2:])[0])
    if layout.place.size == 8:
        stream.read(4)  # the size of a place, always 8, and a constant 0
    return layout, _unpack(stream, layout.place)


def _read_directory(stream: IO[bytes], layout: _Layout, place: int) -> tuple[list[_Entry], int]:
    """The entries of a directory, and the place of the next."""
    stream.seek(place)
    count = _unpack(stream, layout.count)
    if count > MAX_ENTRIES:
        raise _unreal(f"a directory of {count} entries")
    entries = stream.read(count * layout.entry.size)
    return list(layout.entry.iter_unpack(entries)), _unpack(stream, layout.place)


def _named_bytes(stream: IO[bytes], layout: _Layout, entry: _Entry, file_bytes: int) -> int:
    """How many bytes elsewhere in the file an entry names: its values, and strips or tiles."""
    tag, kind, values, _ = entry
    if tag in _CHUNK_TAGS and values > MAX_CHUNKS:
        raise _unreal(f"a page of {values} strips or tiles")
    if kind in _WIDTHS and values > MAX_VALUES:
        raise _unreal(f"a tag of {values} numbers")
    size = values * _WIDTHS.get(kind, 1)
    own = size if size > layout.place.size else 0
    if tag not in _BYTE_COUNT_TAGS:
        return own
    # Some writers say too much of the last strip; more than the file nobody reads.
    return own + sum(min(each, file_bytes) for each in _read_values(stream, layout, entry))


def _read_values(stream: IO[bytes], layout: _Layout, entry: _Entry) -> tuple[int, ...]:
    _, kind, values, field = entry
    if kind not in _WHOLE:
        return ()
    numbers = struct.Struct(f"{layout.order}{values}{_WHOLE[kind]}")
    if numbers.size <= len(field):
        return numbers.unpack(field[: numbers.size])
    stream.seek(layout.place.unpack(field)[0])
    return numbers.unpack(stream.read(numbers.size))


def _unpack(stream: IO[bytes], layout: struct.Struct) -> int:
    (number,) = layout.unpack(stream.read(layout.size))
    return int(number)


def _unreal(what: str) -> InvalidInputError:
    return InvalidInputError(f"The TIFF has {what}. It is damaged; save it anew first.")
