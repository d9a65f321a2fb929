"""Pages of PDFs that nobody changed are written back as they were; see also the core's tests."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name

from flatbed.addon import PageFile, SourcePage
from flatbed.addon.testing import AddonWorker, Answer, MakePage, SamplePages
from flatbed.errors import TooBigError
from flatbed_pdf.writing import originals as module
from flatbed_pdf.writing.originals import Originals

PDF = "application/pdf"
WORDS = ("First", "Second", "Third", "Fourth")

Change = Callable[[pikepdf.Pdf], None]


def born_digital(*changes: Change, words: tuple[str, ...] = WORDS, **how: Any) -> bytes:
    """A file with a word on each page; the streams of odd pages are not compressed."""
    with pikepdf.new() as pdf:
        font = pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        )
        for number, word in enumerate(words):
            page = pdf.add_blank_page(page_size=(200 + number, 300))
            page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
            drawing = f"BT /F1 24 Tf 20 {100 + number} Td ({word}) Tj ET  % as it is".encode()
            page.obj.Contents = pdf.make_stream(drawing)
            if number % 2:
                page.obj.Contents.write(zlib.compress(drawing), filter=Name.FlateDecode)
        for change in changes:
            change(pdf)
        stream = io.BytesIO()
        pdf.save(stream, compress_streams=False, **how)
    return stream.getvalue()


@contextmanager
def opened(answer: Answer, password: str = "") -> Iterator[pikepdf.Pdf]:
    """The file that was saved, checked."""
    with pikepdf.open(io.BytesIO(answer.file.data), password=password) as pdf:
        assert pdf.check_pdf_syntax() == []
        yield pdf


def raw_streams(pdf: pikepdf.Pdf) -> list[bytes]:
    """The bytes of the pages' content streams as they stand in the file, without its lock."""
    return [page.obj.Contents.read_raw_bytes() for page in pdf.pages]


