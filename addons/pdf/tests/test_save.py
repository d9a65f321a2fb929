"""The whole file: many pages, properties, encryption, versions, and what is left behind."""

from __future__ import annotations

import errno
import io
import os
import random
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

import flatbed_pdf
from flatbed.addon import PageFile
from flatbed.addon.testing import MemorySink, SamplePages
from flatbed.errors import DiskFullError, InvalidInputError, ScanCanceledError

OpenPdf = Callable[..., pikepdf.Pdf]
Save = Callable[..., bytes]
StoreImage = Callable[..., PageFile]

PROPERTIES = {
    "title": "Vertrag Nr. 7 \u2013 \u5951\u7ea6",
    "author": "Ada (Zürich)",
    "subject": "Line one\nline two",
    "keywords": "rent, 2026",
    "creator": "Scan page",
    "producer": "An office",
    "creation_date": "D:20260131235958+01'00'",
    "modified_date": "2026-02-01T08:00:00Z",
}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, at first empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def files_in(folder: Path) -> list[Path]:
    """All that lies in a folder, however deep."""
    return [path for path in folder.rglob("*") if path.is_file()]


def test_120_pages_keep_their_order(open_pdf: OpenPdf, store_image: StoreImage) -> None:
    """Each has another gray."""
    pages = [store_image(Image.new("L", (8, 8), 2 * number)) for number in range(120)]
    pdf = open_pdf(pages, compression=3)
    assert [page.resources.XObject.Page.read_bytes()[0] for page in pdf.pages] == [
        2 * number for number in range(120)
    ]


def test_progress_counts_the_pages(pages: SamplePages, defaults: dict[str, Any]) -> None:
    """One step for each."""
    out = MemorySink()
    flatbed_pdf.save_document(pages=[pages["L"]] * 3, settings=defaults, out=out)
    assert out.steps == [(1, 3), (2, 3), (3, 3)]


def test_properties_stand_in_both_places(open_pdf: OpenPdf, pages: SamplePages) -> None:
    """The document's information, and the XMP that newer programs read."""
    pdf = open_pdf([pages["L"]], **PROPERTIES)
    assert {name: str(value) for name, value in pdf.docinfo.items()} == {
        "/Title": "Vertrag Nr. 7 \u2013 \u5951\u7ea6",
        "/Author": "Ada (Zürich)",
        "/Subject": "Line one\nline two",
        "/Keywords": "rent, 2026",
        "/Creator": "Scan page",
        "/Producer": "An office",
        "/CreationDate": "D:20260131235958+01'00'",
        "/ModDate": "D:20260201080000+00'00'",
    }
    with pdf.open_metadata() as metadata:
        assert metadata["dc:title"] == "Vertrag Nr. 7 \u2013 \u5951\u7ea6"
        assert metadata["dc:creator"] == ["Ada (Zürich)"]
        assert metadata["pdf:Keywords"] == "rent, 2026"
        assert metadata["xmp:CreateDate"] == "2026-01-31T23:59:58+01:00"
        assert metadata["xmp:ModifyDate"] == "2026-02-01T08:00:00+00:00"


def test_properties_that_nobody_gave_are_not_there(open_pdf: OpenPdf, pages: SamplePages) -> None:
    """But who made the file, and when; it was not changed since."""
    information = open_pdf([pages["L"]]).docinfo
    assert set(information) == {"/Producer", "/CreationDate", "/ModDate"}
    assert str(information["/Producer"]) == "Flatbed"
    assert str(information["/CreationDate"]) == str(information["/ModDate"])


def test_encrypted_file_opens_with_its_password_only(save: Save, pages: SamplePages) -> None:
    """AES-256 as of PDF 2.0, for the pictures and the properties; whoever has it may do all."""
    data = save([pages["1"], pages["RGB"]], password="Größe 7", title="Geheimakte")
    for wrong in ("", "größe 7"):
        with pytest.raises(pikepdf.PasswordError):
            pikepdf.open(io.BytesIO(data), password=wrong)
    with pikepdf.open(io.BytesIO(data), password="Größe 7") as pdf:
        assert pdf.check_pdf_syntax() == []
        assert (pdf.encryption.R, pdf.encryption.bits) == (6, 256)
        assert pdf.encryption.stream_method.name == "aesv3"
        assert all(pdf.allow)
        assert str(pdf.docinfo["/Title"]) == "Geheimakte"
    assert b"Geheimakte" not in data
    assert b"JFIF" not in data


