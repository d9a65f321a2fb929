"""Stored pages by themselves, and what a crash left."""

from __future__ import annotations

import msgspec

from flatbed.errors import PageNotFoundError
from flatbed.http.base import ApiHandler
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.jobs import NO_JOB, JobStatus, to_status
from flatbed.http.page_files import FileHandler
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.storage.events import LOCAL

RECOVERED = "/api/storage/recovered"


class RecoveredJob(msgspec.Struct):
    """A job that was cut off, with the pages that it had by then."""

    uid: str
    kind: str
    job: JobStatus


class ThumbnailHandler(FileHandler):
    """`/api/storage/pages/{uid}/thumbnail`."""

    async def get(self, uid: str) -> None:
        """A page in small, as JPEG."""
        page = self.services.buffer.get(uid, origin=self.caller.sees)
        await self.write_thumbnail(page)


class RecoveredListHandler(ApiHandler):
    """`/api/storage/recovered`."""

    services: Services

    async def get(self) -> None:
        """What a crash left, to keep or to delete."""
        found = [
            RecoveredJob(
                job.uid, "job", to_status(job, pages=self.services.buffer.count_of(job.uid))
            )
            for job in self.services.scan.jobs()
            if job.is_recovered and self.caller.origin in (job.origin, LOCAL)
        ]
        self.write_json(found)


class RecoveredKeepHandler(ApiHandler):
    """`/api/storage/recovered/{uid}/keep`."""

    services: Services

    async def post(self, uid: str) -> None:
        """Keep it as if nothing had happened."""
        job = self.services.scan.get(uid, origin=self.caller.origin)
        await self.services.scan.keep_recovered(job)
        self.set_status(204)


class RecoveredHandler(ApiHandler):
    """`/api/storage/recovered/{uid}`."""

    services: Services

    async def delete(self, uid: str) -> None:
        """Delete it and its pages."""
        job = self.services.scan.get(uid, origin=self.caller.origin)
        await self.services.scan.delete(job)
        self.set_status(204)


ROUTES = (
    Route(
        "/api/storage/pages/{uid}/thumbnail",
        ThumbnailHandler,
        {
            "GET": Operation(
                summary="Hand out a page in small",
                answers={200: ("image/jpeg",)},
                errors=(PageNotFoundError, *FILE_ERRORS),
            )
        },
    ),
    Route(
        RECOVERED,
        RecoveredListHandler,
        {"GET": Operation(summary="List what a crash left", answers={200: list[RecoveredJob]})},
    ),
    Route(
        f"{RECOVERED}/{{uid}}/keep",
        RecoveredKeepHandler,
        {"POST": Operation(summary="Keep it", answers={204: None}, errors=NO_JOB)},
    ),
    Route(
        f"{RECOVERED}/{{uid}}",
        RecoveredHandler,
        {"DELETE": Operation(summary="Delete it", answers={204: None}, errors=NO_JOB)},
    ),
)
