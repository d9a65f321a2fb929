"""The sample pages: different, the same again, the right size, and quick."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest
from PIL import Image, ImageChops, ImageStat

from flatbed.builtin.virtual.exposure import paper_px
from flatbed.builtin.virtual.samples.album import SampleAlbum
from flatbed.builtin.virtual.samples.canvas import Canvas
from flatbed.builtin.virtual.samples.lettering import render, width_mm, wrap
from flatbed.builtin.virtual.samples.pen import Pen

A4 = (210.0, 297.0)


def _page(sheet: int, side: str = "front", *, dpi: int = 75, mode: str = "RGB") -> Image.Image:
    return SampleAlbum(A4).page(sheet, side, dpi=dpi, mode=mode)


def test_pages_of_a_pile_are_all_different() -> None:
    """Twelve sheets, both sides: the number is printed on each."""
    album = SampleAlbum(A4)
    pages = [
        album.page(sheet, side, dpi=75, mode="L").tobytes()
        for sheet in range(1, 13)
        for side in ("front", "back")
    ]
    assert len({sha256(page).digest() for page in pages}) == 24


def test_page_differs_from_the_next_of_its_kind_in_its_number_only() -> None:
    """Sheets 2 and 7 are both invoices; the number stands at the top left."""
    album = SampleAlbum(A4)
    difference = ImageChops.difference(
        album.page(2, "front", dpi=100, mode="L"), album.page(7, "front", dpi=100, mode="L")
    )
    left, top, right, bottom = difference.getbbox() or (0, 0, 0, 0)
    assert 40 < left < right < 140
    assert 20 < top < bottom < 45


def test_page_is_the_same_in_another_process() -> None:
    """Bit for bit: text, noise, landscape, and what shines through."""
    program = (
        "from hashlib import sha256; "
        "from flatbed.builtin.virtual.samples.album import SampleAlbum; "
        "album = SampleAlbum((210, 297)); "
        "print(*(sha256(album.page(s, d, dpi=75, mode='RGB').tobytes()).hexdigest() "
        "for s in range(1, 6) for d in ('front', 'back')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    ).stdout.split()
    assert said == [
        sha256(_page(sheet, side).tobytes()).hexdigest()
        for sheet in range(1, 6)
        for side in ("front", "back")
    ]


def test_page_is_not_touched_by_who_changes_the_one_before() -> None:
    """What an album hands out is a copy."""
    album = SampleAlbum(A4)
    first = album.page(1, "front", dpi=75, mode="L")
    fresh = first.tobytes()
    first.paste(0, (0, 0, *first.size))
    assert album.page(1, "front", dpi=75, mode="L").tobytes() == fresh


@pytest.mark.parametrize(
    "paper_mm", [(210.0, 297.0), (148.0, 210.0), (216.0, 279.0), (100.0, 60.0)]
)
def test_page_has_the_papers_size(paper_mm: tuple[float, float]) -> None:
    """Also on paper of another shape than A4's."""
    page = SampleAlbum(paper_mm).page(1, "front", dpi=100, mode="L")
    assert page.size == paper_px(paper_mm, 100)


@pytest.mark.parametrize("sheet", [1, 2, 3, 4, 5])
def test_page_in_gray_shows_what_the_one_in_colour_shows(sheet: int) -> None:
    """The two are drawn apart, for speed."""
    difference = ImageChops.difference(_page(sheet).convert("L"), _page(sheet, mode="L"))
    assert ImageStat.Stat(difference).mean[0] < 1.5


def test_front_of_a_letter_is_mostly_paper_with_dark_ink_on_it() -> None:
    """Blank checks and thresholds must find what they find on real pages."""
    histogram = _page(1, mode="L").histogram()
    assert sum(histogram[236:]) / sum(histogram) > 0.85
    assert sum(histogram[:80]) / sum(histogram) > 0.005


