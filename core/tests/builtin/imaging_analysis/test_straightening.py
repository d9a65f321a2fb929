"""The edits `deskew` and `auto-crop`: what they make of pages, and what they leave."""

from __future__ import annotations

import pytest
from PIL import Image

from flatbed.builtin.imaging.analysis.skew import find_skew
from flatbed.builtin.imaging.edits import Picture, apply_edit
from flatbed.errors import InvalidInputError

from .drawn import text_page, turned
from .test_bed import bed_with_sheet


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("angle", [-12.0, 4.0])
def test_deskew_turns_text_straight_and_keeps_the_size(mode: str, angle: float) -> None:
    """In the page's own mode, with white where nothing was."""
    page = turned(text_page(150), angle).convert(mode, dither=Image.Dither.NONE)
    result = apply_edit(Picture(page, (150, 150)), "deskew", {})
    assert (result.image.size, result.image.mode, result.dpi) == ((1240, 1754), mode, (150, 150))
    assert find_skew(result.image) == pytest.approx(0, abs=0.2)
    assert result.image.getpixel((0, 0)) == ((255,) * 3 if mode == "RGB" else 255)


def test_deskew_that_grows_holds_the_corners() -> None:
    """As wide and high as `rotate` makes it."""
    page = Picture(turned(text_page(100), 10), (100, 100))
    grown = apply_edit(page, "deskew", {"size": "grow"}).image
    assert grown.width == pytest.approx(1018, abs=6)
    assert grown.height == pytest.approx(1295, abs=6)
    assert find_skew(grown) == pytest.approx(0, abs=0.2)


def test_deskew_of_resolutions_that_differ_turns_the_paper() -> None:
    """Pixels of 300 x 150 dpi are half as wide as high."""
    page = turned(text_page(300), 5)
    squeezed = Picture(page.resize((page.width, page.height // 2)), (300, 150))
    result = apply_edit(squeezed, "deskew", {})
    assert find_skew(result.image, dpi=(300, 150)) == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("page", [text_page(100), text_page(100, 0)], ids=["straight", "blank"])
def test_deskew_leaves_a_page_without_skew_as_it_is(page: Image.Image) -> None:
    """The very same image."""
    assert apply_edit(Picture(page, (100, 100)), "deskew", {}).image is page


def test_auto_crop_cuts_a_turned_sheet_out_straight() -> None:
    """Its own size, its text level, no bed at its corners."""
    result = apply_edit(Picture(bed_with_sheet(15, 245, -7), (150, 150)), "auto-crop", {})
    assert result.image.width == pytest.approx(878, abs=5)
    assert result.image.height == pytest.approx(1240, abs=5)
    assert find_skew(result.image) == pytest.approx(0, abs=0.2)
    corner = result.image.getpixel((3, 3))
    assert isinstance(corner, tuple)
    assert min(corner) > 200


def test_auto_crop_without_straightening_keeps_the_samples() -> None:
    """The upright box around a turned sheet, cut and not resampled."""
    bed = bed_with_sheet(15, 245, -7)
    result = apply_edit(Picture(bed, (150, 150)), "auto-crop", {"straighten": False})
    assert result.image.width == pytest.approx(1023, abs=6)
    assert result.image.height == pytest.approx(1338, abs=6)
    found = result.image.crop((500, 600, 560, 660)).tobytes()
    left, top = 640 - result.image.width // 2, 800 - result.image.height // 2
    shifts = [(x, y) for x in range(-4, 5) for y in range(-4, 5)]
    places = [(left + 500 + x, top + 600 + y) for x, y in shifts]
    assert found in [bed.crop((x, y, x + 60, y + 60)).tobytes() for x, y in places]


@pytest.mark.parametrize(
    ("op", "settings"),
    [("deskew", {"size": "half"}), ("deskew", {"size": []}), ("auto-crop", {"straighten": 1})],
    ids=str,
)
def test_settings_that_are_none_are_refused(op: str, settings: dict[str, object]) -> None:
    """Before any look at the page."""
    with pytest.raises(InvalidInputError):
        apply_edit(Picture(Image.new("L", (9, 9)), (100, 100)), op, settings)
