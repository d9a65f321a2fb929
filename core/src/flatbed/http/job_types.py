"""Scan jobs as callers see them, and what callers send about them."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from flatbed.http.choices import AddonList
from flatbed.http.document_types import Password
from flatbed.http.moments import to_text_if_any
from flatbed.http.scanners import ScannerEntry
from flatbed.scan.jobs import ScanJob, Status
from flatbed.storage.buffer import PageBuffer


class JobHeaders(
    msgspec.Struct,
    frozen=True,
    rename={
        "session": "Flatbed-Session",
        "addons": "Flatbed-Addons",
        "password": "DWT-DOC-PASSWORD",
        "older": "X-DICS-DOC-PASSWORD",
    },
):
    """The session that a job belongs to, or the add-ons that work on its pages, and the password of
    the document that it scans into.
    """

    session: str | None = None
    addons: AddonList | None = None
    password: Password | None = None
    older: Password | None = None


class JobCreated(msgspec.Struct):
    """A new job."""

    jobuid: str
    status: Status
    scanner: ScannerEntry
    warnings: list[str]


class JobError(msgspec.Struct):
    """Why a job faulted or paused: the stable name, the number, the sentence."""

    error: str
    code: int
    message: str
    details: dict[str, Any] = {}


class JobStatus(msgspec.Struct, rename="camel"):
    """A job as it is now; `code` is 0 unless it faulted or paused.

    `waiting` says what a running job waits for before it feeds the next sheet, in an error's form.
    `document` is where its pages go; `blankPages` were left out, and are a `source` each.
    """

    jobuid: str
    status: Status
    code: int
    message: str
    pages: int
    error: JobError | None
    waiting: JobError | None
    warnings: list[str]
    document: str | None
    blank_pages: list[str]
    started_at: str | None
    finished_at: str | None


class JobPatch(msgspec.Struct):
    """What a job is to become."""

    status: Literal["running", "canceled"]


class JobPatched(msgspec.Struct):
    """What it has become."""

    status: Status


class CapabilitiesQuery(msgspec.Struct):
    """Numbers of capabilities, separated by commas; none means all."""

    caps: str = ""


class SettingsSnapshot(msgspec.Struct):
    """A pending job's settings, opaque, for `settings` of another job."""

    settings: str


def to_status(job: ScanJob, buffer: PageBuffer) -> JobStatus:
    """A job as callers see it."""
    error = msgspec.convert(job.error, JobError) if job.error else None
    return JobStatus(
        jobuid=job.uid,
        status=job.status,
        code=error.code if error else 0,
        message=error.message if error else "",
        pages=buffer.count_of(job.uid),
        error=error,
        waiting=msgspec.convert(job.waiting, JobError) if job.waiting else None,
        warnings=job.warnings,
        document=job.document,
        blank_pages=[page.uid for page in buffer.blank_of(job.uid)],
        started_at=to_text_if_any(job.started_at),
        finished_at=to_text_if_any(job.finished_at),
    )
