"""The page buffer: encrypted page files on disk, adopted from the spool of a scan."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from flatbed import system
from flatbed.addon.frames import FrameReader, read_tag, unwrap_key, wrap_key
from flatbed.addon.types import Bits, Mode, PageFile
from flatbed.errors import PageCorruptError, PageNotFoundError
from flatbed.storage.events import EventLog, add_event
from flatbed.storage.finished import FinishedFile, FinishedPage, read_pages, read_variants
from flatbed.storage.index import Index

log = structlog.get_logger("flatbed.buffer")

_RECORDED = ("size_px", "dpi", "mode", "bits", "size", "tag")
_COLUMNS = "uid, job_uid, origin, ordinal, record, key, has_jpeg, handed_out, info_handed_out"


@dataclass(frozen=True, kw_only=True)
class StoredPage:
    """One page in the buffer.

    Attributes:
        uid: Its id.
        job_uid: The job that scanned it.
        origin: Whose it is.
        ordinal: Its place in the job, from 0.
        size_px: (width, height).
        dpi: (horizontal, vertical).
        mode: `1`, `L` or `RGB`.
        bits: Bits of one sample.
        key: The page's key, wrapped by the master key.
        has_jpeg: A JPEG lies beside it.
        is_handed_out: `next-page` has given it away.
        is_info_handed_out: `next-page-info` has.
    """

    uid: str
    job_uid: str
    origin: str
    ordinal: int
    size_px: tuple[int, int]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits
    key: bytes
    has_jpeg: bool
    is_handed_out: bool
    is_info_handed_out: bool


class PageBuffer:
    """All pages of one data folder."""

    def __init__(self, folder: Path, index: Index, events: EventLog, master_key: bytes) -> None:
        self._folder = system.own_folder(folder)
        self._index, self._events, self._master_key = index, events, master_key

    async def adopt(
        self, job_uid: str, origin: str, spool: Path, key: bytes, entries: Sequence[dict[str, Any]]
    ) -> None:
        """Take what a scan has finished into the buffer; durable when this returns.

        Can be done again for entries that were adopted before: nothing is doubled.

        Args:
            job_uid: The job.
            origin: Whose it is.
            spool: The job's folder.
            key: The job's key, which wraps those of the pages.
            entries: From its journal.
        """
        keys, variants = _unwrap(read_pages(entries), key), read_variants(entries)

        def change(write: sqlite3.Connection) -> None:
            adopted = [page for page in keys if self._move(spool, page)]
            there = [
                each for each in variants if self._move_beside(spool, each.page, each.kind, each)
            ]
            self._sync_folders(page.uid for page in adopted)
            for page in adopted:
                self._insert(write, job_uid, origin, page, keys[page])
            for each in there:
                write.execute("UPDATE pages SET has_jpeg = 1 WHERE uid = ?", (each.page,))

        await self._index.write(change)
        self._events.wake()

    def get(self, uid: str, *, origin: str | None) -> StoredPage:
        """A page of an origin; `None` for any.

        Raises:
            PageNotFoundError: If there is none, or it is another's.
        """
        rows = self._index.read(f"SELECT {_COLUMNS} FROM pages WHERE uid = ?", uid)  # noqa: S608
        if not rows or origin not in (None, rows[0]["origin"]):
            raise PageNotFoundError
        return _to_page(rows[0])

    def pages_of(self, job_uid: str) -> list[StoredPage]:
        """The pages of a job in order."""
        rows = self._index.read(
            f"SELECT {_COLUMNS} FROM pages WHERE job_uid = ? ORDER BY ordinal",  # noqa: S608
            job_uid,
        )
        return [_to_page(row) for row in rows]

    def count_of(self, job_uid: str) -> int:
        """How many pages a job has."""
        rows = self._index.read("SELECT count(*) AS n FROM pages WHERE job_uid = ?", job_uid)
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
        try:
            return FrameReader(
                self._path(page.uid, kind), key=self.key_of(page), uid=page.uid, kind=kind
            )
        except OSError as error:
            raise PageCorruptError(
                f"The {kind} of page {page.uid} cannot be read: {error.strerror}."
            ) from error

    def has(self, page: StoredPage, kind: str) -> bool:
        """Whether a file that can be made again is there."""
        return self.has_file(page.uid, kind)

    def has_file(self, uid: str, kind: str) -> bool:
        """The same by the uid of the page that it belongs to."""
        return self._path(uid, kind).exists()

    def for_worker(self, page: StoredPage) -> PageFile:
        """What a worker gets of a page: its path and its key."""
        return PageFile(
            uid=page.uid,
            size_px=page.size_px,
            dpi=page.dpi,
            mode=page.mode,
            bits=page.bits,
            path=str(self._path(page.uid, "page")),
            key=self.key_of(page).hex(),
        )

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
        uids = [page.uid for page in self.pages_of(job_uid)]

        def change(write: sqlite3.Connection) -> list[str]:
            write.execute("DELETE FROM pages WHERE job_uid = ?", (job_uid,))
            return find_orphans(write, uids)

        self.delete_files(await self._index.write(change))

    def delete_files(self, uids: Iterable[str]) -> None:
        """Delete the files of pages whose keys are gone already."""
        for uid in uids:
            for kind in ("page", "thumbnail", "jpeg"):
                self._path(uid, kind).unlink(missing_ok=True)

    def key_of(self, page: StoredPage) -> bytes:
        """The key of a page, 32 bytes.

        Raises:
            PageCorruptError: If it was wrapped by another master key.
        """
        return unwrap_key(page.key, by=self._master_key, uid=page.uid)

    def _move(self, spool: Path, page: FinishedPage) -> bool:
        target = self._path(page.uid, "page")
        if not target.parent.exists():
            system.own_folder(target.parent)
            system.sync_folder(self._folder)
        if not self._move_beside(spool, page.uid, "page", page):
            log.error("page lost", page=page.uid, size=page.size)
            return False
        self._move_beside(spool, page.uid, "thumbnail", page.thumbnail)
        return True

    def _move_beside(self, spool: Path, uid: str, kind: str, file: FinishedFile) -> bool:
        source, target = spool / f"{uid}.{kind}", self._path(uid, kind)
        if read_tag(source, file.size) == file.tag:
            source.rename(target)
        # Renamed before a crash, committed after it: the file is in its place already.
        return read_tag(target, file.size) == file.tag

    def _sync_folders(self, uids: Iterable[str]) -> None:
        for folder in {self._path(uid, "page").parent for uid in uids}:
            system.sync_folder(folder)

    def _insert(
        self,
        write: sqlite3.Connection,
        job_uid: str,
        origin: str,
        page: FinishedPage,
        page_key: bytes,
    ) -> None:
        record = {name: getattr(page, name) for name in _RECORDED}
        cursor = write.execute(
            "INSERT OR IGNORE INTO pages (uid, job_uid, origin, ordinal, record, key)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                *(page.uid, job_uid, origin, page.ordinal, json.dumps(record)),
                wrap_key(page_key, by=self._master_key, uid=page.uid),
            ),
        )
        if cursor.rowcount:
            data = {"page": page.uid, "ordinal": page.ordinal, "size_px": page.size_px}
            add_event(write, origin, "page.added", job_uid, data)

    def _path(self, uid: str, kind: str) -> Path:
        return self._folder / uid[:2] / f"{uid}.{kind}"


def find_orphans(write: sqlite3.Connection, uids: Iterable[str]) -> list[str]:
    """The pages among some that neither a job nor a document has any more."""
    query = (
        "SELECT 1 FROM pages WHERE uid = ? UNION ALL"
        " SELECT 1 FROM document_pages WHERE original = ? LIMIT 1"
    )
    return [uid for uid in uids if write.execute(query, (uid, uid)).fetchone() is None]


def _unwrap(pages: Iterable[FinishedPage], job_key: bytes) -> dict[FinishedPage, bytes]:
    found = {}
    for page in pages:
        try:
            found[page] = unwrap_key(bytes.fromhex(page.key), by=job_key, uid=page.uid)
        except PageCorruptError:
            # A page without its key is lost; those beside it are not.
            log.exception("page lost", page=page.uid, size=page.size)
    return found


def _to_page(row: sqlite3.Row) -> StoredPage:
    record = json.loads(row["record"])
    return StoredPage(
        uid=row["uid"],
        job_uid=row["job_uid"],
        origin=row["origin"],
        ordinal=row["ordinal"],
        size_px=tuple(record["size_px"]),
        dpi=tuple(record["dpi"]),
        mode=record["mode"],
        bits=record["bits"],
        key=row["key"],
        has_jpeg=bool(row["has_jpeg"]),
        is_handed_out=bool(row["handed_out"]),
        is_info_handed_out=bool(row["info_handed_out"]),
    )
