"""The index: one SQLite file that says what the buffer holds, and one thread that writes it."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from flatbed.errors import DiskFullError, FlatbedError

T = TypeVar("T")

_SCHEMA_1 = """
CREATE TABLE jobs (
    uid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    status TEXT NOT NULL,
    record TEXT NOT NULL,
    key BLOB NOT NULL
) STRICT;
CREATE TABLE pages (
    uid TEXT PRIMARY KEY,
    job_uid TEXT NOT NULL,
    origin TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    record TEXT NOT NULL,
    key BLOB NOT NULL,
    has_jpeg INTEGER NOT NULL DEFAULT 0,
    handed_out INTEGER NOT NULL DEFAULT 0,
    info_handed_out INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX pages_of_job ON pages (job_uid, ordinal);
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at REAL NOT NULL,
    origin TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    data TEXT NOT NULL
) STRICT;
CREATE TABLE scanners (
    uid TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    driver TEXT NOT NULL,
    last_used REAL NOT NULL DEFAULT 0
) STRICT;
"""

_SCHEMA_2 = """
CREATE TABLE documents (
    uid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    name TEXT,
    metadata TEXT,
    created_at REAL NOT NULL,
    key BLOB NOT NULL,
    salt BLOB,
    page_order TEXT NOT NULL DEFAULT '[]',
    steps_done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX names_of_documents ON documents (origin, name) WHERE name IS NOT NULL;
CREATE TABLE document_pages (
    uid TEXT PRIMARY KEY,
    document_uid TEXT NOT NULL,
    original TEXT NOT NULL,
    record TEXT NOT NULL,
    key BLOB NOT NULL,
    edits TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX pages_of_document ON document_pages (document_uid);
CREATE INDEX pages_of_original ON document_pages (original);
CREATE TABLE document_steps (
    document_uid TEXT NOT NULL,
    number INTEGER NOT NULL,
    step TEXT NOT NULL,
    PRIMARY KEY (document_uid, number)
) STRICT;
"""

_SCHEMAS = (_SCHEMA_1, _SCHEMA_2)
"""What each version added; an index is brought up to the last when it is opened."""


class IndexDamagedError(FlatbedError):
    """The index cannot be read; the page files are still there."""

    name = "index_damaged"
    sentence = "The index of the buffer is damaged. Nothing was deleted."


class Index:
    """The index of one data folder.

    Reads go straight to a connection of their own and see what is committed. Writes go through
    one thread, each a transaction that is on the disk when it returns.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="index")
        try:
            self._writer = self._connect()
            self._prepare()
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only = ON")
        except sqlite3.DatabaseError as error:
            raise self._damaged(error) from error

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """Carry out a change in one transaction; it is durable when this returns.

        Raises:
            DiskFullError: If there is no room for it; nothing was changed.
            IndexDamagedError: If a part of the file that it needs is damaged.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._transact, change)

    def read(self, query: str, *parameters: object) -> list[sqlite3.Row]:
        """The rows of a query, as committed.

        Raises:
            IndexDamagedError: If a part of the file that it needs is damaged.
        """
        try:
            return self._reader.execute(query, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            if _is_damage(error):
                raise self._damaged(error) from error
            raise

    def close(self) -> None:
        """Finish what is being written and let go of the file."""
        self._thread.shutdown()
        self._reader.close()
        self._writer.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA busy_timeout = 5000")
        return connection

    def _prepare(self) -> None:
        version = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if version > len(_SCHEMAS):
            raise IndexDamagedError(
                f"The index {self._path} was written by a newer Flatbed. Update this one."
            )
        if version < len(_SCHEMAS):
            self._transact(lambda connection: _bring_up(connection, version))

    def _transact(self, change: Callable[[sqlite3.Connection], T]) -> T:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            result = change(self._writer)
            self._writer.execute("COMMIT")
        except BaseException as error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            if isinstance(error, sqlite3.OperationalError) and "full" in str(error):
                raise DiskFullError from error
            if _is_damage(error):
                raise self._damaged(error) from error
            raise
        return result

    def _damaged(self, error: BaseException) -> IndexDamagedError:
        return IndexDamagedError(
            f"The index {self._path} cannot be read ({error}). No page was deleted."
            " Move the file away to start with an empty one, or put back a copy."
        )


def _is_damage(error: BaseException) -> bool:
    # Faults of queries and locks have classes of their own below this one.
    return type(error) is sqlite3.DatabaseError


def _bring_up(connection: sqlite3.Connection, version: int) -> None:
    for statement in "".join(_SCHEMAS[version:]).split(";"):
        if statement.strip():
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_SCHEMAS)}")
