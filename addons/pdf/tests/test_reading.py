"""PDFs into pages: what is drawn, in which size and colors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flatbed.addon.testing import AddonWorker, MakePage, MemorySink
from flatbed.errors import (
    InvalidInputError,
    ScanCanceledError,
    TooBigError,
    WrongPasswordError,
)

from .made_pdfs import RED_LEFT, drawn, encrypted, hand_made, rows_of

PDF = "application/pdf"
Settings = dict[str, Any]
Load = Callable[..., MemorySink]


@pytest.mark.parametrize(
    ("color", "mode", "bits", "row"),
    [
        ("color", "RGB", 8, b"\xff\x00\x00" * 8 + b"\xff\xff\xff" * 8),
        ("gray", "L", 8, b"\x4c" * 8 + b"\xff" * 8),
        ("bw", "1", 1, b"\x00\xff"),
    ],
)
def test_page_is_drawn_in_the_wished_color(
    load: Load, color: str, mode: str, bits: int, row: bytes
) -> None:
    """Red is gray 76, and black below 128."""
    out = load(drawn((b"", RED_LEFT)), dpi=16.0, color=color)
    (page,) = out.finished
    assert (page.size_px, page.dpi, page.mode, page.bits) == ((16, 32), (16, 16), mode, bits)
    assert page.rows == row * 32
    assert (out.steps, out.warnings) == ([(1, 1)], [])


@pytest.mark.parametrize(
    ("entries", "size_px", "first", "last"),
    [
        (b"", (36, 72), b"\x4c" * 18 + b"\xff" * 18, b"\x4c" * 18 + b"\xff" * 18),
        (b"/Rotate 90", (72, 36), b"\x4c" * 72, b"\xff" * 72),
        (b"/Rotate 180", (36, 72), b"\xff" * 18 + b"\x4c" * 18, b"\xff" * 18 + b"\x4c" * 18),
        (b"/Rotate 270", (72, 36), b"\xff" * 72, b"\x4c" * 72),
        (b"/CropBox [18 0 54 72]", (18, 36), b"\x4c" * 9 + b"\xff" * 9, b"\x4c" * 9 + b"\xff" * 9),
    ],
    ids=["plain", "90", "180", "270", "crop box"],
)
def test_page_stands_as_it_is_shown(
    load: Load, entries: bytes, size_px: tuple[int, int], first: bytes, last: bytes
) -> None:
    """By rotation, clockwise, and crop box."""
    (page,) = load(drawn((entries, RED_LEFT)), dpi=36.0, color="gray").finished
    rows = rows_of(page)
    assert (page.size_px, rows[0], rows[-1]) == (size_px, first, last)


def test_region_is_cut_from_the_top_left(load: Load) -> None:
    """A quarter inch on both sides of the edge; what is beyond the page is left out."""
    content = b"0 0 0 rg 0 0 36 144 re f"
    region = [6.35, 38.1, 19.05, 100.0]
    (page,) = load(drawn((b"", content)), dpi=40.0, color="gray", region=region).finished
    assert page.size_px == (20, 20)
    assert page.rows == (b"\x00" * 10 + b"\xff" * 10) * 20


def test_strips_make_the_same_page(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """Curves too: pdfium counts an edge anew in each strip, which is one step of 255 at most."""
    content = b"2 w 3 5 m 80 20 -20 100 70 140 c S 0 1 0 rg 5.3 9.7 20.1 30.9 re f"
    (whole,) = load(drawn((b"", content)), dpi=100.0).finished
    monkeypatch.setattr("flatbed_pdf.reading.strips.STRIP_PIXELS", 1_000)
    (strips,) = load(drawn((b"", content)), dpi=100.0).finished
    assert (strips.size_px, len(strips.rows)) == ((100, 200), 60_000)
    assert max(abs(a - b) for a, b in zip(strips.rows, whole.rows, strict=True)) <= 1
    assert len(set(rows_of(whole))) > 50


@pytest.mark.parametrize(
    ("page_range", "widths"),
    [("", [10, 20, 30, 40]), ("2", [20]), ("3-4, 1", [30, 40, 10]), ("1,1", [10, 10])],
)
def test_page_range_names_pages_in_order(load: Load, page_range: str, widths: list[int]) -> None:
    """From 1; empty for all."""
    data = drawn(*((b"/MediaBox [0 0 %d 10]" % width, b"") for width in (10, 20, 30, 40)))
    out = load(data, dpi=72.0, page_range=page_range)
    assert [page.size_px[0] for page in out.finished] == widths


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page_range", "0"),
        ("page_range", "3-2"),
        ("page_range", "1;2"),
        ("page_range", "2"),
        ("page_range", "1,"),
        ("region", [1.0, 2.0]),
        ("region", [5.0, 5.0, 5.0, 9.0]),
        ("region", [float("nan"), 0.0, 5.0, 9.0]),
        ("region", [500.0, 0.0, 600.0, 9.0]),
        ("color", "red"),
        ("dpi", 0.0),
        ("media_type", "image/png"),
    ],
)
def test_setting_that_cannot_be_is_refused(load: Load, name: str, value: object) -> None:
    """By name, and no page is begun."""
    out = MemorySink()
    with pytest.raises(InvalidInputError):
        load(drawn((b"", b"")), out, **{name: value})
    assert (out.finished, out.discarded) == ([], 0)


@pytest.mark.parametrize(
    ("settings", "is_note", "is_field"),
    [
        ({}, True, True),
        ({"forms": False}, True, False),
        ({"annotations": False}, False, True),
        ({"forms": False, "annotations": False}, False, False),
    ],
    ids=["both", "notes", "fields", "none"],
)
def test_forms_and_annotations_are_drawn_as_wished(
    load: Load, settings: Settings, *, is_note: bool, is_field: bool
) -> None:
    """A black stamp in the lower half of the page, a black field in the upper one."""
    black = b"<< /Type /XObject /Subtype /Form /BBox [0 0 72 72] /Length 20 >>\nstream\n"
    black += b"0 g 0 0 72 72 re f  \nendstream"
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 144] /Annots [4 0 R 5 0 R] >>",
        b"<< /Type /Annot /Subtype /Stamp /F 4 /Rect [0 0 72 72] /AP << /N 6 0 R >> >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /F 4 /Rect [0 72 72 144]"
        b" /P 3 0 R /AP << /N 6 0 R >> >>",
        black,
    )
    (page,) = load(data, dpi=72.0, color="gray", **settings).finished
    rows = rows_of(page)
    assert (rows[100][36] == 0, rows[36][36] == 0) == (is_note, is_field)


def test_cancelled_job_ends_within_a_page(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that was begun is thrown away."""
    monkeypatch.setattr("flatbed_pdf.reading.strips.STRIP_PIXELS", 1_000)
    out = MemorySink(cancel_after_rows=40)
    with pytest.raises(ScanCanceledError):
        load(drawn((b"", RED_LEFT), (b"", b"")), out)
    assert (out.finished, out.discarded) == ([], 1)


def test_file_is_read_by_the_worker(worker: AddonWorker, make_page: MakePage) -> None:
    """In its limits; it goes on after files that cannot be read."""
    for data, error in [
        (b"%PDF-1.7 broken", InvalidInputError),
        (encrypted(R=6), WrongPasswordError),
        (drawn((b"/MediaBox [0 0 14400 14400]", b"")), TooBigError),
    ]:
        with pytest.raises(error):
            worker.load(make_page.file(data), PDF, dpi=300.0)
    page = worker.load(make_page.file(drawn((b"", RED_LEFT))), PDF, dpi=16.0, color="bw").page
    assert (page.size_px, page.mode, page.open().tobytes()) == ((16, 32), "1", b"\x00\xff" * 32)
