"""Orders for an add-on that a test wrote, over a buffer with pages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from flatbed.processing.carrier import Carrier
from flatbed.processing.jobs import Processing
from flatbed.processing.order import Order, PageResult, PageSource
from flatbed.runtime.operations import Operations
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index
from flatbed.storage.process_job import ProcessJob
from flatbed.storage.process_jobs import ProcessJobs
from flatbed.storage.quota import Quota, QuotaLimits
from flatbed.storage.results import Results
from flatbed.storage.stored_page import StoredPage

from ..made_addons import worker_site, write_addon
from ..storage import desk as storage_desk
from ..storage.desk import ORIGIN, noise

HOOKS = """
@hookimpl
def process_page(operation, page, settings, out):
    how = settings["how"]
    if how == "copy":
        with out.new_page(size_px=(2, 1), dpi=(75, 75), mode="L", bits=8) as copy:
            copy.write_rows(bytes(2))
        return None
    if how == "file":
        with out.new_file("text/plain") as file:
            file.write(b"a file")
    if how == "refuse":
        raise InvalidInputError("Not this page.")
    if how == "listen":
        {visit}
        while True:
            out.check_canceled()
            time.sleep(0.01)
    if how == "wait":
        {stop}
    if how == "long":
        return "x" * 100
    return {{"page": page.uid}}

@hookimpl
def save_document(pages, settings, out):
    for number, _ in enumerate(pages, 1):
        out.progress(number, len(pages) * 2)
    with out.new_file("application/pdf") as file:
        file.write("".join(page.uid for page in pages).encode())
"""
MANIFEST: dict[str, Any] = {
    "each": {
        "hook": "process_page",
        "settings": {"how": {"type": "str", "default": ""}},
        "shorthand": "how",
    },
    "all": {"hook": "save_document", "input": "pages"},
}


async def as_they_came(results: Sequence[PageResult]) -> Any:
    """The plainest answer."""
    return [
        {"source": each.source, "pages": [page.uid for page in each.pages]}
        | ({"error": each.error.name} if each.error else {"value": each.value})
        for each in results
    ]


class Desk:
    """What carries orders out, over a folder of the test."""

    def __init__(self, folder: Path, *, visit: str = "pass", stop: str = "pass") -> None:
        self.folder = folder
        self.index = Index(folder / "index.sqlite")
        self.events = EventLog(self.index)
        self.storage = storage_desk.Desk(folder, self.index, self.events)
        source = HOOKS.format(visit=visit, stop=stop)
        addon = write_addon(folder / "addon", source, workers=2, operations=MANIFEST)
        self.pools = Pools(worker_site(folder))
        self.operations = Operations(Registry([addon]), self.pools, folder / "scratch")
        self.quota = Quota(self.index, QuotaLimits())
        self.processing = self.restarted()

    @property
    def buffer(self) -> PageBuffer:
        """The pages."""
        return self.storage.buffer

    def restarted(self) -> Processing:
        """The long operations as a process has them that knows nothing but the index."""
        store = ProcessJobs(self.index, self.events, self.buffer.files, self.storage.master_key)
        results = Results(self.index, self.buffer, self.quota)
        carrier = Carrier(self.operations, self.buffer, results)
        return Processing(store, carrier, self.operations.new_folder)

    async def close(self) -> None:
        """Let go of everything."""
        await self.processing.close()
        await self.pools.close()
        self.index.close()

    async def pages(self, count: int) -> list[StoredPage]:
        """Pages of a job."""
        return await self.storage.fill("job", *(noise(seed) for seed in range(count)))

    async def order(self, count: int, how: str = "", **more: Any) -> Order:
        """What somebody wants of some new pages, for each of them."""
        sources = [source_of(page) for page in await self.pages(count)]
        wanted: dict[str, Any] = {
            "operation": "each",
            "settings": how,
            "sources": sources,
            "is_for_each": True,
            "owner": ORIGIN,
            "conclude": as_they_came,
        }
        return Order(**wanted | more)

    async def answer(self, order: Order) -> Any:
        """The answer to an order, as JSON."""
        async with self.processing.carrier.carry_out(order) as answer:
            assert answer.file is None
            return msgspec.json.decode(answer.data)

    async def wait_for_end(self, uid: str) -> ProcessJob:
        """Wait until a job has ended."""
        while True:
            changed = self.events.watch()
            job = self.processing.get(uid, owner=ORIGIN)
            if job.status != "running":
                break
            await changed.wait()
        # Its last files go just after it has said so.
        if (run := self.processing._runs.get(uid)) is not None:
            await asyncio.wait([run.end])
        return job

    def left(self) -> list[str]:
        """What lies in the scratch folder."""
        return [path.name for path in (self.folder / "scratch").rglob("*")]

    def files(self) -> list[str]:
        """All files of the buffer, by kind."""
        return self.storage.files()


def source_of(page: StoredPage) -> PageSource:
    """A page as a source."""

    async def show() -> StoredPage:
        return page

    return PageSource(uid=page.uid, show=show)
