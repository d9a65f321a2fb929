"""Documents: ordered lists of pages that outlive their jobs: made, found, unlocked, deleted."""

from __future__ import annotations

import secrets
import sqlite3
import time

from flatbed.addon.frames import new_key
from flatbed.errors import DocumentNotFoundError
from flatbed.storage import document_rows as rows
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.document import COLUMNS, Document, to_document
from flatbed.storage.document_steps import DocumentSteps
from flatbed.storage.events import LOCAL, EventLog, add_event
from flatbed.storage.index import Also, Index, nothing_else
from flatbed.storage.passwords import DocumentKeys


class Documents(DocumentSteps):
    """All documents of one data folder."""

    def __init__(
        self, index: Index, events: EventLog, buffer: PageBuffer, master_key: bytes
    ) -> None:
        super().__init__(index, events, buffer)
        self._keys = DocumentKeys(master_key)

    async def create(
        self,
        origin: str,
        *,
        name: str | None = None,
        password: str | None = None,
        also: Also[Document] = nothing_else,
    ) -> Document:
        """Make an empty document.

        Args:
            origin: Whose it is.
            name: Unique within the origin.
            password: Of the document.
            also: What else is written with it.

        Raises:
            NameTakenError: If the origin has one of this name; its uid stands in the details.
        """
        uid = secrets.token_hex(16)
        locked = await self._keys.lock(new_key(), uid=uid, password=password)

        def change(write: sqlite3.Connection) -> Document:
            rows.check_name(write, origin, name)
            write.execute(
                "INSERT INTO documents (uid, origin, name, created_at, key, salt)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (uid, origin, name, time.time(), locked.wrapped, locked.salt),
            )
            rows.touch(write, uid, origin=origin)
            made = rows.read_document(write, uid)
            also(write, made)
            return made

        made = await self._index.write(change)
        self._events.wake()
        return made

    def get(self, uid: str, *, origin: str) -> Document:
        """The document of an origin; those of all origins for `local`.

        Raises:
            DocumentNotFoundError: If there is none, or it is another's.
        """
        document = self._read(uid)
        if origin not in (document.origin, LOCAL):
            raise DocumentNotFoundError
        return document

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
