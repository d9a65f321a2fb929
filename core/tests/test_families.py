"""What a process started, found wherever it went: real ones, in sessions of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from flatbed import system
from flatbed.system import WORKER_MARK, ProcessIdentity
from flatbed.system.families import kill_marked

from .test_system import expected_end, python, say

WAITS = "import sys; print('up', flush=True); sys.stdin.read()"
# Says the pids of a child in its group, one in a session of its own, and an orphan of one.
PARENT = f"""
import os, subprocess, sys
from flatbed import system
system.adopt_orphans()
WAITS = {WAITS!r}
ORPHAN = '''
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", sys.argv[1]], stdin=subprocess.PIPE,
    stdout=subprocess.PIPE, start_new_session=True, pass_fds=())
child.stdout.readline()
print(child.pid)
import os; os._exit(0)
'''
def start(**more):
    child = subprocess.Popen([sys.executable, "-c", WAITS.replace("sys.stdin.read()",
        "import signal; signal.pause()")], stdout=subprocess.PIPE, **more)
    child.stdout.readline()
    return child
kept = [start(), start(start_new_session=True)]
orphan = subprocess.run([sys.executable, "-c", ORPHAN, WAITS.replace("sys.stdin.read()",
    "import signal; signal.pause()")], stdout=subprocess.PIPE, check=True)
print(*[each.pid for each in kept], int(orphan.stdout))
"""


@contextmanager
def family(code: str = "sys.stdin.read()", mark: str = "") -> Iterator[tuple[int, list[int]]]:
    """A process with its three descendants; their pids. Whoever is left is killed."""
    with pytest.MonkeyPatch.context() as environment:
        if mark:
            environment.setenv(WORKER_MARK, mark)
        with python(PARENT + code) as process:
            below = [int(pid) for pid in say(process).split()]
            identities = [ProcessIdentity.of(pid) for pid in below]
            try:
                yield process.pid, below
            finally:
                for each in identities:
                    system.kill_group(each)


@contextmanager
def expected_ends(pids: list[int]) -> Iterator[None]:
    """All of them end because of the block."""
    with ExitStack() as stack:
        for pid in pids:
            stack.enter_context(expected_end(pid))
        yield


def test_kill_family_reaches_sessions_of_their_own_and_orphans() -> None:
    """A child that has left the group, and a grandchild whose parent has gone."""
    with family() as (pid, below), expected_ends([pid, *below]):
        assert system.kill_family(ProcessIdentity.of(pid))


def test_kill_family_finds_by_the_mark_what_a_dead_process_left() -> None:
    """A worker that crashed cannot be asked for its children any more."""
    with family(mark="a mark of this test") as (pid, below):
        identity = ProcessIdentity.of(pid)
        with expected_end(pid):
            os.kill(pid, 9)
        with expected_ends(below):
            assert system.kill_family(identity, "a mark of this test")
        assert not kill_marked("a mark of this test")


def test_kill_family_of_another_process_with_this_pid_kills_nobody() -> None:
    """A pid that was given to a new process."""
    with family() as (pid, below):
        true = ProcessIdentity.of(pid)
        assert not system.kill_family(ProcessIdentity(pid, 1, true.boot_id))
        assert all(ProcessIdentity.of(each).is_running() for each in [pid, *below])


def test_kill_marked_spares_others_and_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mark, with another one, and with a part of one."""
    with family(mark="0123") as (pid, _):
        for mark in ("", "012", "01234"):
            assert not kill_marked(mark)
        assert ProcessIdentity.of(pid).is_running()
        assert kill_marked("0123")


def test_process_ends_all_that_is_below_it() -> None:
    """Right before its own end; orphans have come back to it."""
    code = "sys.stdin.readline(); system.end_own_children(); print('done'); sys.stdin.read()"
    with family(code) as (pid, below), expected_ends(below):
        # `python` of the family holds its input: whoever writes a line lets it go on.
        _write_line(pid)


def _write_line(pid: int) -> None:
    with open(f"/proc/{pid}/fd/0", "w") as stream:  # noqa: PTH123 - a pipe, no path
        stream.write("go\n")


def test_own_children_are_those_that_run() -> None:
    """None, one, and one that has ended and waits to be asked how."""
    code = (
        "import subprocess, sys\n"
        "from flatbed import system\n"
        "print(len(system.own_children()))\n"
        "child = subprocess.Popen(['cat'], stdin=subprocess.PIPE)\n"
        "print(system.own_children() == {child.pid})\n"
        "child.stdin.close()\n"
        "import os\n"
        "os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)\n"
        "print(len(system.own_children()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "True", "0"]
