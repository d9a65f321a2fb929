"""Waiting for what no event tells."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LIMIT_S = 20


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again until something is so.

    Raises:
        AssertionError: If it is not within `LIMIT_S` seconds.
    """
    until, pause = time.monotonic() + LIMIT_S, threading.Event()
    while not is_so():
        assert time.monotonic() < until
        pause.wait(0.01)
