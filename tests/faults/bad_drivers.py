"""F7: drivers that hang, ignore SIGTERM, crash, exit, flood, print and eat memory.

The person knows within the limit and two seconds, everybody else is answered meanwhile, the worker
is gone seven seconds after a cancel, and the next scan works. Scans of another device take as long
as without a bad neighbour.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from tests.faults.rig import JOBS, SCANNER, Rig

LIMIT_S = 2.0
"""Of a page, in place of the 30 s to 180 s of the defaults."""

SHEETS = 5

_INTO_THE_HANG_S = 0.5

_STANDBY_S = 0.4
"""After a job, until the next worker stands by: a person takes longer."""

NEIGHBOURS = ("hang@1", "hang_hard@1", "print@1", "flood@1", "memory@1", "crash@1")

FAULTS = {
    "hang@3": "device_hung",
    "hang_hard@3": "device_hung",
    "crash@3": "driver_crashed",
    "exit@3": "driver_crashed",
    "memory@3": "out_of_memory",
    "flood@3": "io_error",
    "print@3": None,
    "empty_page@3": "empty_page",
}
"""The error of a job by the fault of its third page; `None` for one that harms nothing."""

LIMITS = {
    "FLATBED_FIRST_BYTE_S": str(LIMIT_S),
    "FLATBED_BETWEEN_BYTES_S": str(LIMIT_S),
    "FLATBED_PAGE_S": str(LIMIT_S + 1),
}


@dataclass(frozen=True)
class Seen:
    """What one fault did.

    Attributes:
        told_s: From the job's creation until its state said so.
        others_ms: Median time of an answer to others meanwhile.
    """

    fault: str
    told_s: float
    others_ms: float


@dataclass(frozen=True)
class Beside:
    """How long a scan takes, alone and beside a driver that misbehaves; medians in seconds."""

    fault: str
    alone_s: float
    beside_s: float


def run(folder: Path, fault: str) -> Seen:
    """One driver that misbehaves, and the scan after it.

    Args:
        folder: For the data.
        fault: A key of `FAULTS`.
    """
    own = {"FLATBED_ADDONS__VIRTUAL__FAULTS": f'["{fault}"]'}
    rig = Rig(folder, LIMITS | own | {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(SHEETS)})
    rig.start()
    try:
        with _others(str(rig.client.base_url)) as times:
            job = rig.scan(SCANNER)
            began = time.monotonic()
            state = rig.wait_for_end(job)
            told_s = time.monotonic() - began
        _check(rig, job, state, FAULTS[fault])
        assert not _scanning(rig), "the worker is still there"
    finally:
        rig.stop()
    return Seen(fault, told_s, statistics.median(times) * 1000)


def run_cancel(folder: Path) -> float:
    """Cancel a driver that hangs and ignores SIGTERM; seconds until its process is gone."""
    own = {"FLATBED_ADDONS__VIRTUAL__FAULTS": '["hang_hard@1"]'}
    rig = Rig(folder, own)
    rig.start()
    try:
        ledger = rig.ledger()
        job = rig.scan(SCANNER)
        worker = rig.wait_for(rig.scan_worker)
        rig.wait_for(ledger.fed)
        time.sleep(_INTO_THE_HANG_S)
        began = time.monotonic()
        assert rig.ask("PATCH", f"{JOBS}/{job}", {"status": "canceled"})["status"] == "canceled"
        worker.wait(30)
        gone_s = time.monotonic() - began
        rig.ask("DELETE", f"{JOBS}/{job}")
    finally:
        rig.stop()
    return gone_s


def run_beside(folder: Path, fault: str, *, scans: int = 20) -> Beside:
    """Scans of a good device, alone and beside one that misbehaves again and again.

    Args:
        folder: For the data.
        fault: Of the neighbour's first page.
        scans: How many to time, three times over: alone, beside, alone.
    """
    devices = {"FLATBED_ADDONS__VIRTUAL__NAMES": '["Bad", "Good"]'}
    own = {"FLATBED_ADDONS__VIRTUAL__FAULTS": f'["{fault}!#1"]'}
    rig = Rig(folder, LIMITS | devices | own | {"FLATBED_ADDONS__VIRTUAL__SHEETS": "3"})
    rig.start()
    try:
        _time_scans(rig, 2)  # until workers stand by
        alone = _time_scans(rig, scans)
        with _misbehaving(rig, "Bad"):
            beside = _time_scans(rig, scans)
        alone += _time_scans(rig, scans)
    finally:
        rig.stop()
    return Beside(fault, statistics.median(alone), statistics.median(beside))


def _time_scans(rig: Rig, count: int) -> list[float]:
    times = []
    for _ in range(count):
        began = time.monotonic()
        job = rig.scan("Good")
        state = rig.wait_for_end(job)
        times.append(time.monotonic() - began)
        assert (state["status"], state["pages"]) == ("completed", 3), state
        rig.ask("DELETE", f"{JOBS}/{job}")
        time.sleep(_STANDBY_S)
    return times


@contextmanager
def _misbehaving(rig: Rig, device: str) -> Iterator[None]:
    """A device on which one job after another goes wrong."""
    stop = threading.Event()
    ended: list[str] = []

    def misbehave() -> None:
        while not stop.is_set():
            job = rig.scan(device)
            ended.append(rig.wait_for_end(job)["status"])
            rig.ask("DELETE", f"{JOBS}/{job}")
            stop.wait(_STANDBY_S)

    running = threading.Thread(target=misbehave)
    running.start()
    try:
        yield
    finally:
        stop.set()
        running.join()
    assert ended, "the neighbour has done nothing"


def _check(rig: Rig, job: str, state: dict[str, object], error: str | None) -> None:
    if error is None:
        assert (state["status"], state["pages"]) == ("completed", SHEETS), state
        return
    found = state["error"]
    assert isinstance(found, dict) and found["error"] == error, state
    assert (state["status"], state["pages"]) == ("faulted", 2), state
    assert len(rig.digests(job)) == 2


def _scanning(rig: Rig) -> bool:
    return rig.scan_worker() is not None


@contextmanager
def _others(base_url: str) -> Iterator[list[float]]:
    """Somebody else who asks the service all the time; the times of the answers."""
    times: list[float] = []
    stop = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=base_url) as client:
            while not stop.wait(0.02):
                began = time.monotonic()
                assert client.get("/api/hello").status_code == 200
                times.append(time.monotonic() - began)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield times
    finally:
        stop.set()
        asking.join()


def main() -> None:
    """Run every fault."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    for fault in FAULTS:
        with tempfile.TemporaryDirectory(prefix="flatbed-f7-") as folder:
            seen = run(Path(folder), fault)
        print(f"F7 {fault:14} told after {seen.told_s:.2f} s, others {seen.others_ms:.1f} ms")
    with tempfile.TemporaryDirectory(prefix="flatbed-f7-") as folder:
        print(f"F7 cancel of hang_hard: gone after {run_cancel(Path(folder)):.2f} s")
    for fault in NEIGHBOURS:
        with tempfile.TemporaryDirectory(prefix="flatbed-f7-") as folder:
            took = run_beside(Path(folder), fault)
        print(
            f"F7 beside {fault:11} a scan of another device took {took.beside_s:.3f} s,"
            f" alone {took.alone_s:.3f} s: {took.beside_s / took.alone_s:.2f} times"
        )


if __name__ == "__main__":
    main()
