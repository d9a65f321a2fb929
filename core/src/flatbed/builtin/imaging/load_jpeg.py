"""The scans of a JPEG, counted before one is decoded.

A scan can say in a few bytes that it changes nothing, and costs as much as any other. Layout:
ITU-T T.81, annex B: markers of two bytes, most with a length behind them, and after the header of
a scan its data, in which 0 follows each 255 that begins no marker.
"""

from __future__ import annotations

import re
from typing import IO

from flatbed.errors import InvalidInputError

MAX_SCANS = 100
"""Encoders make some ten, and 100 of the largest page take seconds."""

_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")
_END, _SCAN = 0xD9, 0xDA
_WITHOUT_LENGTH = (0x01, 0xD8)


def check_scans(stream: IO[bytes]) -> None:
    """Look through a JPEG that can seek; leaves it at its start.

    Raises:
        InvalidInputError: If it has more than `MAX_SCANS`.
    """
    data = stream.read()
    stream.seek(0)
    if _count_scans(data) > MAX_SCANS:
        raise InvalidInputError(
            f"The JPEG has more than {MAX_SCANS} scans. No camera makes such; save it anew first."
        )


def _count_scans(data: bytes) -> int:
    place, scans = 0, 0
    while (found := _MARKER.search(data, place)) is not None and scans <= MAX_SCANS:
        marker, place = found[1][0], found.end()
        if marker == _END:
            break
        scans += marker == _SCAN
        if marker not in _WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2], "big")
    return scans
