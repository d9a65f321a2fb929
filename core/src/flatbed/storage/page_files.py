"""The files of pages: where they lie, how they come there, and how they go."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from pathlib import Path

import structlog

from flatbed import system
from flatbed.addon.frames import FrameReader, FrameWriter, read_tag
from flatbed.errors import FolderError, PageCorruptError
from flatbed.runtime.room import disk_named
from flatbed.storage.finished import FinishedFile, FinishedPage
from flatbed.storage.stored_page import FILE_KINDS

log = structlog.get_logger("flatbed.buffer")


class PageFiles:
    """The files of all pages of one data folder, a few hundred folders full of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = system.own_folder(folder)

    def path(self, uid: str, kind: str) -> Path:
        """Where a file of a page lies, or would."""
        return self._folder / uid[:2] / f"{uid}.{kind}"

    def has(self, uid: str, kind: str) -> bool:
        """Whether it is there."""
        return self.path(uid, kind).exists()

    def has_any(self, uid: str) -> bool:
        """Whether the file is there that others can be made again from."""
        return self.has(uid, "page") or self.has(uid, "file")

    def open(self, uid: str, kind: str, key: bytes) -> FrameReader:
        """A file of a page.

        Raises:
            PageCorruptError: If it is not there.
        """
        try:
            return FrameReader(self.path(uid, kind), key=key, uid=uid, kind=kind)
        except OSError as error:
            raise PageCorruptError(
                f"The {kind} of page {uid} cannot be read: {error.strerror}."
            ) from error

    def put(self, uid: str, kind: str, key: bytes, data: bytes) -> None:
        """Write a file that can be made again, whole or not at all.

        Raises:
            DiskFullError: If there is no room for it.
        """
        final = self.path(uid, kind)
        draft = final.with_suffix(f".{kind}-{secrets.token_hex(4)}")
        with disk_named():
            writer = FrameWriter(draft, key=key, uid=uid, kind=kind)
            try:
                writer.write(data)
                writer.seal()
                draft.rename(final)
            except BaseException:
                draft.unlink(missing_ok=True)
                raise
            finally:
                writer.close()

    def move_in(self, spool: Path, page: FinishedPage) -> bool:
        """Move a page and its thumbnail here; whether the page is the one that was finished.

        It is on the disk for good after `sync`.
        """
        self._make_place(page.uid)
        if not self.move_beside(spool, page.uid, "page", page):
            log.error("page lost", page=page.uid, size=page.size)
            return False
        self.move_beside(spool, page.uid, "thumbnail", page.thumbnail)
        return True

    def move_file_in(self, spool: Path, uid: str, file: FinishedFile) -> bool:
        """The same for a file that is no page; it is on the disk for good when this returns."""
        self._make_place(uid)
        with (spool / f"{uid}.file").open("rb") as written:
            os.fsync(written.fileno())
        is_it = self.move_beside(spool, uid, "file", file)
        self.sync([uid])
        return is_it

    def move_beside(self, spool: Path, uid: str, kind: str, file: FinishedFile) -> bool:
        """The same for one file of a page whose folder is there."""
        source, target = spool / f"{uid}.{kind}", self.path(uid, kind)
        if read_tag(source, file.size) == file.tag:
            source.rename(target)
        # Renamed before a crash, committed after it: the file is in its place already.
        return read_tag(target, file.size) == file.tag

    def sync(self, uids: Iterable[str]) -> None:
        """Sync the folders of pages that were moved in."""
        for folder in {self.path(uid, "page").parent for uid in uids}:
            system.sync_folder(folder)

    def _make_place(self, uid: str) -> None:
        folder = self.path(uid, "page").parent
        if not folder.exists():
            _make_folder(folder)
            system.sync_folder(self._folder)

    def delete(self, uids: Iterable[str]) -> None:
        """Delete the files of pages whose keys are gone already; nothing can read them any more."""
        for uid in uids:
            for kind in FILE_KINDS:
                try:
                    self.path(uid, kind).unlink(missing_ok=True)
                except OSError as error:
                    log.warning("file left", page=uid, kind=kind, error=error.strerror)


def _make_folder(folder: Path) -> None:
    try:
        system.own_folder(folder)
    except FolderError as error:
        # A disk without room is no reason to choose another folder.
        raise error.__cause__ if isinstance(error.__cause__, OSError) else error from error
