"""PDFs that are damaged, locked or odd: a name for each, and a warning where pages come."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest

import flatbed_pdf
from flatbed.addon.testing import MakePage, MemorySink
from flatbed.errors import (
    FlatbedError,
    InvalidInputError,
    PageCorruptError,
    WrongPasswordError,
)

from .made_pdfs import drawn, encrypted, hand_made, pictured

PDF = "application/pdf"
Settings = dict[str, Any]
Load = Callable[..., MemorySink]


@pytest.mark.parametrize("how", [{"R": 6}, {"R": 4}, {"R": 3, "aes": False, "metadata": False}])
def test_password_opens_the_file(load: Load, how: Settings) -> None:
    """AES-256, AES-128 and RC4."""
    (page,) = load(encrypted(**how), dpi=16.0, password="geheim ü").finished
    assert page.size_px == (16, 32)


@pytest.mark.parametrize("password", ["", "falsch", "\ud800"])
def test_other_password_is_named(load: Load, password: str) -> None:
    """None, another, and no text."""
    with pytest.raises(WrongPasswordError, match="password"):
        load(encrypted(R=6), password=password)


@pytest.mark.parametrize("count", [b"", b"/Count 3"])
def test_loop_in_the_page_tree_is_refused(load: Load, count: bytes) -> None:
    """A branch that holds itself."""
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages %s /Kids [3 0 R] >>" % count,
        b"<< /Type /Pages %s /Parent 2 0 R /Kids [2 0 R 3 0 R] >>" % count,
    )
    with pytest.raises(InvalidInputError):
        load(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n", "no PDF, or it is damaged"),
        (random.Random(2).randbytes(50_000), "no PDF, or it is damaged"),
        (drawn(), "no pages"),
        (
            hand_made(
                b"<< /Type /Catalog /Pages 2 0 R >>",
                b"<< /Type /Pages /Count 0 /Kids [] >>",
                b"<< /Filter /Own /V 9 /R 9 >>",
                trailer=b"/Encrypt 3 0 R /ID [<00> <00>]",
            ),
            "protected in a way",
        ),
    ],
    ids=["empty", "only a header", "garbage", "no pages", "unknown protection"],
)
def test_file_that_cannot_be_read_is_named(load: Load, data: bytes, sentence: str) -> None:
    """Each by what is wrong with it."""
    with pytest.raises(InvalidInputError, match=sentence):
        load(data)


def test_file_cut_anywhere_has_a_named_error_or_a_warning(load: Load) -> None:
    """At 200 places."""
    data = pictured((60, 40), "L", random.Random(3).randbytes(2400))
    ends = [number * len(data) // 200 for number in range(199)]
    for end in ends:
        try:
            out = load(data[:end])
        except FlatbedError as error:
            assert error.name in ("invalid_input", "too_big"), end
        else:
            assert [warning[:24] for warning in out.warnings] == ["The PDF has no end mark "], end


def test_damaged_copy_is_named(defaults: Settings, make_page: MakePage) -> None:
    """The error of the stream comes through pdfium: a frame in the middle is changed."""
    noise = random.Random(6).randbytes(3_000_000)
    file = make_page.file(pictured((2000, 1500), "L", noise))
    path = Path(file.path)
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.write_bytes(stored)
    out = MemorySink()
    with pytest.raises(PageCorruptError):
        flatbed_pdf.load_document(file=file, settings=defaults, out=out)
    assert out.finished == []


def test_xfa_is_warned_of(load: Load) -> None:
    """The page is there."""
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA 4 0 R >> >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
        b"<< /Length 7 >>\nstream\n<xdp/> \nendstream",
    )
    out = load(data)
    assert len(out.finished) == 1
    assert [warning[:24] for warning in out.warnings] == ["The PDF has an XFA form,"]


def test_file_that_locks_its_attachments_alone_is_read(load: Load) -> None:
    """Its pages need no password; qpdf asks for one all the same, so that it is not kept."""
    data = hand_made(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>",
        b"<< /Filter /Standard /V 4 /R 4 /Length 128 /P -4 /O <%s> /U <%s> /StmF /Identity"
        b" /StrF /Identity /EFF /StdCF /CF << /StdCF << /CFM /AESV2 /AuthEvent /EFOpen /Length 16"
        b" >> >> >>" % (b"11" * 32, b"22" * 32),
        trailer=b"/Encrypt 4 0 R /ID [<00> <00>]",
    )
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(data))
    assert load(data, dpi=72.0).finished[0].size_px == (72, 72)
