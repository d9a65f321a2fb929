"""Steps of documents: what is done to one is written down with its way back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from flatbed.errors import (
    DocumentNotFoundError,
    InvalidInputError,
    PageNotFoundError,
    WrongStateError,
)
from flatbed.runtime.outcome import Outcome
from flatbed.storage import document_rows as rows
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.document import COLUMNS, Document, DocumentPage, to_document
from flatbed.storage.document_pages import DocumentPages, require_kept, take_pages
from flatbed.storage.events import EventLog
from flatbed.storage.history import Edit, EditPage, Insert, Remove, Reorder, Replace, SetEdits, Step
from flatbed.storage.index import Also, Change, Index, nothing_else
from flatbed.storage.stored_page import StoredPage, mark_placed

MakeStep = Callable[[sqlite3.Connection, list[str]], Step]
"""Makes a step within a transaction, from the pages of the document before it."""


class DocumentSteps:
    """What can be done to a document, one transaction each.

    Attributes:
        pages: Of all documents.
    """

    def __init__(self, index: Index, events: EventLog, buffer: PageBuffer) -> None:
        self.pages = DocumentPages(index, buffer)
        self._index, self._events, self._buffer = index, events, buffer

    async def insert(
        self,
        document: Document,
        key: bytes,
        pages: Sequence[DocumentPage | StoredPage],
        *,
        at: int | None = None,
        also: Also[Document] = nothing_else,
    ) -> Document:
        """Put copies of pages into a document; nothing of the pages is copied but their keys.

        Args:
            document: Where to.
            key: Of the document.
            pages: From jobs, or from documents with their edits.
            at: Place of the first of them, from 0; at the end without or outside.
            also: What else is written with it.

        Raises:
            PageNotFoundError: If a page was deleted meanwhile.
        """

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            uids = [self._copy(write, document, key, page) for page in pages]
            return Insert(_place(order, at), tuple(uids))

        return await self._do(document, make, also)

    async def insert_new(
        self,
        document: Document,
        key: bytes,
        written: Outcome,
        *,
        at: int | None = None,
        also: Also[Document] = nothing_else,
    ) -> Document:
        """Put pages into a document that an add-on has written for it.

        Raises:
            PageCorruptError: If they are not there as the add-on said; nothing was changed.
        """

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            taken = take_pages(self._buffer, document, written)
            uids = [self.pages.add(write, document, key, page) for page in taken]
            return Insert(_place(order, at), tuple(uids))

        await self._buffer.announce(written.entries)
        return await self._do(document, make, also)

    async def replace(
        self,
        document: Document,
        key: bytes,
        old: str,
        page: DocumentPage | StoredPage,
        *,
        also: Also[Document] = nothing_else,
    ) -> Document:
        """Put a page in the place of another."""

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            at = _find(order, old)
            return Replace(at, old, self._copy(write, document, key, page))

        return await self._do(document, make, also)

    async def place(
        self,
        document: Document,
        key: bytes,
        page: StoredPage,
        *,
        step: Callable[[Sequence[str], str], Step],
        edits: Sequence[Edit] = (),
        rendition: Outcome | None = None,
    ) -> Document:
        """Put a page into a document as it is scanned, and let it be seen.

        Args:
            document: Where to.
            key: Of the document.
            page: Of the job that scans.
            step: Makes the step of the document's pages before it, and the new page's uid.
            edits: What is done to the page.
            rendition: How it then looks.
        """
        dropped: list[str] = []

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            uid = self._copy(
                write, document, key, DocumentPage(uid=page.uid, original=page, edits=tuple(edits))
            )
            if rendition is not None:
                write_rendition = self.pages.write_rendition
                _, old = write_rendition(write, document, key, uid, edits, rendition)
                dropped.extend(old)
            mark_placed(write, page, document=document.uid, uid=uid)
            return step(order, uid)

        if rendition is not None:
            await self._buffer.announce(rendition.entries)
        changed = await self._do(document, make)
        await self._buffer.delete_files(dropped)
        return changed

    async def remove(self, document: Document, page: str) -> Document:
        """Take a page out; undo brings it back."""
        return await self._do(document, lambda _, order: Remove(_find(order, page), page))

    async def edit(self, document: Document, page: DocumentPage, edit: Edit) -> Document:
        """Do something to a page; its original stays as it is.

        Args:
            document: Whose page it is.
            page: As it was when the edit was tried.
            edit: `op` and its settings, checked already.

        Raises:
            WrongStateError: If the page has other edits now: the edit may not fit any more.
        """

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            _find(order, page.uid)
            if rows.read_edits(write, page.uid) != list(page.edits):
                raise WrongStateError("The page was changed meanwhile. Look at it, and try again.")
            return EditPage(page.uid, edit)

        return await self._do(document, make)

    async def reset(self, document: Document, page: str) -> Document:
        """Take all edits of a page away: it looks like its original again."""

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            _find(order, page)
            return SetEdits(page, before=tuple(rows.read_edits(write, page)))

        return await self._do(document, make)

    async def reorder(self, document: Document, order: Sequence[str]) -> Document:
        """Put the pages in another order.

        Raises:
            InvalidInputError: If it does not name every page once.
        """

        def make(_: sqlite3.Connection, before: list[str]) -> Step:
            if sorted(order) != sorted(before):
                raise InvalidInputError("The order must name every page of the document once.")
            places = {page: place for place, page in enumerate(before)}
            return Reorder(tuple(places[page] for page in order))

        return await self._do(document, make)

    async def undo(self, document: Document) -> Document:
        """Take the last step back.

        Raises:
            WrongStateError: If there is none.
        """

        def change(write: sqlite3.Connection) -> None:
            number = rows.count_done(write, document.uid)
            step = rows.read_step(write, document.uid, number, to="undo")
            rows.move(write, document.uid, step, change=step.revert, done=number - 1)

        return await self._write(document, change)

    async def redo(self, document: Document) -> Document:
        """Do the step again that was taken back last.

        Raises:
            WrongStateError: If there is none.
        """

        def change(write: sqlite3.Connection) -> None:
            number = rows.count_done(write, document.uid) + 1
            step = rows.read_step(write, document.uid, number, to="redo")
            rows.move(write, document.uid, step, change=step.apply, done=number)

        return await self._write(document, change)

    async def _do(
        self, document: Document, make: MakeStep, also: Also[Document] = nothing_else
    ) -> Document:
        unneeded: list[str] = []

        def change(write: sqlite3.Connection) -> None:
            number = rows.count_done(write, document.uid) + 1
            step = make(write, rows.read_order(write, document.uid))
            forgotten = rows.add_step(write, document.uid, step, number)
            order = rows.move(write, document.uid, step, change=step.apply, done=number)
            unneeded.extend(rows.drop_unneeded(write, document.uid, order, forgotten))

        changed = await self._write(document, change, also)
        await self._buffer.delete_files(unneeded)
        return changed

    async def _write(
        self, document: Document, change: Change, also: Also[Document] = nothing_else
    ) -> Document:
        def whole(write: sqlite3.Connection) -> Document:
            rows.read_order(write, document.uid)  # or it was deleted meanwhile
            change(write)
            rows.touch(write, document.uid, origin=document.origin)
            changed = rows.read_document(write, document.uid)
            also(write, changed)
            return changed

        changed = await self._index.write(whole)
        self._events.wake()
        return changed

    def _read(self, uid: str) -> Document:
        found = self._index.read(f"SELECT {COLUMNS} FROM documents WHERE uid = ?", uid)  # noqa: S608
        if not found:
            raise DocumentNotFoundError
        return to_document(found[0])

    def _copy(
        self,
        write: sqlite3.Connection,
        document: Document,
        key: bytes,
        page: DocumentPage | StoredPage,
    ) -> str:
        if isinstance(page, StoredPage):
            page = DocumentPage(uid=page.uid, original=page)
        require_kept(write, page.original)
        return self.pages.add(write, document, key, page.original, edits=page.edits)


def _place(order: Sequence[str], at: int | None) -> int:
    return at if at is not None and 0 <= at <= len(order) else len(order)


def _find(order: list[str], page: str) -> int:
    if page not in order:
        raise PageNotFoundError
    return order.index(page)
