"""The scan module: one job a scanner, from its creation to its deletion, restarts included."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from dataclasses import replace

import structlog

from flatbed.errors import (
    DeviceHungError,
    FlatbedError,
    InternalError,
    JobGoneError,
    JobNotFoundError,
    ScannerHeldError,
    WrongStateError,
    disk_fault,
)
from flatbed.runtime.journal import Entry, JournalReader, ScanEnd, lock_path
from flatbed.scan.audit import AuditLog
from flatbed.scan.ending import find_waits, judge
from flatbed.scan.finishing import Finisher
from flatbed.scan.handout import Handout
from flatbed.scan.jobs import ScanJob, Status
from flatbed.scan.launch import Launcher, ScanLimits
from flatbed.scan.negotiation import negotiate
from flatbed.scan.request import JobRequest
from flatbed.scan.rest import Rest
from flatbed.scan.runner import ScanRun, end_holders, read_holder
from flatbed.scan.scanners import KnownScanner, ScannerList
from flatbed.scan.store import JobStore
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.events import LOCAL

log = structlog.get_logger("flatbed.scan")


class ScanModule:
    """All jobs of one data folder.

    Attributes:
        touched: When jobs were last asked for, as far as nobody has written that down.
    """

    def __init__(
        self,
        scanners: ScannerList,
        launcher: Launcher,
        store: JobStore,
        buffer: PageBuffer,
        limits: ScanLimits,
        finisher: Finisher,
        audit: AuditLog,
    ) -> None:
        self.scanners, self._audit = scanners, audit
        self.handout, self.finisher = Handout(buffer), finisher
        self._launcher, self._store, self._buffer, self._limits = launcher, store, buffer, limits
        self.touched: dict[str, float] = {}
        self._jobs: dict[str, ScanJob] = {}
        self._holders: dict[str, str] = {}
        self._runs: dict[str, ScanRun] = {}
        self._stuck: dict[str, ScanRun] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._canceled: set[str] = set()
        self._deleted: dict[str, str] = {}
        self._rest = Rest(launcher, store, buffer, finisher)

    def jobs(self) -> list[ScanJob]:
        """Every job that has not been deleted."""
        return list(self._jobs.values())

    def get(self, uid: str, *, origin: str) -> ScanJob:
        """The job of an origin; those of all origins for `local`.

        Raises:
            JobNotFoundError: If there is none, or it is another's.
            JobGoneError: If it was deleted since the service started.
        """
        job = self._jobs.get(uid)
        if job is not None and origin in (job.origin, LOCAL):
            self.touched[uid] = time.time()
            return job
        if self._deleted.get(uid) == origin or (origin == LOCAL and uid in self._deleted):
            raise JobGoneError
        raise JobNotFoundError

    def is_settled(self, job: ScanJob) -> bool:
        """Whether no further page of a job will come.

        Raises:
            JobGoneError: If it was deleted while its caller waited.
        """
        if job.uid not in self._jobs:
            raise JobGoneError
        return job.has_ended and job.uid not in self._tasks

    async def create(
        self,
        request: JobRequest,
        *,
        origin: str,
        session: str | None = None,
        password: str | None = None,
    ) -> ScanJob:
        """Create a job, and start it unless the caller wants to do that.

        Args:
            request: What its caller wants.
            origin: The caller's.
            session: The session that it belongs to.
            password: Of the document that the pages go into.

        Raises:
            ScannerNotFoundError: If the scanner is not there.
            ScannerHeldError: If another job has it.
            InvalidInputError: For settings that cannot be.
            DocumentNotFoundError: If the caller has no such document; see `Finisher.open`.
        """
        scanner = await self.scanners.find(request.device)
        self._check_free(scanner)
        capabilities = await self.scanners.known_capabilities(scanner)
        job = negotiate(request, scanner, capabilities, origin=origin, session=session)
        # Nothing is awaited between this look and the taking.
        self._check_free(scanner)
        self._holders[scanner.uid] = job.uid
        try:
            placing = await self.finisher.open(request, origin=origin, password=password)
            job.options = replace(job.options, placing=placing)
            if request.autoRun:
                job.move_to("running")
            await self._store.save(job)
        except BaseException:
            del self._holders[scanner.uid]
            await self.finisher.drop(job.options.placing)
            raise
        # From here to the start nothing is awaited: who knows the job could cancel it in between.
        self._jobs[job.uid] = job
        if request.autoRun:
            self._follow(job)
        else:
            self.scanners.prepare(scanner)
        return job

    async def change_status(self, job: ScanJob, wanted: Status) -> None:
        """Start a pending job, go on with a paused one, or cancel a running or paused one.

        Raises:
            WrongStateError: If the job is in another state.
            JobGoneError: If it is deleted meanwhile.
        """
        if wanted == "canceled":
            await self._cancel(job)
            return
        task = self._tasks.get(job.uid)
        if task is not None and job.status == "paused":
            # It paused a moment ago, and is still being written down.
            await asyncio.wait([task])
        before = job.status, job.error
        job.move_to("running")
        try:
            await self._store.save(job)
        except FlatbedError:
            if job.status == "running":
                job.step_back(*before)
            raise
        if job.uid not in self._jobs:
            raise JobGoneError
        self._follow(job)

    async def delete(self, job: ScanJob) -> None:
        """Cancel a job if need be, free its scanner, and forget it and its pages."""
        if self._jobs.pop(job.uid, None) is None:
            return  # somebody else was quicker
        self._deleted[job.uid] = job.origin
        task = self._tasks.get(job.uid)
        if task is not None:
            self._ask_to_end(job)
            await asyncio.wait([task])
        pages = self._count_scanned(job)
        try:
            await self._buffer.delete_job_pages(job.uid)
            await self._store.delete(job)
        except BaseException:
            # As it was, with what it holds: it can be deleted again.
            self._jobs[job.uid] = job
            del self._deleted[job.uid]
            raise
        if job.status == "paused":
            await self._audit.note(job, pages=pages, status="canceled")
        await self.finisher.drop(job.options.placing)
        self._rest.forget(job)
        self._rest.clear_spool(job.uid)
        self._free(job)
        self.handout.forget(job)
        job.notify()

    async def keep_recovered(self, job: ScanJob) -> None:
        """Offer a job that a crash cut off no longer as recovered: it is like every other."""
        job.is_recovered = False
        await self._store.save(job)

    async def release(self, job: ScanJob) -> None:
        """Give the scanner of a pending job back: whoever wanted it is gone."""
        job.move_to("canceled")
        self._free(job)
        await self._store.save(job)

    async def restore(self) -> None:
        """Take up what a former main process left: running scans, pending and finished jobs."""
        for job in self._store.load_all():
            self._jobs[job.uid] = job
            if not job.has_ended:
                self._holders[job.scanner_uid] = job.uid
            if job.status == "running":
                log.info("job taken up", job=job.uid)
                self._follow(job, is_taken_up=self._was_claimed(job))
        for folder in self._launcher.folders():
            known = self._jobs.get(folder.name)
            if known is None or known.has_ended:
                end_holders(folder)
            if known is None or (known.has_ended and await self._take_last(known)):
                self._rest.clear_spool(folder.name)

    async def catch_up(self) -> None:
        """Take in and write down what a full or failing disk did not let, if it lets now."""
        for uid in self._rest.jobs():
            job = self._jobs.get(uid)
            if job is None or uid in self._tasks or job.status == "running":
                continue
            if await self._rest.take(job) and await self._rest.save(job):
                self._rest.forget(job)
                self._clear_if_ended(job)
                job.notify()

    async def close(self) -> None:
        """Leave running scans to their workers, and see to the end of cancelled ones."""
        await asyncio.gather(*(run.leave() for run in self._runs.values()))
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        await self.scanners.close()

    def _check_free(self, scanner: KnownScanner) -> None:
        if scanner.uid in self._holders:
            raise ScannerHeldError(
                f"'{scanner.name}' is in use by another job. Wait for it to end, or delete it.",
            )
        stuck = self._stuck.get(scanner.uid)
        if stuck is not None and not stuck.is_gone():
            raise DeviceHungError(
                f"The driver of '{scanner.name}' hangs in the system."
                " Unplug the scanner, plug it in again, and wait a moment."
            )

    def _follow(self, job: ScanJob, *, is_taken_up: bool = False) -> None:
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
            self._stuck[job.scanner_uid] = run
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
            await self.finisher.finish(job)
            pages = self._buffer.next_ordinal_of(job.uid)
            run = await self._launcher.start(job, pages=pages, adopt=adopt)
        self._runs[job.uid] = run
        if job.uid in self._canceled:
            run.cancel()
        return await run.follow()

    async def _adopt(self, job: ScanJob, entries: list[Entry]) -> None:
        for entry in entries:
            message = str(entry.get("message"))
            if entry["type"] == "warning" and message not in job.warnings:
                job.warnings.append(message)
        folder = self._launcher.folder_of(job.uid)
        is_ready, adopt = not job.options.finishes_pages, self._buffer.adopt
        await adopt(job.uid, job.origin, folder, job.key, entries, is_ready=is_ready)
        await self.finisher.finish(job)
        waits = find_waits(entries, attempt=job.attempt)
        if waits:
            job.note_wait(waits[-1])
            await self._rest.save(job)
        job.notify()

    async def _settle(self, job: ScanJob, end: ScanEnd, *, is_taken_up: bool) -> None:
        if self._rest.has(job) or self._buffer.unready_of(job.uid):
            await self._take_rest(job)
        try:
            pages = self._buffer.next_ordinal_of(job.uid)
        except FlatbedError as trouble:
            pages, end = 0, ScanEnd("faulted", trouble.to_wire())
        status, error = judge(job, end, pages=pages, is_canceled=job.uid in self._canceled)
        if error is not None and error["error"] == "driver_crashed":
            self._launcher.count_crash(job)
            job.is_recovered = is_taken_up
        self._canceled.discard(job.uid)
        if status == "paused" and not self._was_claimed(job):
            job.forget_attempt()
        if not job.has_ended:
            job.move_to(status, error)
        log.info("scan ended", job=job.uid, status=job.status, pages=pages)
        if job.has_ended:
            self._free(job)
            # Before the end is saved: cut off in between, it comes here again and is known.
            await self._audit.note(job, pages=pages)
        if job.uid in self._jobs:
            await self._rest.save(job)
            self._clear_if_ended(job)
        self._launcher.prepare(job)
        del self._tasks[job.uid]
        job.notify()

    def _count_scanned(self, job: ScanJob) -> int:
        try:
            return self._buffer.next_ordinal_of(job.uid)
        except FlatbedError:
            return 0

    async def _take_last(self, job: ScanJob) -> bool:
        """What was not done for an ended job before the main process ended; whether it is now."""
        is_taken = await self._rest.take(job)
        await self._audit.note(job, pages=self._count_scanned(job))
        return is_taken

    async def _take_rest(self, job: ScanJob) -> None:
        if await self._rest.take(job):
            self._rest.forget(job)

    async def _cancel(self, job: ScanJob) -> None:
        if job.status not in ("running", "paused"):
            raise WrongStateError(f"The job is {job.status}; only a running one can be cancelled.")
        task = self._tasks.get(job.uid)
        if task is not None:
            self._ask_to_end(job)
            await asyncio.wait([task], timeout=self._limits.cancel_ack_s)
        if not job.has_ended:
            # The device takes longer: the caller knows now, the scanner is free when it is done.
            job.move_to("canceled")
            if job.uid not in self._tasks:
                await self._audit.note(job, pages=self._count_scanned(job))
            await self._rest.save(job)
        if job.uid not in self._tasks:
            self._canceled.discard(job.uid)
            self._free(job)
            self._clear_if_ended(job)

    def _ask_to_end(self, job: ScanJob) -> None:
        self._canceled.add(job.uid)
        run = self._runs.get(job.uid)
        if run is not None:
            run.cancel()

    def _free(self, job: ScanJob) -> None:
        if self._holders.get(job.scanner_uid) == job.uid:
            del self._holders[job.scanner_uid]

    def _was_claimed(self, job: ScanJob) -> bool:
        return read_holder(lock_path(self._launcher.folder_of(job.uid), job.attempt)) is not None

    def _clear_if_ended(self, job: ScanJob) -> None:
        if job.has_ended and not self._rest.has(job):
            self._rest.clear_spool(job.uid)
