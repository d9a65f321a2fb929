"""Operations of add-ons on pages, whichever add-on brings them."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from flatbed.errors import (
    AddonMissingError,
    InvalidInputError,
    PageNotFoundError,
    StorageLimitError,
    TooBigError,
)
from flatbed.http.document_access import NO_DOCUMENT, NO_SOURCE, DocumentAccess
from flatbed.http.document_types import PasswordHeaders
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.page_files import FILE_TYPES
from flatbed.http.pages import PageAnswer, describe_page
from flatbed.http.routes import LOOSE_BODY_BYTES, Operation, Route
from flatbed.http.sources import parse_document, parse_source
from flatbed.runtime.outcome import Outcome
from flatbed.storage.document import DocumentPage
from flatbed.storage.stored_page import StoredPage

PROCESS = "/api/process"

_MANY = ("pages", "document")
_SOURCES_MOST = 2000


class ProcessBody(msgspec.Struct):
    """What to work on, and how: `source` is a page, and for operations on several a list of pages
    or a document; `settings` are those that the add-on declares.
    """

    source: str | Annotated[list[str], Meta(max_length=_SOURCES_MOST)] = ""
    settings: dict[str, Any] = {}


class MadePages(msgspec.Struct):
    """Pages that an operation made; a day later they are gone, unless a document has them."""

    pages: list[PageAnswer]


class ProcessHandler(DocumentAccess):
    """`/api/process/{operation}`."""

    async def post(self, operation: str) -> None:
        """Carry out an operation and answer what it found, or the pages or the file it made."""
        wanted = self.read_body(ProcessBody)
        _, declared = self.services.registry.find_operation(operation)
        pages = await self._find_pages(wanted.source, is_for_many=declared.input in _MANY)
        files = [self.services.buffer.for_worker(page) for page in pages]
        process = self.services.operations.process
        async with process(operation, files, wanted.settings) as outcome:
            await self._answer(outcome)

    async def _answer(self, outcome: Outcome) -> None:
        if outcome.files:
            with outcome.open_file() as reader:
                await self.write_frames(reader, str(outcome.files[0]["media_type"]))
        elif outcome.pages:
            kept = await self.services.results.keep(self.caller.owner, outcome)
            self.write_json(MadePages([describe_page(page.uid, page) for page in kept]))
        else:
            self.write_json(outcome.value)

    async def _find_pages(self, source: str | list[str], *, is_for_many: bool) -> list[StoredPage]:
        if is_for_many and isinstance(source, str):
            document = parse_document(source, base_url=self.base_url)
            if document is not None:
                return await self._pages_of(document)
        sources = [source] if isinstance(source, str) else source
        if not sources or (len(sources) > 1 and not is_for_many):
            raise InvalidInputError("This operation works on one page. Send one 'source'.")
        return [await self._find_page(each) for each in sources]

    async def _find_page(self, source: str) -> StoredPage:
        found = await self.find_source(parse_source(source, base_url=self.base_url))
        if not isinstance(found, DocumentPage):
            return found
        document, key = await self.open(found.original.job_uid)
        return await self.services.editor.show(document, key, found)

    async def _pages_of(self, uid: str) -> list[StoredPage]:
        document, key = await self.open(uid)
        if not document.order:
            raise PageNotFoundError("The document has no pages.")
        pages = [self.services.documents.pages.get(document, key, each) for each in document.order]
        return await self.services.editor.show_all(document, key, pages)


ROUTES = (
    Route(
        f"{PROCESS}/{{operation}}",
        ProcessHandler,
        {
            "POST": Operation(
                summary="Carry out an operation of an add-on",
                description="Answers what it found as JSON, its file, or `pages` that it made,"
                " each as of `GET /api/storage/pages/{uid}`. Those are gone a day later, unless"
                " a document has them.",
                body=ProcessBody,
                max_body_bytes=LOOSE_BODY_BYTES,
                headers=PasswordHeaders,
                answers={200: (Any, *FILE_TYPES)},
                errors=(
                    *NO_DOCUMENT,
                    *NO_SOURCE,
                    AddonMissingError,
                    StorageLimitError,
                    TooBigError,
                    *FILE_ERRORS,
                ),
            )
        },
    ),
)
