"""Long operations in the index, each with what it made: an encrypted file."""

from __future__ import annotations

import json
import sqlite3

from flatbed.addon.frames import FrameReader, unwrap_key, wrap_key
from flatbed.errors import JobNotFoundError, PageCorruptError
from flatbed.storage.events import LOCAL, EventLog, add_event
from flatbed.storage.index import Also, Index, nothing_else
from flatbed.storage.made_file import MadeFile
from flatbed.storage.owners import origin_of
from flatbed.storage.page_files import PageFiles
from flatbed.storage.process_job import ProcessJob, TooManyJobsError

KEPT_MOST = 200
"""Jobs of one web origin, ended or not."""

RUNNING_MOST = 16
"""Of those, the ones that run."""

_COLUMNS = "uid, origin, operation, status, done, total, error, started_at, finished_at"
_PLAIN = ("uid", "operation", "status", "done", "total", "started_at", "finished_at")
_COUNT = (
    "SELECT count(*) AS kept, coalesce(sum(status = 'running'), 0) AS running FROM process_jobs"
    " WHERE substr(origin, 1, instr(origin || '#', '#') - 1) = ?"
)


class ProcessJobs:
    """The long operations of one data folder."""

    def __init__(self, index: Index, events: EventLog, files: PageFiles, master_key: bytes) -> None:
        self._index, self._events, self._files = index, events, files
        self._master_key = master_key

    async def add(self, job: ProcessJob, also: Also[ProcessJob] = nothing_else) -> None:
        """Write a new job down, and what else goes with it; durable when this returns.

        Raises:
            TooManyJobsError: If its origin has as many as it may have; local callers always may.
        """

        def change(write: sqlite3.Connection) -> None:
            _check_number(write, job.owner)
            write.execute(
                f"INSERT INTO process_jobs ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                self._row(job),
            )
            _tell(write, job, status=job.status)
            also(write, job)

        await self._index.write(change)
        self._events.wake()

    async def save(self, job: ProcessJob) -> None:
        """Write down how far a job is, or how it ended without a result."""
        await self._index.write_state(lambda write: self._update(write, job))
        self._events.wake()

    async def finish(self, job: ProcessJob, made: MadeFile) -> None:
        """Write down that a job has completed, and keep what it made; durable when this returns.

        Raises:
            DiskFullError: If there is no room for it.
            PageCorruptError: If the file is not the one that was made.
        """
        wrapped = wrap_key(made.key, by=self._master_key, uid=made.uid)
        row = (made.uid, job.uid, job.owner, json.dumps(made.record), wrapped)

        def announce(write: sqlite3.Connection) -> None:
            # Moved, and cut off before the next transaction: the file is nobody's, and goes.
            write.execute("INSERT OR IGNORE INTO dropped VALUES (?)", (made.uid,))

        def change(write: sqlite3.Connection) -> None:
            if not self._files.move_file_in(made.folder, made.uid, made.file):
                raise PageCorruptError("What the operation made is damaged. Start it again.")
            write.execute(
                "INSERT INTO process_results (uid, job_uid, origin, record, key)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )
            self._update(write, job)

        await self._index.write(announce)
        await self._index.write(change)
        self._events.wake()

    async def delete(self, job: ProcessJob) -> None:
        """Forget a job: first the key of what it made, then the file."""

        def change(write: sqlite3.Connection) -> list[str]:
            found = write.execute("SELECT uid FROM process_results WHERE job_uid = ?", (job.uid,))
            files = [str(row["uid"]) for row in found.fetchall()]
            write.execute("DELETE FROM process_jobs WHERE uid = ?", (job.uid,))
            _tell(write, job, status="deleted")
            return files

        self._files.delete(await self._index.write_at_need(change))
        self._events.wake()

    def get(self, uid: str, *, owner: str) -> ProcessJob:
        """The job of an owner; those of all owners for `local`.

        Raises:
            JobNotFoundError: If there is none, or it is another's.
        """
        rows = self._index.read(f"SELECT {_COLUMNS} FROM process_jobs WHERE uid = ?", uid)  # noqa: S608
        if not rows or owner not in (rows[0]["origin"], LOCAL):
            raise JobNotFoundError
        return self._to_job(rows[0])

    def of(self, owner: str) -> list[ProcessJob]:
        """The jobs of an owner, oldest first; those of all owners for `local`."""
        rows = self._index.read(
            f"SELECT {_COLUMNS} FROM process_jobs"  # noqa: S608
            " WHERE ? IN (origin, ?) ORDER BY started_at, uid",
            *(owner, owner if owner == LOCAL else ""),
        )
        return [self._to_job(row) for row in rows]

    def unfinished(self) -> list[ProcessJob]:
        """The jobs that run, or did when the service ended."""
        rows = self._index.read(f"SELECT {_COLUMNS} FROM process_jobs WHERE status = 'running'")  # noqa: S608
        return [self._to_job(row) for row in rows]

    def finished_before(self, moment: float) -> list[ProcessJob]:
        """The jobs that had ended by then, in seconds of the epoch."""
        rows = self._index.read(
            f"SELECT {_COLUMNS} FROM process_jobs WHERE finished_at < ?",  # noqa: S608
            moment,
        )
        return [self._to_job(row) for row in rows]

    def open_result(self, job: ProcessJob) -> tuple[FrameReader, str]:
        """What a job made, and its media type; the caller closes it.

        Raises:
            PageCorruptError: If it is not there any more.
        """
        rows = self._index.read(
            "SELECT uid, record, key FROM process_results WHERE job_uid = ?", job.uid
        )
        if not rows:
            raise PageCorruptError("What the operation made is not there. Start it again.")
        uid, record = rows[0]["uid"], json.loads(rows[0]["record"])
        key = unwrap_key(rows[0]["key"], by=self._master_key, uid=uid)
        return self._files.open(uid, "file", key), record["media_type"]

    def _update(self, write: sqlite3.Connection, job: ProcessJob) -> None:
        # Progress that comes later than the end tells nothing any more.
        found = write.execute(
            "UPDATE process_jobs SET status = ?4, done = ?5, total = ?6, error = ?7,"
            " finished_at = ?9 WHERE uid = ?1 AND status = 'running'",
            self._row(job),
        )
        if found.rowcount:
            _tell(write, job, status=job.status)

    def _row(self, job: ProcessJob) -> tuple[object, ...]:
        error = None
        if job.error is not None:
            # An add-on's sentence can say what stands on a page.
            plain = json.dumps(job.error).encode()
            error = wrap_key(plain, by=self._master_key, uid=job.uid)
        return (
            *(job.uid, job.owner, job.operation, job.status, job.done, job.total, error),
            *(job.started_at, job.finished_at),
        )

    def _to_job(self, row: sqlite3.Row) -> ProcessJob:
        error = row["error"]
        if error is not None:
            error = json.loads(unwrap_key(error, by=self._master_key, uid=row["uid"]))
        own = {name: row[name] for name in _PLAIN}
        return ProcessJob(owner=row["origin"], error=error, **own)


def _check_number(write: sqlite3.Connection, owner: str) -> None:
    if owner == LOCAL:
        return
    (row,) = write.execute(_COUNT, (origin_of(owner),)).fetchall()
    if row["kept"] >= KEPT_MOST or row["running"] >= RUNNING_MOST:
        raise TooManyJobsError(
            jobs=row["kept"], jobs_most=KEPT_MOST, running=row["running"], running_most=RUNNING_MOST
        )


def _tell(write: sqlite3.Connection, job: ProcessJob, *, status: str) -> None:
    data = {"done": job.done, "total": job.total, "status": status}
    add_event(write, job.owner, "process.progress", job.uid, data)
