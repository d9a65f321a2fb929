"""Edits that change tones: each against literal samples."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image, ImageDraw

from flatbed.builtin.imaging.edits import Picture, apply_edit
from flatbed.errors import InvalidInputError

from .drawings import draw, letters, samples


def row(mode: str, *values: Any) -> Picture:
    """A picture of one row."""
    image = Image.new(mode, (len(values), 1))
    for x, value in enumerate(values):
        image.putpixel((x, 0), value)
    return Picture(image, (300, 150))


@pytest.mark.parametrize(
    ("op", "settings", "before", "after"),
    [
        ("invert", {}, [0, 1, 100, 255], [255, 254, 155, 0]),
        ("brightness", {"value": 0}, [0, 1, 100, 255], [0, 1, 100, 255]),
        ("brightness", {"value": 200}, [0, 100, 204, 205, 255], [51, 151, 255, 255, 255]),
        ("brightness", {"value": -200}, [0, 51, 100, 255], [0, 0, 49, 204]),
        ("brightness", {"value": 1000}, [0, 255], [255, 255]),
        ("brightness", {"value": -1000}, [0, 255], [0, 0]),
        ("contrast", {"value": 0}, [0, 1, 100, 255], [0, 1, 100, 255]),
        ("contrast", {"value": 1000}, [0, 96, 100, 128, 150, 255], [0, 0, 16, 128, 216, 255]),
        ("contrast", {"value": -500}, [0, 100, 128, 228, 255], [64, 114, 128, 178, 192]),
        ("contrast", {"value": -1000}, [0, 128, 255], [128, 128, 128]),
        ("gamma", {"value": 1}, [0, 1, 100, 255], [0, 1, 100, 255]),
        ("gamma", {"value": 2}, [0, 64, 128, 255], [0, 128, 181, 255]),
        ("gamma", {"value": 0.5}, [0, 64, 128, 255], [0, 16, 64, 255]),
        ("gamma", {"value": 10}, [0, 1, 255], [0, 147, 255]),
        ("gamma", {"value": 0.1}, [0, 128, 255], [0, 0, 255]),
        ("grayscale", {}, [0, 77, 255], [0, 77, 255]),
    ],
    ids=lambda value: str(value) if isinstance(value, str | dict) else "",
)
def test_tones_of_gray_and_of_each_color(
    op: str, settings: dict[str, Any], before: list[int], after: list[int]
) -> None:
    """A gray page and a colour page of gray tones give the same."""
    gray = apply_edit(row("L", *before), op, settings)
    assert (gray.image.mode, gray.dpi, samples(gray)) == ("L", (300, 150), [after])
    color = apply_edit(row("RGB", *[(each,) * 3 for each in before]), op, settings)
    if op != "grayscale":
        assert samples(color) == [[(each,) * 3 for each in after]]


@pytest.mark.parametrize(
    ("op", "settings", "expected"),
    [
        ("invert", {}, [(245, 155, 5), (255, 0, 0)]),
        ("brightness", {"value": 200}, [(61, 151, 255), (51, 255, 255)]),
        ("contrast", {"value": -500}, [(69, 114, 189), (64, 192, 192)]),
    ],
)
def test_tones_of_colors(op: str, settings: dict[str, Any], expected: list[Any]) -> None:
    """Each of the three by itself."""
    result = apply_edit(row("RGB", (10, 100, 250), (0, 255, 255)), op, settings)
    assert (result.image.mode, samples(result)) == ("RGB", [expected])


def test_grayscale_takes_luma() -> None:
    """0.299 red, 0.587 green, 0.114 blue; the mode is `L`."""
    page = row("RGB", (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (10, 10, 10))
    result = apply_edit(page, "grayscale", {})
    assert (result.image.mode, result.dpi) == ("L", (300, 150))
    assert samples(result) == [[76, 150, 29, 255, 10]]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0, 0, 255, 255, 255]),
        ({"method": "fixed", "threshold": 128}, [0, 0, 255, 255, 255]),
        ({"threshold": 129}, [0, 0, 0, 255, 255]),
        ({"threshold": 0}, [255, 255, 255, 255, 255]),
        ({"threshold": 255}, [0, 0, 0, 0, 255]),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_black_white_fixed_makes_black_what_is_below(
    mode: str, settings: dict[str, Any], expected: list[int]
) -> None:
    """Without dither."""
    page = Picture(row("L", 0, 127, 128, 254, 255).image.convert(mode), (300, 150))
    result = apply_edit(page, "black-white", settings)
    assert (result.image.mode, result.dpi, samples(result)) == ("1", (300, 150), [expected])


def shaded(mode: str = "L") -> Picture:
    """Paper that falls from 230 to 80 across two inches, with strokes 60 darker, at 100 dpi."""
    image = Image.new("L", (200, 60))
    for x in range(200):
        paper = 230 - x * 3 // 4
        for y in range(60):
            image.putpixel((x, y), paper - 60 if 20 <= y < 23 and x % 20 < 12 else paper)
    return Picture(image.convert(mode), (100, 100))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_black_white_adaptive_finds_strokes_in_a_shadow(mode: str) -> None:
    """Every stroke and nothing else, where no one threshold could: 170 is ink here, paper there."""
    result = apply_edit(shaded(mode), "black-white", {"method": "adaptive", "threshold": 0})
    black = [
        (x, y) for y, line in enumerate(samples(result)) for x, one in enumerate(line) if not one
    ]
    assert black == [(x, y) for y in range(20, 23) for x in range(200) if x % 20 < 12]
    assert result.image.mode == "1"


@pytest.mark.parametrize(("threshold", "middle"), [(128, 0), (0, 255)])
def test_black_white_adaptive_keeps_large_areas_full(threshold: int, middle: int) -> None:
    """Half the threshold, 64, is ink wherever it is; at 0 only the edge of a large area shows."""
    image = Image.new("L", (200, 200), 240)
    image.paste(40, (50, 50, 150, 150))
    settings = {"method": "adaptive", "threshold": threshold}
    result = apply_edit(Picture(image, (100, 100)), "black-white", settings)
    points = [(100, 100), (51, 100), (48, 100), (10, 10)]
    assert [result.image.getpixel(point) for point in points] == [middle, 0, 255, 255]


def test_black_white_adaptive_is_calm_on_empty_paper() -> None:
    """Noise of a scanner gives no specks."""
    paper = Image.effect_noise((300, 300), 3).point([max(0, each + 80) for each in range(256)])
    result = apply_edit(Picture(paper, (300, 300)), "black-white", {"method": "adaptive"})
    assert result.image.getextrema() == (255, 255)


@pytest.mark.parametrize("method", ["fixed", "adaptive"])
def test_black_white_of_one_bit_stays(method: str) -> None:
    """It is what it would become."""
    result = apply_edit(draw("1", "#.#", ".##"), "black-white", {"method": method})
    assert letters(result) == ["#.#", ".##"]


def test_invert_of_one_bit_stays_one_bit() -> None:
    """Black for white."""
    result = apply_edit(draw("1", "#..", ".#."), "invert", {})
    assert (result.image.mode, letters(result)) == ("1", [".##", "#.#"])


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_invert_twice_gives_the_same_bytes(mode: str) -> None:
    """No sample is lost."""
    page = Picture(Image.linear_gradient("L").convert(mode), (300, 300))
    twice = apply_edit(apply_edit(page, "invert", {}), "invert", {})
    assert twice.image.tobytes() == page.image.tobytes()


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("1", None, ["####", "#..#", "####"]),
        ("1", [0, 0, 0], ["####", "####", "####"]),
        ("1", [255, 0, 0], ["####", "####", "####"]),
        ("1", [0, 255, 0], ["####", "#..#", "####"]),
        ("L", None, ["####", "#..#", "####"]),
        ("L", [200, 200, 200], ["####", "#--#", "####"]),
        ("RGB", None, ["####", "#..#", "####"]),
        ("RGB", (200, 100, 50), ["####", "#yy#", "####"]),
        ("RGB", [0.0, 255.0, 255.0], ["####", "#cc#", "####"]),
    ],
    ids=str,
)
def test_erase_fills_the_box(mode: str, color: list[int] | None, expected: list[str]) -> None:
    """Right and bottom are just outside; the colour becomes one of the page's mode."""
    settings = {"box": [1, 1, 3, 2]} | ({} if color is None else {"color": color})
    result = apply_edit(draw(mode, "####", "####", "####"), "erase", settings)
    assert (result.image.mode, result.dpi, letters(result)) == (mode, (300, 150), expected)


