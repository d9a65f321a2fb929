"""The event log: written in the transaction of the change, read by whoever was away."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from flatbed.storage.index import Index

EVERYBODY = "*"
"""The origin of events that all may see, such as a scanner that was plugged in."""

LOCAL = "local"
"""Native programs and the service's own pages: one principal, which sees everything."""

_BATCH = 200


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        seq: Grows by at least one from event to event, across restarts.
        type: As `page.added`.
        subject: The uid of what it happened to.
        data: JSON values.
    """

    seq: int
    type: str
    subject: str
    data: dict[str, Any]


def add_event(
    connection: sqlite3.Connection, origin: str, kind: str, subject: str, data: dict[str, Any]
) -> None:
    """Add an event to the transaction of the change that it tells about."""
    connection.execute(
        "INSERT INTO events (at, origin, type, subject, data) VALUES (?, ?, ?, ?, ?)",
        (time.time(), origin, kind, subject, json.dumps(data)),
    )


class EventLog:
    """What clients read and wait for."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._changed = asyncio.Event()

    def wake(self) -> None:
        """Tell everybody who waits that something was committed."""
        self._changed.set()
        self._changed = asyncio.Event()

    def watch(self) -> asyncio.Event:
        """What the next `wake` sets; take it before reading, so that nothing falls in between."""
        return self._changed

    def last(self) -> int:
        """The number of the newest event; 0 before the first."""
        rows = self._index.read("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
        return int(rows[0]["seq"]) if rows else 0

    def is_gap(self, after: int) -> bool:
        """Whether events after that number have been dropped already, or it is from elsewhere."""
        if after > self.last():
            return True
        oldest = self._index.read("SELECT min(seq) AS seq FROM events")[0]["seq"]
        return (oldest if oldest is not None else self.last() + 1) > after + 1

    def after(self, seq: int, *, origin: str) -> list[Event]:
        """The next events that an origin may see, oldest first, some hundreds at most."""
        rows = self._index.read(
            "SELECT seq, type, subject, data FROM events"
            " WHERE seq > ? AND (? = ? OR origin IN (?, ?)) ORDER BY seq LIMIT ?",
            *(seq, origin, LOCAL, origin, EVERYBODY, _BATCH),
        )
        return [
            Event(row["seq"], row["type"], row["subject"], json.loads(row["data"])) for row in rows
        ]

    async def add(self, origin: str, kind: str, subject: str, data: dict[str, Any]) -> None:
        """Add an event that stands for itself."""
        await self._index.write(lambda write: add_event(write, origin, kind, subject, data))
        self.wake()

    async def drop_old(self, keep_s: float) -> None:
        """Delete the events that are older than `keep_s` seconds."""
        oldest = time.time() - keep_s
        await self._index.write(
            lambda write: write.execute("DELETE FROM events WHERE at < ?", (oldest,))
        )
