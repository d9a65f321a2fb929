"""One key at the terminal, without waiting for Enter and without stopping anything else."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

if sys.platform != "win32":
    import termios
    import tty


async def read_key() -> str:
    """The next key that is pressed; empty when the terminal is gone."""
    loop = asyncio.get_running_loop()
    pressed: asyncio.Future[str] = loop.create_future()
    descriptor = sys.stdin.fileno()

    def take() -> None:
        if not pressed.done():
            pressed.set_result(os.read(descriptor, 1).decode("ascii", "replace"))

    with _single_keys(descriptor):
        loop.add_reader(descriptor, take)
        try:
            return await pressed
        finally:
            loop.remove_reader(descriptor)


@contextmanager
def _single_keys(descriptor: int) -> Iterator[None]:
    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
