"""Questions at the terminal, answered by a line."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getpass

from flatbed.cli import output
from flatbed.cli.interrupts import let_interruptions_kill, on_interruption


def has_terminal() -> bool:
    """Whether there is somebody to ask."""
    return bool(sys.stdin and sys.stdin.isatty())


def confirm(question: str) -> bool:
    """Ask a question of yes or no; all that is not yes is no.

    Raises:
        CancelledError: If the person interrupts the command.
    """
    with _interruptible():
        output.remarks().print(output.clean(question), "[y/N]", end=" ")
        return sys.stdin.readline().strip().casefold() in ("y", "yes")


def ask_password(question: str) -> str | None:
    """Ask for a password, which is not shown; `None` if the person gives none.

    Raises:
        CancelledError: If the person interrupts the command.
    """
    with _interruptible():
        try:
            return getpass(f"{output.clean(question)} ") or None
        except EOFError:
            output.remark("")
            return None


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the reading of a line, which holds the loop; it cannot see the signal."""
    let_interruptions_kill()
    try:
        yield
    except KeyboardInterrupt:
        raise asyncio.CancelledError from None
    finally:
        task = asyncio.current_task()
        if task is not None:
            on_interruption(task.cancel)
