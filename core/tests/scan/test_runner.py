"""One attempt at a job: followed by its journal, ended whatever it takes, taken up by another."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from flatbed import system
from flatbed.addon.types import ScanSettings
from flatbed.errors import WrongStateError
from flatbed.runtime.journal import JournalWriter, ScanEnd, lock_path
from flatbed.runtime.pool import SCAN_PRELOAD
from flatbed.runtime.process import WorkerProcess
from flatbed.scan import runner as runner_module
from flatbed.scan.runner import CancelLimits, ScanRun, read_holder

from ..made_addons import LIMIT_S, Gate, LifeLine, worker_site
from .desk import Paper

PAGE = ["page", 1]
AT_ONCE = CancelLimits(term_s=0.01, kill_s=0.02)


class Track:
    """Workers that scan by a script, and runs that follow them.

    Attributes:
        adopted: The kinds of what the runs took, in order.
    """

    def __init__(self, folder: Path) -> None:
        self.paper = Paper(folder / "paper")
        self.spool = folder / "spool"
        self.spool.mkdir()
        self.adopted: list[str] = []
        self._site = worker_site(folder)
        self._stack = AsyncExitStack()

    async def worker(self, *steps: list[Any], attempt: int = 1) -> WorkerProcess:
        """A worker that has begun a scan of these steps."""
        self.paper.write(scans=[list(steps)] * attempt)
        worker = await self._start()
        worker.begin("acquire_pages", _arguments(), out=self._out(attempt))
        return worker

    async def late_worker(self) -> WorkerProcess:
        """A worker that began a scan after another one had."""
        worker = await self._start()
        with pytest.raises(WrongStateError):
            await worker.call("acquire_pages", _arguments(), timeout_s=LIMIT_S, out=self._out(1))
        return worker

    def run(
        self,
        worker: WorkerProcess | None,
        attempt: int = 1,
        limits: CancelLimits | None = None,
    ) -> ScanRun:
        """A run that follows a worker; without one, an orphan."""
        return ScanRun(
            self.spool, attempt, worker=worker, adopt=self._adopt, limits=limits or CancelLimits()
        )

    async def close(self) -> None:
        """End every worker."""
        await self._stack.aclose()

    async def _start(self) -> WorkerProcess:
        worker = await WorkerProcess.start(self.paper.addon, self._site, SCAN_PRELOAD)
        self._stack.push_async_callback(self._end, worker)
        return worker

    def _out(self, attempt: int) -> dict[str, Any]:
        out = {"folder": str(self.spool), "key": bytes(32).hex(), "is_job": True}
        return out | {"attempt": attempt}

    async def _adopt(self, entries: list[dict[str, Any]]) -> None:
        self.adopted += [entry["type"] for entry in entries]

    async def _end(self, worker: WorkerProcess) -> None:
        system.kill_group(worker.identity)
        await worker.wait(LIMIT_S)


def _arguments() -> dict[str, Any]:
    return {"scanner_id": "paper:0", "settings": asdict(ScanSettings())}


async def follow(run: ScanRun) -> ScanEnd:
    """How a run ended."""
    async with asyncio.timeout(LIMIT_S):
        return await run.follow()


def reason(end: ScanEnd) -> str:
    """Its state, and the error's name."""
    return f"{end.status} {end.error['error']}" if end.error else end.status


@pytest.fixture
async def track(tmp_path: Path) -> AsyncIterator[Track]:
    """An empty spool folder."""
    track = Track(tmp_path)
    yield track
    await track.close()


async def test_run_takes_what_the_scan_finishes_and_says_how_it_ended(track: Track) -> None:
    """Pages and warnings; its worker is gone then, so the scanner is free."""
    worker = await track.worker(["open"], PAGE, ["warn", "Dusty."], PAGE)
    end = await follow(track.run(worker))
    assert reason(end) == "completed"
    assert track.adopted == ["page", "warning", "page"]
    assert not worker.identity.is_running()
    assert not system.is_locked(lock_path(track.spool, 1))


async def test_run_takes_a_page_while_the_scan_goes_on(track: Track, gate: Gate) -> None:
    """The browser shows it at once."""
    worker = await track.worker(PAGE, ["gate", str(gate.path)], PAGE)
    run = track.run(worker)
    following = asyncio.create_task(follow(run))
    await gate.reached()
    async with asyncio.timeout(LIMIT_S):
        while track.adopted != ["page"]:
            await run._grown.wait()
    assert not await run.wait(0)
    gate.open()
    assert reason(await following) == "completed"
    assert await run.wait(0)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (["raise", "PaperJamError"], "faulted paper_jam"),
        (["raise", "FeederEmptyError"], "completed"),
        (["bug"], "faulted driver_crashed"),
        (["exit"], "faulted driver_crashed"),
    ],
    ids=["jam", "feeder done", "bug", "dies"],
)
async def test_run_ends_as_the_scan_does_and_keeps_the_pages_before(
    track: Track, last: list[Any], expected: str
) -> None:
    """A worker that dies without a word is a crash of its driver."""
    end = await follow(track.run(await track.worker(PAGE, PAGE, last)))
    assert reason(end) == expected
    assert track.adopted == ["page", "page"]


