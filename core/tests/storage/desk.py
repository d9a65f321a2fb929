"""A buffer, and jobs whose scans leave pages in the spool."""

from __future__ import annotations

import io
import json
import random
from pathlib import Path
from typing import Any

from PIL import Image

from flatbed.addon.frames import new_key
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.delivery import Delivery
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index
from flatbed.storage.stored_page import StoredPage

ORIGIN, OTHER = "https://scan.example", "https://other.example"
Entry = dict[str, Any]


class Desk:
    """A buffer, and jobs whose scans leave pages in the spool.

    Attributes:
        buffer: What is tested.
    """

    def __init__(self, folder: Path, index: Index, events: EventLog) -> None:
        self.folder, self.index, self.events = folder, index, events
        self.master_key = new_key()
        self.buffer = PageBuffer(folder / "pages", index, events, self.master_key)
        self._keys: dict[str, bytes] = {}

    def spool(self, job: str) -> Path:
        """The spool folder of a job."""
        folder = self.folder / "spool" / job
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def key(self, job: str) -> bytes:
        """The key of a job."""
        return self._keys.setdefault(job, new_key())

    def scan(self, job: str, *pages: bytes, **spool: Any) -> list[Entry]:
        """Scan pages of 10 gray pixels a row; what the journal would say."""
        entries: list[Entry] = []
        made = Spool(folder=self.spool(job), key=self.key(job), **spool)
        sink = SpoolSink(made, CallWatch(), entries.append)
        for rows in pages:
            size = (10, len(rows) // 10)
            with sink.new_page(size_px=size, dpi=(300, 150), mode="L", bits=8) as page:
                page.write_rows(rows)
        sink.close()
        return json.loads(json.dumps(entries))  # type: ignore[no-any-return]

    async def adopt(self, job: str, entries: list[Entry], origin: str = ORIGIN) -> None:
        """Take what was scanned."""
        await self.buffer.adopt(
            Delivery(
                holder=job,
                origin=origin,
                folder=self.spool(job),
                key=self.key(job),
                entries=entries,
            )
        )

    async def fill(self, job: str, *pages: bytes, origin: str = ORIGIN) -> list[StoredPage]:
        """Scan and adopt."""
        await self.adopt(job, self.scan(job, *pages), origin)
        return self.buffer.pages_of(job)

    def pixels(self, page: StoredPage) -> bytes:
        """The pixels of a stored page."""
        with self.buffer.open(page) as reader:
            return Image.open(io.BytesIO(b"".join(reader))).tobytes()

    def files(self) -> list[str]:
        """All files of the buffer, by kind."""
        return sorted(path.suffix for path in (self.folder / "pages").rglob("*.*"))

    def told(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The events that the origin sees."""
        found = self.events.after(0, origin=ORIGIN)
        return [(event.type, event.subject, event.data) for event in found]


def noise(seed: int, rows: int = 20) -> bytes:
    """Pixels that are those of no other page."""
    return random.Random(seed).randbytes(10 * rows)
