"""Jobs that nobody waits for any more: deleted when their time is up, released when left alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from flatbed.errors import DiskFullError
from flatbed.runtime import sessions as sessions_module
from flatbed.runtime.sessions import Sessions
from flatbed.scan import expiry as expiry_module
from flatbed.scan import jobs as jobs_module
from flatbed.scan.expiry import Expiry
from flatbed.scan.jobs import ScanJob
from flatbed.scan.request import JobRequest

from ..made_addons import LIMIT_S, Gate
from .desk import ScanDesk
from .made_jobs import ORIGIN

JAM = ["raise", "PaperJamError"]


class Clock:
    """Stands still until it is moved; seconds, for the time of day and for the monotonic clock."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        """The time of day."""
        return self.now

    def monotonic(self) -> float:
        """The time since some beginning."""
        return self.now


class Watchman:
    """A desk with sessions, and one who looks after its jobs."""

    def __init__(self, desk: ScanDesk, clock: Clock) -> None:
        self.desk, self.clock = desk, clock
        self.sessions = Sessions(desk.registry)
        self.expiry = Expiry(desk.module, self.sessions, release_s=30)

    async def create(self, *steps: list[Any], session: str | None = None, **more: Any) -> ScanJob:
        """A job of a session."""
        self.desk.paper.write(scans=[list(steps)])
        job = await self.desk.module.create(JobRequest(**more), origin=ORIGIN, session=session)
        # Stamped by the clock of the machine, which the field has from its class.
        job.created_at = self.clock.now
        return job

    async def uids_after(self, seconds: float) -> list[str]:
        """The jobs that are there after a look some time later."""
        self.clock.now += seconds
        await self.expiry.look()
        return [job.uid for job in self.desk.module.jobs()]


@pytest.fixture
def watchman(desk: ScanDesk, monkeypatch: pytest.MonkeyPatch) -> Watchman:
    """A watchman whose clock only the test moves."""
    clock = Clock()
    for module in (expiry_module, jobs_module, sessions_module):
        monkeypatch.setattr(module, "time", clock)
    return Watchman(desk, clock)


async def test_pending_job_is_deleted_when_its_time_is_up(watchman: Watchman) -> None:
    """`jobTimeout` counts from its creation; its scanner is free then."""
    job = await watchman.create(autoRun=False, jobTimeout=60)
    assert await watchman.uids_after(60) == [job.uid]
    assert await watchman.uids_after(1) == []
    await watchman.create(autoRun=False)


async def test_ended_job_is_deleted_when_its_time_is_up_again(watchman: Watchman) -> None:
    """It counts anew from its end, and takes the pages along."""
    job = await watchman.create(["page"], jobTimeout=60)
    await watchman.desk.settled(job)
    assert await watchman.uids_after(60) == [job.uid]
    assert await watchman.uids_after(1) == []
    assert watchman.desk.buffer.pages_of(job.uid) == []


async def test_running_job_has_all_the_time_that_it_needs(watchman: Watchman, gate: Gate) -> None:
    """The clock stands still meanwhile."""
    job = await watchman.create(["gate", str(gate.path)], ["page"], jobTimeout=60)
    await gate.reached()
    assert await watchman.uids_after(10_000) == [job.uid]
    gate.open()
    assert await watchman.desk.settled(job) == "completed"
    assert await watchman.uids_after(60) == [job.uid]
    assert await watchman.uids_after(1) == []


async def test_paused_job_waits_for_hands(watchman: Watchman) -> None:
    """Whoever clears the jam may take a while."""
    job = await watchman.create(["page"], JAM, jobTimeout=60, onFault="pause")
    await watchman.desk.stands(job, "paused")
    assert await watchman.uids_after(10_000) == [job.uid]


async def test_job_without_a_timeout_is_kept_for_ever(watchman: Watchman) -> None:
    """0, the default."""
    job = await watchman.create(autoRun=False)
    assert await watchman.uids_after(1e9) == [job.uid]


async def test_pending_job_of_a_page_that_is_gone_gives_its_scanner_back(
    watchman: Watchman,
) -> None:
    """After 30 s without a connection; the job says that it was cancelled."""
    session = watchman.sessions.create([], origin=ORIGIN)
    leave = watchman.sessions.enter(session)
    job = await watchman.create(autoRun=False, session=session.uid)
    await watchman.uids_after(10_000)
    assert job.status == "pending"
    leave()
    await watchman.uids_after(30)
    first = job.status
    await watchman.uids_after(1)
    assert (first, job.status) == ("pending", "canceled")
    await watchman.create(autoRun=False)


async def test_pending_job_of_a_session_of_before_a_restart_is_given_as_long(
    watchman: Watchman,
) -> None:
    """Its page may come back; sessions are not kept."""
    job = await watchman.create(autoRun=False, session="0" * 32)
    await watchman.uids_after(30)
    first = job.status
    await watchman.uids_after(1)
    assert (first, job.status) == ("pending", "canceled")


async def test_pending_job_of_no_session_is_left_alone(watchman: Watchman) -> None:
    """Native clients have none."""
    job = await watchman.create(autoRun=False)
    await watchman.uids_after(10_000)
    assert job.status == "pending"


async def test_running_job_of_a_page_that_is_gone_goes_on(watchman: Watchman, gate: Gate) -> None:
    """Its pages wait for the page to come back."""
    job = await watchman.create(["gate", str(gate.path)], ["page"], session="0" * 32)
    await gate.reached()
    await watchman.uids_after(10_000)
    gate.open()
    assert await watchman.desk.settled(job) == "completed"


async def test_run_looks_again_and_again_whatever_happens(
    watchman: Watchman, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at one look must not keep jobs for ever: the next look may go well."""
    monkeypatch.setattr(expiry_module, "_LOOK_S", 0)
    job = await watchman.create(autoRun=False, jobTimeout=60)
    watchman.clock.now += 61
    real, failures = watchman.expiry.look, [DiskFullError(), OSError(5, "broken")]

    async def look() -> None:
        if failures:
            raise failures.pop()
        await real()

    monkeypatch.setattr(watchman.expiry, "look", look)
    running = asyncio.create_task(watchman.expiry.run())
    async with asyncio.timeout(LIMIT_S):
        while watchman.desk.module.jobs():
            await job.changed.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
