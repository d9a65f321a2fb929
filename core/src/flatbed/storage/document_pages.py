"""The pages of documents in the index: their originals, their edits, and how they look by them."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from flatbed.addon.frames import unwrap_key, wrap_key
from flatbed.errors import PageNotFoundError
from flatbed.runtime.outcome import Outcome
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.delivery import Delivery
from flatbed.storage.document import Document, DocumentPage
from flatbed.storage.history import Edit
from flatbed.storage.index import Index
from flatbed.storage.sources import find_orphan
from flatbed.storage.stored_page import StoredPage, find_orphans, record_of

RENDITIONS_KEPT = 3
"""Of one page: as it looks now, and as one or two steps of undo or redo make it look."""


class DocumentPages:
    """The pages of all documents; each key is wrapped by that of its document."""

    def __init__(self, index: Index, buffer: PageBuffer) -> None:
        self._index, self._buffer = index, buffer

    def find_document(self, page: str) -> str:
        """The uid of the document that a page is in, or was in before it was taken out.

        Raises:
            PageNotFoundError: If there is none.
        """
        found = self._index.read("SELECT document_uid FROM document_pages WHERE uid = ?", page)
        if not found:
            raise PageNotFoundError
        return str(found[0]["document_uid"])

    def get(self, document: Document, key: bytes, page: str) -> DocumentPage:
        """A page that a document has now.

        Args:
            document: Whose page it is.
            key: Of the document.
            page: Uid of the page in the document.

        Raises:
            PageNotFoundError: If the document has no such page now.
        """
        found = self._index.read(
            "SELECT original, record, key, edits FROM document_pages WHERE uid = ?", page
        )
        if page not in document.order or not found:
            raise PageNotFoundError
        row = found[0]
        original = self._open(document, page, row["original"], row["record"], row["key"], key=key)
        return DocumentPage(uid=page, original=original, edits=tuple(json.loads(row["edits"])))

    def add(
        self,
        write: sqlite3.Connection,
        document: Document,
        key: bytes,
        original: StoredPage,
        *,
        edits: Sequence[Edit] = (),
    ) -> str:
        """Write a page of a document down, and give its uid; part of a transaction."""
        uid, page_key = secrets.token_hex(16), self._buffer.key_of(original)
        record, source = record_of(original), original.source
        if source is not None:
            record["source"] = source.to_record(page_key)
        write.execute(
            "INSERT INTO document_pages (uid, document_uid, original, source, record, key, edits)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(uid, document.uid, original.uid, source.uid if source else None),
                *(json.dumps(record), wrap_key(page_key, by=key, uid=uid)),
                json.dumps(list(edits)),
            ),
        )
        return uid

    def find_rendition(
        self, document: Document, key: bytes, page: DocumentPage, edits: Sequence[Edit]
    ) -> StoredPage | None:
        """How a page looks by some edits, if that has been made and kept."""
        found = self._index.read(
            "SELECT uid, record, key FROM renditions WHERE page = ? AND edits = ?",
            *(page.uid, _encode(edits)),
        )
        if not found or not self._buffer.has_file(found[0]["uid"], "page"):
            return None
        row = found[0]
        return self._open(document, row["uid"], row["uid"], row["record"], row["key"], key=key)

    async def keep_rendition(
        self,
        document: Document,
        key: bytes,
        page: DocumentPage,
        edits: Sequence[Edit],
        written: Outcome,
    ) -> StoredPage:
        """Keep how a page looks by some edits, in place of the oldest such.

        Args:
            document: Whose page it is.
            key: Of the document.
            page: The page.
            edits: Which ones.
            written: The one page that it is then.

        Raises:
            PageNotFoundError: If the page was deleted meanwhile.
        """

        def change(write: sqlite3.Connection) -> tuple[StoredPage, list[str]]:
            _require(write, page.uid)
            return self.write_rendition(write, document, key, page.uid, edits, written)

        await self._buffer.announce(written.entries)
        made, dropped = await self._index.write(change)
        await self._buffer.delete_files(dropped)
        return made

    def write_rendition(
        self,
        write: sqlite3.Connection,
        document: Document,
        key: bytes,
        page: str,
        edits: Sequence[Edit],
        written: Outcome,
    ) -> tuple[StoredPage, list[str]]:
        """The same as a part of a transaction; `page` is the uid.

        Returns:
            The rendition, and the pages whose files nobody needs after the commit.
        """
        (taken,) = take_pages(self._buffer, document, written)
        # Whatever the add-on says: only what was loaded came from a file.
        made = replace(taken, source=None)
        wrapped = wrap_key(self._buffer.key_of(made), by=key, uid=made.uid)
        before = _drop_rendition(write, page, _encode(edits))
        write.execute(
            "INSERT INTO renditions (uid, page, edits, record, key, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(made.uid, page, _encode(edits), json.dumps(record_of(made))),
                *(wrapped, time.time()),
            ),
        )
        return made, [*before, *_drop_oldest(write, page)]

    def _open(
        self, document: Document, page: str, uid: str, record: str, wrapped: bytes, *, key: bytes
    ) -> StoredPage:
        place = document.order.index(page) if page in document.order else 0
        return self._buffer.unlocked(
            *(uid, json.loads(record), unwrap_key(wrapped, by=key, uid=page)),
            holder=document.uid,
            origin=document.origin,
            ordinal=place,
        )


def take_pages(buffer: PageBuffer, document: Document, written: Outcome) -> list[StoredPage]:
    """Move pages into the buffer for a document; see `PageBuffer.take_files`."""
    return buffer.take_files(Delivery.of(written, holder=document.uid, origin=document.origin))


def require_kept(write: sqlite3.Connection, page: StoredPage) -> None:
    """Refuse a page that was deleted meanwhile.

    Raises:
        PageNotFoundError: If no job and no document has it any more.
    """
    if find_orphans(write, [page.uid]):
        raise PageNotFoundError


def drop_page(write: sqlite3.Connection, page: str) -> list[str]:
    """Forget a page and its renditions.

    Returns:
        The pages whose files nobody needs now; they can be deleted after the commit.
    """
    query = "SELECT original, source FROM document_pages WHERE uid = ?"
    row = write.execute(query, (page,)).fetchone()
    write.execute("DELETE FROM document_pages WHERE uid = ?", (page,))
    renditions = write.execute("DELETE FROM renditions WHERE page = ? RETURNING uid", (page,))
    made = [str(each["uid"]) for each in renditions.fetchall()]
    return [*find_orphans(write, [str(row["original"])]), *find_orphan(write, row["source"]), *made]


def _drop_rendition(write: sqlite3.Connection, page: str, edits: str) -> list[str]:
    found = write.execute(
        "DELETE FROM renditions WHERE page = ? AND edits = ? RETURNING uid", (page, edits)
    )
    return [str(each["uid"]) for each in found.fetchall()]


def _drop_oldest(write: sqlite3.Connection, page: str) -> list[str]:
    found = write.execute(
        "DELETE FROM renditions WHERE uid IN (SELECT uid FROM renditions WHERE page = ?"
        " ORDER BY made_at DESC, rowid DESC LIMIT -1 OFFSET ?) RETURNING uid",
        (page, RENDITIONS_KEPT),
    )
    return [str(each["uid"]) for each in found.fetchall()]


def _require(write: sqlite3.Connection, page: str) -> None:
    if write.execute("SELECT 1 FROM document_pages WHERE uid = ?", (page,)).fetchone() is None:
        raise PageNotFoundError


def _encode(edits: Sequence[Edit]) -> str:
    return msgspec.json.encode(list(edits)).decode()
