"""Processes that are ended by the kernel, at a set time and not before or after their block."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

LIMIT_S = 20

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such timers")


def run(*lines: str) -> int:
    """Run some lines in a process of their own; how it ended."""
    code = "\n".join(("import time", "from flatbed.system import LastResort", *lines))
    return subprocess.run([sys.executable, "-c", code], timeout=LIMIT_S, check=False).returncode


def test_process_is_ended_at_the_set_time() -> None:
    """By the signal that lets it say where it stands."""
    assert run("with LastResort() as last:", " last.arm(0.1)", " time.sleep(60)") == -signal.SIGABRT


@pytest.mark.parametrize("seconds", [0, -1])
def test_time_that_has_come_ends_it_at_once(seconds: float) -> None:
    """To the kernel a time of nothing means never."""
    lines = ("with LastResort() as last:", f" last.arm({seconds})", " time.sleep(60)")
    assert run(*lines) == -signal.SIGABRT


def test_process_that_arms_again_in_time_lives() -> None:
    """The last time that was set counts."""
    again = (" for _ in range(8):", "  last.arm(0.5)", "  time.sleep(0.1)")
    assert run("with LastResort() as last:", " last.arm(0.3)", *again) == 0


def test_nothing_ends_the_process_after_the_block() -> None:
    """The scan is over, the worker goes on."""
    assert run("with LastResort() as last:", " last.arm(0.05)", "time.sleep(1.3)") == 0


def test_process_that_cannot_be_aborted_is_killed() -> None:
    """Libraries set handlers of signals; of this one nobody can."""
    ignore = "import signal; signal.signal(signal.SIGABRT, signal.SIG_IGN)"
    lines = ("with LastResort() as last:", " last.arm(0.1)", " time.sleep(60)")
    assert run(ignore, *lines) == -signal.SIGKILL
