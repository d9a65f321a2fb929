"""The older `/DWTAPI` paths, for clients that were written for them."""

from __future__ import annotations

from flatbed.errors import JobGoneError
from flatbed.http.base import ApiHandler
from flatbed.http.job_pages import FILE_ERRORS, NextPageHandler
from flatbed.http.job_types import JobHeaders
from flatbed.http.jobs import CREATE_ERRORS, NO_JOB, create_job
from flatbed.http.routes import LOOSE_BODY_BYTES, Operation, Route
from flatbed.http.scanners import ScannersHandler, scanners_operation
from flatbed.http.services import Services
from flatbed.scan.request import JobRequest


class LegacyJobsHandler(ApiHandler):
    """`/DWTAPI/ScanJobs`."""

    services: Services

    async def post(self) -> None:
        """Create a job; the answer is its id as plain text."""
        job = await create_job(self, wants_jpeg=True)
        self.set_status(201)
        self.set_header("Content-Type", "text/plain")
        self.finish(job.uid)


class LegacyNextDocumentHandler(NextPageHandler):
    """`/DWTAPI/ScanJobs/{jobuid}/NextDocument`."""

    async def get(self, jobuid: str) -> None:
        """The next page as JPEG; 410 after the last, because clients ask until they hear it."""
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        if not await self.write_next(job, "image/jpeg"):
            raise JobGoneError("This job has no more pages.")


class LegacyJobHandler(ApiHandler):
    """`/DWTAPI/ScanJobs/{jobuid}`."""

    services: Services

    async def delete(self, jobuid: str) -> None:
        """Delete a job and its pages."""
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        await self.services.scan.delete(job)
        self.set_status(200)


ROUTES = (
    Route("/DWTAPI/Scanners", ScannersHandler, {"GET": scanners_operation()}),
    Route(
        "/DWTAPI/ScanJobs",
        LegacyJobsHandler,
        {
            "POST": Operation(
                summary="Create a scan job, its id as plain text",
                body=JobRequest,
                max_body_bytes=LOOSE_BODY_BYTES,
                headers=JobHeaders,
                answers={201: ("text/plain",)},
                errors=CREATE_ERRORS,
            )
        },
    ),
    Route(
        "/DWTAPI/ScanJobs/{jobuid}/NextDocument",
        LegacyNextDocumentHandler,
        {
            "GET": Operation(
                summary="Hand out the next page as JPEG; 410 after the last",
                answers={200: ("image/jpeg",)},
                errors=(*NO_JOB, *FILE_ERRORS),
                has_head=False,
            )
        },
    ),
    Route(
        "/DWTAPI/ScanJobs/{jobuid}",
        LegacyJobHandler,
        {
            "DELETE": Operation(
                summary="Delete a job and its pages", answers={200: None}, errors=NO_JOB
            )
        },
    ),
)
