"""The reserve: room on the disk that is taken beforehand, and given up so that deleting works.

SQLite writes before it frees. On a disk that is full to its last byte nothing could be deleted, and
so no room be made, without bytes of our own to give back. A smaller part lets the state of a job be
written down that pauses for want of room: what that part frees may be gone when somebody deletes.
"""

from __future__ import annotations

from pathlib import Path

import structlog

from flatbed import system

log = structlog.get_logger("flatbed.reserve")

_BLOCK_BYTES = 512
"""The unit of st_blocks, whatever the disk's own."""

_PLENTY = 2
"""Taken again once so many times its size is free: what was freed is for the pages first."""

_PART = 8
"""The smaller part is that fraction of the whole."""


class Reserve:
    """The files of one data folder that hold room.

    Args:
        path: The bigger file, the smaller one beside it; its folder must be there, on the disk of
            what it is given up for.
        size_bytes: Of both together; 0 for none.
    """

    def __init__(self, path: Path, size_bytes: int) -> None:
        part = size_bytes // _PART
        self._big, self._small = path, path.with_name(f"{path.name}-small")
        self._sizes = {self._small: part, self._big: size_bytes - part}

    @property
    def is_whole(self) -> bool:
        """Whether all of the room is taken."""
        return all(_held_bytes(path) >= size for path, size in self._sizes.items())

    def renew(self) -> bool:
        """Take the room that is not taken, if there is plenty; whether all of it is taken now.

        Raises:
            OSError: If the disk fails otherwise than for want of room.
        """
        for path, size in self._sizes.items():
            if _held_bytes(path) >= size:
                continue
            if system.free_bytes(path.parent) < _PLENTY * sum(self._sizes.values()):
                return False
            # What a crash or a sparse copy has left holds no room.
            path.unlink(missing_ok=True)
            system.take_room(path, size)
        return True

    def give_up(self) -> bool:
        """Give all of the room back to the disk; whether there was any to give."""
        return _free(self._big) | _free(self._small)

    def give_up_part(self) -> bool:
        """Give the smaller part back; whether there was any to give."""
        return _free(self._small)


def _held_bytes(path: Path) -> int:
    try:
        return path.stat().st_blocks * _BLOCK_BYTES
    except FileNotFoundError:
        return 0


def _free(path: Path) -> bool:
    try:
        held_bytes = _held_bytes(path)
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("reserve not given up", error=error.strerror)
        return False
    if held_bytes:
        log.warning("reserve given up", bytes=held_bytes)
    return held_bytes > 0
