"""Letters for sample pages: Pillow's own font, made to keep its width at every resolution."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]

MM_PER_PT = 25.4 / 72
_MEASURE_PX = 512
_TRUE_FROM_PX = 34  # from this size on, lines are as wide as they should be by 1.5 %
_SEEN_FROM_PX = 0.25  # a line of smaller letters leaves no trace, and costs a huge mask


@dataclass(frozen=True)
class Lettering:
    """One written line.

    Attributes:
        mask: Of mode `L`; 255 is full ink.
        corner_px: Where its top left belongs on the page.
    """

    mask: Image.Image
    corner_px: tuple[int, int]


def width_mm(text: str, pt: float) -> float:
    """How wide a line is, the same at every resolution."""
    return font_of(_MEASURE_PX).getlength(text) / _MEASURE_PX * pt * MM_PER_PT


def wrap(text: str, width: float, pt: float) -> list[str]:
    """Break a text into lines of at most `width` mm."""
    lines: list[str] = []
    for word in text.split():
        if lines and width_mm(f"{lines[-1]} {word}", pt) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def render(text: str, place: Point, *, size_px: float, anchor: str, stroke: float) -> Lettering:
    """Write one line with smooth letters.

    FreeType rounds small letters to whole pixels, which makes lines up to 6 % wider or narrower:
    they would run over the margin at one resolution and not at another. Drawn larger and made
    smaller they keep their width, and look as scanned letters do.

    Args:
        text: The line.
        place: (x, y) in pixels of the page.
        size_px: Of the letters.
        anchor: What of the line stands at `place`, in Pillow's words.
        stroke: Pixels by which letters are made bolder.
    """
    if size_px < _SEEN_FROM_PX:
        return Lettering(Image.new("L", (1, 1)), (math.floor(place[0]), math.floor(place[1])))
    fold = max(1, math.ceil(_TRUE_FROM_PX / size_px))
    font, bolder = font_of(size_px * fold), stroke * fold
    left, top, right, bottom = font.getbbox(text, anchor=anchor, stroke_width=bolder)
    corner = math.floor(place[0] + left / fold), math.floor(place[1] + top / fold)
    size = math.ceil((right - left) / fold) + 2, math.ceil((bottom - top) / fold) + 2
    mask = Image.new("L", (size[0] * fold, size[1] * fold))
    inside = (place[0] - corner[0]) * fold, (place[1] - corner[1]) * fold
    ImageDraw.Draw(mask).text(inside, text, 255, font, anchor=anchor, stroke_width=bolder)
    return Lettering(mask.reduce(fold) if fold > 1 else mask, corner)


@lru_cache(maxsize=64)
def font_of(size_px: float) -> ImageFont.FreeTypeFont:
    """Pillow's own font."""
    font = ImageFont.load_default(size_px)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType")
    return font
