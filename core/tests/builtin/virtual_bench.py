"""A virtual scanner to try things on: small pages, and a fresh driver for every attempt."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from PIL import Image

from flatbed.addon import ScanSettings
from flatbed.addon.testing import MemoryPage, MemorySink
from flatbed.builtin import virtual
from flatbed.builtin.virtual.driver import VirtualDriver
from flatbed.errors import FlatbedError

SMALL = ScanSettings(paper_source="feeder", color="gray", dpi=40)
DUPLEX = ScanSettings(paper_source="duplex", color="gray", dpi=40)
FLATBED = ScanSettings(paper_source="flatbed", color="gray", dpi=40)
MANIFEST = tomllib.loads((Path(virtual.__file__).parent / "addon.toml").read_text())


def config_of(state_dir: Path, **changes: Any) -> dict[str, Any]:
    """What the core hands over: the manifest's defaults, with changes; 40 dpi is there as well."""
    defaults = {key: entry["default"] for key, entry in MANIFEST["config"].items()}
    return defaults | {"dpi": [40, 75, 300], "state_dir": str(state_dir)} | changes


@dataclass
class VirtualBench:
    """One configuration and its state, as the core keeps it between the workers of a job."""

    state_dir: Path
    config: dict[str, Any]

    def driver(self) -> VirtualDriver:
        """A driver as in a worker that has just started."""
        driver = VirtualDriver()
        driver.configure(self.config)
        return driver

    def scan(self, sink: MemorySink, settings: ScanSettings = SMALL, device: int = 1) -> MemorySink:
        """One attempt at a job, and its sink again."""
        self.driver().acquire_pages(f"virtual:{device}", settings, sink)
        return sink

    def scan_to_fault(self, sink: MemorySink, settings: ScanSettings = SMALL) -> str:
        """One attempt at a job, and the name of the error that ended it."""
        try:
            self.scan(sink, settings)
        except FlatbedError as error:
            return error.name
        return ""

    def ledger(self) -> list[dict[str, Any]]:
        """All lines of the ledger."""
        path = self.state_dir / "ledger.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def fed(self) -> list[int]:
        """The sheets that were fed, in order."""
        return [line["fed"] for line in self.ledger() if "fed" in line]

    def delivered(self) -> list[tuple[int, str]]:
        """The sides whose rows were handed over, in order."""
        return [(line["sheet"], line["side"]) for line in self.ledger() if "side" in line]

    def digests(self) -> list[str]:
        """The hashes of what was handed over, in order."""
        return [line["sha256"] for line in self.ledger() if "side" in line]


def digests_of(pages: Sequence[MemoryPage]) -> list[str]:
    """The hashes of what a sink took."""
    return [sha256(page.rows).hexdigest() for page in pages]


def image_of(page: MemoryPage) -> Image.Image:
    """A page of at most 8 bits as an image."""
    return Image.frombytes(page.mode, page.size_px, page.rows)


def write_images(folder: Path, **shades: int) -> None:
    """Put gray images of A4's shape into a folder: file name without suffix, and its shade."""
    folder.mkdir(exist_ok=True)
    for name, shade in shades.items():
        Image.new("L", (331, 468), shade).save(folder / f"{name}.png")


def shades_of(pages: Sequence[MemoryPage]) -> list[int]:
    """The shade in the middle of each gray page."""
    return [page.rows[len(page.rows) // 2 + page.size_px[0] // 2] for page in pages]
