"""What the end of a scan means for its job, in words that a person can act on."""

from __future__ import annotations

import pytest

from flatbed.errors import (
    CoverOpenError,
    DeviceFault,
    DeviceHungError,
    DiskFullError,
    DriverCrashedError,
    FeederEmptyError,
    FlatbedError,
    PaperJamError,
    TooBigError,
)
from flatbed.runtime.journal import ScanEnd
from flatbed.scan.ending import find_waits, judge
from flatbed.scan.jobs import JobOptions, ScanJob

from .made_jobs import made_job

MOST_WORDS = 25
CRASHED = "The scanner's driver crashed. {} may lie in the scanner: put it back, then scan again."


def job(*, pauses: bool = False) -> ScanJob:
    """A running job."""
    return made_job(status="running", options=JobOptions(pauses_on_fault=pauses))


def faulted(error: FlatbedError) -> ScanEnd:
    """A scan that ended by an error."""
    return ScanEnd("faulted", error.to_wire())


def message(end: ScanEnd, pages: int) -> str:
    """What the person reads."""
    _, error = judge(job(), end, pages=pages, is_canceled=False)
    assert error is not None
    return str(error["message"])


def every_fault() -> list[type[FlatbedError]]:
    """All that a device can say."""
    kinds, left = [], [DeviceFault]
    while left:
        kind = left.pop()
        kinds.append(kind)
        left += kind.__subclasses__()
    return sorted(kinds, key=lambda kind: kind.name)


def test_completed_scan_with_pages_is_a_completed_job() -> None:
    """Without an error."""
    assert judge(job(), ScanEnd("completed"), pages=1, is_canceled=False) == ("completed", None)


def test_completed_scan_without_a_page_is_a_fault() -> None:
    """An empty page is never passed off as a success."""
    status, error = judge(job(), ScanEnd("completed"), pages=0, is_canceled=False)
    assert status == "faulted"
    assert error is not None
    assert (error["error"], error["code"]) == ("empty_page", -1023)


@pytest.mark.parametrize(
    "end",
    [
        ScanEnd("canceled"),
        ScanEnd("completed"),
        faulted(DriverCrashedError()),
        faulted(PaperJamError()),
    ],
    ids=["canceled", "completed", "killed", "jam"],
)
@pytest.mark.parametrize("pages", [0, 3])
def test_scan_that_somebody_cancelled_is_cancelled_however_it_ended(
    end: ScanEnd, pages: int
) -> None:
    """A worker that had to be killed for it is no crash."""
    assert judge(job(pauses=True), end, pages=pages, is_canceled=True) == ("canceled", None)


def test_scan_that_its_worker_cancelled_is_cancelled() -> None:
    """By the SIGTERM of a main process that is gone."""
    assert judge(job(), ScanEnd("canceled"), pages=2, is_canceled=False) == ("canceled", None)


@pytest.mark.parametrize("kind", every_fault(), ids=lambda kind: kind.name)
def test_fault_pauses_a_job_only_where_it_wants_that_and_a_person_can_clear_it(
    kind: type[DeviceFault],
) -> None:
    """`onFault: pause`: jam, double feed, open cover, empty feeder, full disk."""
    end = faulted(kind())
    pausable = kind.name in (
        *("paper_jam", "double_feed", "cover_open", "feeder_empty", "disk_full"),
    )
    plain, _ = judge(job(), end, pages=1, is_canceled=False)
    pausing, _ = judge(job(pauses=True), end, pages=1, is_canceled=False)
    assert (plain, pausing) == ("faulted", "paused" if pausable else "faulted")


def test_fault_keeps_its_name_number_and_details() -> None:
    """Programs compare them; the sentence is for the person."""
    end = faulted(PaperJamError("Stuck.", sheet=8))
    _, error = judge(job(), end, pages=7, is_canceled=False)
    assert error == {
        "error": "paper_jam",
        "code": -1020,
        "message": "Stuck. Your 7 pages are safe.",
        "details": {"sheet": 8},
    }


