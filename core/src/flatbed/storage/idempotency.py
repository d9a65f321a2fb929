"""Starts with a key: what each of them answered, so that a retried one does nothing twice."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec

from flatbed.addon.frames import unwrap_key, wrap_key
from flatbed.errors import KeyReusedError
from flatbed.storage.index import Index
from flatbed.storage.owners import origin_of

KEPT_S = 24 * 3600

KEYS_MOST = 10_000
"""Of one origin, all its subjects together; beyond that its oldest go."""

KEPT_MOST_BYTES = 64 << 20
"""The same of all their answers."""

ANSWER_MOST_BYTES = 4 << 20
"""Of one answer. What makes something answers far less; longer is only what was found."""

_PERSON = b"flatbed-starts"

_NEWEST_FIRST = "ORDER BY at DESC, rowid DESC"
_TOO_MANY = f"SELECT uid FROM starts WHERE origin = ? {_NEWEST_FIRST} LIMIT -1 OFFSET ?"  # noqa: S608
_TOO_LONG = (
    "SELECT uid FROM (SELECT uid, sum(bytes) OVER newest AS total FROM starts WHERE origin = ?"  # noqa: S608
    f" WINDOW newest AS ({_NEWEST_FIRST})) WHERE total > ?"
)


class Answer(msgspec.Struct, frozen=True):
    """What a start was answered: status, headers of its own, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Start:
    """One wish to start something.

    Attributes:
        uid: Of the owner, the address and the key together; none of them can be read from it.
        owner: Whose it is.
        digest: Of what was sent.
    """

    uid: str
    owner: str
    digest: bytes


@dataclass(frozen=True)
class Started:
    """What is known of an earlier start.

    Attributes:
        digest: Of what was sent then.
        answer: None if nobody knows how it ended.
    """

    digest: bytes
    answer: Answer | None

    def check(self, start: Start) -> None:
        """Refuse another wish with the same key.

        Raises:
            KeyReusedError: If it is one.
        """
        if self.digest != start.digest:
            raise KeyReusedError


@dataclass
class _UnderWay:
    digest: bytes
    ended: asyncio.Event = field(default_factory=asyncio.Event)


class Starts:
    """The starts with a key of one data folder.

    Bodies can hold passwords, and answers what stands on pages: digests are made with the master
    key, and answers are sealed by it.
    """

    def __init__(self, index: Index, master_key: bytes) -> None:
        self._index, self._master_key = index, master_key
        # What ends with the service is told by no later one.
        self._life = secrets.token_hex(16)
        self._under_way: dict[str, _UnderWay] = {}

    def uid_of(self, owner: str, *, address: str, key: str) -> str:
        """What stands for a key of an owner at an address."""
        digest = self.new_digest()
        digest.update(msgspec.json.encode([owner, address, key]))
        return digest.hexdigest()

    def new_digest(self) -> hashlib.blake2b:
        """Takes what is sent, as it comes."""
        return hashlib.blake2b(digest_size=32, key=self._master_key, person=_PERSON)

    def find(self, uid: str) -> Started | None:
        """What was started with a key within the last 24 hours."""
        rows = self._index.read(
            "SELECT digest, answer FROM starts WHERE uid = ? AND at > ? AND life IN ('', ?)",
            *(uid, time.time() - KEPT_S, self._life),
        )
        return Started(rows[0]["digest"], self._unseal(uid, rows[0]["answer"])) if rows else None

    @asynccontextmanager
    async def turn(self, start: Start) -> AsyncIterator[None]:
        """Wait until nobody else is at this start, and be at it.

        Raises:
            KeyReusedError: If somebody is at another one with the same key.
        """
        while (other := self._under_way.get(start.uid)) is not None:
            Started(other.digest, None).check(start)
            await other.ended.wait()
        own = self._under_way[start.uid] = _UnderWay(start.digest)
        try:
            yield
        finally:
            del self._under_way[start.uid]
            own.ended.set()

    async def begin(self, start: Start) -> None:
        """Note that something begins that is no single transaction; durable when this returns."""
        await self._index.write(lambda write: self._put(write, start, None))

    def note(self, write: sqlite3.Connection, start: Start, answer: Answer) -> None:
        """Keep an answer, as a part of the transaction that makes what it tells of."""
        self._put(write, start, self._seal(start, answer))

    async def keep(self, start: Start, answer: Answer, *, is_passing: bool = False) -> None:
        """Keep an answer.

        Args:
            start: What was begun, or told of something that cannot be made twice.
            answer: A longer one than `ANSWER_MOST_BYTES` is not kept.
            is_passing: What was made ends with the service, and so does the answer.
        """
        sealed = self._seal(start, answer)
        if sealed is not None:
            await self._index.write_state(
                lambda write: self._put(write, start, sealed, life=self._life if is_passing else "")
            )

    async def forget(self, start: Start) -> None:
        """Let the same key start it anew: it came to nothing."""
        await self._index.write_at_need(
            lambda write: write.execute("DELETE FROM starts WHERE uid = ?", (start.uid,))
        )

    async def drop_old(self) -> None:
        """Forget what is older than 24 hours."""
        oldest = time.time() - KEPT_S
        await self._index.write_state(
            lambda write: write.execute("DELETE FROM starts WHERE at <= ?", (oldest,))
        )

    def _put(
        self, write: sqlite3.Connection, start: Start, sealed: bytes | None, *, life: str = ""
    ) -> None:
        origin = origin_of(start.owner)
        write.execute(
            "INSERT OR REPLACE INTO starts (uid, origin, digest, at, answer, bytes, life)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(start.uid, origin, start.digest, time.time(), sealed),
                *(len(sealed or b""), life),
            ),
        )
        _drop_beyond(write, origin)

    def _seal(self, start: Start, answer: Answer) -> bytes | None:
        if len(answer.body) > ANSWER_MOST_BYTES:
            return None
        return wrap_key(msgspec.msgpack.encode(answer), by=self._master_key, uid=start.uid)

    def _unseal(self, uid: str, sealed: bytes | None) -> Answer | None:
        if sealed is None:
            return None
        plain = unwrap_key(sealed, by=self._master_key, uid=uid)
        return msgspec.msgpack.decode(plain, type=Answer)


def _drop_beyond(write: sqlite3.Connection, origin: str) -> None:
    """Forget the oldest starts of an origin beyond what it may have."""
    drop = "DELETE FROM starts WHERE uid IN"
    write.execute(f"{drop} ({_TOO_MANY})", (origin, KEYS_MOST))
    total = write.execute("SELECT sum(bytes) AS total FROM starts WHERE origin = ?", (origin,))
    # Adding them up row by row is slower, and seldom needed.
    if total.fetchone()["total"] > KEPT_MOST_BYTES:
        write.execute(f"{drop} ({_TOO_LONG})", (origin, KEPT_MOST_BYTES))
