"""Skew: drawn pages and a real one at known angles, and pages that have none."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageDraw

from flatbed.builtin.imaging.analysis.skew import find_skew
from flatbed.builtin.virtual.samples.scene import lake_at_dusk

from .drawn import DATA, noisy, text_page, turned

ANGLES = [-20, -13.7, -5, -1, -0.3, 0.2, 0.5, 2.2, 8, 15.3, 20]


def _bordered(image: Image.Image) -> Image.Image:
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, image.width // 25, image.height), fill=8)
    pen.rectangle((0, image.height * 97 // 100, image.width, image.height), fill=20)
    return image


def _table(image: Image.Image) -> Image.Image:
    pen = ImageDraw.Draw(image)
    for row in range(8):
        pen.line((150, 800 + 40 * row, 1000, 800 + 40 * row), fill=20, width=2)
    for column in (150, 500, 1000):
        pen.line((column, 800, column, 1080), fill=20, width=2)
    return image


@pytest.mark.parametrize("angle", ANGLES)
@pytest.mark.parametrize(
    ("page", "finish"),
    [
        (lambda: text_page(75), lambda image: image),
        (lambda: text_page(220), lambda image: image),
        (lambda: text_page(150, 3), lambda image: image),
        (lambda: _table(text_page(150, 4)), lambda image: image),
        (lambda: text_page(150, paper=225, ink=180), lambda image: noisy(image, 6)),
        (lambda: text_page(150), lambda image: noisy(image, 40)),
        (
            lambda: text_page(150),
            lambda image: noisy(image, 80).convert("1", dither=Image.Dither.NONE),
        ),
        (lambda: text_page(150), _bordered),
        (lambda: text_page(150).convert("RGB"), lambda image: image),
        (lambda: text_page(150).transpose(Image.Transpose.ROTATE_90), lambda image: image),
    ],
    ids=[
        "75dpi",
        "220dpi",
        "few-lines",
        "table",
        "pencil",
        "noise",
        "one-bit",
        "border",
        "color",
        "sideways",
    ],
)
def test_skew_of_a_drawn_page_is_the_angle_it_was_turned_by(
    page: Callable[[], Image.Image], finish: Callable[[Image.Image], Image.Image], angle: float
) -> None:
    """To 0.3 degrees, from 20 against the clock to 20 with it."""
    assert find_skew(finish(turned(page(), angle))) == pytest.approx(angle, abs=0.3)


@pytest.mark.parametrize("angle", [-19, -7, -0.5, 0, 0.5, 3, 12.5])
def test_skew_of_a_real_page_is_the_angle_it_was_turned_by(angle: float) -> None:
    """Its own is 0.0, measured by hand as the data's README says."""
    with Image.open(DATA / "lucasta.jpg") as page:
        assert find_skew(turned(page, angle)) == pytest.approx(angle, abs=0.3)


def test_text_turned_on_a_black_bed_counts_not_the_bed() -> None:
    """The corners of the bed are solid, so they are no lines."""
    assert find_skew(turned(text_page(150, 8), -6, fill=10)) == pytest.approx(-6, abs=0.3)


@pytest.mark.parametrize(
    "image",
    [
        Image.new("L", (1, 1), 0),
        Image.new("1", (1240, 1754), 255),
        Image.new("L", (1240, 1754), 0),
        noisy(Image.new("L", (1240, 1754), 235), 20),
        noisy(Image.new("L", (1240, 1754), 200), 20).convert("1"),
        lake_at_dusk(),
        turned(lake_at_dusk().convert("L"), 4).crop((120, 120, 960, 600)),
        Image.open(DATA / "empty.jpg"),
    ],
    ids=["pixel", "white", "black", "noise", "dither", "photo", "turned-photo", "empty-glass"],
)
def test_skew_is_never_invented(image: Image.Image) -> None:
    """Exactly zero where no lines of text are."""
    assert find_skew(image) == 0.0


def test_skew_beyond_what_is_believed_is_none() -> None:
    """A page turned by 30 degrees was laid so, and a sixth of it is no answer."""
    assert find_skew(turned(text_page(150), 30)) == 0.0


def test_skew_is_on_paper_where_resolutions_differ() -> None:
    """At 300 x 150 dpi, pixels are half as wide as high."""
    page = turned(text_page(300), 5)
    squeezed = page.resize((page.width, page.height // 2))
    assert find_skew(squeezed, dpi=(300, 150)) == pytest.approx(5, abs=0.3)
