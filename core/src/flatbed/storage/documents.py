"""Documents: ordered lists of pages that outlive their jobs, with undo and redo over all of it."""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from flatbed.addon.frames import new_key
from flatbed.errors import DocumentNotFoundError, InvalidInputError, PageNotFoundError
from flatbed.storage import document_rows as rows
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.document import COLUMNS, Document, DocumentPage, to_document
from flatbed.storage.document_pages import DocumentPages, WrittenPages, require_kept
from flatbed.storage.events import LOCAL, EventLog, add_event
from flatbed.storage.history import Edit, EditPage, Insert, Remove, Reorder, Replace, SetEdits, Step
from flatbed.storage.index import Index
from flatbed.storage.passwords import DocumentKeys
from flatbed.storage.stored_page import StoredPage, mark_placed

MakeStep = Callable[[sqlite3.Connection, list[str]], Step]
"""Makes a step within a transaction, from the pages of the document before it."""


class Documents:
    """All documents of one data folder.

    Attributes:
        pages: Theirs.
    """

    def __init__(
        self, index: Index, events: EventLog, buffer: PageBuffer, master_key: bytes
    ) -> None:
        self.pages = DocumentPages(index, buffer)
        self._index, self._events, self._buffer = index, events, buffer
        self._keys = DocumentKeys(master_key)

    async def create(
        self, origin: str, *, name: str | None = None, password: str | None = None
    ) -> Document:
        """Make an empty document.

        Raises:
            NameTakenError: If the origin has one of this name; its uid stands in the details.
        """
        uid = secrets.token_hex(16)
        locked = await self._keys.lock(new_key(), uid=uid, password=password)

        def change(write: sqlite3.Connection) -> None:
            rows.check_name(write, origin, name)
            write.execute(
                "INSERT INTO documents (uid, origin, name, created_at, key, salt)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (uid, origin, name, time.time(), locked.wrapped, locked.salt),
            )
            rows.touch(write, uid, origin=origin)

        await self._index.write(change)
        self._events.wake()
        return self.get(uid, origin=origin)

    def get(self, uid: str, *, origin: str) -> Document:
        """The document of an origin; those of all origins for `local`.

        Raises:
            DocumentNotFoundError: If there is none, or it is another's.
        """
        found = self._index.read(f"SELECT {COLUMNS} FROM documents WHERE uid = ?", uid)  # noqa: S608
        if not found or origin not in (found[0]["origin"], LOCAL):
            raise DocumentNotFoundError
        return to_document(found[0])

    def has(self, uid: str) -> bool:
        """Whether a document is there, whoever has it."""
        return bool(self._index.read("SELECT 1 FROM documents WHERE uid = ?", uid))

    def list(self, origin: str, *, name: str | None = None) -> list[Document]:
        """The documents of an origin, oldest first; those of all origins for `local`."""
        found = self._index.read(
            f"SELECT {COLUMNS} FROM documents"  # noqa: S608
            " WHERE ? IN (origin, ?) AND (? IS NULL OR name = ?) ORDER BY created_at, uid",
            *(origin, origin if origin == LOCAL else "", name, name),
        )
        return [to_document(row) for row in found]

    async def unlock(self, document: Document, password: str | None) -> bytes:
        """The key of a document.

        Raises:
            WrongPasswordError: If it has another password.
        """
        return await self._keys.unlock(document.locked_key, uid=document.uid, password=password)

    async def set_metadata(self, document: Document, metadata: str) -> Document:
        """Replace a document's metadata, JSON text."""
        return await self._write(
            document,
            lambda write: write.execute(
                "UPDATE documents SET metadata = ? WHERE uid = ?", (metadata, document.uid)
            ),
        )

    async def delete(self, document: Document) -> None:
        """Delete a document, its history and the keys of its pages."""

        def change(write: sqlite3.Connection) -> list[str]:
            orphans = rows.drop_document(write, document.uid)
            add_event(write, document.origin, "document.deleted", document.uid, {})
            return orphans

        orphans = await self._index.write_at_need(change)
        self._events.wake()
        await self._buffer.delete_files(orphans)

    async def insert(
        self,
        document: Document,
        key: bytes,
        pages: Sequence[DocumentPage | StoredPage],
        *,
        at: int | None = None,
    ) -> Document:
        """Put copies of pages into a document; nothing of the pages is copied but their keys.

        Args:
            document: Where to.
            key: Of the document.
            pages: From jobs, or from documents with their edits.
            at: Place of the first of them, from 0; at the end without or outside.

        Raises:
            PageNotFoundError: If a page was deleted meanwhile.
        """

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            uids = [self._copy(write, document, key, page) for page in pages]
            return Insert(_place(order, at), tuple(uids))

        return await self._do(document, make)

    async def insert_new(
        self, document: Document, key: bytes, written: WrittenPages, *, at: int | None = None
    ) -> Document:
        """Put pages into a document that an add-on has written for it.

        Raises:
            PageCorruptError: If they are not there as the add-on said; nothing was changed.
        """

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            taken = written.take(self._buffer, document)
            uids = [self.pages.add(write, document, key, page) for page in taken]
            return Insert(_place(order, at), tuple(uids))

        await self._buffer.announce(written.entries)
        return await self._do(document, make)

    async def replace(
        self, document: Document, key: bytes, old: str, page: DocumentPage | StoredPage
    ) -> Document:
        """Put a page in the place of another."""

        def make(write: sqlite3.Connection, order: list[str]) -> Step:
            at = _find(order, old)
            return Replace(at, old, self._copy(write, document, key, page))

        return await self._do(document, make)

    async def place(
        self,
        document: Document,
        key: bytes,
        page: StoredPage,
        *,
        step: Callable[[Sequence[str], str], Step],
        edits: Sequence[Edit] = (),
        rendition: WrittenPages | None = None,
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

    async def edit(self, document: Document, page: str, edit: Edit) -> Document:
        """Do something to a page; its original stays as it is.

        Args:
            document: Whose page it is.
            page: Its uid there.
            edit: `op` and its settings, checked already.
        """

        def make(_: sqlite3.Connection, order: list[str]) -> Step:
            _find(order, page)
            return EditPage(page, edit)

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

    async def _do(self, document: Document, make: MakeStep) -> Document:
        unneeded: list[str] = []

        def change(write: sqlite3.Connection) -> None:
            number = rows.count_done(write, document.uid) + 1
            step = make(write, rows.read_order(write, document.uid))
            forgotten = rows.add_step(write, document.uid, step, number)
            order = rows.move(write, document.uid, step, change=step.apply, done=number)
            unneeded.extend(rows.drop_unneeded(write, document.uid, order, forgotten))

        changed = await self._write(document, change)
        await self._buffer.delete_files(unneeded)
        return changed

    async def _write(
        self, document: Document, change: Callable[[sqlite3.Connection], Any]
    ) -> Document:
        def whole(write: sqlite3.Connection) -> None:
            rows.read_order(write, document.uid)  # or it was deleted meanwhile
            change(write)
            rows.touch(write, document.uid, origin=document.origin)

        await self._index.write(whole)
        self._events.wake()
        return self.get(document.uid, origin=document.origin)

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
