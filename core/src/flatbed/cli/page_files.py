"""The files that pages go into: their names, and how they get there whole or not at all."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from flatbed import system
from flatbed.cli.failures import OutputError

MEDIA_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".pdf": "application/pdf",
}
_OF_ALL_PAGES = ("image/tiff", "application/pdf")


@dataclass(frozen=True)
class Target:
    """Where a scan goes.

    Attributes:
        path: What the person named; its suffix tells the kind of file.
        overwrites: Files that are there already are replaced.
    """

    path: Path
    overwrites: bool = False

    @property
    def media_type(self) -> str:
        """Of the file or files."""
        return MEDIA_TYPES[self.path.suffix.lower()]

    @property
    def holds_all_pages(self) -> bool:
        """One file takes all pages; else each has its own."""
        return self.media_type in _OF_ALL_PAGES

    def numbered(self, page: int) -> Path:
        """The file of a page, from 1, where there are several."""
        return self.path.with_name(f"{self.path.stem}-{page:03d}{self.path.suffix}")

    def check(self) -> None:
        """See beforehand that nothing is in the way.

        Raises:
            OutputError: If the folder cannot be written to, or a file is there already.
        """
        folder = self.path.parent
        if not folder.is_dir():
            raise OutputError(f"There is no folder {folder}. Make it, or choose another with -o.")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(f"You may not write to {folder}. Choose another folder with -o.")
        if self.path.is_dir():
            raise OutputError(f"{self.path} is a folder. Name a file in it with -o.")
        there = [] if self.overwrites else list(self._there())
        if there:
            raise OutputError(
                f"{there[0]} is there already. Choose another name, or overwrite with --force."
            )

    def _there(self) -> Iterator[Path]:
        if os.path.lexists(self.path):
            yield self.path
        if self.holds_all_pages:
            return
        stem, suffix = re.escape(self.path.stem), re.escape(self.path.suffix)
        numbered = re.compile(rf"{stem}-\d{{3,}}{suffix}")
        beside = self.path.parent.iterdir()
        yield from sorted(each for each in beside if numbered.fullmatch(each.name))


class PartFile:
    """A file in the making, under a name of its own beside its place.

    Raises:
        OutputError: In the constructor, if it cannot be made.
    """

    def __init__(self, target: Target) -> None:
        self._target = target.path
        self.path = target.path.with_name(f".{target.path.name}.{secrets.token_hex(4)}.part")
        try:
            self._file = self.path.open("xb")
        except OSError as error:
            raise self.fault(error) from error

    def write(self, piece: bytes) -> None:
        """Add to it; nothing once it has been closed or discarded."""
        if not self._file.closed:
            self._file.write(piece)

    def close(self) -> None:
        """Wait until it is on disk.

        Raises:
            OutputError: If it does not get there.
        """
        try:
            with self._file:
                self._file.flush()
                os.fsync(self._file.fileno())
        except OSError as error:
            raise self.fault(error) from error

    def restart(self) -> None:
        """Begin again with nothing."""
        self._file.seek(0)
        self._file.truncate()

    def discard(self) -> None:
        """Take it away; nothing if it has got its name."""
        self._file.close()
        with suppress(OSError):
            self.path.unlink()

    def put(self, place: Path, *, overwrites: bool) -> None:
        """Give the closed file its name.

        Raises:
            OutputError: If the name is taken, or it cannot be done.
        """
        try:
            if not overwrites:
                # Takes the name or fails, on every file system; hard links would not.
                place.open("xb").close()
            self.path.replace(place)
            system.sync_folder(place.parent)
        except OSError as error:
            raise _unwritable(place, error) from error

    def fault(self, error: OSError) -> OutputError:
        """What to say when it cannot be written; names the place that the person named."""
        return _unwritable(self._target, error)


@dataclass
class PageFiles:
    """The files of one scan.

    A first page that may stay alone waits for its name, `out.jpg` or `out-001.jpg`, until the
    second comes or the end.

    Attributes:
        target: Where they go.
        is_single: There will be one page and no more.
        saved: Those that are in their place, in order.
    """

    target: Target
    is_single: bool = False
    saved: list[Path] = field(default_factory=list)
    _first: PartFile | None = None
    _count: int = 0

    def begin(self) -> PartFile:
        """A file for the next page, or for all of them."""
        return PartFile(self.target)

    def add(self, part: PartFile) -> list[Path]:
        """Take the finished file of the next page.

        Returns:
            The files that have got their names by that.

        Raises:
            OutputError: If a name is taken, or cannot be given; the part is still the caller's.
        """
        self._count += 1
        if self.is_single or self.target.holds_all_pages:
            return [self._put(part, self.target.path)]
        if self._count == 1:
            self._first = part
            return []
        placed = self._put_first(self.target.numbered(1))
        return [*placed, self._put(part, self.target.numbered(self._count))]

    def finish(self) -> list[Path]:
        """Give the page that stayed alone its name."""
        return self._put_first(self.target.path)

    def _put_first(self, place: Path) -> list[Path]:
        first, self._first = self._first, None
        if first is None:
            return []
        try:
            return [self._put(first, place)]
        except OutputError:
            first.discard()
            raise

    def _put(self, part: PartFile, place: Path) -> Path:
        part.put(place, overwrites=self.target.overwrites)
        self.saved.append(place)
        return place


def _unwritable(path: Path, error: OSError) -> OutputError:
    """The sentence about a file that could not be written."""
    if isinstance(error, FileExistsError):
        return OutputError(f"{path} is there already. Nothing was overwritten.")
    return OutputError(f"{path} cannot be written: {error.strerror}.")
