"""One operation on many pages: all workers at once, the order kept, others' turns in between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from flatbed.addon import PageFile
from flatbed.errors import (
    AddonMissingError,
    FlatbedError,
    InvalidInputError,
    PageNotFoundError,
    WorkerCrashedError,
)
from flatbed.runtime.operations import Operations
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry

from ..made_addons import Gate, worker_site, write_addon

SETTING = {"how": {"type": "str", "default": ""}}
WORKS = """
@hookimpl
def process_page(operation, page, settings, out):
    with open({begun!r}, "a") as file:
        file.write(page.uid + chr(10))
    if settings["how"] == "wait":
        {stop}
    if page.uid == settings["how"]:
        raise InvalidInputError("Not this page.")
    if page.uid + "!" == settings["how"]:
        os._exit(1)
    return [page.uid, os.getpid()]
"""


class Desk:
    """Operations over one add-on that works on pages.

    Attributes:
        taken: What became of each page, by its number, in the order in which they ended.
    """

    def __init__(self, folder: Path, gate: Gate, workers: int) -> None:
        self._begun, self.scratch = folder / "begun", folder / "scratch"
        source = WORKS.format(begun=str(self._begun), stop=gate.stop)
        operation = {"hook": "process_page", "settings": SETTING, "shorthand": "how"}
        addon = write_addon(
            folder / "addon", source, workers=workers, operations={"work": operation}
        )
        self.pools = Pools(worker_site(folder))
        self.operations = Operations(Registry([addon]), self.pools, self.scratch)
        self.taken: dict[int, Any] = {}

    async def work(self, pages: str, how: str = "") -> list[Any]:
        """Work on pages of one letter each; what became of them, in order."""
        await self.operations.process_each("work", finders(pages), how, take=self._take)
        return [self.taken[number] for number in sorted(self.taken)]

    async def work_on_one(self, uid: str) -> Any:
        """Work on one page for somebody else."""
        async with self.operations.process("work", [page(uid)], {}) as outcome:
            return outcome.value

    def begun(self) -> str:
        """The pages that the add-on has begun with, in order."""
        return "".join(self._begun.read_text().split())

    async def _take(self, number: int, outcome: Outcome | FlatbedError) -> None:
        assert number not in self.taken
        self.taken[number] = outcome if isinstance(outcome, FlatbedError) else outcome.value


@pytest.fixture
async def make_desk(tmp_path: Path, gate: Gate) -> AsyncIterator[Callable[[int], Desk]]:
    """Makes a desk with a number of workers; they end with the test."""
    made: list[Desk] = []

    def make(workers: int) -> Desk:
        made.append(Desk(tmp_path, gate, workers))
        return made[-1]

    yield make
    for desk in made:
        await desk.pools.close()


def page(uid: str) -> PageFile:
    """A page."""
    return PageFile(uid=uid, size_px=(2, 3), dpi=(300, 300), mode="L", bits=8, path="/p", key="00")


def finders(uids: str) -> list[Callable[[], Awaitable[PageFile]]]:
    """What finds pages of one letter each; `-` is not there."""

    def finder(uid: str) -> Callable[[], Awaitable[PageFile]]:
        async def find() -> PageFile:
            if uid == "-":
                raise PageNotFoundError
            return page(uid)

        return find

    return [finder(uid) for uid in uids]


@asynccontextmanager
async def broken_off(call: Awaitable[Any]) -> AsyncIterator[None]:
    """A call that is cancelled at the end of the block."""
    task = asyncio.ensure_future(call)
    yield
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_results_come_back_by_the_number_of_their_page(
    make_desk: Callable[[int], Desk],
) -> None:
    """Each once, the same page more than once too."""
    desk = make_desk(2)
    found = await desk.work("abcabc")
    assert [uid for uid, _ in found] == ["a", "b", "c", "a", "b", "c"]
    assert list(desk.scratch.iterdir()) == []


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one call at a time")
async def test_two_workers_work_at_the_same_time(
    make_desk: Callable[[int], Desk], gate: Gate
) -> None:
    """Both stand at the gate, in processes of their own, and no third page has begun."""
    desk = make_desk(2)
    work = asyncio.create_task(desk.work("abcd", "wait"))
    await gate.reached()
    await gate.reached()
    assert sorted(desk.begun()) == ["a", "b"]
    for _ in range(4):
        gate.open()
    found = await work
    assert [uid for uid, _ in found] == ["a", "b", "c", "d"]
    assert len({pid for _, pid in found}) == 2


async def test_no_more_calls_are_under_way_than_the_machine_has_cores(
    make_desk: Callable[[int], Desk], gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that wait for a core would only hold up those of others."""
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    desk = make_desk(8)
    work = asyncio.create_task(desk.work("abc", "wait"))
    for uids in ("a", "ab", "abc"):
        await gate.reached()
        assert desk.begun() == uids
        gate.open()
    assert len({pid for _, pid in await work}) == 1


async def test_another_caller_has_its_turn_before_the_next_page(
    make_desk: Callable[[int], Desk], gate: Gate
) -> None:
    """However many pages the first one has."""
    desk = make_desk(1)
    work = asyncio.create_task(desk.work("abcd", "wait"))
    await gate.reached()
    other = asyncio.create_task(desk.work_on_one("x"))
    await asyncio.sleep(0)  # so that it has asked
    for _ in range(4):
        gate.open()
    assert (await other)[0] == "x"
    await work
    assert desk.begun() == "axbcd"


async def test_page_that_fails_is_an_outcome_beside_the_others(
    make_desk: Callable[[int], Desk],
) -> None:
    """By the add-on's word, by its crash, or because the page is not there."""
    desk = make_desk(2)
    first, failed, missing, last = await desk.work("ab-c", "b")
    assert (first[0], last[0]) == ("a", "c")
    assert isinstance(failed, InvalidInputError)
    assert failed.message == "Not this page."
    assert isinstance(missing, PageNotFoundError)
    desk.taken.clear()
    first, failed, last = await desk.work("abc", "b!")
    assert (first[0], last[0]) == ("a", "c")
    assert isinstance(failed, WorkerCrashedError)


async def test_pages_that_have_not_begun_do_not_when_the_caller_is_gone(
    make_desk: Callable[[int], Desk], gate: Gate
) -> None:
    """The one that has is ended with its worker, and nothing of it is left."""
    desk = make_desk(1)
    async with broken_off(desk.work("abc", "wait")):
        await gate.reached()
    assert desk.begun() == "a"
    assert desk.taken == {}
    assert list(desk.scratch.iterdir()) == []
    assert (await desk.work_on_one("x"))[0] == "x"


async def test_what_is_wrong_with_all_pages_is_no_outcome_of_each(
    make_desk: Callable[[int], Desk],
) -> None:
    """Nobody has the operation, or it has no such setting: nothing begins."""
    desk = make_desk(1)
    for name, settings, kind in (
        ("read-minds", {}, AddonMissingError),
        ("work", {"speed": 1}, InvalidInputError),
    ):
        with pytest.raises(kind):
            await desk.operations.process_each(name, finders("ab"), settings, take=desk._take)
    assert desk.taken == {}
