"""The workers of an add-on: how many, for how long, and what happens after a crash."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flatbed.errors import (
    AddonMemoryError,
    AddonUnavailableError,
    AddonUnloadableError,
    PaperJamError,
    ResultInvalidError,
    WorkerCrashedError,
    WorkerTimeoutError,
)
from flatbed.runtime.addons import Addon
from flatbed.runtime.breaker import Breaker, BreakerLimits
from flatbed.runtime.pool import Pool, PoolLimits, PoolReport, Pools
from flatbed.runtime.process import WorkerProcess
from flatbed.runtime.seal import AddonChangedError

from ..made_addons import LIMIT_S, Gate, LifeLine, worker_site, write_addon
from .conftest import Workshop

ADDON = """
@hookimpl
def describe_environment():
    ready = "flatbed.runtime.scanning" in sys.modules
    return {"pid": str(os.getpid()), "is_ready_to_scan": "yes" if ready else "no"}

@hookimpl
def handle_request(request):
    if request.route == "hang":
        threading.Event().wait()
    if request.route == "crash":
        os._exit(1)
    if request.route == "raise":
        raise ValueError("lamp")
    if request.route == "jam":
        raise PaperJamError
    return {}
"""


async def pid(pool: Pool) -> int:
    """The process that answers a call."""
    answer = await pool.call("describe_environment", {}, timeout_s=LIMIT_S)
    return int(answer["pid"])


async def do(pool: Pool, what: str, timeout_s: float = LIMIT_S) -> Any:
    """Let a worker do something that it should not."""
    return await pool.call(
        "handle_request", {"request": {"method": "POST", "route": what}}, timeout_s=timeout_s
    )


async def prepared(pool: Pool) -> None:
    """Wait until the worker that stands by, or is warmed up, is there."""
    await asyncio.wait([task for task in (pool._preparing, pool._warming) if task is not None])


async def test_calls_share_a_warm_worker(workshop: Workshop) -> None:
    """A call on a warm worker takes a tenth of a millisecond, a cold one a hundred."""
    pool = workshop.pool(ADDON)
    assert len({await pid(pool) for _ in range(4)}) == 1


async def test_calls_run_side_by_side_on_as_many_workers_as_the_manifest_says(
    workshop: Workshop, gate: Gate
) -> None:
    """Two at the gate at once, the third only when one of them has gone through."""
    pool = workshop.pool(
        f"""
        @hookimpl
        def describe_environment():
            {gate.stop}
            return {{"pid": str(os.getpid())}}
        """,
        workers=2,
    )
    calls = [asyncio.create_task(pid(pool)) for _ in range(3)]
    await gate.reached()
    await gate.reached()
    assert pool._places.locked()
    for _ in calls:
        gate.open()
    await gate.reached()
    first, second, third = await asyncio.gather(*calls)
    assert first != second
    assert third in (first, second)


@pytest.mark.parametrize("what", ["crash", "hang"])
async def test_call_after_a_crash_gets_a_fresh_worker(workshop: Workshop, what: str) -> None:
    """The caller of before got the error, this one gets the answer."""
    pool = workshop.pool(ADDON)
    before = await pid(pool)
    with pytest.raises((WorkerCrashedError, WorkerTimeoutError)):
        await do(pool, what, LIMIT_S if what == "crash" else 0.05)
    assert await pid(pool) != before


@pytest.mark.parametrize("what", ["crash", "hang"])
async def test_calls_that_waited_behind_one_that_died_are_not_harmed(
    workshop: Workshop, what: str
) -> None:
    """They get their place in the same instant, and must not get the dying worker with it."""
    pool = workshop.pool(ADDON)
    dying = asyncio.create_task(do(pool, what, LIMIT_S if what == "crash" else 0.05))
    waiting = [asyncio.create_task(pid(pool)) for _ in range(3)]
    with pytest.raises((WorkerCrashedError, WorkerTimeoutError)):
        await dying
    assert len(set(await asyncio.gather(*waiting))) == 1


async def test_place_of_a_caller_that_is_gone_is_free_again(workshop: Workshop, gate: Gate) -> None:
    """Its worker is ended, the next caller gets another."""
    pool = workshop.pool(
        f"@hookimpl\ndef list_scanners():\n    {gate.stop}; return []\n",
        ADDON,
    )
    call = asyncio.create_task(pool.call("list_scanners", {}, timeout_s=LIMIT_S))
    await gate.reached()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await pid(pool) > 0


async def test_error_of_a_hook_keeps_its_worker_and_counts_as_no_crash(
    workshop: Workshop,
) -> None:
    """A jam is the paper's fault."""
    pool = workshop.pool(ADDON)
    before = await pid(pool)
    for _ in range(4):
        with pytest.raises(PaperJamError):
            await do(pool, "jam")
    assert await pid(pool) == before


