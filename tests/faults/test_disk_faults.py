"""A disk that fails, and one that is full: the programs short, and how a scan waits for room."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.faults import disk_full, failing_calls
from tests.faults.disk_full import SHEETS
from tests.faults.rig import JOBS, SCANNER, Rig
from tests.faults.small_disk import SmallDisk, small_disk

from flatbed import system

IS_FULL = os.environ.get("FAULTS") == "full"
FLOOR_MB = 6

needs_root = pytest.mark.skipif(system.own_uid() != 0, reason="only root can mount a small disk")
needs_compiler = pytest.mark.skipif(not shutil.which("cc"), reason="a C compiler is needed")


@needs_compiler
@pytest.mark.timeout(0 if IS_FULL else 900)
def test_call_that_fails_spoils_no_page_and_is_named(tmp_path: Path) -> None:
    """F5."""
    report = failing_calls.run(Rig(tmp_path / "rig"), tmp_path, rounds=0 if IS_FULL else 3)
    assert report.ends["completed"] < report.rounds
    assert report.ends["faulted disk_error"] > 0
    assert report.ends["paused disk_full"] > 0


@pytest.mark.root
@needs_root
@pytest.mark.timeout(0 if IS_FULL else 900)
@pytest.mark.parametrize("kind", ["tmpfs", "ext4"] if IS_FULL else ["tmpfs"])
def test_full_disk_pauses_lets_delete_and_goes_on_without_scanning_again(
    tmp_path: Path, kind: str
) -> None:
    """F6."""
    count = 200 if IS_FULL else 5
    rig = Rig(tmp_path)
    with small_disk(rig.data, disk_full.DISK_MB, kind) as disk:
        report = disk_full.run(rig, disk, disk_full.levels(count))
    assert (report.refused + report.paused + report.whole, report.whole) == (count, report.whole)
    assert report.paused > 0
    assert report.pages == SHEETS * (report.paused + report.whole)
    # One sheet at most is under way when the room ends.
    assert report.fed_again <= report.paused


@pytest.fixture
def waiting_rig(tmp_path: Path) -> Iterator[tuple[Rig, SmallDisk]]:
    """A service whose feeder waits below `FLOOR_MB`, on a disk with hardly more than that."""
    rig = Rig(tmp_path, disk_full.SETTINGS | {"FLATBED_DISK_SHEET_MIN_MB": str(FLOOR_MB)})
    with small_disk(rig.data, disk_full.DISK_MB) as disk:
        try:
            yield rig, disk
        finally:
            rig.stop()


def begin_to_wait(rig: Rig, disk: SmallDisk) -> tuple[str, dict[str, Any]]:
    """Start a scan that soon waits for room; its id, and what the job says."""
    rig.start()
    disk.fill(leave_bytes=(FLOOR_MB << 20) + (600 << 10))
    job = rig.scan(SCANNER, on_fault="pause", Resolution=100, PixelType=2)

    def waits() -> dict[str, Any] | None:
        state: dict[str, Any] = rig.ask("GET", f"{JOBS}/{job}")
        return state if state["waiting"] else None

    return job, rig.wait_for(waits)


@pytest.mark.root
@needs_root
def test_scan_waits_between_sheets_says_so_and_goes_on_by_itself(
    waiting_rig: tuple[Rig, SmallDisk],
) -> None:
    """The paper stays in the feeder; no sheet is fed twice; a restart changes nothing."""
    rig, disk = waiting_rig
    job, state = begin_to_wait(rig, disk)
    assert (state["status"], state["code"], state["error"]) == ("running", 0, None)
    assert state["waiting"]["error"] == "disk_full"
    assert state["waiting"]["message"] == (
        "The scan waits for 6 MB of room on the disk and keeps the paper where it is."
        " Free some space; it goes on by itself."
    )
    assert 0 < state["pages"] < SHEETS
    assert rig.ledger_of_all().fed() == state["pages"]
    rig.kill()
    rig.start()
    again = rig.wait_for(lambda: rig.ask("GET", f"{JOBS}/{job}")["waiting"])
    assert again == state["waiting"]
    disk.empty()
    ended = rig.wait_for_end(job)
    assert (ended["status"], ended["pages"], ended["waiting"]) == ("completed", SHEETS, None)
    assert rig.ledger_of_all().fed() == SHEETS
    assert len(set(rig.digests(job))) == SHEETS


@pytest.mark.root
@needs_root
def test_wait_for_room_hears_a_cancel(waiting_rig: tuple[Rig, SmallDisk]) -> None:
    """The pages before it stay, the scanner is free."""
    rig, disk = waiting_rig
    job, state = begin_to_wait(rig, disk)
    rig.ask("PATCH", f"{JOBS}/{job}", {"status": "canceled"})
    ended = rig.wait_for_end(job)
    assert (ended["status"], ended["pages"]) == ("canceled", state["pages"])
    disk.empty()
    assert rig.wait_for_end(rig.scan(SCANNER))["status"] == "completed"


@pytest.mark.root
@needs_root
def test_wait_for_room_ends_with_a_pause(waiting_rig: tuple[Rig, SmallDisk]) -> None:
    """After its limit; then a person says when to go on, and no sheet has moved."""
    rig, disk = waiting_rig
    rig.environment["FLATBED_DISK_WAIT_S"] = "0.5"
    job, state = begin_to_wait(rig, disk)
    paused = rig.wait_for_end(job)
    assert (paused["status"], paused["error"]["error"]) == ("paused", "disk_full")
    assert paused["waiting"] is None
    assert "of the 6 MB that a sheet needs are free" in paused["message"]
    disk.empty()
    rig.ask("PATCH", f"{JOBS}/{job}", {"status": "running"})
    assert rig.wait_for_end(job)["pages"] == SHEETS
    assert rig.ledger_of_all().fed() == SHEETS
    assert state["pages"] < SHEETS


@pytest.mark.root
@needs_root
def test_service_starts_on_a_full_disk_and_deletes(tmp_path: Path) -> None:
    """Or nobody could tell it to make room; what is told of a full index file stays true."""
    rig = Rig(tmp_path, dict(disk_full.SETTINGS))
    with small_disk(rig.data, disk_full.DISK_MB) as disk:
        rig.start()
        job = rig.scan(SCANNER)
        rig.wait_for_end(job)
        rig.wait_for((rig.data / "cache" / "reserve").exists)
        rig.kill()
        disk.fill(leave_bytes=0)
        try:
            rig.start()
            assert len(rig.digests(job)) == SHEETS
            rig.ask("DELETE", f"{JOBS}/{job}")
        finally:
            rig.stop()
