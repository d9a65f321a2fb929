"""What is deleted for its age: ended jobs that nobody asks for, documents where that is wanted."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass

import structlog

from flatbed.scan.jobs import ScanJob
from flatbed.scan.module import ScanModule
from flatbed.storage.documents import Documents
from flatbed.storage.events import LOCAL
from flatbed.storage.index import Index

log = structlog.get_logger("flatbed.scan")


@dataclass(frozen=True, kw_only=True)
class AgeLimits:
    """How long things are kept that nobody touches, in seconds; 0 for ever.

    Attributes:
        jobs_s: Ended jobs, with the pages that no document has.
        documents_s: Documents, from their last change.
    """

    jobs_s: float = 30 * 86400
    documents_s: float = 0


class AgeCare:
    """Deletes what is too old; call `look` now and then."""

    def __init__(
        self, module: ScanModule, documents: Documents, index: Index, limits: AgeLimits
    ) -> None:
        self._module, self._documents = module, documents
        self._index, self._limits = index, limits

    async def look(self) -> None:
        """Write down which jobs were asked for since the last look, and delete what is too old.

        Raises:
            FlatbedError: If the disk does not let it; the next look goes on.
        """
        await self.write_touches()
        now = time.time()
        if self._limits.jobs_s > 0:
            await self._drop_jobs(now - self._limits.jobs_s)
        if self._limits.documents_s > 0:
            await self._drop_documents(now - self._limits.documents_s)

    async def write_touches(self) -> None:
        """Write down which jobs were asked for; the service does that at its end, too."""
        there = {job.uid for job in self._module.jobs()}
        touched = {uid: at for uid, at in self._module.touched.items() if uid in there}
        if touched:
            await self._index.write(lambda write: _write(write, touched))
        for uid, at in list(self._module.touched.items()):
            if touched.get(uid, at) == at:  # not asked for again meanwhile
                del self._module.touched[uid]

    async def _drop_jobs(self, oldest: float) -> None:
        rows = self._index.read("SELECT uid, at FROM touched")
        touched = {row["uid"]: row["at"] for row in rows} | self._module.touched
        for job in self._module.jobs():
            if job.has_ended and _last_use(job, touched) < oldest:
                log.info("old job deleted", job=job.uid, status=job.status)
                await self._module.delete(job)

    async def _drop_documents(self, oldest: float) -> None:
        for document in self._documents.list(LOCAL):
            if document.changed_at < oldest:
                log.info("old document deleted", document=document.uid)
                await self._documents.delete(document)


def _last_use(job: ScanJob, touched: dict[str, float]) -> float:
    return max(job.finished_at or job.created_at, touched.get(job.uid, 0))


def _write(write: sqlite3.Connection, touched: dict[str, float]) -> None:
    write.executemany(
        "INSERT INTO touched (uid, at) VALUES (?, ?)"
        " ON CONFLICT (uid) DO UPDATE SET at = max(at, excluded.at)",
        touched.items(),
    )
