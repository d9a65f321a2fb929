"""Operations that go on while their caller does something else, and what is left of them."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from flatbed.addon.frames import FrameReader
from flatbed.errors import (
    FlatbedError,
    InternalError,
    ScanCanceledError,
    WrongStateError,
    from_wire,
)
from flatbed.processing.carrier import Carrier
from flatbed.processing.order import Answer, Order
from flatbed.processing.undisturbed import beyond_cancel
from flatbed.storage.index import Also, nothing_else
from flatbed.storage.made_file import write_json
from flatbed.storage.process_job import ProcessJob, ServiceEndedError
from flatbed.storage.process_jobs import ProcessJobs

log = structlog.get_logger("flatbed.processing")

TELL_S = 0.5
"""Each word of progress is a write to the disk, and nobody sees more of them."""

_CANCELED = "The operation was cancelled. Your pages are as they were; start it again if needed."


@dataclass
class _Run:
    """A job on its way; `work` carries it out, `end` writes down what came of it."""

    job: ProcessJob
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    work: asyncio.Task[None] = field(init=False)
    end: asyncio.Task[None] = field(init=False)
    is_canceled: bool = False

    def note(self, done: int, total: int) -> None:
        if self.job.status == "running":
            self.job = self.job.at(done, total)
            self.changed.set()

    def cancel(self) -> None:
        # Once only: a second cancel would break off what the first one waits for.
        if not self.is_canceled:
            self.is_canceled = True
            self.work.cancel()


class Processing:
    """The long operations of one service.

    Args:
        store: Where they stand.
        carrier: Carries them out.
        new_folder: Makes a folder for a file on its way.

    Attributes:
        carrier: The same, for callers who wait.
    """

    def __init__(
        self, store: ProcessJobs, carrier: Carrier, new_folder: Callable[[], Path]
    ) -> None:
        self.carrier = carrier
        self._store, self._new_folder = store, new_folder
        self._runs: dict[str, _Run] = {}
        self._is_closed = False

    async def restore(self) -> None:
        """Write down that the jobs which ran when the service ended have ended, too."""
        try:
            for job in self._store.unfinished():
                await self._store.save(job.faulted(ServiceEndedError()))
        except FlatbedError as error:
            # Who asks for them is told the same.
            log.warning("ended operations not written down", error=error.name)

    async def close(self) -> None:
        """Break off what runs; the next start says so."""
        self._is_closed = True
        runs = list(self._runs.values())
        for run in runs:
            run.cancel()
        if runs:
            await asyncio.wait([run.end for run in runs])

    async def start(self, order: Order, also: Also[ProcessJob] = nothing_else) -> ProcessJob:
        """Carry an order out from now on; it is written down, and `also`, when this returns.

        Raises:
            TooManyJobsError: If its owner's origin has as many as it may have.
        """
        job = ProcessJob(
            uid=secrets.token_hex(16),
            owner=order.owner,
            operation=order.operation,
            total=len(order.sources),
        )
        await self._store.add(job, also)
        run = self._runs[job.uid] = _Run(job)
        run.work = asyncio.create_task(self._carry_out(run, order))
        run.end = asyncio.create_task(self._follow(run))
        return job

    def get(self, uid: str, *, owner: str) -> ProcessJob:
        """The job of an owner as it is now; those of all owners for `local`.

        Raises:
            JobNotFoundError: If there is none, or it is another's.
        """
        return self._now(self._store.get(uid, owner=owner))

    def of(self, owner: str) -> list[ProcessJob]:
        """The jobs of an owner, oldest first; those of all owners for `local`."""
        return [self._now(job) for job in self._store.of(owner)]

    def open_result(self, job: ProcessJob) -> tuple[FrameReader, str]:
        """What a job made, and its media type; the caller closes it.

        Raises:
            WrongStateError: While it runs.
            FlatbedError: Why it came to nothing.
        """
        if job.status == "running":
            raise WrongStateError("The operation still runs. Ask again when it has completed.")
        if job.error is not None:
            raise from_wire(job.error)
        return self._store.open_result(job)

    async def cancel(self, job: ProcessJob) -> ProcessJob:
        """End a job, and give it as it then is: completed, if it was faster.

        Raises:
            WrongStateError: If it has ended.
        """
        run = self._runs.get(job.uid)
        if run is None:
            raise WrongStateError(f"The operation is {job.status} already.")
        run.cancel()
        await asyncio.wait([run.end])
        return run.job

    async def delete(self, job: ProcessJob) -> None:
        """End a job if it runs, and forget it with what it made."""
        with suppress(WrongStateError):
            await self.cancel(job)
        await self._store.delete(job)

    async def drop_old(self, age_s: float) -> None:
        """Forget the jobs that ended so long ago."""
        for job in self._store.finished_before(time.time() - age_s):
            await self._store.delete(job)

    def _now(self, job: ProcessJob) -> ProcessJob:
        if job.status != "running":
            return job
        run = self._runs.get(job.uid)
        return run.job if run is not None else job.faulted(ServiceEndedError())

    async def _carry_out(self, run: _Run, order: Order) -> None:
        async with self.carrier.carry_out(order, run.note) as answer:
            await beyond_cancel(self._keep(run, answer))

    async def _keep(self, run: _Run, answer: Answer) -> None:
        done = run.job.completed()
        if answer.file is not None:
            await self._store.finish(done, answer.file)
        else:
            folder = self._new_folder()
            try:
                made = await asyncio.to_thread(write_json, folder, answer.data)
                await self._store.finish(done, made)
            finally:
                shutil.rmtree(folder)
        run.job = done

    async def _follow(self, run: _Run) -> None:
        teller = asyncio.create_task(self._tell(run))
        await asyncio.wait([run.work])
        teller.cancel()
        if run.job.status == "running" and not self._is_closed:
            run.job = _ended(run)
            await self._save(run.job)
        del self._runs[run.job.uid]

    async def _tell(self, run: _Run) -> None:
        while True:
            await run.changed.wait()
            run.changed.clear()
            await self._save(run.job)
            await asyncio.sleep(TELL_S)

    async def _save(self, job: ProcessJob) -> None:
        try:
            await self._store.save(job)
        except FlatbedError as error:
            log.warning("operation not written down", job=job.uid, error=error.name)


def _ended(run: _Run) -> ProcessJob:
    if run.work.cancelled():
        return run.job.canceled(ScanCanceledError(_CANCELED))
    failure = run.work.exception()
    if isinstance(failure, FlatbedError):
        return run.job.faulted(failure)
    log.error("operation failed", job=run.job.uid, exc_info=failure)
    return run.job.faulted(InternalError())
