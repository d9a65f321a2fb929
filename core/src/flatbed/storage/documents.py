"""Documents: ordered lists of pages that outlive their jobs, with undo and redo over all of it."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from flatbed.addon.frames import new_key, unwrap_key, wrap_key
from flatbed.errors import (
    DocumentNotFoundError,
    InvalidInputError,
    PageNotFoundError,
    WrongStateError,
)
from flatbed.storage import document_rows as rows
from flatbed.storage.buffer import PageBuffer, StoredPage, find_orphans
from flatbed.storage.document import COLUMNS, Document, to_document
from flatbed.storage.events import LOCAL, EventLog, add_event
from flatbed.storage.history import (
    DocumentState,
    Edit,
    Insert,
    Remove,
    Reorder,
    Replace,
    Step,
)
from flatbed.storage.index import Index
from flatbed.storage.passwords import DocumentKeys

MakeStep = Callable[[sqlite3.Connection, DocumentState], Step]


class Documents:
    """All documents of one data folder."""

    def __init__(
        self, index: Index, events: EventLog, buffer: PageBuffer, master_key: bytes
    ) -> None:
        self._index, self._events, self._buffer = index, events, buffer
        self._master_key = master_key
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
            add_event(write, origin, "document.changed", uid, {"pages": 0})

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

    def open_page(self, document: Document, key: bytes, page: str) -> StoredPage:
        """The untouched original of a page, as the buffer hands it out.

        Args:
            document: Whose page it is.
            key: Of the document.
            page: Uid of the page in the document.

        Raises:
            PageNotFoundError: If the document has no such page now.
        """
        found = self._index.read(
            "SELECT uid, original, record, key FROM document_pages WHERE uid = ?", page
        )
        if page not in document.order or not found:
            raise PageNotFoundError
        row, record = found[0], json.loads(found[0]["record"])
        page_key = unwrap_key(row["key"], by=key, uid=page)
        return StoredPage(
            uid=row["original"],
            job_uid=document.uid,
            origin=document.origin,
            ordinal=document.order.index(page),
            size_px=tuple(record["size_px"]),
            dpi=tuple(record["dpi"]),
            mode=record["mode"],
            bits=record["bits"],
            # In memory only: on the disk it is wrapped by the document's key.
            key=wrap_key(page_key, by=self._master_key, uid=row["original"]),
            has_jpeg=self._buffer.has_file(row["original"], "jpeg"),
            is_handed_out=False,
            is_info_handed_out=False,
        )

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

        orphans = await self._index.write(change)
        self._events.wake()
        self._buffer.delete_files(orphans)

    async def insert(
        self,
        document: Document,
        key: bytes,
        pages: Sequence[StoredPage],
        *,
        at: int | None = None,
        edits: Sequence[Sequence[Edit]] = (),
    ) -> Document:
        """Put copies of pages into a document; nothing of the pages is copied but their keys.

        Args:
            document: Where to.
            key: Of the document.
            pages: From a job or a document.
            at: Place of the first of them, from 0; at the end without or outside.
            edits: Of each page, where it has any.
        """

        def make(write: sqlite3.Connection, state: DocumentState) -> Step:
            uids = [self._insert_page(write, document, key, page) for page in pages]
            for uid, own in zip(uids, edits, strict=False):
                rows.write_edits(write, uid, own)
            place = at if at is not None and 0 <= at <= len(state.order) else len(state.order)
            return Insert(place, tuple(uids))

        return await self._do(document, make)

    async def replace(self, document: Document, key: bytes, old: str, page: StoredPage) -> Document:
        """Put a page in the place of another."""

        def make(write: sqlite3.Connection, state: DocumentState) -> Step:
            new = self._insert_page(write, document, key, page)
            return Replace(_place(state, old), old, new)

        return await self._do(document, make)

    async def remove(self, document: Document, page: str) -> Document:
        """Take a page out; undo brings it back."""
        return await self._do(document, lambda _, state: Remove(_place(state, page), page))

    async def reorder(self, document: Document, order: Sequence[str]) -> Document:
        """Put the pages in another order.

        Raises:
            InvalidInputError: If it does not name every page once.
        """

        def make(_: sqlite3.Connection, state: DocumentState) -> Step:
            if sorted(order) != sorted(state.order):
                raise InvalidInputError("The order must name every page of the document once.")
            places = {page: place for place, page in enumerate(state.order)}
            return Reorder(tuple(places[page] for page in order))

        return await self._do(document, make)

    async def undo(self, document: Document) -> Document:
        """Take the last step back.

        Raises:
            WrongStateError: If there is none.
        """

        def change(write: sqlite3.Connection) -> None:
            done = rows.count_done(write, document.uid)
            step = rows.read_step(write, document.uid, done)
            if step is None:
                raise WrongStateError("There is nothing to undo.")
            state = rows.read_state(write, document.uid, step)
            step.revert(state)
            rows.write_state(write, document.uid, state, step=step, done=done - 1)

        return await self._write(document, change)

    async def redo(self, document: Document) -> Document:
        """Do the step again that was taken back last.

        Raises:
            WrongStateError: If there is none.
        """

        def change(write: sqlite3.Connection) -> None:
            done = rows.count_done(write, document.uid) + 1
            step = rows.read_step(write, document.uid, done)
            if step is None:
                raise WrongStateError("There is nothing to redo.")
            state = rows.read_state(write, document.uid, step)
            step.apply(state)
            rows.write_state(write, document.uid, state, step=step, done=done)

        return await self._write(document, change)

    async def _do(self, document: Document, make: MakeStep) -> Document:
        orphans: list[str] = []

        def change(write: sqlite3.Connection) -> None:
            done = rows.count_done(write, document.uid) + 1
            step = make(write, rows.read_state(write, document.uid))
            state = rows.read_state(write, document.uid, step)
            step.apply(state)
            forgotten = rows.add_step(write, document.uid, step, done)
            rows.write_state(write, document.uid, state, step=step, done=done)
            orphans.extend(rows.drop_unneeded(write, document.uid, state.order, forgotten))

        changed = await self._write(document, change)
        self._buffer.delete_files(orphans)
        return changed

    async def _write(
        self, document: Document, change: Callable[[sqlite3.Connection], Any]
    ) -> Document:
        def whole(write: sqlite3.Connection) -> None:
            rows.read_order(write, document.uid)  # or it was deleted meanwhile
            change(write)
            data = {"pages": len(rows.read_order(write, document.uid))}
            add_event(write, document.origin, "document.changed", document.uid, data)

        await self._index.write(whole)
        self._events.wake()
        return self.get(document.uid, origin=document.origin)

    def _insert_page(
        self, write: sqlite3.Connection, document: Document, key: bytes, page: StoredPage
    ) -> str:
        if find_orphans(write, [page.uid]):
            raise PageNotFoundError  # it was deleted meanwhile
        uid = secrets.token_hex(16)
        record = {"size_px": page.size_px, "dpi": page.dpi, "mode": page.mode, "bits": page.bits}
        write.execute(
            "INSERT INTO document_pages (uid, document_uid, original, record, key)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                *(uid, document.uid, page.uid, json.dumps(record)),
                wrap_key(self._buffer.key_of(page), by=key, uid=uid),
            ),
        )
        return uid


def _place(state: DocumentState, page: str) -> int:
    if page not in state.order:
        raise PageNotFoundError
    return state.order.index(page)
