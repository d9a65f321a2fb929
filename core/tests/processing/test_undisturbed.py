"""Work that must not stop half-way goes to its end, whoever is cancelled meanwhile."""

from __future__ import annotations

import asyncio

import pytest

from flatbed.processing.undisturbed import beyond_cancel, undisturbed


class Work:
    """Work that ends when the test says so."""

    def __init__(self) -> None:
        self.go, self.has_begun, self.has_ended = asyncio.Event(), asyncio.Event(), False

    async def do(self, error: Exception | None = None) -> int:
        """Wait, then end."""
        self.has_begun.set()
        await self.go.wait()
        self.has_ended = True
        if error is not None:
            raise error
        return 7


async def test_undisturbed_work_gives_its_result() -> None:
    """As if it were awaited."""
    work = Work()
    work.go.set()
    assert await undisturbed(work.do()) == 7


async def test_cancel_is_heard_after_the_end_of_the_work() -> None:
    """Not before: files move while it goes on."""
    work = Work()
    task = asyncio.create_task(undisturbed(work.do()))
    await work.has_begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    work.go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert work.has_ended


async def test_failure_of_cancelled_work_is_told() -> None:
    """It is more than the cancel."""
    work = Work()
    task = asyncio.create_task(undisturbed(work.do(KeyError("lost"))))
    await work.has_begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    work.go.set()
    with pytest.raises(KeyError):
        await task


async def test_cancel_that_comes_too_late_is_forgotten() -> None:
    """The result is there, and whoever waits can go on waiting for other things."""
    work = Work()

    async def wait() -> tuple[int, int]:
        found = await beyond_cancel(work.do())
        current = asyncio.current_task()
        assert current is not None
        await asyncio.sleep(0)
        return found, current.cancelling()

    task = asyncio.create_task(wait())
    await work.has_begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    work.go.set()
    assert await task == (7, 0)


async def test_failure_of_work_that_is_beyond_its_cancel_is_told() -> None:
    """Cancelled or not."""
    for is_cancelled in (False, True):
        work = Work()
        task = asyncio.create_task(beyond_cancel(work.do(KeyError("lost"))))
        await work.has_begun.wait()
        if is_cancelled:
            task.cancel()
            await asyncio.sleep(0)
        work.go.set()
        with pytest.raises(KeyError):
            await task
