"""Workers of add-ons that a test wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from flatbed.runtime.pool import Pool, PoolLimits
from flatbed.runtime.process import WorkerProcess, WorkerSite

from ..made_addons import worker_site, write_addon


class Workshop:
    """Writes add-ons and starts their workers; all are gone at the end.

    Attributes:
        folder: Of the test.
        site: Where the workers live.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.site: WorkerSite = worker_site(folder)
        self._stack = AsyncExitStack()

    async def worker(
        self, *sources: str, preload: Sequence[str] = (), **more: Any
    ) -> WorkerProcess:
        """A worker of an add-on with these sources."""
        addon = write_addon(self.folder / "addon", *sources, **more)
        worker = await WorkerProcess.start(addon, self.site, preload)
        self._stack.push_async_callback(worker.stop)
        return worker

    def pool(self, *sources: str, limits: PoolLimits | None = None, **more: Any) -> Pool:
        """A pool of an add-on with these sources."""
        addon = write_addon(self.folder / "addon", *sources, **more)
        pool = Pool(addon, self.site, limits or PoolLimits())
        self._stack.push_async_callback(pool.close)
        return pool

    async def close(self) -> None:
        """Stop all that was started."""
        await self._stack.aclose()


@pytest.fixture
async def workshop(tmp_path: Path) -> AsyncIterator[Workshop]:
    """A workshop."""
    workshop = Workshop(tmp_path)
    yield workshop
    await workshop.close()
