"""What an add-on or its libraries print, caught before it reaches the pipe to the main process."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import IO

_LINES_BYTES_A_SECOND = 16 << 10
"""A library in debug mode prints less; beyond this, lines are dropped and counted."""


def move_standard_streams() -> tuple[IO[bytes], IO[bytes], int]:
    """Keep the pipe to the main process for messages; everything printed goes elsewhere.

    Returns:
        The stream from main, the stream to main, and the descriptor that printed bytes come from.
    """
    source, output = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    printed, sink = os.pipe()
    os.dup2(nothing, 0)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.close(nothing)
    os.close(sink)
    return source, output, printed


def forward(printed: int, send: Callable[[str], None]) -> None:
    """Hand on what is printed, without ever letting the printer wait; starts a thread."""
    threading.Thread(target=_forward, args=(printed, send), daemon=True, name="chatter").start()


def _forward(printed: int, send: Callable[[str], None]) -> None:
    allowed, second, dropped = _LINES_BYTES_A_SECOND, time.monotonic(), 0
    while data := os.read(printed, 1 << 16):
        if time.monotonic() - second > 1:
            allowed, second = _LINES_BYTES_A_SECOND, time.monotonic()
        if len(data) > allowed:
            dropped += len(data)
            continue
        allowed -= len(data)
        if dropped:
            send(f"({dropped} bytes more were printed)")
            dropped = 0
        send(data.decode("utf-8", "replace").rstrip())
