"""The rectangle that an area is, turned as it may be."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import fmean, median

from flatbed.addon.looking.blocks import Block

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
"""Clockwise from the top left, in pixels from the page's top left."""

_NEAR = 0.03
"""How far from a side its points may lie, as a share of the shorter side: a dog's ear does not."""
_MIDDLE = 0.06
"""What is left out at each end of a side, where the next one begins and corners are round."""


def rectangle(block: Block) -> tuple[Corners, float]:
    """Fit a rectangle to the outline of a block, forgiving dents, bumps and missing corners.

    Returns:
        The rectangle, and of the worst of its sides the share that is straight.
    """
    points = _boundary(block)
    angle = _tightest_angle(_hull(points))
    turned = [_turn(point, -angle) for point in points]
    box = _bounds(turned)
    off = _deviation(turned, box)
    turned = [_turn(point, -off) for point in turned]
    angle += off
    placed = _sides_of(turned, _bounds(turned))
    left, top, right, bottom = _settle(placed, _bounds(turned))
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    fitted = _from_top_left([_turn(corner, angle) for corner in corners])
    lengths = (bottom - top, right - left, bottom - top, right - left)
    ends = zip(placed, (left, top, right, bottom), lengths, strict=True)
    return fitted, min(_straight(side, at, length) for side, at, length in ends)


def sides(corners: Corners) -> tuple[float, float]:
    """(width, height) of a rectangle, in pixels."""
    return math.dist(corners[0], corners[1]), math.dist(corners[0], corners[3])


def tilt(corners: Corners) -> float:
    """By how many degrees clockwise its upper side is turned."""
    (left, top), (right, bottom) = corners[0], corners[1]
    return math.degrees(math.atan2(bottom - top, right - left))


def is_inside(point: Point, corners: Corners, margin: float) -> bool:
    """Whether a point lies in a rectangle that is larger by `margin` pixels on each side."""
    width, height = sides(corners)
    x, y = _turn((point[0] - corners[0][0], point[1] - corners[0][1]), -math.radians(tilt(corners)))
    return -margin <= x <= width + margin and -margin <= y <= height + margin


def shrunk(corners: Corners, margin: float) -> Corners:
    """The rectangle with each side moved inwards by `margin` pixels."""
    width, height = sides(corners)
    angle = math.radians(tilt(corners))
    margin = min(margin, width / 3, height / 3)
    inner = [(1, 1), (-1, 1), (-1, -1), (1, -1)]
    steps = [_turn((margin * across, margin * down), angle) for across, down in inner]
    moved = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(corners, steps, strict=True)]
    return _from_top_left(moved)


def in_reading_order(found: list[Corners]) -> list[Corners]:
    """Rows from the top, each from the left; middles half a height apart are one row."""
    rows: list[list[Corners]] = []
    for each in sorted(found, key=lambda one: _middle(one)[1]):
        first = rows[-1][0] if rows else each
        half = min(sides(each)[1], sides(first)[1]) / 2
        if rows and _middle(each)[1] - _middle(first)[1] < half:
            rows[-1].append(each)
        else:
            rows.append([each])
    return [each for row in rows for each in sorted(row, key=lambda one: _middle(one)[0])]


def _middle(corners: Corners) -> Point:
    first, _, third, _ = corners
    return (first[0] + third[0]) / 2, (first[1] + third[1]) / 2


def _boundary(block: Block) -> list[Point]:
    """The first and last of each row and each column, on the edges of pixels."""
    rows: dict[int, tuple[int, int]] = {}
    columns: dict[int, tuple[int, int]] = {}
    for y, left, right in block.runs:
        rows[y] = (rows[y][0], right) if y in rows else (left, right)
        for x in range(left, right):
            columns[x] = (columns[x][0], y + 1) if x in columns else (y, y + 1)
    points = [(float(x), y + 0.5) for y, ends in rows.items() for x in ends]
    return points + [(x + 0.5, float(y)) for x, ends in columns.items() for y in ends]


def _hull(points: list[Point]) -> list[Point]:
    """The convex hull, by Andrew's monotone chain."""
    ordered = sorted(set(points))
    return _chain(ordered)[:-1] + _chain(ordered[::-1])[:-1]


def _chain(ordered: list[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _bend(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _bend(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _tightest_angle(hull: list[Point]) -> float:
    """The angle, within 45 degrees, at which the smallest rectangle holds the hull; in radians."""
    angles = {_upright(math.atan2(b[1] - a[1], b[0] - a[0])) for a, b in pairwise([*hull, hull[0]])}
    return min(angles, key=lambda angle: _area([_turn(point, -angle) for point in hull]))


def _upright(angle: float) -> float:
    quarter = math.pi / 2
    return (angle + quarter / 2) % quarter - quarter / 2


def _area(points: list[Point]) -> float:
    left, top, right, bottom = _bounds(points)
    return (right - left) * (bottom - top)


def _bounds(points: list[Point]) -> tuple[float, float, float, float]:
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def _sides_of(points: list[Point], box: tuple[float, float, float, float]) -> list[list[Point]]:
    """Of left, top, right, bottom: (place along the side, place across it) of what lies at it."""
    left, top, right, bottom = box
    near = max(1.5, _NEAR * min(right - left, bottom - top))
    aside, above = _MIDDLE * (right - left), _MIDDLE * (bottom - top)
    upright = [(y, x) for x, y in points if top + above <= y <= bottom - above]
    level = [(x, y) for x, y in points if left + aside <= x <= right - aside]
    return [
        [each for each in upright if each[1] <= left + near],
        [each for each in level if each[1] <= top + near],
        [each for each in upright if each[1] >= right - near],
        [each for each in level if each[1] >= bottom - near],
    ]


def _deviation(points: list[Point], box: tuple[float, float, float, float]) -> float:
    """By how much more its sides are turned, in radians: medians of their halves, the long rule."""
    total, weights = 0.0, 0.0
    for number, side in enumerate(_sides_of(points, box)):
        side.sort()
        middle = len(side) // 2
        if middle < 4:
            continue
        rise = median(y for _, y in side[middle:]) - median(y for _, y in side[:middle])
        length = fmean(x for x, _ in side[middle:]) - fmean(x for x, _ in side[:middle])
        # Along an upright side, down is along and a positive turn goes to the left.
        total += rise * (-1 if number % 2 == 0 else 1)
        weights += length
    return math.atan2(total, weights) if weights else 0.0


def _settle(
    placed: list[list[Point]], box: tuple[float, float, float, float]
) -> tuple[float, float, float, float]:
    """The box with each side where most of its points are."""
    left, top, right, bottom = (
        median(across for _, across in side) if side else whole
        for side, whole in zip(placed, box, strict=True)
    )
    return left, top, right, bottom


def _straight(side: list[Point], at: float, length: float) -> float:
    """The share of a side along which there is a point within 2 pixels of it."""
    covered = {int(along) for along, across in side if abs(across - at) <= 2}
    return len(covered) / max(1.0, length * (1 - 2 * _MIDDLE))


def _turn(point: Point, radians: float) -> Point:
    cosine, sine = math.cos(radians), math.sin(radians)
    return point[0] * cosine - point[1] * sine, point[0] * sine + point[1] * cosine


def _from_top_left(corners: list[Point]) -> Corners:
    first, second, third, fourth = corners
    return first, second, third, fourth
