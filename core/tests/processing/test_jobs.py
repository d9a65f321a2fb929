"""Operations that go on by themselves: how they end, and what is there afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from flatbed.errors import (
    DiskFullError,
    InvalidInputError,
    JobNotFoundError,
    ScanCanceledError,
    WrongStateError,
)
from flatbed.processing.order import Order, PageResult
from flatbed.storage.process_job import ServiceEndedError

from ..made_addons import Gate
from ..storage.desk import ORIGIN
from .desk import Desk


async def test_job_completes_with_its_answer(desk: Desk) -> None:
    """As JSON; nothing is left on the way."""
    order = await desk.order(2)
    job = await desk.processing.start(order)
    assert (job.status, job.done, job.total) == ("running", 0, 2)
    done = await desk.wait_for_end(job.uid)
    assert (done.status, done.done, done.total, done.error) == ("completed", 2, 2, None)
    reader, media_type = desk.processing.open_result(done)
    with reader:
        found = msgspec.json.decode(b"".join(reader))
    assert media_type == "application/json"
    assert [each["source"] for each in found] == [source.uid for source in order.sources]
    assert desk.left() == []
    assert desk.processing.of(ORIGIN) == [done]


async def test_file_of_a_job_is_kept_as_it_was_made(desk: Desk) -> None:
    """Another process has it, too."""
    order = await desk.order(2, operation="all", settings={}, is_for_each=False)
    job = await desk.processing.start(order)
    await desk.wait_for_end(job.uid)
    other = desk.restarted()
    reader, media_type = other.open_result(other.get(job.uid, owner=ORIGIN))
    with reader:
        assert b"".join(reader).decode() == "".join(source.uid for source in order.sources)
    assert media_type == "application/pdf"
    assert desk.left() == []


async def test_job_that_comes_to_nothing_says_why(desk: Desk) -> None:
    """Instead of its result, too."""
    job = await desk.processing.start(await desk.order(1, "refuse", is_for_each=False))
    failed = await desk.wait_for_end(job.uid)
    assert failed.status == "faulted"
    with pytest.raises(InvalidInputError, match="Not this page"):
        desk.processing.open_result(failed)


async def test_job_with_a_bug_ends_all_the_same(desk: Desk) -> None:
    """With no word of what it was."""

    async def fail(_: Sequence[PageResult]) -> Any:
        raise ZeroDivisionError("a secret")

    job = await desk.processing.start(await desk.order(1, conclude=fail))
    failed = await desk.wait_for_end(job.uid)
    assert failed.error is not None
    assert (failed.status, failed.error["error"]) == ("faulted", "internal_error")
    assert "secret" not in failed.error["message"]


async def test_job_that_runs_has_no_result_yet(desk: Desk, gate: Gate) -> None:
    """It says that it runs."""
    job = await desk.processing.start(await desk.order(1, "wait"))
    await gate.reached()
    with pytest.raises(WrongStateError):
        desk.processing.open_result(desk.processing.get(job.uid, owner=ORIGIN))
    gate.open()
    assert (await desk.wait_for_end(job.uid)).status == "completed"


async def test_canceled_job_has_ended_when_the_cancel_returns(desk: Desk, gate: Gate) -> None:
    """It cannot be canceled twice, and says so instead of its result."""
    job = await desk.processing.start(await desk.order(1, "listen"))
    await gate.reached()
    first, second = await asyncio.gather(desk.processing.cancel(job), desk.processing.cancel(job))
    assert first == second == desk.processing.get(job.uid, owner=ORIGIN)
    assert first.status == "canceled"
    with pytest.raises(ScanCanceledError):
        desk.processing.open_result(first)
    with pytest.raises(WrongStateError):
        await desk.processing.cancel(first)
    assert desk.left() == []


async def test_job_that_is_canceled_before_it_began_is_canceled(desk: Desk) -> None:
    """Nothing was started for it."""
    job = await desk.processing.start(await desk.order(3, "listen"))
    assert (await desk.processing.cancel(job)).status == "canceled"


async def test_cancel_that_comes_with_the_answer_there_is_too_late(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job has completed, with its pages."""
    store = desk.processing._store
    finish, begun = store.finish, asyncio.Event()

    async def slow(*args: Any) -> None:
        begun.set()
        await asyncio.sleep(0)
        await finish(*args)

    monkeypatch.setattr(store, "finish", slow)
    job = await desk.processing.start(await desk.order(1, "copy"))
    await begun.wait()
    assert (await desk.processing.cancel(job)).status == "completed"
    reader, _ = desk.processing.open_result(desk.processing.get(job.uid, owner=ORIGIN))
    with reader:
        (found,) = msgspec.json.decode(b"".join(reader))
    assert desk.buffer.get(found["pages"][0], origin=ORIGIN).size_px == (2, 1)


