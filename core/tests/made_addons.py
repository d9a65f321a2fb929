"""Add-ons that tests write into folders of their own, and where their workers live."""

from __future__ import annotations

import asyncio
import os
import select
import textwrap
from pathlib import Path
from typing import Any

import msgspec

from flatbed import system
from flatbed.runtime.addons import Addon
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.process import WorkerSite

LIMIT_S = 30
"""For what comes at once on any machine: only a test that fails waits so long."""

_HEADER = """
from __future__ import annotations

import ctypes, os, signal, subprocess, sys, threading, time
from flatbed.addon import *
from flatbed.errors import *
"""


def write_addon(
    folder: Path,
    *sources: str,
    name: str = "made",
    version: str = "1.2.3",
    distribution: str = "",
    config: dict[str, Any] | None = None,
    **manifest: Any,
) -> Addon:
    """An add-on of one module.

    Args:
        folder: Takes the module; each add-on needs one of its own.
        sources: What stands below the usual imports, each indented as it likes.
        name: Of the add-on.
        version: Of its distribution.
        distribution: The name that it is installed under; `flatbed` comes with the core.
        config: Its settings.
        manifest: The rest of what its manifest declares.
    """
    folder.mkdir(exist_ok=True)
    (folder / "made_addon.py").write_text(
        "".join(map(textwrap.dedent, (_HEADER, *sources))), "utf-8"
    )
    return Addon(
        manifest=msgspec.convert(
            {"manifest_version": 1, "name": name, "core_api": "1.0"} | manifest, Manifest
        ),
        version=version,
        module="made_addon",
        distribution=distribution or f"flatbed-{name}",
        paths=(str(folder),),
        config=config or {},
    )


def worker_site(folder: Path) -> WorkerSite:
    """Where the workers of a test live."""
    return WorkerSite(
        dump_folder=system.own_folder(folder / "dump"),
        state_folder=system.own_folder(folder / "state"),
        environment=system.worker_environment(os.environ),
    )


class Gate:
    """A place where a process of a test waits until the test lets it go on.

    Attributes:
        path: The process writes a byte into `<path>.here`, then reads one from `<path>.go`.
        visit: An expression for add-ons: come to the gate and go on.
        stop: An expression for add-ons: come to the gate and wait until it is opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._here, self._go = (_fifo(Path(f"{path}.{end}")) for end in ("here", "go"))
        self.visit = f"open({f'{path}.here'!r}, 'wb', 0).write(b'x')"
        self.stop = f"({self.visit}, open({f'{path}.go'!r}, 'rb', 0).read(1))"

    async def reached(self) -> None:
        """Wait until a process stands before it."""
        if not await _readable(self._here):
            raise AssertionError(f"nobody came to {self.path}")
        os.read(self._here, 1)

    def open(self) -> None:
        """Let one process through, also one that comes later."""
        os.write(self._go, b"x")

    def close(self) -> None:
        """Take the gate away."""
        os.close(self._here)
        os.close(self._go)


_HOLDING = """
import signal, sys
line = open(sys.argv[1], "wb", 0)
line.write(b"x")
signal.pause()
"""


class LifeLine:
    """A pipe that processes hold by having opened its path to write; it tells when all are gone.

    Attributes:
        path: Of the pipe.
        child: An expression for add-ons: it starts a child that holds the line for ever.
        hold: A statement for add-ons: their worker holds the line as long as it lives.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.child = f"subprocess.Popen([sys.executable, '-c', {_HOLDING!r}, {str(path)!r}])"
        self.hold = f"line = open({str(path)!r}, 'wb', 0)\n"
        os.mkfifo(path)
        self._end = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    async def held(self) -> None:
        """Wait until a process has said by a byte that it is there."""
        if not await _readable(self._end) or not os.read(self._end, 1):
            raise AssertionError(f"nobody holds {self.path}")

    async def released(self) -> bool:
        """Wait until no process holds it; whether that came."""
        return await _readable(self._end) and os.read(self._end, 1) == b""

    @property
    def is_free(self) -> bool:
        """Whether no process holds it now."""
        try:
            return os.read(self._end, 1) == b""
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Let go of this end."""
        os.close(self._end)


def _fifo(path: Path) -> int:
    os.mkfifo(path)
    # For both ends, so that neither side has to be there before the other.
    return os.open(path, os.O_RDWR)


async def _readable(file: int) -> bool:
    return bool((await asyncio.to_thread(select.select, [file], [], [], LIMIT_S))[0])
