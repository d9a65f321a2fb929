"""Every fault of the script: what the core sees of it, and that the next attempt goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from flatbed import errors
from flatbed.addon.testing import MemorySink
from flatbed.builtin.virtual.faults import (
    AT_OPENING,
    AT_PAGE,
    BREAKS,
    REFUSALS,
    SHAPES,
    Fault,
    parse_fault,
)
from flatbed.errors import DeviceFault, InvalidInputError, ScanCanceledError

from .virtual_bench import DUPLEX, SMALL, VirtualBench, config_of, digests_of

_CHILD = Path(__file__).with_name("virtual_child.py")
_LIMIT_S = 30


def _bench(tmp_path: Path, *faults: str, **changes: object) -> VirtualBench:
    return VirtualBench(tmp_path, config_of(tmp_path, sheets=3, faults=list(faults), **changes))


def _child(bench: VirtualBench, *, memory_mb: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(_CHILD), json.dumps(bench.config), str(memory_mb)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _end_of(bench: VirtualBench, *, memory_mb: int = 0) -> tuple[int, str]:
    """How a scan in a process of its own ends: its status, and what it said last."""
    with _child(bench, memory_mb=memory_mb) as child:
        said, _ = child.communicate(timeout=_LIMIT_S)
        return child.returncode, said.strip()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("jam@3", Fault("jam@3", "jam", 3, is_repeated=False, device=0)),
        ("jam@12!", Fault("jam@12!", "jam", 12, is_repeated=True, device=0)),
        ("jam@3#2", Fault("jam@3#2", "jam", 3, is_repeated=False, device=2)),
        ("hang_hard@1!#3", Fault("hang_hard@1!#3", "hang_hard", 1, is_repeated=True, device=3)),
        ("offline", Fault("offline", "offline", 0, is_repeated=False, device=0)),
    ],
)
def test_fault_is_read_as_it_is_written(text: str, fault: Fault) -> None:
    """Kind, page, repetition, device."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jam@",
        "jam@0",
        "jam@x",
        "jam#0",
        "jam 3",
        "jamm@3",
        "slow",
        "hang_list@2",
        "@3",
        "jam@3#2!",
    ],
)
def test_fault_that_means_nothing_is_refused(text: str) -> None:
    """A misspelt script must not pass for a scanner without faults."""
    with pytest.raises(InvalidInputError):
        parse_fault(text)


@pytest.mark.parametrize(("device", "is_there"), [(1, False), (2, True)])
def test_fault_of_one_device_is_at_no_other(device: int, is_there: bool) -> None:  # noqa: FBT001 - a row of the table
    """Without a number it is at all of them."""
    assert parse_fault("jam@3#2").is_at(device) is is_there
    assert parse_fault("jam@3").is_at(device)


def _tree(kind: type[DeviceFault]) -> set[type[DeviceFault]]:
    return {kind}.union(*(_tree(each) for each in kind.__subclasses__()))


def test_every_device_fault_of_the_core_can_be_asked_for() -> None:
    """Whoever adds one adds it here, so that the services above can be tried with it."""
    covered = {*REFUSALS.values(), *BREAKS.values(), *filter(None, SHAPES.values())}
    ours = {kind for kind in _tree(DeviceFault) if kind.__module__ == errors.__name__}
    assert covered == ours


_ERRORS = {
    "jam": "paper_jam",
    "double_feed": "double_feed",
    "cover_open": "cover_open",
    "feeder_empty": "feeder_empty",
    "io_error": "io_error",
    "busy": "device_busy",
    "warming_up": "warming_up",
    "offline": "device_offline",
    "hung": "device_hung",
    "access_denied": "access_denied",
    "no_memory": "out_of_memory",
    "invalid": "invalid_for_device",
    "unsupported": "unsupported",
    "transport_locked": "transport_locked",
    "driver_crashed": "driver_crashed",
    "disk": "disk_full",
    "disk_error": "disk_error",
    "canceled": "canceled",
    "empty_page": "empty_page",
}


def test_every_kind_has_its_test_here() -> None:
    """The table above, and the ones below that are tried one by one."""
    alone = {"print", "crash", "exit", "hang", "hang_hard", "memory", "short_page", "slow", "flood"}
    assert set(_ERRORS) | alone == AT_PAGE
    assert {"hang_list"} == AT_OPENING - AT_PAGE


