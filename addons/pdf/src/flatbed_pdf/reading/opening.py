"""A PDF that pdfium has opened, and the names of what keeps it from being opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium  # type: ignore[import-untyped, unused-ignore]
from pypdfium2 import raw  # type: ignore[import-untyped, unused-ignore]

from flatbed.errors import InvalidInputError, WrongPasswordError
from flatbed_pdf.reading.source import Source
from flatbed_pdf.reading.wishes import ReadWishes

_XFA = (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)


@contextmanager
def open_pdf(source: Source, wishes: ReadWishes) -> Iterator[Any]:
    """The file as pypdfium2's `PdfDocument`, with its forms where they are wished for.

    Raises:
        InvalidInputError: If it is empty, damaged, no PDF, without pages, or protected in a way
            that pdfium does not know.
        WrongPasswordError: If it has another password than that of the wishes, or one at all.
        PageCorruptError: If the encrypted copy is not what was written.
    """
    if not source.size:
        raise InvalidInputError("The file is empty. Send the PDF again.")
    document = _open(source, wishes.password)
    try:
        if wishes.has_forms:
            _draw_forms(document)
        yield document
    finally:
        document.close()


@contextmanager
def open_page(document: Any, number: int) -> Iterator[Any]:
    """A page by its number from 1, as pypdfium2's `PdfPage`.

    Raises:
        InvalidInputError: If there is no page where the file says so.
    """
    try:
        page = document[number - 1]
    except pdfium.PdfiumError as error:
        raise damaged_page(number) from error
    try:
        yield page
    finally:
        page.close()


def has_xfa(document: Any) -> bool:
    """Whether a form is in XFA, of which pdfium draws only what stands in for it."""
    return document.get_formtype() in _XFA


def damaged_page(number: int) -> InvalidInputError:
    """The error for a page that the file names and does not have."""
    return InvalidInputError(
        f"Page {number} of the PDF cannot be read. The file is damaged; save it anew first."
    )


def _open(source: Source, password: str) -> Any:
    try:
        known = password.encode() + b"\0"
    except UnicodeEncodeError as error:
        raise WrongPasswordError("The password is no text. Send another one.") from error
    handle = raw.FPDF_LoadCustomDocument(source.access, known)
    if not handle:
        source.check()
        # The code is that of the last failure, in whatever file: it counts after a failure alone.
        raise _name(raw.FPDF_GetLastError(), password)
    document = pdfium.PdfDocument(handle)
    if len(document) < 1:
        document.close()
        source.check()
        raise InvalidInputError("The PDF has no pages, or none that can be found.")
    return document


def _name(code: int, password: str) -> InvalidInputError | WrongPasswordError:
    if code == raw.FPDF_ERR_PASSWORD:
        if password:
            return WrongPasswordError("The PDF has another password. Send that one.")
        return WrongPasswordError("The PDF is encrypted. Send its password.")
    if code == raw.FPDF_ERR_SECURITY:
        return InvalidInputError(
            "The PDF is protected in a way that cannot be read here. Save it without protection."
        )
    return InvalidInputError("The file is no PDF, or it is damaged. Save it anew first.")


def _draw_forms(document: Any) -> None:
    try:
        document.init_forms()
    except pdfium.PdfiumError as error:
        raise InvalidInputError(
            "The form of the PDF cannot be read. Read it without forms."
        ) from error
