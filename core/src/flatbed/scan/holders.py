"""Which job has which scanner, and which scanners hang."""

from __future__ import annotations

from flatbed.errors import DeviceHungError, ScannerHeldError
from flatbed.scan.jobs import ScanJob
from flatbed.scan.runner import ScanRun
from flatbed.scan.scanners import KnownScanner


class Holders:
    """The scanners that are not free."""

    def __init__(self) -> None:
        self._jobs: dict[str, str] = {}
        self._stuck: dict[str, ScanRun] = {}

    def check_free(self, scanner: KnownScanner) -> None:
        """Refuse a scanner that nobody else can use now.

        Raises:
            ScannerHeldError: If a job has it.
            DeviceHungError: If a worker with it could not be ended.
        """
        if scanner.uid in self._jobs:
            raise ScannerHeldError(
                f"'{scanner.name}' is in use by another job. Wait for it to end, or delete it.",
            )
        stuck = self._stuck.get(scanner.uid)
        if stuck is not None and not stuck.is_gone():
            raise DeviceHungError(
                f"The driver of '{scanner.name}' hangs in the system."
                " Unplug the scanner, plug it in again, and wait a moment."
            )

    def hold(self, job: ScanJob) -> None:
        """Give a job its scanner."""
        self._jobs[job.scanner_uid] = job.uid

    def free(self, job: ScanJob) -> None:
        """Take it from the job, if that has it."""
        if self._jobs.get(job.scanner_uid) == job.uid:
            del self._jobs[job.scanner_uid]

    def note_stuck(self, job: ScanJob, run: ScanRun) -> None:
        """Remember that a worker at a job's scanner could not be ended."""
        self._stuck[job.scanner_uid] = run