@pytest.mark.parametrize("kind", sorted(_ERRORS))
def test_fault_at_a_page_ends_the_attempt_and_the_next_goes_on(tmp_path: Path, kind: str) -> None:
    """One page safe; then sheets 2 and 3, each once, and the ledger agrees with the sink."""
    bench, sink = _bench(tmp_path, f"{kind}@2"), MemorySink()
    assert bench.scan_to_fault(sink) == _ERRORS[kind]
    assert sink.pages == 1
    sink.attempt = 2
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert bench.delivered() == [(1, "front"), (2, "front"), (3, "front")]
    assert bench.digests() == digests_of(sink.finished)


@pytest.mark.parametrize("kind", sorted(set(_ERRORS) - {"empty_page"}))
def test_fault_without_a_page_strikes_before_the_device_is_open(tmp_path: Path, kind: str) -> None:
    """No page, no paper, and the time limit for opening is still running."""
    bench, sink = _bench(tmp_path, kind), MemorySink()
    assert bench.scan_to_fault(sink) == _ERRORS[kind]
    assert (sink.is_open, sink.pages, bench.fed()) == (False, 0, [])


@pytest.mark.parametrize("kind", sorted(BREAKS))
def test_break_comes_in_the_middle_of_the_rows(tmp_path: Path, kind: str) -> None:
    """Half of the page's 468 rows have been handed over."""
    bench, sink = _bench(tmp_path, f"{kind}@1"), MemorySink()
    bench.scan_to_fault(sink)
    assert sink.rows_seen == 234
    assert sink.discarded == 1


def test_short_page_has_half_its_rows_and_is_in_the_ledger(tmp_path: Path) -> None:
    """The scan goes on; the core warns about the rows."""
    bench, sink = _bench(tmp_path, "short_page@2"), MemorySink()
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert [page.size_px for page in sink.finished] == [(331, 468), (331, 234), (331, 468)]
    assert bench.digests() == digests_of(sink.finished)


def test_slow_page_takes_ten_times_as_long(tmp_path: Path) -> None:
    """0.02 s a page, 0.2 s for the slow one."""
    bench = _bench(tmp_path, "slow@1", seconds_per_page=0.02)
    assert _seconds_for_one_page(bench) >= 0.2


def test_slow_page_of_a_quick_scanner_takes_a_second(tmp_path: Path) -> None:
    """Ten times nothing would be nothing."""
    assert _seconds_for_one_page(_bench(tmp_path, "slow@1")) >= 1


def test_page_takes_the_time_that_is_configured(tmp_path: Path) -> None:
    """And the rows come spread over it, not all in its end."""
    assert _seconds_for_one_page(_bench(tmp_path, seconds_per_page=0.3)) >= 0.3


def _seconds_for_one_page(bench: VirtualBench) -> float:
    began = time.monotonic()
    bench.scan(MemorySink(), replace(SMALL, max_pages=1))
    return time.monotonic() - began


def test_cancel_of_a_slow_page_is_heard_while_it_waits(tmp_path: Path) -> None:
    """A page of an hour; the cancel comes from elsewhere once its first rows are there."""
    bench, sink = _bench(tmp_path, seconds_per_page=3600.0), MemorySink()

    def cancel() -> None:
        _wait_until(lambda: sink.rows_seen > 0, "rows")
        sink.is_canceled = True

    canceling = threading.Thread(target=cancel)
    canceling.start()
    with pytest.raises(ScanCanceledError):
        bench.scan(sink)
    canceling.join()


def test_flood_gives_rows_without_end(tmp_path: Path) -> None:
    """Ten times the page that was said; only the sink can stop it."""
    bench, sink = _bench(tmp_path, "flood@1"), MemorySink(cancel_after_rows=4680)
    assert bench.scan_to_fault(sink) == "canceled"
    assert sink.rows_seen == 4680