async def test_cancel_that_comes_while_the_answer_is_made_is_too_late(desk: Desk) -> None:
    """It may have made documents: the job says that it was carried out."""
    begun, go = asyncio.Event(), asyncio.Event()

    async def conclude(_: Sequence[PageResult]) -> Any:
        begun.set()
        await go.wait()
        return "made"

    job = await desk.processing.start(await desk.order(1, conclude=conclude))
    await begun.wait()
    cancel = asyncio.create_task(desk.processing.cancel(job))
    await asyncio.sleep(0)
    go.set()
    done = await cancel
    assert done.status == "completed"
    reader, _ = desk.processing.open_result(done)
    with reader:
        assert b"".join(reader) == b'"made"'


async def test_deleted_job_is_not_there(desk: Desk, gate: Gate) -> None:
    """Neither while it runs nor when it has ended."""
    before = len(await desk.pages(1))
    running = await desk.processing.start(await desk.order(1, "listen"))
    await gate.reached()
    ended = await desk.processing.start(await desk.order(1))
    await desk.wait_for_end(ended.uid)
    for job in (running, ended):
        await desk.processing.delete(job)
        with pytest.raises(JobNotFoundError):
            desk.processing.get(job.uid, owner=ORIGIN)
    assert desk.processing.of(ORIGIN) == []
    assert ".file" not in desk.files()
    assert before == 1


async def test_job_that_ran_when_the_service_ended_is_faulted(desk: Desk, gate: Gate) -> None:
    """Before that is written down, and after it."""
    job = await desk.processing.start(await desk.order(1, "listen"))
    await gate.reached()
    await desk.processing.close()
    other = desk.restarted()
    for _ in range(2):
        found = other.get(job.uid, owner=ORIGIN)
        assert found.status == "faulted"
        with pytest.raises(ServiceEndedError):
            other.open_result(found)
        with pytest.raises(WrongStateError):
            await other.cancel(found)
        await other.restore()
    (row,) = desk.index.read("SELECT status FROM process_jobs")
    assert row["status"] == "faulted"


async def test_start_goes_on_where_the_end_of_a_job_cannot_be_written(
    desk: Desk, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is full: whoever asks is told the same."""
    job = await desk.processing.start(await desk.order(1, "listen"))
    await gate.reached()
    await desk.processing.close()
    other = desk.restarted()

    async def fail(_: object) -> None:
        raise DiskFullError

    monkeypatch.setattr(other._store, "save", fail)
    await other.restore()
    assert other.get(job.uid, owner=ORIGIN).status == "faulted"


async def test_result_that_has_no_room_makes_the_job_fault(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its own name, and without its pages."""
    order = await desk.order(1, "copy")
    before = desk.files()

    async def fail(*_: object) -> None:
        raise DiskFullError

    monkeypatch.setattr(desk.processing._store, "finish", fail)
    job = await desk.processing.start(order)
    failed = await desk.wait_for_end(job.uid)
    assert failed.error is not None
    assert (failed.status, failed.error["error"]) == ("faulted", "disk_full")
    assert desk.files() == before


async def test_progress_is_told_at_once_and_then_now_and_then(desk: Desk) -> None:
    """A thousand pages are no thousand writes."""
    order = await desk.order(1)
    many = Order(
        operation="each",
        settings="",
        sources=[*order.sources] * 200,
        is_for_each=True,
        owner=ORIGIN,
        conclude=order.conclude,
    )
    job = await desk.processing.start(many)
    await desk.wait_for_end(job.uid)
    told = [data for kind, uid, data in desk.storage.told() if uid == job.uid]
    assert told[0] == {"done": 0, "total": 200, "status": "running"}
    assert told[-1] == {"done": 200, "total": 200, "status": "completed"}
    steps = [each["done"] for each in told]
    assert steps == sorted(steps)
    assert 3 <= len(told) < 60


async def test_jobs_whose_time_is_up_are_forgotten(desk: Desk, gate: Gate) -> None:
    """With what they made; those that run are not."""
    ended = await desk.processing.start(await desk.order(1))
    await desk.wait_for_end(ended.uid)
    running = await desk.processing.start(await desk.order(1, "listen"))
    await gate.reached()
    await desk.processing.drop_old(3600)
    assert len(desk.processing.of(ORIGIN)) == 2
    await desk.processing.drop_old(-1)
    assert [job.uid for job in desk.processing.of(ORIGIN)] == [running.uid]
    assert ".file" not in desk.files()
