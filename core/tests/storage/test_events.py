"""The event log: each origin sees its own, and whoever was away misses nothing or hears so."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from flatbed.storage import events as events_module
from flatbed.storage.events import EVERYBODY, LOCAL, EventLog, add_event
from flatbed.storage.index import Index

PAGE, OTHER = "https://scan.example", "https://other.example"
LIMIT_S = 30


class Clock:
    """Stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        """What events are stamped with."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every event."""
    clock = Clock()
    monkeypatch.setattr(events_module, "time", clock)
    return clock


async def add(events: EventLog, *subjects: str, origin: str = PAGE) -> None:
    """Events that differ in their subjects."""
    for subject in subjects:
        await events.add(origin, "page.added", subject, {})


def subjects(events: EventLog, origin: str, after: int = 0) -> list[str]:
    """What an origin sees."""
    return [event.subject for event in events.after(after, origin=origin)]


async def test_event_comes_back_as_it_was_added(events: EventLog) -> None:
    """With a number that grows."""
    await events.add(PAGE, "job.status", "j1", {"status": "running", "n": [1, None]})
    (event,) = events.after(0, origin=PAGE)
    assert (event.seq, event.type, event.subject) == (1, "job.status", "j1")
    assert event.data == {"status": "running", "n": [1, None]}


async def test_events_are_seen_by_their_origin_everybody_or_the_local_principal(
    events: EventLog,
) -> None:
    """No page learns that another one scans."""
    await add(events, "mine")
    await add(events, "theirs", origin=OTHER)
    await add(events, "plugged in", origin=EVERYBODY)
    await add(events, "native", origin=LOCAL)
    assert subjects(events, PAGE) == ["mine", "plugged in"]
    assert subjects(events, OTHER) == ["theirs", "plugged in"]
    assert subjects(events, LOCAL) == ["mine", "theirs", "plugged in", "native"]


async def test_client_that_reconnects_gets_what_it_missed_in_order(events: EventLog) -> None:
    """By the last number that it has, also one of an event that it could not see."""
    await add(events, "a", "b")
    await add(events, "x", origin=OTHER)
    await add(events, "c")
    assert subjects(events, PAGE, after=1) == ["b", "c"]
    assert subjects(events, PAGE, after=3) == ["c"]
    assert subjects(events, PAGE, after=4) == []


async def test_events_come_in_batches_that_go_on_where_the_last_ended(
    index: Index, events: EventLog
) -> None:
    """A client that was away for a day is not sent everything in one piece."""

    def change(write: sqlite3.Connection) -> None:
        for number in range(450):
            add_event(write, PAGE, "page.added", str(number), {})

    await index.write(change)
    seen: list[str] = []
    last = 0
    sizes = []
    while batch := events.after(last, origin=PAGE):
        sizes.append(len(batch))
        seen += [event.subject for event in batch]
        last = batch[-1].seq
    assert seen == [str(number) for number in range(450)]
    assert sizes == [200, 200, 50]


async def test_event_of_a_change_that_failed_never_was(index: Index, events: EventLog) -> None:
    """It stands in the transaction of the change."""

    def change(write: sqlite3.Connection) -> None:
        add_event(write, PAGE, "page.added", "a", {})
        raise ValueError("lamp")

    with pytest.raises(ValueError, match="lamp"):
        await index.write(change)
    assert (subjects(events, PAGE), events.last()) == ([], 0)


async def test_last_is_the_number_of_the_newest_event_also_when_it_was_dropped(
    events: EventLog, clock: Clock
) -> None:
    """A client of an empty log begins there."""
    assert events.last() == 0
    await add(events, "a", "b")
    assert events.last() == 2
    clock.now += 10
    await events.drop_old(5)
    assert events.last() == 2


async def test_numbers_go_on_after_a_restart_and_after_all_were_dropped(
    tmp_path: Path, clock: Clock
) -> None:
    """A number is given once: a client would take a new event for one that it has."""
    index = Index(tmp_path / "i.sqlite")
    await add(EventLog(index), "a", "b")
    clock.now += 10
    await EventLog(index).drop_old(5)
    index.close()
    index = Index(tmp_path / "i.sqlite")
    events = EventLog(index)
    await add(events, "c")
    assert [event.seq for event in events.after(0, origin=PAGE)] == [3]
    index.close()


async def test_drop_old_keeps_what_is_young_enough(events: EventLog, clock: Clock) -> None:
    """24 hours by default; here 60 s."""
    await add(events, "a")
    clock.now += 60
    await add(events, "b")
    await events.drop_old(60)
    assert subjects(events, PAGE) == ["a", "b"]
    clock.now += 1
    await events.drop_old(60)
    assert subjects(events, PAGE) == ["b"]


@pytest.mark.parametrize(
    ("after", "is_gap"),
    [(0, True), (1, True), (2, False), (3, False), (4, False), (5, True)],
)
async def test_gap_is_told_where_events_after_a_number_are_gone(
    events: EventLog, clock: Clock, after: int, *, is_gap: bool
) -> None:
    """Two of four were dropped: who has fewer missed some, who has five is from elsewhere."""
    await add(events, "a", "b")
    clock.now += 10
    await events.drop_old(5)
    await add(events, "c", "d")
    assert events.is_gap(after) == is_gap


@pytest.mark.parametrize(("after", "is_gap"), [(0, True), (1, True), (2, False), (3, True)])
async def test_gap_is_told_in_an_empty_log_too(
    events: EventLog, clock: Clock, after: int, *, is_gap: bool
) -> None:
    """All were dropped."""
    await add(events, "a", "b")
    clock.now += 10
    await events.drop_old(5)
    assert events.is_gap(after) == is_gap


def test_new_log_has_no_gap_but_for_numbers_that_it_never_gave(events: EventLog) -> None:
    """A client of another data folder has to look anew."""
    assert not events.is_gap(0)
    assert events.is_gap(1)


async def test_what_comes_after_a_watch_began_is_never_missed(events: EventLog) -> None:
    """Also while what was there before is still being told, and nobody waits yet."""
    first, second = events.watch(), events.watch()
    assert not first.is_set()
    await add(events, "a")
    assert first.is_set()
    assert second.is_set()
    assert not events.watch().is_set()
