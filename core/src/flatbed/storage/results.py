"""Pages that an operation made, for a while: who wants to keep one puts it into a document."""

from __future__ import annotations

import secrets
import sqlite3
import time

from flatbed.runtime.outcome import Outcome
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.delivery import Delivery
from flatbed.storage.index import Index
from flatbed.storage.quota import Quota
from flatbed.storage.stored_page import StoredPage


class Results:
    """The results of operations, each like a job of its own."""

    def __init__(self, index: Index, buffer: PageBuffer, quota: Quota) -> None:
        self._index, self._buffer, self._quota = index, buffer, quota

    async def keep(self, origin: str, outcome: Outcome) -> list[StoredPage]:
        """Keep the pages that an operation wrote.

        Args:
            origin: Whose they are.
            outcome: What it left.

        Returns:
            The pages in order.

        Raises:
            StorageLimitError: If their owner has as much as it may have.
        """
        self._quota.check(origin)
        uid = secrets.token_hex(16)
        await self._index.write(
            lambda write: write.execute(
                "INSERT INTO results (uid, origin, made_at) VALUES (?, ?, ?)",
                (uid, origin, time.time()),
            )
        )
        await self._buffer.adopt(Delivery.of(outcome, holder=uid, origin=origin))
        return self._buffer.pages_of(uid)

    def has(self, uid: str) -> bool:
        """Whether pages of this holder are a result, and no scan's."""
        return bool(self._index.read("SELECT 1 FROM results WHERE uid = ?", uid))

    async def drop_old(self, age_s: float) -> None:
        """Delete the pages of results of that age; those in documents stay there."""
        oldest = time.time() - age_s
        for row in self._index.read("SELECT uid FROM results WHERE made_at < ?", oldest):
            await self.drop(row["uid"])

    async def drop(self, uid: str) -> None:
        """Delete the pages of one result; those in documents stay there."""
        await self._buffer.delete_job_pages(uid)

        def change(write: sqlite3.Connection) -> None:
            write.execute("DELETE FROM results WHERE uid = ?", (uid,))

        await self._index.write_at_need(change)
