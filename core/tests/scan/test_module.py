"""Jobs from their creation to their deletion: one a scanner, no page lost, restarts included."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flatbed import system
from flatbed.errors import (
    DeviceHungError,
    DiskFullError,
    InvalidInputError,
    JobGoneError,
    JobNotFoundError,
    ScannerHeldError,
    ScannerNotFoundError,
    UnsupportedSettingError,
    WrongStateError,
)
from flatbed.runtime.breaker import Breaker, BreakerLimits
from flatbed.scan import runner as runner_module
from flatbed.scan.launch import DiskLimits
from flatbed.scan.request import JobRequest
from flatbed.scan.runner import CancelLimits, ScanRun
from flatbed.scan.wishes import pack_settings
from flatbed.storage.events import LOCAL

from ..made_addons import LIMIT_S, Gate, LifeLine
from .desk import NO_FLOORS, ScanDesk
from .made_jobs import ORIGIN, made_job

OTHER = "https://other.example"
OFFICE, HALL = {"id": "paper:0", "name": "Office"}, {"id": "paper:1", "name": "Hall"}
JAM = ["raise", "PaperJamError"]
AT_ONCE = CancelLimits(term_s=0.01, kill_s=0.02)


def pages(*values: int) -> list[list[Any]]:
    """Steps that feed sheets of these values."""
    return [["page", value] for value in values]


def problem(job: Any) -> tuple[str, str]:
    """The name and the sentence of a job's error."""
    return job.error["error"], job.error["message"]


def problem_of_wait(job: Any) -> str:
    """The name of what a job waits for."""
    return str(job.waiting["error"])


async def in_time(action: Any) -> Any:
    """Wait for something, but not for ever."""
    async with asyncio.timeout(LIMIT_S):
        return await action


async def relimit(desk: ScanDesk, **limits: Any) -> None:
    """Start anew with other limits."""
    await desk.stop()
    desk.limits = replace(desk.limits, **limits)
    desk.start()


async def test_job_runs_at_once_and_completes_with_its_pages(desk: ScanDesk) -> None:
    """Each as it was scanned; the scanner is free and the spool empty afterwards."""
    job = await desk.create(pages(10, 20, 30))
    assert (job.status, job.attempt, job.scanner_name) == ("running", 1, "Office")
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [10, 20, 30]
    assert (job.error, job.warnings, desk.spool()) == (None, [], [])
    again = await desk.create(pages(40))
    assert await desk.settled(again) == "completed"


async def test_worker_stands_by_for_the_next_job(desk: ScanDesk) -> None:
    """From the moment that a scanner is listed, and again when a job has ended."""
    desk.has_standby = True
    await desk.restart()
    pool = desk.pools.of(desk.paper.addon)
    taken = []
    for _ in range(2):
        await desk.scanners.find(None)
        assert pool._preparing is not None
        await pool._preparing
        taken.append(pool._standby)
        assert await desk.settled(await desk.create(pages(10))) == "completed"
    assert None not in taken
    assert taken[0] is not taken[1]


async def test_job_tells_its_way_in_events(desk: ScanDesk) -> None:
    """For its own origin, in order."""
    job = await desk.create(pages(10))
    await desk.settled(job)
    told = [
        (event.type, event.data.get("status"))
        for event in desk.events.after(0, origin=ORIGIN)
        if event.subject == job.uid
    ]
    assert told == [("job.status", "running"), ("page.added", None), ("job.status", "completed")]


async def test_job_is_in_the_index_before_its_creation_returns(desk: ScanDesk) -> None:
    """With its key: what was promised by 201 is done, whatever happens next."""
    job = await desk.create(pages(10), autoRun=False)
    (stored,) = desk.store.load_all()
    assert stored == job


async def test_pending_job_holds_its_scanner_until_it_is_started(desk: ScanDesk) -> None:
    """Nobody else gets it in between; nothing moves."""
    job = await desk.create(pages(10), autoRun=False)
    assert job.status == "pending"
    with pytest.raises(ScannerHeldError, match="'Office' is in use by another job"):
        await desk.create()
    assert desk.paper.notes("scan") == []
    desk.paper.write(scans=[pages(10)])
    await desk.module.change_status(job, "running")
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [10]


