"""The seal of an installed add-on: every file of its folder as it was installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from flatbed.errors import AddonMissingError, FlatbedError

SEAL = "RECORD"
"""The seal's file, in the form of the file of that name in a wheel: path, hash, size."""

_NAMED_MOST = 5


class AddonChangedError(FlatbedError):
    """An installed add-on whose files are not those that were installed; it is not loaded."""

    status, number, name = 503, -1126, "addon_changed"
    sentence = (
        "The files of this add-on were changed after it was installed, so it is not loaded."
        " Install it again."
    )


@dataclass(frozen=True)
class _Row:
    hash: str
    size: int


class Seal:
    """What stands in the folder of one installed version, and whether it still does.

    Args:
        folder: Of the version.
        addon: Its name.
        version: Of it.

    Attributes:
        digest: Tells this seal from that of another installation.

    Raises:
        AddonChangedError: If the seal itself is not there or cannot be read.
    """

    def __init__(self, folder: Path, addon: str, version: str) -> None:
        self.folder, self._addon, self._version = folder, addon, version
        try:
            written = (folder / SEAL).read_bytes()
            self._rows = dict(_parse(written.decode()))
        except (OSError, ValueError, csv.Error) as error:
            raise self._changed([SEAL]) from error
        self.digest = hashlib.sha256(written).hexdigest()
        self._rows[SEAL] = _Row(_encode(hashlib.sha256(written).digest()), len(written))
        self._whole: dict[str, tuple[int, ...]] = {}

    def glance(self) -> None:
        """Compare names and sizes; takes about as long as listing the folder.

        Raises:
            AddonChangedError: If they are not those that were installed; see `details`.
            AddonMissingError: If the folder is gone.
        """
        self._compare(self._has_its_size)

    def check(self) -> None:
        """Compare every byte; of a file that has not been touched since, only its times.

        Raises:
            AddonChangedError: If one is not as it was installed; see `details`.
            AddonMissingError: If the folder is gone.
        """
        self._compare(self._has_its_content)

    def _compare(self, is_whole: Callable[[str, os.stat_result], bool]) -> None:
        try:
            found = dict(walk(self.folder))
        except OSError as error:
            if not self.folder.is_dir():
                raise AddonMissingError(
                    f"The add-on '{self._addon}' {self._version} was removed meanwhile. Reload the"
                    " page, or install it again."
                ) from error
            raise self._changed([str(error.filename)]) from error
        wrong = sorted(found.keys() ^ self._rows.keys())
        wrong += [path for path in found.keys() & self._rows if not is_whole(path, found[path])]
        if wrong:
            raise self._changed(sorted(wrong))

    def _has_its_size(self, path: str, found: os.stat_result) -> bool:
        # A link is none of what was installed, wherever it leads.
        return stat.S_ISREG(found.st_mode) and found.st_size == self._rows[path].size

    def _has_its_content(self, path: str, found: os.stat_result) -> bool:
        if not self._has_its_size(path, found):
            return False
        signature = (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
        if self._whole.get(path) != signature:
            try:
                if hash_file(self.folder / path) != self._rows[path].hash:
                    return False
            except OSError:
                return False  # what cannot be read is not what was installed
            self._whole[path] = signature
        return True

    def _changed(self, files: list[str]) -> AddonChangedError:
        return AddonChangedError(
            f"The files of the add-on '{self._addon}' {self._version} were changed after it was"
            " installed, so it is not loaded. Install it again.",
            addon=self._addon,
            version=self._version,
            files=files[:_NAMED_MOST],
        )


def write_seal(folder: Path) -> None:
    """Seal all that is in a folder now.

    Raises:
        OSError: If a file cannot be read, or the seal not written.
        FileExistsError: If there is one already.
    """
    with (folder / SEAL).open("x", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        for path, found in sorted(walk(folder)):
            if path != SEAL:
                rows.writerow((path, hash_file(folder / path), found.st_size))
        file.flush()
        os.fsync(file.fileno())


def walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    """All that is in a folder and is no folder, links among it, by path from the folder.

    Raises:
        OSError: If a folder cannot be read.
    """
    yield from _walk(str(folder), "")


def hash_file(path: Path) -> str:
    """The hash of a file as it stands in a `RECORD`.

    Raises:
        OSError: If it cannot be read, or is a link.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        return _encode(hashlib.file_digest(file, "sha256").digest())


def _walk(folder: str, above: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(entry.path, f"{above}{entry.name}/")
            else:
                yield f"{above}{entry.name}", entry.stat(follow_symlinks=False)


def _parse(text: str) -> Iterator[tuple[str, _Row]]:
    for row in csv.reader(io.StringIO(text, newline="")):
        path, found, size = row
        yield path, _Row(found, int(size))


def _encode(digest: bytes) -> str:
    return f"sha256={base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
