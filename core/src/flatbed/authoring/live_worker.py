"""An add-on in a worker, for tests that know nothing of event loops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from flatbed.addon.testing import Answer
from flatbed.addon.types import PageFile, Request, StoredFile
from flatbed.authoring.bench import Bench
from flatbed.runtime.addons import Addon

T = TypeVar("T")


class LiveWorker:
    """See `flatbed.addon.testing.AddonWorker`."""

    def __init__(self, addon: Addon, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        # In a thread of its own, so that a test may have an event loop too.
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="worker")
        self._thread.start()
        self._bench = Bench(addon, folder)

    def call(self, hook: str, **arguments: Any) -> Any:
        """See `AddonWorker`."""
        return self._wait(self._bench.call(hook, arguments)).value

    def process(self, operation: str, *pages: PageFile, **settings: Any) -> Answer:
        """See `AddonWorker`."""
        return self._wait(self._bench.process(operation, pages, settings))

    def load(self, file: StoredFile, media_type: str, **settings: Any) -> Answer:
        """See `AddonWorker`."""
        return self._wait(self._bench.load(file, media_type, settings))

    def save(self, pages: Sequence[PageFile], media_type: str, **settings: Any) -> Answer:
        """See `AddonWorker`."""
        return self._wait(self._bench.save(pages, media_type, settings))

    def request(
        self,
        method: str,
        route: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        caller: str = "local",
        **parameters: str,
    ) -> Answer:
        """See `AddonWorker`."""
        request = Request(
            method=method,
            route=route,
            parameters=parameters,
            query=dict(query or {}),
            body=body,
            caller=caller,
        )
        return self._wait(self._bench.request(request))

    def close(self) -> None:
        """End the worker."""
        self._wait(self._bench.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
