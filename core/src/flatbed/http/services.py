"""What the handlers work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from flatbed.editing.editor import Editor
from flatbed.editing.splitting import Splitter
from flatbed.editing.uploads import Loader
from flatbed.http.origin_grants import OriginGrants
from flatbed.http.pairings import Pairings
from flatbed.http.web_files import WebFiles
from flatbed.processing.jobs import Processing
from flatbed.runtime.operations import Operations
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry
from flatbed.runtime.sessions import Sessions
from flatbed.scan.module import ScanModule
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.consistency import StorageCheck
from flatbed.storage.documents import Documents
from flatbed.storage.events import EventLog
from flatbed.storage.idempotency import Starts
from flatbed.storage.page_results import PageResults
from flatbed.storage.quota import Quota
from flatbed.storage.results import Results


class OpenPorts(Protocol):
    """Where the service listens."""

    @property
    def port(self) -> int:
        """Of the interface."""

    @property
    def status_port(self) -> int:
        """Of the status page."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of the service, as handlers see them.

    Attributes:
        set_log_level: Takes a level of the contract: 0, 1 or 30.
        log_level: Tells it.
        data_folder: Where everything is kept.
        ports: Tells where the service listens.
        started_at: When it started, in seconds of the epoch.
        web: The files of its own pages.
    """

    scan: ScanModule
    buffer: PageBuffer
    documents: Documents
    editor: Editor
    loader: Loader
    results: Results
    findings: PageResults
    splitter: Splitter
    quota: Quota
    storage_check: StorageCheck
    events: EventLog
    starts: Starts
    sessions: Sessions
    grants: OriginGrants
    pairings: Pairings
    registry: Registry
    operations: Operations
    processing: Processing
    pools: Pools
    set_log_level: Callable[[int], None]
    log_level: Callable[[], int]
    data_folder: Path
    ports: Callable[[], OpenPorts]
    started_at: float
    web: WebFiles
