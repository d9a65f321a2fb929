"""The tables of the index, version by version."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from flatbed.storage.holdings import HOLDINGS, HOLDINGS_OF_RESULTS, HOLDINGS_OF_SOURCES

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

_SCHEMA_3 = """
CREATE TABLE renditions (
    uid TEXT PRIMARY KEY,
    page TEXT NOT NULL,
    edits TEXT NOT NULL,
    record TEXT NOT NULL,
    key BLOB NOT NULL,
    made_at REAL NOT NULL
) STRICT;
CREATE UNIQUE INDEX renditions_of_page ON renditions (page, edits);
CREATE TABLE results (
    uid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    made_at REAL NOT NULL
) STRICT;
ALTER TABLE pages ADD COLUMN is_ready INTEGER NOT NULL DEFAULT 1;
ALTER TABLE pages ADD COLUMN is_blank INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pages ADD COLUMN placed_as TEXT;
ALTER TABLE documents ADD COLUMN changed_at REAL NOT NULL DEFAULT 0;
UPDATE documents SET changed_at = created_at;
"""

# A file is deleted at a start only where its row is known to have been deleted. Where a row is
# merely missing, it may stand in the copy of the index that is put back tomorrow.
_SCHEMA_4 = """
CREATE TABLE dropped (uid TEXT PRIMARY KEY) STRICT;
CREATE TRIGGER dropped_jobs AFTER DELETE ON jobs
BEGIN INSERT OR IGNORE INTO dropped VALUES (old.uid); END;
CREATE TRIGGER dropped_pages AFTER DELETE ON pages
BEGIN INSERT OR IGNORE INTO dropped VALUES (old.uid); END;
CREATE TRIGGER dropped_document_pages AFTER DELETE ON document_pages
BEGIN INSERT OR IGNORE INTO dropped VALUES (old.original); END;
CREATE TRIGGER dropped_renditions AFTER DELETE ON renditions
BEGIN INSERT OR IGNORE INTO dropped VALUES (old.uid); END;
"""

# Jobs that are there already count as asked for now: nothing goes at once by a rule of today.
_TOUCHED = """
CREATE TABLE touched (uid TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
INSERT INTO touched SELECT uid, CAST(strftime('%s', 'now') AS REAL) FROM jobs;
CREATE TRIGGER touched_jobs AFTER DELETE ON jobs
BEGIN DELETE FROM touched WHERE uid = old.uid; END;
"""
_SCHEMA_5 = HOLDINGS + _TOUCHED

_PROCESS = """
CREATE TABLE process_jobs (
    uid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    operation TEXT NOT NULL,
    status TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER NOT NULL,
    error BLOB,
    started_at REAL NOT NULL,
    finished_at REAL
) STRICT;
CREATE TABLE process_results (
    uid TEXT PRIMARY KEY,
    job_uid TEXT NOT NULL UNIQUE,
    origin TEXT NOT NULL,
    record TEXT NOT NULL,
    key BLOB NOT NULL
) STRICT;
CREATE TRIGGER dropped_process_results AFTER DELETE ON process_results
BEGIN INSERT OR IGNORE INTO dropped VALUES (old.uid); END;
CREATE TRIGGER results_of_process_jobs AFTER DELETE ON process_jobs
BEGIN DELETE FROM process_results WHERE job_uid = old.uid; END;
"""
_FOUND = """
CREATE TABLE page_results (
    page TEXT NOT NULL,
    operation TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (page, operation)
) STRICT;
"""
_SCHEMA_6 = _PROCESS + HOLDINGS_OF_RESULTS + _FOUND

# A page of a document may have come from a file that is kept; several pages from the same.
_SOURCES = """
ALTER TABLE document_pages ADD COLUMN source TEXT;
CREATE INDEX pages_of_source ON document_pages (source) WHERE source IS NOT NULL;
CREATE TRIGGER dropped_sources AFTER DELETE ON document_pages WHEN old.source IS NOT NULL
BEGIN INSERT OR IGNORE INTO dropped VALUES (old.source); END;
"""
_SCHEMA_7 = _SOURCES + HOLDINGS_OF_SOURCES

# What a person decided about a web origin; what ends with the service is not written.
_GRANTS = """
CREATE TABLE grants (
    origin TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    name TEXT,
    since REAL NOT NULL,
    last_used REAL
) STRICT;
"""
_STARTS = """
CREATE TABLE starts (
    uid TEXT PRIMARY KEY,
    origin TEXT NOT NULL,
    digest BLOB NOT NULL,
    at REAL NOT NULL,
    answer BLOB,
    bytes INTEGER NOT NULL,
    life TEXT NOT NULL
) STRICT;
CREATE INDEX starts_of_origin ON starts (origin, at, bytes);
"""
_SCHEMA_8 = _GRANTS + _STARTS

SCHEMAS = (
    *(_SCHEMA_1, _SCHEMA_2, _SCHEMA_3, _SCHEMA_4, _SCHEMA_5, _SCHEMA_6, _SCHEMA_7, _SCHEMA_8),
)
"""What each version added; an index is brought up to the last when it is opened."""

NEWEST = len(SCHEMAS)


def bring_up(connection: sqlite3.Connection, version: int) -> None:
    """Bring an index of a version up to the newest; part of a transaction."""
    for statement in _statements("".join(SCHEMAS[version:])):
        connection.execute(statement)
    if version < NEWEST:
        connection.execute(f"PRAGMA user_version = {NEWEST}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; there are more in a trigger than one."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
