"""What the end of a scan means for its job, and how it is told to the person at the desk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flatbed.errors import (
    DeviceFault,
    DiskFullError,
    DriverCrashedError,
    EmptyPageError,
    from_wire,
)
from flatbed.runtime.journal import Entry, ScanEnd
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
    is_pausable = isinstance(error, DeviceFault) and error.is_pausable
    is_paused = is_pausable and job.options.pauses_on_fault
    message = error.message
    if isinstance(error, DiskFullError) and not is_paused:
        again = "then scan the rest." if pages else "then scan again."
        message = message.replace("then continue.", again)
    wire = error.to_wire() | {"message": _with_pages(message, error.name, pages)}
    return ("paused" if is_paused else "faulted"), wire


def find_waits(entries: Iterable[Entry], *, attempt: int) -> list[dict[str, Any] | None]:
    """What a scan's journal says that it waits for, in order; `None` where it went on.

    Args:
        entries: New ones of the journal.
        attempt: Only its waits count; those of earlier attempts are over.
    """
    return [
        _describe_wait(entry) if entry["type"] == "waiting" else None
        for entry in entries
        if entry["type"] in ("waiting", "waited") and entry.get("attempt") == attempt
    ]


def _describe_wait(entry: Entry) -> dict[str, Any]:
    needed = entry.get("needed_bytes")
    room = f"{needed >> 20} MB of room" if isinstance(needed, int) and needed > 0 else "room"
    return DiskFullError(
        f"The scan waits for {room} on the disk and keeps the paper where it is."
        " Free some space; it goes on by itself."
    ).to_wire()


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
