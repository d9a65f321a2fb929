"""Line art: the drawing of a machine part in three views, with dimensions and a title block."""

from __future__ import annotations

import math

from flatbed.builtin.virtual.samples.canvas import INK, Canvas
from flatbed.builtin.virtual.samples.pen import Pen

Point = tuple[float, float]

_FRAME = (18.0, 18.0, 200.0, 287.0)
_THICK, _MEDIUM, _THIN = 0.5, 0.3, 0.15
_CENTRE_LINE = (6.0, 1.2, 1.2, 1.2)
_HIDDEN_LINE = (2.2, 1.1)
_HATCH = 2.6  # between the lines of a cut face
_ARROW = (2.6, 0.42)  # length and half width
_FRONT = (82.0, 98.0)  # centre of the bore in the front view
_SIDE_X = 153.0  # left face in the side view


def draw(canvas: Canvas) -> None:
    """Draw the part on a blank sheet."""
    with canvas.pen((10, 10, 206, 292)) as pen:
        _sheet_frame(pen)
        _front_view(pen)
        _section(pen)
        _top_view(pen)
        _dimension_lines(pen)
        _title_lines(pen)
    _labels(canvas)
    _dimensions(canvas)
    _title(canvas)


def _sheet_frame(pen: Pen) -> None:
    left, top, right, bottom = _FRAME
    _outline(pen, _FRAME, 0.6)
    for number in range(1, 6):
        y = top + (bottom - top) * number / 6
        pen.line([(left - 4, y), (left, y)], _THIN)
        pen.line([(right, y), (right + 4, y)], _THIN)
    for number in range(1, 4):
        x = left + (right - left) * number / 4
        pen.line([(x, top - 4), (x, top)], _THIN)
        pen.line([(x, bottom), (x, bottom + 4)], _THIN)
    _outline(pen, (left - 4, top - 4, right + 4, bottom + 4), _THIN)


def _front_view(pen: Pen) -> None:
    x, y = _FRONT
    _eye(pen)
    _outline(pen, (x - 44, y + 46, x + 44, y + 58), _THICK)
    for offset in (-38.0, 38.0):
        for edge in (-3.0, 3.0):
            at = x + offset + edge
            pen.dashes((at, y + 46), (at, y + 58), _MEDIUM, _HIDDEN_LINE)
        pen.dashes((x + offset, y + 42), (x + offset, y + 62), _THIN, _CENTRE_LINE)
    pen.dashes((x - 32, y), (x + 32, y), _THIN, _CENTRE_LINE)
    pen.dashes((x, y - 32), (x, y + 64), _THIN, _CENTRE_LINE)
    for end, step in ((y - 33, -3), (y + 65, 3)):
        pen.line([(x, end), (x, end + step)], 0.7)


def _eye(pen: Pen) -> None:
    """The round end with its bore and bolt circle, and the tangents down to the base."""
    x, y = _FRONT
    radius, foot = 26.0, (32.0, 46.0)
    touch = math.atan2(foot[1], foot[0]) - math.acos(radius / math.hypot(*foot))
    right = (x + radius * math.cos(touch), y + radius * math.sin(touch))
    pen.line([right, (x + foot[0], y + foot[1])], _THICK)
    pen.line([(2 * x - right[0], right[1]), (x - foot[0], y + foot[1])], _THICK)
    turn = math.degrees(touch)
    pen.arc(_FRONT, radius, _THICK, degrees=(180 - turn, 360 + turn))
    pen.arc(_FRONT, 14, _THICK)
    pen.arc(_FRONT, 12.6, _MEDIUM)
    pen.arc(_FRONT, 20, _THIN)
    for angle in range(30, 390, 60):
        hole = (x + 20 * math.cos(math.radians(angle)), y + 20 * math.sin(math.radians(angle)))
        pen.arc(hole, 1.9, _MEDIUM)
        pen.line([(hole[0] - 3, hole[1]), (hole[0] + 3, hole[1])], _THIN)
        pen.line([(hole[0], hole[1] - 3), (hole[0], hole[1] + 3)], _THIN)


def _section(pen: Pen) -> None:
    y, left = _FRONT[1], _SIDE_X
    right = left + 26
    _hatch(pen, (left, y - 26, right, y - 14))
    _outline(pen, (left, y - 26, right, y - 14), _THICK)
    _hatch(pen, (left, y + 14, right, y + 46))
    _hatch(pen, (left - 6, y + 46, right + 8, y + 58))
    foot = [(left, y + 14), (right, y + 14), (right, y + 46), (right + 8, y + 46)]
    foot += [(right + 8, y + 58), (left - 6, y + 58), (left - 6, y + 46), (left, y + 46)]
    pen.line([*foot, *foot[:2]], _THICK)
    for edge in (left, right):
        pen.line([(edge, y - 14), (edge, y + 14)], _THICK)
    pen.dashes((left - 6, y), (left + 34, y), _THIN, _CENTRE_LINE)