def test_back_is_nearly_blank() -> None:
    """What shines through stays above any threshold; only the sheet's number is ink."""
    page = _page(1, "back", mode="L")
    number = (20, 15, 120, 40)
    assert sum(page.crop(number).histogram()[:128]) > 20
    page.paste(240, number)
    page = page.crop((10, 10, *page.size))
    assert sum(page.histogram()[:216]) == 0
    assert ImageStat.Stat(page).mean[0] > 240


def test_photograph_has_many_tones() -> None:
    """No pattern that a codec would fold away."""
    photo = _page(3).crop((60, 210, 560, 540))
    assert len(photo.getcolors(500 * 330) or []) > 20_000


def test_album_forgets_pages_before_it_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for two pages of 620 x 877: the first is drawn again, and is the same."""
    monkeypatch.setattr("flatbed.builtin.virtual.samples.album._LIMIT_BYTES", 2 * 620 * 877)
    album = SampleAlbum(A4)
    pages = [album.page(sheet, "front", dpi=75, mode="L").tobytes() for sheet in (1, 2, 3, 1)]
    assert len(album._drawn) == 2
    assert pages[0] == pages[3]


@pytest.mark.parametrize("size_px", [6.5, 9.0, 10.9, 14.6, 21.9, 33.0, 43.7])
def test_line_is_as_wide_as_the_layout_says_at_every_size(size_px: float) -> None:
    """Or text would run over the margin at one resolution and not at another."""
    text = "The wall between your orchard and the lane was measured from three stations"
    mask = render(text, (0, 0), size_px=size_px, anchor="ls", stroke=0).mask
    left, _, right, _ = mask.getbbox() or (0, 0, 0, 0)
    said_px = width_mm(text, size_px * 72 / 25.4)  # at one pixel a millimetre
    assert abs((right - left) / said_px - 1) < 0.02


@pytest.mark.parametrize("px_per_mm", [1.6, 3.0, 6.0, 12.0, 24.0])
def test_thinnest_line_of_a_pen_does_not_fade(px_per_mm: float) -> None:
    """A hair of 0.01 mm is a whole pixel wide at every resolution."""
    pen = Pen((40, 10), (0, 0), px_per_mm)
    pen.line([(0, 4 / px_per_mm), (40 / px_per_mm, 4 / px_per_mm)], 0.01)
    row_sums = [sum(pen.mask().crop((20, y, 21, y + 1)).tobytes()) for y in range(10)]
    assert sum(row_sums) >= 250


def test_wrap_keeps_every_line_below_the_width() -> None:
    """And every word."""
    text = "one two three four five six seven eight nine ten"
    lines = wrap(text, 30, 10)
    assert " ".join(lines) == text
    assert len(lines) > 2
    assert all(width_mm(line, 10) <= 30 for line in lines)


def test_canvas_on_letter_paper_keeps_the_layout_in_the_middle() -> None:
    """Wider and shorter than A4: scaled to the height, and put in the middle."""
    canvas = Canvas(Image.new("L", paper_px((216, 279), 100)), (216, 279), 100)
    left, right = canvas.at((0, 0))[0], canvas.at((210, 0))[0]
    assert left == pytest.approx(850.4 - right, abs=0.1)
    assert canvas.at((0, 297))[1] == pytest.approx(1098.4, abs=0.1)


@pytest.mark.parametrize("paper_mm", [(1, 1), (5, 5), (20, 20), (30, 40), (210, 20), (5, 300)])
@pytest.mark.parametrize("dpi", [25, 75, 600])
def test_paper_of_any_size_is_drawn_on(paper_mm: tuple[float, float], dpi: int) -> None:
    """What cannot be seen any more is small, not an error."""
    album = SampleAlbum(paper_mm)
    for sheet in range(1, 6):
        for side in ("front", "back"):
            assert album.page(sheet, side, dpi=dpi, mode="L").size == paper_px(paper_mm, dpi)