async def test_worker_is_replaced_after_its_calls(workshop: Workshop) -> None:
    """Libraries leak: 500 calls are enough, here two."""
    pool = workshop.pool(ADDON, limits=PoolLimits(recycle_calls=2))
    first, second, third, fourth = [await pid(pool) for _ in range(4)]
    assert first == second != third == fourth
    assert PoolLimits().recycle_calls == 500


async def test_idle_worker_is_ended_after_its_time(workshop: Workshop, life_line: LifeLine) -> None:
    """A worker costs memory that nobody uses; the next call starts another."""
    pool = workshop.pool(life_line.hold, ADDON, limits=PoolLimits(idle_s=0))
    before = await pid(pool)
    await pool.end_idle()
    assert await life_line.released()
    assert await pid(pool) != before


async def test_worker_in_use_not_long_ago_stays(workshop: Workshop) -> None:
    """A minute by default."""
    pool = workshop.pool(ADDON)
    before = await pid(pool)
    pool.prepare()
    await prepared(pool)
    await pool.end_idle()
    assert await pid(pool) == before
    assert pool._standby is not None
    assert PoolLimits().idle_s == 60


@pytest.mark.parametrize("what", ["crash", "raise", "hang"])
async def test_breaker_opens_after_three_crashes_and_closes_after_its_rest(
    workshop: Workshop, what: str
) -> None:
    """Dead, raising and hanging alike; then calls are refused without starting a worker."""
    now = [0.0]
    pool = workshop.pool(ADDON)
    pool.breaker = Breaker("made", BreakerLimits(), lambda: now[0])
    for _ in range(3):
        with pytest.raises((WorkerCrashedError, WorkerTimeoutError)):
            await do(pool, what, 0.05 if what == "hang" else LIMIT_S)
    for call in (pool.call, pool.call_once):
        with pytest.raises(AddonUnavailableError):
            await call("describe_environment", {}, timeout_s=LIMIT_S)
    now[0] = 30.0
    assert await pid(pool) > 0


async def test_call_once_has_a_process_of_its_own_that_ends_with_it(
    workshop: Workshop, life_line: LifeLine
) -> None:
    """SANE's drivers hang in the second use of a process now and then."""
    pool = workshop.pool(life_line.hold, ADDON)
    answers = [
        await pool.call_once("describe_environment", {}, timeout_s=LIMIT_S) for _ in range(2)
    ]
    assert answers[0]["pid"] != answers[1]["pid"]
    assert await life_line.released()


@pytest.mark.parametrize(
    ("what", "error"),
    [("crash", WorkerCrashedError), ("hang", WorkerTimeoutError), ("jam", PaperJamError)],
)
async def test_call_once_that_fails_ends_its_process_and_counts(
    workshop: Workshop, life_line: LifeLine, what: str, error: type[Exception]
) -> None:
    """Crashes and hangs count for the breaker, errors of the tree do not."""
    pool = workshop.pool(life_line.hold, ADDON)
    pool.breaker = Breaker("made", BreakerLimits(crashes=1))
    arguments = {"request": {"method": "POST", "route": what}}
    with pytest.raises(error):
        await pool.call_once("handle_request", arguments, timeout_s=0.5 if what == "hang" else 30)
    assert life_line.is_free
    assert pool.breaker.is_open == (what != "jam")


async def test_prepared_worker_stands_by_ready_to_scan_and_is_taken_once(
    workshop: Workshop,
) -> None:
    """A job's worker is there when the job comes; nobody else gets it."""
    pool = workshop.pool(ADDON)
    pool.prepare()
    pool.prepare()
    await prepared(pool)
    standing_by = pool._standby
    first, second = await pool.take_fresh(), await pool.take_fresh()
    try:
        assert first is standing_by
        assert first is not second
        answer = await first.call("describe_environment", {}, timeout_s=LIMIT_S)
        assert answer["is_ready_to_scan"] == "yes"
    finally:
        await first.stop()
        await second.stop()


async def test_prepare_keeps_the_worker_that_stands_by(workshop: Workshop) -> None:
    """One is enough, and it counts as just used."""
    pool = workshop.pool(ADDON)
    pool.prepare()
    await prepared(pool)
    before = pool._standby
    pool.prepare()
    await prepared(pool)
    assert pool._standby is before


async def stand_by_dead(pool: Pool) -> WorkerProcess:
    """Let the worker that stands by die."""
    pool.prepare()
    await prepared(pool)
    assert pool._standby is not None
    pool._standby.kill()
    assert await pool._standby.wait(LIMIT_S)
    return pool._standby


