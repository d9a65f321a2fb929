"""What the handlers work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flatbed.editing.editor import Editor
from flatbed.editing.splitting import Splitter
from flatbed.editing.uploads import Loader
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
from flatbed.storage.page_results import PageResults
from flatbed.storage.quota import Quota
from flatbed.storage.results import Results


@dataclass(frozen=True, kw_only=True)
class Services:
    """The parts of the service, as handlers see them.

    Attributes:
        set_log_level: Takes a level of the contract: 0, 1 or 30.
        log_level: Tells it.
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
    sessions: Sessions
    registry: Registry
    operations: Operations
    processing: Processing
    pools: Pools
    set_log_level: Callable[[int], None]
    log_level: Callable[[], int]
