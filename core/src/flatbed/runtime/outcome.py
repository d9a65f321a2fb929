"""What a call of an add-on left: its value, and the pages and files that it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flatbed.addon.frames import FrameReader, unwrap_key
from flatbed.addon.types import PageFile
from flatbed.errors import WorkerCrashedError

_NOT_ONE = "The add-on did not write the one {kind} that it was asked for."


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a call left in a folder that is there as long as the call's context is.

    Attributes:
        value: What the hook returned.
        folder: Where the pages and files lie.
        key: Wraps their keys.
        entries: What the add-on's sink said of them, in order.
    """

    value: Any
    folder: Path
    key: bytes = field(repr=False)
    entries: Sequence[dict[str, Any]]

    @property
    def pages(self) -> list[dict[str, Any]]:
        """The entries of pages."""
        return [entry for entry in self.entries if entry.get("type") == "page"]

    @property
    def files(self) -> list[dict[str, Any]]:
        """The entries of files."""
        return [entry for entry in self.entries if entry.get("type") == "file"]

    @property
    def warnings(self) -> list[str]:
        """What the add-on warned of, a sentence each."""
        return [str(entry["message"]) for entry in self.entries if entry.get("type") == "warning"]

    @property
    def page(self) -> PageFile:
        """The one page that was written, for another call.

        Raises:
            WorkerCrashedError: If there is not one page.
        """
        entry = _only(self.pages, "page")
        uid = Path(str(entry["uid"])).name
        return PageFile(
            uid=uid,
            size_px=tuple(entry["size_px"]),
            dpi=tuple(entry["dpi"]),
            mode=entry["mode"],
            bits=entry["bits"],
            path=str(self.folder / f"{uid}.page"),
            key=self._unwrap(entry).hex(),
        )

    def open_file(self) -> FrameReader:
        """The one file that was written.

        Raises:
            WorkerCrashedError: If there is not one file.
        """
        entry = _only(self.files, "file")
        uid = Path(str(entry["uid"])).name
        path = self.folder / f"{uid}.file"
        try:
            return FrameReader(path, key=self._unwrap(entry), uid=uid, kind="file")
        except OSError as error:
            raise WorkerCrashedError(_NOT_ONE.format(kind="file")) from error

    def _unwrap(self, entry: dict[str, Any]) -> bytes:
        return unwrap_key(bytes.fromhex(entry["key"]), by=self.key, uid=str(entry["uid"]))


@dataclass(frozen=True)
class SavedFile:
    """A file that was made of pages: its content, and what the add-on warned of."""

    reader: FrameReader
    warnings: Sequence[str]


def _only(entries: Sequence[dict[str, Any]], kind: str) -> dict[str, Any]:
    if len(entries) != 1:
        raise WorkerCrashedError(_NOT_ONE.format(kind=kind))
    return entries[0]
