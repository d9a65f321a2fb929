"""Edits that move pixels: each against a picture of letters, and against trigonometry."""

from __future__ import annotations

import math
from typing import Any

import pytest
from PIL import Image, ImageDraw

from flatbed.builtin.imaging.edits import Picture, apply_edit
from flatbed.errors import InvalidInputError, TooBigError

from .drawings import draw, letters

FLAG = ("##.", "#..", "...", "..#")
COLORS = ("rgb", "..y")


@pytest.mark.parametrize(
    ("op", "settings", "expected", "dpi"),
    [
        ("rotate", {"angle": 0}, ["##.", "#..", "...", "..#"], (300, 150)),
        ("rotate", {"angle": 90}, ["..##", "...#", "#..."], (150, 300)),
        ("rotate", {"angle": 180}, ["#..", "...", "..#", ".##"], (300, 150)),
        ("rotate", {"angle": 270}, ["...#", "#...", "##.."], (150, 300)),
        ("rotate", {"angle": -90.0}, ["...#", "#...", "##.."], (150, 300)),
        ("rotate", {"angle": 810}, ["..##", "...#", "#..."], (150, 300)),
        ("rotate", {"angle": -1e-30}, ["##.", "#..", "...", "..#"], (300, 150)),
        ("flip", {}, ["..#", "...", "#..", "##."], (300, 150)),
        ("mirror", {}, [".##", "..#", "...", "#.."], (300, 150)),
        ("crop", {"box": [0, 0, 3, 4]}, ["##.", "#..", "...", "..#"], (300, 150)),
        ("crop", {"box": [1, 0, 3, 1]}, ["#."], (300, 150)),
        ("crop", {"box": (2.0, 2, 3, 4)}, [".", "#"], (300, 150)),
        ("change-dpi", {"dpi": 72.5}, ["##.", "#..", "...", "..#"], (72.5, 72.5)),
        ("change-dpi", {"dpi": [100, 200]}, ["##.", "#..", "...", "..#"], (100, 200)),
    ],
    ids=lambda value: str(value) if isinstance(value, str | dict) else "",
)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_moving_pixels_gives_the_drawn_picture(
    mode: str, op: str, settings: dict[str, Any], expected: list[str], dpi: tuple[float, float]
) -> None:
    """Exactly, in the same mode, with the resolution that belongs to it."""
    result = apply_edit(draw(mode, *FLAG), op, settings)
    assert letters(result) == expected
    assert (result.image.mode, result.dpi) == (mode, dpi)


def test_rotate_of_colors_by_a_quarter_keeps_them() -> None:
    """Clockwise: the first row becomes the last column."""
    assert letters(apply_edit(draw("RGB", *COLORS), "rotate", {"angle": 90})) == [".r", ".g", "yb"]


def noise(mode: str) -> Picture:
    """A picture without any symmetry."""
    bands = [Image.effect_noise((37, 23), 90) for _ in range(3)]
    image = Image.merge("RGB", bands) if mode == "RGB" else bands[0].convert(mode)
    return Picture(image, (300, 150))


@pytest.mark.parametrize(
    "steps",
    [
        [("rotate", {"angle": 90})] * 4,
        [("rotate", {"angle": 180})] * 2,
        [("rotate", {"angle": 90}), ("rotate", {"angle": -90})],
        [("rotate", {"angle": 360})],
        [("flip", {})] * 2,
        [("mirror", {})] * 2,
        [("flip", {}), ("mirror", {}), ("rotate", {"angle": 180})],
        [("resize", {"width": 37})],
    ],
    ids=["four quarters", "two halves", "to and fro", "full", "flip", "mirror", "all", "same size"],
)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_edits_that_undo_each_other_give_the_same_bytes(
    mode: str, steps: list[tuple[str, dict[str, Any]]]
) -> None:
    """And the same resolution."""
    before = after = noise(mode)
    for op, settings in steps:
        after = apply_edit(after, op, settings)
    assert after.image.tobytes() == before.image.tobytes()
    assert (after.image.size, after.image.mode, after.dpi) == ((37, 23), mode, (300, 150))


