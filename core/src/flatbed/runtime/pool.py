"""The workers of all add-ons: started at first use, reused, and ended when idle."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal
from weakref import WeakSet

from flatbed.errors import (
    AddonMemoryError,
    DriverCrashedError,
    FlatbedError,
    ResultInvalidError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from flatbed.runtime import faults
from flatbed.runtime.addons import Addon
from flatbed.runtime.breaker import Breaker, BreakerLimits
from flatbed.runtime.process import OnItem, OnProgress, WorkerProcess, WorkerSite
from flatbed.runtime.seal import AddonChangedError
from flatbed.runtime.typed_results import WrongResultError, check_result
from flatbed.runtime.written import Written

SCAN_PRELOAD = ("flatbed.runtime.scanning",)

_LOOK_S = 5
_DESCRIBE_S = 15

_FAULTS = (WorkerCrashedError, WorkerTimeoutError, AddonMemoryError, AddonChangedError)
"""What an add-on does wrong, unlike what it says of its input."""

_CRASHES = (WorkerCrashedError, WorkerTimeoutError, DriverCrashedError)
"""Those of them that make it rest; memory is mostly a matter of the page."""


@dataclass(frozen=True, kw_only=True)
class PoolLimits:
    """How long and how often a worker is used."""

    idle_s: float = 60
    recycle_calls: int = 500
    breaker: BreakerLimits = field(default_factory=BreakerLimits)


@dataclass(frozen=True, kw_only=True)
class PoolReport:
    """How the workers of one version of an add-on are doing.

    Attributes:
        state: `resting` after crashes, `running` while there is a worker, else `idle`.
        last_error: The wire form of the last error that was the add-on's fault, with `at` (ISO
            8601, UTC) and `operation` (its name, or that of the hook); `None` if there was none
            since the service began.
        environment: What it found on this machine; `None` until somebody asked for it.
        workers: How many there are.
    """

    state: Literal["idle", "running", "resting"] = "idle"
    last_error: dict[str, Any] | None = None
    environment: dict[str, str] | None = None
    workers: int = 0


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
        self._workers: WeakSet[WorkerProcess] = WeakSet()
        self._last_error: dict[str, Any] | None = None
        self._environment: dict[str, str] | None = None

    async def call(
        self,
        hook: str,
        arguments: dict[str, Any],
        *,
        timeout_s: float,
        out: dict[str, Any] | None = None,
        on_item: OnItem | None = None,
        on_progress: OnProgress | None = None,
    ) -> Any:
        """Run a hook on a free worker; see `WorkerProcess.call`.

        What it answers, and what its sink says, is checked: see `check_result` and `Written`.

        Raises:
            AddonUnavailableError: While the add-on rests after crashes.
            ResultInvalidError: If it answered something that its hook may not answer.
        """
        self.breaker.check()
        written = Written(Path(out["folder"]) if out else None, on_item or (lambda _: None))
        async with self._places:
            with self._blaming(hook, arguments):
                worker = await self._take_idle()
                try:
                    value = await worker.call(
                        hook,
                        arguments,
                        timeout_s=timeout_s,
                        out=out,
                        on_item=written.add,
                        on_progress=on_progress,
                    )
                    written.check_files()
                    return check_result(hook, value)
                finally:
                    await self._give_back(worker)

    async def call_once(self, hook: str, arguments: dict[str, Any], *, timeout_s: float) -> Any:
        """Run a hook in a process of its own, which ends after it: drivers are used that way."""
        self.breaker.check()
        with self._blaming(hook, arguments):
            worker = await self.take_fresh()
            try:
                return check_result(hook, await worker.call(hook, arguments, timeout_s=timeout_s))
            finally:
                await worker.stop()

    async def describe_environment(self) -> dict[str, str]:
        """What the add-on found on this machine, asked for once.

        Raises:
            FlatbedError: As `call`.
        """
        if self._environment is None:
            found = await self.call("describe_environment", {}, timeout_s=_DESCRIBE_S)
            self._environment = dict(found)
        return self._environment

    def report(self) -> PoolReport:
        """How its workers are doing."""
        alive = sum(worker.is_alive for worker in self._workers)
        return PoolReport(
            state="resting" if self.breaker.is_open else "running" if alive else "idle",
            last_error=self._last_error,
            environment=self._environment,
            workers=alive,
        )

    def note_fault(self, error: FlatbedError, operation: str) -> None:
        """Remember what the add-on did wrong, and let it rest if it was too often."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        self._last_error = error.to_wire() | {"at": at, "operation": operation}
        if isinstance(error, _CRASHES):
            self.breaker.record_crash()

    async def take_fresh(self) -> WorkerProcess:
        """A worker that nobody has used, for the caller alone: one that stands by, or a new one."""
        worker, self._standby = self._standby, None
        if worker is not None and worker.is_alive:
            return worker
        return await self._start_worker(SCAN_PRELOAD)

    def prepare(self) -> None:
        """Have a fresh worker standing by soon; at once if one does already."""
        if self._standby is not None and self._standby.is_alive:
            self._standby_since = time.monotonic()
        elif self._preparing is None or self._preparing.done():
            self._preparing = asyncio.create_task(self._make_standby())

    def prepare_call(self) -> None:
        """Have an idle worker soon, for a call that is likely to come."""
        if not self.addon.is_builtin:
            return  # nothing else is imported before its first use
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
        return await self._start_worker()

    async def _start_worker(self, preload: Sequence[str] = ()) -> WorkerProcess:
        await asyncio.to_thread(self.addon.verify)
        worker = await WorkerProcess.start(self.addon, self._site, preload)
        self._workers.add(worker)
        return worker

    @contextmanager
    def _blaming(self, hook: str, arguments: dict[str, Any]) -> Iterator[None]:
        """Remember what goes wrong in the block, if it is the add-on's fault."""
        operation = str(arguments.get("operation", hook))
        try:
            yield
        except WrongResultError as error:
            invalid = faults.fault(self.addon, ResultInvalidError, error)
            self.note_fault(invalid, operation)
            raise invalid from error
        except _FAULTS as error:
            self.note_fault(error, operation)
            raise

    async def _give_back(self, worker: WorkerProcess) -> None:
        is_fit = worker.is_alive and not worker.is_spent
        if is_fit and worker.calls < self._limits.recycle_calls:
            self._idle.append((worker, time.monotonic()))
        else:
            await worker.stop()

    async def _warm_up(self) -> None:
        async with self._places:
            await self._give_back(await self._start_worker(SCAN_PRELOAD))

    async def _make_standby(self) -> None:
        self._standby = await self._start_worker(SCAN_PRELOAD)
        self._standby_since = time.monotonic()


