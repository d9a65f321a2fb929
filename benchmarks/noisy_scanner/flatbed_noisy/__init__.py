"""A scanner for benchmarks: a device that costs nothing, with pages that compress badly."""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any

from flatbed.addon import Capabilities, PageSink, Scanner, ScanSettings, hookimpl

_BAND_ROWS = 64

_config: dict[str, Any] = {}


@hookimpl
def start(config: dict[str, Any]) -> None:
    """Keep the configuration."""
    _config.update(config)


@hookimpl
def list_scanners() -> list[Scanner]:
    """The one device."""
    return [Scanner(id="noisy", name="Noisy scanner")]


@hookimpl
def get_capabilities() -> Capabilities:
    """Colour only, from a feeder."""
    return Capabilities(sources=("feeder",), colors=("color",), dpi=(300,))


@hookimpl
def acquire_pages(settings: ScanSettings, out: PageSink) -> None:
    """Hand the page over as often as the job wants."""
    row_bytes = _config["width_px"] * 3
    with Path(_config["rows"]).open("rb") as file:
        rows = memoryview(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    size = (_config["width_px"], len(rows) // row_bytes)
    out.device_opened()
    while out.pages < settings.max_pages:
        with out.new_page(size_px=size, dpi=(300, 300), mode="RGB", bits=8) as page:
            for start_byte in range(0, len(rows), _BAND_ROWS * row_bytes):
                page.write_rows(rows[start_byte : start_byte + _BAND_ROWS * row_bytes])
