"""Files that were loaded into documents, over a buffer that is restarted at will."""

from __future__ import annotations

import json
from typing import Any

from flatbed.addon.types import PageFile
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch
from flatbed.storage.document import Document
from flatbed.storage.documents import Documents
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index
from flatbed.storage.stored_page import StoredPage

from .desk import ORIGIN, Desk, noise

FILE = b"a letter that was never printed " * 4
MEDIA_TYPE = "application/pdf"


class Library:
    """Documents, and readers that keep the files beside the pages.

    Attributes:
        documents: Over the desk.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.documents = self._open()
        self._loads = 0

    def _open(self) -> Documents:
        desk = self.desk
        return Documents(desk.index, desk.events, desk.buffer, desk.master_key)

    def restart(self) -> None:
        """Start anew with what is on the disk."""
        desk = self.desk
        desk.index.close()
        desk.index = Index(desk.folder / "index.sqlite")
        desk.events = EventLog(desk.index)
        desk.buffer = type(desk.buffer)(
            desk.folder / "pages", desk.index, desk.events, desk.master_key
        )
        self.documents = self._open()

    def read(self, *numbers: int, files: tuple[bytes, ...] = (FILE,)) -> Outcome:
        """What a reader leaves: a page for each number, from that page of the file; 0 for none."""
        self._loads += 1
        name, entries = f"load {self._loads}", list[dict[str, Any]]()
        spool = Spool(folder=self.desk.spool(name), key=self.desk.key(name))
        sink = SpoolSink(spool, CallWatch(), entries.append)
        for data in files:
            with sink.new_file(MEDIA_TYPE) as stream:
                stream.write(data)
        for seed, number in enumerate(numbers):
            shape: dict[str, Any] = {"size_px": (10, 20), "dpi": (72, 72), "mode": "L", "bits": 8}
            with sink.new_page(**shape, source_page=number) as page:
                page.write_rows(noise(100 * self._loads + seed))
        sink.close()
        told = json.loads(json.dumps(entries))
        return Outcome(value=None, folder=spool.folder, key=spool.key, entries=told)

    async def create(self, *, password: str | None = None, origin: str = ORIGIN) -> Document:
        """An empty document."""
        return await self.documents.create(origin, password=password)

    async def load(self, document: Document, *numbers: int, **more: Any) -> Document:
        """Load a file into a document without a password; see `read`."""
        key = await self.documents.unlock(document, None)
        return await self.documents.insert_new(document, key, self.read(*numbers, **more))

    async def copy(
        self, source: Document, place: int, target: Document, password: str | None = None
    ) -> Document:
        """Put a page of a document without a password into another."""
        key = await self.documents.unlock(source, None)
        page = self.documents.pages.get(source, key, source.order[place])
        target_key = await self.documents.unlock(target, password)
        return await self.documents.insert(target, target_key, [page])

    async def page(
        self, document: Document, place: int = 0, password: str | None = None
    ) -> StoredPage:
        """A page of a document."""
        key = await self.documents.unlock(document, password)
        return self.documents.pages.get(document, key, document.order[place]).original

    async def given(
        self, document: Document, place: int = 0, password: str | None = None
    ) -> PageFile:
        """What a worker gets of it."""
        return self.desk.buffer.for_worker(await self.page(document, place, password))

    async def content(
        self, document: Document, place: int = 0, password: str | None = None
    ) -> bytes:
        """What stands in the file that a page came from, as a worker reads it."""
        given = await self.given(document, place, password)
        assert given.source is not None
        with given.source.file.open() as stream:
            return stream.read()

    def count_files(self) -> int:
        """How many files there are that are no pages."""
        return self.desk.files().count(".file")
