"""The virtual scanner: flatbed, feeder and duplex made of files, for people without hardware."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flatbed.addon import Capabilities, PageSink, Scanner, ScanSettings, hookimpl
from flatbed.builtin.virtual.driver import VirtualDriver

_driver = VirtualDriver()


@hookimpl
def start(config: dict[str, Any]) -> None:
    """Take over the configuration; nothing is drawn or read yet."""
    _driver.configure(config)


@hookimpl
def list_scanners() -> Sequence[Scanner]:
    """One device for each configured name, without those that a fault has switched off."""
    return _driver.list_scanners()


@hookimpl
def get_capabilities(scanner_id: str) -> Capabilities:
    """The same for every device; see the configuration for resolutions and the bed."""
    return _driver.get_capabilities(scanner_id)


@hookimpl
def acquire_pages(scanner_id: str, settings: ScanSettings, out: PageSink) -> None:
    """Scan sample pages or the folder's images, with the faults that the script asks for."""
    _driver.acquire_pages(scanner_id, settings, out)