def _top_view(pen: Pen) -> None:
    x, y = _FRONT[0], 206.0
    _outline(pen, (x - 44, y - 20, x + 44, y + 20), _THICK)
    _outline(pen, (x - 26, y - 13, x + 26, y + 13), _THICK)
    for edge in (-14.0, 14.0):
        pen.dashes((x + edge, y - 13), (x + edge, y + 13), _MEDIUM, _HIDDEN_LINE)
    for hole in ((x - 38, y), (x + 38, y)):
        pen.arc(hole, 3, _THICK)
        pen.dashes((hole[0] - 5.5, y), (hole[0] + 5.5, y), _THIN, (3.6, 0.9, 2, 0.9))
        pen.dashes((hole[0], y - 5.5), (hole[0], y + 5.5), _THIN, (3.6, 0.9, 2, 0.9))
    pen.dashes((x - 50, y), (x + 50, y), _THIN, _CENTRE_LINE)
    pen.dashes((x, y - 26), (x, y + 26), _THIN, _CENTRE_LINE)


def _dimension_lines(pen: Pen) -> None:
    x, y = _FRONT
    _dimension(pen, (x - 44, y + 58), (x + 44, y + 58), (0, 20))
    _dimension(pen, (x - 38, y + 58), (x + 38, y + 58), (0, 11))
    _dimension(pen, (x - 44, y), (x - 44, y + 58), (-10, 0), from_gap=18)
    _dimension(pen, (x - 44, y + 46), (x - 44, y + 58), (-3.2, 0))
    _dimension(pen, (_SIDE_X - 6, y + 58), (_SIDE_X + 34, y + 58), (0, 20))
    _dimension(pen, (_SIDE_X, y - 26), (_SIDE_X + 26, y - 26), (0, -10))
    _dimension(pen, (x + 44, 186), (x + 44, 226), (10, 0))
    corner = (x + 14 * math.cos(math.radians(-52)), y + 14 * math.sin(math.radians(-52)))
    elbow = (x + 31.0, y - 37.0)
    pen.line([corner, elbow, (elbow[0] + 16, elbow[1])], _THIN)
    _arrow(pen, corner, (corner[0] - elbow[0], corner[1] - elbow[1]))


def _dimension(pen: Pen, start: Point, end: Point, offset: Point, *, from_gap: float = 0) -> None:
    """A dimension line beside two points, with its two extension lines and arrows."""
    first = (start[0] + offset[0], start[1] + offset[1])
    last = (end[0] + offset[0], end[1] + offset[1])
    beyond = (
        math.copysign(1.6, offset[0]) if offset[0] else 0.0,
        math.copysign(1.6, offset[1]) if offset[1] else 0.0,
    )
    for point, tip in ((start, first), (end, last)):
        pen.line([point, (tip[0] + beyond[0], tip[1] + beyond[1])], _THIN)
    if from_gap:
        pen.line([start, (start[0] + from_gap, start[1])], _THIN)
    pen.line([first, last], _THIN)
    along = (last[0] - first[0], last[1] - first[1])
    _arrow(pen, last, along)
    _arrow(pen, first, (-along[0], -along[1]))


def _arrow(pen: Pen, tip: Point, along: Point) -> None:
    length = math.hypot(*along)
    ux, uy = along[0] / length, along[1] / length
    far, half = _ARROW
    foot = (tip[0] - ux * far, tip[1] - uy * far)
    pen.shape(
        [
            tip,
            (foot[0] - uy * half, foot[1] + ux * half),
            (foot[0] + uy * half, foot[1] - ux * half),
        ]
    )


def _hatch(pen: Pen, box: tuple[float, float, float, float]) -> None:
    """Lines at 45 degrees across a box, as a cut face is shown."""
    left, top, right, bottom = box
    along = (left + top) // _HATCH * _HATCH  # so that neighbouring boxes go on in one another
    while (along := along + _HATCH) < right + bottom:
        start = (max(left, along - bottom), min(bottom, along - left))
        end = (min(right, along - top), max(top, along - right))
        pen.line([start, end], _THIN)


