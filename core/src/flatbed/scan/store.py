"""Jobs in the index: what a restarted main process needs to know of them."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from typing import Any, get_type_hints

import msgspec

from flatbed.addon.frames import unwrap_key, wrap_key
from flatbed.scan.jobs import ScanJob
from flatbed.scan.scanners import mark_used
from flatbed.storage.events import EventLog, add_event
from flatbed.storage.index import Change, Index, nothing_else

_NOT_IN_RECORD = {"uid", "origin", "status", "key", "waiting", "changed"}
_RECORD_FIELDS = [field.name for field in fields(ScanJob) if field.name not in _NOT_IN_RECORD]


class JobStore:
    """The jobs of one data folder."""

    def __init__(self, index: Index, events: EventLog, master_key: bytes) -> None:
        self._index, self._events, self._master_key = index, events, master_key

    async def save(self, job: ScanJob, note: Change = nothing_else) -> None:
        """Write a job as it is now, and the event that tells of it; durable when this returns.

        A start needs room as everything does; how a job ends is told on a full disk too.

        Args:
            job: Which one.
            note: What else the same transaction writes.
        """
        is_start = job.status in ("pending", "running")
        row = (job.uid, job.origin, job.status, _to_record(job), self._wrap(job))
        data = {
            "status": job.status,
            "error": job.error,
            "waiting": job.waiting,
            "scanner": job.scanner_name,
        }

        def change(write: sqlite3.Connection) -> None:
            write.execute(
                "INSERT INTO jobs (uid, origin, status, record, key) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (uid) DO UPDATE SET status = excluded.status,"
                " record = excluded.record",
                row,
            )
            if is_start:
                name, driver = job.scanner_name, job.driver
                mark_used(write, uid=job.scanner_uid, name=name, driver=driver)
            add_event(write, job.origin, "job.status", job.uid, data)
            note(write)

        await (self._index.write if is_start else self._index.write_state)(change)
        self._events.wake()

    async def delete(self, job: ScanJob) -> None:
        """Forget a job and its key."""

        def change(write: sqlite3.Connection) -> None:
            write.execute("DELETE FROM jobs WHERE uid = ?", (job.uid,))
            add_event(write, job.origin, "job.status", job.uid, {"status": "deleted"})

        await self._index.write_at_need(change)
        self._events.wake()

    def load_all(self) -> list[ScanJob]:
        """Every job that has not been deleted."""
        rows = self._index.read("SELECT uid, origin, status, record, key FROM jobs")
        return [self._from_row(row) for row in rows]

    def _wrap(self, job: ScanJob) -> bytes:
        return wrap_key(job.key, by=self._master_key, uid=job.uid)

    def _from_row(self, row: sqlite3.Row) -> ScanJob:
        key = unwrap_key(row["key"], by=self._master_key, uid=row["uid"])
        record: dict[str, Any] = msgspec.json.decode(row["record"])
        own = {"uid": row["uid"], "origin": row["origin"], "status": row["status"]}
        parsed = {name: msgspec.convert(value, _TYPES[name]) for name, value in record.items()}
        return ScanJob(**own, key=key, **parsed)


def _to_record(job: ScanJob) -> str:
    record = {name: getattr(job, name) for name in _RECORD_FIELDS}
    return msgspec.json.encode(record).decode()


def _field_types() -> dict[str, Any]:
    hints = get_type_hints(ScanJob)
    return {name: hints[name] for name in _RECORD_FIELDS}


_TYPES = _field_types()
