"""The workers of all add-ons: started at first use, reused, and ended when idle."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from flatbed.errors import WorkerCrashedError, WorkerTimeoutError
from flatbed.runtime.addons import Addon
from flatbed.runtime.breaker import Breaker, BreakerLimits
from flatbed.runtime.process import OnItem, WorkerProcess, WorkerSite

SCAN_PRELOAD = ("flatbed.runtime.scanning",)

_LOOK_S = 5


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """How long and how often a worker is used."""

    idle_s: float = 60
    recycle_calls: int = 500
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


class Pool:
    """The workers of one version of one add-on."""

    def __init__(self, addon: Addon, site: WorkerSite, limits: PoolLimits) -> None:
        self.addon = addon
        self.breaker = Breaker(addon.name, limits.breaker)
        self._site, self._limits = site, limits
        self._places = asyncio.Semaphore(addon.manifest.workers)
        self._idle: deque[tuple[WorkerProcess, float]] = deque()
        self._standby: WorkerProcess | None = None
        self._standby_since = 0.0
        self._preparing: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def call(
        self,
        hook: str,
        arguments: dict[str, Any],
        *,
        timeout_s: float,
        out: dict[str, Any] | None = None,
        on_item: OnItem | None = None,
    ) -> Any:
        """Run a hook on a free worker; see `WorkerProcess.call`.

        Raises:
            AddonUnavailableError: While the add-on rests after crashes.
        """
        self.breaker.check()
        async with self._places:
            worker = await self._take_idle()
            try:
                return await worker.call(
                    hook, arguments, timeout_s=timeout_s, out=out, on_item=on_item
                )
            except (WorkerCrashedError, WorkerTimeoutError):
                self.breaker.record_crash()
                raise
            finally:
                await self._give_back(worker)

    async def call_once(self, hook: str, arguments: dict[str, Any], *, timeout_s: float) -> Any:
        """Run a hook in a process of its own, which ends after it: drivers are used that way."""
        self.breaker.check()
        worker = await self.take_fresh()
        try:
            return await worker.call(hook, arguments, timeout_s=timeout_s)
        except (WorkerCrashedError, WorkerTimeoutError):
            self.breaker.record_crash()
            raise
        finally:
            await worker.stop()

    async def take_fresh(self) -> WorkerProcess:
        """A worker that nobody has used, for the caller alone: one that stands by, or a new one."""
        worker, self._standby = self._standby, None
        if worker is not None and worker.is_alive:
            return worker
        return await WorkerProcess.start(self.addon, self._site, SCAN_PRELOAD)

    def prepare(self) -> None:
        """Have a fresh worker standing by soon; at once if one does already."""
        if self._standby is not None and self._standby.is_alive:
            self._standby_since = time.monotonic()
        elif self._preparing is None or self._preparing.done():
            self._preparing = asyncio.create_task(self._make_standby())

    def prepare_call(self) -> None:
        """Have an idle worker soon, for a call that is likely to come."""
        is_coming = self._warming is not None and not self._warming.done()
        if not self._idle and not self._places.locked() and not is_coming:
            self._warming = asyncio.create_task(self._warm_up())

    async def end_idle(self) -> None:
        """Stop the workers that nobody has used for a while."""
        oldest = time.monotonic() - self._limits.idle_s
        while self._idle and self._idle[0][1] < oldest:
            await self._idle.popleft()[0].stop()
        if self._standby is not None and self._standby_since < oldest:
            worker, self._standby = self._standby, None
            await worker.stop()

    async def close(self) -> None:
        """Stop every worker that is not running a scan."""
        starting = [task for task in (self._preparing, self._warming) if task is not None]
        if starting:
            await asyncio.wait(starting)
        workers = [worker for worker, _ in self._idle]
        if self._standby is not None:
            workers.append(self._standby)
        self._idle.clear()
        self._standby = None
        await asyncio.gather(*(worker.stop() for worker in workers))

    async def _take_idle(self) -> WorkerProcess:
        while self._idle:
            worker, _ = self._idle.pop()
            if worker.is_alive:
                return worker
        return await WorkerProcess.start(self.addon, self._site)

    async def _give_back(self, worker: WorkerProcess) -> None:
        if worker.is_alive and worker.calls < self._limits.recycle_calls:
            self._idle.append((worker, time.monotonic()))
        else:
            await worker.stop()

    async def _warm_up(self) -> None:
        async with self._places:
            worker = await WorkerProcess.start(self.addon, self._site, SCAN_PRELOAD)
            await self._give_back(worker)

    async def _make_standby(self) -> None:
        self._standby = await WorkerProcess.start(self.addon, self._site, SCAN_PRELOAD)
        self._standby_since = time.monotonic()


class Pools:
    """One pool for each version of each add-on, made at its first use."""

    def __init__(self, site: WorkerSite, limits: PoolLimits | None = None) -> None:
        self._site, self._limits = site, limits or PoolLimits()
        self._pools: dict[tuple[str, str], Pool] = {}
        self._cleaner: asyncio.Task[None] | None = None

    def of(self, addon: Addon) -> Pool:
        """The pool of an add-on."""
        key = (addon.name, addon.version)
        if key not in self._pools:
            self._pools[key] = Pool(addon, self._site, self._limits)
        if self._cleaner is None:
            self._cleaner = asyncio.create_task(self._clean())
        return self._pools[key]

    async def close(self) -> None:
        """Stop all workers but those that are scanning."""
        if self._cleaner is not None:
            self._cleaner.cancel()
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    async def _clean(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            for pool in list(self._pools.values()):
                await pool.end_idle()
