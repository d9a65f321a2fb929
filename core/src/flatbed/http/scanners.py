"""The list of scanners."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from flatbed.http.base import ApiHandler
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.scan.scanners import DEFAULT_TYPES, KnownScanner


class ScannerEntry(msgspec.Struct):
    """One scanner; `device` is handed back unchanged to use it."""

    name: str
    type: int
    device: str


class ScannerQuery(msgspec.Struct):
    """Which kinds: bits, all but eSCL and Wi-Fi Direct by default.

    Ours: `refresh` asks all drivers first, for as long as their limit allows.
    """

    type: Annotated[int, Meta(ge=0)] = DEFAULT_TYPES
    refresh: bool = False


def to_entry(scanner: KnownScanner) -> ScannerEntry:
    """A scanner as callers see it."""
    return ScannerEntry(scanner.name, scanner.type, scanner.device)


class ScannersHandler(ApiHandler):
    """`/api/device/scanners`, and the older path."""

    services: Services

    async def get(self) -> None:
        """The scanners that are there."""
        query = self.read_query(ScannerQuery)
        scanners = self.services.scan.scanners
        listed = scanners.listed_afresh if query.refresh else scanners.listed
        self.write_json([to_entry(each) for each in await listed(query.type)])


def scanners_operation() -> Operation:
    """What both paths answer."""
    return Operation(
        summary="List scanners",
        description="Answers from a cache that is refreshed in the background.",
        query=ScannerQuery,
        answers={200: list[ScannerEntry]},
    )


ROUTES = (Route("/api/device/scanners", ScannersHandler, {"GET": scanners_operation()}),)
