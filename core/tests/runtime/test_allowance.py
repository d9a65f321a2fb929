"""How many messages a worker may send."""

from __future__ import annotations

import pytest

from flatbed.errors import WorkerGarbledError
from flatbed.runtime.allowance import Allowance


def test_messages_of_a_second_are_counted() -> None:
    """Five thousand are a library in debug mode, one more is a flood."""
    allowance = Allowance(lambda: 7.0)
    for _ in range(5000):
        allowance.spend()
    with pytest.raises(WorkerGarbledError, match="more messages than anybody can read"):
        allowance.spend()


def test_messages_may_come_again_in_the_next_second() -> None:
    """A long call may say much, by and by."""
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    for _ in range(3):
        for _ in range(5000):
            allowance.spend()
        now[0] += 1.1
    allowance.spend()
