"""Edits that clean: specks go and strokes stay, paper becomes white and ink keeps its tone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from PIL import Image, ImageDraw

from flatbed.builtin.imaging.edits import Picture, apply_edit
from flatbed.errors import InvalidInputError

from .drawings import draw, letters

DIRTY = (
    "..................",
    "..#.......#.......",
    "................##",
    "..#.............##",
    "..#...............",
    "..#...............",
    "..#...............",
    "..#......#.#......",
    ".........###......",
    ".........###......",
    "..................",
    ".................#",
)


@pytest.mark.parametrize(
    ("size_px", "expected"),
    [
        (
            1,
            [
                "..................",
                "..#...............",
                "................##",
                "..#.............##",
                "..#...............",
                "..#...............",
                "..#...............",
                "..#......#.#......",
                ".........###......",
                ".........###......",
                "..................",
                "..................",
            ],
        ),
        (
            2,
            [
                "..................",
                "..#...............",
                "..................",
                "..#...............",
                "..#...............",
                "..#...............",
                "..#...............",
                "..#......#.#......",
                ".........###......",
                ".........###......",
                "..................",
                "..................",
            ],
        ),
        (
            3,
            [
                "..................",
                "..#...............",
                "..................",
                "..#...............",
                "..#...............",
                "..#...............",
                "..#...............",
                "..#...............",
                "..................",
                "..................",
                "..................",
                "..................",
            ],
        ),
    ],
    ids=["1 px", "2 px", "3 px"],
)
def test_despeckle_of_one_bit_removes_what_fits_and_nothing_else(
    size_px: int, expected: list[str]
) -> None:
    """A stroke one pixel wide stays whole and keeps its dot; specks at the edges go too."""
    result = apply_edit(draw("1", *DIRTY), "despeckle", {"size_px": size_px})
    assert (result.image.mode, result.dpi) == ("1", (300, 150))
    assert letters(result) == expected


def written(mode: str, specks: Sequence[tuple[int, int, int]] = ()) -> Picture:
    """Thin and thick strokes on gray paper, with dark squares of (left, top, size) in between."""
    image = Image.new("RGB", (200, 160), (226, 224, 210))
    pen = ImageDraw.Draw(image)
    for y in (20, 60, 100, 140):
        pen.line((20, y, 180, y - 10), fill=(70, 60, 80))
        pen.line((30, y - 8, 40, y + 12), fill=(30, 30, 60), width=4)
    for left, top, size in specks:
        pen.rectangle((left, top, left + size - 1, top + size - 1), fill=(40, 40, 40))
    return Picture(image.convert(mode), (200, 200))


SPECKS = [(100, 30, 1), (120, 75, 2), (197, 157, 3), (0, 0, 2), (150, 115, 3)]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_despeckle_gives_the_page_as_it_was_before_the_specks(mode: str) -> None:
    """Byte for byte on even paper: specks take its tone, and no stroke is thinner."""
    result = apply_edit(written(mode, SPECKS), "despeckle", {})
    assert result.image.tobytes() == written(mode).image.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_despeckle_leaves_a_clean_page_alone(mode: str) -> None:
    """A full stop of 5 pixels is larger than a speck."""
    page = written(mode, [(100, 30, 5)])
    result = apply_edit(page, "despeckle", {})
    if mode == "1":
        assert result.image.getpixel((102, 32)) == 0
    else:
        assert result.image.tobytes() == page.image.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_despeckle_keeps_a_large_dark_area_full(mode: str) -> None:
    """Its middle is no darker than what is around it, and still no paper."""
    image = Image.new("L", (200, 200), 230)
    image.paste(30, (40, 40, 160, 160))
    page = Picture(image.convert(mode), (200, 200))
    assert apply_edit(page, "despeckle", {}).image.tobytes() == page.image.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_clean_background_makes_paper_white_and_keeps_ink(mode: str) -> None:
    """Yellowish paper becomes white; the strokes keep their samples."""
    page = written(mode)
    result = apply_edit(page, "clean-background", {})
    assert (result.image.mode, result.dpi) == (mode, (200, 200))
    gray, before = result.image.convert("L"), page.image.convert("L")
    for sample, old in zip(gray.tobytes(), before.tobytes(), strict=True):
        assert sample == (255 if old > 200 else old)


def test_clean_background_takes_a_shadow_away() -> None:
    """Paper that falls from 240 to 160 over the page is white everywhere."""
    image = Image.new("L", (200, 100))
    for x in range(200):
        image.paste(240 - x * 80 // 199, (x, 0, x + 1, 100))
    result = apply_edit(Picture(image, (100, 100)), "clean-background", {"strength": 50})
    assert result.image.getextrema() == (255, 255)


def test_clean_background_keeps_a_large_dark_area() -> None:
    """It is its own surroundings, but far too dark for paper."""
    image = Image.new("L", (200, 200), 230)
    image.paste(60, (20, 20, 180, 180))
    result = apply_edit(Picture(image, (100, 100)), "clean-background", {"strength": 100})
    assert [result.image.getpixel(point) for point in [(100, 100), (5, 5)]] == [60, 255]


@pytest.mark.parametrize(
    ("strength", "expected"), [(0, [230, 200, 100]), (20, [255, 200, 100]), (60, [255, 255, 100])]
)
def test_clean_background_takes_more_for_paper_when_stronger(
    strength: int, expected: list[int]
) -> None:
    """A pale stain of 30 below its paper, and a dark one of 130 below."""
    image = Image.new("L", (200, 200), 230)
    image.paste(200, (50, 50, 60, 60))
    image.paste(100, (120, 120, 130, 130))
    result = apply_edit(Picture(image, (200, 200)), "clean-background", {"strength": strength})
    points = [(10, 10), (55, 55), (125, 125)]
    assert [result.image.getpixel(point) for point in points] == expected


def test_clean_background_of_one_bit_stays() -> None:
    """Its paper is white."""
    assert letters(apply_edit(draw("1", *DIRTY), "clean-background", {})) == list(DIRTY)


@pytest.mark.parametrize(
    ("op", "settings", "says"),
    [
        ("despeckle", {"size_px": 0}, "'size_px' must be at least 1"),
        ("despeckle", {"size_px": 11}, "'size_px' must be at most 10"),
        ("despeckle", {"size_px": 1.5}, "'size_px' must be a whole number"),
        ("clean-background", {"strength": -1}, "'strength' must be at least 0"),
        ("clean-background", {"strength": 101}, "'strength' must be at most 100"),
        ("clean-background", {"strength": "full"}, "'strength' must be a number"),
    ],
    ids=str,
)
def test_values_that_cannot_be_are_refused(op: str, settings: dict[str, Any], says: str) -> None:
    """In a sentence that names the value."""
    with pytest.raises(InvalidInputError, match=says):
        apply_edit(draw("L", "#.", ".."), op, settings)