async def test_one_of_two_jobs_created_at_once_gets_the_scanner(desk: ScanDesk) -> None:
    """However they interleave."""
    desk.paper.write(scans=[pages(10)])
    found = await asyncio.gather(
        *(desk.module.create(JobRequest(), origin=ORIGIN) for _ in range(5)),
        return_exceptions=True,
    )
    assert sorted(type(each).__name__ for each in found) == ["ScanJob"] + ["ScannerHeldError"] * 4
    (job,) = desk.module.jobs()
    assert await desk.settled(job) == "completed"
    assert desk.paper.notes("scan") == ["scan 1 on paper:0 at 150 dpi"]


async def test_two_scanners_scan_at_once_and_every_page_is_at_its_owner(
    desk: ScanDesk, gate: Gate
) -> None:
    """Neither waits for the other, and no page strays."""
    desk.paper.write(scanners=[OFFICE, HALL])
    stop = ["gate", str(gate.path)]
    first = await desk.create([stop, *pages(10, 11)], device="Office")
    await gate.reached()
    second = await desk.create([stop, *pages(20, 21)], device="Hall", origin=OTHER)
    await gate.reached()
    gate.open()
    gate.open()
    assert [await desk.settled(job) for job in (first, second)] == ["completed"] * 2
    assert (desk.pixels(first), desk.pixels(second)) == ([10, 11], [20, 21])
    origins = {page.origin for page in desk.buffer.pages_of(second.uid)}
    assert origins == {OTHER}


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        ({"device": "Attic"}, ScannerNotFoundError),
        ({"config": {"Resolution": 301}}, UnsupportedSettingError),
        ({"config": {"PixelType": 9}}, InvalidInputError),
        ({"settings": "nonsense"}, InvalidInputError),
        (
            {"caps": {"exception": "fail", "capabilities": [{"capability": 9999}]}},
            UnsupportedSettingError,
        ),
    ],
    ids=["scanner", "resolution", "colour", "snapshot", "capability"],
)
async def test_job_that_cannot_be_is_refused_and_holds_nothing(
    desk: ScanDesk, request_: dict[str, Any], kind: type[Exception]
) -> None:
    """The next one gets the scanner."""
    with pytest.raises(kind):
        await desk.module.create(_request(request_), origin=ORIGIN)
    assert desk.module.jobs() == []
    assert await desk.settled(await desk.create(pages(10))) == "completed"


async def test_later_settings_of_a_job_win(desk: ScanDesk) -> None:
    """In the order `settings`, `caps`, `config`."""
    first = await desk.create(autoRun=False, config={"Resolution": 150, "XferCount": 3})
    snapshot = pack_settings(first.wishes)
    await desk.module.delete(first)
    caps = {"capabilities": [{"capability": 4376, "curValue": 300}, {"capability": 4353}]}
    job = await desk.module.create(
        _request({"settings": snapshot, "caps": caps, "config": {"xfercount": 5}}),
        origin=ORIGIN,
    )
    assert (job.settings.dpi, job.settings.max_pages) == (300, 5)
    assert len(job.warnings) == 1
    await desk.module.delete(job)


