"""Commands in processes of their own that begin with everything imported, as most of a start is."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["flatbed.cli.app"])


def run_warm(
    args: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
    streams: Sequence[Path],
    limit_s: float,
) -> int:
    """Run a command to its end, in a process of its own.

    Args:
        args: After `flatbed`.
        environment: All of it.
        folder: Where it works.
        streams: Files for standard input, output and error output.
        limit_s: After which it is killed.

    Returns:
        Its exit code; below 0 the signal that ended it.

    Raises:
        TimeoutError: If it did not end in time.
    """
    arguments = (list(args), dict(environment), folder, list(streams))
    process = _context.Process(target=_carry_out, args=arguments)
    process.start()
    process.join(limit_s)
    if process.exitcode is None:
        process.kill()
        process.join()
        raise TimeoutError(f"flatbed {' '.join(args)}")
    return process.exitcode


def _carry_out(
    args: list[str], environment: dict[str, str], folder: Path, streams: list[Path]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, path in enumerate(streams):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY
        os.dup2(os.open(path, flags), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the process's own
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.argv = ["flatbed", *args]
    # Known by now: the process that this one comes from has imported it.
    from flatbed.cli.app import run_app  # noqa: PLC0415

    sys.exit(run_app())
