"""Indexes of older versions: brought up when they are opened, with all that is in them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from flatbed.storage.index import Index
from flatbed.storage.quota import Quota, QuotaLimits, Usage
from flatbed.storage.schema import SCHEMAS

from .desk import ORIGIN, Desk
from .library import FILE, Library

TABLES = ("documents", "document_pages", "document_steps")


async def test_index_without_sources_takes_some_once_it_is_brought_up(
    desk: Desk, tmp_path: Path
) -> None:
    """Pages of before have none, and stay; pages that are loaded now have."""
    library, path = Library(desk), tmp_path / "index.sqlite"
    document = await library.load(await library.create(), 0, files=())
    desk.index.close()
    write_as_version_6(path, tmp_path / "before.sqlite")
    (tmp_path / "before.sqlite").rename(path)
    desk.index = Index(path)
    library.restart()
    quota = Quota(desk.index, QuotaLimits())
    page = await library.page(document)
    assert (len(desk.pixels(page)), page.source) == (200, None)
    assert quota.usage_of(ORIGIN) == Usage(1, page.size)
    assert desk.index.read("PRAGMA user_version")[0][0] == len(SCHEMAS)
    document = library.documents.get(document.uid, origin=ORIGIN)
    document = await library.load(document, 1)
    assert await library.content(document, 1) == FILE
    await library.documents.delete(document)
    assert (desk.files(), quota.usage_of(ORIGIN)) == ([], Usage(0, 0))


def write_as_version_6(index: Path, before: Path) -> None:
    """Write the documents of an index down as the last version without sources had them."""
    with sqlite3.connect(before, isolation_level=None) as older:
        older.executescript("".join(SCHEMAS[:6]))
        older.execute("PRAGMA user_version = 6")
        older.execute("ATTACH ? AS newer", (str(index),))
        for table in TABLES:
            found = older.execute(f"PRAGMA main.table_info({table})")
            names = ", ".join(row[1] for row in found)
            copy = f"INSERT INTO main.{table} ({names}) SELECT {names} FROM newer.{table}"  # noqa: S608
            older.execute(copy)
    older.close()
