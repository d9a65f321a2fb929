"""What a JPEG is made of, looked through before it is decoded.

A scan can say in a few bytes that it changes nothing, and costs as much as any other; and the
reader of what comes before them takes a byte at a time where it should find a segment, and gets
slower with each segment of Exif. Layout: ITU-T T.81, annex B: markers of two bytes, most with a
length behind them, and after the header of a scan its data, in which 0 follows each 255 that
begins no marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from flatbed.errors import InvalidInputError

MAX_SCANS = 100
"""Encoders make some ten, and 100 of the largest page take seconds."""

MAX_SEGMENTS = 500
"""Before the first scan: a color profile can have 255, and else there are some dozens."""

MAX_STRAY_BYTES = 64 << 10
"""Between those segments, where nothing belongs but now and then a byte to fill up."""

_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
_START, _ALONE, _END, _SCAN = 0xD8, 0x01, 0xD9, 0xDA


def check_segments(stream: IO[bytes]) -> None:
    """Look through a JPEG that can seek; leaves it at its start.

    Raises:
        InvalidInputError: If it has more scans, segments or stray bytes than any real one.
    """
    data = stream.read()
    stream.seek(0)
    scans = segments = strays = 0
    for marker, stray in _walk(data):
        if not scans:
            segments, strays = segments + 1, strays + stray
        scans += marker == _SCAN
        if scans > MAX_SCANS:
            raise _unreal(f"more than {MAX_SCANS} scans")
        if segments > MAX_SEGMENTS or strays > MAX_STRAY_BYTES:
            raise _unreal("no picture where it should begin")


def _walk(data: bytes) -> Iterator[tuple[int, int]]:
    """Each marker to the end of the picture, and the bytes that were skipped before it."""
    place = 0
    while (found := _MARKER.search(data, place)) is not None and found[1][0] != _END:
        yield found[1][0], found.start() - place
        place = found.end()
        if found[1][0] not in (_START, _ALONE):
            place += int.from_bytes(data[place : place + 2], "big")


def _unreal(what: str) -> InvalidInputError:
    return InvalidInputError(f"The JPEG has {what}. It is damaged; save it anew first.")