class Pools:
    """One pool for each version of each add-on, made at its first use."""

    def __init__(self, site: WorkerSite, limits: PoolLimits | None = None) -> None:
        self._site, self._limits = site, limits or PoolLimits()
        self._pools: dict[_Key, Pool] = {}
        self._cleaner: asyncio.Task[None] | None = None

    def of(self, addon: Addon) -> Pool:
        """The pool of an add-on."""
        key = _key(addon)
        if key not in self._pools:
            self._pools[key] = Pool(addon, self._site, self._limits)
        if self._cleaner is None:
            self._cleaner = asyncio.create_task(self._clean())
        return self._pools[key]

    def report(self, addon: Addon) -> PoolReport:
        """How the workers of an add-on are doing; starts nothing."""
        pool = self._pools.get(_key(addon))
        return pool.report() if pool is not None else PoolReport()

    async def describe_environment(self, addon: Addon) -> dict[str, str]:
        """What an add-on found on this machine; starts a worker the first time.

        Raises:
            FlatbedError: As `Pool.call`.
        """
        return await self.of(addon).describe_environment()

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


_Key = tuple[str, str, tuple[str, ...], str]


def _key(addon: Addon) -> _Key:
    # The same version, installed once more or elsewhere, is another installation.
    return (addon.name, addon.version, addon.paths, addon.seal.digest if addon.seal else "")
