"""What the end of a scan means for its job, and how it is told to the person at the desk."""

from __future__ import annotations

from typing import Any

from flatbed.errors import DeviceFault, DriverCrashedError, EmptyPageError, from_wire
from flatbed.runtime.journal import ScanEnd
from flatbed.scan.jobs import ScanJob, Status


def judge(
    job: ScanJob, end: ScanEnd, *, pages: int, is_canceled: bool
) -> tuple[Status, dict[str, Any] | None]:
    """The state that a job goes to, and the wire form of its error.

    Args:
        job: The job, still running.
        end: How its worker ended.
        pages: How many pages it has.
        is_canceled: Somebody asked for the end, so a killed worker is no crash.
    """
    if is_canceled or end.status == "canceled":
        return "canceled", None
    if end.status == "completed":
        return ("completed", None) if pages else ("faulted", EmptyPageError().to_wire())
    error = from_wire(end.error or DriverCrashedError().to_wire())
    wire = error.to_wire() | {"message": _with_pages(error.message, error.name, pages)}
    is_pausable = isinstance(error, DeviceFault) and error.is_pausable
    return ("paused" if is_pausable and job.options.pauses_on_fault else "faulted"), wire


def _with_pages(message: str, name: str, pages: int) -> str:
    if name == DriverCrashedError.name:
        return (
            f"The scanner's driver crashed. {_safe(pages)} Page {pages + 1} may lie in the"
            " scanner: put it back, then scan again."
        )
    return f"{message} {_safe(pages)}" if pages else message


def _safe(pages: int) -> str:
    if pages == 0:
        return "No page was scanned yet."
    return "Your page is safe." if pages == 1 else f"Your {pages} pages are safe."
