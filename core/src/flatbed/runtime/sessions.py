"""Sessions: which add-ons a page has asked for, and whether it is still there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from flatbed.errors import NotFoundError
from flatbed.runtime.choice import Choice
from flatbed.runtime.registry import Registry

_KEPT_S = 24 * 3600


class SessionNotFoundError(NotFoundError):
    """No such session, or another origin's; sessions end with the service."""

    name = "session_not_found"
    sentence = "There is no such session. It ended with the service; begin a new one."


@dataclass
class Session:
    """One page's session.

    Attributes:
        uid: Its id.
        origin: Whose it is.
        choice: The enabled add-ons, in the order that the page gave.
        connections: How many requests and sockets it has open now.
        last_seen: When it last had one, on the monotonic clock.
    """

    uid: str
    origin: str
    choice: Choice
    connections: int = 0
    last_seen: float = field(default_factory=time.monotonic)


class Sessions:
    """The sessions of all pages, kept in memory."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._sessions: dict[str, Session] = {}
        self._began = time.monotonic()

    def create(self, wanted: Sequence[str], *, origin: str) -> Session:
        """Begin a session with the newest fitting version of each add-on.

        Args:
            wanted: As `barcode>=1.2,<2`.
            origin: Whose it is.

        Raises:
            AddonUnfitError: With every add-on that could not be had.
            InvalidInputError: If one is no name with versions.
        """
        session = Session(secrets.token_hex(16), origin, self._registry.choose(wanted))
        self._forget_old()
        self._sessions[session.uid] = session
        return session

    def get(self, uid: str, *, origin: str | None) -> Session:
        """The session of an origin; of any for `None`.

        Raises:
            SessionNotFoundError: If there is none, or it is another's.
        """
        session = self._sessions.get(uid)
        if session is None or origin not in (None, session.origin):
            raise SessionNotFoundError
        return session

    def end(self, session: Session) -> None:
        """End a session."""
        self._sessions.pop(session.uid, None)

    def enter(self, session: Session) -> Callable[[], None]:
        """Count a connection; what is returned takes it off again."""
        session.connections += 1
        pending = [session]

        def leave() -> None:
            if pending:
                left = pending.pop()
                left.connections -= 1
                left.last_seen = time.monotonic()

        return leave

    def away_s(self, uid: str) -> float:
        """For how many seconds a session has had no connection; of an unknown one, since ever."""
        session = self._sessions.get(uid)
        if session is None:
            return time.monotonic() - self._began
        return 0 if session.connections else time.monotonic() - session.last_seen

    def _forget_old(self) -> None:
        for uid in [uid for uid in self._sessions if self.away_s(uid) > _KEPT_S]:
            del self._sessions[uid]
