"""WebSockets behind the same guard, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tornado.websocket import WebSocketHandler

from flatbed.errors import FlatbedError, InvalidInputError, OriginBlockedError
from flatbed.http.guarded import GuardedHandler

if TYPE_CHECKING:
    from flatbed.http.guard import Guard

GOING_AWAY = 1001
OWN_CODES = 4000
"""Closing codes from here on are ours: this plus the HTTP status, such as 4403."""

_HANDSHAKE = "This address is a WebSocket: ask for an upgrade to version 13."


class SocketHandler(GuardedHandler, WebSocketHandler):
    """A handler of WebSockets: `open`, `on_close`, and `on_message` where it listens.

    A refusal before the handshake is an answer as everywhere; after it, a closing code with the
    error's stable name as the reason.
    """

    def prepare(self) -> None:
        """Let the request in or refuse it."""
        self.admit()

    def check_origin(self, origin: str) -> bool:
        """Whether the guard has let this very origin in."""
        return self._readable_by == origin and self._caller is not None

    async def get(self, *args: str, **kwargs: str) -> None:
        """Shake hands and stay until one side closes.

        Raises:
            InvalidInputError: If this is no handshake.
            InternalError: If the guard was never asked.
        """
        if not self._is_handshake():
            raise InvalidInputError(_HANDSHAKE)
        _ = self.caller
        self.application.sockets.add(self)
        try:
            await super().get(*args, **kwargs)
        finally:
            self.application.sockets.discard(self)
            self.leave()

    def on_message(self, message: str | bytes) -> None:  # noqa: ARG002 - what it says is no matter
        """Close: nobody has been told to say anything here, unless this is overridden."""
        self.close_with(InvalidInputError())

    def close_with(self, error: FlatbedError) -> None:
        """Close and say why: 4000 plus the error's status, and its name."""
        self.close(OWN_CODES + error.status, error.name)

    def on_finish(self) -> None:
        """Tornado finishes at the handshake; the place is kept until the socket is closed."""
        if self.get_status() != 101:
            super().on_finish()

    def _is_handshake(self) -> bool:
        headers = self.request.headers
        wishes = [each.strip().lower() for each in headers.get("Connection", "").split(",")]
        return (
            headers.get("Upgrade", "").lower() == "websocket"
            and "upgrade" in wishes
            and headers.get("Sec-WebSocket-Version") == "13"
            and bool(headers.get("Sec-WebSocket-Key"))
        )


class OpenSockets:
    """The WebSockets that are open now."""

    def __init__(self) -> None:
        self._open: set[SocketHandler] = set()

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[SocketHandler]:
        # Whoever closes one changes the set.
        return iter(list(self._open))

    def add(self, socket: SocketHandler) -> None:
        """Remember one that has been let in."""
        self._open.add(socket)

    def discard(self, socket: SocketHandler) -> None:
        """Forget one that is closed."""
        self._open.discard(socket)

    def close_revoked(self, guard: Guard) -> None:
        """Close those whose origin would not be let in any more; call it when grants change."""
        for socket in self:
            if not guard.still_admits(socket.caller):
                socket.close_with(OriginBlockedError())

    def close_all(self) -> None:
        """Close all because the service stops."""
        for socket in self:
            socket.close(GOING_AWAY, "going_away")
