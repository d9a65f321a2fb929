"""What operations found on a page while it was scanned, kept with it and as secret as it is."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from flatbed.addon.frames import unwrap_key, wrap_key
from flatbed.errors import PageCorruptError
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.index import Index
from flatbed.storage.stored_page import StoredPage


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one operation found on one page.

    Attributes:
        operation: Its name.
        hook: What carried it out, which says what the value is.
        value: JSON values.
    """

    operation: str
    hook: str
    value: Any


class PageResults:
    """The findings on pages; they go with the page's key, and their rows soon after."""

    def __init__(self, index: Index, buffer: PageBuffer) -> None:
        self._index, self._buffer = index, buffer

    async def keep(self, page: StoredPage, finding: Finding) -> None:
        """Keep what was found on a page, in place of what the same operation found before."""
        plain = json.dumps({"hook": finding.hook, "value": finding.value}).encode()
        label = _label(page, finding.operation)
        sealed = wrap_key(plain, by=self._buffer.key_of(page), uid=label)

        def change(write: sqlite3.Connection) -> None:
            write.execute(
                "INSERT OR REPLACE INTO page_results (page, operation, sealed) VALUES (?, ?, ?)",
                (page.uid, finding.operation, sealed),
            )

        await self._index.write(change)

    def of(self, page: StoredPage) -> list[Finding]:
        """What was found on a page, by the names of the operations.

        Args:
            page: As it was scanned, from its job or from a document.

        Raises:
            PageCorruptError: If a finding is not the one that was written.
        """
        rows = self._index.read(
            "SELECT operation, sealed FROM page_results WHERE page = ? ORDER BY operation", page.uid
        )
        key = self._buffer.key_of(page) if rows else b""
        return [self._open(page, row["operation"], row["sealed"], key) for row in rows]

    async def drop_orphans(self) -> None:
        """Delete the findings on pages that nobody has any more; no key opens them."""
        await self._index.write_at_need(
            lambda write: write.execute(
                "DELETE FROM page_results WHERE page NOT IN (SELECT uid FROM pages)"
                " AND page NOT IN (SELECT original FROM document_pages)"
            )
        )

    def _open(self, page: StoredPage, operation: str, sealed: bytes, key: bytes) -> Finding:
        plain = unwrap_key(sealed, by=key, uid=_label(page, operation))
        try:
            found = json.loads(plain)
            return Finding(operation=operation, hook=found["hook"], value=found["value"])
        except (ValueError, KeyError, TypeError) as error:
            raise PageCorruptError("What was found on this page cannot be read.") from error


def _label(page: StoredPage, operation: str) -> str:
    return f"{page.uid} found by {operation}"
