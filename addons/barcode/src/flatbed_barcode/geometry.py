"""Where symbols are: corners, boxes, overlaps and reading order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from flatbed.addon import Barcode, Point

Corners = tuple[Point, Point, Point, Point]
"""Top left, top right, bottom right, bottom left of a symbol, whichever way it is turned."""
Box = tuple[float, float, float, float]
"""(left, top, right, bottom)."""

Item = TypeVar("Item")


def box_of(corners: Iterable[Point]) -> Box:
    """The upright box around points."""
    xs, ys = zip(*corners, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def moved(corners: Corners, *, scale: tuple[float, float], by: Point) -> Corners:
    """Corners of a view in page pixels: scaled, then shifted."""
    first, second, third, fourth = (
        (x * scale[0] + by[0], y * scale[1] + by[1]) for x, y in corners
    )
    return first, second, third, fourth


def overlap(one: Box, other: Box) -> float:
    """The share of the smaller box that both cover, 0 to 1; boxes without area have 1 pixel."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    if wide < 0 or high < 0:
        return 0.0
    return max(1.0, wide) * max(1.0, high) / min(_area(one), _area(other))


def grown(box: Box, by: float) -> Box:
    """A box with a margin on each side."""
    return box[0] - by, box[1] - by, box[2] + by, box[3] + by


def rectangle_around(points: Sequence[Point], quarter_turns: int) -> Corners:
    """The smallest rectangle around points, from the corner where the symbol begins.

    Args:
        points: At least one.
        quarter_turns: By how many quarters, clockwise, the symbol is turned at most half an eighth
            more or less: 0 stands upright.
    """
    hull = _hull(points)
    angles = [math.atan2(b[1] - a[1], b[0] - a[0]) for a, b in pairwise([*hull, hull[0]])]
    best = min((_around(hull, angle) for angle in angles or [0.0]), key=_rectangle_area)
    upright = _from_top_left(best)
    turns = quarter_turns % 4
    first, second, third, fourth = (*upright[turns:], *upright[:turns])
    return first, second, third, fourth


def side_lengths(corners: Corners) -> tuple[float, float]:
    """(width, height) of a symbol, each the mean of two sides."""
    first, second, third, fourth = corners
    wide = (math.dist(first, second) + math.dist(fourth, third)) / 2
    high = (math.dist(first, fourth) + math.dist(second, third)) / 2
    return wide, high


def in_reading_order(found: Iterable[Barcode]) -> list[Barcode]:
    """Row by row, each from the left; a row is what begins above the middle of its highest."""
    rows: list[list[Barcode]] = []
    limit = -math.inf
    for each in sorted(found, key=lambda each: box_of(each.corners)[1]):
        box = box_of(each.corners)
        if box[1] > limit:
            rows.append([])
            limit = (box[1] + box[3]) / 2
        rows[-1].append(each)
    return [each for row in rows for each in sorted(row, key=lambda one: box_of(one.corners)[0])]


def _area(box: Box) -> float:
    return max(1.0, box[2] - box[0]) * max(1.0, box[3] - box[1])


def _hull(points: Sequence[Point]) -> list[Point]:
    """The convex hull, by Andrew's monotone chain."""
    ordered = sorted(set(points))
    if len(ordered) <= 2:
        return ordered
    lower, upper = _half(ordered), _half(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _half(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _around(hull: Sequence[Point], angle: float) -> Corners:
    """The rectangle around a hull that has one side at an angle."""
    along, across = math.cos(angle), math.sin(angle)
    us = [x * along + y * across for x, y in hull]
    vs = [y * along - x * across for x, y in hull]
    first, second, third, fourth = (
        (u * along - v * across, u * across + v * along)
        for u, v in (
            (min(us), min(vs)),
            (max(us), min(vs)),
            (max(us), max(vs)),
            (min(us), max(vs)),
        )
    )
    return first, second, third, fourth


def _rectangle_area(corners: Corners) -> float:
    wide, high = side_lengths(corners)
    return wide * high


def _from_top_left(corners: Corners) -> Corners:
    """Clockwise on the page, from the corner that is nearest to the top left."""
    start = min(range(4), key=lambda each: sum(corners[each]))
    first, second, third, fourth = (*corners[start:], *corners[:start])
    return first, second, third, fourth
