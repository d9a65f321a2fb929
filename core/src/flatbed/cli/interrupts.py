"""Ctrl-C and the other ways in which a command is asked to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flatbed.cli.failures import ExitCode

T = TypeVar("T")

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupts:
    """What an interruption does now: it cancels the running task, unless somebody holds it.

    Attributes:
        happened: Set by one that came while `held`; the next one cancels even so.
    """

    def __init__(self) -> None:
        self.happened = asyncio.Event()
        self._task = asyncio.current_task()
        self._is_held = False
        on_interruption(self._take)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let the first interruption only set `happened`."""
        self._is_held = True
        try:
            yield
        finally:
            self._is_held = False

    def _take(self) -> None:
        if self._is_held and not self.happened.is_set():
            self.happened.set()
        elif self._task is not None:
            self._task.cancel()


def run_interruptible(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; an interruption cancels it.

    Raises:
        SystemExit: After an interruption, once everything has been cleaned up.
    """
    try:
        return asyncio.run(_with_interrupts(main))
    except asyncio.CancelledError:
        raise SystemExit(ExitCode.INTERRUPTED) from None


def run_to_end(main: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that minds interruptions itself."""
    asyncio.run(main)


def on_interruption(act: Callable[[], object]) -> None:
    """Let the running loop call this whenever its process is asked to end.

    What was ignored when the process began stays so, as nohup and background jobs want it.
    """
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, act)


def let_interruptions_kill() -> None:
    """From now on let the system end this process when it is asked to end."""
    loop = asyncio.get_running_loop()
    for number in _SIGNALS:
        loop.remove_signal_handler(number)


async def _with_interrupts(main: Coroutine[Any, Any, T]) -> T:
    task = asyncio.current_task()
    if task is not None:
        on_interruption(task.cancel)
    return await main