async def test_worker_that_stands_by_and_died_is_taken_by_nobody(workshop: Workshop) -> None:
    """The system may have killed it meanwhile."""
    pool = workshop.pool(ADDON)
    dead = await stand_by_dead(pool)
    worker = await pool.take_fresh()
    assert worker is not dead
    assert worker.is_alive
    await worker.stop()


async def test_worker_that_stands_by_and_died_is_replaced(workshop: Workshop) -> None:
    """When the next one is prepared."""
    pool = workshop.pool(ADDON)
    dead = await stand_by_dead(pool)
    pool.prepare()
    await prepared(pool)
    assert pool._standby is not dead
    assert pool._standby is not None
    assert pool._standby.is_alive


async def test_worker_that_stands_by_too_long_is_ended(workshop: Workshop) -> None:
    """As idle ones are."""
    pool = workshop.pool(ADDON, limits=PoolLimits(idle_s=0))
    pool.prepare()
    await prepared(pool)
    assert pool._standby is not None
    worker = pool._standby
    await pool.end_idle()
    assert not worker.identity.is_running()


async def test_prepare_call_has_a_worker_ready_for_the_next_call(workshop: Workshop) -> None:
    """A page will want an encoder soon: its worker is started beforehand, once."""
    pool = workshop.pool(ADDON, distribution="flatbed")
    pool.prepare_call()
    pool.prepare_call()
    await prepared(pool)
    ((worker, _),) = pool._idle
    assert await pid(pool) == worker.identity.pid
    pool.prepare_call()
    assert len(pool._idle) == 1


async def test_close_ends_every_worker_that_is_not_used(
    workshop: Workshop, life_line: LifeLine
) -> None:
    """Idle ones, the one that stands by, and one that is just being started."""
    pool = workshop.pool(life_line.hold, ADDON, workers=2, distribution="flatbed")
    await pid(pool)
    assert not life_line.is_free
    pool.prepare()
    pool.prepare_call()
    starting = [pool._preparing, pool._warming]
    await pool.close()
    assert [task.done() for task in starting if task is not None] == [True]
    assert (pool._standby, len(pool._idle)) == (None, 0)
    assert life_line.is_free


REPORTED = """
@hookimpl
def start(config):
    if config.get("broken"):
        raise OSError("no lamp")

@hookimpl
def describe_environment():
    return {"tesseract": "5.3.0"}

@hookimpl
def read_barcodes(settings):
    return settings["answer"]

@hookimpl
def process_page(operation):
    if operation == "jam":
        raise PaperJamError
    if operation == "eat":
        return bytearray(1 << 40)
    if operation == "start":
        subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    return {"pid": os.getpid()}
"""


async def work(pool: Pool, operation: str = "work") -> Any:
    """Carry out an operation."""
    return await pool.call("process_page", {"operation": operation}, timeout_s=LIMIT_S)


async def test_report_of_an_addon_that_nobody_has_used_starts_nothing(tmp_path: Path) -> None:
    """Whoever lists the add-ons does not want them all to run."""
    pools = Pools(worker_site(tmp_path))
    addon = write_addon(tmp_path / "addon", "raise SystemExit")
    assert pools.report(addon) == PoolReport(
        state="idle", last_error=None, environment=None, workers=0
    )
    assert pools._pools == {}


async def test_report_tells_workers_and_the_environment_that_was_asked_for(tmp_path: Path) -> None:
    """Asked once; the answer is kept while the worker is not."""
    pools = Pools(worker_site(tmp_path))
    addon = write_addon(tmp_path / "addon", REPORTED)
    assert await pools.describe_environment(addon) == {"tesseract": "5.3.0"}
    report = pools.report(addon)
    assert (report.state, report.workers) == ("running", 1)
    assert (report.environment, report.last_error) == ({"tesseract": "5.3.0"}, None)
    await pools.close()
    report = pools.report(addon)
    assert (report.state, report.workers) == ("idle", 0)
    assert await pools.describe_environment(addon) == {"tesseract": "5.3.0"}
    assert pools.report(addon).workers == 0


async def test_environment_of_an_addon_that_describes_none_is_empty(workshop: Workshop) -> None:
    """The hook is optional."""
    pool = workshop.pool("@hookimpl\ndef process_page():\n    return 1\n")
    assert await pool.describe_environment() == {}


