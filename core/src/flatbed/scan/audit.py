"""Who scanned when, where and how much: one line for each job that was started, at its end."""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog

from flatbed import system
from flatbed.scan.jobs import ScanJob, Status
from flatbed.storage.owners import origin_of

log = structlog.get_logger("flatbed.audit")

AUDIT = Path("log") / "audit.jsonl"
"""Where it lies in a data folder."""

FILE_BYTES = 5 << 20
FILES_KEPT = 5
"""This many at most, the one that is written among them; some 100,000 jobs."""

_WAITING_MOST = 1000


class AuditLog:
    """The lines, and what is to be written of them yet.

    Args:
        path: The file, for its user alone; older ones stand beside it as `.1`, `.2` and so on.
        file_bytes: A file that would grow beyond this is set aside first.
    """

    def __init__(self, path: Path, *, file_bytes: int = FILE_BYTES) -> None:
        self._path, self._file_bytes = path, file_bytes
        self._began = time.time()
        self._noted: set[str] = set()
        # Lines that a full disk did not take; they come before the next one.
        self._waiting: list[bytes] = []
        self._writing = threading.Lock()

    async def note(self, job: ScanJob, *, pages: int, status: Status | None = None) -> None:
        """Write the line of a job that has ended, unless it is written already.

        It is on the disk when this returns; where it cannot be, the log says so, and it is tried
        again with the next one. Nothing is raised.

        Args:
            job: Whose line; one that was never started has none.
            pages: How many it brought.
            status: In place of the job's own.
        """
        if job.started_at is None or job.uid in self._noted:
            return
        self._noted.add(job.uid)
        is_old = job.created_at < self._began
        line = _line_of(job, pages, status or job.status)
        await asyncio.to_thread(self._write, line, known_by=job.uid if is_old else None)

    def _write(self, line: bytes, *, known_by: str | None) -> None:
        with self._writing:
            try:
                if known_by is None or not self._has(known_by):
                    self._waiting.append(line)
                while self._waiting:
                    self._append(self._waiting[0])
                    del self._waiting[0]
            except OSError as error:
                log.warning("audit line waits", lines=len(self._waiting), error=error.strerror)
                del self._waiting[:-_WAITING_MOST]

    def _has(self, uid: str) -> bool:
        """Whether a process of before, that was killed then, has written a job's line."""
        mark = f'"job": "{uid}"}}\n'.encode()
        try:
            return any(mark in path.read_bytes() for path in self._files() if path.exists())
        except OSError as error:
            log.warning("audit lines not read", error=error.strerror)
            return False

    def _append(self, line: bytes) -> None:
        if self._path.exists() and self._path.stat().st_size + len(line) > self._file_bytes:
            self._set_aside()
        is_new = not self._path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self._path, flags, 0o600)
        try:
            os.fchmod(file, 0o600)
            _cut_torn_line(file)
            _write_whole(file, line)
        finally:
            os.close(file)
        if is_new:
            system.sync_folder(self._path.parent)

    def _set_aside(self) -> None:
        files = self._files()
        for older, newer in zip(files[:0:-1], files[-2::-1], strict=True):
            if newer.exists():
                newer.rename(older)

    def _files(self) -> list[Path]:
        """The newest first."""
        numbers = range(1, FILES_KEPT)
        older = [self._path.with_name(f"{self._path.name}.{number}") for number in numbers]
        return [self._path, *older]


def _line_of(job: ScanJob, pages: int, status: Status) -> bytes:
    ended = datetime.fromtimestamp(job.finished_at or time.time(), UTC)
    facts = {
        "time": ended.isoformat(timespec="milliseconds"),
        "user": system.own_user_name(),
        "origin": origin_of(job.origin),
        "device": job.scanner_name,
        "pages": pages,
        "status": status,
        # The last, so that no torn line has it.
        "job": job.uid,
    }
    return f"{json.dumps(facts)}\n".encode()


def _cut_torn_line(file: int) -> None:
    """Take off what a crash or a power cut has left of a line."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        os.ftruncate(file, os.pread(file, size, 0).rfind(b"\n") + 1)


def _write_whole(file: int, line: bytes) -> None:
    before = os.fstat(file).st_size
    try:
        view = memoryview(line)
        while view:
            view = view[os.write(file, view) :]
        os.fsync(file)
    except OSError:
        os.ftruncate(file, before)
        raise
