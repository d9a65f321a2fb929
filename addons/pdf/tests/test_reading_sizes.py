"""PDFs of pages that are large or many: what is refused, and what works after all."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flatbed.addon.testing import AddonWorker, MakePage, MemorySink
from flatbed.errors import (
    InvalidInputError,
    TooBigError,
)

from .made_pdfs import drawn, hand_made

PDF = "application/pdf"
Load = Callable[..., MemorySink]


def test_page_of_14400_points_is_refused_at_once(load: Load) -> None:
    """With its number and a resolution that fits; the page before it is not begun."""
    data = drawn((b"", b""), (b"/MediaBox [0 0 14400 14400]", b""))
    out = MemorySink()
    with pytest.raises(TooBigError, match=r"Page 2 would have 60000 x 60000 .* at 49 dpi\.$"):
        load(data, out, dpi=300.0)
    assert (out.finished, out.discarded) == ([], 0)


@pytest.mark.parametrize("side", [b"99999999.5", b"2147483000"])
def test_page_beyond_all_numbers_is_refused(load: Load, side: bytes) -> None:
    """A region of it does not help."""
    data = drawn((b"/MediaBox [0 0 %s 100000000]" % side, b""))
    with pytest.raises((TooBigError, InvalidInputError)):
        load(data, region=[0.0, 0.0, 10.0, 10.0])


def test_count_that_lies_is_refused(load: Load) -> None:
    """A million pages where there is one; the last of 2,000 is not there."""
    catalog = b"<< /Type /Catalog /Pages 2 0 R >>"
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>"
    many = b"<< /Type /Pages /Count 1000000 /Kids [3 0 R] >>"
    with pytest.raises(TooBigError, match="2000 pages"):
        load(hand_made(catalog, many, page))
    with pytest.raises(InvalidInputError, match="Page 999999"):
        load(hand_made(catalog, many, page), page_range="999999")


@pytest.mark.parametrize("count", [b"", b"/Count 1000000"])
def test_tree_that_shares_its_branches_is_refused(load: Load, count: bytes) -> None:
    """Six levels of ten times the same branch are a million pages in a few lines."""
    with pytest.raises((TooBigError, InvalidInputError)):
        load(tree_of_a_million(count))


def test_largest_page_fits_into_the_memory_of_the_worker(
    worker: AddonWorker, make_page: MakePage
) -> None:
    """99.9 megapixels in color."""
    data = drawn((b"/MediaBox [0 0 719.6 719.6]", b"1 0 0 rg 0 0 720 720 re f"))
    page = worker.load(make_page.file(data), PDF, dpi=1000.0).page
    assert (page.size_px, page.mode, page.dpi) == ((9994, 9994), "RGB", (1000, 1000))


def test_page_of_14400_points_is_read_at_a_low_resolution(load: Load) -> None:
    """Five meters are 1,440 thousand pixels at 6 dpi."""
    content = b"0 g 0 7200 14400 7200 re f"
    (page,) = load(drawn((b"/MediaBox [0 0 14400 14400]", content)), dpi=6.0, color="gray").finished
    assert page.size_px == (1200, 1200)
    assert page.rows == bytes(720_000) + b"\xff" * 720_000


def test_three_thousand_pages_are_read_by_range(load: Load) -> None:
    """They are really there."""
    data = drawn(*[(b"/MediaBox [0 0 5 5]", b"")] * 2999, (b"/MediaBox [0 0 9 9]", b""))
    with pytest.raises(TooBigError, match=r"2000 pages\. Choose fewer by the page range\.$"):
        load(data)
    out = load(data, page_range="2999-3000", dpi=72.0)
    assert [page.size_px for page in out.finished] == [(5, 5), (9, 9)]


def test_pixels_of_all_pages_have_a_limit(load: Load) -> None:
    """Each of 250 would do; nothing is drawn, and the resolution that is named fits."""
    data = drawn(*[(b"/MediaBox [0 0 680 680]", b"")] * 250)
    out = MemorySink()
    with pytest.raises(TooBigError, match=r"22297284000 pixels in all; .* read them at 946 dpi\.$"):
        load(data, out, dpi=1000.0)
    assert (out.finished, out.discarded) == ([], 0)


def tree_of_a_million(count: bytes) -> bytes:
    """Six levels of ten times the same branch, in a few lines."""
    root = b"<< /Type /Pages %s /Kids [%s] >>" % (count, b"3 0 R " * 10)
    branches = [
        b"<< /Type /Pages /Kids [%s] >>" % (b"%d 0 R " % number * 10) for number in range(4, 9)
    ]
    page = b"<< /Type /Page /MediaBox [0 0 72 72] /UserUnit 2 >>"
    return hand_made(b"<< /Type /Catalog /Pages 2 0 R >>", root, *branches, page)


def test_tree_of_a_million_pages_that_says_three_is_three(
    worker: AddonWorker, make_page: MakePage
) -> None:
    """Pages are found by the number of them that the file says; the worker goes on."""
    assert len(worker.load(make_page.file(tree_of_a_million(b"/Count 3")), PDF).pages) == 3
    assert worker.load(make_page.file(drawn((b"", b""))), PDF).page.size_px == (200, 400)
