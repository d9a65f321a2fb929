"""The index: one SQLite file that says what the buffer holds, and one thread that writes it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeAlias, TypeVar

import structlog

from flatbed import system
from flatbed.errors import (
    DeviceFault,
    DiskFaultError,
    DiskFullError,
    FlatbedError,
    FolderError,
    WrongStateError,
    disk_fault,
)
from flatbed.storage.reserve import Reserve
from flatbed.storage.schema import NEWEST, bring_up

log = structlog.get_logger("flatbed.index")

T = TypeVar("T")

Change: TypeAlias = Callable[[sqlite3.Connection], object]
"""A part of a transaction."""

Also: TypeAlias = Callable[[sqlite3.Connection, T], object]
"""What else is written by the transaction that makes something; takes what it makes."""

_LEAST_BYTES = 64 << 10
"""With less free than this, trouble with the disk is want of room."""

INDEX = Path("cache") / "index.sqlite"
"""Where it lies in a data folder."""

_MAGIC = b"SQLite format 3\0"


def nothing_else(*_: object) -> None:
    """What else is written where nothing is."""


class IndexDamagedError(FlatbedError):
    """The index cannot be read; the page files are still there."""

    name = "index_damaged"
    sentence = "The index of the buffer is damaged. Nothing was deleted."


class Index:
    """The index of one data folder.

    Reads go straight to a connection of their own and see what is committed. Writes go through
    one thread, each a transaction that is on the disk when it returns.

    Args:
        path: The file, which is made where it is not there.
        reserve: Given up where `write_at_need` finds no room, in part where `write_state` does.
    """

    def __init__(self, path: Path, reserve: Reserve | None = None) -> None:
        self._path, self._reserve = path, reserve
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        try:
            _check_header(path)
            self._open_at_need()
        except (sqlite3.DatabaseError, OSError) as error:
            raise opening_fault(path, error) from error

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Carry out a change in one transaction; it is durable when this returns.

        Raises:
            DiskFullError: If there is no room for it; nothing was changed.
            DiskFaultError: If the disk failed; nothing was changed.
            IndexDamagedError: If a part of the file that it needs is damaged.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._transact, change)

    async def write_at_need(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """The same for a change that deletes: on a full disk the reserve is given up for it.

        Then the change is carried out a second time. What was deleted, keys above all, is
        overwritten in the file and in what SQLite keeps beside it.
        """
        loop = asyncio.get_running_loop()
        give_up = self._reserve.give_up if self._reserve else None
        result = await loop.run_in_executor(self._thread, self._transact_at_need, change, give_up)
        await loop.run_in_executor(self._thread, self._overwrite)
        return result

    async def write_state(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """The same for a change that others wait for: a part of the reserve is given up for it."""
        loop = asyncio.get_running_loop()
        give_up = self._reserve.give_up_part if self._reserve else None
        return await loop.run_in_executor(self._thread, self._transact_at_need, change, give_up)

    def read(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        """The rows of a query, as committed.

        Raises:
            DiskFaultError: If the disk failed.
            IndexDamagedError: If a part of the file that it needs is damaged.
        """
        try:
            return self._reader.execute(query, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._named(error) from error

    def close(self) -> None:
        """Finish what is being written and let go of the file."""
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()

    def _open_at_need(self) -> None:
        try:
            self._open()
        except (sqlite3.DatabaseError, DiskFullError) as error:
            full = error if isinstance(error, DiskFullError) else _disk_trouble(error, self._path)
            if not isinstance(full, DiskFullError):
                raise
            # A service that does not start on a full disk could not be told to delete anything.
            if self._reserve is None or not self._reserve.give_up():
                raise full from error
            self._open()

    def _open(self) -> None:
        self._writer = self._connect()
        self._prepare()
        self._reader = self._connect()
        self._reader.execute("PRAGMA query_only = ON")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        # A key that was deleted is overwritten: what it opened is gone for good.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute("PRAGMA busy_timeout = 5000")
        return connection

    def _prepare(self) -> None:
        version = _version_of(self._writer)
        _check_version(self._path, version)
        # Also where there is nothing to bring up: one that cannot be written shows here.
        self._transact(lambda connection: bring_up(connection, version))

    def _transact_at_need(
        self, change: Callable[[sqlite3.Connection], T], give_up: Callable[[], bool] | None
    ) -> T:
        try:
            return self._transact(change)
        except DiskFullError:
            if give_up is None or not give_up():
                raise
            return self._transact(change)

    def _overwrite(self) -> None:
        try:
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.DatabaseError as error:
            # A full disk, say: what was deleted is, and its old bytes go with the next one.
            log.warning("deleted rows not overwritten yet", error=str(error))

    def _transact(self, change: Callable[[sqlite3.Connection], T]) -> T:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            result = change(self._writer)
            self._writer.execute("COMMIT")
        except (sqlite3.DatabaseError, OSError) as error:
            self._roll_back()
            raise self._named(error) from error
        except BaseException:
            self._roll_back()
            raise
        return result

    def _roll_back(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    def _named(self, error: Exception) -> Exception:
        if isinstance(error, OSError):
            return disk_fault(error)
        if _is_damage(error):
            return _damaged(self._path, error)
        return _disk_trouble(error, self._path) or error


def _disk_trouble(error: Exception, path: Path) -> DeviceFault | None:
    # A code of SQLite's own has its kind in the lower byte, and details above it.
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    if code & 0xFF == sqlite3.SQLITE_FULL:
        return DiskFullError()
    if code & 0xFF not in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN):
        return None
    # Of its memory file and in a sync SQLite calls a full disk any other trouble.
    is_full = path.parent.exists() and system.free_bytes(path.parent) < _LEAST_BYTES
    return DiskFullError() if is_full else DiskFaultError(cause=str(error))


def _damaged(path: Path, error: BaseException) -> IndexDamagedError:
    return IndexDamagedError(
        f"The index {path} cannot be read ({error}). Nothing was deleted."
        f" Put back a copy, or move {path.name}* away to start with an empty one."
    )


def _is_damage(error: BaseException) -> bool:
    # Faults of queries and locks have classes of their own below this one.
    return type(error) is sqlite3.DatabaseError


def opening_fault(path: Path, error: sqlite3.DatabaseError | OSError) -> FlatbedError:
    """What to say of an index that cannot be opened: it is damaged, or not ours to use."""
    if _is_damage(error):
        return _damaged(path, error)
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return DiskFullError()
    reason = error.strerror if isinstance(error, OSError) else error
    return FolderError(
        f"The index {path} cannot be used ({reason}). Nothing was changed;"
        " make the file and its folder yours and writable, or choose another data folder.",
        folder=str(path.parent),
    )


def open_copy(path: Path) -> sqlite3.Connection:
    """Another connection to the index, that only reads: for long work in a thread of its own.

    Whoever asks for it closes it.

    Raises:
        sqlite3.DatabaseError: If it cannot be opened.
        IndexDamagedError: If it is not there, or of a newer version.
        WrongStateError: If it is of an older one, and no service has brought it up yet.
    """
    # SQLite looks at the header itself. Were the file opened here beside it, closing it would drop
    # the locks of every connection of this process: the next program that looks into the index
    # would then delete the log under the service, and with it what is committed from there on.
    _check_log(path)
    if not path.exists():
        raise IndexDamagedError(
            f"The index {path} is not there. Nothing was deleted."
            " Put back a copy, or start the service with an empty one."
        )
    address = f"{path.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    try:
        _check_newest(path, _version_of(connection))
    except BaseException:
        connection.close()
        raise
    return connection


def _version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_newest(path: Path, version: int) -> None:
    _check_version(path, version)
    if version < NEWEST:
        raise WrongStateError(
            f"The index {path} is that of an older Flatbed. Start the service once, then try again."
        )


def _check_version(path: Path, version: int) -> None:
    if version > NEWEST:
        raise IndexDamagedError(
            f"The index {path} was written by a newer Flatbed. Nothing was changed;"
            " update this one."
        )


def _check_header(path: Path) -> None:
    """Refuse what SQLite would take for a new index, and delete the log beside it.

    Only while no connection to it is open; see `open_copy`.

    Raises:
        sqlite3.DatabaseError: If the file begins with something else, or is not there while its
            log is.
    """
    start = b""
    if path.exists():
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    if start and start != _MAGIC:
        raise sqlite3.DatabaseError("file is not a database")
    _check_log(path)


def _check_log(path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    is_empty = not path.exists() or not path.stat().st_size
    if is_empty and log.exists() and log.stat().st_size:
        raise sqlite3.DatabaseError("it is empty, but its log is not")
