"""What a hook answered, opened for whoever tests it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from flatbed.addon.frames import read_file, unwrap_key
from flatbed.addon.types import PageFile, SourcePage, StoredFile
from flatbed.errors import WorkerCrashedError


@dataclass(frozen=True, kw_only=True)
class StoredOutput:
    """A file that a hook wrote, in plain."""

    media_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a call of a hook left.

    Attributes:
        value: What it returned, as JSON has it.
        status: Of a request: the HTTP status.
        pages: The pages that it wrote; they can be opened, and go into other calls.
        files: The files that it wrote.
        warnings: What it warned of.
    """

    value: Any
    status: int = 200
    pages: tuple[PageFile, ...] = ()
    files: tuple[StoredOutput, ...] = ()
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Any, entries: Sequence[dict[str, Any]], folder: Path, key: bytes) -> Answer:
        """What a sink into a folder said, whose keys `key` wraps."""
        files = _only(entries, "file")
        pages = [(each, _page(each, folder, key)) for each in _only(entries, "page")]
        return cls(
            value=value,
            pages=tuple(
                replace(page, source=_source(each, files, folder, key)) for each, page in pages
            ),
            files=tuple(_file(each, folder, key) for each in files),
            warnings=tuple(str(each["message"]) for each in _only(entries, "warning")),
        )

    @property
    def page(self) -> PageFile:
        """The one page that was written.

        Raises:
            WorkerCrashedError: If there is not one page.
        """
        if len(self.pages) != 1:
            raise WorkerCrashedError(f"The add-on wrote {len(self.pages)} pages in place of one.")
        return self.pages[0]

    @property
    def file(self) -> StoredOutput:
        """The one file that was written.

        Raises:
            WorkerCrashedError: If there is not one file.
        """
        if len(self.files) != 1:
            raise WorkerCrashedError(f"The add-on wrote {len(self.files)} files in place of one.")
        return self.files[0]


def _only(entries: Sequence[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [entry for entry in entries if entry.get("type") == kind]


def _page(entry: dict[str, Any], folder: Path, key: bytes) -> PageFile:
    return PageFile(
        uid=entry["uid"],
        size_px=tuple(entry["size_px"]),
        dpi=tuple(entry["dpi"]),
        mode=entry["mode"],
        bits=entry["bits"],
        path=str(folder / f"{entry['uid']}.page"),
        key=_unwrapped(entry, key).hex(),
    )


def _source(
    entry: dict[str, Any], files: Sequence[dict[str, Any]], folder: Path, key: bytes
) -> SourcePage | None:
    number = entry.get("source_page", 0)
    if not number or len(files) != 1:
        return None
    (kept,) = files
    path = str(folder / f"{kept['uid']}.file")
    file = StoredFile(uid=kept["uid"], path=path, key=_unwrapped(kept, key).hex())
    return SourcePage(file=file, media_type=kept["media_type"], number=number)


def _file(entry: dict[str, Any], folder: Path, key: bytes) -> StoredOutput:
    path = folder / f"{entry['uid']}.file"
    data = read_file(path, _unwrapped(entry, key), entry["uid"], "file")
    return StoredOutput(media_type=entry["media_type"], data=data)


def _unwrapped(entry: dict[str, Any], key: bytes) -> bytes:
    return unwrap_key(bytes.fromhex(entry["key"]), by=key, uid=entry["uid"])
