"""The scanners that are there: listed in the background, known by ids that stay."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import structlog

from flatbed.addon.types import Capabilities, Scanner
from flatbed.errors import DriverCrashedError, FlatbedError, ScannerNotFoundError
from flatbed.runtime.addons import Addon
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry
from flatbed.storage.events import EVERYBODY, EventLog, add_event
from flatbed.storage.index import Index

T = TypeVar("T")

log = structlog.get_logger("flatbed.scanners")

TYPES = {"twain": 0x10, "wia": 0x20, "ica": 0x80, "sane": 0x100, "escl": 0x200}
DEFAULT_TYPES = 0xFFFF & ~(0x200 | 0x400)
"""All but eSCL and Wi-Fi Direct."""

_STALE_S = 10
"""A list older than this is refreshed in the background while it is handed out."""

_CAPABILITIES_KEPT_S = 600


@dataclass(frozen=True, kw_only=True)
class KnownScanner:
    """A scanner that was listed.

    Attributes:
        uid: Stays the same across restarts and re-plugging.
        name: As a person knows it.
        type: A bit of the contract's mask.
        driver: The add-on that opens it.
        address: What the driver calls it now.
    """

    uid: str
    name: str
    type: int
    driver: str
    address: str

    @property
    def device(self) -> str:
        """What callers hand back unchanged: ASCII JSON."""
        return json.dumps({"driver": self.driver, "id": self.uid, "name": self.name})


def mark_used(write: sqlite3.Connection, *, uid: str, name: str, driver: str) -> None:
    """Make a scanner the one that is taken when a caller names none, as part of a change."""
    write.execute(
        "INSERT INTO scanners (uid, name, driver, last_used) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (uid) DO UPDATE SET name = excluded.name, last_used = excluded.last_used",
        (uid, name, driver, time.time()),
    )


@dataclass(frozen=True, kw_only=True)
class ListLimits:
    """How long a list may take: until an old one is shown, until its driver is killed; seconds."""

    shown_s: float = 5
    hard_s: float = 30
    open_s: float = 15


class ScannerList:
    """All scanners of all drivers."""

    def __init__(
        self,
        registry: Registry,
        pools: Pools,
        index: Index,
        events: EventLog,
        limits: ListLimits | None = None,
    ) -> None:
        self._registry, self._pools, self._index, self._events = registry, pools, index, events
        self._limits = limits or ListLimits()
        self._found: dict[str, dict[str, KnownScanner]] = {}
        self._capabilities: dict[str, tuple[float, Capabilities]] = {}
        self._asking: dict[str, asyncio.Task[Capabilities]] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._listed_at = float("-inf")
        self._listed = asyncio.Event()
        self.errors: dict[str, FlatbedError] = {}

    async def listed(self, types: int = DEFAULT_TYPES) -> list[KnownScanner]:
        """The scanners of the asked types: the last list, refreshed if it is old.

        Waits for the first list, and for a fresh one, no longer than the limit.
        """
        if time.monotonic() - self._listed_at > _STALE_S:
            task = self.refresh()
            if self._listed_at == float("-inf"):
                await asyncio.wait([task], timeout=self._limits.shown_s)
        return [scanner for scanner in self._all() if scanner.type & types]

    async def listed_afresh(self, types: int = DEFAULT_TYPES) -> list[KnownScanner]:
        """The same after all drivers have been asked, however long they take within their limit."""
        await asyncio.wait([self.refresh()])
        return await self.listed(types)

    def refresh(self) -> asyncio.Task[None]:
        """Ask all drivers in the background; the running refresh if there is one."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
        return self._refreshing

    async def find(self, device: str | None) -> KnownScanner:
        """The scanner of a `device`, id, name or address; without one, the last used.

        Raises:
            ScannerNotFoundError: If it is not there, also after a fresh look.
        """
        found = self._look_up(device)
        if found is None:
            found = await self._look_afresh(device)
        if found is None:
            raise ScannerNotFoundError
        return found

    def get(self, uid: str) -> KnownScanner | None:
        """The scanner with an id, if it is there now."""
        return next((each for each in self._all() if each.uid == uid), None)

    async def capabilities(self, scanner: KnownScanner, *, max_age_s: float = 0) -> Capabilities:
        """What a scanner can do.

        Args:
            scanner: Which one; it must not be in use by a job.
            max_age_s: An answer that old is good enough.

        Raises:
            FlatbedError: If the driver cannot say.
        """
        read_at, known = self._capabilities.get(scanner.uid, (float("-inf"), None))
        if known is not None and time.monotonic() - read_at <= max_age_s:
            return known
        asking = self._asking.get(scanner.uid)
        if asking is None or asking.done():
            asking = asyncio.create_task(self._read_capabilities(scanner))
            self._asking[scanner.uid] = asking
        # Shared, because a device that two processes open at once is busy to one of them.
        return await asyncio.shield(asking)

    async def known_capabilities(self, scanner: KnownScanner) -> Capabilities:
        """What a scanner can do, as it was read not long ago."""
        return await self.capabilities(scanner, max_age_s=_CAPABILITIES_KEPT_S)

    async def wait_until_unasked(self, scanner: KnownScanner) -> None:
        """Wait until nobody reads a scanner's capabilities, so that it can be opened."""
        asking = self._asking.get(scanner.uid)
        if asking is not None:
            await asyncio.wait([asking])

    def prepare(self, scanner: KnownScanner) -> None:
        """Have a worker of its driver standing by."""
        self._pools.of(self._registry.get(scanner.driver)).prepare()

    async def close(self) -> None:
        """Give up a refresh that is running."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.wait([self._refreshing])

    async def _read_capabilities(self, scanner: KnownScanner) -> Capabilities:
        driver = self._registry.get(scanner.driver)
        answer = await self._ask(
            driver, "get_capabilities", {"scanner_id": scanner.address}, self._limits.open_s
        )
        read = _convert(answer, Capabilities, driver)
        if not (read.colors and read.dpi):
            raise _lied(driver, "no colours or resolutions")
        self._capabilities[scanner.uid] = (time.monotonic(), read)
        return read

    def _all(self) -> list[KnownScanner]:
        return [scanner for found in self._found.values() for scanner in found.values()]

    def _look_up(self, device: str | None) -> KnownScanner | None:
        if not device:
            return self._last_used()
        wanted = _read_device(device)
        for each in self._all():
            if wanted in (each.uid, each.name, each.address):
                return each
        return None

    def _last_used(self) -> KnownScanner | None:
        there = self._all()
        rows = self._index.read("SELECT uid FROM scanners ORDER BY last_used DESC")
        order = [row["uid"] for row in rows]
        there.sort(key=lambda each: order.index(each.uid) if each.uid in order else len(order))
        return there[0] if there else None

    async def _look_afresh(self, device: str | None) -> KnownScanner | None:
        """Look until the scanner is listed, without waiting for drivers that take longer."""
        task = self.refresh()
        until = time.monotonic() + self._limits.shown_s
        while not task.done() and (left := until - time.monotonic()) > 0:
            listed = asyncio.create_task(self._listed.wait())
            await asyncio.wait([task, listed], timeout=left, return_when=asyncio.FIRST_COMPLETED)
            listed.cancel()
            found = self._look_up(device)
            # Without a name, the last used one may belong to a driver that is still looking.
            if found is not None and device:
                return found
        return self._look_up(device)

    async def _refresh(self) -> None:
        drivers = self._registry.drivers()
        await asyncio.gather(*(self._refresh_driver(driver) for driver in drivers))
        self._listed_at = time.monotonic()

    async def _refresh_driver(self, driver: Addon) -> None:
        try:
            answer = await self._ask(driver, "list_scanners", {}, self._limits.hard_s)
            scanners = _convert(answer, list[Scanner], driver)
        except FlatbedError as error:
            # What was there stays listed: a driver that hangs once has not lost its scanners.
            log.warning("listing failed", driver=driver.name, error=error.message)
            self.errors[driver.name] = error
            return
        self.errors.pop(driver.name, None)
        found = _identify(driver, scanners)
        before = self._found.get(driver.name, {})
        self._found[driver.name] = found
        self._listed.set()
        self._listed = asyncio.Event()
        if found:
            self._pools.of(driver).prepare()
        await self._tell_changes(before, found)

    async def _tell_changes(
        self, before: dict[str, KnownScanner], after: dict[str, KnownScanner]
    ) -> None:
        changes = [("scanner.added", after[uid]) for uid in after.keys() - before.keys()]
        changes += [("scanner.removed", before[uid]) for uid in before.keys() - after.keys()]
        if not changes:
            return

        def change(write: sqlite3.Connection) -> None:
            for kind, each in changes:
                data = {"name": each.name, "type": each.type, "device": each.device}
                add_event(write, EVERYBODY, kind, each.uid, data)

        await self._index.write(change)
        self._events.wake()

    async def _ask(
        self, driver: Addon, hook: str, arguments: dict[str, Any], timeout_s: float
    ) -> Any:
        pool = self._pools.of(driver)
        if driver.manifest.scanners is not None and driver.manifest.scanners.fresh_process:
            return await pool.call_once(hook, arguments, timeout_s=timeout_s)
        return await pool.call(hook, arguments, timeout_s=timeout_s)


def _identify(driver: Addon, scanners: Sequence[Scanner]) -> dict[str, KnownScanner]:
    found: dict[str, KnownScanner] = {}
    kind = driver.manifest.scanners.kind if driver.manifest.scanners else "sane"
    for scanner in scanners:
        mark = f"{driver.name}|{scanner.fingerprint or scanner.id}"
        uid = hashlib.sha256(mark.encode()).hexdigest()[:16]
        found[uid] = KnownScanner(
            uid=uid,
            name=scanner.name,
            type=TYPES.get(scanner.kind or kind, TYPES[kind]),
            driver=driver.name,
            address=scanner.id,
        )
    return found


def _read_device(device: str) -> str:
    try:
        parsed = json.loads(device)
    except ValueError:
        return device
    return str(parsed.get("id")) if isinstance(parsed, dict) else device


def _convert(answer: Any, kind: type[T], driver: Addon) -> T:
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise _lied(driver, error) from error


def _lied(driver: Addon, about: object) -> DriverCrashedError:
    return DriverCrashedError(
        f"The driver '{driver.name}' answered something that cannot be: {about}."
    )
