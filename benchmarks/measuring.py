"""What the benchmarks measure with: time, memory, the machine, and tables of the results."""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")
STATUS = Path("/proc/self/status")
RESET_PEAK = "5"  # proc(5), clear_refs: sets the peak of the resident memory to its present value


def timed(action: Callable[[], Result]) -> tuple[float, Result]:
    """Run an action; give the milliseconds it took, and its result."""
    started = time.perf_counter()
    result = action()
    return (time.perf_counter() - started) * 1e3, result


def rounds(runs: int, *, until: float) -> Iterator[int]:
    """Number `runs` rounds; from the second on, none begins after `until` (`time.monotonic`)."""
    for number in range(runs):
        if number and time.monotonic() > until:
            return
        yield number


def share_of(deadline: float, parts: int) -> float:
    """When one of the `parts` that are left should end, if all are to end by the deadline."""
    now = time.monotonic()
    return now + (deadline - now) / parts


def peak_mb(action: Callable[[], object]) -> float | None:
    """How much the resident memory grows at most while an action runs, in MB.

    The action runs in a fork, so that what earlier ones left behind does not count.

    Returns:
        Megabytes, or `None` on systems without Linux's `/proc`.
    """
    if not STATUS.exists():
        return None
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, struct.pack("d", _growth_mb(action)))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writer)
    growth = os.read(reader, struct.calcsize("d"))
    os.close(reader)
    return float(struct.unpack("d", growth)[0])


def machine_line() -> str:
    """The processor, its number of cores, the system and Python in one line."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        name = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), name)
    return (
        f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}"
    )


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that reads well in a terminal and in Markdown; first column to the left."""
    widths = [max(len(line[i]) for line in (header, *rows)) for i in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    print(f"\n{title}\n")
    for line in (header, rule, *rows):
        cells = [
            line[0].ljust(widths[0]),
            *(c.rjust(w) for c, w in zip(line[1:], widths[1:], strict=True)),
        ]
        print(f"| {' | '.join(cells)} |", flush=True)


def _growth_mb(action: Callable[[], object]) -> float:
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):  # glibc keeps what was freed
        trim(0)
    before = _status_kb("VmRSS")
    Path("/proc/self/clear_refs").write_text(RESET_PEAK)
    action()
    return (_status_kb("VmHWM") - before) / 1e3


def _status_kb(field: str) -> int:
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
