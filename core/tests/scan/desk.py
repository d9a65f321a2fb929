"""All of scanning over a scripted driver: built as the service builds it, restarted at will."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PIL import Image

from flatbed.addon.frames import new_key
from flatbed.editing.editor import Editor
from flatbed.runtime.addons import Addon
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.operations import Operations
from flatbed.runtime.pool import PoolLimits, Pools
from flatbed.runtime.registry import Registry
from flatbed.scan.audit import AuditLog
from flatbed.scan.finishing import Finisher
from flatbed.scan.jobs import ScanJob
from flatbed.scan.launch import DiskLimits, Launcher, ScanLimits
from flatbed.scan.module import ScanModule
from flatbed.scan.request import JobRequest
from flatbed.scan.scanners import ListLimits, ScannerList
from flatbed.scan.store import JobStore
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.documents import Documents
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index
from flatbed.storage.page_results import PageResults

from ..made_addons import LIMIT_S, worker_site
from .made_jobs import ORIGIN

DRIVERS = Path(__file__).with_name("drivers")
NO_FLOORS = DiskLimits(start_min=0, start_max=0, sheet_min=0)


class Paper:
    """One scripted driver: its script, and what it has done.

    Attributes:
        addon: As the registry finds it.
    """

    def __init__(self, folder: Path, name: str = "paper", *, fresh_process: bool = False) -> None:
        self._folder = folder
        folder.mkdir()
        self._script: dict[str, Any] = {}
        scanners = {"kind": "sane", "fresh_process": fresh_process}
        facts = {"manifest_version": 1, "name": name, "core_api": "1.0", "scanners": scanners}
        self.addon = Addon(
            manifest=msgspec.convert(facts, Manifest),
            version="1.0",
            module="paper_driver",
            distribution=f"flatbed-{name}",
            paths=(str(DRIVERS),),
            config={"folder": str(folder)},
        )
        self.write()

    def write(self, **script: Any) -> None:
        """Change parts of the script; see `drivers/paper_driver.py`."""
        self._script |= script
        (self._folder / "script.json").write_text(json.dumps(self._script))

    def notes(self, kind: str = "") -> list[str]:
        """What the driver has done, by the beginning of its words."""
        path = self._folder / "notes"
        lines = path.read_text().splitlines() if path.exists() else []
        return [line for line in lines if line.startswith(kind)]


class ScanDesk:
    """Scanners, jobs and pages of one data folder.

    Attributes:
        paper: The driver.
        others: Further drivers; add them before `start`.
        readers: Add-ons that work on pages; add them before `start`.
        limits: Of scans; change them before `start`.
        list_limits: Of lists; change them before `start`.
        has_standby: A worker stands by for the next scan, as in the service. Most tests do
            without: starting it takes longer than all the rest of them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paper = Paper(folder / "paper")
        self.others: list[Paper] = []
        self.readers: list[Addon] = []
        self.limits = ScanLimits(disk=NO_FLOORS)
        self.list_limits = ListLimits(shown_s=LIMIT_S, hard_s=LIMIT_S, open_s=LIMIT_S)
        self.has_standby = False
        self._master_key = new_key()

    def start(self) -> None:
        """Build all parts, as the service does."""
        addons = [paper.addon for paper in (self.paper, *self.others)]
        self.registry = Registry([*addons, *self.readers])
        self.index = Index(self.folder / "index.sqlite")
        self.events = EventLog(self.index)
        self.pools = Pools(worker_site(self.folder), PoolLimits())
        self.buffer = PageBuffer(self.folder / "pages", self.index, self.events, self._master_key)
        self.scanners = ScannerList(
            self.registry, self.pools, self.index, self.events, self.list_limits
        )
        self.launcher = Launcher(
            self.folder / "spool", self.registry, self.pools, self.scanners, self.limits
        )
        if not self.has_standby:
            for addon in addons:
                self.pools.of(addon).prepare = _prepare_nothing  # type: ignore[method-assign]
        self.store = JobStore(self.index, self.events, self._master_key)
        self.documents = Documents(self.index, self.events, self.buffer, self._master_key)
        operations = Operations(self.registry, self.pools, self.folder / "scratch")
        editor = Editor(self.documents, self.buffer, operations, self.registry)
        self.findings = PageResults(self.index, self.buffer)
        finisher = Finisher(
            *(self.buffer, self.documents, editor, operations, self.registry, self.findings)
        )
        self.module = ScanModule(
            *(self.scanners, self.launcher, self.store, self.buffer, self.limits),
            *(finisher, AuditLog(self.folder / "audit.jsonl")),
        )

    async def stop(self) -> None:
        """Stop as the service does: running scans are left to their workers."""
        await self.module.close()
        await self.pools.close()
        self.index.close()

    async def restart(self) -> None:
        """Stop, and start anew with what is on the disk."""
        await self.stop()
        self.start()
        await self.module.restore()

    async def create(self, *scans: list[Any], origin: str = ORIGIN, **request: Any) -> ScanJob:
        """Create a job; `scans` are the driver's steps in each attempt."""
        return await self.module.create(self.request(*scans, **request), origin=origin)

    def request(self, *scans: list[Any], **request: Any) -> JobRequest:
        """What creates a job; see `create`."""
        self.paper.write(scans=list(scans))
        return JobRequest(**request)

    async def until(self, job: ScanJob, is_so: Callable[[ScanJob], bool]) -> None:
        """Wait until something holds for a job."""
        async with asyncio.timeout(LIMIT_S):
            while not is_so(job):
                changed = job.changed
                if is_so(job):
                    return
                await changed.wait()

    async def settled(self, job: ScanJob) -> str:
        """Wait until no page of a job will come any more; its state."""
        await self.until(job, self.module.is_settled)
        return job.status

    async def stands(self, job: ScanJob, status: str) -> None:
        """Wait until a job is in a state and nothing of it runs."""
        await self.until(
            job, lambda each: each.status == status and each.uid not in self.module._attempts._tasks
        )

    async def has_pages(self, job: ScanJob, count: int) -> None:
        """Wait until a job has so many pages."""
        await self.until(job, lambda each: self.buffer.count_of(each.uid) >= count)

    def pixels(self, job: ScanJob) -> list[int]:
        """The value of the first pixel of each page of a job."""
        found = []
        for page in self.buffer.pages_of(job.uid):
            with self.buffer.open(page) as reader:
                image = Image.open(io.BytesIO(b"".join(reader)))
                found.append(image.tobytes()[0])
        return found

    def spool(self) -> list[str]:
        """The jobs that have a folder in the spool."""
        return [path.name for path in self.launcher.folders()]


def _prepare_nothing() -> None:
    """Start no worker beforehand."""
