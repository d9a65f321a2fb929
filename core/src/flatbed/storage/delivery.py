"""Pages on their way from where an add-on wrote them into the buffer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from flatbed.addon.frames import unwrap_key
from flatbed.errors import PageCorruptError
from flatbed.runtime.outcome import Outcome
from flatbed.storage.finished import FinishedPage, read_pages

log = structlog.get_logger("flatbed.buffer")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What a scan or an operation has finished.

    Attributes:
        holder: The job, or whatever else has the pages.
        origin: Whose it is.
        folder: Where the files lie.
        key: Wraps the keys of the pages.
        entries: What the add-on said of them.
        is_ready: The pages can be seen at once; else `PageBuffer.show`, `skip` or a document shows
            them.
    """

    holder: str
    origin: str
    folder: Path
    key: bytes = field(repr=False)
    entries: Sequence[dict[str, Any]]
    is_ready: bool = True

    @property
    def files(self) -> list[dict[str, Any]]:
        """The entries of files that are no pages."""
        return [entry for entry in self.entries if entry.get("type") == "file"]

    @classmethod
    def of(cls, outcome: Outcome, *, holder: str, origin: str) -> Delivery:
        """The pages that a call of an add-on left, for whoever gets them."""
        return cls(
            holder=holder,
            origin=origin,
            folder=outcome.folder,
            key=outcome.key,
            entries=outcome.entries,
        )

    def unwrap(self) -> dict[FinishedPage, bytes]:
        """The pages with their keys, in order; without those whose key does not open."""
        found = {}
        for page in read_pages(self.entries):
            try:
                found[page] = unwrap_key(bytes.fromhex(page.key), by=self.key, uid=page.uid)
            except PageCorruptError:
                # A page without its key is lost; those beside it are not.
                log.exception("page lost", page=page.uid, size=page.size)
        return found
