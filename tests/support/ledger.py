"""What the virtual scanners say they delivered, to be compared with what arrived."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Delivered:
    """One side of one sheet whose rows were all handed over.

    Attributes:
        device: `virtual:1` is the first of the configured names.
        sheet: From 1.
        side: `front` or `back`.
        sha256: Of the rows, hexadecimal.
    """

    device: str
    sheet: int
    side: str
    sha256: str


@dataclass(frozen=True)
class Ledger:
    """The file that all virtual scanners of a service write."""

    path: Path

    def mark(self) -> int:
        """The place up to which it is written now, for `delivered`."""
        return len(self._lines())

    def delivered(self, device: int, *, since: int = 0) -> list[Delivered]:
        """The pages of a device, from 1, since a mark, in order."""
        entries = [json.loads(line) for line in self._lines()[since:]]
        pages = [each for each in entries if each["device"] == f"virtual:{device}"]
        return [
            Delivered(each["device"], each["sheet"], each["side"], each["sha256"])
            for each in pages
            if "sha256" in each
        ]

    def sheets_fed(self, device: int, *, since: int = 0) -> list[int]:
        """The numbers of the sheets that a device began to feed, in order."""
        entries = [json.loads(line) for line in self._lines()[since:]]
        return [
            each["fed"]
            for each in entries
            if each["device"] == f"virtual:{device}" and "fed" in each
        ]

    def _lines(self) -> list[str]:
        return self.path.read_text("utf-8").splitlines() if self.path.exists() else []
