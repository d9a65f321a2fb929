"""A scan job and its states."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from flatbed.addon.types import ScanSettings
from flatbed.errors import WrongStateError
from flatbed.scan.placing import Placing, Treatment
from flatbed.scan.tasks import PageTask
from flatbed.scan.wishes import Wishes
from flatbed.storage.delivery import Delivery

Status: TypeAlias = Literal["pending", "running", "paused", "completed", "faulted", "canceled"]

_NEXT: dict[Status, set[Status]] = {
    "pending": {"running", "canceled"},
    "running": {"paused", "completed", "faulted", "canceled"},
    "paused": {"running", "canceled"},
    "completed": set(),
    "faulted": set(),
    "canceled": set(),
}


@dataclass(frozen=True, kw_only=True)
class JobOptions:
    """What a caller wants of a job beside its settings.

    Attributes:
        pauses_on_fault: A fault that a person can clear pauses the job instead of ending it.
        checks_feeder: Fail before the scan when the feeder is known to be empty.
        failure_timeout_s: The limit of one device operation, in place of all others.
        job_timeout_s: How long the job is kept while nothing runs; 0 for ever.
        wants_jpeg: The pages will be fetched as JPEG.
        session: The session it belongs to.
        treatment: What is done to each page.
        placing: The document that the pages go into.
        tasks: What is found out about each page.
    """

    pauses_on_fault: bool = False
    checks_feeder: bool = False
    failure_timeout_s: float | None = None
    job_timeout_s: float = 0
    wants_jpeg: bool = False
    session: str | None = None
    treatment: Treatment = field(default_factory=Treatment)
    placing: Placing | None = None
    tasks: tuple[PageTask, ...] = ()

    @property
    def finishes_pages(self) -> bool:
        """Whether pages are worked on before anybody sees them."""
        return self.treatment.is_any or self.placing is not None or bool(self.tasks)


@dataclass(kw_only=True)
class ScanJob:
    """One job, from its creation to its deletion.

    Attributes:
        uid: Its id.
        origin: Whose it is.
        scanner_uid: The scanner's own id.
        scanner_name: As the person knows it.
        driver: The driver's add-on.
        settings: What the driver gets.
        wishes: What the caller asked for, for capabilities and snapshots.
        options: The rest of what the caller asked for.
        key: The job's key, plain; it wraps the keys of the pages in the spool.
        status: Changed by `move_to` only.
        attempt: 0 before the first start; one more at each.
        error: The wire form of why it faulted or paused.
        warnings: What gave way.
        waiting: The wire form of what a running job waits for at the moment.
        is_recovered: It was cut off by the end of the main process and its worker.
        changed: Set and replaced at each change; see `wait_for_change`.
    """

    uid: str
    origin: str
    scanner_uid: str
    scanner_name: str
    driver: str
    settings: ScanSettings
    wishes: Wishes
    options: JobOptions
    key: bytes = field(repr=False)
    status: Status = "pending"
    attempt: int = 0
    error: dict[str, Any] | None = None
    warnings: list[str] = field(default_factory=list)
    created_at: float = field(default_factory=time.time)
    started_at: float | None = None
    finished_at: float | None = None
    waiting: dict[str, Any] | None = None
    is_recovered: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event, repr=False, compare=False)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will come."""
        return not _NEXT[self.status]

    @property
    def document(self) -> str | None:
        """Uid of the document that the pages go into."""
        return self.options.placing.document if self.options.placing else None

    @property
    def idle_since(self) -> float | None:
        """When the job last began to wait for its owner; `None` while it runs or is paused."""
        if self.status == "pending":
            return self.created_at
        return self.finished_at

    def move_to(self, status: Status, error: dict[str, Any] | None = None) -> None:
        """Change the state, and with it all that must agree.

        Raises:
            WrongStateError: If the job cannot go there from where it is.
        """
        if status not in _NEXT[self.status]:
            raise WrongStateError(f"The job is {self.status}; it cannot become {status}.")
        self.status, self.error, self.waiting = status, error, None
        if status == "running":
            self.attempt += 1
            self.started_at = self.started_at or time.time()
        if self.has_ended:
            self.finished_at = time.time()
        self.notify()

    def deliver(self, folder: Path, entries: Sequence[dict[str, Any]]) -> Delivery:
        """What the job's scan has finished, for the buffer.

        Args:
            folder: Its spool.
            entries: From its journal.
        """
        return Delivery(
            holder=self.uid,
            origin=self.origin,
            folder=folder,
            key=self.key,
            entries=entries,
            is_ready=not self.options.finishes_pages,
        )

    def warn(self, message: str) -> None:
        """Add a sentence to the warnings, once."""
        if message not in self.warnings:
            self.warnings.append(message)

    def forget_attempt(self) -> None:
        """Count the last attempt no more: nothing has begun, and no paper moved."""
        self.attempt -= 1

    def step_back(self, status: Status, error: dict[str, Any] | None) -> None:
        """Take a start back that could not be written down; nothing has moved."""
        self.status, self.error, self.waiting = status, error, None
        self.attempt -= 1
        self.notify()

    def note_wait(self, waiting: dict[str, Any] | None) -> None:
        """Say what the job waits for, or with `None` that it goes on."""
        self.waiting = waiting
        self.notify()

    def notify(self) -> None:
        """Wake whoever waits for a change."""
        self.changed.set()
        self.changed = asyncio.Event()
