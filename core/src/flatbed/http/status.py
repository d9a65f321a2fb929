"""How the service is: what the status page shows that nothing else tells."""

from __future__ import annotations

import asyncio
import time

import msgspec

from flatbed import system
from flatbed.http.base import ApiHandler
from flatbed.http.contract import CONTRACT_VERSION, core_version
from flatbed.http.guard import RouteFacts
from flatbed.http.job_types import JobError
from flatbed.http.moments import to_text, to_text_if_any
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.scan.jobs import ScanJob, Status
from flatbed.storage.owners import origin_of

MOST_JOBS = 20


class DiskRoom(msgspec.Struct, rename="camel"):
    """The disk of the data folder, in bytes."""

    free_bytes: int
    total_bytes: int


class BufferUse(msgspec.Struct):
    """What all origins together have in the buffer."""

    pages: int
    bytes: int


class PortNumbers(msgspec.Struct):
    """Where the service listens: the interface, and the status page."""

    main: int
    status: int


class ListedJob(msgspec.Struct, kw_only=True, rename="camel"):
    """A scan job of any origin; `origin` is `local` for programs and Flatbed's own pages."""

    jobuid: str
    status: Status
    scanner: str
    origin: str
    pages: int
    error: JobError | None
    waiting: JobError | None
    is_recovered: bool
    created_at: str | None
    finished_at: str | None


class ServiceStatus(msgspec.Struct, kw_only=True, rename="camel"):
    """The service as it is now; `jobs` are the newest ones, at most 20, newest first.

    `grants` is how many origins are let in or blocked.
    """

    version: str
    contract: str
    started_at: str | None
    uptime_s: int
    data_folder: str
    disk: DiskRoom
    buffer: BufferUse
    ports: PortNumbers
    grants: int
    jobs: list[ListedJob]


class StatusHandler(ApiHandler):
    """`/api/status`."""

    services: Services

    async def get(self) -> None:
        """The service as it is now."""
        services, folder = self.services, self.services.data_folder
        ports, use = services.ports(), services.quota.usage_of_all()
        self.write_json(
            ServiceStatus(
                version=core_version(),
                contract=CONTRACT_VERSION,
                started_at=to_text(services.started_at),
                uptime_s=max(0, round(time.time() - services.started_at)),
                data_folder=str(folder),
                disk=DiskRoom(
                    free_bytes=await asyncio.to_thread(system.free_bytes, folder),
                    total_bytes=await asyncio.to_thread(system.total_bytes, folder),
                ),
                buffer=BufferUse(use.pages, use.bytes),
                ports=PortNumbers(ports.port, ports.status_port),
                grants=len(services.grants.listed()),
                jobs=[self._describe(job) for job in self._newest()],
            )
        )

    def _newest(self) -> list[ScanJob]:
        jobs = sorted(self.services.scan.jobs(), key=lambda job: job.created_at, reverse=True)
        return jobs[:MOST_JOBS]

    def _describe(self, job: ScanJob) -> ListedJob:
        return ListedJob(
            jobuid=job.uid,
            status=job.status,
            scanner=job.scanner_name,
            origin=origin_of(job.origin),
            pages=self.services.buffer.count_of(job.uid),
            error=msgspec.convert(job.error, JobError) if job.error else None,
            waiting=msgspec.convert(job.waiting, JobError) if job.waiting else None,
            is_recovered=job.is_recovered,
            created_at=to_text(job.created_at),
            finished_at=to_text_if_any(job.finished_at),
        )


ROUTES = (
    Route(
        "/api/status",
        StatusHandler,
        {
            "GET": Operation(
                summary="Tell how the service is: version, disk, buffer, ports, jobs",
                answers={200: ServiceStatus},
                facts=RouteFacts(needs_admin=True),
            )
        },
    ),
)
