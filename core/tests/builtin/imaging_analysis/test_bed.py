"""Sheets and photos on dark and light beds, and pages that show no bed."""

from __future__ import annotations

import math

import pytest
from PIL import Image, ImageDraw

from flatbed.builtin.imaging.analysis.bed import find_photos, find_sheet
from flatbed.builtin.imaging.analysis.split import split_photos
from flatbed.builtin.imaging.edits import Picture, apply_edit
from flatbed.builtin.virtual.samples.scene import lake_at_dusk
from flatbed.errors import InvalidInputError

from .drawn import DATA, corners, lay, noisy, text_page

PHOTOS = [
    ((330, 330), (500, 333), 5.0),
    ((900, 360), (420, 600), -12.0),
    ((285, 1000), (450, 300), 28.0),
    ((880, 1250), (540, 720), -3.0),
    ((300, 1500), (400, 270), 0.0),
]


def bed_with_sheet(tone: int, paper: int, angle: float) -> Image.Image:
    """A sheet of 878 x 1240 pixels in the middle of a noisy bed of 1275 x 1755."""
    bed = Image.new("RGB", (1275, 1755), (tone,) * 3)
    sheet = text_page(150, 20, paper=paper).crop((0, 0, 878, 1240))
    lay(bed, sheet, (640, 800), angle)
    return Image.merge("RGB", [noisy(band, 1.5) for band in bed.split()])


def bed_with_photos(tone: int) -> Image.Image:
    """Five photos on a noisy bed."""
    bed = Image.new("RGB", (1275, 1755), (tone,) * 3)
    for middle, size, angle in PHOTOS:
        lay(bed, lake_at_dusk().resize(size), middle, angle)
    return Image.merge("RGB", [noisy(band, 3) for band in bed.split()])


@pytest.mark.parametrize("angle", [0, 1.3, -7, 19, -33])
@pytest.mark.parametrize(
    ("tone", "paper"), [(15, 245), (90, 245), (250, 238)], ids=["black", "gray", "white"]
)
def test_find_sheet_gives_the_corners(tone: int, paper: int, angle: float) -> None:
    """To 5 pixels of 1755, clockwise from the sheet's own top left."""
    found = find_sheet(bed_with_sheet(tone, paper, angle))
    assert found is not None
    expected = corners((640, 800), (878, 1240), angle)
    assert max(map(math.dist, found, expected)) < 5


def test_find_sheet_takes_a_white_sheet_by_its_shadow() -> None:
    """As white as the lid, a gray line around it tells."""
    bed = Image.new("L", (1275, 1755), 246)
    bed.paste(text_page(150, 20, paper=246).crop((0, 0, 878, 1240)), (200, 180))
    ImageDraw.Draw(bed).rectangle((199, 179, 1079, 1421), outline=195, width=3)
    found = find_sheet(bed)
    assert found is not None
    assert max(map(math.dist, found, corners((639, 800), (880, 1242), 0))) < 6


@pytest.mark.parametrize("tone", [15, 250])
def test_find_sheet_in_the_corner_of_the_bed(tone: int) -> None:
    """As sheets are laid; two of its sides are the bed's."""
    bed = Image.new("L", (1275, 1755), tone)
    bed.paste(text_page(150, 20, paper=238).crop((0, 0, 870, 1245)), (0, 0))
    found = find_sheet(bed)
    assert found is not None
    assert max(map(math.dist, found, corners((435, 622), (870, 1245), 0))) < 5


def _framed() -> Image.Image:
    page = text_page(150, 0)
    ImageDraw.Draw(page).rectangle((100, 100, 1100, 1600), outline=20, width=4)
    return page


def _with_caption() -> Image.Image:
    page = Image.new("L", (1240, 1754), 255)
    page.paste(text_page(150, 3).crop((0, 100, 1240, 300)), (0, 1400))
    page.paste(lake_at_dusk().convert("L").resize((900, 600)), (170, 300))
    return page


@pytest.mark.parametrize(
    "page",
    [
        text_page(150),
        _framed(),
        _with_caption(),
        noisy(Image.new("L", (1240, 1754), 12), 3),
        noisy(Image.new("L", (1240, 1754), 250), 3),
        lake_at_dusk(),
        Image.new("1", (1, 1)),
        Image.open(DATA / "lucasta.jpg"),
        Image.open(DATA / "empty.jpg"),
    ],
    ids=[
        "text",
        "frame",
        "caption",
        "dark-bed",
        "white-bed",
        "photo",
        "pixel",
        "book",
        "empty-glass",
    ],
)
def test_auto_crop_leaves_a_page_without_a_bed_as_it_is(page: Image.Image) -> None:
    """The very same image."""
    picture = Picture(page, (150, 150))
    assert apply_edit(picture, "auto-crop", {}).image is page


@pytest.mark.parametrize("tone", [12, 250])
def test_find_photos_gives_each_in_reading_order(tone: int) -> None:
    """Five, turned by up to 28 degrees, their corners to 6 pixels."""
    found = find_photos(bed_with_photos(tone))
    assert len(found) == 5
    for each, (middle, size, angle) in zip(found, PHOTOS, strict=True):
        assert max(map(math.dist, each, corners(middle, size, angle))) < 6


def test_split_photos_cuts_them_out_straight() -> None:
    """Each in its own size and the page's resolution, no bed along its sides."""
    pages = split_photos(Picture(bed_with_photos(250), (150, 150)), {})
    sizes = [page.image.size for page in pages]
    for size, (_, expected, _) in zip(sizes, PHOTOS, strict=True):
        assert math.dist(size, expected) < 6
    assert {page.dpi for page in pages} == {(150, 150)}
    middle = pages[3].image.getpixel((4, 360))
    assert isinstance(middle, tuple)
    assert min(middle) < 200


@pytest.mark.parametrize(
    ("bed", "count"),
    [
        (bed_with_sheet(15, 245, 3), 1),
        (bed_with_sheet(250, 238, 3), 1),
        (noisy(Image.new("L", (1240, 1754), 12), 3), 0),
        (noisy(Image.new("L", (1240, 1754), 250), 3), 0),
        (text_page(150), 0),
    ],
    ids=["sheet on black", "sheet on white", "empty black", "empty white", "text"],
)
def test_split_photos_of_other_beds(bed: Image.Image, count: int) -> None:
    """A sheet gives one, nothing gives none."""
    assert len(split_photos(Picture(bed, (150, 150)), {})) == count


def test_split_photos_stops_at_the_most_asked_for() -> None:
    """And refuses what is no number of pages."""
    picture = Picture(bed_with_photos(250), (150, 150))
    assert len(split_photos(picture, {"most": 2})) == 2
    with pytest.raises(InvalidInputError, match="most"):
        split_photos(picture, {"most": 0})