async def test_report_tells_the_last_fault_and_no_error_of_the_paper(workshop: Workshop) -> None:
    """With its time and the operation, until there is another."""
    pool = workshop.pool(REPORTED)
    with pytest.raises(PaperJamError):
        await work(pool, "jam")
    assert pool.report().last_error is None
    with pytest.raises(ResultInvalidError):
        await pool.call("read_barcodes", {"settings": {"answer": 7}}, timeout_s=LIMIT_S)
    with pytest.raises(AddonMemoryError):
        await work(pool, "eat")
    last = pool.report().last_error
    assert last is not None
    assert datetime.fromisoformat(last.pop("at")).utcoffset() == timedelta(0)
    assert last == {
        "error": "addon_out_of_memory",
        "code": -1002,
        "message": (
            "The add-on 'made' 1.2.3 ran out of its 1024 MB of memory."
            " Your pages are safe; try a smaller page or file."
        ),
        "details": {"addon": "made", "version": "1.2.3"},
        "operation": "eat",
    }


async def test_report_of_an_addon_that_cannot_be_loaded_says_that_it_rests(
    workshop: Workshop,
) -> None:
    """After as many times as crashes; the hook stands in for the operation."""
    limits = PoolLimits(breaker=BreakerLimits(crashes=1))
    pool = workshop.pool(REPORTED, config={"broken": True}, limits=limits)
    with pytest.raises(AddonUnloadableError):
        await pool.describe_environment()
    report = pool.report()
    assert (report.state, report.environment) == ("resting", None)
    assert report.last_error is not None
    assert report.last_error["error"] == "addon_unloadable"
    assert report.last_error["operation"] == "describe_environment"


@pytest.mark.parametrize("call", ["call", "call_once"])
async def test_answer_that_cannot_be_is_a_fault_and_counts_as_a_crash(
    workshop: Workshop, call: str
) -> None:
    """Main reads no field of it."""
    pool = workshop.pool(REPORTED, limits=PoolLimits(breaker=BreakerLimits(crashes=1)))
    arguments = {"settings": {"answer": [{"text": "x"}]}}
    with pytest.raises(ResultInvalidError, match="missing required field"):
        await getattr(pool, call)("read_barcodes", arguments, timeout_s=LIMIT_S)
    assert pool.breaker.is_open


async def test_worker_whose_call_left_a_child_is_not_used_again(workshop: Workshop) -> None:
    """Nor is one that ran out of memory: what it holds is not given back."""
    pool = workshop.pool(REPORTED)
    first = (await work(pool))["pid"]
    assert (await work(pool, "start"))["pid"] == first
    second = (await work(pool))["pid"]
    with pytest.raises(AddonMemoryError):
        await work(pool, "eat")
    third = (await work(pool))["pid"]
    assert len({first, second, third}) == 3


async def test_prepare_call_starts_nothing_of_an_addon_that_is_not_of_the_core(
    workshop: Workshop,
) -> None:
    """Nothing of it is imported before its first use."""
    pool = workshop.pool("raise SystemExit")
    pool.prepare_call()
    assert pool._warming is None


async def test_worker_of_an_addon_whose_files_were_changed_is_not_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its files are looked at first, in a thread; the report tells it."""

    def verify(_: Addon) -> None:
        assert threading.current_thread() is not threading.main_thread()
        raise AddonChangedError("The files were changed.")

    monkeypatch.setattr(Addon, "verify", verify)
    pools = Pools(worker_site(tmp_path))
    addon = write_addon(tmp_path / "addon", REPORTED)
    for start in (pools.of(addon).describe_environment, pools.of(addon).take_fresh):
        with pytest.raises(AddonChangedError):
            await start()
    report = pools.report(addon)
    assert (report.workers, report.state) == (0, "idle")
    assert report.last_error is not None
    assert report.last_error["error"] == "addon_changed"
    await pools.close()


async def test_pools_have_one_for_each_version_of_each_addon(tmp_path: Path) -> None:
    """Two versions run side by side, each in processes of its own."""
    pools = Pools(worker_site(tmp_path))
    old = write_addon(tmp_path / "old", ADDON, version="1.0")
    new = write_addon(tmp_path / "new", ADDON, version="2.0")
    assert pools.of(old) is pools.of(old)
    assert pools.of(old) is not pools.of(new)
    assert await pid(pools.of(old)) != await pid(pools.of(new))
    await pools.close()
    assert [len(pools.of(each)._idle) for each in (old, new)] == [0, 0]
    await pools.close()


async def test_pools_end_idle_workers_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, life_line: LifeLine
) -> None:
    """Nobody has to ask."""
    monkeypatch.setattr("flatbed.runtime.pool._LOOK_S", 0.01)
    pools = Pools(worker_site(tmp_path), PoolLimits(idle_s=0))
    await pid(pools.of(write_addon(tmp_path / "addon", life_line.hold, ADDON)))
    assert await life_line.released()
    await pools.close()
