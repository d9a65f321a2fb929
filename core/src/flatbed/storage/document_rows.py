"""Documents in the index: their rows, and what keeps them true to each other.

Everything here is a part of one transaction, in the thread that writes.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence

from flatbed.errors import DocumentNotFoundError, NameTakenError
from flatbed.storage.buffer import find_orphans
from flatbed.storage.history import (
    DocumentState,
    Edit,
    Step,
    decode_step,
    encode_step,
    needed_pages,
)

STEPS_KEPT = 500
"""So many steps back; what cannot come back any more is deleted with its key."""


def check_name(write: sqlite3.Connection, origin: str, name: str | None) -> None:
    """Refuse a name that the origin has given to a document already.

    Raises:
        NameTakenError: With its uid in the details.
    """
    taken = write.execute(
        "SELECT uid FROM documents WHERE origin = ? AND name = ?", (origin, name)
    ).fetchone()
    if taken is not None:
        raise NameTakenError(uid=taken["uid"])


def read_order(write: sqlite3.Connection, uid: str) -> list[str]:
    """The uids of a document's pages.

    Raises:
        DocumentNotFoundError: If it has been deleted meanwhile.
    """
    row = write.execute("SELECT page_order FROM documents WHERE uid = ?", (uid,)).fetchone()
    if row is None:
        raise DocumentNotFoundError
    order: list[str] = json.loads(row["page_order"])
    return order


def read_state(write: sqlite3.Connection, uid: str, step: Step | None = None) -> DocumentState:
    """The order of a document, and the edits of the pages that a step is about."""
    state = DocumentState(read_order(write, uid))
    for page in step.names() if step is not None else ():
        row = write.execute("SELECT edits FROM document_pages WHERE uid = ?", (page,)).fetchone()
        state.edits[page] = json.loads(row["edits"])
    return state


def write_state(
    write: sqlite3.Connection, uid: str, state: DocumentState, *, step: Step, done: int
) -> None:
    """Write what a step has changed; `done` steps are done now."""
    write.execute(
        "UPDATE documents SET page_order = ?, steps_done = ? WHERE uid = ?",
        (json.dumps(state.order), done, uid),
    )
    for page in step.names():
        write_edits(write, page, state.edits[page])


def write_edits(write: sqlite3.Connection, page: str, edits: Sequence[Edit]) -> None:
    """Write the edits of a page."""
    write.execute(
        "UPDATE document_pages SET edits = ? WHERE uid = ?", (json.dumps(list(edits)), page)
    )


def count_done(write: sqlite3.Connection, uid: str) -> int:
    """The number of the last step that is done; 0 before the first."""
    row = write.execute("SELECT steps_done FROM documents WHERE uid = ?", (uid,)).fetchone()
    return int(row["steps_done"])


def read_step(write: sqlite3.Connection, uid: str, number: int) -> Step | None:
    """A step by its number, from 1; `None` where it was never done, or is forgotten."""
    row = write.execute(
        "SELECT step FROM document_steps WHERE document_uid = ? AND number = ?", (uid, number)
    ).fetchone()
    return decode_step(row["step"]) if row else None


def add_step(write: sqlite3.Connection, uid: str, step: Step, number: int) -> list[Step]:
    """Write a step down; those that it makes impossible, and the oldest, are forgotten."""
    where = "WHERE document_uid = ? AND (number >= ? OR number <= ?)"
    bounds = (uid, number, number - STEPS_KEPT)
    rows = write.execute(f"SELECT step FROM document_steps {where}", bounds)  # noqa: S608
    forgotten = [decode_step(row["step"]) for row in rows.fetchall()]
    write.execute(f"DELETE FROM document_steps {where}", bounds)  # noqa: S608
    write.execute(
        "INSERT INTO document_steps (document_uid, number, step) VALUES (?, ?, ?)",
        (uid, number, encode_step(step)),
    )
    return forgotten


def drop_unneeded(
    write: sqlite3.Connection, uid: str, order: Sequence[str], forgotten: Iterable[Step]
) -> list[str]:
    """Forget the pages that no undo or redo can bring back.

    Returns:
        The originals that nobody has any more; their files can be deleted after the commit.
    """
    suspects = {page for step in forgotten for page in step.names()}.difference(order)
    if not suspects:
        return []
    steps = write.execute("SELECT step FROM document_steps WHERE document_uid = ?", (uid,))
    needed = needed_pages(order, [decode_step(row["step"]) for row in steps.fetchall()])
    originals = [_drop_page(write, page) for page in suspects - needed]
    return find_orphans(write, set(originals))


def drop_document(write: sqlite3.Connection, uid: str) -> list[str]:
    """Forget a document, its history and the keys of its pages; see `drop_unneeded`."""
    rows = write.execute(
        "SELECT DISTINCT original FROM document_pages WHERE document_uid = ?", (uid,)
    ).fetchall()
    write.execute("DELETE FROM document_pages WHERE document_uid = ?", (uid,))
    write.execute("DELETE FROM document_steps WHERE document_uid = ?", (uid,))
    write.execute("DELETE FROM documents WHERE uid = ?", (uid,))
    return find_orphans(write, [row["original"] for row in rows])


def _drop_page(write: sqlite3.Connection, page: str) -> str:
    row = write.execute("SELECT original FROM document_pages WHERE uid = ?", (page,)).fetchone()
    write.execute("DELETE FROM document_pages WHERE uid = ?", (page,))
    return str(row["original"])
