"""What a crash left, to keep or to delete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from flatbed.errors import DocumentNotFoundError
from flatbed.http.base import ApiHandler
from flatbed.http.job_types import JobStatus, to_status
from flatbed.http.jobs import NO_JOB
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.scan.jobs import ScanJob
from flatbed.storage.events import LOCAL

RECOVERED = "/api/storage/recovered"


class Recovered(msgspec.Struct):
    """What a crash cut off: a job with the pages that it had by then, or its document.

    `uid` is the one of the job or of the document, by `kind`; `job` is the job in both cases.
    """

    uid: str
    kind: Literal["job", "document"]
    job: JobStatus


class _RecoveredHandler(ApiHandler):
    """The base of what is about things that a crash cut off."""

    services: Services

    def jobs(self) -> list[ScanJob]:
        """The caller's jobs that were cut off."""
        return [
            job
            for job in self.services.scan.jobs()
            if job.is_recovered and self.caller.owner in (job.origin, LOCAL)
        ]

    def jobs_into(self, uid: str) -> list[ScanJob]:
        """Those of them that were scanning into a document, by its uid."""
        return [job for job in self.jobs() if job.document == uid]


class RecoveredListHandler(_RecoveredHandler):
    """`/api/storage/recovered`."""

    async def get(self) -> None:
        """What a crash left, to keep or to delete."""
        self.write_json([each for job in self.jobs() for each in self._describe(job)])

    def _describe(self, job: ScanJob) -> Iterator[Recovered]:
        status = to_status(job, self.services.buffer)
        yield Recovered(job.uid, "job", status)
        if job.document is not None and self.services.documents.has(job.document):
            yield Recovered(job.document, "document", status)


class RecoveredKeepHandler(_RecoveredHandler):
    """`/api/storage/recovered/{uid}/keep`."""

    async def post(self, uid: str) -> None:
        """Keep it as if nothing had happened; a document keeps what was scanned into it."""
        scan = self.services.scan
        for job in self.jobs_into(uid) or [scan.get(uid, origin=self.caller.owner)]:
            await scan.keep_recovered(job)
        self.set_status(204)


class RecoveredHandler(_RecoveredHandler):
    """`/api/storage/recovered/{uid}`."""

    async def delete(self, uid: str) -> None:
        """Delete it and its pages; the pages of a job stay when its document goes."""
        if self.jobs_into(uid):
            document = self.services.documents.get(uid, origin=self.caller.owner)
            await self.services.documents.delete(document)
        else:
            await self.services.scan.delete(self.services.scan.get(uid, origin=self.caller.owner))
        self.set_status(204)


_NOT_THERE = (*NO_JOB, DocumentNotFoundError)

ROUTES = (
    Route(
        RECOVERED,
        RecoveredListHandler,
        {"GET": Operation(summary="List what a crash left", answers={200: list[Recovered]})},
    ),
    Route(
        f"{RECOVERED}/{{uid}}/keep",
        RecoveredKeepHandler,
        {"POST": Operation(summary="Keep it", answers={204: None}, errors=_NOT_THERE)},
    ),
    Route(
        f"{RECOVERED}/{{uid}}",
        RecoveredHandler,
        {"DELETE": Operation(summary="Delete it", answers={204: None}, errors=_NOT_THERE)},
    ),
)