def test_password_of_other_code_points_is_the_same(save: Save, pages: SamplePages) -> None:
    """Readers compose what they are given (SASLprep), so it must be composed here."""
    data = save([pages["1"]], password="Gro\u0308\u00dfe")
    with pikepdf.open(io.BytesIO(data), password="Gr\u00f6\u00dfe") as pdf:
        assert len(pdf.pages) == 1


@pytest.mark.parametrize(
    ("version", "password", "found"),
    [
        ("", "", "1.7"),
        ("1.1", "", "1.3"),
        ("1.4", "", "1.4"),
        ("2.0", "", "2.0"),
        ("", "x", "1.7"),
        ("1.4", "x", "1.7"),
        ("2.0", "x", "2.0"),
    ],
)
def test_version_is_the_one_asked_for_or_what_the_content_needs(
    open_pdf: OpenPdf, pages: SamplePages, version: str, password: str, found: str
) -> None:
    """A lock is never left out for the sake of an old version."""
    pdf = open_pdf([pages["L"]], version=version, password=password)
    assert (pdf.pdf_version, pdf.is_encrypted) == (found, password != "")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("quality", 101, "quality 101 is not between 0 and 100"),
        ("quality", -1, "quality -1 is not between 0 and 100"),
        ("page_type", 10, "no page type 10"),
        ("page_type", 1, "needs page_width_mm and page_height_mm"),
        ("version", "1.8", "no such PDF version. Choose one of 1.1, 1.2"),
        ("version", "1.70", "no such PDF version"),
        ("title", "a\0b", "title has a character that is no text"),
        ("author", "\ud800", "author has a character that is no text"),
        ("keywords", "\x1b", "keywords has a character that is no text"),
        ("creation_date", "soon", "creation_date is no date"),
        ("modified_date", "soon", "modified_date is no date"),
        ("password", "ä" * 64, "text of at most 127 bytes"),
        ("password", "a\0", "text of at most 127 bytes"),
    ],
)
def test_setting_that_cannot_be_is_refused_before_any_page_is_opened(
    defaults: dict[str, Any], name: str, value: Any, words: str
) -> None:
    """The page here has no file; the password is not in the sentence."""
    out, page = MemorySink(), PageFile(uid="u", size_px=(1, 1), dpi=(1, 1), mode="L", bits=8)
    with pytest.raises(InvalidInputError, match=words) as caught:
        flatbed_pdf.save_document(pages=[page], settings=defaults | {name: value}, out=out)
    assert name != "password" or value not in caught.value.message
    assert out.files == []