async def test_job_that_cannot_be_written_down_is_none(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk: the caller hears it, the scanner is free, nothing moved."""

    async def save(*_: Any) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "save", save)
        with pytest.raises(DiskFullError):
            await desk.create(pages(10))
    assert (desk.module.jobs(), desk.paper.notes("scan")) == ([], [])
    assert await desk.settled(await desk.create(pages(10))) == "completed"


async def test_job_is_given_to_its_own_origin_and_the_local_principal(desk: ScanDesk) -> None:
    """Another cannot tell it from one that there never was."""
    job = await desk.create(autoRun=False)
    assert desk.module.get(job.uid, origin=ORIGIN) is job
    assert desk.module.get(job.uid, origin=LOCAL) is job
    for uid, origin in ((job.uid, OTHER), ("0" * 32, ORIGIN), ("0" * 32, LOCAL)):
        with pytest.raises(JobNotFoundError) as caught:
            desk.module.get(uid, origin=origin)
        assert type(caught.value) is JobNotFoundError


async def test_deleted_job_is_gone_to_its_origin_and_unknown_to_others(desk: ScanDesk) -> None:
    """410 and 404; its pages, key and spool are gone too."""
    job = await desk.create(pages(10))
    await desk.settled(job)
    await desk.module.delete(job)
    for origin in (ORIGIN, LOCAL):
        with pytest.raises(JobGoneError):
            desk.module.get(job.uid, origin=origin)
    with pytest.raises(JobNotFoundError) as caught:
        desk.module.get(job.uid, origin=OTHER)
    assert type(caught.value) is JobNotFoundError
    assert (desk.store.load_all(), desk.buffer.pages_of(job.uid), desk.spool()) == ([], [], [])


async def test_cancel_ends_a_running_job_and_keeps_its_pages(desk: ScanDesk, gate: Gate) -> None:
    """The scanner is free when the caller hears it."""
    job = await desk.create([*pages(10, 20), ["visit", str(gate.path)], ["obey"]])
    await gate.reached()
    await in_time(desk.module.change_status(job, "canceled"))
    assert await desk.settled(job) == "canceled"
    assert (desk.pixels(job), job.error) == ([10, 20], None)
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_cancel_is_acknowledged_before_the_device_has_heard_it(
    desk: ScanDesk, gate: Gate, life_line: LifeLine
) -> None:
    """In 2 s, here at once; the scanner stays held until its process is really gone."""
    await relimit(desk, cancel_ack_s=0, cancel=CancelLimits(term_s=0.2, kill_s=0.3))
    hold, visit = ["hold", str(life_line.path)], ["visit", str(gate.path)]
    job = await desk.create([hold, *pages(10), ["ignore_sigterm"], visit, ["hang"]])
    await gate.reached()
    await desk.has_pages(job, 1)
    await in_time(desk.module.change_status(job, "canceled"))
    assert job.status == "canceled"
    with pytest.raises(ScannerHeldError):
        await desk.create()
    assert await desk.settled(job) == "canceled"
    assert life_line.is_free
    assert desk.pixels(job) == [10]
    assert await desk.settled(await desk.create(pages(30))) == "completed"


@pytest.mark.parametrize("wanted", ["canceled", "running"])
async def test_ended_job_changes_no_more(desk: ScanDesk, wanted: Any) -> None:
    """409."""
    job = await desk.create(pages(10))
    await desk.settled(job)
    with pytest.raises(WrongStateError):
        await desk.module.change_status(job, wanted)
    assert job.status == "completed"


async def test_pending_job_can_be_started_only_and_a_running_one_cancelled_only(
    desk: ScanDesk, gate: Gate
) -> None:
    """The other way round is 409; neither is harmed by it."""
    job = await desk.create(autoRun=False)
    with pytest.raises(WrongStateError, match="only a running one can be cancelled"):
        await desk.module.change_status(job, "canceled")
    desk.paper.write(scans=[[["gate", str(gate.path)], *pages(10)]])
    await desk.module.change_status(job, "running")
    await gate.reached()
    with pytest.raises(WrongStateError):
        await desk.module.change_status(job, "running")
    gate.open()
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [10]


async def test_delete_of_a_running_job_cancels_it_and_waits_until_the_scanner_is_free(
    desk: ScanDesk, gate: Gate, life_line: LifeLine
) -> None:
    """204 means: really free."""
    hold, visit = ["hold", str(life_line.path)], ["visit", str(gate.path)]
    job = await desk.create([hold, *pages(10), visit, ["obey"]])
    await gate.reached()
    await in_time(asyncio.gather(desk.module.delete(job), desk.module.delete(job)))
    assert life_line.is_free
    assert (desk.buffer.pages_of(job.uid), desk.spool(), desk.store.load_all()) == ([], [], [])
    assert await desk.settled(await desk.create(pages(30))) == "completed"


@pytest.mark.parametrize("is_pending", [True, False], ids=["pending", "completed"])
async def test_delete_that_fails_can_be_done_again(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch, *, is_pending: bool
) -> None:
    """A full disk: the job is as before, with its scanner if it had one, and nothing is lost."""
    job = await desk.create(pages(10), autoRun=not is_pending)
    status = job.status if is_pending else await desk.settled(job)

    async def delete(_: Any) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer, "delete_job_pages", delete)
        with pytest.raises(DiskFullError):
            await desk.module.delete(job)
    assert desk.module.get(job.uid, origin=ORIGIN) is job
    assert (job.status, desk.pixels(job)) == (status, [] if is_pending else [10])
    if is_pending:
        with pytest.raises(ScannerHeldError):
            await desk.create(pages(20))
    await desk.module.delete(job)
    with pytest.raises(JobGoneError):
        desk.module.get(job.uid, origin=ORIGIN)
    assert await desk.settled(await desk.create(pages(20))) == "completed"


async def test_caller_who_waits_for_a_page_of_a_job_that_is_deleted_hears_it(
    desk: ScanDesk, gate: Gate
) -> None:
    """410 instead of waiting for ever."""
    job = await desk.create([["visit", str(gate.path)], ["obey"]])
    await gate.reached()
    waiting = asyncio.create_task(
        desk.module.handout.next(job, "handed_out", is_settled=lambda: desk.module.is_settled(job))
    )
    await asyncio.wait([waiting], timeout=0)
    await in_time(desk.module.delete(job))
    with pytest.raises(JobGoneError):
        await in_time(waiting)


async def test_fault_after_some_pages_keeps_them_and_frees_the_scanner(desk: ScanDesk) -> None:
    """The job says what happened, what is safe and what to do."""
    job = await desk.create([*pages(10, 20), JAM, *pages(30)])
    assert await desk.settled(job) == "faulted"
    assert desk.pixels(job) == [10, 20]
    name, message = problem(job)
    assert name == "paper_jam"
    assert message.endswith("Your 2 pages are safe.")
    assert desk.spool() == []
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_paused_job_goes_on_in_the_same_job(desk: ScanDesk) -> None:
    """`onFault: pause`: the remaining sheets come behind those before, each once."""
    job = await desk.create([*pages(10, 20), JAM], [*pages(30), JAM], pages(40), onFault="pause")
    for count in (2, 3):
        await desk.stands(job, "paused")
        assert (problem(job)[0], desk.buffer.count_of(job.uid)) == ("paper_jam", count)
        with pytest.raises(ScannerHeldError):
            await desk.module.create(JobRequest(), origin=ORIGIN)
        await desk.module.change_status(job, "running")
    assert await desk.settled(job) == "completed"
    assert (desk.pixels(job), job.error, job.attempt) == ([10, 20, 30, 40], None, 3)
    assert [page.ordinal for page in desk.buffer.pages_of(job.uid)] == [0, 1, 2, 3]


async def test_paused_job_can_be_ended_with_its_pages(desk: ScanDesk) -> None:
    """`PATCH canceled`."""
    job = await desk.create([*pages(10), JAM], onFault="pause")
    await desk.stands(job, "paused")
    await desk.module.change_status(job, "canceled")
    assert await desk.settled(job) == "canceled"
    assert (desk.pixels(job), desk.spool()) == ([10], [])
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_feeder_that_is_empty_at_once_pauses_a_job_that_wants_it(desk: ScanDesk) -> None:
    """Paper is loaded, then it goes on."""
    job = await desk.create([["raise", "FeederEmptyError"]], pages(10), onFault="pause")
    await desk.stands(job, "paused")
    assert problem(job)[0] == "feeder_empty"
    await desk.module.change_status(job, "running")
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [10]


@pytest.mark.parametrize("step", ["exit", "bug"])
async def test_driver_that_crashes_faults_its_job_and_the_next_one_works(
    desk: ScanDesk, step: str
) -> None:
    """The pages before it are safe; the one in transport is named."""
    job = await desk.create([*pages(10), [step]])
    assert await desk.settled(job) == "faulted"
    assert problem(job)[0] == "driver_crashed"
    assert "Your page is safe. Page 2 may lie in the scanner" in problem(job)[1]
    assert (desk.pixels(job), job.is_recovered) == ([10], False)
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_driver_that_crashes_again_and_again_rests(desk: ScanDesk) -> None:
    """The fourth job says so at once, without a worker."""
    pool = desk.pools.of(desk.paper.addon)
    pool.breaker = Breaker("paper", BreakerLimits())
    for _ in range(3):
        assert await desk.settled(await desk.create([["exit"]])) == "faulted"
    job = await desk.create(pages(10))
    assert await desk.settled(job) == "faulted"
    assert problem(job)[0] == "addon_unavailable"
    assert len(desk.paper.notes("scan")) == 3


async def test_jam_is_no_crash_of_the_driver(desk: ScanDesk) -> None:
    """Any number of them."""
    pool = desk.pools.of(desk.paper.addon)
    pool.breaker = Breaker("paper", BreakerLimits(crashes=1))
    assert await desk.settled(await desk.create([JAM])) == "faulted"
    assert await desk.settled(await desk.create(pages(10))) == "completed"


async def test_scan_without_a_page_is_a_fault(desk: ScanDesk) -> None:
    """An empty job is never passed off as a success."""
    job = await desk.create([["open"]])
    assert await desk.settled(job) == "faulted"
    assert problem(job)[0] == "empty_page"


async def test_warnings_of_a_scan_stand_in_its_job_once(desk: ScanDesk) -> None:
    """Behind those about its settings."""
    job = await desk.create(
        [["warn", "Dusty."], *pages(10), ["warn", "Dusty."]],
        config={"IfFeederEnabled": False},
    )
    await desk.settled(job)
    assert job.warnings == ["The scanner has no flatbed; its feeder is used.", "Dusty."]


@pytest.mark.parametrize(("wish", "has_jpeg"), [("image/jpeg", True), ("image/png", False)])
async def test_job_that_says_so_has_jpegs_beside_its_pages(
    desk: ScanDesk, wish: str, *, has_jpeg: bool
) -> None:
    """Encoded by the worker, behind the page."""
    job = await desk.create(pages(10, 20), mediaType=wish)
    await desk.settled(job)
    assert [page.has_jpeg for page in desk.buffer.pages_of(job.uid)] == [has_jpeg] * 2


@pytest.mark.parametrize("on_fault", ["fault", "pause"])
async def test_job_without_room_for_it_does_not_start(desk: ScanDesk, on_fault: Any) -> None:
    """It waits where it may: when there is room again, it goes on."""
    await relimit(desk, disk=DiskLimits(start_min=1 << 60))
    job = await desk.create(pages(10), pages(10), onFault=on_fault)
    expected = "paused" if on_fault == "pause" else "faulted"
    await desk.stands(job, expected)
    assert problem(job)[0] == "disk_full"
    assert desk.paper.notes("scan") == []
    if on_fault == "pause":
        desk.launcher._limits = replace(desk.limits, disk=NO_FLOORS)
        await desk.module.change_status(job, "running")
        assert await desk.settled(job) == "completed"
        assert desk.pixels(job) == [10]


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (sqlite3.OperationalError("disk I/O error"), "internal_error"),
        (DiskFullError(), "disk_full"),
    ],
    ids=["broken", "full"],
)
async def test_pages_that_cannot_be_adopted_end_the_scan_before_the_scanner_is_free(
    desk: ScanDesk,
    gate: Gate,
    life_line: LifeLine,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    name: str,
) -> None:
    """Nobody follows it any more: it must not feed sheets behind the next job's back."""

    async def adopt(*_: Any, **__: Any) -> None:
        raise error

    await relimit(desk, cancel=CancelLimits(term_s=0.3))
    hold, stop = ["hold", str(life_line.path)], ["gate", str(gate.path)]
    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer, "adopt", adopt)
        job = await desk.create([hold, stop, *pages(10), ["obey"]])
        await gate.reached()
        gate.open()
        assert await in_time(desk.settled(job)) == "faulted"
    assert problem(job)[0] == name
    assert life_line.is_free
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_job_paused_because_nothing_could_be_adopted_loses_no_sheet(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The index found no room: the sheets are in the spool, and none is fed again."""
    real = desk.buffer.adopt

    async def adopt(*_: Any, **__: Any) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer, "adopt", adopt)
        job = await desk.create(pages(10, 20), pages(30), onFault="pause")
        await in_time(desk.stands(job, "paused"))
    assert desk.buffer.adopt == real
    fed = len(desk.paper.notes("fed"))
    assert desk.pixels(job) == [10, 20][:fed]
    await desk.module.change_status(job, "running")
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [*[10, 20][:fed], 30]


async def test_released_job_is_cancelled_and_its_scanner_free(desk: ScanDesk) -> None:
    """Whoever wanted it is gone."""
    job = await desk.create(autoRun=False)
    await desk.module.release(job)
    assert (job.status, desk.store.load_all()[0].status) == ("canceled", "canceled")
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_restart_in_the_middle_of_a_scan_loses_no_page(desk: ScanDesk, gate: Gate) -> None:
    """The worker goes on by itself; the new process follows it, each page comes once."""
    stop = ["gate", str(gate.path)]
    job = await desk.create([*pages(10, 20), stop, *pages(30), stop, *pages(40)])
    await gate.reached()
    await desk.has_pages(job, 2)
    await desk.stop()
    gate.open()
    await gate.reached()
    desk.start()
    await desk.module.restore()
    (again,) = desk.module.jobs()
    assert (again.uid, again.status, again.attempt) == (job.uid, "running", 1)
    with pytest.raises(ScannerHeldError):
        await desk.module.create(JobRequest(), origin=ORIGIN)
    gate.open()
    assert await desk.settled(again) == "completed"
    assert desk.pixels(again) == [10, 20, 30, 40]
    assert (desk.paper.notes("scan"), desk.spool()) == (["scan 1 on paper:0 at 150 dpi"], [])
    added = [e for e in desk.events.after(0, origin=ORIGIN) if e.type == "page.added"]
    assert len(added) == 4


async def test_restart_after_a_scan_ended_alone_finds_all_of_it(
    desk: ScanDesk, gate: Gate, life_line: LifeLine
) -> None:
    """Nobody was there when the last pages came."""
    hold, stop = ["hold", str(life_line.path)], ["gate", str(gate.path)]
    job = await desk.create([hold, *pages(10), stop, *pages(20), JAM])
    await gate.reached()
    await desk.stop()
    gate.open()
    assert await life_line.released()
    desk.start()
    await desk.module.restore()
    (again,) = desk.module.jobs()
    assert await desk.settled(again) == "faulted"
    assert (again.uid, desk.pixels(again), problem(again)[0]) == (job.uid, [10, 20], "paper_jam")


async def test_restart_starts_a_job_whose_worker_never_began(desk: ScanDesk) -> None:
    """Main was killed between the 201 and the worker's first breath."""
    scanner = await desk.scanners.find(None)
    job = made_job(scanner_uid=scanner.uid)
    job.move_to("running")
    await desk.store.save(job)
    desk.paper.write(scans=[pages(10, 20)])
    await desk.restart()
    (again,) = desk.module.jobs()
    assert await desk.settled(again) == "completed"
    assert (desk.pixels(again), again.attempt, again.is_recovered) == ([10, 20], 1, False)


async def test_restart_after_the_worker_died_too_offers_what_was_recovered(
    desk: ScanDesk, gate: Gate
) -> None:
    """Both killed: the pages before are there, and the person is told."""
    job = await desk.create([*pages(10), ["half_a_page", str(gate.path)]])
    await gate.reached()
    run = desk.module._attempts._runs[job.uid]
    await desk.stop()
    identity = run._identity()
    assert identity is not None
    system.kill_group(identity)
    desk.start()
    await desk.module.restore()
    (again,) = desk.module.jobs()
    assert await desk.settled(again) == "faulted"
    assert (desk.pixels(again), problem(again)[0]) == ([10], "driver_crashed")
    assert again.is_recovered
    await desk.module.keep_recovered(again)
    await desk.restart()
    assert [each.is_recovered for each in desk.module.jobs()] == [False]


@pytest.mark.parametrize("deed", ["cancel", "delete"])
@pytest.mark.parametrize("last", [["obey"], ["hang"]], ids=["listens", "is deaf"])
async def test_cancel_and_delete_reach_a_worker_that_lost_its_main(
    desk: ScanDesk, gate: Gate, life_line: LifeLine, deed: str, last: list[Any]
) -> None:
    """By SIGTERM to the process that its lock names, by SIGKILL where that is not heard."""
    hold, visit = ["hold", str(life_line.path)], ["visit", str(gate.path)]
    await desk.create([hold, *pages(10), visit, last])
    await gate.reached()
    if last == ["hang"]:
        desk.limits = replace(desk.limits, cancel=AT_ONCE)
    await desk.restart()
    (job,) = desk.module.jobs()
    if deed == "cancel":
        await in_time(desk.module.change_status(job, "canceled"))
        assert await desk.settled(job) == "canceled"
        assert desk.pixels(job) == [10]
    else:
        await in_time(desk.module.delete(job))
        assert desk.buffer.pages_of(job.uid) == []
    assert await life_line.released()
    assert await desk.settled(await desk.create(pages(30))) == "completed"


async def test_restart_ends_a_worker_whose_cancel_was_acknowledged_and_not_yet_heard(
    desk: ScanDesk, gate: Gate, life_line: LifeLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job has ended for everybody; what still holds the scanner is ended too."""
    await relimit(desk, cancel_ack_s=0)
    hold, visit = ["hold", str(life_line.path)], ["visit", str(gate.path)]
    job = await desk.create([hold, *pages(10), visit, ["hang"]])
    await gate.reached()
    await desk.has_pages(job, 1)
    await in_time(desk.module.change_status(job, "canceled"))
    # As a main process that is killed, which waits for nobody.
    monkeypatch.setattr(ScanRun, "wait", _wait_for_nobody)
    monkeypatch.setattr(ScanRun, "_identity", lambda _: None)
    await desk.restart()
    monkeypatch.undo()
    (again,) = desk.module.jobs()
    assert (again.status, desk.pixels(again)) == ("canceled", [10])
    assert await life_line.released()
    assert desk.spool() == []


async def test_restart_keeps_scanners_held_by_jobs_that_have_not_ended(desk: ScanDesk) -> None:
    """Pending and paused ones; ended ones hold nothing, and their pages are there."""
    desk.paper.write(scanners=[OFFICE, HALL, {"id": "paper:2", "name": "Attic"}])
    ended = await desk.create(pages(10), device="Attic")
    await desk.settled(ended)
    pending = await desk.create(device="Office", autoRun=False)
    paused = await desk.create([*pages(20), JAM], pages(30), device="Hall", onFault="pause")
    await desk.stands(paused, "paused")
    await desk.restart()
    jobs = {job.uid: job for job in desk.module.jobs()}
    assert {uid: job.status for uid, job in jobs.items()} == {
        ended.uid: "completed",
        pending.uid: "pending",
        paused.uid: "paused",
    }
    for device in ("Office", "Hall"):
        with pytest.raises(ScannerHeldError):
            await desk.module.create(JobRequest(device=device), origin=ORIGIN)
    assert desk.pixels(jobs[ended.uid]) == [10]
    await desk.module.change_status(jobs[paused.uid], "running")
    assert await desk.settled(jobs[paused.uid]) == "completed"
    assert desk.pixels(jobs[paused.uid]) == [20, 30]


async def test_restart_clears_the_spool_of_what_it_does_not_need(desk: ScanDesk) -> None:
    """Of ended and unknown jobs; that of a paused one is kept."""
    paused = await desk.create([*pages(10), JAM], onFault="pause")
    await desk.stands(paused, "paused")
    (desk.folder / "spool" / "unknown").mkdir()
    await desk.restart()
    assert desk.spool() == [paused.uid]


async def test_scanner_whose_worker_cannot_be_ended_is_refused_and_the_others_go_on(
    desk: ScanDesk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stuck in the kernel: the device is marked until its process is gone at last."""
    monkeypatch.setattr(runner_module, "_GONE_S", 0.01)
    await relimit(desk, cancel=AT_ONCE)
    desk.paper.write(scanners=[OFFICE, HALL])
    steps = [*pages(10), ["ignore_sigterm"], ["visit", str(gate.path)], ["hang"]]
    job = await desk.create(steps, device="Office")
    await gate.reached()
    run = desk.module._attempts._runs[job.uid]
    with monkeypatch.context() as patch:
        patch.setattr(system, "kill_group", lambda _: True)
        await in_time(desk.module.change_status(job, "canceled"))
        assert await desk.settled(job) == "canceled"
    with pytest.raises(DeviceHungError, match="The driver of 'Office' hangs in the system"):
        await desk.create(device="Office")
    assert await desk.settled(await desk.create(pages(20), device="Hall")) == "completed"
    identity = run._identity()
    assert identity is not None
    system.kill_group(identity)
    assert run._worker is not None
    assert await run._worker.wait(LIMIT_S)
    assert await desk.settled(await desk.create(pages(30), device="Office")) == "completed"


async def _wait_for_nobody(_: ScanRun, timeout_s: float | None = None) -> bool:
    return timeout_s is None


def _request(body: dict[str, Any]) -> JobRequest:
    return msgspec.convert(body, JobRequest)


async def test_scan_that_waits_for_room_says_so_and_goes_on(desk: ScanDesk, tmp_path: Path) -> None:
    """In the job and in events, for as long as it waits; no sheet is drawn in meanwhile."""
    # What is free goes up and down a little all the time.
    floor = system.free_bytes(tmp_path) + (1 << 40)
    await relimit(desk, disk=replace(NO_FLOORS, sheet_min=floor, wait_s=1.5))
    job = await desk.create(pages(10), pages(10), onFault="pause")
    await desk.until(job, lambda job: job.waiting is not None)
    assert (job.status, problem_of_wait(job)) == ("running", "disk_full")
    await in_time(desk.stands(job, "paused"))
    assert (job.waiting, problem(job)[0]) == (None, "disk_full")
    assert desk.paper.notes("fed") == []
    told = [
        (event.data["status"], event.data["waiting"] is not None)
        for event in desk.events.after(0, origin=ORIGIN)
        if event.type == "job.status"
    ]
    assert told == [("running", False), ("running", True), ("paused", False)]


async def test_sheets_that_could_not_be_adopted_are_when_the_disk_lets(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a job that has ended too: its spool stays until they are in the buffer."""

    async def adopt(*_: Any, **__: Any) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer, "adopt", adopt)
        patch.setattr(desk.buffer, "adopt_rest", adopt)
        job = await desk.create(pages(10, 20))
        assert await in_time(desk.settled(job)) == "faulted"
        await desk.module.catch_up()
    assert (desk.pixels(job), desk.spool()) == ([], [job.uid])
    fed = len(desk.paper.notes("fed"))
    await desk.module.catch_up()
    assert len(desk.pixels(job)) == fed
    assert desk.spool() == []


async def test_sheets_in_the_spool_of_a_job_that_has_ended_survive_a_restart(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new process takes them in before it clears up."""

    async def adopt(*_: Any, **__: Any) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer, "adopt", adopt)
        patch.setattr(desk.buffer, "adopt_rest", adopt)
        job = await desk.create(pages(10))
        await in_time(desk.settled(job))
    fed = len(desk.paper.notes("fed"))
    await desk.restart()
    (again,) = desk.module.jobs()
    assert len(desk.pixels(again)) == fed
    assert desk.spool() == []


async def test_end_that_could_not_be_written_down_is_later(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller sees it at once, the scanner is free, the index follows."""
    real = desk.store.save

    async def save(job: Any, *note: Any) -> None:
        if job.status != "running":
            raise DiskFullError
        await real(job, *note)

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "save", save)
        job = await desk.create(pages(10))
        assert await in_time(desk.settled(job)) == "completed"
        assert desk.pixels(job) == [10]
    assert desk.store.load_all()[0].status == "running"
    await desk.module.catch_up()
    assert desk.store.load_all()[0].status == "completed"
    assert desk.spool() == []
    assert await desk.settled(await desk.create(pages(20))) == "completed"


@pytest.mark.parametrize("status", ["pending", "paused"])
async def test_start_that_cannot_be_written_down_changes_nothing(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """A full disk: the job can be started again."""
    if status == "pending":
        job = await desk.create(autoRun=False)
        desk.paper.write(scans=[pages(20)])
    else:
        job = await desk.create([JAM], pages(20), onFault="pause")
        await desk.stands(job, "paused")
        await in_time(desk.until(job, lambda job: job.uid not in desk.module._attempts._tasks))
    before = (job.status, job.error, job.attempt)

    async def save(_: Any) -> None:
        raise DiskFullError

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "save", save)
        with pytest.raises(DiskFullError):
            await desk.module.change_status(job, "running")
    assert (job.status, job.error, job.attempt) == before
    await desk.module.change_status(job, "running")
    assert await desk.settled(job) == "completed"
    assert desk.pixels(job) == [20]


async def test_spool_that_cannot_be_cleared_is_left(
    desk: ScanDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job ends all the same; the next start clears it."""

    def rmtree(_: Any) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", rmtree)
        job = await desk.create(pages(10))
        assert await in_time(desk.settled(job)) == "completed"
        assert desk.spool() == [job.uid]
    await desk.restart()
    assert (desk.spool(), desk.pixels(desk.module.jobs()[0])) == ([], [10])


async def test_attempt_that_never_began_is_made_again_under_its_number(desk: ScanDesk) -> None:
    """A driver that is told of a second attempt would look for sheets of a first."""
    await relimit(desk, disk=DiskLimits(start_min=1 << 60))
    job = await desk.create(pages(10), onFault="pause")
    await desk.stands(job, "paused")
    assert job.attempt == 0
