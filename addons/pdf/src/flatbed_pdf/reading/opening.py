"""A PDF that pdfium has opened, and the names of what keeps it from being opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from flatbed.errors import InvalidInputError, TooBigError, WrongPasswordError
from flatbed_pdf.reading.source import Source
from flatbed_pdf.reading.structure import MAX_FIELDS, Structure, read_structure
from flatbed_pdf.reading.wishes import ReadWishes

_FORMS = (raw.FORMTYPE_ACRO_FORM, raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)
_XFA = (raw.FORMTYPE_XFA_FULL, raw.FORMTYPE_XFA_FOREGROUND)


class Document(pdfium.PdfDocument):  # type: ignore[misc]
    """pypdfium2's, with what pikepdf tells of the same file.

    Attributes:
        password: That opened it; empty for a file without one.
        structure: Of the file; an empty one where it cannot be read.
    """

    password = ""
    structure = Structure()


@contextmanager
def open_pdf(source: Source, wishes: ReadWishes) -> Iterator[Document]:
    """The file as pdfium sees it, with its forms where they are wished for.

    Raises:
        InvalidInputError: If it is empty, damaged, no PDF, without pages, or protected in a way
            that pdfium does not know.
        WrongPasswordError: If it has another password than that of the wishes, or one at all.
        TooBigError: If its form has so many fields that pdfium would not come to an end.
        PageCorruptError: If the encrypted copy is not what was written.
    """
    if not source.size:
        raise InvalidInputError("The file is empty. Send the PDF again.")
    document = open_file(source, wishes.password)
    try:
        has_form = wishes.has_forms and document.get_formtype() in _FORMS
        document.structure = source.look(
            lambda stream: read_structure(
                stream, document.password, pages=len(document), with_fields=has_form
            )
        )
        if has_form:
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


def open_file(source: Source, password: str) -> Document:
    """The file as pdfium sees it, without its forms; see `open_pdf` for what is raised."""
    try:
        known = password.encode() + b"\0"
    except UnicodeEncodeError as error:
        raise WrongPasswordError("The password is no text. Send another one.") from error
    handle = raw.FPDF_LoadCustomDocument(source.access, known)
    if not handle:
        source.check()
        # The code is that of the last failure, in whatever file: it counts after a failure alone.
        raise _name(raw.FPDF_GetLastError(), password)
    document = Document(handle)
    if raw.FPDF_GetSecurityHandlerRevision(document) >= 0:
        document.password = password
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


def _draw_forms(document: Document) -> None:
    if document.structure.fields > MAX_FIELDS:
        raise TooBigError(
            f"The form of the PDF has more than {MAX_FIELDS} fields. Read it without forms."
        )
    try:
        document.init_forms()
    except pdfium.PdfiumError as error:
        raise InvalidInputError(
            "The form of the PDF cannot be read. Read it without forms."
        ) from error
