"""The fault programs, short; `make faults` runs them in full."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from tests.faults import bad_drivers, kill_main, kill_worker, sync_order
from tests.faults.rig import JOBS, Rig

IS_FULL = os.environ.get("FAULTS") == "full"


def rig_with(folder: Path, sheets: int) -> Rig:
    """A service whose virtual scanner has that many sheets."""
    return Rig(folder, {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(sheets)})


@pytest.mark.timeout(0 if IS_FULL else 900)
def test_main_killed_at_random_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """F1."""
    kills, sheets = (1000, 50) if IS_FULL else (5, 20)
    assert kill_main.run(rig_with(tmp_path, sheets), kills=kills, sheets=sheets, seed=1) >= sheets


@pytest.mark.sane
def test_main_killed_in_a_scan_of_libsane_loses_nothing(tmp_path: Path) -> None:
    """F1 on the feeder of libsane's test device: ten sheets, all with one pattern."""
    sane = tmp_path / "sane"
    sane.mkdir()
    (sane / "dll.conf").write_text("test\n")
    (sane / "test.conf").write_text('mode Color\ndepth 8\ntest-picture "Color pattern"\n')
    rig = Rig(tmp_path, {"SANE_CONFIG_DIR": str(sane)})
    rig.start()
    try:
        job = rig.scan("Noname frontend-tester", Resolution=200)
        rig.kill()
        rig.start()
        state = rig.wait_for_end(job)
        assert (state["status"], state["pages"]) == ("completed", 10), state
        assert len(set(rig.digests(job))) == 1
    finally:
        rig.stop()


@pytest.mark.timeout(0 if IS_FULL else 900)
@pytest.mark.parametrize("with_main", [False, True], ids=["worker", "worker and main"])
def test_worker_killed_at_random_loses_at_most_the_sheet_in_transport(
    tmp_path: Path, *, with_main: bool
) -> None:
    """F2 and F3."""
    kills, sheets = ((300 if with_main else 500), 50) if IS_FULL else (4, 50)
    rig = rig_with(tmp_path, sheets)
    report = kill_worker.run(rig, kills=kills, seed=3, with_main=with_main)
    assert report.finished < kills
    assert report.lost <= kills - report.finished


def test_page_is_told_only_once_it_is_on_the_disk(tmp_path: Path) -> None:
    """F4."""
    assert shutil.which("strace"), "scripts/setup installs strace"
    assert sync_order.run(rig_with(tmp_path, 3), tmp_path / "trace", sheets=3) == 3


@pytest.mark.parametrize("fault", bad_drivers.FAULTS)
def test_driver_that_misbehaves_is_named_and_harms_nobody(tmp_path: Path, fault: str) -> None:
    """F7."""
    bad_drivers.run(tmp_path, fault)


def test_other_devices_scan_on_beside_a_driver_that_hangs(tmp_path: Path) -> None:
    """F7: all their pages come; how long it takes is what the program prints."""
    bad_drivers.run_beside(tmp_path, "hang_hard@1", scans=2)


def test_cancel_ends_a_driver_that_ignores_it(tmp_path: Path) -> None:
    """F7: by force, after the limit."""
    bad_drivers.run_cancel(tmp_path)


@pytest.mark.parametrize("verb", ["DELETE", "PATCH"])
def test_worker_that_lost_its_main_hears_a_cancel(tmp_path: Path, verb: str) -> None:
    """Cancel and delete reach a scan that a former main process started."""
    rig = rig_with(tmp_path, 500)
    rig.environment["FLATBED_ADDONS__VIRTUAL__SECONDS_PER_PAGE"] = "0.2"
    rig.start()
    try:
        job = rig.scan("Flatbed virtual scanner")
        worker = rig.wait_for(rig.scan_worker)
        rig.kill()
        rig.start()
        assert worker.is_running()
        rig.ask(verb, f"{JOBS}/{job}", {"status": "canceled"})
        worker.wait(10)
        assert rig.scan("Flatbed virtual scanner") != job
    finally:
        rig.stop()
