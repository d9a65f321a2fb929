"""The attempts at jobs: a worker that scans, the way of its pages, and the end of it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable

import structlog

from flatbed.errors import FlatbedError, InternalError, disk_fault
from flatbed.runtime.journal import Entry, JournalReader, ScanEnd, lock_path
from flatbed.scan.audit import AuditLog
from flatbed.scan.ending import find_waits, judge
from flatbed.scan.finishing import Finisher
from flatbed.scan.holders import Holders
from flatbed.scan.jobs import ScanJob
from flatbed.scan.launch import Launcher
from flatbed.scan.rest import Rest
from flatbed.scan.runner import ScanRun, read_holder
from flatbed.storage.buffer import PageBuffer

log = structlog.get_logger("flatbed.scan")


class Attempts:
    """The scans that are going on."""

    def __init__(
        self,
        launcher: Launcher,
        buffer: PageBuffer,
        finisher: Finisher,
        audit: AuditLog,
        *,
        rest: Rest,
        holders: Holders,
        is_kept: Callable[[ScanJob], bool],
    ) -> None:
        self._launcher, self._buffer, self._finisher = launcher, buffer, finisher
        self._audit, self._rest, self._holders = audit, rest, holders
        # Whether a job has not been deleted meanwhile.
        self._is_kept = is_kept
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._runs: dict[str, ScanRun] = {}
        self._canceled: set[str] = set()

    def is_going_on(self, job: ScanJob) -> bool:
        """Whether something is still being done for a job, also after its end was told."""
        return job.uid in self._tasks

    async def wait_for_end(self, job: ScanJob, timeout_s: float | None = None) -> None:
        """Wait until nothing is done for a job any more, or the time has passed."""
        task = self._tasks.get(job.uid)
        if task is not None:
            await asyncio.wait([task], timeout=timeout_s)

    def ask_to_end(self, job: ScanJob) -> None:
        """Cancel a job's scan; its end comes later."""
        if job.uid not in self._tasks:
            return
        self._canceled.add(job.uid)
        run = self._runs.get(job.uid)
        if run is not None:
            run.cancel()

    def was_claimed(self, job: ScanJob) -> bool:
        """Whether a worker has begun with a job's last attempt."""
        return read_holder(lock_path(self._launcher.folder_of(job.uid), job.attempt)) is not None

    def count_scanned(self, job: ScanJob) -> int:
        """How many pages a job has scanned, those included that were left out."""
        try:
            return self._buffer.next_ordinal_of(job.uid)
        except FlatbedError as error:
            log.warning("pages not counted", job=job.uid, error=error.name)
            return 0

    async def close(self) -> None:
        """Leave running scans to their workers, and see to the end of cancelled ones."""
        await asyncio.gather(*(run.leave() for run in self._runs.values()))
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def follow(self, job: ScanJob, *, is_taken_up: bool = False) -> None:
        """Start a job's next attempt, or take up the one that a former main process started."""
        self._tasks[job.uid] = asyncio.create_task(self._carry_out(job, is_taken_up=is_taken_up))

    async def _carry_out(self, job: ScanJob, *, is_taken_up: bool) -> None:
        try:
            end = await self._run(job, is_taken_up=is_taken_up)
        except FlatbedError as error:
            end = ScanEnd("faulted", error.to_wire())
            self._rest.note(job)
        except OSError as error:
            log.exception("scan failed", job=job.uid)
            end = ScanEnd("faulted", disk_fault(error).to_wire())
            self._rest.note(job)
        except sqlite3.Error as error:
            log.exception("scan failed", job=job.uid)
            end = ScanEnd("faulted", InternalError(cause=str(error)).to_wire())
            self._rest.note(job)
        finally:
            run = self._runs.pop(job.uid, None)
        if run is not None and run.is_stuck:
            self._holders.note_stuck(job, run)
        await self._settle(job, end, is_taken_up=is_taken_up)

    async def _run(self, job: ScanJob, *, is_taken_up: bool) -> ScanEnd:
        async def adopt(entries: list[Entry]) -> None:
            await self._adopt(job, entries)

        if is_taken_up:
            run = self._launcher.take_up(job, adopt=adopt)
        else:
            # Sheets of the attempt before that could not be adopted then, for want of room.
            if left := JournalReader(self._launcher.folder_of(job.uid)).read_new():
                await adopt(left)
            await self._finisher.finish(job)
            pages = self._buffer.next_ordinal_of(job.uid)
            run = await self._launcher.start(job, pages=pages, adopt=adopt)
        self._runs[job.uid] = run
        if job.uid in self._canceled:
            run.cancel()
        return await run.follow()

    async def _adopt(self, job: ScanJob, entries: list[Entry]) -> None:
        for entry in entries:
            if entry["type"] == "warning":
                job.warn(str(entry.get("message")))
        await self._buffer.adopt(job.deliver(self._launcher.folder_of(job.uid), entries))
        await self._finisher.finish(job)
        waits = find_waits(entries, attempt=job.attempt)
        if waits:
            job.note_wait(waits[-1])
            await self._rest.save(job)
        job.notify()

    async def _settle(self, job: ScanJob, end: ScanEnd, *, is_taken_up: bool) -> None:
        try:
            if self._rest.has(job) or self._buffer.unready_of(job.uid):
                await self._take_rest(job)
            pages = self._buffer.next_ordinal_of(job.uid)
        except FlatbedError as trouble:
            pages, end = 0, ScanEnd("faulted", trouble.to_wire())
        status, error = judge(job, end, pages=pages, is_canceled=job.uid in self._canceled)
        if error is not None and error["error"] == "driver_crashed":
            self._launcher.count_crash(job)
            job.is_recovered = is_taken_up
        self._canceled.discard(job.uid)
        if status == "paused" and not self.was_claimed(job):
            job.forget_attempt()
        if not job.has_ended:
            job.move_to(status, error)
        log.info("scan ended", job=job.uid, status=job.status, pages=pages)
        if job.has_ended:
            self._holders.free(job)
            # Before the end is saved: cut off in between, it comes here again and is known.
            await self._audit.note(job, pages=pages)
        if self._is_kept(job):
            await self._rest.save(job)
            self._rest.clear_if_ended(job)
        self._launcher.prepare(job)
        del self._tasks[job.uid]
        job.notify()

    async def _take_rest(self, job: ScanJob) -> None:
        if await self._rest.take(job):
            self._rest.forget(job)
