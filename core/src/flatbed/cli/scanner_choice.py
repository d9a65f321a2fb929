"""Which scanner a person means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from flatbed.cli.client import Scanner, ServiceClient
from flatbed.errors import ScannerNotFoundError

NO_SCANNER = "No scanner was found. Switch it on, check its cable, then try again."


class Kind(StrEnum):
    """What a scanner is reached by; the member's `bit` is the wire contract's."""

    bit: int

    def __new__(cls, name: str, bit: int) -> Self:
        """A name with its bit."""
        kind = str.__new__(cls, name)
        kind._value_, kind.bit = name, bit
        return kind

    TWAIN = "twain", 0x10
    WIA = "wia", 0x20
    TWAIN_X64 = "twain-x64", 0x40
    ICA = "ica", 0x80
    SANE = "sane", 0x100
    ESCL = "escl", 0x200
    WIFI_DIRECT = "wifi-direct", 0x400
    WIA_TWAIN = "wia-twain", 0x800


async def choose_scanner(client: ServiceClient, wanted: str | None, *, is_new: bool) -> str | None:
    """What to hand to a job as `device`.

    Args:
        client: Asks the service.
        wanted: A name, part of one that only one scanner has, an id, the JSON of `device`, or what
            the driver calls it; None leaves the choice to the service.
        is_new: The service has just begun, and may not know all scanners yet.

    Raises:
        ScannerNotFoundError: If there is no such scanner, or more than one.
    """
    there = await client.scanners(refresh="true" if is_new else "false")
    found = find_scanner(there, wanted)
    if not found and not is_new:
        there = await client.scanners(refresh="true")
        found = find_scanner(there, wanted)
    if not there:
        raise ScannerNotFoundError(NO_SCANNER)
    if wanted is None:
        return None
    if len(found) > 1:
        raise ScannerNotFoundError(f"'{wanted}' may be any of {_names(found)}. Say which.")
    # What is not known here may still be what a driver calls a scanner.
    return found[0].device if found else wanted


def find_scanner(scanners: Sequence[Scanner], wanted: str | None) -> list[Scanner]:
    """The scanners that may be meant, best matches only; all of them by None."""
    if wanted is None:
        return list(scanners)
    exact = [each for each in scanners if wanted in (id_of(each), each.name, each.device)]
    low = wanted.casefold()
    return (
        exact
        or [each for each in scanners if each.name.casefold() == low]
        or [each for each in scanners if low in each.name.casefold()]
    )


def id_of(scanner: Scanner) -> str:
    """The id within what a scanner's `device` says; it stays across restarts and re-plugging."""
    try:
        parsed = json.loads(scanner.device)
    except ValueError:
        return scanner.device
    return str(parsed.get("id")) if isinstance(parsed, dict) else scanner.device


def kind_of(scanner: Scanner) -> str:
    """The name of what a scanner is reached by."""
    names = [kind for kind in Kind if scanner.type & kind.bit]
    return ", ".join(names) or f"{scanner.type:#x}"


def _names(scanners: Sequence[Scanner]) -> str:
    return ", ".join(f"'{each.name}'" for each in scanners)
