"""The scan module: one job a scanner, from its creation to its deletion, restarts included."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import structlog

from flatbed.errors import (
    FlatbedError,
    JobGoneError,
    JobNotFoundError,
    WrongStateError,
)
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.scan.attempts import Attempts
from flatbed.scan.audit import AuditLog
from flatbed.scan.finishing import Finisher
from flatbed.scan.handout import Handout
from flatbed.scan.holders import Holders
from flatbed.scan.jobs import ScanJob, Status
from flatbed.scan.launch import Launcher, ScanLimits
from flatbed.scan.negotiation import negotiate
from flatbed.scan.request import JobRequest
from flatbed.scan.rest import Rest
from flatbed.scan.runner import end_holders
from flatbed.scan.scanners import ScannerList
from flatbed.scan.store import JobStore
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.events import LOCAL
from flatbed.storage.index import Change, nothing_else

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
        self._deleted: dict[str, str] = {}
        self._rest, self._holders = Rest(launcher, store, buffer, finisher), Holders()
        self._attempts = Attempts(
            *(launcher, buffer, finisher, audit),
            rest=self._rest,
            holders=self._holders,
            is_kept=lambda job: job.uid in self._jobs,
        )

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
        return job.has_ended and not self._attempts.is_going_on(job)

    def has_all_pages(self, job: ScanJob) -> bool:
        """The same a moment earlier, as soon as the job says by itself that it has ended."""
        return job.status in ("completed", "faulted") or self.is_settled(job)

    async def create(
        self,
        request: JobRequest,
        *,
        origin: str,
        session: str | None = None,
        password: str | None = None,
        choice: Choice = EVERYTHING,
        note: Callable[[ScanJob], Change] = lambda _: nothing_else,
    ) -> ScanJob:
        """Create a job, and start it unless the caller wants to do that.

        Args:
            request: What its caller wants.
            origin: The caller's.
            session: The session that it belongs to.
            password: Of the document that the pages go into.
            choice: The add-ons that may work on the pages.
            note: Gives what else is written in the transaction that makes the job.

        Raises:
            ScannerNotFoundError: If the scanner is not there.
            ScannerHeldError: If another job has it.
            InvalidInputError: For settings that cannot be.
            DocumentNotFoundError: If the caller has no such document; see `Finisher.open`.
            AddonMissingError: If no installed add-on has an operation; see `choose_tasks`.
        """
        tasks = self.finisher.choose_tasks(request, choice)
        scanner = await self.scanners.find(request.device)
        self._holders.check_free(scanner)
        capabilities = await self.scanners.known_capabilities(scanner)
        job = negotiate(request, scanner, capabilities, origin=origin, session=session)
        # Nothing is awaited between this look and the taking.
        self._holders.check_free(scanner)
        self._holders.hold(job)
        try:
            placing = await self.finisher.open(request, origin=origin, password=password)
            job.options = replace(job.options, placing=placing, tasks=tasks)
            if request.autoRun:
                job.move_to("running")
            await self._store.save(job, note(job))
        except BaseException:
            self._holders.free(job)
            await self.finisher.drop(job.options.placing)
            raise
        # From here to the start nothing is awaited: who knows the job could cancel it in between.
        self._jobs[job.uid] = job
        if request.autoRun:
            self._attempts.follow(job)
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
        if job.status == "paused":
            # It paused a moment ago, perhaps, and is still being written down.
            await self._attempts.wait_for_end(job)
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
        self._attempts.follow(job)

    async def delete(self, job: ScanJob) -> None:
        """Cancel a job if need be, free its scanner, and forget it and its pages."""
        if self._jobs.pop(job.uid, None) is None:
            return  # somebody else was quicker
        self._deleted[job.uid] = job.origin
        self._attempts.ask_to_end(job)
        await self._attempts.wait_for_end(job)
        pages = self._attempts.count_scanned(job)
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
        self._holders.free(job)
        self.handout.forget(job)
        job.notify()

    async def keep_recovered(self, job: ScanJob) -> None:
        """Offer a job that a crash cut off no longer as recovered: it is like every other."""
        job.is_recovered = False
        await self._store.save(job)

    async def release(self, job: ScanJob) -> None:
        """Give the scanner of a pending job back: whoever wanted it is gone."""
        job.move_to("canceled")
        self._holders.free(job)
        await self._store.save(job)

    async def restore(self) -> None:
        """Take up what a former main process left: running scans, pending and finished jobs."""
        for job in self._store.load_all():
            self._jobs[job.uid] = job
            if not job.has_ended:
                self._holders.hold(job)
            if job.status == "running":
                log.info("job taken up", job=job.uid)
                self._attempts.follow(job, is_taken_up=self._attempts.was_claimed(job))
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
            if job is None or self._attempts.is_going_on(job) or job.status == "running":
                continue
            if await self._rest.take(job) and await self._rest.save(job):
                self._rest.forget(job)
                self._rest.clear_if_ended(job)
                job.notify()

    async def close(self) -> None:
        """Leave running scans to their workers, and see to the end of cancelled ones."""
        await self._attempts.close()
        await self.scanners.close()

    async def _cancel(self, job: ScanJob) -> None:
        if job.status not in ("running", "paused"):
            raise WrongStateError(f"The job is {job.status}; only a running one can be cancelled.")
        self._attempts.ask_to_end(job)
        await self._attempts.wait_for_end(job, self._limits.cancel_ack_s)
        if not job.has_ended:
            # The device takes longer: the caller knows now, the scanner is free when it is done.
            job.move_to("canceled")
            if not self._attempts.is_going_on(job):
                await self._audit.note(job, pages=self._attempts.count_scanned(job))
            await self._rest.save(job)
        if not self._attempts.is_going_on(job):
            self._holders.free(job)
            self._rest.clear_if_ended(job)

    async def _take_last(self, job: ScanJob) -> bool:
        """What was not done for an ended job before the main process ended; whether it is now."""
        is_taken = await self._rest.take(job)
        await self._audit.note(job, pages=self._attempts.count_scanned(job))
        return is_taken
