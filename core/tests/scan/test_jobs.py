"""The states of a job: every step of the table, and all that changes with it."""

from __future__ import annotations

import asyncio
import itertools
from typing import get_args

import pytest

from flatbed.errors import WrongStateError
from flatbed.scan import jobs as jobs_module
from flatbed.scan.jobs import Status

from .made_jobs import made_job

STATES: tuple[Status, ...] = get_args(Status)
ALLOWED: set[tuple[Status, Status]] = {
    ("pending", "running"),
    ("pending", "canceled"),
    ("running", "paused"),
    ("running", "completed"),
    ("running", "faulted"),
    ("running", "canceled"),
    ("paused", "running"),
    ("paused", "canceled"),
}
JAM = {"error": "paper_jam", "code": -1020, "message": "Stuck."}


class Clock:
    """Stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        """What jobs are stamped with."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every job."""
    clock = Clock()
    monkeypatch.setattr(jobs_module, "time", clock)
    return clock


def test_states_are_those_of_the_contract() -> None:
    """Ours is `paused`."""
    assert set(STATES) == {"pending", "running", "paused", "completed", "faulted", "canceled"}


@pytest.mark.parametrize(("now", "then"), list(itertools.product(STATES, STATES)))
def test_job_moves_where_the_table_allows_it_and_nowhere_else(now: Status, then: Status) -> None:
    """All 36 pairs; a step that is refused changes nothing."""
    job = made_job(status=now)
    if (now, then) in ALLOWED:
        job.move_to(then)
        assert job.status == then
        return
    with pytest.raises(WrongStateError, match=f"The job is {now}; it cannot become {then}"):
        job.move_to(then)
    assert (job.status, job.attempt, job.finished_at) == (now, 0, None)


@pytest.mark.parametrize("status", STATES)
def test_job_has_ended_where_nothing_more_comes(status: Status) -> None:
    """A paused one goes on."""
    assert made_job(status=status).has_ended == (status in ("completed", "faulted", "canceled"))


def test_start_counts_the_attempt_and_keeps_the_first_time(clock: Clock) -> None:
    """A job that goes on after a jam began when it began."""
    job = made_job()
    job.move_to("running")
    assert (job.attempt, job.started_at) == (1, 1000)
    clock.now += 60
    job.move_to("paused", JAM)
    job.move_to("running")
    assert (job.attempt, job.started_at, job.finished_at) == (2, 1000, None)


def test_error_belongs_to_the_state_that_it_came_with() -> None:
    """A job that goes on has none any more."""
    job = made_job(status="running")
    job.move_to("paused", JAM)
    assert job.error == JAM
    job.move_to("running")
    assert job.error is None


@pytest.mark.parametrize("status", ["completed", "faulted", "canceled"])
def test_end_is_stamped(clock: Clock, status: Status) -> None:
    """From then on it waits for its owner."""
    job = made_job(status="running", created_at=900)
    clock.now = 1234
    job.move_to(status)
    assert (job.finished_at, job.idle_since) == (1234, 1234)


@pytest.mark.parametrize(
    ("status", "idle_since"), [("pending", 900), ("running", None), ("paused", None)]
)
def test_job_is_idle_while_it_waits_for_its_owner(status: Status, idle_since: float | None) -> None:
    """`jobTimeout` runs while pending, and again when done; a paused one waits for hands."""
    assert made_job(status=status, created_at=900).idle_since == idle_since


async def test_every_change_wakes_whoever_waits() -> None:
    """Those who waited, and not those who begin to wait after it."""
    job = made_job()
    waiting = asyncio.create_task(job.changed.wait())
    await asyncio.wait([waiting], timeout=0)
    job.move_to("running")
    assert await waiting
    assert not job.changed.is_set()
    later = job.changed
    job.notify()
    assert later.is_set()


def test_job_shows_its_key_to_no_log() -> None:
    """It opens every page of its scan."""
    job = made_job()
    assert job.key.hex() not in repr(job)
    assert repr(job.key) not in repr(job)


def test_wait_is_told_and_over_with_the_state() -> None:
    """Whoever waits for a change hears both."""
    job = made_job(status="running")
    before = job.changed
    job.note_wait(JAM)
    assert (job.waiting, before.is_set()) == (JAM, True)
    job.move_to("paused", JAM)
    assert (job.waiting, job.error) == (None, JAM)


def test_start_that_was_not_written_down_is_taken_back() -> None:
    """The job stands where it stood, and its attempt does not count."""
    job = made_job(status="paused")
    job.error = JAM
    before = job.attempt
    job.move_to("running")
    job.step_back("paused", JAM)
    assert (job.status, job.error, job.attempt) == ("paused", JAM, before)


def test_attempt_that_never_began_counts_no_more() -> None:
    """The driver is told of the next one by the same number."""
    job = made_job(status="pending")
    job.move_to("running")
    job.forget_attempt()
    assert job.attempt == 0
