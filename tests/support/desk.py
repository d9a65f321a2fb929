"""The service that clients in use are tried at, and what came of the trial."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from .foreign import ForeignClient, Recorded
from .service import LiveService
from .sheets import PAPER_MM, PdfFacts, read_pdf, write_sheets

NAMES = ["Plain", "Second", "Third", "Slow"]
SHEETS = 5

# What stands on the sheets.
FIRST, SECOND, THIRD = ["SHEET-0"], ["SHEET-1"], ["SHEET-2", "https://example.org/2"]
CODES = [FIRST, SECOND, THIRD, [], []]


class Outcome:
    """What all steps returned, what was answered meanwhile, and the files that were written."""

    def __init__(self, found: dict[str, Any], answers: list[Recorded], folder: Path) -> None:
        self.found, self.answers, self._folder = found, answers, folder

    def __getitem__(self, step: str) -> Any:
        return self.found[step]

    def read(self, name: str) -> bytes:
        """One file."""
        return (self._folder / name).read_bytes()

    def pdf(self, name: str) -> PdfFacts:
        """One PDF."""
        return read_pdf(self.read(name))

    def image(self, name: str) -> Image.Image:
        """One picture, or the first page of a TIFF."""
        return Image.open(io.BytesIO(self.read(name)))


@contextmanager
def open_desk(folder: Path) -> Iterator[LiveService]:
    """A service with all add-ons, whose scanners have sheets with barcodes in their feeders.

    Args:
        folder: Takes all that it writes, and the sheets.
    """
    settings = {
        "NAMES": NAMES,
        "FOLDER": str(folder / "sheets"),
        "SHEETS": write_sheets(folder / "sheets"),
        "PAPER_MM": list(PAPER_MM),
        "FAULTS": ["slow@1!#4", "slow@2!#4"],
    }
    own = {f"ADDONS__VIRTUAL__{name}": value for name, value in settings.items()}
    service = LiveService(folder, own)
    try:
        yield service.start()
    finally:
        service.close()


def take_steps(client: ForeignClient, script: str, desk: LiveService, folder: Path) -> Outcome:
    """Have a client take the steps of a script.

    Args:
        client: In its environment.
        script: A module of tests/clients.
        desk: Where it asks.
        folder: Takes the files that it writes.
    """
    found, answers = client.run(script, desk.url, folder)
    return Outcome(found, answers, folder)
