"""Events over a WebSocket: numbered, and told again after a reconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from tornado.websocket import WebSocketClosedError

from flatbed.http.failures import input_error
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.http.sockets import SocketHandler
from flatbed.runtime.sessions import SessionNotFoundError
from flatbed.storage.events import Event

_LOOK_S = 30
_SLOW_S = 10
"""A client that does not take an event for so long is shed: it comes back with its number."""

_TRY_AGAIN_LATER = 1013


class EventsQuery(msgspec.Struct):
    """`after` the number of the last event that was had; `session` to be there for one."""

    after: Annotated[int, Meta(ge=0)] | None = None
    session: str | None = None


class EventMessage(msgspec.Struct):
    """One event; `resync` in place of those that are not kept any more."""

    seq: int
    type: str
    subject: str
    data: dict[str, Any]


class EventsHandler(SocketHandler):
    """`/api/events`."""

    services: Services
    _leave_session: Callable[[], None] | None = None
    _sender: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Let the request in or refuse it, and count it as a connection of its session."""
        super().prepare()
        self._query = self._read_query()
        if self._query.session is not None:
            sessions = self.services.sessions
            session = sessions.get(self._query.session, origin=self.caller.sees)
            self._leave_session = sessions.enter(session)

    def open(self, *_: str, **__: str) -> None:
        """Begin to tell."""
        self._sender = asyncio.create_task(self._send_all())

    def on_close(self) -> None:
        """Stop telling."""
        if self._sender is not None:
            self._sender.cancel()
        if self._leave_session is not None:
            self._leave_session()

    async def _send_all(self) -> None:
        events, owner = self.services.events, self.caller.owner
        seq = events.last() if self._query.after is None else self._query.after
        try:
            if events.is_gap(seq):
                seq = events.last()
                await self._send(Event(seq, "resync", "", {}))
            while True:
                changed = events.watch()
                while batch := events.after(seq, origin=owner):
                    for event in batch:
                        await self._send(event)
                    seq = batch[-1].seq
                with suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), _LOOK_S)
        except WebSocketClosedError:
            return
        except TimeoutError:
            self.close(_TRY_AGAIN_LATER, "too_slow")

    async def _send(self, event: Event) -> None:
        message = EventMessage(event.seq, event.type, event.subject, event.data)
        async with asyncio.timeout(_SLOW_S):
            await self.write_message(msgspec.json.encode(message).decode())

    def _read_query(self) -> EventsQuery:
        arguments = self.request.query_arguments
        texts = {name: values[-1].decode("utf-8", "replace") for name, values in arguments.items()}
        try:
            return msgspec.convert(texts, EventsQuery, strict=False)
        except ValueError as failure:
            raise input_error(failure, "query") from failure


ROUTES = (
    Route(
        "/api/events",
        EventsHandler,
        {
            "GET": Operation(
                summary="Tell events over a WebSocket",
                description="Each message is JSON: seq, type, subject, data. `resync` means that"
                " events between were dropped: look at everything anew.",
                query=EventsQuery,
                answers={101: None},
                errors=(SessionNotFoundError,),
            )
        },
    ),
)
