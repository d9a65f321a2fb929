"""Operations that go on as jobs: look at them, cancel them, fetch what they made."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from flatbed.errors import (
    DiskFullError,
    JobNotFoundError,
    PageCorruptError,
    ScanCanceledError,
    WorkerCrashedError,
    WorkerTimeoutError,
    WrongStateError,
)
from flatbed.http.job_types import JobError
from flatbed.http.moments import to_text_if_any
from flatbed.http.page_files import FILE_TYPES, FileHandler
from flatbed.http.routes import SMALL_BODY_BYTES, Operation, Route
from flatbed.storage.process_job import ProcessJob, ProcessStatus, ServiceEndedError

PROCESS_JOBS = "/api/process/jobs"


class ProcessProgress(msgspec.Struct):
    """How many steps are done of how many: pages, or what the add-on counts."""

    done: int
    total: int


class ProcessJobAnswer(msgspec.Struct, rename="camel"):
    """An operation as it is now; `result` is where its answer is once it has completed."""

    jobuid: str
    operation: str
    status: ProcessStatus
    progress: ProcessProgress
    error: JobError | None
    started_at: str | None
    finished_at: str | None
    result: str | None


class ProcessJobPatch(msgspec.Struct):
    """What an operation is to become."""

    status: Literal["canceled"]


class ProcessJobsHandler(FileHandler):
    """`/api/process/jobs`."""

    async def get(self) -> None:
        """The caller's operations, oldest first."""
        jobs = self.services.processing.of(self.caller.owner)
        self.write_json([describe_process_job(job, self.base_url) for job in jobs])


class ProcessJobHandler(FileHandler):
    """`/api/process/jobs/{jobuid}`."""

    async def get(self, jobuid: str) -> None:
        """Tell how an operation is getting on."""
        self.write_json(describe_process_job(self._find(jobuid), self.base_url))

    async def patch(self, jobuid: str) -> None:
        """Cancel an operation."""
        self.read_body(ProcessJobPatch)
        job = await self.services.processing.cancel(self._find(jobuid))
        self.write_json(describe_process_job(job, self.base_url))

    async def delete(self, jobuid: str) -> None:
        """Cancel an operation if it runs, and forget it."""
        await self.services.processing.delete(self._find(jobuid))
        self.set_status(204)

    def _find(self, jobuid: str) -> ProcessJob:
        return self.services.processing.get(jobuid, owner=self.caller.owner)


class ProcessResultHandler(FileHandler):
    """`/api/process/jobs/{jobuid}/result`."""

    async def get(self, jobuid: str) -> None:
        """What the operation would have answered at once."""
        job = self.services.processing.get(jobuid, owner=self.caller.owner)
        reader, media_type = self.services.processing.open_result(job)
        with reader:
            await self.write_frames(reader, media_type)


def url_of_process_job(base_url: str, job: ProcessJob) -> str:
    """Where a job is."""
    return f"{base_url}{PROCESS_JOBS}/{job.uid}"


def describe_process_job(job: ProcessJob, base_url: str) -> ProcessJobAnswer:
    """A job as its caller sees it."""
    url = f"{url_of_process_job(base_url, job)}/result"
    return ProcessJobAnswer(
        jobuid=job.uid,
        operation=job.operation,
        status=job.status,
        progress=ProcessProgress(job.done, job.total),
        error=msgspec.convert(job.error, JobError) if job.error else None,
        started_at=to_text_if_any(job.started_at),
        finished_at=to_text_if_any(job.finished_at),
        result=url if job.status == "completed" else None,
    )


_NO_JOB = (JobNotFoundError,)

ROUTES = (
    Route(
        PROCESS_JOBS,
        ProcessJobsHandler,
        {
            "GET": Operation(
                summary="List the operations that go on as jobs",
                answers={200: list[ProcessJobAnswer]},
            )
        },
    ),
    Route(
        f"{PROCESS_JOBS}/{{jobuid}}",
        ProcessJobHandler,
        {
            "GET": Operation(
                summary="Tell how an operation is getting on",
                answers={200: ProcessJobAnswer},
                errors=_NO_JOB,
            ),
            "PATCH": Operation(
                summary="Cancel an operation",
                description="Answers when it has ended: `completed` if it was faster.",
                body=ProcessJobPatch,
                max_body_bytes=SMALL_BODY_BYTES,
                answers={200: ProcessJobAnswer},
                errors=(*_NO_JOB, WrongStateError),
            ),
            "DELETE": Operation(
                summary="Cancel an operation if it runs, and forget what it made",
                answers={204: None},
                errors=_NO_JOB,
            ),
        },
    ),
    Route(
        f"{PROCESS_JOBS}/{{jobuid}}/result",
        ProcessResultHandler,
        {
            "GET": Operation(
                summary="What an operation would have answered at once",
                description="While it runs this is refused; where it came to nothing, its own error"
                " is answered.",
                answers={200: (Any, *FILE_TYPES)},
                errors=(
                    *_NO_JOB,
                    WrongStateError,
                    ScanCanceledError,
                    ServiceEndedError,
                    WorkerCrashedError,
                    WorkerTimeoutError,
                    PageCorruptError,
                    DiskFullError,
                ),
            )
        },
    ),
)
