"""Folders and the disks that they are on."""

from __future__ import annotations

import ctypes
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO

from flatbed.errors import FolderError
from flatbed.system.posix import IS_POSIX, need_posix
from flatbed.system.processes import own_uid

_SYNC_FILE_RANGE_WRITE = 2


def _find_sync_file_range() -> Callable[[int, int, int, int], int] | None:
    """sync_file_range(2), which only Linux has, and Python has not."""
    found = getattr(ctypes.CDLL(None), "sync_file_range", None) if IS_POSIX else None
    if found is not None:
        found.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return found


_sync_file_range = _find_sync_file_range()


def sync_folder(path: str | os.PathLike[str]) -> None:
    """Wait until the names in a folder (new, renamed, deleted) are on disk."""
    need_posix("syncing of folders")
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def start_writing_out(descriptor: int, offset: int, size: int) -> None:
    """Let the system begin to write a part of a file to the disk, so that its sync is short.

    Does nothing where the system has no call for it: the sync does it all then.
    """
    if _sync_file_range is not None:
        _sync_file_range(descriptor, offset, size, _SYNC_FILE_RANGE_WRITE)


def memory_file() -> IO[bytes]:
    """An empty file that is in memory only and goes when it is closed.

    Where the system has them it has a descriptor, which lets Pillow write without the
    interpreter's lock.
    """
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("flatbed"), "w+b")
    return io.BytesIO()


def free_bytes(path: str | os.PathLike[str]) -> int:
    """How much this user can still write to the disk that a file or folder is on."""
    need_posix("free space")
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def take_room(path: str | os.PathLike[str], size: int) -> None:
    """Make a file that takes that many bytes of the disk, and can be deleted to give them back.

    Raises:
        OSError: If there is no room for it, or it is there already; nothing is left of it then.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:
            os.write(descriptor, bytes(size))
    except OSError:
        Path(path).unlink()
        raise
    finally:
        os.close(descriptor)


def total_bytes(path: str | os.PathLike[str]) -> int:
    """How big the disk is that a file or folder is on."""
    need_posix("size of disks")
    found = os.statvfs(path)
    return found.f_blocks * found.f_frsize


def own_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder, or take an existing one, that nobody but its owner may enter (0700).

    Missing folders above it are made the same way.

    Raises:
        FolderError: If it is a symbolic link, not a folder, somebody else's, or cannot be made.
    """
    need_posix("rights of folders")
    folder = Path(path)
    try:
        for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
            missing.mkdir(0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise FolderError.of(folder, f"cannot be used ({error.strerror})") from error
    try:
        _tighten(descriptor, folder)
    finally:
        os.close(descriptor)
    return folder


def user_data_folder() -> Path:
    """Where the system keeps a user's data; it need not be there yet."""
    import platformdirs  # noqa: PLC0415 - workers do without it

    return Path(platformdirs.user_data_dir("flatbed", appauthor=False))


def user_config_folder() -> Path:
    """Where the system keeps a user's configuration; it need not be there yet."""
    import platformdirs  # noqa: PLC0415 - workers do without it

    return Path(platformdirs.user_config_dir("flatbed", appauthor=False))


def _tighten(descriptor: int, folder: Path) -> None:
    found = os.fstat(descriptor)
    if found.st_uid != own_uid():
        raise FolderError.of(folder, "belongs to another user")
    if stat.S_IMODE(found.st_mode) != 0o700:
        os.fchmod(descriptor, 0o700)
