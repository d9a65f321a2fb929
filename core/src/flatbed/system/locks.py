"""Locks on files that end with their process, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from flatbed.system.posix import need_posix

if sys.platform != "win32":
    import fcntl


class FileLock:
    """A lock on a file that ends with its process, however that ends; the file stays.

    The file is made for its owner alone (0600), follows no symbolic link and is not inherited by
    programs that are started meanwhile. Its text can say who holds it.

    Args:
        path: The file; its folder must be there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock without waiting; False if somebody else has it."""
        need_posix("file locks")
        while self._descriptor is None:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
            if not _take(descriptor):
                os.close(descriptor)
                return False
            if _is_at(descriptor, self.path):
                self._descriptor = descriptor
            else:
                # The file was deleted between the opening and the lock: a lock that no one sees.
                os.close(descriptor)
        return True

    def release(self) -> None:
        """Give the lock back; nothing if it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read(self) -> str:
        """The file's text, whoever holds the lock; empty if there is none (yet)."""
        try:
            return self.path.read_text("utf-8")
        except FileNotFoundError:
            return ""

    def write(self, text: str) -> None:
        """Replace the file's text and wait until it is on disk; only while the lock is held."""
        if self._descriptor is None:
            raise RuntimeError(f"{self.path} is written without its lock")
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text.encode(), 0)
        os.fsync(self._descriptor)

    def __enter__(self) -> Self:
        if not self.acquire():
            raise BlockingIOError(f"{self.path} is locked by another process")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.release()


def is_locked(path: str | os.PathLike[str]) -> bool:
    """Whether somebody, this process included, holds the `FileLock` of a file."""
    need_posix("file locks")
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    while not _try_lock(descriptor, fcntl.LOCK_EX):
        if not _try_lock(descriptor, fcntl.LOCK_SH):
            return False
        # Nobody holds it: a mere look by `is_locked` was in the way for an instant.
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return True


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.lstat())
    except FileNotFoundError:
        return False
