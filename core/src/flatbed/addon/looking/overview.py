"""A small copy of a page, on which looking takes milliseconds whatever the page's size."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

Dpi = tuple[float, float]

_BAND_PX = 16_000_000
"""How many one-bit pixels are made gray at a time: as `L` the whole page would be there twice."""


@dataclass(frozen=True)
class Overview:
    """A page made small, with pixels that are square on paper.

    Attributes:
        image: Of mode `L` or `RGB`.
        scale: (horizontal, vertical) page pixels to one of its pixels, 1 or more but for pages
            whose resolutions differ.
    """

    image: Image.Image
    scale: tuple[float, float]


def look(
    image: Image.Image, longest_px: int, *, dpi: Dpi = (1, 1), in_color: bool = False
) -> Overview:
    """Make a page small; most of the work is one pass over its pixels, without a second copy.

    Args:
        image: Of mode `1`, `L` or `RGB`.
        longest_px: What the longer side may have; smaller pages keep their size.
        dpi: Of the page; only how its two numbers relate matters.
        in_color: Whether `RGB` stays; else the result is `L`.
    """
    size = _size_within(image.size, longest_px, dpi)
    factor = max(1, min(image.width // size[0], image.height // size[1]))
    small = _reduce(image, factor)
    if not in_color and small.mode != "L":
        small = small.convert("L")
    if small.size != size:
        small = small.resize(
            size, Image.Resampling.BOX if factor > 1 else Image.Resampling.BILINEAR
        )
    return Overview(small, (image.width / size[0], image.height / size[1]))


def _size_within(size: tuple[int, int], longest_px: int, dpi: Dpi) -> tuple[int, int]:
    finest = max(dpi)
    wide, high = size[0] * finest / dpi[0], size[1] * finest / dpi[1]
    shrink = min(1.0, longest_px / max(wide, high))
    return max(1, round(wide * shrink)), max(1, round(high * shrink))


def _reduce(image: Image.Image, factor: int) -> Image.Image:
    if image.mode != "1":
        return image.reduce(factor) if factor > 1 else image
    small = Image.new("L", (math.ceil(image.width / factor), math.ceil(image.height / factor)))
    rows = max(1, _BAND_PX // image.width // factor) * factor
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height))).convert("L")
        small.paste(band.reduce(factor) if factor > 1 else band, (0, top // factor))
    return small
