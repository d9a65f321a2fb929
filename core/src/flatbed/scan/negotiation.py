"""From what a caller wants and what a scanner can do to a job that can be carried out."""

from __future__ import annotations

import secrets

from flatbed.addon.frames import new_key
from flatbed.addon.types import Capabilities
from flatbed.scan.jobs import JobOptions, ScanJob
from flatbed.scan.request import JobRequest, read_config, read_treatment
from flatbed.scan.scanners import KnownScanner
from flatbed.scan.twain_values import apply
from flatbed.scan.wishes import collect, fit


def negotiate(
    request: JobRequest,
    scanner: KnownScanner,
    capabilities: Capabilities,
    *,
    origin: str,
    session: str | None,
) -> ScanJob:
    """A pending job with the settings that the scanner has, and warnings of what gave way.

    Args:
        request: What its caller wants.
        scanner: Which scans.
        capabilities: The scanner's.
        origin: The caller's.
        session: The session that the job belongs to.

    Raises:
        InvalidInputError: For settings that cannot be.
    """
    wishes = collect(request)
    if request.caps is not None:
        apply(request.caps, capabilities, wishes)
    wishes.take_config(read_config(request.config))
    settings, warnings = fit(wishes, capabilities)
    return ScanJob(
        uid=secrets.token_hex(16),
        origin=origin,
        scanner_uid=scanner.uid,
        scanner_name=scanner.name,
        driver=scanner.driver,
        settings=settings,
        wishes=wishes,
        options=_options(request, session),
        key=new_key(),
        warnings=warnings,
    )


def _options(request: JobRequest, session: str | None) -> JobOptions:
    return JobOptions(
        pauses_on_fault=request.onFault == "pause",
        checks_feeder=request.checkFeederLoaded,
        failure_timeout_s=request.scannerFailureTimeout,
        job_timeout_s=request.jobTimeout,
        wants_jpeg=request.mediaType == "image/jpeg",
        session=session,
        treatment=read_treatment(request),
    )
