"""Smooth lines and curves: drawn larger than they are to be, and made smaller in the end."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from PIL import Image, ImageDraw

Point = tuple[float, float]

_FINE_PX_PER_MM = 14  # from about 350 dpi on, lines are smooth enough when drawn once as fine
_CURVE_STEPS = 24


class Pen:
    """Draws in millimetres of the page, in one ink."""

    def __init__(self, size_px: tuple[int, int], origin_px: Point, px_per_mm: float) -> None:
        """Draw into a part of a page.

        Args:
            size_px: (width, height) of the part.
            origin_px: Where the page's own origin lies, seen from the part's top left.
            px_per_mm: Scale of the page.
        """
        self._fold = 1 + (px_per_mm < 2 * _FINE_PX_PER_MM) + 2 * (px_per_mm < _FINE_PX_PER_MM / 2)
        width, height = max(1, size_px[0]), max(1, size_px[1])
        self._mask = Image.new("L", (width * self._fold, height * self._fold))
        self._draw = ImageDraw.Draw(self._mask)
        self._origin = origin_px
        self._scale = px_per_mm

    def mask(self) -> Image.Image:
        """What was drawn, as an image of mode `L` in the part's size; 255 is full ink."""
        return self._mask.reduce(self._fold) if self._fold > 1 else self._mask

    def line(self, points: Sequence[Point], width: float) -> None:
        """Draw a line through points, `width` mm thick, its corners round."""
        thick = self._thickness(width)
        self._draw.line([self._at(each) for each in points], 255, thick, joint="curve")

    def dashes(self, start: Point, end: Point, width: float, pattern: Sequence[float]) -> None:
        """Draw a broken line: lengths in mm of stroke, gap, stroke, gap, ..."""
        length, done, number = math.dist(start, end), 0.0, 0
        while done < length:
            stop = min(done + pattern[number % len(pattern)], length)
            if number % 2 == 0:
                self.line([_between(start, end, each / length) for each in (done, stop)], width)
            done, number = stop, number + 1

    def arc(
        self, centre: Point, radius: float, width: float, *, degrees: tuple[float, float] = (0, 360)
    ) -> None:
        """Draw a circle or a part of one, clockwise from three o'clock."""
        x, y = self._at(centre)
        far = radius * self._scale * self._fold + self._thickness(width) / 2
        box = (x - far, y - far, x + far, y + far)
        self._draw.arc(box, *degrees, 255, self._thickness(width))

    def disc(self, centre: Point, radius: float, shade: int = 255) -> None:
        """Fill a circle; a `shade` of 0 takes the ink away again."""
        x, y = self._at(centre)
        far = radius * self._scale * self._fold
        self._draw.ellipse((x - far, y - far, x + far, y + far), shade)

    def shape(self, points: Iterable[Point], shade: int = 255) -> None:
        """Fill the area inside points; a `shade` of 0 takes the ink away again."""
        self._draw.polygon([self._at(each) for each in points], shade)

    def curve(self, points: Sequence[Point], widths: tuple[float, float]) -> None:
        """Draw a cubic Bezier curve of four points, its width going from one to the other."""
        ends = [_bezier(points, step / _CURVE_STEPS) for step in range(_CURVE_STEPS + 1)]
        for step, pair in enumerate(pairwise(ends)):
            part = step / _CURVE_STEPS
            self.line(pair, widths[0] + (widths[1] - widths[0]) * part)

    def _at(self, point: Point) -> Point:
        x = (point[0] * self._scale + self._origin[0]) * self._fold
        return x, (point[1] * self._scale + self._origin[1]) * self._fold

    def _thickness(self, width: float) -> int:
        # Thinner than a pixel of the page would fade away at low resolutions.
        return max(self._fold, round(width * self._scale * self._fold))


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _bezier(points: Sequence[Point], t: float) -> Point:
    weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
    x = sum(weight * point[0] for weight, point in zip(weights, points, strict=True))
    return x, sum(weight * point[1] for weight, point in zip(weights, points, strict=True))
