"""Tests of areas, on devices that nobody has here."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.addon import Range
from flatbed.builtin.sane.geometry import choose_area, read_largest_mm
from flatbed.errors import UnsupportedSettingError

from .sane_bench import ImaginaryOptions


def _edge(value: float, maximum: float, unit: str = "mm", step: float = 0) -> tuple[Any, ...]:
    return (value, Range(minimum=0, maximum=maximum, step=step), unit)


BED = {
    "tl-x": _edge(0.0, 209.9),
    "tl-y": _edge(0.0, 297.0),
    "br-x": _edge(100.0, 209.9),
    "br-y": _edge(100.0, 297.0),
}
PIXELS = {
    "tl-x": _edge(0, 2550, "px", 1),
    "tl-y": _edge(0, 3300, "px", 1),
    "br-x": _edge(2550, 2550, "px", 1),
    "br-y": _edge(3300, 3300, "px", 1),
}
PAPER = BED | {"page-width": _edge(209.9, 215.9), "page-height": _edge(297.0, 355.6)}


def ignore(_: str) -> None:
    """The warning is not what the test is about."""


@pytest.mark.parametrize(
    ("device", "largest"),
    [
        pytest.param(BED, (209.9, 297.0), id="mm"),
        pytest.param(PIXELS, (215.9, 279.4), id="px-at-300-dpi"),
        pytest.param(PAPER, (215.9, 355.6), id="paper"),
        pytest.param({}, None, id="unknown"),
        pytest.param(BED | {"br-y": (100.0, None, "mm")}, None, id="no-limit"),
    ],
)
def test_largest_area_is_that_of(device: dict[str, Any], largest: Any) -> None:
    """In millimetres, whatever the device counts in."""
    assert read_largest_mm(ImaginaryOptions(device), (300.0, 300.0)) == largest


def _values(options: Any) -> list[float]:
    return [round(options.read(name), 2) for name in ("tl-x", "tl-y", "br-x", "br-y")]


@pytest.mark.parametrize(
    ("device", "area", "values"),
    [
        pytest.param(BED, (10, 20, 50, 60), [10, 20, 60, 80], id="mm"),
        pytest.param(BED, None, [0, 0, 209.9, 297], id="whole"),
        pytest.param(BED, (0, 0, 210, 297), [0, 0, 209.9, 297], id="a4-on-a-bit-less"),
        pytest.param(BED, (150, 150, 40, 40), [150, 150, 190, 190], id="beyond-the-old-edge"),
        pytest.param(PIXELS, (25.4, 50.8, 25.4, 25.4), [300, 600, 600, 900], id="px"),
    ],
)
def test_choose_area_sets(device: dict[str, Any], area: Any, values: Any) -> None:
    """Edges in the unit of the device."""
    options = ImaginaryOptions(device)
    said: list[str] = []

    choose_area(options, area, (300.0, 300.0), warn=said.append)

    assert (_values(options), said) == (values, [])


def test_choose_area_beyond_the_bed_is_cut_and_said() -> None:
    """A part of the area is better than none of the page."""
    options = ImaginaryOptions(BED)
    said: list[str] = []

    choose_area(options, (100, 0, 120, 100), (300.0, 300.0), warn=said.append)

    assert _values(options) == [100, 0, 209.9, 100]
    assert said == ["The area is larger than the scanner's; the page was cut to fit."]


def test_choose_area_outside_of_the_bed_is_refused() -> None:
    """Nothing of the page would be left."""
    with pytest.raises(UnsupportedSettingError, match="begins beyond"):
        choose_area(ImaginaryOptions(BED), (250, 0, 20, 20), (300.0, 300.0), warn=ignore)


def test_choose_area_keeps_the_order_of_edges() -> None:
    """Paper first, then the near edge, which the far one has made room for, then the far one."""
    options = ImaginaryOptions(PAPER)

    choose_area(options, (120, 5, 50, 60), (300.0, 300.0), warn=ignore)

    assert options.written == [
        ("page-width", 170.0),
        ("br-x", 209.9),
        ("tl-x", 120.0),
        ("br-x", 170.0),
        ("page-height", 65.0),
        ("br-y", 297.0),
        ("tl-y", 5.0),
        ("br-y", 65.0),
    ]


@pytest.mark.parametrize(
    ("area", "warnings"),
    [
        pytest.param(None, [], id="whole"),
        pytest.param(
            (0, 0, 10, 10),
            ["The scanner does not let an area be chosen; it scans all that it reaches."],
            id="part",
        ),
    ],
)
def test_choose_area_without_edges_is_said(area: Any, warnings: list[str]) -> None:
    """Who wants the whole area gets it."""
    said: list[str] = []

    choose_area(ImaginaryOptions({}), area, (300.0, 300.0), warn=said.append)

    assert said == warnings
