"""Documents in the index: their rows, and what keeps them true to each other.

Everything here is a part of one transaction, in the thread that writes.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence

from flatbed.errors import DocumentNotFoundError, NameTakenError, WrongStateError
from flatbed.storage.document import COLUMNS, Document, to_document
from flatbed.storage.document_pages import drop_page
from flatbed.storage.events import add_event
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


def move(
    write: sqlite3.Connection,
    uid: str,
    step: Step,
    *,
    change: Callable[[DocumentState], None],
    done: int,
) -> list[str]:
    """Let a step change a document, back or forth.

    Args:
        write: The transaction.
        uid: Of the document.
        step: Which one.
        change: Its `apply` or its `revert`.
        done: So many steps are done then.

    Returns:
        The document's pages after it.
    """
    state = _read_state(write, uid, step)
    change(state)
    write.execute(
        "UPDATE documents SET page_order = ?, steps_done = ? WHERE uid = ?",
        (json.dumps(state.order), done, uid),
    )
    for page in step.names():
        write.execute(
            "UPDATE document_pages SET edits = ? WHERE uid = ?",
            (json.dumps(state.edits[page]), page),
        )
    return state.order


def read_document(write: sqlite3.Connection, uid: str) -> Document:
    """A document as the transaction has it."""
    query = f"SELECT {COLUMNS} FROM documents WHERE uid = ?"  # noqa: S608
    return to_document(write.execute(query, (uid,)).fetchone())


def read_edits(write: sqlite3.Connection, page: str) -> list[Edit]:
    """The edits of a page of a document."""
    row = write.execute("SELECT edits FROM document_pages WHERE uid = ?", (page,)).fetchone()
    edits: list[Edit] = json.loads(row["edits"])
    return edits


def touch(write: sqlite3.Connection, uid: str, *, origin: str) -> None:
    """Note the time, and tell those who watch that a document is not as it was."""
    write.execute("UPDATE documents SET changed_at = ? WHERE uid = ?", (time.time(), uid))
    pages = len(read_order(write, uid))
    add_event(write, origin, "document.changed", uid, {"pages": pages})


def count_done(write: sqlite3.Connection, uid: str) -> int:
    """The number of the last step that is done; 0 before the first."""
    row = write.execute("SELECT steps_done FROM documents WHERE uid = ?", (uid,)).fetchone()
    return int(row["steps_done"])


def read_step(write: sqlite3.Connection, uid: str, number: int, *, to: str) -> Step:
    """A step by its number, from 1.

    Raises:
        WrongStateError: If there is none `to` undo or redo: it was never done, or is forgotten.
    """
    row = write.execute(
        "SELECT step FROM document_steps WHERE document_uid = ? AND number = ?", (uid, number)
    ).fetchone()
    if row is None:
        raise WrongStateError(f"There is nothing to {to}.")
    return decode_step(row["step"])


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
        The pages whose files nobody needs now; they can be deleted after the commit.
    """
    suspects = {page for step in forgotten for page in step.names()}.difference(order)
    if not suspects:
        return []
    steps = write.execute("SELECT step FROM document_steps WHERE document_uid = ?", (uid,))
    needed = needed_pages(order, [decode_step(row["step"]) for row in steps.fetchall()])
    return [file for page in suspects - needed for file in drop_page(write, page)]


def drop_document(write: sqlite3.Connection, uid: str) -> list[str]:
    """Forget a document, its history and the keys of its pages; see `drop_unneeded`."""
    pages = write.execute("SELECT uid FROM document_pages WHERE document_uid = ?", (uid,))
    unneeded = [file for page in pages.fetchall() for file in drop_page(write, page["uid"])]
    write.execute("DELETE FROM document_steps WHERE document_uid = ?", (uid,))
    write.execute("DELETE FROM documents WHERE uid = ?", (uid,))
    return unneeded


def _read_state(write: sqlite3.Connection, uid: str, step: Step) -> DocumentState:
    """The order of a document, and the edits of the pages that a step is about."""
    state = DocumentState(read_order(write, uid))
    for page in step.names():
        state.edits[page] = read_edits(write, page)
    return state
