"""One attempt at a job: a worker that scans, followed by its journal, also across a restart."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed import system
from flatbed.errors import (
    DeviceFault,
    DeviceHungError,
    DriverCrashedError,
    FlatbedError,
    InternalError,
    InvalidInputError,
)
from flatbed.runtime.journal import Entry, JournalReader, ScanEnd, lock_path
from flatbed.runtime.process import STOP_S, WorkerProcess

_LOOK_S = 0.1
"""How often the journal is looked into when nothing wakes: the pipe of an orphan leads nowhere."""

_GONE_S = 1
"""A killed process that is still there after this is stuck in the kernel; it is not waited for."""


_LEAVE_S = 2
"""A cancelled scan gets that long to end in good order when the service stops."""


@dataclass(frozen=True, kw_only=True)
class CancelLimits:
    """When a worker that does not hear a cancel gets SIGTERM, and when SIGKILL; seconds."""

    term_s: float = 5
    kill_s: float = 7


class ScanRun:
    """A worker at one attempt, our own or one that lost its main process.

    Attributes:
        is_stuck: The process could not be ended.
    """

    def __init__(
        self,
        folder: Path,
        attempt: int,
        *,
        worker: WorkerProcess | None,
        adopt: Callable[[list[Entry]], Awaitable[None]],
        limits: CancelLimits,
    ) -> None:
        self._lock = lock_path(folder, attempt)
        self._journal = JournalReader(folder)
        self._attempt = attempt
        self._worker, self._adopt, self._limits = worker, adopt, limits
        self._grown = asyncio.Event()
        self._canceling: asyncio.Task[None] | None = None
        self._is_over = asyncio.Event()
        self.is_stuck = False
        if worker is not None:
            worker.on_journal = self._grown.set

    async def follow(self) -> ScanEnd:
        """Take what the scan finishes until it ends; how it ended.

        A worker that dies without a word is a crash of its driver.
        """
        try:
            end = await self._follow_to_end()
            await self._wait_until_gone()
        except (FlatbedError, OSError, sqlite3.Error) as error:
            # What it finishes cannot be kept: it must not feed sheets that nobody follows.
            await self._finish_sheet(error)
            self.cancel()
            await self._wait_until_gone()
            raise
        finally:
            self._is_over.set()
            if self._canceling is not None:
                self._canceling.cancel()
        return end

    def cancel(self) -> None:
        """Ask the scan to end, and see to it that it does; returns at once."""
        if self._canceling is None:
            self._ask_to_end()
            self._canceling = asyncio.create_task(self._see_to_the_end())

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the scanner is free again; whether it came in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._is_over.wait()
        except TimeoutError:
            return False
        return True

    def is_gone(self) -> bool:
        """Whether the process that had the scanner open has ended at last."""
        identity = self._identity()
        return identity is None or not identity.is_running()

    async def leave(self) -> None:
        """Leave the scan to itself; but one that was to end ends first, or nobody sees to it."""
        if self._canceling is not None and not await self.wait(_LEAVE_S):
            identity = self._identity()
            if identity is not None:
                system.kill_group(identity)
        if self._worker is not None:
            self._worker.detach()

    async def _follow_to_end(self) -> ScanEnd:
        while True:
            # First whether it lives, then what it wrote: its last line comes before its end.
            is_alive = self._is_alive()
            end = await self._take_new()
            if end is not None:
                return end
            if not is_alive:
                return ScanEnd("faulted", self._last_words().to_wire())
            if self.is_stuck:
                return ScanEnd("faulted", DeviceHungError().to_wire())
            await self._wait_for_growth()

    async def _finish_sheet(self, error: Exception) -> None:
        """Let the sheet on its way become a page in the spool, but no other begin."""
        worker = self._worker
        if worker is None or self._canceling is not None:
            return
        worker.stop_feeding(error if isinstance(error, FlatbedError) else InternalError())
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.term_s):
                # Nothing wakes: an answer is no line of the journal.
                while self._is_ours(worker) and self._canceling is None:  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_S)

    def _last_words(self) -> FlatbedError:
        """Why it ended without a line in its journal, which could not be written perhaps."""
        failure = self._worker.failure if self._worker is not None else None
        return failure if isinstance(failure, DeviceFault) else DriverCrashedError()

    async def _take_new(self) -> ScanEnd | None:
        self._grown.clear()
        entries = self._journal.read_new()
        ends = [entry for entry in entries if entry["type"] == "end"]
        # Ends of earlier attempts stand in the same journal.
        end = next((entry for entry in ends if entry.get("attempt") == self._attempt), None)
        things = [entry for entry in entries if entry["type"] != "end"]
        if things:
            await self._adopt(things)
        return _read_end(end) if end else None

    async def _wait_for_growth(self) -> None:
        try:
            async with asyncio.timeout(_LOOK_S):
                await self._grown.wait()
        except TimeoutError:
            return

    def _is_alive(self) -> bool:
        if self._worker is not None and self._is_ours(self._worker):
            return True
        # Also where our worker came too late: one of a main process before us has the lock.
        return system.is_locked(self._lock)

    async def _wait_until_gone(self) -> None:
        """The scanner is free when the process that had it open is gone."""
        if self.is_stuck:
            return
        if self._worker is not None:
            await self._worker.stop()
        # Another process holds it, so there is nothing to be woken by.
        while system.is_locked(self._lock) and not self.is_stuck:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)
        if self._worker is None:
            await self._end_orphan()

    async def _end_orphan(self) -> None:
        """A process that is not our child ends soon after its scan by itself, or by force."""
        identity, until = self._identity(), time.monotonic() + STOP_S
        while identity is not None and identity.is_running() and not self.is_stuck:
            if time.monotonic() > until:
                system.kill_group(identity)
                return
            await asyncio.sleep(_LOOK_S)

    def _ask_to_end(self) -> None:
        identity = self._identity()
        if self._worker is not None and self._is_ours(self._worker):
            self._worker.cancel_call()
        elif identity is not None:
            system.terminate_group(identity)

    async def _see_to_the_end(self) -> None:
        await asyncio.sleep(self._limits.term_s)
        identity = self._identity()
        if identity is None:
            return
        system.terminate_group(identity)
        await asyncio.sleep(self._limits.kill_s - self._limits.term_s)
        system.kill_group(identity)
        await asyncio.sleep(_GONE_S)
        self.is_stuck = identity.is_running()

    def _is_ours(self, worker: WorkerProcess) -> bool:
        return worker.is_alive and not worker.has_answered

    def _identity(self) -> system.ProcessIdentity | None:
        # Who scans stands in the lock; our worker may have come too late, or not begun yet.
        holder = read_holder(self._lock)
        return holder or (self._worker.identity if self._worker is not None else None)


def _read_end(entry: Entry) -> ScanEnd:
    error = entry.get("error")
    return ScanEnd(str(entry.get("status")), error if isinstance(error, dict) else None)


def end_holders(folder: Path) -> None:
    """End the workers that still scan for a job which has ended for everybody else."""
    for lock in folder.glob("worker-*.lock"):
        holder = read_holder(lock)
        if holder is not None and system.is_locked(lock):
            system.kill_group(holder)


def read_holder(lock: Path) -> system.ProcessIdentity | None:
    """The process that a worker's lock file names."""
    try:
        wire: Any = json.loads(lock.read_text("utf-8"))
        return system.ProcessIdentity.from_wire(wire if isinstance(wire, dict) else {})
    except (OSError, ValueError, InvalidInputError):
        return None  # not written yet, or not whole: it has not begun; or not to be read
