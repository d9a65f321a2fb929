"""A real server over the demo routes, in a thread, with grants and services of its own."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flatbed.errors import JobNotFoundError
from flatbed.http.guard import Caller, Guard
from flatbed.http.limits import OriginLimits
from flatbed.http.routes import FlatbedApplication, Route, build_application
from flatbed.http.server import FlatbedServer, listen_on_loopback

from .demo_routes import demo_routes

T = TypeVar("T")

GRANTED = "https://shop.example"
COMPAT = "https://old.example"


@dataclass
class DemoGrants:
    """Grants in a set."""

    granted: set[str] = field(default_factory=lambda: {GRANTED, COMPAT})
    used: list[str] = field(default_factory=list)

    def is_granted(self, origin: str) -> bool:
        return origin in self.granted

    def is_compat(self, origin: str) -> bool:
        return origin == COMPAT

    def note_use(self, origin: str) -> None:
        self.used.append(origin)


@dataclass
class DemoServices:
    """Jobs in a dict, and how often anything was changed."""

    jobs: dict[str, str] = field(default_factory=dict)
    changes: int = 0
    uploaded: int = 0
    numbers: itertools.count[int] = field(default_factory=itertools.count)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, name: str) -> str:
        self.changes += 1
        uid = f"job-{next(self.numbers)}"
        self.jobs[uid] = name
        return uid

    def find(self, uid: str) -> str:
        if uid not in self.jobs:
            raise JobNotFoundError
        return self.jobs[uid]


class WatchedLimits(OriginLimits):
    """Limits that one can wait for."""

    def __init__(self, max_in_flight: int) -> None:
        super().__init__(max_in_flight)
        self._changed = threading.Condition()

    def enter(self, caller: Caller) -> Callable[[], None]:
        leave = super().enter(caller)
        self._tell()

        def leave_and_tell() -> None:
            leave()
            self._tell()

        return leave_and_tell

    def wait_for(self, origin: str, count: int) -> bool:
        """Wait until an origin has so many requests in flight; False if that never comes."""
        with self._changed:
            return self._changed.wait_for(lambda: self.in_flight(origin) == count, 10)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()


class DemoServer:
    """A listening server over the demo table, in a thread of its own.

    Attributes:
        port: Where it listens, on 127.0.0.1 and ::1.
    """

    def __init__(
        self,
        routes: Sequence[Route] | None = None,
        *,
        max_in_flight: int = 64,
        ssl_options: ssl.SSLContext | None = None,
        **server_options: Any,
    ) -> None:
        self.grants = DemoGrants()
        self.routes = list(routes or demo_routes())
        self.port = 0
        self.services: DemoServices
        self.application: FlatbedApplication
        self.limits = WatchedLimits(max_in_flight)
        self._server_options = {"ssl_options": ssl_options, **server_options}
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._main()])

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> DemoServer:
        self._thread.start()
        assert self._is_ready.wait(10), "the demo server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop serving and wait until it is done; more than once does no harm."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
            self._loop.close()

    def call(self, function: Callable[[], T]) -> T:
        """Run a function on the server's loop and wait for what it returns."""

        async def call() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(10)

    async def _main(self) -> None:
        self.services = DemoServices()
        guard = Guard(lambda: frozenset({self.port}), self.grants)
        self.application = build_application(self.routes, self.services, guard, limits=self.limits)
        server = FlatbedServer(self.application, **self._server_options)
        self.port = listen_on_loopback(server, 0)
        self._is_ready.set()
        await self._stop.wait()
        server.stop()
        server.close_connections()
