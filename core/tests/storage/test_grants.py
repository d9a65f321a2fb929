"""What persons decided about origins: kept over restarts, but for what ends with the service."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flatbed.errors import DiskFullError
from flatbed.storage import grants as grants_module
from flatbed.storage.events import LOCAL, EventLog
from flatbed.storage.grants import Grant, GrantStore, State
from flatbed.storage.index import Index
from flatbed.storage.schema import SCHEMAS

SHOP, OFFICE, EVIL = "https://shop.example", "https://office.example", "https://evil.example"


class Clock:
    """Stands still until it is moved; seconds."""

    def __init__(self) -> None:
        self.now = 1000.0

    def time(self) -> float:
        return self.now


class Office:
    """A store that can be closed and opened again.

    Attributes:
        store: What is tested.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.open()

    def open(self) -> None:
        self.index = Index(self.path)
        self.events = EventLog(self.index)
        self.store = GrantStore(self.index, self.events)

    def restart(self) -> None:
        self.index.close()
        self.open()

    def states(self) -> dict[str, State]:
        return {each.origin: each.state for each in self.store.all()}

    def told(self, origin: str = LOCAL) -> list[tuple[str, str, dict[str, str]]]:
        found = self.events.after(0, origin=origin)
        return [(event.type, event.subject, event.data) for event in found]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the store."""
    clock = Clock()
    monkeypatch.setattr(grants_module, "time", clock)
    return clock


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A store with nothing in it."""
    office = Office(tmp_path / "index.sqlite")
    yield office
    office.index.close()


async def test_put_is_there_after_a_restart_unless_it_was_for_once(
    office: Office, clock: Clock
) -> None:
    """With the page's name and the moment; `once` is nowhere on the disk."""
    await office.store.put(SHOP, "always", "The shop")
    await office.store.put(EVIL, "blocked")
    await office.store.put(OFFICE, "once", "The office")
    assert office.states() == {EVIL: "blocked", OFFICE: "once", SHOP: "always"}
    office.restart()
    assert office.states() == {EVIL: "blocked", SHOP: "always"}
    assert office.store.get(SHOP) == Grant(
        origin=SHOP, state="always", name="The shop", since=1000.0
    )
    assert office.store.get(OFFICE) is None


@pytest.mark.parametrize(
    ("decisions", "now", "later"),
    [
        (("always", "once"), "once", None),
        (("blocked", "once"), "once", None),
        (("once", "always"), "always", "always"),
        (("always", "blocked"), "blocked", "blocked"),
    ],
)
async def test_put_replaces_what_was_decided_before(
    decisions: tuple[State, State], now: State, later: State | None, office: Office
) -> None:
    """In memory and on the disk; the name of before stays where there is no new one."""
    await office.store.put(SHOP, decisions[0], "The shop")
    grant = await office.store.put(SHOP, decisions[1])
    assert (grant.state, grant.name) == (now, "The shop")
    office.restart()
    assert office.states() == ({SHOP: later} if later else {})


async def test_remove_forgets_for_good(office: Office) -> None:
    """Last use included; and of what is not there, nothing."""
    await office.store.put(SHOP, "always")
    office.store.note_use(SHOP)
    await office.store.remove(SHOP)
    await office.store.remove(EVIL)
    assert (office.states(), office.store.last_use(SHOP)) == ({}, None)
    office.restart()
    assert office.states() == {}


async def test_use_before_a_removal_is_not_written_for_a_later_grant(office: Office) -> None:
    """It was revoked and let in anew between two writes."""
    await office.store.put(SHOP, "always")
    office.store.note_use(SHOP)
    await office.store.remove(SHOP)
    await office.store.put(SHOP, "always")
    await office.store.write_uses()
    assert (office.store.last_use(SHOP), written(office.path)) == (None, [(SHOP, None)])


async def test_change_is_told_to_local_callers_alone(office: Office) -> None:
    """In the order of the changes; no page hears who else is let in."""
    await office.store.put(SHOP, "once")
    await office.store.put(SHOP, "blocked")
    await office.store.remove(SHOP)
    await office.store.remove(SHOP)
    assert office.told() == [
        ("origin.changed", SHOP, {"state": "once"}),
        ("origin.changed", SHOP, {"state": "blocked"}),
        ("origin.changed", SHOP, {"state": "revoked"}),
    ]
    assert office.told(SHOP) == []


async def test_write_uses_keeps_the_last_use(office: Office, clock: Clock) -> None:
    """Noted without a write; written when it is time, of those that are kept."""
    await office.store.put(SHOP, "always")
    await office.store.put(OFFICE, "once")
    assert office.store.last_use(SHOP) is None
    before = written(office.path)
    for clock.now in (2000.0, 2001.0):
        office.store.note_use(SHOP)
        office.store.note_use(OFFICE)
    assert (office.store.last_use(SHOP), office.store.last_use(OFFICE)) == (2001.0, 2001.0)
    assert written(office.path) == before == [(SHOP, None)]
    await office.store.write_uses()
    office.restart()
    assert (office.store.last_use(SHOP), office.store.last_use(OFFICE)) == (2001.0, None)


async def test_use_that_could_not_be_written_is_written_the_next_time(
    office: Office, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk passes."""
    await office.store.put(SHOP, "always")
    office.store.note_use(SHOP)

    async def fail(_: object) -> None:
        raise DiskFullError

    with monkeypatch.context() as full:
        full.setattr(office.index, "write", fail)
        with pytest.raises(DiskFullError):
            await office.store.write_uses()
    await office.store.write_uses()
    assert written(office.path) == [(SHOP, 1000.0)]


@pytest.mark.parametrize("step", ["put", "remove"])
async def test_change_that_cannot_be_written_changes_nothing(
    step: str, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a person reads in the list is what holds after a restart."""
    await office.store.put(SHOP, "always")

    async def fail(_: object) -> None:
        raise DiskFullError

    with monkeypatch.context() as full:
        full.setattr(office.index, "write_state", fail)
        full.setattr(office.index, "write_at_need", fail)
        change = office.store.put(SHOP, "blocked") if step == "put" else office.store.remove(SHOP)
        with pytest.raises(DiskFullError):
            await change
    assert office.states() == {SHOP: "always"}
    office.restart()
    assert office.states() == {SHOP: "always"}


async def test_index_of_the_version_before_takes_grants(tmp_path: Path) -> None:
    """It is brought up when it is opened."""
    path = tmp_path / "index.sqlite"
    with sqlite3.connect(path, isolation_level=None) as older:
        older.executescript("".join(SCHEMAS[:7]))
        older.execute("PRAGMA user_version = 7")
    older.close()
    office = Office(path)
    assert office.states() == {}
    await office.store.put(SHOP, "always")
    office.restart()
    assert office.states() == {SHOP: "always"}
    office.index.close()


def written(index: Path) -> list[tuple[str, float | None]]:
    """The last uses as they stand on the disk."""
    with sqlite3.connect(index) as connection:
        found = connection.execute("SELECT origin, last_used FROM grants").fetchall()
    connection.close()
    return found