def raw_streams_of(data: bytes) -> list[bytes]:
    """The same of a file that is not encrypted."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return raw_streams(pdf)


def words_of(data: bytes, password: str | None = None) -> list[str]:
    """The text on each page, by pdfium."""
    with pdfium.PdfDocument(data, password=password) as document:
        return [page.get_textpage().get_text_range().strip() for page in document]


def pixels_of(data: bytes, page: int = 0) -> bytes:
    """A page as pdfium draws it with its forms."""
    with pdfium.PdfDocument(data) as document:
        document.init_forms()
        return bytes(document[page].render(scale=1).to_pil().tobytes())


@pytest.fixture
def load(worker: AddonWorker, make_page: MakePage) -> Callable[..., Answer]:
    """Reads a file in a worker."""

    def load(data: bytes, **settings: Any) -> Answer:
        return worker.load(make_page.file(data), PDF, **settings)

    return load


def turned(page: PageFile, degrees: int) -> PageFile:
    """A page as the core hands it over after quarter turns; its own pixels are not looked at."""
    assert page.source is not None
    return replace(page, source=replace(page.source, turn=degrees))


def test_pages_come_back_byte_for_byte(worker: AddonWorker, load: Callable[..., Answer]) -> None:
    """In another order, without one, and with the text still there."""
    data = born_digital()
    pages = load(data).pages
    chosen = [pages[3], pages[0], pages[1]]
    answer = worker.save(chosen, PDF)
    before = raw_streams_of(data)
    with opened(answer) as pdf:
        assert raw_streams(pdf) == [before[3], before[0], before[1]]
        assert [int(page.mediabox[2]) for page in pdf.pages] == [203, 200, 201]
    assert words_of(answer.file.data) == ["Fourth", "First", "Second"]
    assert answer.warnings == ()


def test_scanned_pages_stand_in_between(
    worker: AddonWorker, load: Callable[..., Answer], pages: SamplePages
) -> None:
    """Pictures and copies each at its place, from two files, one page of them twice."""
    one, other = load(born_digital()).pages, load(born_digital(words=("Other",))).pages
    chosen = [pages["L"], one[2], other[0], pages["RGB"], one[0], one[2], pages["1"]]
    answer = worker.save(chosen, PDF)
    with opened(answer) as pdf:
        kinds = ["XObject" if "/XObject" in page.resources else "Font" for page in pdf.pages]
    assert kinds == ["XObject", "Font", "Font", "XObject", "Font", "Font", "XObject"]
    assert words_of(answer.file.data) == ["", "Third", "Other", "", "First", "Third", ""]


def test_turned_page_is_turned_and_not_drawn(
    worker: AddonWorker, load: Callable[..., Answer]
) -> None:
    """On top of the turn that it has; the same page beside it stays as it is."""

    def turn_second(pdf: pikepdf.Pdf) -> None:
        pdf.pages[1].rotate(90, relative=False)

    data = born_digital(turn_second)
    pages = load(data).pages
    answer = worker.save(
        [turned(pages[0], 270), pages[0], turned(pages[1], 180), turned(pages[1], 270)], PDF
    )
    before = raw_streams_of(data)
    with opened(answer) as pdf:
        assert [page.rotation for page in pdf.pages] == [270, 0, 270, 0]
        assert raw_streams(pdf) == [before[0], before[0], before[1], before[1]]


@pytest.mark.parametrize(
    "settings", [{"compression": 5}, {"page_type": 2}, {"standard": "pdf/a-2b"}]
)
def test_who_asks_for_pictures_gets_them(
    worker: AddonWorker, load: Callable[..., Answer], settings: dict[str, Any]
) -> None:
    """A compression, a paper or a standard is about all pages."""
    (page,) = load(born_digital(words=("Word",)), dpi=50.0).pages
    answer = worker.save([page], PDF, **settings)
    assert words_of(answer.file.data) == [""]


@pytest.mark.parametrize(
    "settings",
    [
        {"color": "gray"},
        {"region": [1.0, 1.0, 20.0, 20.0]},
        {"forms": False},
        {"annotations": False},
    ],
)
def test_page_that_was_read_in_part_is_that_part(
    load: Callable[..., Answer], settings: dict[str, Any]
) -> None:
    """What was left out must not come back with the original."""
    answer = load(born_digital(words=("Word",)), dpi=50.0, **settings)
    assert [page.source for page in answer.pages] == [None]
    assert answer.files == ()


def test_pages_of_a_range_are_those_of_the_file(
    worker: AddonWorker, load: Callable[..., Answer]
) -> None:
    """By their numbers in the file, and not by their order."""
    pages = load(born_digital(), page_range="4,2-3").pages
    assert [page.source and page.source.number for page in pages] == [4, 2, 3]
    assert words_of(worker.save(pages, PDF).file.data) == ["Fourth", "Second", "Third"]


@pytest.mark.parametrize("how", [{"R": 6}, {"R": 4}, {"R": 3, "aes": False, "metadata": False}])
def test_password_is_left_with_the_file(
    worker: AddonWorker, load: Callable[..., Answer], how: dict[str, Any]
) -> None:
    """What is kept opens without it, for it is encrypted as every page is; the streams are the
    same, also where the new file gets a password of its own.
    """
    data = born_digital(encryption=pikepdf.Encryption(user="geheim ü", owner="other", **how))
    answer = load(data, password="geheim ü")
    assert words_of(answer.file.data) == list(WORDS)
    plain = raw_streams_of(born_digital())
    assert raw_streams_of(worker.save(answer.pages, PDF).file.data) == plain
    with opened(worker.save(answer.pages, PDF, password="new"), "new") as pdf:
        assert raw_streams(pdf) == plain


def add_form(pdf: pikepdf.Pdf) -> None:
    """A field on the first page, and a link from there to the second."""
    look = pdf.make_stream(b"0 1 0 rg 0 0 60 20 re f")
    look.Subtype, look.BBox = Name.Form, Array([0, 0, 60, 20])
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T="name", V="Ada", F=4)
    field.Rect, field.AP = Array([20, 200, 80, 220]), Dictionary(N=look)
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    link.Dest = Array([pdf.pages[1].obj, Name.Fit])
    annotations = [pdf.make_indirect(each) for each in (field, link)]
    pdf.pages[0].obj.Annots = Array(annotations)
    pdf.Root.AcroForm = Dictionary(Fields=Array(annotations[:1]))


def test_forms_and_links_stay(worker: AddonWorker, load: Callable[..., Answer]) -> None:
    """A field has its value and looks the same; a link goes to the page's new place."""
    data = born_digital(add_form)
    pages = load(data).pages
    answer = worker.save([pages[1], pages[0]], PDF)
    with opened(answer) as pdf:
        (field,) = pdf.Root.AcroForm.Fields
        assert (str(field.T), str(field.V)) == ("name", "Ada")
        assert pdf.pages[1].obj.Annots[1].Dest[0].objgen == pdf.pages[0].obj.objgen
    assert pixels_of(answer.file.data, 1) == pixels_of(data)


