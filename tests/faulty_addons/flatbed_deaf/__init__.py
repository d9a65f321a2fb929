"""An add-on that ignores every signal that can be ignored, and computes on."""

from __future__ import annotations

import signal

from flatbed.addon import hookimpl

_CANNOT = {signal.SIGKILL, signal.SIGSTOP}


@hookimpl
def start() -> None:
    """Turn deaf, in the main thread."""
    for number in signal.valid_signals() - _CANNOT:
        signal.signal(number, signal.SIG_IGN)


@hookimpl
def process_page() -> None:
    """Compute for ever."""
    number = 1
    while number:
        number = (number * 3 + 1) % 1_000_003 or 1


@hookimpl
def stop() -> None:
    """Not even at the end."""
    process_page()
