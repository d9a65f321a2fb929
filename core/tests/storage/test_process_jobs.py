"""Long operations in the index: what they made is kept, secret, counted, and goes with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.errors import JobNotFoundError, PageCorruptError, WorkerTimeoutError
from flatbed.storage.consistency import StorageCheck
from flatbed.storage.events import LOCAL
from flatbed.storage.leftovers import delete_dropped
from flatbed.storage.made_file import MadeFile, write_json
from flatbed.storage.process_job import ProcessJob, TooManyJobsError
from flatbed.storage.process_jobs import KEPT_MOST, RUNNING_MOST, ProcessJobs
from flatbed.storage.quota import Quota, QuotaLimits, Usage

from .desk import ORIGIN, OTHER, Desk

ANSWER = b'{"text": "To whom it may concern"}'
SAID = "To whom it may concern"


class Shelf:
    """The long operations of a desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.store = self.reopened()

    def reopened(self) -> ProcessJobs:
        """The same as another process has it."""
        desk = self.desk
        return ProcessJobs(desk.index, desk.events, desk.buffer.files, desk.master_key)

    async def add(self, uid: str = "a" * 32, owner: str = ORIGIN, total: int = 3) -> ProcessJob:
        """A new job."""
        job = ProcessJob(uid=uid, owner=owner, operation="read-text", total=total, started_at=1.5)
        await self.store.add(job)
        return job

    def made(self) -> MadeFile:
        """An answer on its way."""
        folder = self.desk.folder / "scratch"
        folder.mkdir(exist_ok=True)
        return write_json(folder, ANSWER)

    async def finished(self, uid: str = "a" * 32) -> ProcessJob:
        """A job with its answer."""
        done = (await self.add(uid)).completed()
        await self.store.finish(done, self.made())
        return done

    def read(self, job: ProcessJob) -> tuple[bytes, str]:
        """What a job made."""
        reader, media_type = self.store.open_result(job)
        with reader:
            return b"".join(reader), media_type


@pytest.fixture
def shelf(desk: Desk) -> Shelf:
    """No operations yet."""
    return Shelf(desk)


async def test_job_is_read_back_as_it_was_written(shelf: Shelf) -> None:
    """New, on its way, and at its end, by another process too."""
    job = await shelf.add()
    assert shelf.reopened().get(job.uid, owner=ORIGIN) == job
    on_its_way = job.at(2, 5)
    await shelf.store.save(on_its_way)
    assert shelf.reopened().get(job.uid, owner=ORIGIN) == on_its_way
    failed = on_its_way.faulted(WorkerTimeoutError(SAID, addon="text"))
    await shelf.store.save(failed)
    found = shelf.reopened().get(job.uid, owner=ORIGIN)
    assert found == failed
    assert found.error == {
        "error": "worker_timeout",
        "code": -1001,
        "message": SAID,
        "details": {"addon": "text"},
    }
    assert (found.status, found.done, found.total) == ("faulted", 2, 5)


async def test_every_change_of_a_job_is_an_event_of_its_owner(shelf: Shelf) -> None:
    """Without a word of what was found or went wrong."""
    job = await shelf.add()
    await shelf.store.save(job.at(2, 3))
    done = job.completed()
    await shelf.store.finish(done, shelf.made())
    await shelf.store.delete(done)
    assert shelf.desk.told() == [
        ("process.progress", job.uid, {"done": 0, "total": 3, "status": "running"}),
        ("process.progress", job.uid, {"done": 2, "total": 3, "status": "running"}),
        ("process.progress", job.uid, {"done": 3, "total": 3, "status": "completed"}),
        ("process.progress", job.uid, {"done": 3, "total": 3, "status": "deleted"}),
    ]


async def test_progress_that_comes_after_the_end_changes_nothing(shelf: Shelf) -> None:
    """It was on its way while the job ended."""
    job = await shelf.add()
    await shelf.store.finish(job.completed(), shelf.made())
    told = len(shelf.desk.told())
    await shelf.store.save(job.at(1, 3))
    assert shelf.store.get(job.uid, owner=ORIGIN).status == "completed"
    assert len(shelf.desk.told()) == told


async def test_result_is_what_was_kept_and_nothing_of_it_is_in_the_clear(
    shelf: Shelf, tmp_path: Path
) -> None:
    """Neither the answer nor what an add-on said of its failure."""
    done = await shelf.finished()
    failed = (await shelf.add("b" * 32)).faulted(WorkerTimeoutError(SAID))
    await shelf.store.save(failed)
    assert shelf.read(done) == (ANSWER, "application/json")
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path for path in files if SAID.encode() in path.read_bytes()] == []
    assert shelf.desk.files() == [".file"]


async def test_job_of_another_owner_is_not_there(shelf: Shelf) -> None:
    """For a local caller all are."""
    mine, theirs = await shelf.add("a" * 32), await shelf.add("b" * 32, f"{ORIGIN}#1")
    for owner, job in ((OTHER, mine), (ORIGIN, theirs), (f"{ORIGIN}#1", mine)):
        with pytest.raises(JobNotFoundError):
            shelf.store.get(job.uid, owner=owner)
    assert shelf.store.of(ORIGIN) == [mine]
    assert shelf.store.of(OTHER) == []
    assert shelf.store.of(LOCAL) == [mine, theirs]
    assert shelf.store.get(theirs.uid, owner=LOCAL) == theirs