def dark_pixels(picture: Picture) -> list[tuple[int, int]]:
    """Where an `L` page is rather black than white."""
    width, height = picture.image.size
    flat = picture.image.tobytes()
    return [(x, y) for y in range(height) for x in range(width) if flat[y * width + x] < 128]


@pytest.mark.parametrize("angle", [0.5, 7, 30, 45, 89, 91, 135, 200, -12.25, 300, 3600.5])
@pytest.mark.parametrize("corner", [(20, 30), (170, 30), (170, 110), (20, 110)], ids=str)
def test_rotate_puts_corners_where_trigonometry_says(corner: tuple[int, int], angle: float) -> None:
    """A square mark at each corner of a rectangle, clockwise around the middle, within a pixel."""
    image = Image.new("L", (200, 140), 255)
    ImageDraw.Draw(image).rectangle(
        (corner[0] - 5, corner[1] - 5, corner[0] + 4, corner[1] + 4), fill=0
    )
    result = apply_edit(Picture(image, (300, 300)), "rotate", {"angle": angle})
    dark = dark_pixels(result)
    assert len(dark) == pytest.approx(100, abs=8)
    turn, right, down = math.radians(angle), corner[0] - 100, corner[1] - 70
    expected_x = result.image.width / 2 + right * math.cos(turn) - down * math.sin(turn)
    expected_y = result.image.height / 2 + right * math.sin(turn) + down * math.cos(turn)
    assert abs(sum(x + 0.5 for x, _ in dark) / len(dark) - expected_x) < 1
    assert abs(sum(y + 0.5 for _, y in dark) / len(dark) - expected_y) < 1


