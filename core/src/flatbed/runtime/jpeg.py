"""A page's JPEG in bands, each encoded by itself while the page is scanned, and joined at its end.

A restart marker sets a decoder back to the state in which it began, so a band that was encoded for
itself can follow one. Source: ITU-T T.81, B.2 (segments) and E.1.4 (restart intervals).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence

from PIL.Image import Image

from flatbed.runtime.thumbnail import encode_jpeg

QUALITY = 85

BAND_ROWS = 16
"""A band has a multiple of this, so that it ends with a whole unit also where colour is halved."""

_MOST_PX = 65_000
_MOST_UNITS = 0xFFFF
_SMALLEST_UNIT_PX = 8

_FRAME, _RESTART_INTERVAL, _SCAN = 0xC0, 0xDD, 0xDA
_FIRST_RESTART = 0xD0
_RESTARTS = 8
_END = b"\xff\xd9"


def can_hold(size_px: tuple[int, int], band_rows: int) -> bool:
    """Whether a JPEG can hold a page of that size in such bands."""
    units = math.ceil(size_px[0] / _SMALLEST_UNIT_PX) * (band_rows // _SMALLEST_UNIT_PX)
    return max(size_px) <= _MOST_PX and units <= _MOST_UNITS


def encode_band(image: Image, *, dpi: tuple[float, float]) -> bytes:
    """Encode some rows of a page, as a JPEG of their own."""
    return encode_jpeg(image, quality=QUALITY, dpi=dpi)


def join_bands(bands: Sequence[bytes], *, height_px: int) -> bytes:
    """One JPEG of bands that stand below each other.

    Args:
        bands: From `encode_band`, all of one mode, width and resolution; all but the last, which
            may have fewer rows, of one height that is a multiple of `BAND_ROWS`.
        height_px: Of all of them.
    """
    frame, scan, pixels = _find_parts(bands[0])
    header = bytearray(bands[0][:scan])
    interval = _units(header, frame)
    struct.pack_into(">H", header, frame + 5, height_px)
    parts = [bytes(header), struct.pack(">BBHH", 0xFF, _RESTART_INTERVAL, 4, interval)]
    parts += [bands[0][scan:pixels], bands[0][pixels : -len(_END)]]
    for number, band in enumerate(bands[1:]):
        parts.append(bytes((0xFF, _FIRST_RESTART + number % _RESTARTS)))
        parts.append(band[_find_parts(band)[2] : -len(_END)])
    return b"".join((*parts, _END))


def _find_parts(jpeg: bytes) -> tuple[int, int, int]:
    """Where the frame's header begins, the scan's header, and the coded pixels."""
    frame = 0
    for marker, start, end in _segments(jpeg):
        if marker == _FRAME:
            frame = start
        elif marker == _SCAN:
            return frame, start, end
    raise ValueError("no scan in this JPEG")


def _segments(jpeg: bytes) -> Iterator[tuple[int, int, int]]:
    start = 2
    while start < len(jpeg):
        marker, length = jpeg[start + 1], int.from_bytes(jpeg[start + 2 : start + 4])
        yield marker, start, start + 2 + length
        start += 2 + length


def _units(header: bytearray, frame: int) -> int:
    """How many units of coded pixels a band has."""
    height: int
    width: int
    height, width, components = struct.unpack_from(">HHB", header, frame + 5)
    factors = [header[frame + 11 + 3 * each] for each in range(components)]
    across, down = max(each >> 4 for each in factors), max(each & 15 for each in factors)
    return math.ceil(width / (8 * across)) * math.ceil(height / (8 * down))
