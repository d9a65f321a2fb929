"""The page buffer: encrypted page files on disk, adopted from the spool of a scan."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import structlog

from flatbed.addon.frames import FrameReader, unwrap_key, wrap_key
from flatbed.addon.types import PageFile
from flatbed.errors import PageCorruptError, PageNotFoundError
from flatbed.storage.delivery import Delivery
from flatbed.storage.events import EventLog
from flatbed.storage.finished import FinishedPage, read_pages, read_variants
from flatbed.storage.index import Index
from flatbed.storage.made_file import made_by
from flatbed.storage.page_files import PageFiles
from flatbed.storage.sources import read_source, take_kept
from flatbed.storage.stored_page import (
    PAGE_COLUMNS,
    StoredPage,
    facts_of,
    find_orphans,
    mark_blank,
    mark_ready,
    record_of,
    tell_page,
    to_page,
)

log = structlog.get_logger("flatbed.buffer")


class PageBuffer:
    """All pages of one data folder.

    Attributes:
        files: Theirs.
    """

    def __init__(self, folder: Path, index: Index, events: EventLog, master_key: bytes) -> None:
        self.files = PageFiles(folder)
        self._index, self._events, self._master_key = index, events, master_key

    async def adopt(self, delivery: Delivery) -> None:
        """Take what a scan has finished into the buffer; durable when this returns.

        Can be done again for entries that were adopted before: nothing is doubled.

        Raises:
            DiskFullError: If there is no room for it; it can be done again when there is.
            DiskFaultError: If the disk failed.
        """
        await self._index.write(self._adoption(delivery))
        self._events.wake()

    async def adopt_rest(self, delivery: Delivery) -> None:
        """The same for a scan that has ended: its pages have room, and need no more than a line."""
        await self._index.write_state(self._adoption(delivery))
        self._events.wake()

    def _adoption(self, delivery: Delivery) -> Callable[[sqlite3.Connection], None]:
        keys, variants = delivery.unwrap(), read_variants(delivery.entries)
        spool, move = delivery.folder, self.files.move_beside

        def change(write: sqlite3.Connection) -> None:
            adopted = [page for page in keys if self.files.move_in(spool, page)]
            there = [each for each in variants if move(spool, each.page, each.kind, each)]
            self.files.sync(page.uid for page in adopted)
            for page in adopted:
                self._insert(write, delivery, page, keys[page])
            for each in there:
                write.execute("UPDATE pages SET has_jpeg = 1 WHERE uid = ?", (each.page,))

        return change

    def get(self, uid: str, *, origin: str | None) -> StoredPage:
        """A page of an origin; `None` for any.

        Raises:
            PageNotFoundError: If there is none, or it is another's.
        """
        rows = self._index.read(f"SELECT {PAGE_COLUMNS} FROM pages WHERE uid = ?", uid)  # noqa: S608
        if not rows or origin not in (None, rows[0]["origin"]):
            raise PageNotFoundError
        return to_page(rows[0])

    def pages_of(self, job_uid: str) -> list[StoredPage]:
        """The pages of a job in order."""
        return self._read_pages("job_uid = ? AND is_ready AND NOT is_blank", job_uid)

    def unready_of(self, job_uid: str) -> list[StoredPage]:
        """The pages of a job that are safe and not to be seen yet, in order."""
        return self._read_pages("job_uid = ? AND NOT is_ready", job_uid)

    def blank_of(self, job_uid: str) -> list[StoredPage]:
        """The pages of a job that were left out because nothing is on them."""
        return self._read_pages("job_uid = ? AND is_blank", job_uid)

    def placed_of(self, job_uid: str) -> list[str]:
        """The uids that a job's pages have in the document that it put them into, in order."""
        pages = self._read_pages("job_uid = ? AND placed_as IS NOT NULL", job_uid)
        return [page.placed_as for page in pages if page.placed_as is not None]

    def count_of(self, job_uid: str) -> int:
        """How many pages a job has."""
        seen = "job_uid = ? AND is_ready AND NOT is_blank"
        rows = self._index.read(f"SELECT count(*) AS n FROM pages WHERE {seen}", job_uid)  # noqa: S608
        return int(rows[0]["n"])

    def next_ordinal_of(self, job_uid: str) -> int:
        """The place of the next page of a job; more than its pages where one was lost."""
        rows = self._index.read(
            "SELECT coalesce(max(ordinal) + 1, 0) AS n FROM pages WHERE job_uid = ?", job_uid
        )
        return int(rows[0]["n"])

    def open(self, page: StoredPage, kind: str = "page") -> FrameReader:
        """One of the files of a page: `page` (its PNG), `thumbnail` or `jpeg`.

        Raises:
            PageCorruptError: If the file is not there.
        """
        return self.files.open(page.uid, kind, self.key_of(page))

    def put_beside(self, page: StoredPage, kind: str, data: bytes) -> None:
        """Keep a file that can be made again beside a page, as a larger thumbnail.

        Raises:
            DiskFullError: If there is no room for it.
        """
        self.files.put(page.uid, kind, self.key_of(page), data)

    def has(self, page: StoredPage, kind: str) -> bool:
        """Whether a file that can be made again is there."""
        return self.has_file(page.uid, kind)

    def has_file(self, uid: str, kind: str) -> bool:
        """The same by the uid of the page that it belongs to."""
        return self.files.has(uid, kind)

    def for_worker(self, page: StoredPage) -> PageFile:
        """What a worker gets of a page: its path and its key."""
        return PageFile(
            uid=page.uid,
            size_px=page.size_px,
            dpi=page.dpi,
            mode=page.mode,
            bits=page.bits,
            path=str(self.files.path(page.uid, "page")),
            key=self.key_of(page).hex(),
            source=page.source.for_worker(self.files) if page.source else None,
        )

    def unlocked(
        self,
        uid: str,
        record: Mapping[str, Any],
        key: bytes,
        *,
        holder: str,
        origin: str,
        ordinal: int = 0,
    ) -> StoredPage:
        """A page whose files are here, and whose key somebody else keeps wrapped.

        Args:
            uid: Of the page.
            record: As `record_of` makes it.
            key: Of the page, plain; in memory the master key wraps it.
            holder: The job or document that has it.
            origin: Whose it is.
            ordinal: Its place there.
        """
        return StoredPage(
            uid=uid,
            job_uid=holder,
            origin=origin,
            ordinal=ordinal,
            **facts_of(record),
            key=wrap_key(key, by=self._master_key, uid=uid),
            has_jpeg=self.has_file(uid, "jpeg"),
            is_handed_out=False,
            is_info_handed_out=False,
            source=read_source(record.get("source"), key),
        )

    async def announce(self, entries: Sequence[dict[str, Any]]) -> None:
        """Note pages that `take_files` will move: cut off in between, they are nobody's, and go."""
        kept = [entry["uid"] for entry in entries if entry.get("type") == "file"]
        uids = [(uid,) for uid in [*(page.uid for page in read_pages(entries)), *kept]]
        await self._index.write(
            lambda write: write.executemany("INSERT OR IGNORE INTO dropped VALUES (?)", uids)
        )

    def take_files(self, delivery: Delivery) -> list[StoredPage]:
        """Move pages that an add-on has written to where all pages are, and what they came from.

        They are on the disk when this returns, and nobody's: the caller, in the thread that writes,
        puts their keys down in its transaction.

        Raises:
            PageCorruptError: If one of them is not there as the add-on said.
            WorkerCrashedError: If pages came from files, and there is not one.
        """
        keys = delivery.unwrap()
        if len(keys) != sum(entry["type"] == "page" for entry in delivery.entries):
            raise PageCorruptError
        is_shown = delivery.files and any(page.source_page for page in keys)
        # Before anything is moved: what is not one file is the fault of the add-on.
        made = made_by(delivery) if is_shown else None
        for page in keys:
            if not self.files.move_in(delivery.folder, page):
                raise PageCorruptError
        self.files.sync(page.uid for page in keys)
        kept = take_kept(self.files, made) if made else None
        holder, origin = delivery.holder, delivery.origin
        found = []
        for page, key in keys.items():
            taken = self.unlocked(page.uid, record_of(page), key, holder=holder, origin=origin)
            number = page.source_page
            source = replace(kept, number=number) if kept and number else None
            found.append(replace(taken, source=source))
        return found

    async def mark_handed_out(self, uid: str, *, column: str) -> None:
        """Remember that `next-page` (`handed_out`) or its info (`info_handed_out`) gave a page."""
        await self._index.write(
            lambda write: write.execute(
                f"UPDATE pages SET {column} = 1 WHERE uid = ?",  # noqa: S608 - a name of ours
                (uid,),
            )
        )

    async def delete_job_pages(self, job_uid: str) -> None:
        """Delete the pages of a job: first their keys, then the files that no document needs."""

        def change(write: sqlite3.Connection) -> list[str]:
            found = write.execute("DELETE FROM pages WHERE job_uid = ? RETURNING uid", (job_uid,))
            return find_orphans(write, [str(row["uid"]) for row in found.fetchall()])

        await self.delete_files(await self._index.write_at_need(change))

    async def delete_files(self, uids: Sequence[str]) -> None:
        """Delete the files of pages whose keys are gone already; nothing can read them any more."""
        if uids:
            await asyncio.to_thread(self.files.delete, uids)

    def key_of(self, page: StoredPage) -> bytes:
        """The key of a page, 32 bytes.

        Raises:
            PageCorruptError: If it was wrapped by another master key.
        """
        return unwrap_key(page.key, by=self._master_key, uid=page.uid)

    async def show(self, page: StoredPage) -> None:
        """Let a page be seen that was not ready."""
        await self._index.write(lambda write: mark_ready(write, page))
        self._events.wake()

    async def skip(self, page: StoredPage) -> None:
        """Leave out a page that was not ready, as nothing is on it; it stays with its job."""
        await self._index.write(lambda write: mark_blank(write, page))
        self._events.wake()

    def _read_pages(self, where: str, job_uid: str) -> list[StoredPage]:
        query = f"SELECT {PAGE_COLUMNS} FROM pages WHERE {where} ORDER BY ordinal"  # noqa: S608
        return [to_page(row) for row in self._index.read(query, job_uid)]

    def _insert(
        self, write: sqlite3.Connection, delivery: Delivery, page: FinishedPage, key: bytes
    ) -> None:
        whose = (delivery.holder, delivery.origin)
        wrapped = wrap_key(key, by=self._master_key, uid=page.uid)
        cursor = write.execute(
            "INSERT OR IGNORE INTO pages (uid, job_uid, origin, ordinal, record, key, is_ready)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                *(page.uid, *whose, page.ordinal, json.dumps(record_of(page))),
                *(wrapped, delivery.is_ready),
            ),
        )
        if cursor.rowcount and delivery.is_ready:
            tell_page(write, page, job=delivery.holder, origin=delivery.origin)
