"""Patch codes: found and told apart wherever they are, and nowhere else."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageDraw

from flatbed_barcode import formats, patch
from flatbed_barcode.passes import read_view
from flatbed_barcode.patch_lines import TYPES
from flatbed_barcode.view import View, view_of

from . import drawn


def texts(image: Image.Image, dpi: float) -> list[str]:
    """The types that are found on a page."""
    return [each.text for each in patch.find(view_of(image, (dpi, dpi)))]


def test_types_are_those_of_the_specification() -> None:
    """The edges of type T and 1 as A-61599 has them, in hundredths of an inch."""
    edges = {"T": [8, 16, 36, 44, 52, 60, 80], "1": [20, 28, 48, 56, 64, 72, 80]}
    for kind, ends in edges.items():
        bars = next(bars for bars, name in TYPES.items() if name == kind)
        at, found = 0, []
        for bar in bars:
            found += [at + (20 if bar == "W" else 8), at + (28 if bar == "W" else 16)]
            at = found[-1]
        assert found[:-1] == ends


@pytest.mark.parametrize("dpi", [100, 150, 200, 240, 300, 600])
@pytest.mark.parametrize("kind", ["1", "2", "3", "4", "6", "T"])
def test_patch_is_found_at_every_resolution(kind: str, dpi: int) -> None:
    """From the coarsest feeder to the finest flatbed."""
    assert texts(drawn.draw_patch(drawn.sheet(dpi), kind, dpi), dpi) == [kind]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("degrees", [-3, 0, 3])
def test_patch_is_found_turned_and_askew(quarters: int, mode: str, degrees: float) -> None:
    """A sheet may be laid in any way, and feeders skew."""
    page = drawn.skewed(drawn.draw_patch(drawn.sheet(150), "T", 150), degrees)
    assert texts(drawn.turned(page, quarters).convert(mode), 150) == ["T"]


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_corners_begin_at_the_first_bar(quarters: int) -> None:
    """0.4 inch from the leading edge, 2.9 from the left one, held so that the edge is on top."""
    page = drawn.turned(drawn.draw_patch(drawn.sheet(100), "6", 100), quarters)
    (found,) = patch.find(view_of(page, (100, 100)))
    first = {0: (290, 40), 1: (1129, 290), 2: (537, 1129), 3: (40, 537)}[quarters]
    third = {0: (540, 120), 1: (1049, 540), 2: (287, 1049), 3: (120, 287)}[quarters]
    assert found.corners[0] == pytest.approx(first, abs=9)
    assert found.corners[2] == pytest.approx(third, abs=9)
    assert found.module_px == pytest.approx(8, abs=0.5)


@pytest.mark.parametrize("size", [0.75, 1.0, 1.3])
def test_copies_that_are_smaller_or_larger_are_read(size: float) -> None:
    """Sheets are copied, and printed to fit the page."""
    assert texts(drawn.draw_patch(drawn.sheet(), "T", 200, size=size), 200) == ["T"]


@pytest.mark.parametrize(("paper", "ink"), [(250, 20), (200, 60), (160, 30), (235, 100)])
def test_patch_on_pastel_paper_and_in_faint_ink_is_found(paper: int, ink: int) -> None:
    """Operators like sheets that they can see in the stack."""
    page = drawn.draw_patch(drawn.sheet(paper=paper), "3", 200, ink=ink)
    assert texts(page, 200) == ["3"]


def test_four_patches_of_one_sheet_are_all_found() -> None:
    """Sheets carry one along each edge, so that any way of laying them in is right."""
    page = drawn.draw_patch(drawn.sheet(100), "T", 100)
    for _ in range(3):
        page = drawn.draw_patch(drawn.turned(page, 1), "T", 100)
    assert texts(page, 100) == ["T"] * 4


def test_different_resolutions_across_and_down_are_taken_in() -> None:
    """As fax pages have them."""
    page = drawn.draw_patch(drawn.sheet(200), "T", 200)
    page = page.resize((page.width, page.height // 2))
    found = patch.find(view_of(page, (200, 100)))
    assert [each.text for each in found] == ["T"]


def test_patch_in_a_region_keeps_its_place_on_the_page() -> None:
    """The nearest edge is the page's, whatever the region."""
    page = drawn.turned(drawn.draw_patch(drawn.sheet(100), "T", 100), 2)
    (found,) = patch.find(view_of(page, (100, 100), [200, 1000, 700, 1169]))
    assert found.text == "T"
    assert found.corners[0] == pytest.approx((537, 1129), abs=9)


@pytest.mark.parametrize("dpi", [100, 200, 300])
def test_text_and_tables_are_no_patch_codes(dpi: int) -> None:
    """Thick and thin rules, and letters that are bars, stand on many a page."""
    assert texts(drawn.text_sheet(dpi), dpi) == []


@pytest.mark.parametrize("quarters", [0, 1])
@pytest.mark.parametrize("kind", ["Code39", "Code128", "ITF", "Codabar", "UPCA"])
def test_barcodes_are_no_patch_codes(kind: str, quarters: int) -> None:
    """Not even ones as large as a hand."""
    content = {"ITF": "12345678", "Codabar": "A1234B", "UPCA": "036000291452"}.get(kind, "PATCH")
    for scale in (3, 6, 9):
        page = drawn.put(drawn.sheet(), drawn.symbol(kind, content, scale), (20, 300))
        page = drawn.turned(page, quarters)
        found = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")
        assert "Patch Code" not in {each.format for each in found}


def test_halftones_and_noise_are_no_patch_codes() -> None:
    """Dots and stripes of every pitch, dithered and not."""
    chance = random.Random(7)
    for pitch in range(3, 40, 4):
        page = drawn.sheet(100)
        pen = ImageDraw.Draw(page)
        for y in range(100, 900, pitch):
            pen.rectangle((100, y, 700, y + pitch // 2), fill=30)
        for _ in range(2000):
            x, y = chance.randrange(800), chance.randrange(1100)
            pen.rectangle((x, y, x + chance.randrange(9), y + 1), fill=chance.choice((20, 250)))
        assert texts(page, 100) == []
        assert texts(page.convert("1"), 100) == []


def test_patch_without_paper_around_is_none() -> None:
    """The specification asks for a quarter of an inch: bars within a frame are something else."""
    page = drawn.draw_patch(drawn.sheet(), "T", 200)
    ImageDraw.Draw(page).rectangle((560, 72, 1100, 246), outline=20, width=6)
    assert texts(page, 200) == []


def test_page_smaller_than_a_patch_is_looked_at_in_peace() -> None:
    """One pixel, one row, one column."""
    for size in ((1, 1), (300, 1), (1, 300), (5, 5)):
        image = Image.new("L", size, 255)
        assert patch.find(View(image, (200, 200), size)) == []