@pytest.mark.parametrize(
    ("angle", "expected"),
    [(30, (37, 39)), (-30, (37, 39)), (150, (37, 39)), (45, (39, 39)), (60, (39, 37))],
)
@pytest.mark.parametrize(
    ("mode", "white", "dark"),
    [("1", 255, 0), ("L", 255, 0), ("RGB", (255, 255, 255), (0, 0, 0))],
    ids=["1", "L", "RGB"],
)
def test_rotate_grows_the_page_and_fills_with_white(
    mode: str, white: Any, dark: Any, angle: float, expected: tuple[int, int]
) -> None:
    """A black page of 25 x 30, as 25 cos 30 + 30 sin 30 = 36.65: what is new is white."""
    result = apply_edit(
        Picture(Image.new(mode, (25, 30), 0), (300, 300)), "rotate", {"angle": angle}
    )
    assert (result.image.mode, result.image.size) == (mode, expected)
    width, height = expected
    for corner in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]:
        assert result.image.getpixel(corner) == white
    assert result.image.getpixel((width // 2, height // 2)) == dark


def test_rotate_of_unequal_resolutions_turns_the_paper() -> None:
    """A stroke of an inch across at 60 dpi lies 45 degrees on paper, where down is 30 dpi."""
    image = Image.new("L", (100, 50), 255)
    ImageDraw.Draw(image).rectangle((20, 24, 79, 25), fill=0)
    result = apply_edit(Picture(image, (60, 30)), "rotate", {"angle": 45})
    dark = dark_pixels(result)
    assert result.dpi == (60.0, 30.0)
    # An inch on the diagonal is 0.707 inch each way: 42.4 px at 60 dpi, 21.2 px at 30 dpi.
    assert max(x for x, _ in dark) - min(x for x, _ in dark) == pytest.approx(44, abs=3)
    assert max(y for _, y in dark) - min(y for _, y in dark) == pytest.approx(22, abs=2)
    assert min(dark)[1] < max(dark)[1]


@pytest.mark.parametrize(
    ("settings", "size", "dpi"),
    [
        ({"width": 50}, (50, 20), (150, 75)),
        ({"height": 80}, (200, 80), (600, 300)),
        ({"width": 10, "height": 0}, (10, 4), (30, 15)),
        ({"width": 50, "height": 80}, (50, 80), (150, 300)),
        ({"width": 1}, (1, 1), (3, 3.75)),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_resize_keeps_the_size_of_the_paper(
    mode: str, settings: dict[str, int], size: tuple[int, int], dpi: tuple[float, float]
) -> None:
    """A page of 100 x 40 at 300 x 150 dpi; 0 keeps the shape."""
    page = Picture(Image.new(mode, (100, 40), 0), (300, 150))
    result = apply_edit(page, "resize", settings)
    assert (result.image.size, result.image.mode) == (size, mode)
    assert result.dpi == pytest.approx(dpi)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_resize_down_gives_the_drawn_picture(mode: str) -> None:
    """Large areas keep their tones and their places."""
    image = Image.new(mode, (60, 40), "white")
    image.paste("black", (0, 0, 20, 20))
    result = apply_edit(Picture(image, (300, 300)), "resize", {"width": 6})
    seen = [[result.image.convert("L").getpixel((x, y)) for x in (0, 4)] for y in (0, 3)]
    assert [[sample > 240 for sample in row] for row in seen] == [[False, True], [True, True]]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("op", "settings", "says"),
    [
        ("rotate", {}, "'rotate' needs a value for 'angle'"),
        ("rotate", {"angle": "90"}, "'angle' must be a number"),
        ("rotate", {"angle": True}, "'angle' must be a number"),
        ("rotate", {"angle": None}, "'angle' must be a number"),
        ("rotate", {"angle": math.nan}, "'angle' must be a number"),
        ("rotate", {"angle": math.inf}, "'angle' must be a number"),
        ("rotate", {"angle": 10**400}, "'angle' must be a number"),
        ("crop", {"box": [0, 0, 4, 4]}, "reaches beyond the page, which is 3 x 4 pixels"),
        ("crop", {"box": [0, 0, 3, 5]}, "reaches beyond the page"),
        ("crop", {"box": [-1, 0, 3, 4]}, "reaches beyond the page"),
        ("crop", {"box": [0, -1, 3, 4]}, "reaches beyond the page"),
        ("crop", {"box": [1, 0, 1, 4]}, "has no pixels"),
        ("crop", {"box": [2, 0, 1, 4]}, "has no pixels"),
        ("crop", {"box": [0, 3, 2, 3]}, "has no pixels"),
        ("crop", {"box": [0, 0, 3]}, "'box' must be"),
        ("crop", {"box": "0034"}, "'box' must be"),
        ("crop", {"box": 7}, "'box' must be"),
        ("crop", {"box": [0, 0, 2.5, 4]}, "'box.right' must be a whole number"),
        ("crop", {"box": [0, 0, None, 4]}, "'box.right' must be a number"),
        ("resize", {}, "0 x 0 pixels"),
        ("resize", {"width": 0, "height": 0}, "0 x 0 pixels"),
        ("resize", {"width": -5}, "'width' must be at least 0"),
        ("resize", {"height": 1.5}, "'height' must be a whole number"),
        ("resize", {"depth": 5}, "'resize' has no setting 'depth'. It has: height, width"),
        ("change-dpi", {"dpi": 0}, "'dpi' must be at least 1"),
        ("change-dpi", {"dpi": 70000}, "'dpi' must be at most 65535"),
        ("change-dpi", {"dpi": [300, 300, 300]}, "must be one number or two"),
        ("change-dpi", {"dpi": [300, "x"]}, "'dpi' must be a number"),
        ("flip", {"angle": 1}, "'flip' has no setting 'angle'. It has none"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_values_that_cannot_be_are_refused(op: str, settings: dict[str, Any], says: str) -> None:
    """In a sentence that names the value."""
    with pytest.raises(InvalidInputError, match=says.replace("[", r"\[")):
        apply_edit(draw("L", *FLAG), op, settings)


@pytest.mark.parametrize(
    ("op", "settings"),
    [
        ("resize", {"width": 10_001, "height": 10_000}),
        ("resize", {"width": 10**12}),
        ("rotate", {"angle": 45}),
    ],
    ids=["resize", "far too wide", "rotate"],
)
def test_a_result_beyond_the_limit_is_refused(op: str, settings: dict[str, Any]) -> None:
    """Before any memory is taken; a page of 20000 x 20 turned by 45 degrees is a large square."""
    page = Picture(Image.new("1", (20_000, 20)), (300, 300))
    with pytest.raises(TooBigError, match="too big to be edited; 100,000,000 are the most"):
        apply_edit(page, op, settings)
