"""What is left to be done for a job whose scan the disk did not let end in good order.

Its sheets lie in the spool, its state is true in memory: both are brought home when that can be.
"""

from __future__ import annotations

import shutil

import structlog

from flatbed.errors import FlatbedError
from flatbed.runtime.journal import JournalReader
from flatbed.scan.finishing import Finisher
from flatbed.scan.jobs import ScanJob
from flatbed.scan.launch import Launcher
from flatbed.scan.store import JobStore
from flatbed.storage.buffer import PageBuffer

log = structlog.get_logger("flatbed.scan")


class Rest:
    """The jobs of which something is left."""

    def __init__(
        self, launcher: Launcher, store: JobStore, buffer: PageBuffer, finisher: Finisher
    ) -> None:
        self._launcher, self._store, self._buffer = launcher, store, buffer
        self._finisher = finisher
        self._jobs: set[str] = set()

    def jobs(self) -> list[str]:
        """Their ids."""
        return list(self._jobs)

    def has(self, job: ScanJob) -> bool:
        """Whether something is left of a job, so that its spool must stay."""
        return job.uid in self._jobs

    def note(self, job: ScanJob) -> None:
        """Remember a job whose scan was not followed to its end."""
        self._jobs.add(job.uid)

    def forget(self, job: ScanJob) -> None:
        """Nothing is left of a job."""
        self._jobs.discard(job.uid)

    def clear_spool(self, job_uid: str) -> None:
        """Delete the spool of a job that is gone or has all its sheets."""
        folder = self._launcher.folder_of(job_uid)
        try:
            if folder.exists():
                shutil.rmtree(folder)
        except OSError as error:
            # Nothing is in it that anybody needs; the next start tries again.
            log.warning("spool left", job=job_uid, error=error.strerror)

    def clear_if_ended(self, job: ScanJob) -> None:
        """Delete the spool of a job that has ended, unless something is left of it."""
        if job.has_ended and not self.has(job):
            self.clear_spool(job.uid)

    async def take(self, job: ScanJob) -> bool:
        """Take the sheets in a job's spool into the buffer; whether none is left there."""
        folder = self._launcher.folder_of(job.uid)
        try:
            entries = JournalReader(folder).read_new()
            if entries:
                await self._buffer.adopt_rest(job.deliver(folder, entries))
            await self._finisher.finish(job)
        except (FlatbedError, OSError) as error:
            log.warning("sheets left in the spool", job=job.uid, error=str(error))
            self._jobs.add(job.uid)
            return False
        return True

    async def save(self, job: ScanJob) -> bool:
        """Write a job down as it is now; whether that could be done, else it is for later."""
        try:
            await self._store.save(job)
        except FlatbedError as error:
            log.warning("job not written down", job=job.uid, error=error.name)
            self._jobs.add(job.uid)
            return False
        return True
