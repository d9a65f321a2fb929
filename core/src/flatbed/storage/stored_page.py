"""A page as the index has it, and who needs its files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flatbed.addon.types import Bits, Mode
from flatbed.storage.events import add_event
from flatbed.storage.finished import FinishedPage
from flatbed.storage.sources import StoredSource

PAGE_COLUMNS = (
    "uid, job_uid, origin, ordinal, record, key, has_jpeg, handed_out, info_handed_out, placed_as"
)
"""What a query of the table `pages` reads for `to_page`."""

THUMBNAIL_PX = 320
"""Longer side of the thumbnail that every page has from the start."""

THUMBNAIL_SIDES = (THUMBNAIL_PX, 640, 1280, 2560)
"""Those that are kept; larger ones are made when they are asked for."""

_RECORDED = ("size_px", "dpi", "mode", "bits", "size", "tag")


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
        size: Bytes of its file.
        tag: Of the last frame of its file, hexadecimal.
        key: The page's key, wrapped by the master key.
        has_jpeg: A JPEG lies beside it.
        is_handed_out: `next-page` has given it away.
        is_info_handed_out: `next-page-info` has.
        placed_as: Uid of the page in a document that the scan made of it, if it was to.
        source: The page of a file that it came from and still looks like, if the file was kept.
    """

    uid: str
    job_uid: str
    origin: str
    ordinal: int
    size_px: tuple[int, int]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits
    size: int
    tag: str
    key: bytes
    has_jpeg: bool
    is_handed_out: bool
    is_info_handed_out: bool
    placed_as: str | None = None
    source: StoredSource | None = None


def thumbnail_kind(side: int) -> str:
    """The kind of the file of a thumbnail of `THUMBNAIL_SIDES`."""
    return "thumbnail" if side == THUMBNAIL_PX else f"thumbnail{side}"


FILE_KINDS = ("page", "jpeg", *(thumbnail_kind(side) for side in THUMBNAIL_SIDES), "file")
"""All files that a page can have, and that of what is no page."""


def record_of(page: FinishedPage | StoredPage) -> dict[str, Any]:
    """What the index keeps of a page beside its key."""
    return {name: getattr(page, name) for name in _RECORDED}


def find_orphans(write: sqlite3.Connection, uids: Iterable[str]) -> list[str]:
    """The pages among some that neither a job nor a document has any more."""
    query = (
        "SELECT 1 FROM pages WHERE uid = ? UNION ALL"
        " SELECT 1 FROM document_pages WHERE original = ? LIMIT 1"
    )
    return [uid for uid in uids if write.execute(query, (uid, uid)).fetchone() is None]


def facts_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a `StoredPage` that a record of `record_of` holds."""
    return {
        "size_px": tuple(record["size_px"]),
        "dpi": tuple(record["dpi"]),
        "mode": record["mode"],
        "bits": record["bits"],
        # Documents of the index's second version did not say these.
        "size": record.get("size", 0),
        "tag": record.get("tag", ""),
    }


def to_page(row: sqlite3.Row) -> StoredPage:
    """The page of a row of `PAGE_COLUMNS`."""
    return StoredPage(
        uid=row["uid"],
        job_uid=row["job_uid"],
        origin=row["origin"],
        ordinal=row["ordinal"],
        **facts_of(json.loads(row["record"])),
        key=row["key"],
        has_jpeg=bool(row["has_jpeg"]),
        is_handed_out=bool(row["handed_out"]),
        is_info_handed_out=bool(row["info_handed_out"]),
        placed_as=row["placed_as"],
    )


def tell_page(
    write: sqlite3.Connection,
    page: FinishedPage | StoredPage,
    *,
    job: str,
    origin: str,
    **more: Any,
) -> None:
    """Add the event that a page is there; part of a transaction."""
    data = {"page": page.uid, "ordinal": page.ordinal, "size_px": page.size_px}
    add_event(write, origin, "page.added", job, data | more)


def mark_ready(write: sqlite3.Connection, page: StoredPage, **more: Any) -> None:
    """Let a page be seen that was being looked at: part of a transaction.

    Args:
        write: The transaction.
        page: Of a job.
        more: For the event that tells of it.
    """
    found = write.execute("UPDATE pages SET is_ready = 1 WHERE uid = ?", (page.uid,))
    if found.rowcount:  # else it was deleted meanwhile
        tell_page(write, page, job=page.job_uid, origin=page.origin, **more)


def mark_placed(write: sqlite3.Connection, page: StoredPage, *, document: str, uid: str) -> None:
    """Let a page be seen that the scan has put into a document; see `mark_ready`."""
    write.execute("UPDATE pages SET placed_as = ? WHERE uid = ?", (uid, page.uid))
    mark_ready(write, page, document=document, document_page=uid)


def mark_blank(write: sqlite3.Connection, page: StoredPage) -> None:
    """Leave a page out that has nothing on it; it stays with its job, and is told as an event."""
    write.execute("UPDATE pages SET is_blank = 1, is_ready = 1 WHERE uid = ?", (page.uid,))
    data = {"page": page.uid, "ordinal": page.ordinal}
    add_event(write, page.origin, "page.skipped", page.job_uid, data)
