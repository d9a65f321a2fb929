"""What each origin has: counted by the index itself, and true after whatever happens."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from flatbed.storage.index import Index
from flatbed.storage.schema import SCHEMAS, bring_up

A, B = "https://a.example", "https://b.example"
OWNERS = [A, B, f"{A}#1", f"{A}#2", f"{B}#1", "local"]

# The long way: every page of every origin, each file once.
RECOUNT = """
SELECT file, origin, min(is_page) AS is_page, count(*) AS holders FROM (
    SELECT uid AS file, origin, 1 AS is_page FROM pages
    UNION ALL SELECT original, origin, 1 FROM document_pages
        JOIN documents ON documents.uid = document_uid
    UNION ALL SELECT source, origin, 0 FROM document_pages
        JOIN documents ON documents.uid = document_uid WHERE source IS NOT NULL
    UNION ALL SELECT renditions.uid, origin, 0 FROM renditions
        JOIN document_pages ON document_pages.uid = page
        JOIN documents ON documents.uid = document_uid
) GROUP BY file, origin ORDER BY file, origin
"""


@pytest.fixture
def rows() -> Iterator[sqlite3.Connection]:
    """A new index, all of it."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    bring_up(connection, 0)
    yield connection
    connection.close()


def add_page(rows: sqlite3.Connection, uid: str, owner: str = A, record: str = "") -> None:
    """A page of a job; its file has 100 bytes."""
    count = rows.execute("SELECT count(*) FROM pages").fetchone()[0]
    rows.execute(
        "INSERT OR IGNORE INTO pages (uid, job_uid, origin, ordinal, record, key)"
        " VALUES (?, ?, ?, ?, ?, x'00')",
        (uid, f"job {uid}", owner, count, record or json.dumps({"size": 100})),
    )


def add_document(rows: sqlite3.Connection, uid: str, owner: str = A) -> None:
    """An empty document."""
    rows.execute(
        "INSERT INTO documents (uid, origin, created_at, key) VALUES (?, ?, 0, x'00')", (uid, owner)
    )


def add_copy(rows: sqlite3.Connection, uid: str, original: str, document: str) -> None:
    """A page of a document."""
    rows.execute(
        "INSERT INTO document_pages (uid, document_uid, original, record, key)"
        " VALUES (?, ?, ?, ?, x'00')",
        (uid, document, original, json.dumps({"size": 100})),
    )


def add_from_file(
    rows: sqlite3.Connection, uid: str, original: str, document: str, *, source: str
) -> None:
    """A page of a document that came from a kept file of 5000 bytes."""
    rows.execute(
        "INSERT INTO document_pages (uid, document_uid, original, source, record, key)"
        " VALUES (?, ?, ?, ?, ?, x'00')",
        (uid, document, original, source, json.dumps({"size": 100, "source": {"size": 5000}})),
    )


def add_look(rows: sqlite3.Connection, uid: str, page: str) -> None:
    """How a page of a document looks by some edits; 30 bytes."""
    rows.execute(
        "INSERT INTO renditions VALUES (?, ?, ?, ?, x'00', 0)",
        (uid, page, uid, json.dumps({"size": 30})),
    )


def held(rows: sqlite3.Connection) -> list[tuple[str, str, int, int, int]]:
    """File, origin, whether a page, bytes, holders."""
    found = rows.execute("SELECT file, origin, is_page, size, holders FROM holdings")
    return sorted(found.fetchall())


def test_page_and_its_copies_are_one_file(rows: sqlite3.Connection) -> None:
    """Nothing is copied when a page goes into a document; it is there until the last is gone."""
    add_page(rows, "p")
    add_document(rows, "d")
    add_copy(rows, "c1", "p", "d")
    add_copy(rows, "c2", "p", "d")
    assert held(rows) == [("p", A, 1, 100, 3)]
    rows.execute("DELETE FROM pages")
    rows.execute("DELETE FROM document_pages WHERE uid = 'c1'")
    assert held(rows) == [("p", A, 1, 100, 1)]
    rows.execute("DELETE FROM document_pages")
    assert held(rows) == []


def test_subjects_of_an_origin_hold_together(rows: sqlite3.Connection) -> None:
    """They share its limits."""
    add_page(rows, "p", f"{A}#0123")
    add_page(rows, "q", f"{A}#4567")
    add_document(rows, "d", f"{A}#89ab")
    add_copy(rows, "c", "p", "d")
    assert held(rows) == [("p", A, 1, 100, 2), ("q", A, 1, 100, 1)]


def test_file_of_two_origins_counts_for_each(rows: sqlite3.Connection) -> None:
    """As when a native program puts a website's page into a document of its own."""
    add_page(rows, "p")
    add_document(rows, "d", "local")
    add_copy(rows, "c", "p", "d")
    assert held(rows) == [("p", A, 1, 100, 1), ("p", "local", 1, 100, 1)]
    rows.execute("DELETE FROM pages")
    assert held(rows) == [("p", "local", 1, 100, 1)]


def test_page_that_is_adopted_again_counts_once(rows: sqlite3.Connection) -> None:
    """After a crash between the rename and the answer."""
    add_page(rows, "p")
    add_page(rows, "p")
    assert held(rows) == [("p", A, 1, 100, 1)]


def test_look_of_an_edited_page_counts_its_bytes(rows: sqlite3.Connection) -> None:
    """But is no page; it goes after its page has gone."""
    add_page(rows, "p")
    add_document(rows, "d")
    add_copy(rows, "c", "p", "d")
    add_look(rows, "r", "c")
    assert held(rows) == [("p", A, 1, 100, 2), ("r", A, 0, 30, 1)]
    rows.execute("DELETE FROM document_pages")
    rows.execute("DELETE FROM renditions")
    assert held(rows) == [("p", A, 1, 100, 1)]


