"""What a crash or a lost index left: deleted only where the index says so, else set aside."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog

from flatbed import system
from flatbed.addon.frames import unwrap_key
from flatbed.errors import FlatbedError, FolderError, KeyLostError, PageCorruptError
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.consistency import StorageCheck, StorageReport
from flatbed.storage.index import Index
from flatbed.storage.known_files import is_known

log = structlog.get_logger("flatbed.storage")

KEPT = "kept"
"""The folder, beside the spool, of scans whose jobs the index does not know."""

_CLEANING_S = 3600

_SOME_KEYS = " UNION ALL ".join(
    f"SELECT * FROM (SELECT uid, key FROM {table} LIMIT 20)"  # noqa: S608 - names of ours
    for table in ("jobs", "pages", "documents WHERE salt IS NULL")
)


def check_master_key(read: Callable[[str], Sequence[sqlite3.Row]], master_key: bytes) -> None:
    """Refuse a master key that opens nothing of what the index holds.

    Args:
        read: Gives the rows of a query of the index.
        master_key: 32 bytes.

    Raises:
        KeyLostError: If there are wrapped keys, and none of some of them opens.
    """
    rows = read(_SOME_KEYS)
    if rows and not any(_opens(row, master_key) for row in rows):
        raise KeyLostError(
            "The key of the stored pages is not the one that they were stored with."
            " Nothing was deleted; put the right file back, or choose another data folder."
        )


class StorageCare:
    """What a start does for the storage of one data folder.

    Args:
        index: Its index.
        buffer: Its pages.
        check: Its check.
        cache: The folder of them all.
    """

    def __init__(self, index: Index, buffer: PageBuffer, check: StorageCheck, cache: Path) -> None:
        self._index, self._buffer, self._check = index, buffer, check
        self._spool, self._kept = cache / "spool", cache / KEPT

    def set_unknown_aside(self, end_scan: Callable[[Path], None]) -> None:
        """Keep the scans of jobs that the index does not know from being cleared away.

        Must come before jobs are taken up.

        Args:
            end_scan: Ends what still scans into a folder.
        """
        for folder in find_unknown_spools(self._index, self._spool):
            end_scan(folder)
            set_aside(folder, system.own_folder(self._kept))

    async def run(self) -> None:
        """Look round once, then clean up now and then until cancelled."""
        await self.look_round()
        while True:
            await asyncio.sleep(_CLEANING_S)
            await self._clean()

    async def look_round(self) -> None:
        """Delete what a crash left half deleted, and tell the log what is damaged or unknown."""
        await self._clean()
        try:
            _tell(await asyncio.to_thread(self._check.fast))
        except (FlatbedError, OSError, sqlite3.Error) as error:
            log.warning("storage not checked", error=str(error))

    async def _clean(self) -> None:
        try:
            await delete_dropped(self._index, self._buffer)
        except (FlatbedError, OSError, sqlite3.Error) as error:
            log.warning("deleted pages not cleaned up", error=str(error))


def unusable_folder(data: Path, error: OSError) -> FolderError:
    """What to say of a data folder, or something in it, that the system does not let us use."""
    return FolderError(
        f"{error.filename or data} cannot be used ({error.strerror}). Nothing was deleted;"
        " make it yours and writable, or choose another data folder.",
        folder=str(data),
    )


async def delete_dropped(index: Index, buffer: PageBuffer) -> int:
    """Delete the files of pages whose rows were deleted just before a crash.

    Only what the index knows it has deleted goes: the key went with the row. A file that the index
    never heard of stays, for the index may be the one that was lost.

    Returns:
        How many pages and jobs had been deleted since the last time.
    """

    def take(write: sqlite3.Connection) -> set[str]:
        taken = [str(row["uid"]) for row in write.execute("SELECT uid FROM dropped").fetchall()]
        gone = {uid for uid in taken if not is_known(write, uid)}
        buffer.files.delete(gone)
        # After the files: whoever is killed in between does it once more. One that could not be
        # deleted is tried again at the next start.
        done = [(uid,) for uid in taken if uid not in gone or not buffer.files.has_any(uid)]
        write.executemany("DELETE FROM dropped WHERE uid = ?", done)
        return gone

    if not index.read("SELECT 1 FROM dropped LIMIT 1"):
        return 0
    return len(await index.write(take))


def find_unknown_spools(index: Index, spool: Path) -> list[Path]:
    """The folders of scans whose jobs the index does not know, and has not deleted either."""
    if not spool.exists():
        return []
    rows = index.read("SELECT uid FROM jobs UNION SELECT uid FROM dropped")
    known = {row["uid"] for row in rows}
    return sorted(each for each in spool.iterdir() if each.is_dir() and each.name not in known)


def set_aside(folder: Path, kept: Path) -> Path:
    """Move a folder to where nobody clears it away; its new place."""
    place = kept / folder.name
    number = 1
    while place.exists():
        number += 1
        place = kept / f"{folder.name}-{number}"
    folder.rename(place)
    log.warning("scan of an unknown job kept", folder=str(place))
    return place


def _tell(report: StorageReport) -> None:
    for damage in report.lost:
        log.warning("stored page damaged", page=damage.uid, reason=damage.reason)
    if report.index_fault is not None:
        log.warning("index damaged", fault=report.index_fault)
    if report.unknown_files:
        log.warning(
            "page files kept that the index does not know",
            files=report.unknown_files,
            bytes=report.unknown_bytes,
        )
    log.info("storage checked", pages=report.pages, damaged=len(report.lost))


def _opens(row: sqlite3.Row, master_key: bytes) -> bool:
    try:
        unwrap_key(row["key"], by=master_key, uid=row["uid"])
    except PageCorruptError:
        return False
    return True