async def test_worker_killed_from_outside_ends_its_run_as_a_crash(track: Track, gate: Gate) -> None:
    """kill -9 in the middle of a page: the pages before it are there."""
    worker = await track.worker(PAGE, ["half_a_page", str(gate.path)])
    following = asyncio.create_task(follow(track.run(worker)))
    await gate.reached()
    os.kill(worker.identity.pid, signal.SIGKILL)
    assert reason(await following) == "faulted driver_crashed"
    assert track.adopted == ["page"]


async def test_worker_that_cannot_load_its_driver_ends_its_run_as_a_crash(
    track: Track, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was scanned, nobody waits for ever."""
    monkeypatch.setattr("flatbed.runtime.process._command", lambda *_: ["false"])
    assert reason(await follow(track.run(await track.worker(PAGE)))) == "faulted driver_crashed"
    assert track.adopted == []


async def test_end_of_an_earlier_attempt_is_not_the_end_of_this_one(track: Track) -> None:
    """All attempts of a job share a journal."""
    journal = JournalWriter(track.spool)
    journal.append(ScanEnd("faulted", {"error": "paper_jam"}).to_entry(1))
    journal.close()
    worker = await track.worker(PAGE, attempt=2)
    assert reason(await follow(track.run(worker, attempt=2))) == "completed"
    assert track.adopted == ["page"]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({}, ScanEnd("None")),
        ({"status": "faulted", "error": ["jam"]}, ScanEnd("faulted")),
        ({"status": 7, "error": {"error": "paper_jam"}}, ScanEnd("7", {"error": "paper_jam"})),
    ],
    ids=["nothing", "no error", "no state"],
)
async def test_end_that_is_not_whole_is_an_end_all_the_same(
    track: Track, entry: dict[str, Any], expected: ScanEnd
) -> None:
    """A journal is written where a driver runs; nobody follows it for ever."""
    journal = JournalWriter(track.spool)
    journal.append({"type": "end", "attempt": 1} | entry)
    journal.close()
    assert await follow(track.run(None)) == expected


async def test_run_takes_up_a_worker_that_lost_its_main_process(track: Track, gate: Gate) -> None:
    """By its lock and its journal: what was there already, and what comes."""
    worker = await track.worker(PAGE, ["gate", str(gate.path)], PAGE)
    await gate.reached()
    worker.detach()
    following = asyncio.create_task(follow(track.run(None)))
    gate.open()
    assert reason(await following) == "completed"
    assert track.adopted == ["page", "page"]


async def test_run_takes_up_a_scan_that_ended_meanwhile(track: Track) -> None:
    """Nobody was there to hear it; the journal has it."""
    worker = await track.worker(PAGE)
    await follow(track.run(worker))
    track.adopted.clear()
    assert reason(await follow(track.run(None))) == "completed"
    assert track.adopted == ["page"]


async def test_run_takes_up_a_scan_that_died_meanwhile(track: Track, gate: Gate) -> None:
    """Main and worker killed: the pages before are there, and the job says that it crashed."""
    worker = await track.worker(PAGE, ["half_a_page", str(gate.path)])
    await gate.reached()
    worker.kill()
    assert await worker.wait(LIMIT_S)
    assert reason(await follow(track.run(None))) == "faulted driver_crashed"
    assert track.adopted == ["page"]


async def test_worker_that_came_too_late_leaves_the_scan_to_the_one_before(
    track: Track, gate: Gate
) -> None:
    """Main was killed right after it started one, and its follower started another."""
    first = await track.worker(PAGE, ["gate", str(gate.path)], PAGE)
    await gate.reached()
    first.detach()
    second = await track.late_worker()
    following = asyncio.create_task(follow(track.run(second)))
    gate.open()
    assert reason(await following) == "completed"
    assert track.adopted == ["page", "page"]
    assert track.paper.notes("fed") == ["fed", "fed"]


async def test_worker_that_came_too_late_ends_its_run_where_the_one_before_died(
    track: Track, gate: Gate
) -> None:
    """It holds nothing that anybody would wait for."""
    first = await track.worker(PAGE, ["half_a_page", str(gate.path)])
    await gate.reached()
    first.kill()
    assert await first.wait(LIMIT_S)
    second = await track.late_worker()
    assert reason(await follow(track.run(second))) == "faulted driver_crashed"
    assert track.paper.notes("scan") == ["scan 1 on paper:0 at 300 dpi"]


async def test_cancel_is_heard_by_a_driver_that_listens(track: Track, gate: Gate) -> None:
    """Long before any signal; the pages before it stay."""
    worker = await track.worker(PAGE, ["visit", str(gate.path)], ["obey"])
    run = track.run(worker)
    following = asyncio.create_task(follow(run))
    await gate.reached()
    run.cancel()
    run.cancel()
    assert reason(await following) == "canceled"
    assert track.adopted == ["page"]
    assert await run.wait(LIMIT_S)


async def test_cancel_within_a_page_throws_the_page_away(track: Track, gate: Gate) -> None:
    """And keeps those before it."""
    worker = await track.worker(PAGE, ["obey_in_a_page", str(gate.path)])
    run = track.run(worker)
    following = asyncio.create_task(follow(run))
    await gate.reached()
    run.cancel()
    assert reason(await following) == "canceled"
    assert track.adopted == ["page"]


ESCALATIONS: dict[str, tuple[list[list[Any]], str]] = {
    "SIGTERM is heard": ([["hear_sigterm"]], "canceled"),
    "SIGTERM is ignored": ([["ignore_sigterm"]], "faulted driver_crashed"),
    "nothing is heard": ([], "faulted driver_crashed"),
}


@pytest.mark.parametrize("is_orphan", [False, True], ids=["our own", "an orphan"])
@pytest.mark.parametrize(("before", "expected"), ESCALATIONS.values(), ids=ESCALATIONS.keys())
async def test_cancel_that_is_not_heard_is_followed_by_sigterm_and_sigkill(
    track: Track,
    gate: Gate,
    life_line: LifeLine,
    before: list[list[Any]],
    expected: str,
    *,
    is_orphan: bool,
) -> None:
    """After 5 and 7 s, here at once: the scanner is free in the end, and the pages are safe."""
    assert (CancelLimits().term_s, CancelLimits().kill_s) == (5, 7)
    hold, visit = ["hold", str(life_line.path)], ["visit", str(gate.path)]
    steps: list[list[Any]] = [hold, PAGE, *before, visit, ["hang"]]
    worker = await track.worker(*steps)
    await gate.reached()
    if is_orphan:
        worker.detach()
    run = track.run(None if is_orphan else worker, limits=AT_ONCE)
    run.cancel()
    assert reason(await follow(run)) == expected
    assert track.adopted == ["page"]
    assert await life_line.released()
    assert not run.is_stuck
    assert run.is_gone()


async def test_cancel_reaches_the_worker_that_scans_and_not_the_one_that_came_too_late(
    track: Track, gate: Gate, life_line: LifeLine
) -> None:
    """The lock names it."""
    steps: list[list[Any]] = [
        ["hold", str(life_line.path)],
        PAGE,
        ["visit", str(gate.path)],
        ["hang"],
    ]
    first = await track.worker(*steps)
    await gate.reached()
    first.detach()
    second = await track.late_worker()
    run = track.run(second, limits=AT_ONCE)
    run.cancel()
    await follow(run)
    assert await life_line.released()
    assert not first.identity.is_running()


async def test_worker_that_cannot_be_ended_is_not_waited_for(
    track: Track, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stuck in the kernel: the device is marked, and the rest goes on."""
    worker = await track.worker(PAGE, ["ignore_sigterm"], ["visit", str(gate.path)], ["hang"])
    await gate.reached()
    monkeypatch.setattr(runner_module, "_GONE_S", 0.01)
    with monkeypatch.context() as patch:
        patch.setattr(system, "kill_group", lambda _: True)
        run = track.run(worker, limits=AT_ONCE)
        run.cancel()
        assert reason(await follow(run)) == "faulted device_hung"
    assert track.adopted == ["page"]
    assert run.is_stuck
    assert not run.is_gone()
    assert await run.wait(0)
    worker.kill()
    assert await worker.wait(LIMIT_S)
    assert run.is_gone()


async def test_run_that_is_left_leaves_its_worker_alone(track: Track, gate: Gate) -> None:
    """The service stops; the sheets go on."""
    worker = await track.worker(PAGE, ["gate", str(gate.path)], PAGE)
    run = track.run(worker)
    following = asyncio.create_task(follow(run))
    await gate.reached()
    await run.leave()
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following
    assert worker.identity.is_running()
    gate.open()
    track.adopted.clear()
    assert reason(await follow(track.run(None))) == "completed"
    assert track.adopted == ["page", "page"]


async def test_cancelled_run_that_is_left_ends_first(
    track: Track, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service stops while a driver does not hear: nobody would see to its end later."""
    monkeypatch.setattr(runner_module, "_LEAVE_S", 0.05)
    worker = await track.worker(PAGE, ["ignore_sigterm"], ["visit", str(gate.path)], ["hang"])
    run = track.run(worker)
    following = asyncio.create_task(follow(run))
    await gate.reached()
    run.cancel()
    await run.leave()
    assert reason(await following) == "faulted driver_crashed"
    assert await worker.wait(LIMIT_S)
    assert track.adopted == ["page"]


@pytest.mark.parametrize(
    "text", [None, "", "{", "[]", "7", '{"pid": 1}', '{"pid": "1", "started": 1, "boot_id": "x"}']
)
def test_read_holder_of_a_lock_that_names_nobody_is_nobody(
    tmp_path: Path, text: str | None
) -> None:
    """Not written yet, or not whole: it has not begun."""
    path = lock_path(tmp_path, 1)
    if text is not None:
        path.write_text(text)
    assert read_holder(path) is None
