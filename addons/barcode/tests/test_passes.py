"""Two readers: what the second adds, regions, small codes, and pages without any."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PIL import Image, ImageDraw, ImageFilter

from flatbed.addon import Barcode
from flatbed_barcode import first_pass, formats, passes, second_pass, zbar
from flatbed_barcode.passes import read_view
from flatbed_barcode.view import view_of

from . import drawn

EFFORTS = ["speed", "balance", "coverage"]
has_zbar = pytest.mark.skipif(zbar.binding() is None, reason="needs libzbar")


def faded() -> Image.Image:
    """A code whose bars run together: zbar follows their edges, zxing wants them apart."""
    code = drawn.symbol("EAN13", "9780735200449", 3).filter(ImageFilter.GaussianBlur(1.5))
    return drawn.put(drawn.sheet(), code, (500, 700))


def texts(found: list[Barcode]) -> list[str]:
    """What was read."""
    return [each.text for each in found]


@has_zbar
def test_page_that_zxing_leaves_unread_is_read_by_zbar() -> None:
    """The reason for a second reader; `speed` does without."""
    view = view_of(faded(), (200, 200))
    assert first_pass.read(view, formats.EVERYTHING, first_pass.Effort()) == []
    assert texts(read_view(view, formats.EVERYTHING, "speed")) == []
    (found,) = read_view(view, formats.EVERYTHING, "balance")
    assert (found.format, found.text) == ("EAN-13", "9780735200449")
    assert found.raw == b"9780735200449".hex()
    left, top = found.corners[0]
    assert 500 <= left <= 600
    assert 690 <= top <= 790


@has_zbar
def test_coverage_reads_beside_what_was_read() -> None:
    """A readable code on the page does not hide the other one."""
    page = drawn.put(faded(), drawn.symbol("QRCode", "clear"), (500, 1500))
    view = view_of(page, (200, 200))
    assert texts(read_view(view, formats.EVERYTHING, "balance")) == ["clear"]
    assert texts(read_view(view, formats.EVERYTHING, "coverage")) == ["9780735200449", "clear"]


def test_without_zbar_zxing_goes_on_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without the library."""
    monkeypatch.setattr(zbar, "binding", lambda: None)
    page = drawn.put(faded(), drawn.symbol("QRCode", "clear"), (500, 1500))
    view = view_of(page, (200, 200))
    assert texts(read_view(view, formats.EVERYTHING, "coverage")) == ["clear"]
    assert zbar.version() == "missing"


def test_small_symbol_is_read_twice_as_large() -> None:
    """Modules of one and a half pixels."""
    code = drawn.symbol("DataMatrix", "tiny symbol 4711", 3)
    code = code.resize((code.width * 9 // 20, code.height * 9 // 20), Image.Resampling.BICUBIC)
    view = view_of(drawn.put(drawn.sheet(100), code, (300, 300)), (100, 100))
    assert texts(read_view(view, formats.EVERYTHING, "balance")) == ["tiny symbol 4711"]


@pytest.mark.parametrize("effort", EFFORTS)
def test_each_code_is_given_once_in_reading_order(effort: str) -> None:
    """Whatever the number of passes that read it."""
    page = drawn.sheet()
    places = {"four": (900, 1310), "one": (150, 200), "two": (900, 230), "three": (200, 1300)}
    for text, at in places.items():
        page = drawn.put(page, drawn.symbol("QRCode", text), at)
    view = view_of(page, (200, 200))
    assert texts(read_view(view, formats.EVERYTHING, effort)) == ["one", "two", "three", "four"]


def test_equal_codes_at_two_places_are_two() -> None:
    """A sheet of labels."""
    label = drawn.symbol("Code128", "LABEL")
    page = drawn.put(drawn.put(drawn.sheet(), label, (100, 200)), label, (100, 900))
    view = view_of(page, (200, 200))
    assert texts(read_view(view, formats.EVERYTHING, "coverage")) == ["LABEL", "LABEL"]


@has_zbar
def test_two_readers_that_agree_are_surer_than_one() -> None:
    """Half of what is missing to 1."""
    page = drawn.put(drawn.sheet(), drawn.symbol("Code128", "AGREED", 4), (300, 400))
    view = view_of(page, (200, 200))
    assert read_view(view, formats.EVERYTHING, "balance")[0].confidence == 0.9
    assert read_view(view, formats.EVERYTHING, "coverage")[0].confidence > 0.9


@pytest.mark.parametrize("effort", EFFORTS)
def test_nothing_is_read_on_pages_without_codes(effort: str) -> None:
    """Text, tables, noise and paper."""
    noise = Image.effect_noise((900, 1200), 80)
    for image in (drawn.text_sheet(), drawn.sheet(), noise, drawn.turned(drawn.text_sheet(), 1)):
        assert read_view(view_of(image, (200, 200)), formats.EVERYTHING, effort) == []


def test_coverage_looks_at_parts_of_a_large_page() -> None:
    """A symbol with modules of a pixel and a half on a page of 300 dpi."""
    code = drawn.symbol("DataMatrix", "in a corner", 3).reduce(2)
    page = drawn.put(drawn.text_sheet(300), code, (2300, 3300))
    view = view_of(page, (300, 300))
    assert texts(read_view(view, formats.EVERYTHING, "coverage")) == ["in a corner"]


def test_tiles_cover_every_pixel() -> None:
    """With the last one at the end of the page."""
    for length in (1, 1280, 1281, 2240, 2241, 9000):
        starts = passes._starts(length)
        assert starts[0] == 0
        assert starts[-1] + passes._TILE_PX >= length
        assert all(b - a < passes._TILE_PX for a, b in pairwise(starts))


def test_second_reader_is_not_believed_on_a_few_lines() -> None:
    """zbar reads an EAN-2 in two strokes of a pen."""
    page = drawn.sheet()
    pen = ImageDraw.Draw(page)
    for x in range(200, 1200, 7):
        pen.line((x, 400, x + x % 3, 404), fill=10, width=1 + x % 4)
    assert second_pass.read(view_of(page, (200, 200)), formats.EVERYTHING) == []
