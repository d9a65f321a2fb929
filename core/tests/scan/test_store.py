"""Jobs in the index: the same after a restart, with their key, and told of at each change."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flatbed.addon.frames import new_key
from flatbed.addon.types import ScanSettings
from flatbed.errors import PageCorruptError
from flatbed.scan.jobs import JobOptions, ScanJob
from flatbed.scan.store import JobStore
from flatbed.scan.wishes import Wishes
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index

from .made_jobs import ORIGIN, made_job

LIMIT_S = 30


class Desk:
    """A store, and the same after a restart."""

    def __init__(self, path: Path) -> None:
        self.path, self.master_key = path, new_key()
        self.index = Index(path)
        self.events = EventLog(self.index)
        self.store = JobStore(self.index, self.events, self.master_key)

    def restart(self) -> list[ScanJob]:
        """Every job that a new process finds."""
        self.index.close()
        self.index = Index(self.path)
        self.events = EventLog(self.index)
        self.store = JobStore(self.index, self.events, self.master_key)
        return self.store.load_all()

    def told(self) -> list[dict[str, Any]]:
        """What the job's origin hears."""
        return [event.data for event in self.events.after(0, origin=ORIGIN)]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty store."""
    desk = Desk(tmp_path / "i.sqlite")
    yield desk
    desk.index.close()


async def test_job_comes_back_from_the_index_as_it_was(desk: Desk) -> None:
    """All of it: settings, wishes, options, times, warnings, error, key."""
    job = made_job(
        status="paused",
        settings=ScanSettings(
            paper_source="duplex", area_mm=(0, 0, 210, 297), bits=16, options={"lamp": [1, "x"]}
        ),
        wishes=Wishes(color="bw", dpi=300.5, uses_feeder=True, options={"lamp": None}),
        options=JobOptions(
            pauses_on_fault=True,
            checks_feeder=True,
            failure_timeout_s=1.5,
            job_timeout_s=60,
            wants_jpeg=True,
            session="s1",
        ),
        attempt=2,
        error={"error": "paper_jam", "code": -1020, "message": "Stuck.", "details": {"n": 1}},
        warnings=["Page 1 ended after 3 of 4 rows."],
        created_at=1.5,
        started_at=2.5,
        finished_at=3.5,
        is_recovered=True,
    )
    await desk.store.save(job)
    (found,) = desk.restart()
    assert found == job
    assert (found.key, found.settings.area_mm) == (job.key, (0, 0, 210, 297))


async def test_job_with_the_defaults_of_everything_comes_back(desk: Desk) -> None:
    """As it is right after its creation."""
    job = made_job()
    await desk.store.save(job)
    assert desk.restart() == [job]


async def test_saving_again_keeps_one_row_and_the_newest_state(desk: Desk) -> None:
    """And the key of the first time, which every worker of the job has."""
    job = made_job()
    await desk.store.save(job)
    job.move_to("running")
    await desk.store.save(job)
    job.move_to("completed")
    await desk.store.save(job)
    (found,) = desk.restart()
    assert (found.status, found.attempt, found.key) == ("completed", 1, job.key)


async def test_every_change_is_told_to_the_jobs_origin(desk: Desk) -> None:
    """In the transaction that makes it; its end by deletion too."""
    job = made_job()
    await desk.store.save(job)
    job.move_to("running")
    job.move_to("faulted", {"error": "io_error"})
    await desk.store.save(job)
    await desk.store.delete(job)
    assert desk.told() == [
        {"status": "pending", "error": None, "waiting": None, "scanner": "Office"},
        {
            "status": "faulted",
            "error": {"error": "io_error"},
            "waiting": None,
            "scanner": "Office",
        },
        {"status": "deleted"},
    ]
    assert desk.events.after(0, origin="https://other.example") == []


async def test_change_wakes_whoever_waits_for_events(desk: Desk) -> None:
    """At once, not when they look again."""
    for change in (desk.store.save, desk.store.delete):
        changed = desk.events.watch()
        await change(made_job())
        assert changed.is_set()


async def test_deleted_job_is_gone_with_its_key(desk: Desk) -> None:
    """The others stay."""
    first, second = made_job("a" * 32), made_job("b" * 32)
    await desk.store.save(first)
    await desk.store.save(second)
    await desk.store.delete(first)
    assert desk.restart() == [second]


async def test_note_of_a_job_is_written_with_it_or_not_at_all(desk: Desk) -> None:
    """One transaction: where the note cannot be written, there is no job either."""
    note = "INSERT INTO touched (uid, at) VALUES ('note', 1)"
    first, second = made_job("a" * 32), made_job("b" * 32)
    await desk.store.save(first, lambda write: write.execute(note))
    with pytest.raises(sqlite3.IntegrityError):
        await desk.store.save(second, lambda write: write.execute(note))
    assert desk.restart() == [first]
    assert len(desk.index.read("SELECT 1 FROM touched WHERE uid = 'note'")) == 1


async def test_key_of_a_job_is_stored_wrapped(desk: Desk) -> None:
    """The index alone opens nothing, nor does another master key."""
    job = made_job()
    await desk.store.save(job)
    (row,) = desk.index.read("SELECT record, key FROM jobs")
    assert job.key not in row["key"]
    assert job.key.hex() not in row["record"]
    with pytest.raises(PageCorruptError):
        JobStore(desk.index, desk.events, new_key()).load_all()
