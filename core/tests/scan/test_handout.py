"""Handing pages out: each once for each cursor, as they come, to one caller only."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flatbed.addon.frames import new_key
from flatbed.errors import JobGoneError
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch
from flatbed.scan.handout import Cursor, Handout, Reservation
from flatbed.scan.jobs import ScanJob
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index

from .made_jobs import made_job

LIMIT_S = 30
PAGE: Cursor = "handed_out"
INFO: Cursor = "info_handed_out"


class Desk:
    """A job whose pages come when the test wants them, and callers who ask for them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = Index(folder / "i.sqlite")
        self.buffer = PageBuffer(folder / "pages", self.index, EventLog(self.index), new_key())
        self.handout = Handout(self.buffer)
        self.job: ScanJob = made_job(status="running")
        self.is_settled = False
        self._count = 0

    async def scan(self, pages: int = 1) -> None:
        """Let pages come."""
        entries: list[dict[str, Any]] = []
        spool = Spool(folder=self.folder, key=self.job.key, pages=self._count)
        sink = SpoolSink(spool, CallWatch(), entries.append)
        for _ in range(pages):
            with sink.new_page(size_px=(1, 1), dpi=(1, 1), mode="L", bits=8) as page:
                page.write_rows(b"x")
        sink.close()
        self._count += pages
        told = json.loads(json.dumps(entries))
        await self.buffer.adopt(self.job.deliver(self.folder, told))
        self.job.notify()

    def end(self) -> None:
        """Let no further page come."""
        self.is_settled = True
        self.job.notify()

    async def next(self, cursor: Cursor = PAGE) -> Reservation | None:
        """Ask for the next page."""
        async with asyncio.timeout(LIMIT_S):
            return await self.handout.next(self.job, cursor, is_settled=lambda: self.is_settled)

    async def ask(self, cursor: Cursor = PAGE) -> asyncio.Task[Reservation | None]:
        """Begin to ask, and wait where there is nothing yet."""
        task = asyncio.create_task(self.next(cursor))
        await asyncio.wait([task], timeout=0)
        return task

    async def take(self, cursor: Cursor = PAGE) -> int | None:
        """Ask for the next page and have it delivered; its place, or None after the last."""
        reservation = await self.next(cursor)
        if reservation is None:
            return None
        await self.handout.mark(reservation, cursor)
        reservation.release()
        return reservation.page.ordinal


def place(reservation: Reservation | None) -> int | None:
    """Which page it is."""
    return reservation.page.ordinal if reservation else None


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A running job without pages."""
    desk = Desk(tmp_path)
    yield desk
    desk.index.close()


async def test_pages_are_handed_out_once_and_in_order(desk: Desk) -> None:
    """Then nothing: 204."""
    await desk.scan(3)
    desk.end()
    assert [await desk.take() for _ in range(4)] == [0, 1, 2, None]


async def test_both_cursors_go_their_own_way(desk: Desk) -> None:
    """Clients drain one and then ask the other, also after the job has completed."""
    await desk.scan(2)
    desk.end()
    assert [await desk.take(INFO) for _ in range(3)] == [0, 1, None]
    assert [await desk.take(PAGE) for _ in range(3)] == [0, 1, None]


async def test_caller_waits_for_the_next_page(desk: Desk) -> None:
    """And gets it as soon as it is a page."""
    asking = await desk.ask()
    assert not asking.done()
    desk.job.notify()
    await asyncio.wait([asking], timeout=0)
    assert not asking.done()
    await desk.scan()
    assert place(await asking) == 0


async def test_caller_who_waits_hears_of_the_end(desk: Desk) -> None:
    """A fault after n pages: the n pages, then 204."""
    await desk.scan()
    assert await desk.take() == 0
    asking = await desk.ask()
    assert not asking.done()
    desk.end()
    assert await asking is None


async def test_two_callers_never_get_the_same_page(desk: Desk) -> None:
    """Also while the first one is on its way."""
    first, second = await desk.ask(), await desk.ask()
    await desk.scan(2)
    assert {place(await first), place(await second)} == {0, 1}


async def test_second_caller_waits_while_the_last_page_is_on_its_way(desk: Desk) -> None:
    """It may come back: its caller hung up. Then the second one gets it."""
    await desk.scan()
    desk.end()
    first = await desk.next()
    asking = await desk.ask()
    assert not asking.done()
    assert first is not None
    first.release()
    assert place(await asking) == 0


async def test_second_caller_hears_of_the_end_once_the_last_page_was_delivered(
    desk: Desk,
) -> None:
    """To its last byte."""
    await desk.scan()
    desk.end()
    first = await desk.next()
    asking = await desk.ask()
    assert first is not None
    await desk.handout.mark(first, PAGE)
    first.release()
    assert await asking is None


async def test_delivered_page_stays_delivered_over_a_restart(desk: Desk) -> None:
    """The cursor is stored; a page that was on its way is handed out again."""
    await desk.scan(2)
    assert await desk.take() == 0
    await desk.next()
    desk.handout = Handout(desk.buffer)
    assert await desk.take() == 1


async def test_caller_who_asks_for_ever_hears_that_the_job_is_gone(desk: Desk) -> None:
    """From the tenth time in a row on: a client in use would never stop."""
    await desk.scan()
    desk.end()
    assert await desk.take() == 0
    assert [await desk.take() for _ in range(9)] == [None] * 9
    for _ in range(2):
        with pytest.raises(JobGoneError):
            await desk.take()
    assert await desk.take(INFO) == 0


async def test_count_of_empty_answers_begins_anew_with_a_page(desk: Desk) -> None:
    """A job that went on after it was paused has more."""
    desk.end()
    assert [await desk.take() for _ in range(9)] == [None] * 9
    await desk.scan()
    assert await desk.take() == 0
    assert [await desk.take() for _ in range(9)] == [None] * 9


async def test_forgotten_job_is_remembered_by_nothing(desk: Desk) -> None:
    """Also when one of its pages comes back after that."""
    await desk.scan()
    reservation = await desk.next()
    desk.handout.forget(desk.job)
    assert reservation is not None
    reservation.release()
    assert desk.handout._reserved == {}
    desk.handout.forget(desk.job)


async def test_caller_who_hangs_up_while_waiting_takes_no_page(desk: Desk) -> None:
    """The next one gets it."""
    asking = await desk.ask()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await desk.scan()
    assert await desk.take() == 0
