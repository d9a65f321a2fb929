"""What each origin has in the buffer, kept by the index itself: a file counts once for an origin.

Pages of a job and their copies in documents are one file. To find that out at each look would take
a look at every page; so every row that comes or goes counts itself.
"""

from __future__ import annotations

_OF_OWNER = "substr({0}, 1, instr({0} || '#', '#') - 1)"
_OF_DOCUMENT = f"SELECT {_OF_OWNER.format('origin')} AS origin FROM documents WHERE uid = "  # noqa: S608
_SIZE_AT = (
    "CAST(coalesce(CASE WHEN json_valid({0}) THEN json_extract({0}, '{1}') END, 0) AS INTEGER)"
)
_SIZE = _SIZE_AT.format("{0}", "$.size")

_TABLE = """
CREATE TABLE holdings (
    file TEXT NOT NULL,
    origin TEXT NOT NULL,
    is_page INTEGER NOT NULL,
    size INTEGER NOT NULL,
    holders INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX holders_of_file ON holdings (file, origin);
CREATE INDEX files_of_origin ON holdings (origin, is_page, size);
"""

# Two statements and no upsert: the conflict rule of the statement outside would hold within.
_COMING = """
CREATE TRIGGER held_{name} AFTER INSERT ON {table}
BEGIN
INSERT INTO holdings SELECT new.{file}, origin, {is_page}, {size}, 0 FROM ({origin})
    WHERE new.{file} IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM holdings WHERE file = new.{file} AND origin IN ({origin}));
UPDATE holdings SET holders = holders + 1 WHERE file = new.{file} AND origin IN ({origin});
END;
"""

_GOING = """
CREATE TRIGGER let_go_{name} AFTER DELETE ON {table}
BEGIN
UPDATE holdings SET holders = holders - 1 WHERE file = old.{file}{of_origin};
DELETE FROM holdings WHERE file = old.{file} AND holders <= 0;
END;
"""


def _triggers(
    table: str,
    *,
    file: str,
    origin: str,
    of_origin: str = "",
    is_page: int = 1,
    size_at: str = "$.size",
    name: str = "",
) -> str:
    """The triggers of one table.

    Args:
        table: Whose rows hold files.
        file: Its column that names the file; rows where it is NULL hold none.
        origin: Selects that of a new row; nothing where the row belongs to nobody.
        of_origin: Which holdings of the file an old row had, where it is not all.
        is_page: 0 for files that are no pages.
        size_at: Where the file's size stands in the row's record.
        name: Of the triggers, where the table has others already.
    """
    size = _SIZE_AT.format("new.record", size_at)
    facts = {"name": name or table, "table": table, "file": file}
    coming = _COMING.format(**facts, origin=origin, is_page=is_page, size=size)
    return coming + _GOING.format(**facts, of_origin=of_origin)


_ALREADY_THERE = f"""
INSERT INTO holdings
    SELECT uid, {_OF_OWNER.format("origin")}, 1, {_SIZE.format("record")}, 1 FROM pages;
INSERT INTO holdings
    SELECT original, {_OF_OWNER.format("origin")}, 1, max({_SIZE.format("record")}), count(*)
    FROM document_pages JOIN documents ON documents.uid = document_uid
    WHERE true GROUP BY 1, 2
    ON CONFLICT (file, origin) DO UPDATE SET holders = holders + excluded.holders;
INSERT OR IGNORE INTO holdings
    SELECT renditions.uid, {_OF_OWNER.format("origin")}, 0, {_SIZE.format("renditions.record")}, 1
    FROM renditions JOIN document_pages ON document_pages.uid = page
    JOIN documents ON documents.uid = document_uid;
"""  # noqa: S608 - of our own constants

_OF_PAGE = "SELECT {0} AS origin"
_OF_NEW_DOCUMENT = f"{_OF_DOCUMENT}new.document_uid"
_OF_OLD_DOCUMENT = f" AND origin IN ({_OF_DOCUMENT}old.document_uid)"
_DOCUMENT_OF_PAGE = "(SELECT document_uid FROM document_pages WHERE uid = new.page)"

HOLDINGS = "".join(
    (
        _TABLE,
        _ALREADY_THERE,
        _triggers(
            "pages",
            file="uid",
            origin=_OF_PAGE.format(_OF_OWNER.format("new.origin")),
            of_origin=f" AND origin = {_OF_OWNER.format('old.origin')}",
        ),
        _triggers(
            "document_pages",
            file="original",
            origin=_OF_NEW_DOCUMENT,
            of_origin=_OF_OLD_DOCUMENT,
        ),
        # When a rendition goes, its page may have gone before; nobody but that had the file.
        _triggers("renditions", file="uid", origin=f"{_OF_DOCUMENT}{_DOCUMENT_OF_PAGE}", is_page=0),
    )
)
"""The table, what belongs into it at first, and the triggers that keep it true."""

HOLDINGS_OF_RESULTS = _triggers(
    "process_results",
    file="uid",
    origin=_OF_PAGE.format(_OF_OWNER.format("new.origin")),
    is_page=0,
)
"""The triggers of the files that operations made."""

HOLDINGS_OF_SOURCES = _triggers(
    "document_pages",
    file="source",
    origin=_OF_NEW_DOCUMENT,
    of_origin=_OF_OLD_DOCUMENT,
    is_page=0,
    size_at="$.source.size",
    name="sources",
)
"""The triggers of the files that pages came from."""
