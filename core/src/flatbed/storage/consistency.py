"""The index against the files: what is damaged, and what nobody knows. Nothing is deleted here.

All of it blocks, and belongs in a thread of its own. It has its own connection to the index, so it
holds up neither the writer nor the readers.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from flatbed.addon.frames import FrameReader
from flatbed.errors import PageCorruptError, WrongStateError
from flatbed.storage.file_list import FileList, list_files, read_journals
from flatbed.storage.index import open_copy, opening_fault
from flatbed.storage.known_files import KnownPage, count_documents, is_known, known_pages, open_keys
from flatbed.storage.stored_page import FILE_KINDS

Reason: TypeAlias = Literal["missing", "wrong_size", "corrupt", "unreadable"]
Progress: TypeAlias = Callable[[int, int], None]


class Damage(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One file that is not what was stored.

    Attributes:
        uid: Of the page.
        kind: `page` for the page itself, else another form of it, as `thumbnail`; `file` for what
            an operation made.
        reason: What is wrong with it.
        is_replaceable: It can be made again from what is whole.
    """

    uid: str
    kind: str
    reason: Reason
    is_replaceable: bool = False


class StorageReport(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a check has found.

    Attributes:
        is_deep: Every file was read; else only names and sizes were compared.
        is_complete: Nobody stopped it.
        index_fault: What SQLite says of the index; None if it is whole.
        pages: Pages that the index knows.
        documents: Documents that it knows.
        bytes: Of all their files.
        damaged: What is not as it was stored.
        locked: Pages that only a document's password opens: their contents were not read.
        unknown_files: Files of pages that the index does not know; they are kept.
        unknown_bytes: Of those.
    """

    is_deep: bool
    is_complete: bool
    index_fault: str | None
    pages: int
    documents: int
    bytes: int
    damaged: list[Damage]
    locked: int
    unknown_files: int
    unknown_bytes: int

    @property
    def lost(self) -> list[Damage]:
        """The damage that nothing can be made again from."""
        return [each for each in self.damaged if not each.is_replaceable]


@dataclass
class _Findings:
    pages: int
    documents: int
    bytes: int = 0
    index_fault: str | None = None
    damaged: list[Damage] = field(default_factory=list)
    unknown: FileList = field(default_factory=dict)
    locked: int = 0
    is_complete: bool = True

    def report(self, *, is_deep: bool) -> StorageReport:
        sizes = [size for files in self.unknown.values() for size in files.values()]
        return StorageReport(
            is_deep=is_deep,
            is_complete=self.is_complete,
            index_fault=self.index_fault,
            pages=self.pages,
            documents=self.documents,
            bytes=self.bytes,
            damaged=sorted(self.damaged, key=lambda each: (each.uid, each.kind)),
            locked=self.locked,
            unknown_files=len(sizes),
            unknown_bytes=sum(sizes),
        )


class StorageCheck:
    """Checks one data folder, while a service works in it or without one.

    Args:
        cache: The folder with the index, the pages and the spool.
        master_key: Of the data folder.
    """

    def __init__(self, cache: Path, master_key: bytes) -> None:
        self._index, self._master_key = cache / "index.sqlite", master_key
        self._pages, self._spool = cache / "pages", cache / "spool"
        self._deep = threading.Lock()
        self._closed = threading.Event()

    def close(self) -> None:
        """Let a check that runs end soon."""
        self._closed.set()

    def fast(self) -> StorageReport:
        """Compare the names and sizes of all files with what the index says.

        Raises:
            IndexDamagedError: If the index cannot be read at all.
        """
        with self._reading() as index:
            return self._compare(index).report(is_deep=False)

    def deep(
        self, *, progress: Progress | None = None, stop: threading.Event | None = None
    ) -> StorageReport:
        """The same, and read every file to its end: one at a time, one frame at a time.

        Args:
            progress: Told after each page how many were read, of how many.
            stop: Set to have it end soon; what was found until then is reported.

        Raises:
            WrongStateError: If one is going on already.
            IndexDamagedError: If the index cannot be read at all.
        """
        if not self._deep.acquire(blocking=False):
            raise WrongStateError("A deep check is going on already. Wait for its end.")
        try:
            with self._reading() as index:
                findings = self._compare(index)
                self._read_all(index, findings, progress, stop or threading.Event())
                return findings.report(is_deep=True)
        finally:
            self._deep.release()

    def _reading(self) -> closing[sqlite3.Connection]:
        try:
            return closing(open_copy(self._index))
        except (sqlite3.DatabaseError, OSError) as error:
            raise opening_fault(self._index, error) from error

    def _compare(self, index: sqlite3.Connection) -> _Findings:
        files = list_files(self._pages)
        awaited = read_journals(self._spool)
        try:
            known = {page.uid: page for page in known_pages(index)}
            findings = _Findings(
                pages=sum(not page.is_replaceable for page in known.values()),
                documents=count_documents(index),
                index_fault=_quick_check(index),
            )
        except sqlite3.DatabaseError as error:
            raise opening_fault(self._index, error) from error
        findings.bytes = sum(sum(files.get(uid, {}).values()) for uid in known)
        findings.damaged = list(self._find_damage(index, known, files))
        findings.unknown = self._find_unknown(index, files, known.keys() | awaited)
        return findings

    def _find_unknown(
        self, index: sqlite3.Connection, files: FileList, known: set[str]
    ) -> FileList:
        unknown = files.keys() - known
        if unknown:
            # Adopted since the index was asked.
            unknown -= {page.uid for page in known_pages(index)}
        return {uid: files[uid] for uid in unknown}

    def _find_damage(
        self, index: sqlite3.Connection, known: dict[str, KnownPage], files: FileList
    ) -> Iterator[Damage]:
        for uid, page in known.items():
            listed = files.get(uid, {}).get(page.kind)
            if listed is not None and (not page.size or listed == page.size):
                continue
            # Scanned or deleted since the folders were listed? The row was there before this look
            # at the file, and is there after it.
            reason = self._look_at(page)
            if reason is not None and is_known(index, uid):
                yield Damage(
                    uid=uid, kind=page.kind, reason=reason, is_replaceable=page.is_replaceable
                )

    def _look_at(self, page: KnownPage) -> Reason | None:
        try:
            size = self._path(page.uid, page.kind).stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            return "missing"
        except OSError:
            return "unreadable"
        return "wrong_size" if page.size and size != page.size else None

    def _read_all(
        self,
        index: sqlite3.Connection,
        findings: _Findings,
        progress: Progress | None,
        stop: threading.Event,
    ) -> None:
        known_damage = {each.uid for each in findings.damaged}
        # All at once, and not row by row: a query that stays open keeps the log from being cleared.
        pages, keys = list(known_pages(index)), open_keys(index, self._master_key)
        for number, page in enumerate(pages):
            if stop.is_set() or self._closed.is_set():
                findings.is_complete = False
                return
            if page.uid not in keys:
                findings.locked += page.kind == "page"
            elif page.uid not in known_damage:
                findings.damaged += self._read_page(index, page, keys[page.uid])
            if progress is not None:
                progress(number + 1, len(pages))

    def _read_page(
        self, index: sqlite3.Connection, page: KnownPage, key: bytes | None
    ) -> list[Damage]:
        found = []
        for kind in FILE_KINDS:
            reason = self._read_file(page.uid, kind, key)
            is_replaceable = page.is_replaceable or kind != page.kind
            if reason is None or (reason == "missing" and kind != page.kind):
                continue
            if is_known(index, page.uid):
                found.append(
                    Damage(uid=page.uid, kind=kind, reason=reason, is_replaceable=is_replaceable)
                )
        return found

    def _read_file(self, uid: str, kind: str, key: bytes | None) -> Reason | None:
        try:
            if key is None:
                return "missing" if not self._path(uid, kind).exists() else "corrupt"
            with FrameReader(self._path(uid, kind), key=key, uid=uid, kind=kind) as reader:
                for _ in reader:
                    pass
        except PageCorruptError:
            return "corrupt"
        except FileNotFoundError:
            return "missing"
        except OSError:
            return "unreadable"
        return None

    def _path(self, uid: str, kind: str) -> Path:
        return self._pages / uid[:2] / f"{uid}.{kind}"


def _quick_check(index: sqlite3.Connection) -> str | None:
    answer = str(index.execute("PRAGMA quick_check(1)").fetchone()[0])
    return None if answer == "ok" else answer
