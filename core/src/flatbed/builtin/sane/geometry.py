"""The area to scan: a device's corners in millimetres, whichever unit it counts in."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from flatbed.addon.types import Range
from flatbed.builtin.sane.options import Option, OptionSet, limits_of, nearest, put
from flatbed.errors import UnsupportedSettingError

MM_PER_INCH = 25.4
_SLACK_MM = 0.5
"""A page that is this much larger than the scanner is no news: A4 on a bed of 209.9 mm."""

Area: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True)
class _Axis:
    """The options of one direction: the near and the far edge, and the paper's size."""

    near: str
    far: str
    paper: str


_AXES = (_Axis("tl-x", "br-x", "page-width"), _Axis("tl-y", "br-y", "page-height"))
HANDLED = tuple(name for axis in _AXES for name in (axis.near, axis.far, axis.paper))
"""Options that `ScanSettings.area_mm` stands for."""


def read_largest_mm(options: OptionSet, dpi: tuple[float, float]) -> tuple[float, float] | None:
    """(width, height) of the largest area of the present source in millimetres, if it is known.

    Args:
        options: Of a device whose source and resolution are chosen.
        dpi: That resolution, for devices that count in pixels.
    """
    lengths = []
    for axis, axis_dpi in zip(_AXES, dpi, strict=True):
        # Where the paper's size can be told, the edges reach no further than what it is now.
        edge = options.find(axis.paper) or options.find(axis.far)
        limits = limits_of(edge) if edge else None
        if edge is None or limits is None:
            return None
        lengths.append(round(limits[1] * _mm_per_unit(edge, axis_dpi), 2))
    return lengths[0], lengths[1]


def choose_area(
    options: OptionSet,
    area_mm: Area | None,
    dpi: tuple[float, float],
    *,
    warn: Callable[[str], None],
) -> None:
    """Choose the area, or what of it the device reaches; `None` is all that it reaches.

    Raises:
        UnsupportedSettingError: If the device reaches nothing of it.
    """
    if any(options.find(axis.near) is None or options.find(axis.far) is None for axis in _AXES):
        if area_mm is not None:
            warn("The scanner does not let an area be chosen; it scans all that it reaches.")
        return
    left, top, width, height = area_mm or (0.0, 0.0, math.inf, math.inf)
    is_whole = [
        _choose_span(options, _AXES[0], (left, left + width), dpi[0]),
        _choose_span(options, _AXES[1], (top, top + height), dpi[1]),
    ]
    if area_mm is not None and not all(is_whole):
        warn("The area is larger than the scanner's; the page was cut to fit.")


def _choose_span(options: OptionSet, axis: _Axis, span_mm: tuple[float, float], dpi: float) -> bool:
    """Set one direction from start to end; returns whether the device reaches all of it."""
    start, end = span_mm
    # The paper's size bounds the edges, so it comes first. The far edge is moved out of the way
    # of the near one, because some backends exchange the two when they cross.
    _place(options, axis.paper, end, dpi)
    _place(options, axis.far, math.inf, dpi)
    if not _place(options, axis.near, start, dpi):
        raise UnsupportedSettingError(
            "The area begins beyond what the scanner reaches. Choose one nearer to its corner."
        )
    return _place(options, axis.far, end, dpi)


def _place(options: OptionSet, name: str, target_mm: float, dpi: float) -> bool:
    """Put an edge as near to a place as the device can; returns whether it got there."""
    option = options.find(name)
    if option is None or (limits_of(option) is None and math.isinf(target_mm)):
        return True
    scale = _mm_per_unit(option, dpi)
    wanted = nearest(option, target_mm / scale)
    put(options, option, wanted)
    return abs(wanted * scale - target_mm) <= _SLACK_MM + _step_mm(option, scale)


def _step_mm(option: Option, scale: float) -> float:
    return option.choices.step * scale if isinstance(option.choices, Range) else scale


def _mm_per_unit(option: Option, dpi: float) -> float:
    return MM_PER_INCH / dpi if option.unit == "px" else 1.0
