"""The hooks of the SANE driver; a process does one call, because libsane is not to be reused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flatbed.addon import Capabilities, PageSink, Scanner, ScanSettings, hookimpl
from flatbed.addon.types import PaperSource
from flatbed.builtin.sane import libsane
from flatbed.builtin.sane.capabilities import read_capabilities
from flatbed.builtin.sane.devices import describe_scanners
from flatbed.builtin.sane.options import DeviceOptions
from flatbed.builtin.sane.reader import PageReader
from flatbed.builtin.sane.settings import apply_settings
from flatbed.errors import DeviceUnsupportedError

_config: dict[str, Any] = {"local_only": False}


@hookimpl
def start(config: dict[str, Any]) -> None:
    """Remember `local_only`: list no devices that are reached through a network."""
    _config.update(config)


@hookimpl
def describe_environment() -> dict[str, str]:
    """Say which version of SANE is installed."""
    try:
        return {"sane": libsane.read_version()}
    except DeviceUnsupportedError as error:
        return {"sane": error.message}


@hookimpl
def list_scanners() -> Sequence[Scanner]:
    """List what SANE finds."""
    devices = libsane.list_devices(local_only=bool(_config["local_only"]))
    return describe_scanners(devices, kind="sane")


@hookimpl
def get_capabilities(scanner_id: str) -> Capabilities:
    """Open a device and read its options."""
    with libsane.open_device(scanner_id) as device:
        return read_capabilities(DeviceOptions(device))


@hookimpl
def acquire_pages(scanner_id: str, settings: ScanSettings, out: PageSink) -> None:
    """Scan with a device until its feeder is empty or the job has its pages."""
    with libsane.open_device(scanner_id) as device:
        out.device_opened()
        applied = apply_settings(DeviceOptions(device), settings, warn=out.warn)
        reader = PageReader(device, out)
        limit = page_limit(settings, applied.source)
        while limit is None or out.pages < limit:
            reader.read_page(applied.dpi)


def page_limit(settings: ScanSettings, source: PaperSource) -> int | None:
    """How many pages the job gets in all; `None` for as many as the feeder has."""
    if settings.max_pages:
        return settings.max_pages
    return 1 if source == "flatbed" else None
