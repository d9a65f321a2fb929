"""Devices of SANE as scanners: what they are called, and by what they are known again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from flatbed.addon.types import Scanner
from flatbed.builtin.sane.libsane import ListedDevice

# Places on a bus, numbers of device files and of airscan's list: none survives a re-plugging.
_PLACE = re.compile(
    r"libusb:\d+:\d+|usb:\d+:\d+|:\d{3}:\d{3}$|bus\d+;dev\d+|/dev/|/sys/|^airscan:[a-z]\d+:"
)


def describe_scanners(devices: Sequence[ListedDevice], *, kind: str) -> list[Scanner]:
    """The scanners that these devices are, in order of their names.

    A fingerprint is the device's name, or, where that says where it is plugged in, its backend,
    vendor and model, with an ordinal from the second of the same model on.
    """
    marks: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    scanners = []
    for device in sorted(devices, key=lambda device: device.name):
        mark, label = _mark(device), _label(device)
        marks[mark] += 1
        labels[label] += 1
        scanners.append(
            Scanner(
                id=device.name,
                name=label if labels[label] == 1 else f"{label} ({labels[label]})",
                fingerprint=mark if marks[mark] == 1 else f"{mark}#{marks[mark]}",
                vendor=device.vendor,
                model=device.model,
                kind=kind,
            )
        )
    return scanners


def _mark(device: ListedDevice) -> str:
    place = _PLACE.search(device.name)
    if place is None:
        return device.name
    # What stands before the place names the backend, and the host it is reached through.
    backend = device.name[: place.start()].rstrip(":") or device.name.partition(":")[0]
    return f"{backend}:{device.vendor}:{device.model}"


def _label(device: ListedDevice) -> str:
    vendor, model = device.vendor.strip(), device.model.strip()
    if model.lower().startswith(vendor.lower()):
        return model or device.name
    return f"{vendor} {model}"
