"""Blank pages as scanners give them, and pages with the least there can be on them."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from flatbed.builtin.imaging.analysis.blank import is_blank
from flatbed.errors import InvalidInputError

from .drawn import DATA, noisy, text_page


def sheet(dpi: int, tone: int = 235) -> Image.Image:
    """Paper with noise and 150 specks of up to half a millimetre."""
    chance = random.Random(3)
    image = noisy(Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), tone), 4)
    pen = ImageDraw.Draw(image)
    for _ in range(150):
        x, y = chance.randrange(image.width), chance.randrange(image.height)
        size = chance.uniform(0.1, 0.5) * dpi / 25.4
        pen.ellipse((x, y, x + size, y + size), fill=chance.randrange(40, 180))
    return image


def _with(dpi: int, shape: str) -> Image.Image:
    image, mm = sheet(dpi), dpi / 25.4
    pen = ImageDraw.Draw(image)
    if shape == "holes":
        for y in (108, 188):
            pen.ellipse((10 * mm, y * mm, 16 * mm, (y + 6) * mm), fill=25)
    if shape == "dark edges":
        pen.rectangle((0, 0, 6 * mm, image.height), fill=10)
        left, right = image.width - 9 * mm, image.width
        pen.polygon([(left, 0), (right, 0), (right, 9e4), (left + 6 * mm, image.height)], fill=20)
    if shape == "folds":
        pen.line((0, 99 * mm, image.width, 100 * mm), fill=190, width=max(1, round(0.6 * mm)))
        pen.line((120 * mm, 0, 120 * mm, image.height), fill=120, width=max(1, round(0.2 * mm)))
    if shape == "other side":
        back = text_page(dpi).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        back = back.filter(ImageFilter.GaussianBlur(0.25 * mm)).resize(image.size)
        image = Image.blend(image, Image.composite(image, back, back), 0.08)
    if shape == "signature":
        curve = [
            ((80 + 0.9 * i) * mm, (220 + 7 * math.sin(0.9 * i) * math.cos(0.23 * i)) * mm)
            for i in range(50)
        ]
        pen.line(curve, fill=70, width=max(1, round(0.4 * mm)))
    if shape == "picture":
        pen.rectangle((20 * mm, 20 * mm, 190 * mm, 270 * mm), fill=60)
    return image


@pytest.mark.parametrize("dpi", [75, 150, 300])
@pytest.mark.parametrize("shape", ["specks", "holes", "dark edges", "folds", "other side"])
def test_a_page_with_only_traces_of_the_sheet_is_blank(shape: str, dpi: int) -> None:
    """Whatever the resolution."""
    assert is_blank(_with(dpi, shape), (dpi, dpi), {})


@pytest.mark.parametrize("dpi", [75, 150, 300])
@pytest.mark.parametrize("shape", ["signature", "picture"])
def test_a_page_with_a_drawing_is_not_blank(shape: str, dpi: int) -> None:
    """Even if that is all."""
    assert not is_blank(_with(dpi, shape), (dpi, dpi), {})


@pytest.mark.parametrize("dpi", [75, 150, 300])
@pytest.mark.parametrize(
    ("text", "points", "ink"),
    [("See overleaf.", 10, 30), ("3", 9, 40), ("12", 8, 40), ("call Anna", 14, 180)],
    ids=["line", "digit", "number", "pencil"],
)
def test_a_page_with_a_word_is_not_blank(text: str, points: int, ink: int, dpi: int) -> None:
    """One short line, a page number, a note in light pencil."""
    image = sheet(dpi)
    font = ImageFont.load_default(points * dpi / 72)
    ImageDraw.Draw(image).text((4 * dpi, 10 * dpi), text, fill=ink, font=font)
    assert not is_blank(image, (dpi, dpi), {})


@pytest.mark.parametrize("color", [(255, 255, 255), (240, 225, 160), (140, 140, 140)], ids=str)
def test_paper_of_any_light_color_is_blank(color: tuple[int, int, int]) -> None:
    """White, yellow, gray."""
    assert is_blank(Image.new("RGB", (827, 1169), color), (100, 100), {})


def test_a_black_page_is_not_blank() -> None:
    """No paper is as dark, and nobody knows what went wrong."""
    assert not is_blank(Image.new("1", (827, 1169), 0), (100, 100), {})


def test_real_scans_are_told_apart() -> None:
    """An empty glass with lint, and a printed page."""
    with Image.open(DATA / "empty.jpg") as empty, Image.open(DATA / "lucasta.jpg") as page:
        assert is_blank(empty, (100, 100), {"minBlockHeight": 0})
        assert not is_blank(page, (100, 100), {})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"minBlockHeight": 10}, False),
        ({"minBlockHeight": 40}, True),
        ({"maxBlockHeight": 10}, True),
        ({"minBlockHeight": 10, "maxBlockHeight": 40}, False),
    ],
    ids=str,
)
def test_block_heights_are_pixels_of_the_page(settings: dict[str, Any], *, expected: bool) -> None:
    """A mark 24 pixels high is a speck, ink or a border by what is asked."""
    image = Image.new("L", (1654, 2339), 255)
    ImageDraw.Draw(image).rectangle((800, 1000, 823, 1023), fill=0)
    assert is_blank(image, (200, 200), settings) is expected


@pytest.mark.parametrize("value", [-1, 2.5, "3", True], ids=repr)
def test_a_height_that_is_none_is_refused(value: object) -> None:
    """Only whole numbers from 0 on are heights."""
    with pytest.raises(InvalidInputError, match="minBlockHeight"):
        is_blank(Image.new("L", (9, 9)), (100, 100), {"minBlockHeight": value})
