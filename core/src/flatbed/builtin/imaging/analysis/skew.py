"""By how many degrees the text of a page is turned."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from operator import mul, sub

from PIL import Image

from flatbed.addon.looking.ink import ink_map, paper_tone
from flatbed.addon.looking.overview import Dpi, look

MAX_SKEW = 20.5
"""The most that is believed, in degrees; beyond, a page was laid askew on purpose."""

_LONGEST_PX = 1000
_EDGE = 64
"""One part in so many at each side is left out: there scanners draw their own lines."""
_STRIP_PX = 4
"""Columns that are slanted as one; at 20 degrees they climb 1.5 pixels, less than a letter."""
_COARSE_STEP, _MIDDLE_STEP, _FINE_STEP = 0.5, 0.25, 0.1
_REACH_STEPS = round(22 / _COARSE_STEP)
_COARSE_PARTS, _MIDDLE_PARTS = 4, 2
"""Into how many columns a profile falls: more forgive a rougher angle and columns of text."""
_AWAY = 3.0
"""Degrees from the best angle where its own lines no longer help another."""


@dataclass(frozen=True)
class _Evidence:
    """What speaks for an angle.

    Attributes:
        angle: In degrees clockwise.
        lead: How many times better it fits than the best one that is well away from it.
        edges: How many edges of lines bear it, by their participation ratio: a horizon has two
            or three, a line of text about three, a page of text a hundred.
    """

    angle: float
    lead: float
    edges: float


def find_skew(image: Image.Image, *, dpi: Dpi = (1, 1)) -> float:
    """Measure by how much the lines of a page are turned, from their profile at many angles.

    Lines may run across the page or, as on a sheet that was laid in sideways, along it.

    Args:
        image: Of mode `1`, `L` or `RGB`.
        dpi: (horizontal, vertical), by which right angles are right on paper.

    Returns:
        Degrees clockwise, to some 0.1 within `MAX_SKEW` either way; exactly 0.0 where no lines
        can be told: blank pages, photographs, drawings of curves, a single short line.
    """
    gray = look(image, _LONGEST_PX, dpi=dpi).image
    ink = _without_edges(ink_map(gray))
    if ink.getbbox() is None:
        return 0.0
    across = _weigh(ink)
    if _is_sure(across, gray):
        return _believed(across.angle)
    along = _weigh(ink.transpose(Image.Transpose.ROTATE_90))
    return _believed(along.angle) if along.lead >= 2.5 and along.edges >= 15 else 0.0


def _without_edges(ink: Image.Image) -> Image.Image:
    aside, above = ink.width // _EDGE, ink.height // _EDGE
    return ink.crop((aside, above, ink.width - aside, ink.height - above))


def _weigh(ink: Image.Image) -> _Evidence:
    strips = _strips(ink)
    coarse = {
        step * _COARSE_STEP: _contrast(_climbs(strips, step * _COARSE_STEP, _COARSE_PARTS))
        for step in range(-_REACH_STEPS, _REACH_STEPS + 1)
    }
    about = max(coarse, key=coarse.__getitem__)
    away = max(contrast for angle, contrast in coarse.items() if abs(angle - about) > _AWAY)
    angle = _refine(strips, about)
    lead = coarse[about] / away if away else 0.0
    return _Evidence(angle, lead, _count_edges(_climbs(strips, angle, _MIDDLE_PARTS)))


def _is_sure(evidence: _Evidence, gray: Image.Image) -> bool:
    if evidence.lead >= 1.9 and evidence.edges >= 8:
        return True
    # Two or three lines have no more edges than the objects of a photograph: ask for paper too.
    return evidence.lead >= 3 and evidence.edges >= 4.5 and _is_mostly_paper(gray)


def _is_mostly_paper(gray: Image.Image) -> bool:
    counts, tone = gray.histogram(), paper_tone(gray)
    return sum(counts[max(0, tone - 24) :]) > 0.85 * sum(counts)


def _believed(angle: float) -> float:
    # A page of which the best is the first or last angle has its real one beyond.
    return angle if abs(angle) <= MAX_SKEW else 0.0


def _refine(strips: Image.Image, about: float) -> float:
    """The middle of the peak's upper fifth, which single pixels do not move."""
    # Twice the rows: whole pixels of one row would draw angles near 0 towards it.
    high = strips.resize((strips.width, 2 * strips.height), Image.Resampling.BILINEAR)
    nearer = _peak(high, [about + step * _MIDDLE_STEP for step in range(-4, 5)], _MIDDLE_PARTS)
    return round(_peak(high, [nearer + step * _FINE_STEP for step in range(-5, 6)], 1), 2) + 0.0


def _peak(high: Image.Image, angles: list[float], parts: int) -> float:
    heights = [_contrast(_climbs(high, angle, parts, row_px=0.5)) for angle in angles]
    floor = 0.8 * max(heights)
    weights = [max(0.0, height - floor) for height in heights]
    middle = sum(angle * weight for angle, weight in zip(angles, weights, strict=True))
    return middle / (sum(weights) or 1)


def _strips(ink: Image.Image) -> Image.Image:
    """Columns of some pixels' mean, of mode `F`: whole tones would lose pale and short lines."""
    narrow = (max(1, ink.width // _STRIP_PX), ink.height)
    return ink.convert("F").resize(narrow, Image.Resampling.BOX)


def _climbs(strips: Image.Image, angle: float, parts: int, *, row_px: float = 1) -> list[float]:
    """How the mean ink changes from row to row, with lines of this angle made level."""
    climb = math.tan(math.radians(angle)) * _STRIP_PX / row_px
    # Whole pixels: interpolation would blur every angle but 0, and so favour that one.
    level = strips.transform(
        strips.size,
        Image.Transform.AFFINE,
        (1, 0, 0, climb, 1, -climb * strips.width / 2),
        resample=Image.Resampling.NEAREST,
    )
    rows = array("f", level.resize((parts, strips.height), Image.Resampling.BOX).tobytes())
    return list(map(sub, rows[parts:], rows))


def _contrast(climbs: list[float]) -> float:
    """The sum of their squares: large where letters stand on one line, and gaps between."""
    return math.hypot(*climbs) ** 2


def _count_edges(climbs: list[float]) -> float:
    """The participation ratio: n if n are alike and the others nothing."""
    squares = [climb * climb for climb in climbs]
    fourth = sum(map(mul, squares, squares))
    return sum(squares) ** 2 / fourth if fourth else 0.0
