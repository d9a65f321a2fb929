"""The hooks of the pyinsane2 driver; only inside them is the library imported: it is optional."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from importlib import metadata
from types import ModuleType
from typing import Any

from flatbed.addon import Capabilities, PageSink, Scanner, ScanSettings, hookimpl
from flatbed.builtin.pyinsane2 import library
from flatbed.builtin.pyinsane2.options import PyinsaneOptions
from flatbed.builtin.pyinsane2.reader import PageReader
from flatbed.builtin.sane.capabilities import read_capabilities
from flatbed.builtin.sane.devices import describe_scanners
from flatbed.builtin.sane.driver import page_limit
from flatbed.builtin.sane.libsane import ListedDevice
from flatbed.builtin.sane.settings import apply_settings
from flatbed.errors import UnsupportedSettingError

KIND = "wia" if os.name == "nt" else "sane"

_config: dict[str, Any] = {"local_only": False}


@hookimpl
def start(config: dict[str, Any]) -> None:
    """Remember `local_only`: list no devices that are reached through a network."""
    _config.update(config)


@hookimpl
def describe_environment() -> dict[str, str]:
    """Say which version of the library is installed."""
    try:
        return {"pyinsane2": metadata.version(library.DISTRIBUTION)}
    except metadata.PackageNotFoundError:
        return {"pyinsane2": "not installed"}


@hookimpl
def list_scanners() -> Sequence[Scanner]:
    """List what the library finds."""
    pyinsane2 = library.load()
    with library.named_errors(pyinsane2):
        devices = pyinsane2.get_devices(local_only=bool(_config["local_only"]))
    return describe_scanners([_listed(device) for device in devices], kind=KIND)


@hookimpl
def get_capabilities(scanner_id: str) -> Capabilities:
    """Open a device and read its options."""
    found = read_capabilities(_open(library.load(), scanner_id))
    return replace(found, bits=(8,))


@hookimpl
def acquire_pages(scanner_id: str, settings: ScanSettings, out: PageSink) -> None:
    """Scan with a device until its feeder is empty or the job has its pages."""
    if settings.bits != 8:
        raise UnsupportedSettingError(
            "pyinsane2 scans 8 bits a sample only. Choose 8 bits, or another driver.",
            bits=settings.bits,
        )
    pyinsane2 = library.load()
    options = _open(pyinsane2, scanner_id)
    out.device_opened()
    applied = apply_settings(options, settings, warn=out.warn)
    limit = page_limit(settings, applied.source)
    with PageReader(pyinsane2, options.scanner, out) as reader:
        while limit is None or out.pages < limit:
            reader.read_page(applied.dpi, settings.color)


def _open(pyinsane2: ModuleType, scanner_id: str) -> PyinsaneOptions:
    with library.opening(pyinsane2):
        return PyinsaneOptions(pyinsane2, lambda: pyinsane2.Scanner(scanner_id))


def _listed(device: Any) -> ListedDevice:
    model = getattr(device, "nice_name", device.model)
    return ListedDevice(
        name=device.name, vendor=device.vendor, model=model, kind=str(device.dev_type)
    )
