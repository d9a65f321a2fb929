"""One change of the installed add-ons at a time, each whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from flatbed import system
from flatbed.errors import NO_ROOM
from flatbed.installing.faults import AddonsBusyError, InstallError, InstallSpaceError
from flatbed.runtime.shelf import STATE, Shelf, ShelfState

_LOCK = ".lock"
_STAGE = ".stage-"


@contextmanager
def changing(shelf: Shelf) -> Iterator[Path]:
    """Be the only one that changes a shelf, with a folder on the same disk to prepare in.

    What a change that was broken off has left is cleared away first.

    Raises:
        AddonsBusyError: If another command is at it.
        FolderError: If the folder cannot be used.
        InstallSpaceError: If the disk is full.
        InstallError: If the disk fails otherwise.
    """
    system.own_folder(shelf.folder)
    lock = system.FileLock(shelf.folder / _LOCK)
    try:
        if not lock.acquire():
            raise AddonsBusyError
        for left in shelf.folder.glob(f"{_STAGE}*"):
            remove_tree(left)
        with _stage(shelf.folder) as stage:
            yield stage
    except OSError as error:
        if error.errno in NO_ROOM:
            raise InstallSpaceError from error
        raise InstallError(
            f"{error.filename or shelf.folder}: {error.strerror}. Look at the disk and the rights"
            " on it, then try again."
        ) from error
    finally:
        lock.release()


@contextmanager
def _stage(folder: Path) -> Iterator[Path]:
    stage = Path(mkdtemp(prefix=_STAGE, dir=folder))
    try:
        yield stage
    finally:
        remove_tree(stage)


def put_in_place(prepared: Path, place: Path, stage: Path) -> None:
    """Rename a folder to where it belongs, in place of what is there."""
    system.own_folder(place.parent)
    before = stage / "before"
    if place.exists():
        place.rename(before)
    try:
        prepared.rename(place)
    except OSError:
        if before.exists():
            before.rename(place)
        raise
    system.sync_folder(place.parent)


def take_away(place: Path, stage: Path) -> None:
    """Rename a folder out of its place, where it is deleted with the stage."""
    place.rename(stage / "removed")
    system.sync_folder(place.parent)
    if not any(place.parent.iterdir()):
        place.parent.rmdir()


def write_state(shelf: Shelf, enabled: Mapping[str, bool]) -> None:
    """Say which add-ons are switched on or off; a running service looks at it again after this."""
    state = msgspec.json.encode(ShelfState(enabled=dict(sorted(enabled.items()))))
    path = shelf.folder / STATE
    # Not one file over another in place: its new inode is what a running service sees.
    new = path.with_name(f".{STATE}")
    new.write_bytes(msgspec.json.format(state, indent=2) + b"\n")
    new.replace(path)
    system.sync_folder(shelf.folder)


def remove_tree(folder: Path) -> None:
    """Delete a folder with all that is in it, also what its owner may not write.

    What a killed command had started may still be at work in it: what that leaves goes next time.

    Raises:
        OSError: If something in it cannot be deleted.
    """
    for above, folders, _ in os.walk(folder):
        for each in (Path(above, name) for name in folders):
            with suppress(FileNotFoundError):
                if not each.is_symlink():
                    each.chmod(0o700)
    shutil.rmtree(folder, onerror=_go_on)


def _go_on(_: object, __: str, failed: tuple[type, BaseException, object]) -> None:
    error = failed[1]
    if not isinstance(error, OSError) or error.errno not in (errno.ENOENT, errno.ENOTEMPTY):
        raise error
