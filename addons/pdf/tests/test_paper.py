"""Sizes of pages, and where the picture comes."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from flatbed.addon import PageFile
from flatbed.errors import InvalidInputError
from flatbed_pdf.writing.paper import find_paper, lay_out

OpenPdf = Callable[..., pikepdf.Pdf]
StoreImage = Callable[..., PageFile]


def box_of(pdf: pikepdf.Pdf) -> list[float]:
    """The media box of the first page, to a hundredth of a point."""
    return [round(float(each), 2) for each in pdf.pages[0].mediabox]


@pytest.mark.parametrize(
    ("page_type", "box"),
    [
        (0, [0, 0, 72, 144]),
        (2, [0, 0, 595.28, 841.89]),
        (3, [0, 0, 841.89, 595.28]),
        (4, [0, 0, 841.89, 1190.55]),
        (5, [0, 0, 1190.55, 841.89]),
        (6, [0, 0, 612, 792]),
        (7, [0, 0, 792, 612]),
        (8, [0, 0, 612, 1008]),
        (9, [0, 0, 1008, 612]),
    ],
)
def test_page_types_have_their_sizes(
    open_pdf: OpenPdf, store_image: StoreImage, page_type: int, box: list[float]
) -> None:
    """Type 0 is as large as the scan, here one by two inches."""
    page = store_image(Image.new("L", (300, 600), 255), (300, 300))
    assert box_of(open_pdf([page], page_type=page_type)) == box


def test_custom_page_has_the_size_that_was_given(
    open_pdf: OpenPdf, store_image: StoreImage
) -> None:
    """In millimetres, here two by four inches."""
    page = store_image(Image.new("L", (30, 60), 255))
    pdf = open_pdf([page], page_type=1, page_width_mm=50.8, page_height_mm=101.6)
    assert box_of(pdf) == [0, 0, 144, 288]


def test_resolutions_that_differ_make_their_page(
    open_pdf: OpenPdf, store_image: StoreImage
) -> None:
    """A fax of 204 by 98 dpi; and each page has its own."""
    fax = store_image(Image.new("1", (1734, 1078), 1), (204, 98))
    other = store_image(Image.new("1", (100, 100), 1), (72, 72))
    pdf = open_pdf([fax, other])
    assert box_of(pdf) == [0, 0, 612, 792]
    assert [float(each) for each in pdf.pages[1].mediabox] == [0, 0, 100, 100]


@pytest.mark.parametrize(
    ("size_px", "dpi", "paper_pt", "layout"),
    [
        ((300, 600), (300, 300), None, (72, 144, 72, 144)),
        ((300, 600), (300, 150), None, (72, 288, 72, 288)),
        ((1, 1), (300, 300), None, (3, 3, 0.24, 0.24)),
        ((300, 600), (300, 300), (612, 792), (612, 792, 72, 144)),
        ((5100, 3300), (300, 300), (612, 792), (612, 792, 612, 396)),
        ((2550, 6600), (300, 300), (612, 792), (612, 792, 306, 792)),
    ],
    ids=["as scanned", "two resolutions", "tiny", "small on paper", "wide", "tall"],
)
def test_lay_out(
    size_px: tuple[int, int],
    dpi: tuple[float, float],
    paper_pt: tuple[float, float] | None,
    layout: tuple[float, float, float, float],
) -> None:
    """In its size, or smaller where it would not fit; never larger."""
    assert lay_out(size_px, dpi, paper_pt) == pytest.approx(layout)


def test_picture_stands_in_the_middle_of_its_paper(
    open_pdf: OpenPdf, store_image: StoreImage
) -> None:
    """One by two inches on letter: the same space at both sides, above and below."""
    pdf = open_pdf([store_image(Image.new("L", (300, 600)), (300, 300))], page_type=6)
    drawn = b"q 72.0000 0 0 144.0000 270.0000 324.0000 cm /Page Do Q"
    assert pdf.pages[0].Contents.read_bytes() == drawn


def test_page_of_more_than_200_inches_counts_in_larger_units(
    open_pdf: OpenPdf, store_image: StoreImage
) -> None:
    """500 inches are 36,000 points, and no side may have more than 14,400 units."""
    page = store_image(Image.new("L", (500, 10)), (1, 1))
    pdf = open_pdf([page], version="1.4")
    assert (box_of(pdf), int(pdf.pages[0].UserUnit)) == ([0, 0, 12000, 240], 3)
    assert pdf.pdf_version == "1.6"


@pytest.mark.parametrize("page_type", [-1, 10, 11])
def test_page_type_that_there_is_not_is_refused(page_type: int) -> None:
    """The sentence says which there are."""
    with pytest.raises(InvalidInputError, match=f"no page type {page_type}. Choose one from 0 to"):
        find_paper(page_type, custom_mm=(0, 0))


@pytest.mark.parametrize("size_mm", [(0, 0), (210, 0), (1, 297), (210, 5081)])
def test_custom_page_without_a_size_that_can_be_is_refused(size_mm: tuple[float, float]) -> None:
    """The sentence names both settings."""
    with pytest.raises(InvalidInputError, match="page_width_mm and page_height_mm"):
        find_paper(1, custom_mm=size_mm)
