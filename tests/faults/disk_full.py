"""F6: a disk that runs full at many levels, in the middle of feeder scans.

Whatever was told is there, the job pauses and says why, deleting works on the full disk, and once
there is room the job goes on: every sheet is a page, once, and none that was told is scanned again.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from tests.faults.rig import JOBS, SCANNER, Rig
from tests.faults.small_disk import SmallDisk, small_disk

DISK_MB = 24
SHEETS = 6
SETTINGS = {
    "FLATBED_ADDONS__VIRTUAL__SHEETS": str(SHEETS),
    "FLATBED_DISK_START_MIN_MB": "0",
    "FLATBED_DISK_SHEET_MIN_MB": "0",
    "FLATBED_DISK_RESERVE_MB": "4",
}
MOST_BYTES = 9 << 20
"""More than a scan needs, so that the highest levels end well."""


@dataclass
class Report:
    """What was seen, in rounds.

    Attributes:
        refused: No job could be made.
        paused: It paused, once at least.
        whole: It ended well at once.
        pages: Pages that were compared.
        fed_again: Sheets that were in transport when the room ended.
    """

    refused: int = 0
    paused: int = 0
    whole: int = 0
    pages: int = 0
    fed_again: int = 0


def run(rig: Rig, disk: SmallDisk, levels: Iterable[int]) -> Report:
    """Scan with so many bytes free, for each level; `rig` has its data on `disk`."""
    report = Report()
    rig.environment |= SETTINGS
    rig.start()
    try:
        # The same sheets each time: what they look like is found out while there is room.
        first = _scan(rig)
        assert rig.wait_for_end(first)["status"] == "completed"
        expected = rig.digests(first)
        for level in levels:
            _fill_once(rig, disk, level, expected, report)
    finally:
        disk.empty()
        rig.stop()
    return report


def _fill_once(rig: Rig, disk: SmallDisk, level: int, expected: list[str], report: Report) -> None:
    old = _scan(rig)
    rig.wait_for_end(old)
    ledger = rig.ledger()
    reserves = [rig.data / "cache" / name for name in ("reserve", "reserve-small")]
    rig.wait_for(lambda: all(each.exists() for each in reserves))
    disk.fill(leave_bytes=level)
    job = _try_to_scan(rig)
    if job is None:
        report.refused += 1
    else:
        state = rig.wait_for_end(job)
        told = rig.digests(job)
        assert told == expected[: len(told)], (level, state)
        _check_state(state, level)
        report.paused += state["status"] == "paused"
        report.whole += state["status"] == "completed"
    disk.fill(leave_bytes=0)
    rig.ask("DELETE", f"{JOBS}/{old}")
    disk.empty()
    if job is not None:
        _go_on(rig, job)
        assert rig.digests(job) == expected, level
        report.pages += len(expected)
        report.fed_again += ledger.fed() - len(expected)
        rig.ask("DELETE", f"{JOBS}/{job}")


def _check_state(state: dict[str, Any], level: int) -> None:
    assert state["status"] in ("completed", "paused"), (level, state)
    if state["status"] == "paused":
        assert state["error"]["error"] == "disk_full", (level, state)
        assert len(state["message"].split()) <= 25 + 5, state["message"]


def _go_on(rig: Rig, job: str) -> None:
    # The state as it was told last, before room was made.
    if rig.ask("GET", f"{JOBS}/{job}")["status"] == "paused":
        rig.ask("PATCH", f"{JOBS}/{job}", {"status": "running"})
    state = rig.wait_for_end(job)
    assert state["status"] == "completed", state


def _scan(rig: Rig) -> str:
    return rig.scan(SCANNER, on_fault="pause", Resolution=100, PixelType=2)


def _try_to_scan(rig: Rig) -> str | None:
    config = {"PixelType": 2, "Resolution": 100, "IfFeederEnabled": True}
    body = {"device": SCANNER, "config": config, "onFault": "pause"}
    answer: httpx.Response = rig.client.post(JOBS, json=body)
    if answer.status_code == 507:
        assert answer.json()["error"] == "disk_full"
        return None
    assert answer.status_code == 201, answer.text
    return str(answer.json()["jobuid"])


def levels(count: int) -> list[int]:
    """So many levels, more of them where little is free."""
    return [round(MOST_BYTES * (each / (count - 1)) ** 2) for each in range(count)]


def main() -> None:
    """Run in full."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--levels", type=int, default=200)
    parser.add_argument("--disk", choices=["tmpfs", "ext4"], default="tmpfs")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flatbed-f6-") as folder:
        rig = Rig(Path(folder))
        with small_disk(rig.data, DISK_MB, options.disk) as disk:
            report = run(rig, disk, levels(options.levels))
    print(f"F6 on {options.disk}: {options.levels} levels, {report.pages} pages, none lost or")
    print(f"doubled; {report.paused} scans paused and went on, {report.refused} were refused,")
    print(f"{report.whole} found room; {report.fed_again} sheets in transport were fed again")


if __name__ == "__main__":
    main()
