"""What a worker started: found and ended also where it left the worker's process group.

Two things hold on to it: orphans come back to the worker as long as that lives, and a mark stands
in the environment of everything below it, by which it is found after the worker has died.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from flatbed.system.processes import PROC, ProcessIdentity, every_stat, kill_group

WORKER_MARK = "WORKER_OF_FLATBED"
"""The variable whose value tells the processes of one worker from all others.

None of the settings: what begins with `FLATBED_` is one, and a child may run the command line.
"""

_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 8
"""How often the process table is looked through for what was started meanwhile."""


def adopt_orphans() -> None:
    """Become the parent of whatever processes below this one lose theirs; Linux alone has that."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def own_children() -> set[int]:
    """The children of this process that are running, without those that wait to be reaped."""
    try:
        # One call in the ordinary case, which comes after every call of an add-on.
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return set()
    own = os.getpid()
    return {each.pid for each in every_stat() if each.parent == own and each.state not in "ZX"}


def end_own_children() -> None:
    """End all that is below this process (SIGKILL); right before its own end."""
    if own_children():
        _kill_again(lambda: _descendants(os.getpid()))


def kill_family(identity: ProcessIdentity, mark: str = "") -> bool:
    """End a process and all that it started (SIGKILL), also what left its process group.

    Args:
        identity: The process, dead or alive.
        mark: The value of `WORKER_MARK` in its environment; empty for none.

    Returns:
        Whether a signal was sent; never to a process that is not the one meant.
    """
    below = list(_descendants(identity.pid)) if identity.is_running() else []
    is_sent = kill_group(identity)
    is_sent |= _kill_all(below)
    return kill_marked(mark) or is_sent


def kill_marked(mark: str) -> bool:
    """End the processes of this user that bear a mark (SIGKILL); whether there were any."""
    return bool(mark) and _kill_again(lambda: _marked(mark))


def _descendants(pid: int) -> Iterator[ProcessIdentity]:
    children: dict[int, list[int]] = {}
    for each in every_stat():
        children.setdefault(each.parent, []).append(each.pid)
    waiting = children.get(pid, [])
    while waiting:
        child = waiting.pop()
        waiting += children.get(child, [])
        with suppress(ProcessLookupError):
            yield ProcessIdentity.of(child)


def _marked(mark: str) -> Iterator[ProcessIdentity]:
    wanted = f"{WORKER_MARK}={mark}".encode()
    for each in every_stat():
        # Of a process of somebody else the environment cannot be read, nor of one that is gone.
        with suppress(OSError):
            environment = (PROC / str(each.pid) / "environ").read_bytes()
            if each.pid != os.getpid() and wanted in environment.split(b"\0"):
                yield ProcessIdentity.of(each.pid)


def _kill_again(find: Callable[[], Iterable[ProcessIdentity]]) -> bool:
    """Look once more after each round: what is being killed may have started others."""
    known = set[ProcessIdentity]()
    for _ in range(_ROUNDS):
        found = {each for each in find() if each.is_running()} - known
        if not found:
            break
        _kill_all(found)
        known |= found
    return bool(known)


def _kill_all(processes: Iterable[ProcessIdentity]) -> bool:
    is_sent = False
    for each in processes:
        if each.is_running():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(each.pid, signal.SIGKILL)
                is_sent = True
    return is_sent
