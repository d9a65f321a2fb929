"""A document as the index has it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field

from flatbed.errors import PageNotFoundError
from flatbed.storage.history import Edit
from flatbed.storage.passwords import LockedKey
from flatbed.storage.stored_page import StoredPage

_STEP = "SELECT 1 FROM document_steps WHERE document_uid = documents.uid AND number = steps_done"
COLUMNS = (
    "uid, origin, name, metadata, created_at, changed_at, key, salt, page_order,"
    f" EXISTS ({_STEP}) AS can_undo, EXISTS ({_STEP} + 1) AS can_redo"
)
"""What a query of the table `documents` reads for `to_document`."""


_PLACE_DIGITS = 9
"""A uid can be all digits, too."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document as it is now.

    Attributes:
        uid: Its id.
        origin: Whose it is.
        name: Unique within the origin, or `None`.
        metadata: JSON text, or `None`.
        created_at: When it was made, seconds of Unix time.
        changed_at: When anything of it was changed last.
        locked_key: Wraps the keys of its pages.
        order: Uids of its pages.
        can_undo: There is a step to take back.
        can_redo: There is a step that was taken back.
    """

    uid: str
    origin: str
    name: str | None
    metadata: str | None
    created_at: float
    changed_at: float
    locked_key: LockedKey = field(repr=False)
    order: tuple[str, ...]
    can_undo: bool
    can_redo: bool

    def find(self, page: str) -> str:
        """The uid of a page that is named by its uid or its place from 0.

        Raises:
            PageNotFoundError: If the document has no such page.
        """
        if page in self.order:
            return page
        is_place = page.isascii() and page.isdigit() and len(page) <= _PLACE_DIGITS
        if is_place and int(page) < len(self.order):
            return self.order[int(page)]
        raise PageNotFoundError(f"The document has no page {page[:40]!r}.")


@dataclass(frozen=True, kw_only=True)
class DocumentPage:
    """One page of a document.

    Attributes:
        uid: Its id in the document.
        original: What was scanned or loaded; it is never changed.
        edits: What is done to it, in this order.
    """

    uid: str
    original: StoredPage
    edits: tuple[Edit, ...] = ()


def to_document(row: sqlite3.Row) -> Document:
    """The document of a row of `COLUMNS`."""
    return Document(
        uid=row["uid"],
        origin=row["origin"],
        name=row["name"],
        metadata=row["metadata"],
        created_at=row["created_at"],
        changed_at=row["changed_at"],
        locked_key=LockedKey(row["key"], row["salt"]),
        order=tuple(json.loads(row["page_order"])),
        can_undo=bool(row["can_undo"]),
        can_redo=bool(row["can_redo"]),
    )
