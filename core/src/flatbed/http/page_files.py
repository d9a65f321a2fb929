"""Handing out pages and files: decrypted frame by frame, so that memory stays flat."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType
from tornado.iostream import StreamClosedError

from flatbed.addon.frames import FrameReader
from flatbed.errors import InvalidInputError
from flatbed.http.base import ApiHandler
from flatbed.http.headers import WARNINGS_HEADER
from flatbed.http.services import Services
from flatbed.http.shapes import shape
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.scan.jobs import ScanJob
from flatbed.storage.stored_page import (
    THUMBNAIL_PX,
    THUMBNAIL_SIDES,
    StoredPage,
    thumbnail_kind,
)

MediaType: TypeAlias = Literal["image/png", "image/jpeg", "image/tiff", "application/pdf"]
PageMediaType: TypeAlias = Literal["image/png", "image/jpeg"]

PAGE_TYPES = ("image/png", "image/jpeg")
FILE_TYPES = ("image/png", "image/jpeg", "image/tiff", "application/pdf")

_JPEG_WAIT_S = 2
"""A JPEG that is made beside its page comes some hundredths of a second after it."""


class FileHandler(ApiHandler):
    """The base of handlers that answer with a page or a file."""

    services: Services

    async def write_page(
        self,
        page: StoredPage,
        media_type: MediaType,
        *,
        job: ScanJob | None = None,
        depth: int = 8,
        choice: Choice = EVERYTHING,
    ) -> bool:
        """Answer one page.

        Args:
            page: Which one.
            media_type: As what.
            job: Where it is being scanned, if it is: its JPEG may be on the way.
            depth: 16 for all bits of a page that has them, as PNG only.
            choice: The add-ons that may write it, where it is not stored as such.

        Returns:
            Whether its last byte was written; not if the caller has gone.
        """
        if depth == 16 and media_type != "image/png":
            raise InvalidInputError("16 bits are handed out as image/png only.")
        if media_type == "image/png" and page.bits <= depth:
            return await self._write_stored(page, "page", media_type)
        if media_type == "image/jpeg" and await self._has_jpeg(page, job):
            return await self._write_stored(page, "jpeg", media_type)
        return await self.write_document([page], media_type, choice=choice)

    async def write_job_page(
        self,
        job: ScanJob,
        page: StoredPage,
        media_type: MediaType,
        depth: int,
        *,
        choice: Choice = EVERYTHING,
    ) -> bool:
        """Answer a page of a job as it looks by what the job did with it; see `write_page`."""
        shown = await self.services.scan.finisher.show(job, page)
        own = job if shown is page else None
        return await self.write_page(shown, media_type, job=own, depth=depth, choice=choice)

    async def write_document(
        self,
        pages: Sequence[StoredPage],
        media_type: MediaType,
        *,
        choice: Choice = EVERYTHING,
        **settings: Any,
    ) -> bool:
        """Answer a file made of pages; see `write_page` for what is returned.

        Args:
            pages: In the order of the file.
            media_type: Of the file.
            choice: The add-ons that may write it.
            settings: For the add-on that writes it, as `quality`.
        """
        files = [self.services.buffer.for_worker(page) for page in pages]
        save = self.services.operations.save_document
        async with save(files, media_type, settings, choice=choice) as saved:
            if saved.warnings:
                self.set_header(WARNINGS_HEADER, json.dumps(saved.warnings))
            return await self.write_frames(saved.reader, media_type)

    async def write_delivered(self, value: msgspec.Struct) -> bool:
        """Answer JSON and wait until its last byte is written; see `write_page`."""
        data = msgspec.json.encode(value)
        self.set_header("Content-Type", "application/json")
        return await self._write_all([data], len(data))

    async def write_thumbnail(self, page: StoredPage, size_px: int = THUMBNAIL_PX) -> bool:
        """Answer a page in small; see `write_page` for what is returned.

        Args:
            page: Which one.
            size_px: Its longer side at least, where the page is as large; what is made is kept.
        """
        side = next(each for each in THUMBNAIL_SIDES if each >= size_px)
        kind = thumbnail_kind(side)
        if not self.services.buffer.has(page, kind):
            await self._make_thumbnail(page, side)
        return await self._write_stored(page, kind, "image/jpeg")

    def read_results(self, page: StoredPage) -> dict[str, Any] | UnsetType:
        """What was found out about a page while it was scanned, by the names of the operations."""
        found = self.services.findings.of(page)
        return {each.operation: shape(each.hook, each.value) for each in found} or UNSET

    async def _make_thumbnail(self, page: StoredPage, side: int) -> None:
        files, settings = [self.services.buffer.for_worker(page)], {"width": side, "height": side}
        save = self.services.operations.save_document
        async with save(files, "image/jpeg", settings) as saved:
            self.services.buffer.put_beside(page, thumbnail_kind(side), b"".join(saved.reader))

    async def _write_stored(self, page: StoredPage, kind: str, media_type: str) -> bool:
        with self.services.buffer.open(page, kind) as reader:
            return await self.write_frames(reader, media_type)

    async def write_frames(self, reader: FrameReader, media_type: str) -> bool:
        """Answer an encrypted file; see `write_page` for what is returned."""
        self.set_header("Content-Type", media_type)
        return await self._write_all(reader, reader.size)

    async def _write_all(self, parts: Iterable[bytes | bytearray], size: int) -> bool:
        self.set_header("Content-Length", str(size))
        try:
            for part in parts:
                self.write(bytes(part))
                await self.flush()
        except StreamClosedError:
            return False  # nobody is there to be told
        return True

    async def _has_jpeg(self, page: StoredPage, job: ScanJob | None) -> bool:
        if page.has_jpeg or job is None or not job.options.wants_jpeg:
            return page.has_jpeg
        try:
            async with asyncio.timeout(_JPEG_WAIT_S):
                return await self._wait_for_jpeg(page, job)
        except TimeoutError:
            return False

    async def _wait_for_jpeg(self, page: StoredPage, job: ScanJob) -> bool:
        while True:
            changed = job.changed
            if self.services.buffer.get(page.uid, origin=None).has_jpeg:
                return True
            if self.services.scan.is_settled(job):
                return False
            await changed.wait()


def accept(media_type: str | None, allowed: Sequence[str], *, otherwise: str) -> MediaType:
    """The media type of the query, checked.

    Raises:
        InvalidInputError: If it is none of those that are allowed here.
    """
    wanted = media_type or otherwise
    if wanted not in allowed:
        raise InvalidInputError(f"The type {wanted!r} is none of {', '.join(allowed)}.")
    return wanted  # type: ignore[return-value]