def test_print_writes_to_both_streams_and_the_scan_goes_on(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Below Python's own streams, as a library in C does it."""
    sink = MemorySink()
    assert _bench(tmp_path, "print@2").scan_to_fault(sink) == "feeder_empty"
    printed = capfd.readouterr()
    assert "garbage of a driver" in printed.out
    assert "garbage of a driver" in printed.err
    assert sink.pages == 3


@pytest.mark.parametrize(
    ("fault", "status"), [("crash@2", -signal.SIGSEGV), ("exit@2", 3), ("crash", -signal.SIGSEGV)]
)
def test_process_ends_by_the_fault_and_the_next_attempt_goes_on(
    tmp_path: Path, fault: str, status: int
) -> None:
    """Nothing of it is left but the files: no line of the ledger is lost or half written."""
    bench = _bench(tmp_path, fault)
    assert _end_of(bench) == (status, "")
    before = len(bench.delivered())
    assert before == (1 if "@" in fault else 0)
    sink = MemorySink(attempt=2, pages=before)
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert bench.delivered() == [(1, "front"), (2, "front"), (3, "front")]


def test_memory_is_used_up_to_the_limit_of_the_process(tmp_path: Path) -> None:
    """One page safe; the error is Python's own."""
    assert _end_of(_bench(tmp_path, "memory@2"), memory_mb=1024) == (0, "1 MemoryError")


def _has_lines(bench: VirtualBench, least: int) -> bool:
    return len(bench.ledger()) >= least


def _wait_until(is_so: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _LIMIT_S
    while not is_so():
        assert time.monotonic() < deadline, f"no {what} within {_LIMIT_S} s"
        time.sleep(0.01)


def _ignores_sigterm(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [each for each in status.splitlines() if each.startswith("SigIgn:")]
    return bool(int(line.split()[1], 16) & (1 << (signal.SIGTERM - 1)))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_hang_in_a_page_is_ended_by_sigterm(tmp_path: Path) -> None:
    """Sheet 2 was fed and will never be a page of this attempt."""
    bench = _bench(tmp_path, "hang@2")
    with _child(bench) as child:
        _wait_until(lambda: bench.fed() == [1, 2], "second sheet")
        os.kill(child.pid, signal.SIGTERM)
        assert child.wait(_LIMIT_S) == -signal.SIGTERM
    assert bench.delivered() == [(1, "front")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_hard_hang_in_a_page_is_ended_by_sigkill_only(tmp_path: Path) -> None:
    """SIGTERM is ignored from the fault on."""
    with _child(_bench(tmp_path, "hang_hard@2")) as child:
        _wait_until(lambda: _ignores_sigterm(child.pid), "hang")
        os.kill(child.pid, signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.3)
        child.kill()
        assert child.wait(_LIMIT_S) == -signal.SIGKILL


def test_hang_in_the_list_of_devices_never_returns(tmp_path: Path) -> None:
    """The core gives the call up; here a SIGTERM does."""
    program = (
        "import json, sys; from flatbed.builtin import virtual; "
        "virtual.start(json.loads(sys.argv[1])); print('listing', flush=True); "
        "virtual.list_scanners()"
    )
    text = json.dumps(_bench(tmp_path, "hang_list").config)
    with subprocess.Popen(
        [sys.executable, "-c", program, text], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        assert child.stdout.readline() == "listing\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.3)
        child.terminate()


def test_killed_processes_leave_every_sheet_once(tmp_path: Path) -> None:
    """kill -9 at five moments of a scan: what was not safe comes in the next attempt."""
    bench = VirtualBench(tmp_path, config_of(tmp_path, sheets=6, seconds_per_page=0.05))
    for lines in (1, 2, 5, 8, 11):
        with _child(bench) as child:
            _wait_until(partial(_has_lines, bench, lines), "page")
            child.kill()
        text = (tmp_path / "ledger.jsonl").read_text()
        assert text.endswith("\n")
        safe = len(bench.delivered())
        sink = MemorySink(attempt=2, pages=safe)
        assert bench.scan_to_fault(sink) == "feeder_empty"
        assert bench.delivered() == [(sheet, "front") for sheet in range(1, 7)]
        (tmp_path / "ledger.jsonl").unlink()


def test_fault_counts_pages_not_sheets(tmp_path: Path) -> None:
    """Page 2 of a duplex job is the back of sheet 1."""
    bench, sink = _bench(tmp_path, "jam@2"), MemorySink()
    assert bench.scan_to_fault(sink, DUPLEX) == "paper_jam"
    assert bench.delivered() == [(1, "front")]


def test_refusal_at_a_back_leaves_the_front(tmp_path: Path) -> None:
    """Nothing is fed for a back, and the cover can be open all the same."""
    bench, sink = _bench(tmp_path, "cover_open@2"), MemorySink()
    assert bench.scan_to_fault(sink, DUPLEX) == "cover_open"
    assert (sink.pages, sink.discarded) == (1, 0)
