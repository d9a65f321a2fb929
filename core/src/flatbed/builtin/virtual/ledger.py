"""What the virtual scanners fed and delivered, line by line: tests compare it with stored pages."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LIMIT_BYTES = 64 << 20  # some 300,000 pages; then the older half goes


@dataclass(frozen=True)
class Ledger:
    """A file of JSON lines, `ledger.jsonl`, shared by every device and process.

    Attributes:
        folder: Where it lies.
        device: `Scanner.id` of the device that writes.
        attempt: Of the job.
    """

    folder: Path
    device: str
    attempt: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "ledger.jsonl"

    def write_fed(self, sheet: int) -> None:
        """Note that the feeding of a sheet, from 1, begins."""
        self._append({"device": self.device, "attempt": self.attempt, "fed": sheet})

    def write_page(self, *, sheet: int, side: str, sha256: str) -> None:
        """Note that a page's rows were all handed over; the page may not be safe yet.

        Args:
            sheet: From 1.
            side: `front` or `back`.
            sha256: Of the rows as the sink took them, hexadecimal.
        """
        entry = {"device": self.device, "attempt": self.attempt}
        self._append(entry | {"sheet": sheet, "side": side, "sha256": sha256})

    def trim(self) -> None:
        """Put a ledger that grew too long aside, in place of the one put aside before."""
        if self.path.exists() and self.path.stat().st_size > _LIMIT_BYTES:
            self.path.replace(self.folder / "ledger.old.jsonl")

    def _append(self, entry: dict[str, Any]) -> None:
        # One write to a file opened for appending: whole, whoever is killed in which moment.
        line = json.dumps(entry).encode() + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
