"""A small disk of its own under a rig's data folder, filled to a byte and emptied again."""

from __future__ import annotations

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from flatbed import system

_STATE_MB = 4
_CHUNK = 4096


@dataclass(frozen=True)
class SmallDisk:
    """A mounted one.

    Attributes:
        folder: Where it is mounted.
    """

    folder: Path

    @property
    def free_bytes(self) -> int:
        """What is free on it."""
        return system.free_bytes(self.folder)

    def fill(self, *, leave_bytes: int) -> None:
        """Fill it up until no more than that is free."""
        self.empty()
        with self._filler.open("wb", buffering=0) as file:
            while (most := self.free_bytes - leave_bytes) > 0:
                try:
                    file.write(bytes(min(max(most, _CHUNK), 1 << 20)))
                except OSError as error:
                    assert error.errno == errno.ENOSPC
                    return

    def empty(self) -> None:
        """Free what was filled."""
        self._filler.unlink(missing_ok=True)

    @property
    def _filler(self) -> Path:
        return self.folder / "filler"


@contextmanager
def small_disk(folder: Path, size_mb: int, kind: str = "tmpfs") -> Iterator[SmallDisk]:
    """Mount a disk of `size_mb` at a folder, `tmpfs` or an `ext4` in a file beside the folder.

    What the virtual scanner remembers, under `cache/state` in it, is on a disk of its own: the
    truth about what was fed must not suffer from what is tested.
    """
    folder.mkdir(parents=True)
    _mount(folder, size_mb, kind)
    try:
        state = folder / "cache" / "state"
        state.mkdir(parents=True)
        _mount(state, _STATE_MB, "tmpfs")
        try:
            for each in (folder, folder / "cache", state):
                each.chmod(0o700)
            yield SmallDisk(folder)
        finally:
            subprocess.run(["umount", str(state)], check=True)
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _mount(folder: Path, size_mb: int, kind: str) -> None:
    if kind == "tmpfs":
        command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m", "tmpfs", str(folder)]
    else:
        image = folder.with_suffix(".image")
        with image.open("wb") as file:
            file.truncate(size_mb << 20)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], check=True)
        command = ["mount", "-o", "loop", str(image), str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(f"this machine mounts no {kind}")
