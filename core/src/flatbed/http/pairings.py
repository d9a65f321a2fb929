"""The web origins that ask to be let in, and wait for a person; all of it in memory."""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from flatbed.errors import FlatbedError, NotFoundError, TooManyRequestsError, WrongStateError
from flatbed.http.origin_grants import ListedOrigin, OriginGrants
from flatbed.storage.events import LOCAL, EventLog
from flatbed.storage.grants import State

Decision: TypeAlias = Literal["once", "always", "block"]
Status: TypeAlias = Literal["waiting", "granted", "blocked", "expired"]
Kept: TypeAlias = Literal["once", "always"]

_STATES: dict[Decision, State] = {"once": "once", "always": "always", "block": "blocked"}
_STATUSES: dict[State, Status] = {"once": "granted", "always": "granted", "blocked": "blocked"}

_MOST_WAITING = 20
"""More than a person will ever look at; a page on many hosts gets no further."""

_MOST_CALLERS = 8
"""Calls that wait for one answer at once: connections are counted, and others want some."""

# Without those that are taken for one another, on paper or by telephone: 0 O, 1 I L.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_GROUPS, _GROUP_LETTERS = 2, 3


class PairingNotFoundError(NotFoundError):
    """No such request, or another origin's; they end with the service."""

    name = "pairing_not_found"
    sentence = "There is no such request. It may be too old; let the page ask again."


class PairingEndedError(WrongStateError):
    """Somebody has answered this request already, or nobody did in time."""

    name = "pairing_ended"
    sentence = "This request was answered already, or is too old. Nothing was changed."


@dataclass(eq=False, kw_only=True)
class Pairing:
    """One origin's request to be let in.

    Attributes:
        uid: Its id.
        code: What the page and the person compare, as `K7M-2QX`.
        origin: Who asks.
        name: What its page calls itself; any text.
        addons: The add-ons that it wants to use, as `barcode>=1.2`.
        expires_at: In seconds of the epoch.
        status: What became of it.
        kept: For how long it was let in.
    """

    uid: str
    code: str
    origin: str
    name: str | None = None
    addons: tuple[str, ...] = ()
    expires_at: float = 0
    status: Status = "waiting"
    kept: Kept | None = None
    _ended: asyncio.Event = field(default_factory=asyncio.Event, repr=False)
    _callers: int = 0

    def end(self, status: Status, kept: Kept | None = None) -> None:
        """Say what became of it, and wake whoever waits."""
        self.status, self.kept = status, kept
        self._ended.set()

    async def wait(self, limit_s: float) -> None:
        """Until it has ended, or the time is over.

        Raises:
            TooManyRequestsError: If too many calls wait for it already.
        """
        if self._callers >= _MOST_CALLERS:
            raise TooManyRequestsError
        self._callers += 1
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), limit_s)
        finally:
            self._callers -= 1


class Pairings:
    """The requests that wait for a person, and for a while those that have ended.

    Args:
        grants: Where decisions go.
        events: Tells local callers who asks, as `origin.asked`.
        lifetime_s: How long a request waits, and how long its end can be read.
    """

    def __init__(self, grants: OriginGrants, events: EventLog, *, lifetime_s: float) -> None:
        self._grants, self._events, self._lifetime_s = grants, events, lifetime_s
        self._pairings: dict[str, Pairing] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._deciding = asyncio.Lock()

    async def ask(
        self, origin: str, name: str | None, addons: Sequence[str]
    ) -> tuple[Pairing, bool]:
        """Ask for an origin; the same request while one of it waits, whose time begins anew.

        Returns:
            The request, and whether it is new.

        Raises:
            TooManyRequestsError: If so many others wait that nobody would look at this one.
            FlatbedError: If local callers cannot be told of it; then nobody has asked.
        """
        found = self.find(origin)
        pairing = found or self._add(origin)
        pairing.name, pairing.addons = name, tuple(addons)
        pairing.expires_at = time.time() + self._lifetime_s
        self._call_later(pairing, self._expire)
        if found is None:
            await self._tell(pairing)
        return pairing, found is None

    def get(self, uid: str, *, origin: str | None) -> Pairing:
        """The request of an origin; of any for `None`.

        Raises:
            PairingNotFoundError: If there is none, or it is another's.
        """
        pairing = self._pairings.get(uid)
        if pairing is None or origin not in (None, pairing.origin):
            raise PairingNotFoundError
        return pairing

    def waiting(self) -> list[Pairing]:
        """The requests that a person can answer, oldest first."""
        return [each for each in self._pairings.values() if each.status == "waiting"]

    def find(self, origin: str) -> Pairing | None:
        """The request of an origin that waits, if one does."""
        return next((each for each in self.waiting() if each.origin == origin), None)

    async def decide(self, pairing: Pairing, decision: Decision) -> None:
        """Answer a request for the person.

        Raises:
            PairingEndedError: If it waits no more.
            FlatbedError: If the decision cannot be kept; then it still waits.
        """
        async with self._deciding:
            if pairing.status != "waiting":
                raise PairingEndedError
            state = _STATES[decision]
            await self._grants.decide(pairing.origin, state, pairing.name)
            self._end(pairing, state)

    async def decide_about(self, origin: str, state: State) -> ListedOrigin:
        """Decide about an origin that may have asked or not; if it has, that is the answer.

        Raises:
            OriginConfiguredError: If the configuration grants it.
            FlatbedError: If it cannot be kept; then it is as it was.
        """
        async with self._deciding:
            pairing = self.find(origin)
            entry = await self._grants.decide(origin, state, pairing.name if pairing else None)
            if pairing is not None:
                self._end(pairing, state)
            return entry

    def _add(self, origin: str) -> Pairing:
        waiting = self.waiting()
        if len(waiting) >= _MOST_WAITING:
            first = min(each.expires_at for each in waiting)
            raise TooManyRequestsError(
                "Too many pages wait to be let in. Answer them on Flatbed's status page, or try"
                " again in some minutes.",
                retry_after_s=max(1, math.ceil(first - time.time())),
            )
        taken = {each.code for each in waiting}
        code = next(code for code in iter(_new_code, "") if code not in taken)
        pairing = Pairing(uid=secrets.token_hex(16), code=code, origin=origin)
        self._pairings[pairing.uid] = pairing
        return pairing

    async def _tell(self, pairing: Pairing) -> None:
        try:
            await self._events.add(LOCAL, "origin.asked", pairing.uid, {"origin": pairing.origin})
        except FlatbedError:
            # The page is told that it failed, so no person shall be asked for it.
            self._forget(pairing)
            raise

    def _end(self, pairing: Pairing, state: State) -> None:
        pairing.end(_STATUSES[state], None if state == "blocked" else state)
        self._call_later(pairing, self._forget)

    def _expire(self, pairing: Pairing) -> None:
        pairing.end("expired")
        self._call_later(pairing, self._forget)

    def _forget(self, pairing: Pairing) -> None:
        self._timers.pop(pairing.uid).cancel()
        del self._pairings[pairing.uid]

    def _call_later(self, pairing: Pairing, step: Callable[[Pairing], None]) -> None:
        """Let the next step of a request's life come in its time, in place of any other."""
        if pairing.uid in self._timers:
            self._timers[pairing.uid].cancel()
        loop = asyncio.get_running_loop()
        self._timers[pairing.uid] = loop.call_later(self._lifetime_s, step, pairing)


def _new_code() -> str:
    groups = (
        "".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LETTERS)) for _ in range(_GROUPS)
    )
    return "-".join(groups)
