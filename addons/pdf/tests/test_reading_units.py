"""PDFs whose pages have a unit of their own, and forms that never end."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest

from flatbed.addon.testing import MemorySink
from flatbed.errors import PageCorruptError, TooBigError
from flatbed_pdf.reading.source import Source
from flatbed_pdf.reading.structure import Structure, read_structure

from .made_pdfs import RED_LEFT, drawn, hand_made, pictured

Load = Callable[..., MemorySink]
ROW = b"\x4c" * 40 + b"\xff" * 40


def saved(data: bytes, **how: object) -> bytes:
    """The same file as qpdf writes it."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(stream, **how)  # type: ignore[arg-type]
    return stream.getvalue()


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
        {"encryption": pikepdf.Encryption(user="a", owner="b", R=6)},
        {"linearize": True},
    ],
    ids=["plain", "compressed objects", "encrypted", "linearized"],
)
def test_unit_of_a_page_makes_it_larger(load: Load, how: dict[str, object]) -> None:
    """Points in one unit; the other page has none."""
    data = saved(drawn((b"/UserUnit 2.5", RED_LEFT), (b"", RED_LEFT)), **how)
    out = load(data, dpi=32.0, color="gray", password="a")
    assert [page.size_px for page in out.finished] == [(80, 160), (32, 64)]
    assert {page.dpi for page in out.finished} == {(32, 32)}
    assert out.finished[0].rows == ROW * 160


def test_region_of_a_page_with_a_unit_is_in_millimetres(load: Load) -> None:
    """An inch of the red half of a page that is five inches wide."""
    data = drawn((b"/UserUnit 5", RED_LEFT))
    region = [38.1, 0.0, 88.9, 25.4]
    (page,) = load(data, dpi=20.0, color="gray", region=region).finished
    assert page.size_px == (40, 20)
    assert page.rows == (b"\x4c" * 20 + b"\xff" * 20) * 20


def test_picture_of_a_page_with_a_unit_keeps_its_pixels(load: Load) -> None:
    """At the resolution that it has on the larger page."""
    data = pictured((100, 50), "L", bytes(range(250)) * 20).replace(
        b"/Page /", b"/Page /UserUnit 2 /"
    )
    (page,) = load(saved(data)).finished
    assert (page.size_px, page.dpi, page.rows) == ((100, 50), (75, 75), bytes(range(250)) * 20)


@pytest.mark.parametrize("unit", [b"0", b"-2", b"/Two", b"null", b"(2)", b"[2]"])
def test_unit_that_cannot_be_is_one(load: Load, unit: bytes) -> None:
    """As if it were not there."""
    (page,) = load(drawn((b"/UserUnit %s" % unit, b"")), dpi=16.0).finished
    assert page.size_px == (16, 32)


@pytest.mark.parametrize("unit", [b"75000", b"1" + b"0" * 300 + b".0"])
def test_page_of_kilometres_is_refused(load: Load, unit: bytes) -> None:
    """By its pixels, as any other."""
    with pytest.raises(TooBigError, match=r"^Page 2 would have"):
        load(drawn((b"", b""), (b"/UserUnit %s" % unit, b"")), dpi=50.0)


@pytest.mark.parametrize(
    ("pages", "units"), [(2, {1: 2.0}), (3, {}), (1, {})], ids=["the same", "more", "fewer"]
)
def test_units_count_where_the_same_pages_are_found(pages: int, units: dict[int, float]) -> None:
    """Elsewhere nobody knows whose they are."""
    stream = io.BytesIO(drawn((b"/UserUnit 2", b""), (b"", b"")))
    found = read_structure(stream, "", pages=pages, with_fields=False)
    assert found == Structure(units=units, fields=0)


def test_file_that_only_pdfium_reads_is_read_without_units(load: Load) -> None:
    """Its table is gone, and nobody searches it twice."""
    data = drawn((b"/UserUnit 2", b""))
    (page,) = load(
        data[: data.rindex(b"xref\n0")] + b"trailer << /Root 1 0 R >>", dpi=16.0
    ).finished
    assert page.size_px == (16, 32)


def test_damaged_copy_is_not_taken_for_a_damaged_file() -> None:
    """The error of the stream comes out as it is."""

    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() < 100:
                raise PageCorruptError
            return super().read(size)

    stream = Broken(drawn((b"", b"")) + b"%" * 3000)
    with pytest.raises(PageCorruptError):
        Source(stream).look(lambda each: read_structure(each, "", pages=1, with_fields=False))


def shared_fields(levels: int) -> bytes:
    """A form whose every field holds the next one twice."""
    fields = [
        b"<< /Kids [%d 0 R %d 0 R] %s >>"
        % (number + 1, number + 1, b"/Parent %d 0 R" % (number - 1))
        for number in range(5, 5 + levels)
    ]
    return hand_made(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 144] >>",
        b"<< /Fields [5 0 R] /NeedAppearances true >>",
        *fields,
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [0 0 9 9] >>",
    )


def test_form_of_millions_of_fields_is_refused(load: Load) -> None:
    """A few lines of which pdfium would make 33 million fields; without forms there is a page."""
    with pytest.raises(TooBigError, match=r"100000 fields\. Read it without forms\.$"):
        load(shared_fields(25))
    assert load(shared_fields(25), forms=False, dpi=16.0).finished[0].size_px == (16, 32)
    assert load(shared_fields(10), dpi=16.0).finished[0].size_px == (16, 32)


def test_damaged_form_of_millions_of_fields_is_refused(load: Load) -> None:
    """Its table of objects is gone: it is searched, because pdfium would search it too."""
    data = shared_fields(25)
    with pytest.raises(TooBigError, match="fields"):
        load(data[: data.rindex(b"xref\n0")] + b"trailer << /Root 1 0 R >>")


def test_form_that_holds_itself_is_refused(load: Load) -> None:
    """Without an end."""
    data = shared_fields(0).replace(b"/FT /Tx /T (a)", b"/Kids [5 0 R 5 0 R]")
    found = read_structure(io.BytesIO(saved(data)), "", pages=1, with_fields=True)
    assert found.fields == 100_001