def test_file_that_pages_came_from_counts_once_for_each_origin(rows: sqlite3.Connection) -> None:
    """As bytes, and as no page; until the last of them is gone from there."""
    for document, owner in (("d", A), ("e", f"{A}#1"), ("f", B)):
        add_document(rows, document, owner)
        add_from_file(rows, f"{document}1", f"p {document}", document, source="s")
    add_from_file(rows, "d2", "p d", "d", source="s")
    of_file = [("s", A, 0, 5000, 3), ("s", B, 0, 5000, 1)]
    assert [each for each in held(rows) if each[0] == "s"] == of_file
    rows.execute("DELETE FROM document_pages WHERE document_uid IN ('d', 'f')")
    assert [each for each in held(rows) if each[0] == "s"] == [("s", A, 0, 5000, 1)]
    rows.execute("DELETE FROM document_pages")
    assert held(rows) == []


@pytest.mark.parametrize("record", ["{}", '{"source": {}}', '{"source": {"size": "big"}}', "no"])
def test_file_whose_size_cannot_be_read_is_held_all_the_same(
    record: str, rows: sqlite3.Connection
) -> None:
    """And let go of."""
    add_document(rows, "d")
    rows.execute(
        "INSERT INTO document_pages (uid, document_uid, original, source, record, key)"
        " VALUES ('c', 'd', 'p', 's', ?, x'00')",
        (record,),
    )
    assert ("s", A, 0, 0, 1) in held(rows)
    rows.execute("DELETE FROM document_pages")
    assert held(rows) == []


@pytest.mark.parametrize("record", ["{}", "no JSON", '{"size": "big"}', '{"size": null}', "[]"])
def test_page_whose_size_cannot_be_read_is_a_page_all_the_same(
    record: str, rows: sqlite3.Connection
) -> None:
    """No page may be lost because it cannot be counted."""
    add_page(rows, "p", record=record)
    assert held(rows) == [("p", A, 1, 0, 1)]


def test_rows_of_nobody_are_not_counted(rows: sqlite3.Connection) -> None:
    """In a damaged index a document can be missing."""
    add_copy(rows, "c", "p", "nothing")
    add_look(rows, "r", "nothing")
    rows.execute("DELETE FROM document_pages")
    rows.execute("DELETE FROM renditions")
    assert held(rows) == []


def change_something(rows: sqlite3.Connection, dice: random.Random, number: int) -> None:
    """One change of any kind; new things are named by the number."""
    files = [row[0] for row in rows.execute("SELECT file FROM holdings WHERE is_page")]
    copies = [row[0] for row in rows.execute("SELECT uid FROM document_pages")]
    what = dice.choice(["page", "copy", "copy", "file", "look", "drop", "drop copy"])
    if what == "page" or not files:
        add_page(rows, f"p{number}", dice.choice(OWNERS))
    elif what == "copy" or not copies:
        add_copy(rows, f"c{number}", dice.choice(files), dice.choice(OWNERS))
    elif what == "file":
        add_from_file(
            *(rows, f"c{number}", dice.choice(files), dice.choice(OWNERS)),
            source=f"s{dice.randrange(5)}",
        )
    elif what == "look":
        add_look(rows, f"r{number}", dice.choice(copies))
    elif what == "drop":
        rows.execute("DELETE FROM pages WHERE uid = ?", (dice.choice(files),))
    else:
        gone = dice.choice(copies)
        rows.execute("DELETE FROM document_pages WHERE uid = ?", (gone,))
        rows.execute("DELETE FROM renditions WHERE page = ?", (gone,))


@pytest.mark.parametrize("seed", range(5))
def test_count_is_that_of_all_rows_after_anything(seed: int, rows: sqlite3.Connection) -> None:
    """Two hundred changes in any order, and the long way finds the same."""
    dice = random.Random(seed)
    for owner in OWNERS:
        add_document(rows, owner, owner)
    for number in range(200):
        change_something(rows, dice, number)
    counted: dict[tuple[str, str], list[int]] = {}
    for file, owner, is_page, holders in rows.execute(RECOUNT):
        counted.setdefault((file, owner.partition("#")[0]), [is_page, 0])[1] += holders
    found = rows.execute("SELECT file, origin, is_page, holders FROM holdings").fetchall()
    assert {(file, origin): [is_page, n] for file, origin, is_page, n in found} == counted
    assert len(found) > 20


def test_index_of_before_is_counted_when_it_is_brought_up(tmp_path: Path) -> None:
    """Pages, copies, looks; and its jobs count as asked for at this moment."""
    path = tmp_path / "i.sqlite"
    with sqlite3.connect(path, isolation_level=None) as before:
        before.executescript("".join(SCHEMAS[:4]))
        before.execute("PRAGMA user_version = 4")
        before.execute("INSERT INTO jobs VALUES ('j', 'o', 'completed', '{}', x'00')")
        add_page(before, "p", f"{A}#1")
        add_page(before, "q", B, record="damaged")
        for number, owner in enumerate((A, f"{A}#1", B)):
            add_document(before, f"d{number}", owner)
            add_copy(before, f"c{number}", "p", f"d{number}")
        add_look(before, "r", "c2")
    before.close()
    index = Index(path)
    rows = index.read("SELECT file, origin, is_page, size, holders FROM holdings ORDER BY 1, 2")
    assert [tuple(row) for row in rows] == [
        ("p", A, 1, 100, 3),
        ("p", B, 1, 100, 1),
        ("q", B, 1, 0, 1),
        ("r", B, 0, 30, 1),
    ]
    (touched,) = index.read("SELECT uid, at FROM touched")
    assert (touched["uid"], touched["at"] > 1_700_000_000) == ("j", True)
    index.close()