def test_erase_of_the_whole_page() -> None:
    """A box may be as large as the page."""
    assert letters(apply_edit(draw("L", "#+", "-#"), "erase", {"box": [0, 0, 2, 2]})) == [
        "..",
        "..",
    ]


@pytest.mark.parametrize("op", ["brightness", "contrast", "gamma"])
def test_tones_of_one_bit_are_refused(op: str) -> None:
    """One bit has none; the sentence says what to do."""
    with pytest.raises(InvalidInputError, match=f"no tones for '{op}'.*before 'black-white'"):
        apply_edit(draw("1", "#."), op, {"value": 1})


@pytest.mark.parametrize(
    ("op", "settings", "says"),
    [
        ("brightness", {}, "'brightness' needs a value for 'value'"),
        ("brightness", {"value": 1001}, "'value' must be at most 1000"),
        ("brightness", {"value": -1000.5}, "'value' must be at least -1000"),
        ("brightness", {"value": "5"}, "'value' must be a number"),
        ("contrast", {"value": 1001}, "'value' must be at most 1000"),
        ("contrast", {"value": float("nan")}, "'value' must be a number"),
        ("contrast", {"value": -2000}, "'value' must be at least -1000"),
        ("gamma", {"value": 0}, "'value' must be at least 0.1"),
        ("gamma", {"value": 10.01}, "'value' must be at most 10"),
        ("gamma", {"value": False}, "'value' must be a number"),
        ("black-white", {"method": "clever"}, "must be fixed or adaptive, not 'clever'"),
        ("black-white", {"method": ["fixed"]}, "must be fixed or adaptive"),
        ("black-white", {"threshold": 256}, "'threshold' must be at most 255"),
        ("black-white", {"threshold": -1}, "'threshold' must be at least 0"),
        ("black-white", {"threshold": 0.5}, "'threshold' must be a whole number"),
        ("invert", {"value": 1}, "'invert' has no setting 'value'"),
        ("erase", {}, "'erase' needs a value for 'box'"),
        ("erase", {"box": [0, 0, 3, 2]}, "reaches beyond the page, which is 2 x 2 pixels"),
        ("erase", {"box": [1, 1, 1, 2]}, "has no pixels"),
        ("erase", {"box": [0, 0, 1, 1], "color": [0, 0]}, "'color' must be"),
        ("erase", {"box": [0, 0, 1, 1], "color": "white"}, "'color' must be"),
        ("erase", {"box": [0, 0, 1, 1], "color": [0, 0, 256]}, "'color' must be at most 255"),
        ("erase", {"box": [0, 0, 1, 1], "color": [0, None, 0]}, "'color.green' must be a number"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_values_that_cannot_be_are_refused(op: str, settings: dict[str, Any], says: str) -> None:
    """In a sentence that names the value."""
    with pytest.raises(InvalidInputError, match=says):
        apply_edit(draw("L", "#.", ".."), op, settings)


def test_a_drawn_page_looks_right_after_all_of_them() -> None:
    """One after the other, as a person would: gray, more contrast, one bit, negative."""
    image = Image.new("RGB", (8, 8), (230, 225, 200))
    ImageDraw.Draw(image).line((1, 1, 6, 6), fill=(60, 60, 120))
    page = Picture(image, (300, 300))
    steps: list[tuple[str, dict[str, Any]]] = [
        ("grayscale", {}),
        ("contrast", {"value": 300}),
        ("black-white", {}),
        ("invert", {}),
    ]
    for op, settings in steps:
        page = apply_edit(page, op, settings)
    assert letters(page) == [
        "########",
        "#.######",
        "##.#####",
        "###.####",
        "####.###",
        "#####.##",
        "######.#",
        "########",
    ]