class Watching(MemorySink):
    """A sink that looks into a folder as often as it is asked whether the job was cancelled."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.looks: list[list[bytes]] = []

    def check_canceled(self) -> None:
        self.looks.append([path.read_bytes() for path in files_in(self._folder)])
        assert {path.stat().st_mode & 0o077 for path in files_in(self._folder)} <= {0}


def test_nothing_of_the_pages_is_on_the_disk_in_the_clear(
    temporary: Path, store_image: StoreImage, defaults: dict[str, Any]
) -> None:
    """Looked at before each page and while the file is written: at first one file of what might be
    anything, and none at all since that is open.
    """
    noise = Image.frombytes("RGB", (1024, 1024), random.Random(1).randbytes(3 << 20))
    page, out = store_image(noise), Watching(temporary)
    settings = defaults | {"compression": 3, "title": "Geheimakte", "password": "x"}
    flatbed_pdf.save_document(pages=[page] * 4, settings=settings, out=out)
    written = [data for look in out.looks for data in look if data]
    assert max(len(data) for data in written) > 6 << 20
    stored = page.read()
    for data in written:
        assert b"%PDF" not in data
        assert b"/Page" not in data
        assert b"Geheimakte" not in data
        assert not any(stored[at : at + 64] in data for at in range(1 << 10, 3 << 20, 1 << 16))
    assert out.looks[-1] == []
    assert list(temporary.iterdir()) == []


def test_cancel_between_pages_leaves_nothing(
    temporary: Path, pages: SamplePages, defaults: dict[str, Any]
) -> None:
    """No file, and no draft."""

    class CanceledAtThird(MemorySink):
        def check_canceled(self) -> None:
            self.is_canceled = len(self.steps) == 2
            super().check_canceled()

    out = CanceledAtThird()
    with pytest.raises(ScanCanceledError):
        flatbed_pdf.save_document(pages=[pages["L"]] * 5, settings=defaults, out=out)
    assert (out.steps, out.files) == ([(1, 5), (2, 5)], [])
    assert list(temporary.iterdir()) == []


def test_cancel_while_the_file_is_written_leaves_nothing(
    temporary: Path, pages: SamplePages, defaults: dict[str, Any]
) -> None:
    """All pages are done then."""

    class CanceledAtTheEnd(MemorySink):
        def check_canceled(self) -> None:
            self.is_canceled = len(self.steps) == 5
            super().check_canceled()

    out = CanceledAtTheEnd()
    with pytest.raises(ScanCanceledError):
        flatbed_pdf.save_document(pages=[pages["L"]] * 5, settings=defaults, out=out)
    assert (len(out.steps), out.files) == (5, [])
    assert list(temporary.iterdir()) == []


def test_full_disk_is_named_and_leaves_nothing(
    temporary: Path,
    store_image: StoreImage,
    defaults: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The draft passes what is left of the disk."""
    noise = Image.frombytes("RGB", (1024, 1024), random.Random(1).randbytes(3 << 20))
    page, out = store_image(noise), MemorySink()

    def refuse(*_: Any) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", refuse)
    with pytest.raises(DiskFullError):
        flatbed_pdf.save_document(pages=[page] * 2, settings=defaults | {"compression": 3}, out=out)
    assert out.files == []
    assert list(temporary.iterdir()) == []


def test_qpdf_finds_nothing_wrong(
    save: Save, pages: SamplePages, run_tool: Callable[..., str], tmp_path: Path
) -> None:
    """With and without a password."""
    path = tmp_path / "checked.pdf"
    for password in ("", "secret"):
        path.write_bytes(save(list(pages.values()), password=password, **PROPERTIES))
        said = run_tool("qpdf", "qpdf", "--check", f"--password={password}", str(path))
        assert "No syntax or stream encoding errors found" in said


def test_poppler_reads_what_the_file_says_of_itself(
    save: Save, pages: SamplePages, run_tool: Callable[..., str], tmp_path: Path
) -> None:
    """As a person's viewer shows it."""
    path = tmp_path / "told.pdf"
    path.write_bytes(save(list(pages.values()), password="secret", page_type=2, **PROPERTIES))
    said = run_tool("poppler-utils", "pdfinfo", "-upw", "secret", "-isodates", str(path))
    facts = dict(line.split(":", 1) for line in said.splitlines() if ":" in line)
    facts = {name: value.strip() for name, value in facts.items()}
    assert facts["Title"] == "Vertrag Nr. 7 \u2013 \u5951\u7ea6"
    assert facts["CreationDate"] == "2026-01-31T23:59:58+01"
    assert facts["Pages"] == "3"
    assert facts["Page size"] == "595.276 x 841.89 pts (A4)"
    assert "AES-256" in facts["Encrypted"]


def test_poppler_shows_the_page_where_it_belongs(
    save: Save, store_image: StoreImage, run_tool: Callable[..., str], tmp_path: Path
) -> None:
    """Two by one inches of red above blue in the middle of letter, at 72 dpi."""
    image = Image.new("RGB", (200, 100), (255, 0, 0))
    image.paste((0, 0, 255), (0, 50, 200, 100))
    path = tmp_path / "shown.pdf"
    path.write_bytes(save([store_image(image)], page_type=6, compression=3))
    run_tool("poppler-utils", "pdftoppm", "-r", "72", "-png", str(path), str(tmp_path / "shown"))
    with Image.open(tmp_path / "shown-1.png") as shown:
        assert shown.size == (612, 792)
        red, blue, paper = (
            [shown.getpixel(each) for each in places]
            for places in (
                [(240, 366), (372, 366), (240, 390), (372, 390)],
                [(240, 402), (372, 402), (240, 426), (372, 426)],
                [(228, 396), (384, 396), (306, 354), (306, 438)],
            )
        )
        assert red == [(255, 0, 0)] * 4
        assert blue == [(0, 0, 255)] * 4
        assert paper == [(255, 255, 255)] * 4
