"""The service's events, read in a thread of its own so that tests can wait for them."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

LIMIT_S = 20
_KEYS = {"seq", "type", "subject", "data"}


@dataclass(frozen=True)
class Event:
    """One message of `/api/events`."""

    seq: int
    type: str
    subject: str
    data: Mapping[str, Any]


class EventStream:
    """An open WebSocket and everything that came over it.

    Args:
        url: Of the service's events, as http with its query.
        headers: More than the handshake's own.
    """

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.received: list[Event] = []
        self.close_code: int | None = None
        self._request = HTTPRequest(url.replace("http:", "ws:", 1), headers=dict(headers or {}))
        self._changed = threading.Condition()
        self._is_open, self._is_closed = False, False
        self._failure: Exception | None = None
        self._loop = asyncio.new_event_loop()
        self._client: WebSocketClientConnection | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._wait(lambda: self._is_open or self._is_closed, LIMIT_S)
        self._raise_failure()

    def __enter__(self) -> EventStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait_for(self, fits: Callable[[Event], bool], *, limit_s: float = LIMIT_S) -> Event:
        """The first event that fits, had already or still to come."""
        assert self._wait(lambda: self.find(fits) is not None, limit_s), (
            f"no such event in {limit_s} s; there were {self.received[-12:]}"
        )
        found = self.find(fits)
        assert found is not None
        return found

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until something is true that an event can make true."""
        assert self._wait(condition, LIMIT_S), f"not in {LIMIT_S} s; {self.received[-12:]}"

    def find(self, fits: Callable[[Event], bool]) -> Event | None:
        """The first event that fits among those that came."""
        return next((event for event in list(self.received) if fits(event)), None)

    def wait_for_close(self) -> int | None:
        """Wait until the service closes the socket; with what code."""
        assert self._wait(lambda: self._is_closed, LIMIT_S), "the socket stays open"
        return self.close_code

    def close(self) -> None:
        """Close the socket; more than once does no harm."""
        if self._thread.is_alive():
            # The service may have closed it just now, and the loop with it.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._close_client)
            self._thread.join(LIMIT_S)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _close_client(self) -> None:
        if self._client is not None:
            self._client.close()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._read_all())
        finally:
            self._loop.close()

    async def _read_all(self) -> None:
        try:
            self._client = await websocket_connect(self._request)
            self._tell(is_open=True)
            while (message := await self._client.read_message()) is not None:
                self._take(json.loads(message))
            self.close_code = self._client.close_code
        except Exception as failure:  # noqa: BLE001 - raised again in the test's own thread
            self._failure = failure
        finally:
            self._tell(is_closed=True)

    def _take(self, message: dict[str, Any]) -> None:
        assert message.keys() == _KEYS, message
        self.received.append(Event(**message))
        self._tell()

    def _tell(self, *, is_open: bool = False, is_closed: bool = False) -> None:
        with self._changed:
            self._is_open |= is_open
            self._is_closed |= is_closed
            self._changed.notify_all()

    def _wait(self, condition: Callable[[], bool], limit_s: float) -> bool:
        until = time.monotonic() + limit_s
        with self._changed:
            return self._changed.wait_for(condition, until - time.monotonic())
