"""Operations of add-ons on pages, whichever add-on brings them."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from flatbed.errors import InvalidInputError, PageNotFoundError, StorageLimitError, TooBigError
from flatbed.http.choices import NO_ADDON, AddonHeaders, read_choice
from flatbed.http.document_access import NO_DOCUMENT, NO_SOURCE, DocumentAccess
from flatbed.http.document_types import PasswordHeaders
from flatbed.http.idempotency import json_answer
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.page_files import FILE_TYPES
from flatbed.http.process_answers import OpenDocument, Question, conclude
from flatbed.http.process_jobs import (
    ProcessJobAnswer,
    describe_process_job,
    url_of_process_job,
)
from flatbed.http.routes import LOOSE_BODY_BYTES, Operation, Route
from flatbed.http.sources import parse_document, parse_source
from flatbed.processing.order import Order, PageSource
from flatbed.processing.undisturbed import beyond_cancel
from flatbed.runtime import manifest
from flatbed.runtime.operations import ONE_PAGE_HOOKS
from flatbed.storage.document import DocumentPage
from flatbed.storage.idempotency import Answer
from flatbed.storage.process_job import ProcessJob, TooManyJobsError
from flatbed.storage.stored_page import StoredPage

PROCESS = "/api/process"

_ASYNC = "respond-async"
_SOURCES_MOST = 2000


class ProcessBody(msgspec.Struct):
    """What to work on, and how: `source` is a page, a list of pages or a document; `settings` are
    those that the add-on declares, or a text where it has a shorthand.
    """

    source: str | Annotated[list[str], Meta(max_length=_SOURCES_MOST)] = ""
    settings: dict[str, Any] | str = {}


class PreferHeader(msgspec.Struct, frozen=True, rename={"prefer": "Prefer"}):
    """`respond-async` has the operation go on as a job; see `GET /api/process/jobs/{id}`."""

    prefer: Annotated[str, Meta(max_length=200)] | None = None


class ProcessHandler(DocumentAccess):
    """`/api/process/{operation}`."""

    _work: asyncio.Task[None] | None = None
    _is_gone = False

    async def post(self, operation: str) -> None:
        """Carry out an operation and answer what it found, or the pages or the file it made."""
        wanted = self.read_body(ProcessBody)
        order = await self._read_order(operation, wanted)
        if _is_async(self.read_headers(PreferHeader).prefer):
            await self._start(order)
        else:
            await self._answer_unless_gone(order)

    def on_connection_close(self) -> None:
        """Nobody waits for the answer any more: what works on it is ended."""
        super().on_connection_close()
        self._is_gone = True
        if self._work is not None:
            self._work.cancel()

    async def _start(self, order: Order) -> None:
        job = await self.services.processing.start(order, self.once.noting(self._describe))
        self.write_answer(self._describe(job))

    def _describe(self, job: ProcessJob) -> Answer:
        return json_answer(
            describe_process_job(job, self.base_url),
            202,
            Location=url_of_process_job(self.base_url, job),
            Preference_Applied=_ASYNC,
        )

    async def _answer_unless_gone(self, order: Order) -> None:
        self._work = asyncio.create_task(self._answer(order))
        try:
            if self._is_gone:
                self._work.cancel()
            await self._work
        except asyncio.CancelledError:
            if not self._is_gone:
                raise

    async def _answer(self, order: Order) -> None:
        async with self.services.processing.carrier.carry_out(order) as answer:
            if answer.file is not None:
                with answer.file.open() as reader:
                    await self.write_frames(reader, answer.file.media_type)
            else:
                made = Answer(200, {"Content-Type": "application/json"}, answer.data)
                # What it tells of is there, whether or not its caller still is.
                await beyond_cancel(self.once.keep(made))
                self.write_answer(made)

    async def _read_order(self, operation: str, wanted: ProcessBody) -> Order:
        choice = read_choice(self)
        check = self.services.operations.check
        _, declared = check(operation, wanted.settings, choice=choice)
        document = await self._find_document(wanted.source)
        is_for_each = _is_for_each(declared, wanted.source, document)
        sources = await self._find_sources(wanted.source, document)
        if len(sources) > 1 and not is_for_each and declared.input == "page":
            raise InvalidInputError("This operation works on one page. Send one 'source'.")
        question = Question(
            services=self.services,
            operation=operation,
            hook=declared.hook,
            is_for_each=is_for_each,
            document=document,
            begin=self.once.begin,
        )
        return Order(
            operation=operation,
            settings=wanted.settings,
            sources=sources,
            is_for_each=is_for_each,
            owner=self.caller.owner,
            conclude=conclude(question),
            choice=choice,
        )

    async def _find_document(self, source: str | list[str]) -> OpenDocument | None:
        uid = parse_document(source, base_url=self.base_url) if isinstance(source, str) else None
        if uid is None:
            return None
        document, key = await self.open(uid)
        if not document.order:
            raise PageNotFoundError("The document has no pages.")
        return OpenDocument(document=document, key=key, password=self.read_password())

    async def _find_sources(
        self, source: str | list[str], opened: OpenDocument | None
    ) -> list[PageSource]:
        if opened is not None:
            document, key = opened.document, opened.key
            pages = self.services.documents.pages
            found = [pages.get(document, key, each) for each in document.order]
            return [self._edited(opened, page) for page in found]
        sources = [source] if isinstance(source, str) else source
        if not sources:
            raise InvalidInputError("There is nothing to work on. Send at least one 'source'.")
        return [await self._find_source(each) for each in sources]

    async def _find_source(self, source: str) -> PageSource:
        found = await self.find_source(parse_source(source, base_url=self.base_url))
        if isinstance(found, DocumentPage):
            document, key = await self.open(found.original.job_uid)
            return self._edited(OpenDocument(document=document, key=key), found)

        async def show() -> StoredPage:
            return found

        return PageSource(uid=found.uid, show=show)

    def _edited(self, opened: OpenDocument, page: DocumentPage) -> PageSource:
        async def show() -> StoredPage:
            return await self.services.editor.show(opened.document, opened.key, page)

        return PageSource(uid=page.uid, show=show)


def _is_for_each(
    declared: manifest.Operation, source: str | list[str], document: OpenDocument | None
) -> bool:
    if declared.hook not in ONE_PAGE_HOOKS:
        return False
    return declared.input != "page" or document is not None or isinstance(source, list)


def _is_async(prefer: str | None) -> bool:
    wishes = (each.partition(";")[0].strip().lower() for each in (prefer or "").split(","))
    return _ASYNC in wishes


ROUTES = (
    Route(
        f"{PROCESS}/{{operation}}",
        ProcessHandler,
        {
            "POST": Operation(
                summary="Carry out an operation of an add-on",
                description="Answers what it found as JSON, its file, or `pages` that it made,"
                " each as of `GET /api/storage/pages/{uid}`. Those are gone a day later, unless"
                " a document has them. Of several pages, or a document, an operation of one page"
                " answers `pages` in their order: each with its `source` and the `result`, the"
                " `pages` that it made, or an `error`. With `Prefer: respond-async` it goes on as"
                " a job, whose result is that answer.",
                body=ProcessBody,
                max_body_bytes=LOOSE_BODY_BYTES,
                headers=(PasswordHeaders, AddonHeaders, PreferHeader),
                answers={200: (Any, *FILE_TYPES), 202: ProcessJobAnswer},
                errors=(
                    *NO_DOCUMENT,
                    *NO_SOURCE,
                    *NO_ADDON,
                    StorageLimitError,
                    TooBigError,
                    TooManyJobsError,
                    *FILE_ERRORS,
                ),
                takes_key=True,
            )
        },
    ),
)
