"""A scan's journal: one synced JSON line for each thing that is finished, in the job's folder.

The worker appends, the main process only reads, now or after a restart. A line without its newline
was being written when the machine or the worker stopped; it does not count.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed import system
from flatbed.errors import NO_ROOM

FILE_NAME = "journal.jsonl"

_SPARE_NAME = "journal.spare"
_SPARE_BYTES = 64 << 10
"""Room for some hundred lines on a disk that is full: what is finished, and how the scan ended."""

_CUT = b"~\n"
"""Ends a torn line so that it cannot be taken for a whole one that lacks its newline only."""

Entry = dict[str, Any]


@dataclass(frozen=True)
class ScanEnd:
    """How a scan ended: `completed`, `canceled` or `faulted` with the error's wire form."""

    status: str
    error: dict[str, Any] | None = None

    def to_entry(self, attempt: int) -> dict[str, Any]:
        """Its line in the journal, which the ends of several attempts may stand in."""
        return {"type": "end", "attempt": attempt, "status": self.status, "error": self.error}


class UnsyncedLineError(OSError):
    """A line stands in the journal, whole, but the disk failed to say that it is safe.

    Main may have read it already: what it tells of must be left as it is.
    """


def lock_path(folder: Path, attempt: int) -> Path:
    """The lock file of one attempt at a job; who holds the lock is scanning."""
    return folder / f"worker-{attempt}.lock"


class JournalWriter:
    """The worker's end."""

    def __init__(self, folder: Path) -> None:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._file = os.open(folder / FILE_NAME, flags, 0o600)
        self._lock = threading.Lock()
        self._spare = folder / _SPARE_NAME
        self._set_room_aside()

    def append(self, entry: Entry) -> None:
        """Add a line and wait until it is on the disk; a line that finds no room leaves nothing.

        Raises:
            UnsyncedLineError: If it was written, but may not be on the disk.
            OSError: If it was not written.
        """
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        with self._lock:
            self._write_at_need(line)
            try:
                os.fsync(self._file)
            except OSError as error:
                raise UnsyncedLineError(error.errno, error.strerror) from error

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _write_at_need(self, line: bytes) -> None:
        try:
            self._write(line)
        except OSError as error:
            if error.errno not in NO_ROOM or not self._spare.exists():
                raise
            self._spare.unlink()
            self._write(line)

    def _write(self, line: bytes) -> None:
        self._end_torn_line()
        whole = os.fstat(self._file).st_size
        try:
            while line:
                line = line[os.write(self._file, line) :]
        except OSError:
            # The next entry, which tells of the full disk, must not follow half a line.
            os.ftruncate(self._file, whole)
            raise

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, _CUT)

    def _set_room_aside(self) -> None:
        if self._spare.exists():
            return
        try:
            system.take_room(self._spare, _SPARE_BYTES)
        except OSError:
            # A disk that is full already; then the lines have to do with what there is.
            self._spare.unlink(missing_ok=True)


class JournalReader:
    """The main process's end: gives each entry once."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME
        self._offset = 0

    def read_new(self) -> list[Entry]:
        """The entries that were added since the last call."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._offset)
                data = file.read()
        except FileNotFoundError:
            return []
        whole = data[: data.rfind(b"\n") + 1]
        self._offset += len(whole)
        return [entry for line in whole.splitlines() if (entry := _parse(line)) is not None]


def _parse(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None  # a torn line that a later attempt has ended
    is_entry = isinstance(entry, dict) and isinstance(entry.get("type"), str)
    return entry if is_entry else None
