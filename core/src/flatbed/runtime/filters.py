"""The two PNG filters that are worth their time: none, and Up, each where it makes a strip smaller.

docs/decisions/0001-page-codec.md has the figures. Source: PNG specification, third edition, 9.2.
"""

from __future__ import annotations

from typing import cast

from isal import isal_zlib
from PIL import Image, ImageChops

_UP = 2
_LEVEL = 1

_WORTH_IT = 0.06
"""Less gain than this share of the rows is not worth the time of filtering and of undoing it."""

_SAMPLE_ROWS = 5
"""Enough to tell paper and pictures from drawings, at a twentieth of the time that it can save."""


def gains_by_up(rows: memoryview, stride: int) -> bool:
    """Whether filter Up makes a strip smaller, judged by a few rows of its middle.

    Args:
        rows: Whole rows of samples of 8 or 16 bits, each led by its filter byte, which is 0.
        stride: Bytes of a row with its filter byte.
    """
    count = len(rows) // stride
    if count < _SAMPLE_ROWS:
        return False
    middle = (count - _SAMPLE_ROWS) // 2 * stride
    sample = rows[middle : middle + _SAMPLE_ROWS * stride]
    plain = len(isal_zlib.compress(sample[stride:], _LEVEL))
    filtered = len(isal_zlib.compress(filter_up(sample, stride)[1], _LEVEL))
    return plain - filtered > len(sample) * _WORTH_IT


def filter_up(rows: memoryview, stride: int) -> list[bytes]:
    """A strip's rows with filter Up, the first one without, in parts that follow each other.

    The rows are written to meanwhile, and afterwards as they were; see `gains_by_up`.
    """
    count = len(rows) // stride
    # Each row less the one above it: lead bytes that grow by 2 leave the number of the filter. The
    # first row, led by 0, stays as it is, so that a strip needs nothing of the one before it.
    rows[::stride] = bytes(_UP * row & 0xFF for row in range(count))
    size = (stride, count - 1)
    below, above = _picture(rows[stride:], size), _picture(rows[: -stride or None], size)
    difference = ImageChops.subtract_modulo(below, above).tobytes()
    rows[::stride] = bytes(count)
    return [bytes(rows[:stride]), difference]


def _picture(rows: memoryview, size: tuple[int, int]) -> Image.Image:
    # Pillow takes every buffer; its annotation names fewer.
    return Image.frombuffer("L", size, cast("bytes", rows), "raw", "L", 0, 1)
