"""Starting a worker on a job: only with room, a scanner and paper, and with the job's limits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from flatbed import system
from flatbed.addon.types import ScanSettings
from flatbed.errors import (
    AddonUnavailableError,
    DeviceOfflineError,
    DiskFullError,
    FeederEmptyError,
)
from flatbed.runtime.breaker import Breaker, BreakerLimits
from flatbed.runtime.journal import Entry
from flatbed.scan.jobs import JobOptions, ScanJob
from flatbed.scan.launch import DiskLimits
from flatbed.scan.runner import ScanRun

from ..made_addons import Gate
from .desk import ScanDesk
from .made_jobs import made_job

MIB, GIB = 1 << 20, 1 << 30
HUGE = 1 << 60


class Launchpad:
    """A desk with one job that is to be started."""

    def __init__(self, desk: ScanDesk) -> None:
        self.desk = desk
        self.adopted: list[Entry] = []

    async def job(self, *steps: list[Any], **changes: Any) -> ScanJob:
        """A job in its first attempt, on the desk's scanner."""
        self.desk.paper.write(scans=[list(steps)])
        scanner = await self.desk.scanners.find(None)
        facts: dict[str, Any] = {"status": "running", "attempt": 1, "scanner_uid": scanner.uid}
        return made_job(**(facts | changes))

    async def start(self, job: ScanJob, pages: int = 0) -> ScanRun:
        """Start a worker on it."""
        return await self.desk.launcher.start(job, pages=pages, adopt=self._adopt)

    async def relimit(self, **disk: int) -> None:
        """Restart the desk with other limits of the disk."""
        await self.desk.stop()
        self.desk.limits = replace(self.desk.limits, disk=replace(self.desk.limits.disk, **disk))
        self.desk.start()

    async def _adopt(self, entries: list[Entry]) -> None:
        self.adopted += entries


@pytest.fixture
def launchpad(desk: ScanDesk) -> Launchpad:
    """A launchpad."""
    return Launchpad(desk)


@pytest.mark.parametrize(
    ("disk_bytes", "floor"),
    [
        (1 * GIB, 1 * GIB),
        (20 * GIB, 1 * GIB),
        (40 * GIB, 2 * GIB),
        (100 * GIB, 5 * GIB),
        (4000 * GIB, 5 * GIB),
    ],
)
def test_floor_is_a_share_of_the_disk_within_bounds(disk_bytes: int, floor: int) -> None:
    """max(1 GiB, min(5 %, 5 GiB))."""
    assert DiskLimits().start_floor(disk_bytes) == floor


def test_floors_can_be_set_for_small_machines() -> None:
    """The limits are settings; a feeder stops at 512 MiB."""
    assert DiskLimits(start_min=0, start_max=0).start_floor(100 * GIB) == 0
    assert DiskLimits().sheet_min == 512 * MIB


async def test_start_runs_the_drivers_scan_with_the_jobs_settings(launchpad: Launchpad) -> None:
    """At the address of now, with the pages of before counted."""
    settings = ScanSettings(dpi=150, max_pages=9)
    job = await launchpad.job(["page"], settings=settings)
    run = await launchpad.start(job, pages=4)
    end = await run.follow()
    assert end.status == "completed"
    assert launchpad.desk.paper.notes("scan") == ["scan 1 on paper:0 at 150 dpi"]
    assert [entry["ordinal"] for entry in launchpad.adopted] == [4]


async def test_start_keeps_the_jobs_folder_from_everybody_else(launchpad: Launchpad) -> None:
    """0700, named by the job alone."""
    job = await launchpad.job(["page"])
    await (await launchpad.start(job)).follow()
    folder = launchpad.desk.launcher.folder_of(job.uid)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert launchpad.desk.launcher.folders() == [folder]
    assert (folder.name, folder.parent.stat().st_mode & 0o777) == (job.uid, 0o700)


async def test_start_below_the_floor_is_refused_before_anything_moves(
    launchpad: Launchpad,
) -> None:
    """With how much there is and how much there should be."""
    await launchpad.relimit(start_min=HUGE)
    job = await launchpad.job(["page"])
    free_mb = system.free_bytes(launchpad.desk.folder) >> 20
    with pytest.raises(DiskFullError, match="that a scan needs are free") as caught:
        await launchpad.start(job)
    words = caught.value.message.split()
    assert abs(int(words[1]) - free_mb) < 1024
    assert int(words[5]) == HUGE >> 20
    assert launchpad.desk.paper.notes("scan") == []


async def test_start_hands_the_sheets_floor_on(launchpad: Launchpad) -> None:
    """The worker keeps to it by itself, main may be gone."""
    await launchpad.relimit(sheet_min=HUGE, wait_s=1)
    job = await launchpad.job(["page"])
    end = await (await launchpad.start(job)).follow()
    assert end.error is not None
    assert end.error["error"] == "disk_full"
    assert launchpad.desk.paper.notes("fed") == []