def add_layers(base: str, *, off: bool) -> Change:
    """A green box on a layer that is shown, a black one over it on a layer that is not."""

    def add(pdf: pikepdf.Pdf) -> None:
        shown, hidden = (pdf.make_indirect(Dictionary(Type=Name.OCG, Name=n)) for n in "sh")
        state = Dictionary(BaseState=Name(base), Order=Array([shown, hidden]))
        state.OFF, state.ON = Array([hidden] if off else []), Array([] if off else [shown])
        pdf.Root.OCProperties = Dictionary(OCGs=Array([shown, hidden]), D=state)
        page = pdf.pages[0].obj
        page.Resources.Properties = Dictionary(s=shown, h=hidden)
        page.Contents = pdf.make_stream(
            b"/OC /s BDC 0 1 0 rg 10 10 50 50 re f EMC /OC /h BDC 0 g 10 10 50 50 re f EMC"
        )

    return add


def test_layers_stay_as_visible_as_they_are(
    worker: AddonWorker, load: Callable[..., Answer]
) -> None:
    """Those of two files, of which one names what is hidden, the other what is shown."""
    files = [
        born_digital(add_layers("/ON", off=True), words=("One",)),
        born_digital(add_layers("/OFF", off=False), words=("Two",)),
    ]
    answer = worker.save([page for data in files for page in load(data).pages], PDF)
    with opened(answer) as pdf:
        assert len(pdf.Root.OCProperties.OCGs) == 4
    for number, data in enumerate(files):
        pixels = pixels_of(data)
        assert bytes((0, 255, 0)) in pixels
        assert pixels_of(answer.file.data, number) == pixels


def test_kept_file_that_is_damaged_leaves_the_pictures(
    worker: AddonWorker, load: Callable[..., Answer]
) -> None:
    """The document is saved, and a warning says what became of the pages."""
    damaged, whole = load(born_digital()).pages, load(born_digital(words=("Whole",))).pages
    source = damaged[0].source
    assert source is not None
    path = Path(source.file.path)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    answer = worker.save([damaged[0], whole[0], damaged[1]], PDF)
    assert words_of(answer.file.data) == ["", "Whole", ""]
    assert answer.warnings == (
        "A PDF that pages came from is damaged: these pages are saved as pictures.",
    )


def test_more_than_fits_into_memory_is_refused(
    load: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With two ways out; each file counts once."""
    one, other = (load(born_digital(words=(word, "x"))).pages for word in ("One", "Other"))
    sources = [page.source for page in (*one, *other)]
    assert isinstance(sources[0], SourcePage)
    size = len(born_digital(words=("One", "x")))
    monkeypatch.setattr(module, "MOST_BYTES", size + 1)
    originals = Originals()
    assert originals.takes(sources[0])
    assert originals.takes(sources[1])
    with pytest.raises(TooBigError, match="Save fewer at once, or choose a compression"):
        originals.takes(sources[2])


def test_version_is_that_of_the_newest_page(
    worker: AddonWorker, load: Callable[..., Answer]
) -> None:
    """A page of PDF 2.0 makes the file PDF 2.0."""
    pages = load(born_digital(min_version="2.0", force_version="2.0")).pages
    assert worker.save(pages, PDF, version="1.4").file.data.startswith(b"%PDF-2.0\n")


def test_qpdf_and_poppler_find_nothing_wrong(
    worker: AddonWorker,
    load: Callable[..., Answer],
    pages: SamplePages,
    tmp_path: Path,
    run_tool: Callable[..., str],
) -> None:
    """Of a mixed file."""
    read = load(born_digital(add_form, add_layers("/ON", off=True))).pages
    path = tmp_path / "mixed.pdf"
    path.write_bytes(worker.save([*read, pages["RGB"]], PDF).file.data)
    assert "No syntax or stream encoding errors found" in run_tool(
        "qpdf", "qpdf", "--check", str(path)
    )
    assert run_tool("poppler-utils", "pdftotext", str(path), "-").split() == list(WORDS[1:])


def test_page_that_only_one_reader_understands_is_a_picture(
    worker: AddonWorker, load: Callable[..., Answer]
) -> None:
    """pdfium takes a text for 0 in the size of a page, which others may not."""

    def misspell(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.MediaBox = Array([pikepdf.String("a"), 0, 200, 300])

    answer = load(born_digital(misspell))
    assert [page.source is None for page in answer.pages] == [True, False, False, False]
    assert answer.warnings == (
        "The PDF is damaged: pages are kept as pictures, without text that can be selected.",
    )
    assert words_of(worker.save(answer.pages, PDF).file.data) == ["", *WORDS[1:]]
