"""The pages and results whose files the index knows, and the keys that open them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from flatbed.addon.frames import unwrap_key
from flatbed.errors import PageCorruptError

_SIZE = "CASE WHEN json_valid(record) THEN json_extract(record, '$.size') END"
_SIZE_OF_SOURCE = _SIZE.replace("$.size", "$.source.size")
_KNOWN = f"""
SELECT uid, max(coalesce(size, 0)) AS size, min(is_made) AS is_made, min(kind) AS kind FROM (
    SELECT uid, {_SIZE} AS size, 0 AS is_made, 'page' AS kind FROM pages
    UNION ALL SELECT original, {_SIZE}, 0, 'page' FROM document_pages
    UNION ALL SELECT uid, {_SIZE}, 1, 'page' FROM renditions
    UNION ALL SELECT uid, {_SIZE}, 1, 'file' FROM process_results
    UNION ALL SELECT source, {_SIZE_OF_SOURCE}, 1, 'file'
        FROM document_pages WHERE source IS NOT NULL
) GROUP BY uid ORDER BY uid
"""  # noqa: S608 - of our own constants
_IS_KNOWN = (
    "SELECT 1 FROM pages WHERE uid = ?1 UNION ALL"
    " SELECT 1 FROM document_pages WHERE original = ?1 UNION ALL"
    " SELECT 1 FROM renditions WHERE uid = ?1 UNION ALL"
    " SELECT 1 FROM document_pages WHERE source = ?1 UNION ALL"
    " SELECT 1 FROM process_results WHERE uid = ?1 LIMIT 1"
)
_DOCUMENTS_PAGES = (
    "SELECT uid, original AS file, key, document_uid,"
    " source, CASE WHEN json_valid(record) THEN json_extract(record, '$.source.key') END AS by_page"
    " FROM document_pages"
    " UNION ALL SELECT renditions.uid, renditions.uid, renditions.key, document_uid, NULL, NULL"
    " FROM renditions JOIN document_pages ON document_pages.uid = renditions.page"
)


@dataclass(frozen=True)
class KnownPage:
    """A page that has files.

    Attributes:
        uid: What they are named by.
        size: Bytes of the page's own file; 0 where the index does not say.
        is_replaceable: No page is lost with it: it can be made again, as an edited look of another
            page or what an operation made; or it is a file that pages came from.
        kind: Of that file: `page`, or `file` for what is no page.
    """

    uid: str
    size: int
    is_replaceable: bool
    kind: str = "page"


def known_pages(index: sqlite3.Connection) -> Iterator[KnownPage]:
    """Every page that a job, a document or an edited page has files of."""
    for row in index.execute(_KNOWN).fetchall():
        yield KnownPage(row["uid"], row["size"], bool(row["is_made"]), row["kind"])


def is_known(index: sqlite3.Connection, uid: str) -> bool:
    """Whether a page is known by now."""
    return index.execute(_IS_KNOWN, (uid,)).fetchone() is not None


def count_documents(index: sqlite3.Connection) -> int:
    """How many documents there are."""
    return int(index.execute("SELECT count(*) FROM documents").fetchone()[0])


def open_keys(index: sqlite3.Connection, master_key: bytes) -> dict[str, bytes | None]:
    """The keys of all pages and other files that no password is needed for, by uid.

    `None` stands for a key that is damaged in each of its places.
    """
    opened: dict[str, bytes | None] = {}
    of_main = "SELECT uid, key FROM pages UNION ALL SELECT uid, key FROM process_results"
    for row in index.execute(of_main).fetchall():
        opened[row["uid"]] = _unwrap(row["key"], master_key, row["uid"])
    documents = _open_documents(index, master_key)
    for row in index.execute(_DOCUMENTS_PAGES).fetchall():
        if row["document_uid"] in documents and opened.get(row["file"]) is None:
            by = documents[row["document_uid"]]
            opened[row["file"]] = _unwrap(row["key"], by, row["uid"]) if by else None
        page_key, source = opened.get(row["file"]), row["source"]
        if source is not None and page_key is not None and opened.get(source) is None:
            opened[source] = _unwrap_hex(row["by_page"], page_key, source)
    return opened


def _open_documents(index: sqlite3.Connection, master_key: bytes) -> dict[str, bytes | None]:
    rows = index.execute("SELECT uid, key FROM documents WHERE salt IS NULL").fetchall()
    return {row["uid"]: _unwrap(row["key"], master_key, row["uid"]) for row in rows}


def _unwrap_hex(wrapped: str | None, by: bytes, uid: str) -> bytes | None:
    try:
        return _unwrap(bytes.fromhex(wrapped or ""), by, uid)
    except (ValueError, TypeError):
        return None


def _unwrap(wrapped: bytes, by: bytes, uid: str) -> bytes | None:
    try:
        return unwrap_key(wrapped, by=by, uid=uid)
    except PageCorruptError:
        return None