async def test_start_on_a_scanner_that_is_gone_says_that_it_is_offline(
    launchpad: Launchpad,
) -> None:
    """It was there when the job was created."""
    job = await launchpad.job(["page"], scanner_uid="0" * 16)
    with pytest.raises(DeviceOfflineError):
        await launchpad.start(job)


@pytest.mark.parametrize(
    ("checks", "source", "is_loaded", "is_refused"),
    [
        (True, "feeder", False, True),
        (True, "duplex", False, True),
        (True, "flatbed", False, False),
        (True, "feeder", True, False),
        (True, "feeder", None, False),
        (False, "feeder", False, False),
    ],
)
async def test_start_with_an_empty_feeder_is_refused_where_the_caller_wants_that(
    launchpad: Launchpad, *, checks: bool, source: Any, is_loaded: bool | None, is_refused: bool
) -> None:
    """Only where it is known to be empty; what was read a while ago does not count."""
    job = await launchpad.job(
        ["page"],
        settings=ScanSettings(paper_source=source),
        options=JobOptions(checks_feeder=checks),
    )
    scanner = await launchpad.desk.scanners.find(None)
    await launchpad.desk.scanners.known_capabilities(scanner)
    launchpad.desk.paper.write(capabilities={"is_feeder_loaded": is_loaded})
    if is_refused:
        with pytest.raises(FeederEmptyError):
            await launchpad.start(job)
        return
    assert (await (await launchpad.start(job)).follow()).status == "completed"


async def test_start_of_a_driver_that_rests_is_refused(launchpad: Launchpad) -> None:
    """After its crashes were counted."""
    pool = launchpad.desk.pools.of(launchpad.desk.paper.addon)
    pool.breaker = Breaker("paper", BreakerLimits(crashes=2))
    job = await launchpad.job(["page"])
    launchpad.desk.launcher.count_crash(job)
    await (await launchpad.start(job)).follow()
    launchpad.desk.launcher.count_crash(job)
    with pytest.raises(AddonUnavailableError):
        await launchpad.start(replace_attempt(job))


def replace_attempt(job: ScanJob) -> ScanJob:
    """The same job in its next attempt."""
    job.attempt += 1
    return job


@pytest.mark.parametrize(
    ("before", "step"),
    [([], "open the device"), ([["open"]], "begin a page")],
    ids=["opening", "first byte"],
)
async def test_failure_timeout_of_a_job_takes_the_place_of_all_limits(
    launchpad: Launchpad, before: list[Any], step: str
) -> None:
    """`scannerFailureTimeout`, kept by the worker itself."""
    job = await launchpad.job(*before, ["hang"], options=JobOptions(failure_timeout_s=0.05))
    end = await (await launchpad.start(job)).follow()
    assert end.error is not None
    assert (end.error["error"], step in end.error["message"]) == ("device_hung", True)


async def test_start_waits_until_nobody_asks_the_scanner(launchpad: Launchpad, gate: Gate) -> None:
    """A device that two processes open at once is busy to one of them."""
    job = await launchpad.job(["page"])
    desk = launchpad.desk
    desk.paper.write(ask=[["gate", str(gate.path)]])
    asking = asyncio.create_task(desk.scanners.capabilities(await desk.scanners.find(None)))
    await gate.reached()
    starting = asyncio.create_task(launchpad.start(job))
    await asyncio.sleep(0.1)
    assert not starting.done()
    gate.open()
    await asking
    assert (await (await starting).follow()).status == "completed"


async def test_take_up_follows_the_worker_of_before(launchpad: Launchpad, gate: Gate) -> None:
    """Its journal and its lock are all that is needed."""
    job = await launchpad.job(["page"], ["gate", str(gate.path)], ["page"])
    run = await launchpad.start(job)
    await gate.reached()
    await run.leave()

    async def adopt(entries: list[Entry]) -> None:
        launchpad.adopted += entries

    taken = launchpad.desk.launcher.take_up(job, adopt=adopt)
    gate.open()
    assert (await taken.follow()).status == "completed"
    assert len(launchpad.adopted) == 2


async def test_prepare_has_the_next_worker_standing_by(launchpad: Launchpad) -> None:
    """For the next job on the same driver."""
    launchpad.desk.has_standby = True
    await launchpad.relimit()
    pool = launchpad.desk.pools.of(launchpad.desk.paper.addon)
    job = made_job()
    launchpad.desk.launcher.prepare(job)
    assert pool._preparing is not None
    await pool._preparing
    assert pool._standby is not None