@pytest.mark.parametrize(
    ("end", "pages", "words"),
    [
        (
            faulted(PaperJamError()),
            7,
            f"{PaperJamError.sentence} Your 7 pages are safe.",
        ),
        (
            faulted(CoverOpenError()),
            1,
            "The cover is open. Close it, then continue. Your page is safe.",
        ),
        (faulted(FeederEmptyError()), 0, "The feeder is empty. Load paper and start again."),
        (
            faulted(DiskFullError()),
            2,
            "The disk is full. Free some space, then scan the rest. Your 2 pages are safe.",
        ),
        (
            faulted(DriverCrashedError()),
            7,
            CRASHED.format("Your 7 pages are safe. Page 8"),
        ),
        (
            faulted(DriverCrashedError(cause="ZeroDivisionError")),
            0,
            CRASHED.format("No page was scanned yet. Page 1"),
        ),
        (
            ScanEnd("faulted"),
            1,
            CRASHED.format("Your page is safe. Page 2"),
        ),
    ],
    ids=["jam", "cover", "empty", "disk", "crash", "crash at once", "no words"],
)
def test_message_says_what_happened_what_is_safe_and_what_to_do(
    end: ScanEnd, pages: int, words: str
) -> None:
    """The page that was in transport is named: it may be the one that is lost."""
    assert message(end, pages) == words


@pytest.mark.parametrize("kind", [*every_fault(), TooBigError], ids=lambda kind: kind.name)
def test_message_stays_short_with_any_number_of_pages(kind: type[FlatbedError]) -> None:
    """At most 25 words, the pages included."""
    for pages in (0, 1, 1234):
        assert len(message(faulted(kind()), pages).split()) <= MOST_WORDS


def test_error_of_another_kind_faults_the_job_too() -> None:
    """A page beyond the budget, say: nothing that a person clears at the device."""
    status, error = judge(job(pauses=True), faulted(TooBigError()), pages=0, is_canceled=False)
    assert (status, error and error["error"]) == ("faulted", "too_big")


def test_end_that_says_nothing_is_a_crash() -> None:
    """A journal that somebody else wrote into."""
    status, error = judge(job(), ScanEnd("None"), pages=0, is_canceled=False)
    assert (status, error and error["error"]) == ("faulted", "driver_crashed")


def test_hung_device_is_told_as_that_and_not_as_a_crash() -> None:
    """Its worker was killed, but that was not its own doing."""
    assert message(faulted(DeviceHungError()), 3).startswith("The scanner stopped answering.")


def test_full_disk_says_continue_only_where_that_can_be_done() -> None:
    """A paused job goes on; of one that has ended the other sheets are a new job."""
    end = faulted(DiskFullError())
    for made, pages, words in (
        (job(pauses=True), 2, "Free some space, then continue. Your 2 pages are safe."),
        (job(), 2, "Free some space, then scan the rest. Your 2 pages are safe."),
        (job(), 0, "Free some space, then scan again."),
    ):
        _, error = judge(made, end, pages=pages, is_canceled=False)
        assert error is not None
        assert error["message"] == f"The disk is full. {words}"


def test_waits_are_those_of_the_attempt_in_order() -> None:
    """Numbers that a driver's process wrote are not believed where they make no sense."""
    entries = [
        {"type": "waiting", "attempt": 1, "needed_bytes": 1 << 20},
        {"type": "page", "attempt": 2},
        {"type": "waiting", "attempt": 2, "needed_bytes": 512 << 20},
        {"type": "waited", "attempt": 2},
        {"type": "waiting", "attempt": 2, "needed_bytes": "much"},
    ]
    waits = find_waits(entries, attempt=2)
    told = [each and each["message"] for each in waits]
    wait = "The scan waits for {} on the disk and keeps the paper where it is."
    rest = " Free some space; it goes on by itself."
    assert told == [wait.format("512 MB of room") + rest, None, wait.format("room") + rest]
    assert [each and each["error"] for each in waits] == ["disk_full", None, "disk_full"]
