"""Keys at the terminal, one by one: no Enter is needed, and nothing else stops meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
from types import TracebackType
from typing import Any, Self

if sys.platform != "win32":
    import termios
    import tty


class TerminalKeys:
    """A context in which the terminal of the standard input hands over each key at once.

    What was typed before is forgotten: it answered something else.
    """

    def __init__(self) -> None:
        self._descriptor = sys.stdin.fileno()
        self._before: list[Any] = []

    def __enter__(self) -> Self:
        self._before = termios.tcgetattr(self._descriptor)
        tty.setcbreak(self._descriptor, termios.TCSAFLUSH)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)

    async def read(self) -> str:
        """The next key; empty when the terminal is gone."""
        loop = asyncio.get_running_loop()
        pressed: asyncio.Future[str] = loop.create_future()

        def take() -> None:
            if not pressed.done():
                pressed.set_result(_read(self._descriptor))

        loop.add_reader(self._descriptor, take)
        try:
            return await pressed
        finally:
            loop.remove_reader(self._descriptor)


def _read(descriptor: int) -> str:
    try:
        return os.read(descriptor, 1).decode("ascii", "replace")
    except OSError:
        return ""