def _outline(pen: Pen, box: tuple[float, float, float, float], width: float) -> None:
    left, top, right, bottom = box
    corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
    pen.line([*corners, (right, top)], width)


def _title_lines(pen: Pen) -> None:
    right, bottom = _FRAME[2], _FRAME[3]
    _outline(pen, (right - 104, bottom - 36, right, bottom), _THICK)
    for y in (bottom - 27, bottom - 18, bottom - 9):
        pen.line([(right - 104, y), (right - 62, y)], _THIN)
    pen.line([(right - 62, bottom - 36), (right - 62, bottom)], _MEDIUM)
    pen.line([(right - 62, bottom - 12), (right, bottom - 12)], _MEDIUM)
    pen.line([(right - 84, bottom - 36), (right - 84, bottom)], _THIN)
    pen.line([(right - 31, bottom - 12), (right - 31, bottom)], _THIN)
    _projection_sign(pen, (right - 24, bottom - 6))


def _projection_sign(pen: Pen, at: Point) -> None:
    x, y = at
    pen.arc((x, y), 3, _MEDIUM)
    pen.arc((x, y), 1.6, _MEDIUM)
    cone = [(x + 7, y - 1.6), (x + 15, y - 3), (x + 15, y + 3), (x + 7, y + 1.6), (x + 7, y - 1.6)]
    pen.line([*cone, cone[1]], _MEDIUM)
    pen.dashes((x - 4.4, y), (x + 17, y), _THIN, (3, 0.8, 0.8, 0.8))


def _labels(canvas: Canvas) -> None:
    left, top, right, bottom = _FRAME
    for number, letter in enumerate("ABCDEF"):
        y = top + (bottom - top) * (number + 0.5) / 6
        for x in (left - 2, right + 2):
            canvas.text((x, y), letter, pt=7, anchor="mm")
    for number in range(4):
        x = left + (right - left) * (number + 0.5) / 4
        for y in (top - 2, bottom + 2):
            canvas.text((x, y), str(number + 1), pt=7, anchor="mm")
    for y in (_FRONT[1] - 33.6, _FRONT[1] + 68.4):
        canvas.text((_FRONT[0] + 3, y), "A", pt=10)
    canvas.text((_FRONT[0], 44), "Front view", pt=10, anchor="ms")
    canvas.text((_SIDE_X + 13, 44), "Section A - A", pt=10, anchor="ms")
    canvas.text((_FRONT[0], 242), "Top view", pt=10, anchor="ms")


def _dimensions(canvas: Canvas) -> None:
    x, y = _FRONT
    canvas.text((x, y + 76.8), "88", pt=9, anchor="ms")
    canvas.text((x - 8, y + 67.8), "76", pt=9, anchor="ms")
    canvas.text((_SIDE_X + 14, y + 76.8), "40", pt=9, anchor="ms")
    canvas.text((_SIDE_X + 13, y - 37.2), "26", pt=9, anchor="ms")
    canvas.turned((x - 56, y + 29), "58", degrees=90, pt=9)
    canvas.turned((x - 49.2, y + 52), "12", degrees=90, pt=9)
    canvas.turned((x + 52.2, 206), "40", degrees=90, pt=9)
    canvas.text((x + 32, y - 38.2), "dia. 28 H7", pt=9)
    canvas.text((148, 196), "6 holes dia. 3.8", pt=9)
    canvas.text((148, 201), "on pitch circle dia. 40", pt=9)
    canvas.text((148, 208), "All edges broken 0.5 x 45°", pt=9)
    canvas.text((148, 213), "Tolerances ±0.1", pt=9)


def _title(canvas: Canvas) -> None:
    right, bottom = _FRAME[2], _FRAME[3]
    rows = (
        ("Drawn", "I. Sandoval"),
        ("Checked", "R. Whitlock"),
        ("Date", "24 Feb 2026"),
        ("Material", "EN-GJL-250"),
    )
    for number, (label, value) in enumerate(rows):
        y = bottom - 30 + 9 * number
        canvas.text((right - 102.5, y), label, pt=7.5)
        canvas.text((right - 82.5, y), value, pt=7)
    canvas.text((right - 58, bottom - 25), "Bearing bracket", pt=16, is_bold=True)
    canvas.text((right - 58, bottom - 18), "Orrin Pump Works", pt=9.5)
    canvas.text((right - 59, bottom - 7.6), "No. 4417-02", pt=8)
    canvas.text((right - 59, bottom - 2.8), "Scale 1 : 1", pt=8)
    canvas.text((right - 102.5, bottom - 38), "Dimensions in millimetres", pt=7, ink=INK)
