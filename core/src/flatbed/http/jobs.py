"""Scan jobs: create, look at, start, cancel, delete; a pending job's capabilities and settings."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from flatbed.errors import (
    DeviceHungError,
    DocumentNotFoundError,
    InvalidInputError,
    JobGoneError,
    JobNotFoundError,
    PageNotFoundError,
    ScannerHeldError,
    ScannerNotFoundError,
    StorageLimitError,
    UnsupportedSettingError,
    WorkerCrashedError,
    WorkerTimeoutError,
    WrongPasswordError,
    WrongStateError,
)
from flatbed.http.base import ApiHandler
from flatbed.http.choices import read_choice
from flatbed.http.idempotency import json_answer
from flatbed.http.job_types import (
    CapabilitiesQuery,
    JobCreated,
    JobHeaders,
    JobPatch,
    JobPatched,
    JobStatus,
    SettingsSnapshot,
    to_status,
)
from flatbed.http.routes import LOOSE_BODY_BYTES, Operation, Route
from flatbed.http.scanners import to_entry
from flatbed.http.services import Services
from flatbed.scan.jobs import ScanJob
from flatbed.scan.request import JobRequest
from flatbed.scan.scanners import KnownScanner, ScannerList
from flatbed.scan.twain import Capability, describe
from flatbed.scan.wishes import pack_settings
from flatbed.storage.idempotency import Answer
from flatbed.storage.index import Change, nothing_else

JOBS = "/api/device/scanners/jobs"

DRIVER_ERRORS = (WorkerCrashedError, WorkerTimeoutError, DeviceHungError)
NO_JOB = (JobNotFoundError, JobGoneError)


class JobsHandler(ApiHandler):
    """`/api/device/scanners/jobs`."""

    services: Services

    async def post(self) -> None:
        """Create a job."""
        job = await create_job(self, note=lambda job: self.once.note(self._describe(job)))
        self.write_answer(self._describe(job))

    def _describe(self, job: ScanJob) -> Answer:
        entry = to_entry(_scanner_of(job, self.services.scan.scanners))
        created = JobCreated(job.uid, job.status, entry, job.warnings)
        return json_answer(created, 201, Location=f"{self.base_url}{JOBS}/{job.uid}")


class JobHandler(ApiHandler):
    """`/api/device/scanners/jobs/{jobuid}`."""

    services: Services

    async def get(self, jobuid: str) -> None:
        """Tell how a job is getting on."""
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        self.write_json(to_status(job, self.services.buffer))

    async def patch(self, jobuid: str) -> None:
        """Start a pending or paused job, or cancel a running one."""
        wanted = self.read_body(JobPatch).status
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        await self.services.scan.change_status(job, wanted)
        self.write_json(JobPatched(job.status))

    async def delete(self, jobuid: str) -> None:
        """Delete a job and its pages, once its scanner is free."""
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        await self.services.scan.delete(job)
        self.set_status(204)


class CapabilitiesHandler(ApiHandler):
    """`.../scanner/capabilities`."""

    services: Services

    async def get(self, jobuid: str) -> None:
        """What the scanner of a pending job can do."""
        numbers = _read_numbers(self.read_query(CapabilitiesQuery).caps)
        scanners = self.services.scan.scanners
        scanner = await scanners.find(pending_job(self, jobuid).scanner_uid)
        # It may have been started while its scanner was looked for.
        job = pending_job(self, jobuid)
        self.write_json(describe(await scanners.capabilities(scanner), job.wishes, numbers))


class SettingsHandler(ApiHandler):
    """`.../scanner/settings`."""

    services: Services

    async def get(self, jobuid: str) -> None:
        """A snapshot of a pending job's settings."""
        job = pending_job(self, jobuid)
        self.write_json(SettingsSnapshot(pack_settings(job.wishes)))


async def create_job(
    handler: ApiHandler,
    *,
    wants_jpeg: bool = False,
    note: Callable[[ScanJob], Change] = lambda _: nothing_else,
) -> ScanJob:
    """Create a job from the body of a request.

    Args:
        handler: Of the request.
        wants_jpeg: Its pages only go out as JPEG.
        note: See `ScanModule.create`.
    """
    services: Services = handler.services
    request = handler.read_body(JobRequest)
    if wants_jpeg:
        request = msgspec.structs.replace(request, mediaType="image/jpeg")
    headers, choice = handler.read_headers(JobHeaders), read_choice(handler)
    services.quota.check(handler.caller.owner)
    job = await services.scan.create(
        request,
        origin=handler.caller.owner,
        session=headers.session,
        password=headers.password or headers.older,
        choice=choice,
        note=note,
    )
    # Most pages go out as JPEG sooner or later; its encoder starts while paper moves.
    services.operations.prepare("image/jpeg")
    return job


def pending_job(handler: ApiHandler, jobuid: str) -> ScanJob:
    """A job that has not been started.

    Raises:
        WrongStateError: If it has been.
    """
    services: Services = handler.services
    job = services.scan.get(jobuid, origin=handler.caller.owner)
    if job.status != "pending":
        raise WrongStateError(f"The job is {job.status}; this can be asked while it is pending.")
    return job


def _scanner_of(job: ScanJob, scanners: ScannerList) -> KnownScanner:
    return scanners.get(job.scanner_uid) or KnownScanner(
        uid=job.scanner_uid, name=job.scanner_name, type=0, driver=job.driver, address=""
    )


def _read_numbers(text: str) -> list[int]:
    try:
        return [int(each) for each in text.split(",") if each.strip()]
    except ValueError as error:
        raise InvalidInputError("'caps' takes numbers separated by commas, as 257,4376.") from error


CREATE_ERRORS = (
    ScannerNotFoundError,
    ScannerHeldError,
    UnsupportedSettingError,
    StorageLimitError,
    DocumentNotFoundError,
    PageNotFoundError,
    WrongPasswordError,
    *DRIVER_ERRORS,
)

ROUTES = (
    Route(
        JOBS,
        JobsHandler,
        {
            "POST": Operation(
                summary="Create a scan job",
                description="Applied in the order `settings`, `caps`, `config`; later wins.",
                body=JobRequest,
                max_body_bytes=LOOSE_BODY_BYTES,
                headers=JobHeaders,
                answers={201: JobCreated},
                errors=CREATE_ERRORS,
                takes_key=True,
            )
        },
    ),
    Route(
        f"{JOBS}/{{jobuid}}",
        JobHandler,
        {
            "GET": Operation(
                summary="Tell how a job is getting on", answers={200: JobStatus}, errors=NO_JOB
            ),
            "PATCH": Operation(
                summary="Start or cancel a job",
                body=JobPatch,
                answers={200: JobPatched},
                errors=(*NO_JOB, WrongStateError),
            ),
            "DELETE": Operation(
                summary="Delete a job and its pages", answers={204: None}, errors=NO_JOB
            ),
        },
    ),
    Route(
        f"{JOBS}/{{jobuid}}/scanner/capabilities",
        CapabilitiesHandler,
        {
            "GET": Operation(
                summary="Tell what the scanner of a pending job can do",
                query=CapabilitiesQuery,
                answers={200: list[Capability]},
                errors=(*NO_JOB, WrongStateError, ScannerNotFoundError, *DRIVER_ERRORS),
            )
        },
    ),
    Route(
        f"{JOBS}/{{jobuid}}/scanner/settings",
        SettingsHandler,
        {
            "GET": Operation(
                summary="Keep the settings of a pending job",
                answers={200: SettingsSnapshot},
                errors=(*NO_JOB, WrongStateError),
            )
        },
    ),
)
