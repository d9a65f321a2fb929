"""Processes that begin with everything imported, as most of a start of Flatbed is.

Each is a process of its own, forked from one that only imports; what it runs finds its arguments,
environment, folder and standard streams as a program finds them.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["flatbed.cli.app", "flatbed.service"])


class WarmProcess:
    """A program that was started so.

    Args:
        program: A function of a module; what it returns is the exit code.
        args: What stands in `sys.argv`, the name of the program first.
        environment: All of it. `PYTHONPATH` is what it is for the caller.
        folder: Where it works.
        streams: Descriptors for standard input, output and error output; they stay the caller's.
    """

    def __init__(
        self,
        program: Callable[[], int | None],
        args: Sequence[str],
        *,
        environment: Mapping[str, str],
        folder: Path,
        streams: Sequence[int],
    ) -> None:
        # A connection is what goes along to a process as a descriptor.
        sent = [Connection(os.dup(stream)) for stream in streams]
        given = (program, list(args), dict(environment), folder, sent)
        self._process = _context.Process(target=_carry_out, args=given)
        self._process.start()
        for each in sent:
            each.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit code, below 0 the signal that ended it; None while it runs."""
        return self._process.exitcode

    def wait(self, limit_s: float) -> int:
        """Wait for its end.

        Raises:
            TimeoutError: If it did not come in time; the process has been killed then.
        """
        self._process.join(limit_s)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
            self._process.join()
            raise TimeoutError(f"process {self.pid} did not end within {limit_s} s")
        return code


def _carry_out(
    program: Callable[[], int | None],
    args: list[str],
    environment: dict[str, str],
    folder: Path,
    streams: list[Connection],
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, stream in enumerate(streams):
        os.dup2(stream.fileno(), number)
        stream.close()
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = args
    sys.exit(program())
