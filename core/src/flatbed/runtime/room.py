"""Room on the disk: what waits for it before a sheet is fed, and what its lack is called."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flatbed import system
from flatbed.errors import NO_ROOM, DiskFullError, disk_fault
from flatbed.runtime.watch import CallWatch

_LOOK_S = 0.1
"""How soon a wait hears a cancel, and that there is room."""


class RoomWait:
    """Keeps sheets in the feeder while the disk has no room for them.

    Args:
        folder: On the disk.
        floor_bytes: What must be free.
        limit_s: How long room is waited for; 0 for not at all.
        watch: Hears a cancel; its limits do not run meanwhile.
        tell: Told `waiting` with the bytes that are needed, then `waited`.
    """

    def __init__(
        self,
        folder: Path,
        floor_bytes: int,
        *,
        limit_s: float,
        watch: CallWatch,
        tell: Callable[[dict[str, Any]], None],
    ) -> None:
        self._folder, self._floor_bytes, self._limit_s = folder, floor_bytes, limit_s
        self._watch, self._tell = watch, tell

    def wait(self) -> None:
        """Return as soon as there is room, at once where there is.

        Raises:
            ScanCanceledError: If the call was cancelled meanwhile.
            DiskFullError: If there was no room within the limit.
            DiskFaultError: If nobody could be told of the wait.
        """
        if self._is_there():
            return
        if not self._limit_s:
            raise self._full()
        with self._watch.on_hold(), disk_named():
            self._tell({"type": "waiting", "needed_bytes": self._floor_bytes})
            self._wait_within_limit()
            self._tell({"type": "waited"})

    def _wait_within_limit(self) -> None:
        until = time.monotonic() + self._limit_s
        while not self._is_there():
            if time.monotonic() >= until:
                raise self._full()
            time.sleep(_LOOK_S)
            self._watch.check_feeding()

    def _is_there(self) -> bool:
        return system.free_bytes(self._folder) >= self._floor_bytes

    def _full(self) -> DiskFullError:
        free_mb = system.free_bytes(self._folder) >> 20
        return DiskFullError(
            f"Only {free_mb} MB of the {self._floor_bytes >> 20} MB that a sheet needs are free."
            " Free some space, then continue."
        )


@contextmanager
def no_room_named() -> Iterator[None]:
    """Name a full disk, in blocks that run an add-on's code: of its errors only this is ours."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFullError from error
        raise


@contextmanager
def disk_named() -> Iterator[None]:
    """Name a full and a failing disk, in blocks where our own files alone are used."""
    try:
        yield
    except OSError as error:
        raise disk_fault(error) from error
