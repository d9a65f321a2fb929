"""How many messages a worker may send: one that floods is cut off before it takes main's time."""

from __future__ import annotations

import time
from collections.abc import Callable

from flatbed.errors import WorkerGarbledError

MESSAGES_A_SECOND = 5000
"""A library that prints a line at a time, and as fast as it may, makes a third of it."""


class Allowance:
    """Counts the messages of one worker."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._second, self._spent = clock(), 0

    def spend(self) -> None:
        """Count a message.

        Raises:
            WorkerGarbledError: If there were too many within a second.
        """
        now = self._clock()
        if now - self._second > 1:
            self._second, self._spent = now, 0
        self._spent += 1
        if self._spent > MESSAGES_A_SECOND:
            raise WorkerGarbledError("The add-on sent more messages than anybody can read.")