async def test_deleted_job_takes_its_file_along(shelf: Shelf) -> None:
    """And the file's key before that."""
    done, kept = await shelf.finished("a" * 32), await shelf.finished("b" * 32)
    await shelf.store.delete(done)
    assert shelf.desk.files() == [".file"]
    assert len(shelf.desk.index.read("SELECT * FROM process_results")) == 1
    assert shelf.store.of(ORIGIN) == [kept]
    with pytest.raises(PageCorruptError):
        shelf.store.open_result(done)


async def test_file_of_a_deleted_job_goes_at_the_next_start(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the commit and the unlink."""
    done = await shelf.finished()
    with monkeypatch.context() as patch:
        patch.setattr(shelf.desk.buffer.files, "delete", lambda _: None)
        await shelf.store.delete(done)
    assert shelf.desk.files() == [".file"]
    await delete_dropped(shelf.desk.index, shelf.desk.buffer)
    assert shelf.desk.files() == []
    assert shelf.desk.index.read("SELECT * FROM dropped") == []


async def test_file_that_was_moved_and_not_committed_goes_at_the_next_start(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed in the transaction: it is nobody's."""
    job = await shelf.add()

    def fail(*_: object) -> None:
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(shelf.store, "_update", fail)
        with pytest.raises(KeyError):
            await shelf.store.finish(job.completed(), shelf.made())
    assert shelf.desk.files() == [".file"]
    await delete_dropped(shelf.desk.index, shelf.desk.buffer)
    assert shelf.desk.files() == []


async def test_file_of_a_job_stays_at_a_start(shelf: Shelf) -> None:
    """It was announced as nobody's before it was kept."""
    done = await shelf.finished()
    await delete_dropped(shelf.desk.index, shelf.desk.buffer)
    assert shelf.read(done)[0] == ANSWER
    assert shelf.desk.index.read("SELECT * FROM dropped") == []


async def test_file_that_is_not_the_one_that_was_made_is_refused(shelf: Shelf) -> None:
    """The job has not completed, and nothing is left."""
    job, made = await shelf.add(), shelf.made()
    with (made.folder / f"{made.uid}.file").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"?")
    with pytest.raises(PageCorruptError):
        await shelf.store.finish(job.completed(), made)
    assert shelf.store.get(job.uid, owner=ORIGIN).status == "running"
    assert shelf.desk.index.read("SELECT * FROM process_results") == []


async def test_what_was_made_counts_for_its_origin_as_bytes(shelf: Shelf) -> None:
    """It is no page; deleted, it counts no more."""
    done = await shelf.finished()
    quota = Quota(shelf.desk.index, QuotaLimits())
    (size,) = (path.stat().st_size for path in (shelf.desk.folder / "pages").rglob("*.file"))
    assert quota.usage_of(ORIGIN) == Usage(pages=0, bytes=size)
    await shelf.store.delete(done)
    assert quota.usage_of(ORIGIN) == Usage(pages=0, bytes=0)


async def test_origin_has_so_many_running_jobs_and_so_many_at_all(shelf: Shelf) -> None:
    """All its subjects together; another origin and local callers are not asked."""
    running = [
        await shelf.add(f"{number:032x}", f"{ORIGIN}#{number % 3}")
        for number in range(RUNNING_MOST)
    ]
    with pytest.raises(TooManyJobsError) as refused:
        await shelf.add("f" * 32)
    assert refused.value.details == {
        "jobs": 16,
        "jobs_most": 200,
        "running": 16,
        "running_most": 16,
    }
    await shelf.add("e" * 32, OTHER)
    await shelf.add("d" * 32, LOCAL)
    for job in running:
        await shelf.store.save(job.faulted(WorkerTimeoutError()))
    for number in range(RUNNING_MOST, KEPT_MOST):
        job = await shelf.add(f"{number:032x}")
        await shelf.store.save(job.faulted(WorkerTimeoutError()))
    with pytest.raises(TooManyJobsError):
        await shelf.add("f" * 32)
    await shelf.store.delete(running[0])
    await shelf.add("f" * 32)


async def test_jobs_are_found_by_what_is_to_be_done_with_them(shelf: Shelf) -> None:
    """Those that were cut off, and those whose time is up."""
    running, done = await shelf.add("a" * 32), await shelf.finished("b" * 32)
    assert done.finished_at is not None
    assert shelf.store.unfinished() == [running]
    assert shelf.store.finished_before(done.finished_at) == []
    assert shelf.store.finished_before(done.finished_at + 1) == [done]


async def test_check_of_the_storage_knows_what_operations_made(shelf: Shelf) -> None:
    """It is no page; damaged or gone, it can be made again."""
    desk = shelf.desk
    await shelf.finished()
    check = StorageCheck(desk.folder, desk.master_key)
    for report in (check.fast(), check.deep()):
        assert (report.pages, report.damaged, report.unknown_files) == (0, [], 0)
    (path,) = (desk.folder / "pages").rglob("*.file")
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    (damage,) = check.deep().damaged
    assert (damage.uid, damage.kind, damage.reason) == (path.stem, "file", "corrupt")
    path.unlink()
    (damage,) = check.fast().damaged
    assert (damage.kind, damage.reason, damage.is_replaceable) == ("file", "missing", True)
    assert check.fast().lost == []
