"""The check of what is stored, on demand."""

from __future__ import annotations

import asyncio
import threading

import msgspec

from flatbed.errors import WrongStateError
from flatbed.http.base import ApiHandler
from flatbed.http.guard import RouteFacts
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.storage.consistency import StorageReport
from flatbed.storage.index import IndexDamagedError


class CheckRequest(msgspec.Struct):
    """Whether every file is read to its end, or names and sizes are compared."""

    deep: bool = False


class StorageCheckHandler(ApiHandler):
    """`/api/storage/check`."""

    services: Services

    def initialize(self, route: Route) -> None:
        """As everywhere; a check ends with whoever waits for it."""
        super().initialize(route)
        self._stop = threading.Event()

    async def post(self) -> None:
        """Compare the index with the files; nothing is changed."""
        check = self.services.storage_check
        if not self.read_body(CheckRequest).deep:
            self.write_json(await asyncio.to_thread(check.fast))
            return
        report = await asyncio.to_thread(check.deep, stop=self._stop)
        if not self._stop.is_set():
            self.write_json(report)

    def on_connection_close(self) -> None:
        """End a check that nobody waits for any more."""
        self._stop.set()
        super().on_connection_close()


ROUTES = (
    Route(
        "/api/storage/check",
        StorageCheckHandler,
        {
            "POST": Operation(
                summary="Compare what is stored with the index, and report what is damaged",
                description="Nothing is changed. A deep check reads every file to its end, which"
                " takes as long as the disk does, and ends when its caller hangs up.",
                body=CheckRequest,
                answers={200: StorageReport},
                errors=(WrongStateError, IndexDamagedError),
                facts=RouteFacts(needs_admin=True),
            )
        },
    ),
)
