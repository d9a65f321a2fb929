"""A service that kills itself at one point of a start with a key.

`CUT_OFF_AT` names the point: `uncommitted` is in the transaction that keeps the key, `committed`
right behind it, `made` before an answer is kept of what is no single transaction, `unanswered`
before the first byte of an answer. Without it, or for other requests, nothing is different.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any

from flatbed.http.base import ApiHandler
from flatbed.http.idempotency import KeyedOnce
from flatbed.storage.idempotency import Answer, Starts
from flatbed.storage.index import Index

from .launcher import serve

CUT_OFF_AT = "CUT_OFF_AT"


def die(*_: object, **__: object) -> None:
    """End as by kill -9."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_uncommitted() -> None:
    """In the transaction."""
    put: Any = Starts._put

    def put_and_die(*args: Any, **kwargs: Any) -> None:
        put(*args, **kwargs)
        die()

    Starts._put = put_and_die  # type: ignore[method-assign]


def die_committed() -> None:
    """When the transaction has returned."""
    put: Any = Starts._put
    transact: Any = Index._transact
    noted: list[bool] = []

    def put_and_note(*args: Any, **kwargs: Any) -> None:
        put(*args, **kwargs)
        noted.append(True)

    def transact_and_die(index: Index, change: Callable[[sqlite3.Connection], Any]) -> Any:
        result = transact(index, change)
        if noted:
            die()
        return result

    Starts._put = put_and_note  # type: ignore[method-assign]
    Index._transact = transact_and_die  # type: ignore[assignment,method-assign]


def die_made() -> None:
    """Before the answer is kept."""
    Starts.keep = die  # type: ignore[assignment,method-assign]


def die_unanswered() -> None:
    """Before it is sent."""
    write_answer: Any = ApiHandler.write_answer

    def write_or_die(handler: ApiHandler, answer: Answer) -> None:
        if isinstance(handler.once, KeyedOnce):
            die()
        write_answer(handler, answer)

    ApiHandler.write_answer = write_or_die  # type: ignore[assignment,method-assign]


POINTS = {
    "uncommitted": die_uncommitted,
    "committed": die_committed,
    "made": die_made,
    "unanswered": die_unanswered,
}


def main() -> None:
    """The program."""
    if CUT_OFF_AT in os.environ:
        POINTS[os.environ[CUT_OFF_AT]]()
    asyncio.run(serve())


if __name__ == "__main__":
    main()
