"""Starting a worker on a job: room on the disk, a free process, the limits it keeps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flatbed import system
from flatbed.errors import (
    DeviceOfflineError,
    DiskFullError,
    DriverCrashedError,
    FeederEmptyError,
    FolderError,
    ScannerNotFoundError,
    disk_fault,
)
from flatbed.runtime.journal import Entry
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry
from flatbed.runtime.watch import DeviceLimits
from flatbed.scan.jobs import ScanJob
from flatbed.scan.runner import CancelLimits, ScanRun
from flatbed.scan.scanners import KnownScanner, ScannerList

Adopt = Callable[[list[Entry]], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class DiskLimits:
    """How much must be free, in bytes.

    Attributes:
        start_min: No scan starts below `start_share` of the disk, but at least this...
        start_max: ... and at most this.
        start_share: 0 to 1.
        sheet_min: No further sheet is fed below this...
        wait_s: ... and for that many seconds room is waited for.
    """

    start_min: int = 1 << 30
    start_max: int = 5 << 30
    start_share: float = 0.05
    sheet_min: int = 512 << 20
    wait_s: float = 600

    def start_floor(self, disk_bytes: int) -> int:
        """What must be free on a disk of that size before a scan starts."""
        return max(self.start_min, min(round(disk_bytes * self.start_share), self.start_max))


@dataclass(frozen=True, kw_only=True)
class ScanLimits:
    """All limits of a scan."""

    device: DeviceLimits = field(default_factory=DeviceLimits)
    cancel: CancelLimits = field(default_factory=CancelLimits)
    disk: DiskLimits = field(default_factory=DiskLimits)
    cancel_ack_s: float = 2
    session_release_s: float = 30


class Launcher:
    """Makes the runs of jobs."""

    def __init__(
        self,
        spool: Path,
        registry: Registry,
        pools: Pools,
        scanners: ScannerList,
        limits: ScanLimits,
    ) -> None:
        self._spool = system.own_folder(spool)
        self._registry, self._pools = registry, pools
        self._scanners, self._limits = scanners, limits

    def folder_of(self, job_uid: str) -> Path:
        """The spool folder of a job."""
        return self._spool / job_uid

    def folders(self) -> list[Path]:
        """The spool folders that are there, of jobs that may be gone."""
        return [path for path in self._spool.iterdir() if path.is_dir()]

    async def start(self, job: ScanJob, *, pages: int, adopt: Adopt) -> ScanRun:
        """Start a worker on a job.

        Args:
            job: Its attempt must be counted already.
            pages: How many it has from earlier attempts.
            adopt: Takes what the scan finishes.

        Raises:
            DiskFullError: If less is free than a scan may start with.
            DiskFaultError: If its folder cannot be made.
            DeviceFault: If the scanner is not there, or its feeder empty.
            AddonUnavailableError: If its driver rests after crashes.
        """
        self._check_room()
        scanner = await self._find(job)
        await self._check_feeder(job, scanner)
        await self._scanners.wait_until_unasked(scanner)
        pool = self._pools.of(self._registry.get(job.driver))
        pool.breaker.check()
        folder = self._make_folder(job)
        worker = await pool.take_fresh()
        run = ScanRun(folder, job.attempt, worker=worker, adopt=adopt, limits=self._limits.cancel)
        arguments = {"scanner_id": scanner.address, "settings": asdict(job.settings)}
        worker.begin("acquire_pages", arguments, out=self._out(job, folder, pages))
        return run

    def take_up(self, job: ScanJob, *, adopt: Adopt) -> ScanRun:
        """Follow the worker that a former main process started on a job."""
        folder = self.folder_of(job.uid)
        return ScanRun(folder, job.attempt, worker=None, adopt=adopt, limits=self._limits.cancel)

    def count_crash(self, job: ScanJob) -> None:
        """Count a crash of a job's driver."""
        pool = self._pools.of(self._registry.get(job.driver))
        pool.note_fault(DriverCrashedError(), "acquire_pages")

    def prepare(self, job: ScanJob) -> None:
        """Have the next worker of a job's driver, and one that encodes pages, standing by."""
        self._pools.of(self._registry.get(job.driver)).prepare()

    def _check_room(self) -> None:
        free = system.free_bytes(self._spool)
        floor = self._limits.disk.start_floor(system.total_bytes(self._spool))
        if free < floor:
            raise DiskFullError(
                f"Only {free >> 20} MB of the {floor >> 20} MB that a scan needs are free."
                " Free some space, then scan again."
            )

    def _make_folder(self, job: ScanJob) -> Path:
        try:
            folder = system.own_folder(self.folder_of(job.uid))
        except FolderError as error:
            if isinstance(error.__cause__, OSError):
                raise disk_fault(error.__cause__) from error
            raise
        system.sync_folder(self._spool)
        return folder

    async def _find(self, job: ScanJob) -> KnownScanner:
        try:
            return await self._scanners.find(job.scanner_uid)
        except ScannerNotFoundError as error:
            raise DeviceOfflineError from error

    async def _check_feeder(self, job: ScanJob, scanner: KnownScanner) -> None:
        if not job.options.checks_feeder or job.settings.paper_source == "flatbed":
            return
        capabilities = await self._scanners.capabilities(scanner)
        if capabilities.is_feeder_loaded is False:
            raise FeederEmptyError

    def _out(self, job: ScanJob, folder: Path, pages: int) -> dict[str, Any]:
        one = job.options.failure_timeout_s
        own = one and DeviceLimits(open_s=one, first_byte_s=one, between_bytes_s=one, page_s=one)
        device = own or self._limits.device
        return {
            "is_job": True,
            "folder": str(folder),
            "key": job.key.hex(),
            "attempt": job.attempt,
            "pages": pages,
            "wants_jpeg": job.options.wants_jpeg,
            "sheet_floor_bytes": self._limits.disk.sheet_min,
            "room_wait_s": self._limits.disk.wait_s,
            "limits": asdict(device),
        }
