"""The way of a page from the buffer to where its job wants it: looked at, treated, put in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from flatbed.addon.types import PageFile
from flatbed.editing.editor import Editor
from flatbed.errors import (
    DiskFullError,
    DocumentNotFoundError,
    FlatbedError,
    InvalidInputError,
    PageNotFoundError,
    WrongPasswordError,
)
from flatbed.runtime.choice import Choice
from flatbed.runtime.operations import Operations
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.registry import Registry
from flatbed.scan.jobs import ScanJob
from flatbed.scan.placing import Placing
from flatbed.scan.request import JobRequest, read_treatment
from flatbed.scan.tasks import PageTask, choose_tasks, chosen_for
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.document import Document
from flatbed.storage.documents import Documents
from flatbed.storage.events import LOCAL
from flatbed.storage.history import Edit
from flatbed.storage.page_results import Finding, PageResults
from flatbed.storage.stored_page import StoredPage

log = structlog.get_logger("flatbed.scan")

INSPECTION = "inspect-page"
"""The operation that finds out what there is to mend on a page."""


class Finisher:
    """Finishes the pages of jobs that want more than to keep them."""

    def __init__(
        self,
        buffer: PageBuffer,
        documents: Documents,
        editor: Editor,
        operations: Operations,
        registry: Registry,
        results: PageResults,
    ) -> None:
        self._buffer, self._documents = buffer, documents
        self._editor, self._operations = editor, operations
        self._registry, self._results = registry, results
        # Of documents with a password, as long as jobs go into them; a restart forgets them.
        self._keys: dict[str, bytes] = {}
        self._users: Counter[str] = Counter()

    async def open(
        self, request: JobRequest, *, origin: str, password: str | None
    ) -> Placing | None:
        """Where the pages of a job will go; `None` if nothing is to be done with them.

        Raises:
            DocumentNotFoundError: If the caller has no such document.
            WrongPasswordError: If it has another password.
            PageNotFoundError: If the page to be replaced is not in it.
            InvalidInputError: If a place is asked for without a document, or two of them.
        """
        if request.document is None:
            return await self._make_own(request, origin)
        document = self._documents.get(request.document, origin=origin)
        key = await self._documents.unlock(document, password)
        if request.replace is not None and request.interleave:
            raise InvalidInputError("A job can 'replace' or 'interleave', not both. Send one.")
        if request.replace is not None and request.replace not in document.order:
            raise PageNotFoundError("The document has no such page to replace.")
        at = request.insertPos - 1 if request.insertPos is not None else None
        fronts = document.order[max(0, at or 0) :] if request.interleave else ()
        self._users[document.uid] += 1
        if document.locked_key.salt is not None:
            self._keys[document.uid] = key
        return Placing(document=document.uid, at=at, replaces=request.replace, fronts=fronts)

    def choose_tasks(self, request: JobRequest, choice: Choice) -> tuple[PageTask, ...]:
        """What a job wants to be found out about each page, and who does it; see there."""
        return choose_tasks(request, self._registry, choice)

    async def drop(self, placing: Placing | None) -> None:
        """Forget a place: its job was deleted, or never came to be."""
        if placing is None:
            return
        self._forget_key(placing.document)
        if placing.is_own:
            try:
                await self._documents.delete(self._documents.get(placing.document, origin=LOCAL))
            except DocumentNotFoundError:
                return  # its owner was quicker

    def _forget_key(self, document: str) -> None:
        self._users[document] -= 1
        if self._users[document] <= 0:
            del self._users[document]
            self._keys.pop(document, None)

    async def finish(self, job: ScanJob) -> None:
        """Finish every page of a job that is in the buffer and not seen by anybody yet.

        What cannot be done to a page is told in the job's warnings, and the page is seen as it is.

        Raises:
            DiskFullError: If there is no room; it can be done again when there is.
        """
        for page in self._buffer.unready_of(job.uid):
            try:
                await self._finish(job, page)
            except DiskFullError:
                raise
            except FlatbedError as error:
                log.warning("page not finished", job=job.uid, page=page.uid, error=error.name)
                job.warn(f"Page {page.ordinal + 1} stays as it was scanned: {error.message}")
                await self._buffer.show(page)
            job.notify()

    async def show(self, job: ScanJob, page: StoredPage) -> StoredPage:
        """A page of a job as it looks in the document that the job put it into."""
        if page.placed_as is None or job.options.placing is None:
            return page
        try:
            document, key = await self._open(job.options.placing)
            placed = self._documents.pages.get(document, key, page.placed_as)
        except (DocumentNotFoundError, PageNotFoundError, WrongPasswordError):
            return page
        return await self._editor.show(document, key, placed)

    async def _finish(self, job: ScanJob, page: StoredPage) -> None:
        treatment, placing = job.options.treatment, job.options.placing
        found = await self._inspect(page) if treatment.is_any else {}
        if treatment.skips_blank and found.get("isBlank"):
            await self._buffer.skip(page)
            return
        if placing is None:
            await self._carry_out(job, page, self._buffer.for_worker(page))
            await self._buffer.show(page)
            return
        edits = treatment.choose_edits(
            has_sheet=found.get("corners") is not None, is_skewed=bool(found.get("angle"))
        )
        document, key = await self._open(placing)
        placed = self._buffer.placed_of(job.uid)
        async with self._look(page, edits) as rendition:
            looks = rendition.page if rendition is not None else self._buffer.for_worker(page)
            await self._carry_out(job, page, looks)
            await self._documents.place(
                document,
                key,
                page,
                step=lambda order, uid: placing.make_step(order, uid, placed=placed),
                edits=edits,
                rendition=rendition,
            )

    async def _carry_out(self, job: ScanJob, page: StoredPage, looks: PageFile) -> None:
        """Find out what the job wants to know of a page; what fails is told, and no more."""
        for task in job.options.tasks:
            try:
                finding = await self._find_out(task, looks)
                await self._results.keep(page, finding)
            except DiskFullError:
                raise
            except FlatbedError as error:
                log.warning("operation failed", job=job.uid, page=page.uid, error=error.name)
                job.warn(f"'{task.operation}' on page {page.ordinal + 1}: {error.message}")

    async def _find_out(self, task: PageTask, looks: PageFile) -> Finding:
        process = self._operations.process
        choice = chosen_for(task, self._registry)
        async with process(task.operation, [looks], task.settings, choice=choice) as outcome:
            return Finding(operation=task.operation, hook=task.hook, value=outcome.value)

    async def _inspect(self, page: StoredPage) -> dict[str, Any]:
        file = self._buffer.for_worker(page)
        async with self._operations.process(INSPECTION, [file], {}) as outcome:
            return dict(outcome.value)

    @asynccontextmanager
    async def _look(self, page: StoredPage, edits: list[Edit]) -> AsyncIterator[Outcome | None]:
        if not edits:
            yield None
            return
        async with self._editor.apply(page, edits) as written:
            yield written

    async def _open(self, placing: Placing) -> tuple[Document, bytes]:
        document = self._documents.get(placing.document, origin=LOCAL)
        key = self._keys.get(document.uid)
        return document, key or await self._documents.unlock(document, None)

    async def _make_own(self, request: JobRequest, origin: str) -> Placing | None:
        if request.insertPos is not None or request.replace is not None or request.interleave:
            raise InvalidInputError("Say the 'document' that the pages are to go into.")
        treatment = read_treatment(request)
        if not (treatment.deskews or treatment.crops):
            return None
        document = await self._documents.create(origin)
        return Placing(document=document.uid, is_own=True)
