"""One scan from what a person ordered to the files, and the exit code that tells of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.cli.addons import loading_faults
from flatbed.cli.failures import ExitCode, ServiceLostError, exit_code
from flatbed.cli.interrupts import Interrupts, run_interruptible
from flatbed.cli.options import load_config
from flatbed.cli.page_files import PageFiles, Target
from flatbed.cli.reports import Outcome, PlainReport
from flatbed.cli.scanner_choice import choose_scanner
from flatbed.cli.scanning import JobFollower
from flatbed.cli.service_link import ServiceLink
from flatbed.config import Config
from flatbed.errors import FlatbedError, JobNotFoundError, ScannerNotFoundError, from_wire
from flatbed.runtime.discovery import discover


@dataclass(frozen=True, kw_only=True)
class ScanOrder:
    """What a person ordered.

    Attributes:
        target: Where the pages go.
        device: Which scanner, in the person's words; None leaves it to the service.
        request: The body that creates the job, but for its `device` and `mediaType`.
        job: A job to take up in place of a new one.
        asks_at_pauses: The person is at a terminal.
    """

    target: Target
    device: str | None
    request: dict[str, Any]
    job: str | None
    asks_at_pauses: bool

    @property
    def is_single(self) -> bool:
        """There cannot be a second page."""
        return self.job is None and self.request["config"]["XferCount"] == 1

    def body(self, device: str | None) -> dict[str, Any]:
        """The body that creates the job on a scanner."""
        body = dict(self.request)
        if device is not None:
            body["device"] = device
        if self.target.media_type == "image/jpeg":
            body["mediaType"] = "image/jpeg"
        return body


def carry_out(
    order: ScanOrder, report: PlainReport, *, config_file: Path | None, data_dir: Path | None
) -> ExitCode:
    """Scan, and tell how it goes; what went wrong has been told when this returns."""
    try:
        config = load_config(config_file, data_dir)
        return _carry_out(order, report, ServiceLink(config, config_file), config)
    except FlatbedError as error:
        report.failed(error)
        return exit_code(error)


def _carry_out(
    order: ScanOrder, report: PlainReport, link: ServiceLink, config: Config
) -> ExitCode:
    order.target.check()
    _check_writer(order.target, config)
    try:
        return run_interruptible(_scan(order, link, report))
    except ScannerNotFoundError:
        for fault in loading_faults(config):
            report.noted(fault)
        raise


def _check_writer(target: Target, config: Config) -> None:
    """Make sure before any paper moves that somebody writes such files."""
    if target.holds_all_pages:
        registry = discover(config.addons, data_dir=config.data_dir)
        registry.get_writer(target.media_type)


async def _scan(order: ScanOrder, link: ServiceLink, report: PlainReport) -> ExitCode:
    interrupts = Interrupts()
    with report:
        report.waiting_for("Looking for the scanner")
        async with link:
            device = None
            if order.job is None:
                device = await choose_scanner(link.client, order.device, is_new=link.is_own)
            with interrupts.held():
                job_uid = order.job or await _create_job(order, link, device, report=report)
                return await _save_job(order, link, job_uid, report=report, interrupts=interrupts)


async def _create_job(
    order: ScanOrder, link: ServiceLink, device: str | None, *, report: PlainReport
) -> str:
    report.waiting_for("Opening the scanner")
    job = await link.client.create_job(order.body(device))
    link.hold(job.jobuid)
    report.started(job)
    return job.jobuid


async def _save_job(
    order: ScanOrder,
    link: ServiceLink,
    job_uid: str,
    *,
    report: PlainReport,
    interrupts: Interrupts,
) -> ExitCode:
    follower = JobFollower(
        link,
        job_uid,
        files=PageFiles(order.target, is_single=order.is_single),
        report=report,
        asks_at_pauses=order.asks_at_pauses,
    )
    try:
        outcome = await follower.follow(interrupts.happened)
    except FlatbedError as error:
        raise await _leave_behind(link, job_uid, error) from error
    except asyncio.CancelledError:
        report.noted(_how_to_save(job_uid))
        raise
    report.ended(outcome)
    # The pages are in their files: a job that stays behind is merely of no use.
    with suppress(ServiceLostError, JobNotFoundError):
        await link.client.delete_job(job_uid)
    if outcome.status == "canceled" and order.job and not interrupts.happened.is_set():
        # It was canceled before, and all that was wanted now are its pages.
        return ExitCode.OK
    return _exit_code(outcome)


async def _leave_behind(link: ServiceLink, job_uid: str, error: FlatbedError) -> FlatbedError:
    """End a job whose pages could not be saved, and say how to get at them."""
    if isinstance(error, JobNotFoundError):
        return error
    # It may have ended, or nobody is there any more who could end it.
    with suppress(FlatbedError):
        await link.client.change_job(job_uid, "canceled")
    return type(error)(f"{error.message} {_how_to_save(job_uid)}", **error.details)


def _how_to_save(job_uid: str) -> str:
    return f"What was scanned is kept; save it with: flatbed scan --job {job_uid} -o FILE"


def _exit_code(outcome: Outcome) -> ExitCode:
    if outcome.status == "completed":
        return ExitCode.OK
    fault = outcome.error or outcome.stopped_at
    return ExitCode.INTERRUPTED if fault is None else exit_code(from_wire(fault))
