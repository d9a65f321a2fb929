"""What a running call hears, and the limits of each phase of a scan, by a clock of the test's."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from flatbed.errors import ScanCanceledError
from flatbed.runtime import watch as watch_module
from flatbed.runtime.watch import CallWatch, DeviceLimits


class Clock:
    """Stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 5000.0

    def monotonic(self) -> float:
        """What the watch asks for."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every watch."""
    clock = Clock()
    monkeypatch.setattr(watch_module, "time", clock)
    return clock


@pytest.fixture
def scan(clock: Clock) -> CallWatch:
    """A scan that has just begun, with the limits of the rules."""
    return CallWatch(DeviceLimits())


def opened(scan: CallWatch) -> None:
    """Bring a scan to where it waits for a page."""
    scan.device_opened()


def in_page(scan: CallWatch) -> None:
    """... to where a page has begun, without a row."""
    scan.device_opened()
    scan.page_begun()


def in_rows(scan: CallWatch) -> None:
    """... to where rows have come."""
    in_page(scan)
    scan.rows_came()


def between_pages(scan: CallWatch) -> None:
    """... to behind a page."""
    in_rows(scan)
    scan.page_ended()


def begun(_: CallWatch) -> None:
    """... to where nothing has happened."""


@pytest.mark.parametrize(
    ("reach", "limit_s", "step"),
    [
        (begun, 15, "open the device"),
        (opened, 60, "begin a page"),
        (in_page, 60, "begin a page"),
        (in_rows, 30, "send the rest of a page"),
        (between_pages, 60, "begin a page"),
    ],
    ids=["opening", "opened", "page begun", "rows came", "between pages"],
)
def test_scan_is_overdue_after_the_limit_of_its_phase(
    scan: CallWatch, clock: Clock, reach: Callable[[CallWatch], None], limit_s: int, step: str
) -> None:
    """Open 15 s, first byte 60 s, between bytes 30 s; counted from the last thing that happened."""
    clock.now += 10
    reach(scan)
    clock.now += limit_s - (10 if reach is begun else 0)
    assert scan.overdue() is None
    clock.now += 0.01
    assert scan.overdue() == step


def test_page_that_trickles_is_overdue_after_its_own_limit(scan: CallWatch, clock: Clock) -> None:
    """A row every 20 s keeps every limit but that of the page, 180 s."""
    in_page(scan)
    for _ in range(9):
        clock.now += 20
        scan.rows_came()
        assert scan.overdue() is None
    clock.now += 0.01
    assert scan.overdue() == "scan a page"


def test_limit_of_a_page_begins_anew_with_each(scan: CallWatch, clock: Clock) -> None:
    """A feeder takes hours, and no page of it three minutes; between pages no page is slow."""
    for _ in range(5):
        in_page(scan)
        for _ in range(6):
            clock.now += 25
            scan.rows_came()
        assert scan.overdue() is None
        scan.page_ended()
        clock.now += 55
        assert scan.overdue() is None


def test_call_without_a_device_is_never_overdue(clock: Clock) -> None:
    """Its own timeout is kept by the main process."""
    call = CallWatch()
    in_rows(call)
    clock.now += 1e9
    assert call.overdue() is None


def test_limits_are_those_of_the_rules_and_can_be_set(clock: Clock) -> None:
    """`scannerFailureTimeout` takes the place of all."""
    limits = DeviceLimits()
    assert (limits.open_s, limits.first_byte_s, limits.between_bytes_s, limits.page_s) == (
        (15, 60, 30, 180)
    )
    scan = CallWatch(DeviceLimits(open_s=2, first_byte_s=2, between_bytes_s=2, page_s=2))
    clock.now += 2.01
    assert scan.overdue() == "open the device"


def test_cancel_is_heard_from_another_thread() -> None:
    """The thread that listens tells the one that scans."""
    call = CallWatch()
    call.check_canceled()
    thread = threading.Thread(target=call.cancel)
    thread.start()
    thread.join()
    assert call.is_canceled
    with pytest.raises(ScanCanceledError):
        call.check_canceled()


def test_commands_come_in_order_and_then_none() -> None:
    """A camera's preview takes captures so; asking does not wait unless it is told to."""
    call = CallWatch()
    call.add_command({"capture": 1})
    call.add_command({"capture": 2})
    assert [call.next_command(0) for _ in range(3)] == [{"capture": 1}, {"capture": 2}, None]
    assert call.next_command(0.001) is None


def test_command_wakes_the_call_that_waits_for_it() -> None:
    """Long before the time is up."""
    call = CallWatch()
    thread = threading.Thread(target=call.add_command, args=[{"capture": 1}])
    thread.start()
    assert call.next_command(20) == {"capture": 1}
    thread.join()
