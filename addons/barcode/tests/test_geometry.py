"""Corners, boxes and their order."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from flatbed.errors import InvalidInputError
from flatbed_barcode.geometry import box_of, overlap, rectangle_around, side_lengths
from flatbed_barcode.view import view_of


@given(st.floats(-40, 40), st.integers(0, 3), st.tuples(st.floats(150, 400), st.floats(20, 120)))
def test_rectangle_around_points_is_the_one_that_was_drawn(
    degrees: float, quarters: int, size: tuple[float, float]
) -> None:
    """Its sides, and the corner where the symbol begins, for any turn."""
    angle = math.radians(degrees) + quarters * math.pi / 2
    along, across = math.cos(angle), math.sin(angle)
    drawn = [
        (500 + x * along - y * across, 500 + x * across + y * along)
        for x, y in ((0, 0), (size[0], 0), (size[0], size[1]), (0, size[1]))
    ]
    inside = [((drawn[0][0] + drawn[2][0]) / 2, (drawn[0][1] + drawn[2][1]) / 2)]
    found = rectangle_around([drawn[2], *inside, drawn[0], drawn[3], drawn[1]], quarters)
    assert sorted(side_lengths(found)) == pytest.approx(sorted(size), abs=0.01)
    assert box_of(found) == pytest.approx(box_of(drawn), abs=0.01)


def test_rectangle_around_one_point_and_one_line_is_flat() -> None:
    """A code that one scan line met."""
    assert list(rectangle_around([(5.0, 6.0)], 0)) == [(5.0, 6.0)] * 4
    assert box_of(rectangle_around([(5.0, 6.0), (25.0, 6.0)], 2)) == (5.0, 6.0, 25.0, 6.0)


def test_overlap_is_the_share_of_the_smaller_box() -> None:
    """0 for boxes apart, 1 for one within the other."""
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == 0.5
    assert overlap((0, 0, 10, 10), (2, 2, 4, 4)) == 1
    assert overlap((0, 0, 10, 10), (20, 0, 30, 10)) == 0


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_view_of_a_region_lies_where_it_was_cut(mode: str) -> None:
    """Page pixels again, also where the view was made smaller."""
    view = view_of(Image.new(mode, (400, 300)), (300, 300), [100, 50, 1000, 1000], most_px=10_000)
    assert view.image.mode == "L"
    assert list(view.image.size) == [100, 84]
    assert list(view.dpi) == [100, 100]
    corners = view.on_page(((0, 0), (100, 0), (100, 84), (0, 84)))
    assert list(corners[0]) == [100, 50]
    assert list(corners[2]) == [400, 302]


@pytest.mark.parametrize("region", [[1, 2, 3], [10, 10, 10, 20], [500, 0, 600, 10], [5, 9, 2, 12]])
def test_region_without_pixels_is_an_error(region: list[int]) -> None:
    """Three numbers, no width, beyond the page, turned around."""
    with pytest.raises(InvalidInputError, match="region"):
        view_of(Image.new("L", (400, 300)), (300, 300), region)
