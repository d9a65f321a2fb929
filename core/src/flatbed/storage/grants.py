"""What persons decided about web origins; only what ends with the service is not in the index."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

from flatbed.errors import FlatbedError
from flatbed.storage.events import LOCAL, EventLog, add_event
from flatbed.storage.index import Index

State: TypeAlias = Literal["once", "always", "blocked"]
"""Let in until the service stops, let in for good, or refused for good."""

_CHANGED = "origin.changed"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What was decided about one origin.

    Attributes:
        origin: Exactly as browsers send it.
        state: The decision.
        name: What its page called itself, for people.
        since: When it was decided, in seconds of the epoch.
    """

    origin: str
    state: State
    name: str | None
    since: float

    @property
    def lets_in(self) -> bool:
        """Whether its pages may call."""
        return self.state != "blocked"


class GrantStore:
    """The decisions of one data folder, in memory for whoever asks at every request.

    Args:
        index: Where those are kept that outlive the service.
        events: Tells local callers of each change, as `origin.changed`.
    """

    def __init__(self, index: Index, events: EventLog) -> None:
        self._index, self._events = index, events
        rows = index.read("SELECT origin, state, name, since, last_used FROM grants")
        self._grants = {row["origin"]: _to_grant(row) for row in rows}
        self._used = {row["origin"]: float(row["last_used"] or 0) for row in rows}
        self._unwritten: set[str] = set()
        # Two changes of one origin must end in memory as they end in the index.
        self._changing = asyncio.Lock()

    def get(self, origin: str) -> Grant | None:
        """What was decided about an origin."""
        return self._grants.get(origin)

    def all(self) -> list[Grant]:
        """All decisions, by origin."""
        return [self._grants[origin] for origin in sorted(self._grants)]

    async def put(self, origin: str, state: State, name: str | None = None) -> Grant:
        """Decide; a name of before stays where there is no new one.

        Raises:
            FlatbedError: If it cannot be written; then it is as it was.
        """
        async with self._changing:
            before = self._grants.get(origin)
            kept = name or (before.name if before else None)
            grant = Grant(origin=origin, state=state, name=kept, since=time.time())
            await self._index.write_state(lambda write: _write(write, grant))
            self._grants[origin] = grant
        self._events.wake()
        return grant

    async def remove(self, origin: str) -> None:
        """Forget what was decided; nothing if nothing was.

        Raises:
            FlatbedError: If it cannot be written; then it is as it was.
        """
        async with self._changing:
            if origin in self._grants:
                await self._index.write_at_need(lambda write: _delete(write, origin))
                del self._grants[origin]
                self._used.pop(origin, None)
                self._unwritten.discard(origin)
        self._events.wake()

    def note_use(self, origin: str) -> None:
        """Remember that an origin has called now; `write_uses` keeps it."""
        self._used[origin] = time.time()
        self._unwritten.add(origin)

    def last_use(self, origin: str) -> float | None:
        """When an origin called last, in seconds of the epoch; None if it never did."""
        return self._used.get(origin) or None

    async def write_uses(self) -> None:
        """Write down who has called since the last time; the service does so every minute.

        Raises:
            FlatbedError: If the disk does not let it; the next time tells of them again.
        """
        uses = [(self._used[origin], origin) for origin in self._unwritten if self._is_kept(origin)]
        self._unwritten.clear()
        if not uses:
            return
        try:
            await self._index.write(
                lambda write: write.executemany(
                    "UPDATE grants SET last_used = ? WHERE origin = ?", uses
                )
            )
        except FlatbedError:
            self._unwritten.update(origin for _, origin in uses)
            raise

    def _is_kept(self, origin: str) -> bool:
        grant = self._grants.get(origin)
        return grant is not None and grant.state != "once"


def _to_grant(row: sqlite3.Row) -> Grant:
    return Grant(
        origin=row["origin"],
        state=cast("State", row["state"]),
        name=row["name"],
        since=row["since"],
    )


def _write(write: sqlite3.Connection, grant: Grant) -> None:
    if grant.state == "once":
        write.execute("DELETE FROM grants WHERE origin = ?", (grant.origin,))
    else:
        write.execute(
            "INSERT INTO grants (origin, state, name, since) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (origin) DO UPDATE"
            " SET state = excluded.state, name = excluded.name, since = excluded.since",
            (grant.origin, grant.state, grant.name, grant.since),
        )
    add_event(write, LOCAL, _CHANGED, grant.origin, {"state": grant.state})


def _delete(write: sqlite3.Connection, origin: str) -> None:
    write.execute("DELETE FROM grants WHERE origin = ?", (origin,))
    add_event(write, LOCAL, _CHANGED, origin, {"state": "revoked"})
