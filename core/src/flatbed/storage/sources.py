"""Files from outside that pages came from, kept so that what was not edited is written back as is.

A file lies among those of the pages, once for all pages that came from it, and goes with the last
of them. Its key is kept with each of them, wrapped by the page's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from flatbed.addon.frames import unwrap_key, wrap_key
from flatbed.addon.types import SourcePage, StoredFile
from flatbed.errors import PageCorruptError

if TYPE_CHECKING:
    from flatbed.storage.made_file import MadeFile
    from flatbed.storage.page_files import PageFiles


@dataclass(frozen=True, kw_only=True)
class StoredSource:
    """The page of a file that a stored page came from.

    Attributes:
        uid: Of the file.
        key: Of the file, plain.
        record: What the index keeps of the file.
        number: Of the page in the file, from 1.
        turn: Degrees by which the page was turned clockwise since.
    """

    uid: str
    key: bytes = field(repr=False)
    record: Mapping[str, Any]
    number: int
    turn: int = 0

    def turned(self, degrees: int) -> StoredSource:
        """The same page after quarter turns."""
        return replace(self, turn=(self.turn + degrees) % 360)

    def to_record(self, page_key: bytes) -> dict[str, Any]:
        """What the index keeps of it within the record of the page; the key of the page wraps."""
        wrapped = wrap_key(self.key, by=page_key, uid=self.uid).hex()
        return {**self.record, "uid": self.uid, "number": self.number, "key": wrapped}

    def for_worker(self, files: PageFiles) -> SourcePage | None:
        """What a worker gets of it; `None` where the file is lost."""
        if not files.has(self.uid, "file"):
            return None
        file = StoredFile(uid=self.uid, path=str(files.path(self.uid, "file")), key=self.key.hex())
        media_type = str(self.record["media_type"])
        return SourcePage(file=file, media_type=media_type, number=self.number, turn=self.turn)


def read_source(record: Mapping[str, Any] | None, page_key: bytes) -> StoredSource | None:
    """What `StoredSource.to_record` made; `None` of nothing, and where the key does not open."""
    if record is None:
        return None
    uid = str(record["uid"])
    try:
        key = unwrap_key(bytes.fromhex(record["key"]), by=page_key, uid=uid)
    except (PageCorruptError, ValueError):
        # The page itself is there; only what it came from is not.
        return None
    facts = {name: record[name] for name in ("media_type", "size", "tag")}
    return StoredSource(uid=uid, key=key, record=facts, number=int(record["number"]))


def take_kept(files: PageFiles, kept: MadeFile) -> StoredSource:
    """Move such a file to where the pages are; it is on the disk when this returns.

    Returns:
        Of no page yet.

    Raises:
        PageCorruptError: If it is not there as the reader said.
    """
    try:
        is_it = files.move_file_in(kept.folder, kept.uid, kept.file)
    except FileNotFoundError as error:
        raise PageCorruptError from error
    if not is_it:
        raise PageCorruptError
    return StoredSource(uid=kept.uid, key=kept.key, record=kept.record, number=0)


def find_orphan(write: sqlite3.Connection, uid: str | None) -> list[str]:
    """The uid of a file if no page of a document came from it any more."""
    query = "SELECT 1 FROM document_pages WHERE source = ? LIMIT 1"
    if uid is None or write.execute(query, (uid,)).fetchone() is not None:
        return []
    return [uid]
