"""Faults on demand: the script's language, and what each kind does to a scan.

A fault reads `kind`, `kind@page`, and then `!` to repeat it at every attempt and `#device` for one
device only, as `jam@3!#2`. The page counts from 1 through the whole job; without it the fault
strikes when the device is opened.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NoReturn

from flatbed.errors import (
    AccessDeniedError,
    CoverOpenError,
    DeviceBusyError,
    DeviceFault,
    DeviceHungError,
    DeviceInvalidError,
    DeviceMemoryError,
    DeviceOfflineError,
    DeviceUnsupportedError,
    DiskFaultError,
    DiskFullError,
    DoubleFeedError,
    DriverCrashedError,
    EmptyPageError,
    FeederEmptyError,
    InvalidInputError,
    PaperJamError,
    ScanCanceledError,
    TransportLockedError,
    WarmingUpError,
)

REFUSALS: dict[str, type[DeviceFault]] = {
    "cover_open": CoverOpenError,
    "feeder_empty": FeederEmptyError,
    "busy": DeviceBusyError,
    "warming_up": WarmingUpError,
    "offline": DeviceOfflineError,
    "access_denied": AccessDeniedError,
    "no_memory": DeviceMemoryError,
    "invalid": DeviceInvalidError,
    "unsupported": DeviceUnsupportedError,
    "transport_locked": TransportLockedError,
}
"""Raised before paper moves."""

BREAKS: dict[str, type[DeviceFault]] = {
    "jam": PaperJamError,
    "double_feed": DoubleFeedError,
    "io_error": DeviceFault,
    "disk": DiskFullError,
    "disk_error": DiskFaultError,
    "hung": DeviceHungError,
    "driver_crashed": DriverCrashedError,
    "canceled": ScanCanceledError,
}
"""Raised in the middle of a page's rows."""

SHAPES: dict[str, type[DeviceFault] | None] = {
    "empty_page": EmptyPageError,
    "short_page": None,
    "slow": None,
    "flood": None,
}
"""Change what a page delivers; with the error that the sink makes of it."""

_CRASH_STATUS = 3
_BLOCK_BYTES = 64 << 20
_MOST_BLOCKS = 1024  # 64 GiB of addresses: more than any limit of a worker
_GARBAGE = b"\x00\x00\x00\x02{}\xff\xfe garbage of a driver \x1b[31m\r\n" * 8

_WORDING = re.compile(
    r"(?P<kind>[a-z_]+)(@(?P<page>[1-9]\d*))?(?P<repeated>!)?(#(?P<device>[1-9]\d*))?"
)


@dataclass(frozen=True)
class Fault:
    """One entry of the script.

    Attributes:
        text: As it was written.
        kind: What happens.
        page: At which page of the job, from 1; 0 when the device is opened.
        is_repeated: At every attempt, not only at the first that reaches it.
        device: At which device, from 1; 0 for all.
    """

    text: str
    kind: str
    page: int
    is_repeated: bool
    device: int

    def is_at(self, device: int) -> bool:
        """Whether it is meant for this device, from 1."""
        return self.device in {0, device}


def parse_fault(text: str) -> Fault:
    """Read one entry of a script.

    Raises:
        InvalidInputError: If it is not worded like one, or its kind is unknown.
    """
    found = _WORDING.fullmatch(text)
    if not found:
        raise InvalidInputError(f"'{text}' is not a fault. Write one like jam@3 or jam@3!#2.")
    kind, page = found["kind"], int(found["page"] or 0)
    known = AT_PAGE if page else AT_OPENING
    if kind not in known:
        raise InvalidInputError(
            f"The fault '{text}' is unknown here. Choose one of {', '.join(sorted(known))}."
        )
    return Fault(text, kind, page, bool(found["repeated"]), int(found["device"] or 0))


class PageFaults:
    """The faults that one page, or the opening of a device, still has before it."""

    def __init__(self, faults: Iterable[Fault], spend: Callable[[Fault], None]) -> None:
        """Take what is due.

        Args:
            faults: Two of one kind strike one after the other, at one attempt each.
            spend: Called before a fault strikes, for it may well end the process.
        """
        self._due = {fault.kind: fault for fault in faults}
        self._spend = spend

    def take(self, kind: str) -> bool:
        """Whether a fault of this kind strikes now; asking spends it."""
        fault = self._due.pop(kind, None)
        if fault and not fault.is_repeated:
            self._spend(fault)
        return fault is not None

    def strike_before_feeding(self) -> None:
        """Let the device refuse, if it is to.

        Raises:
            DeviceFault: One of `REFUSALS`.
        """
        self._strike(REFUSALS)

    def strike_midway(self) -> None:
        """Let happen what happens in the middle of a page; may not return.

        Raises:
            DeviceFault: One of `BREAKS`.
            MemoryError: If the fault was to use up the memory.
        """
        for kind, act in _ACTS.items():
            if self.take(kind):
                act()
        self._strike(BREAKS)

    def _strike(self, errors: dict[str, type[DeviceFault]]) -> None:
        for kind, error in errors.items():
            if self.take(kind):
                raise error


def hang() -> NoReturn:
    """Block for ever; no cancel is heard."""
    while True:
        time.sleep(3600)


def _crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _exit() -> NoReturn:
    # What a library does that calls exit(): no `finally` of ours runs.
    os._exit(_CRASH_STATUS)


def _hang_hard() -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    hang()


def _use_up_memory() -> NoReturn:
    # Never touched, so that the limit of addresses is met before the machine's memory is gone.
    blocks = [bytes(_BLOCK_BYTES) for _ in range(_MOST_BLOCKS)]
    raise MemoryError(f"{len(blocks)} blocks and no limit in sight")


def _print_garbage() -> None:
    os.write(1, _GARBAGE)
    os.write(2, _GARBAGE)
    sys.stdout.write("a driver says something\n")
    sys.stdout.flush()


_ACTS: dict[str, Callable[[], None]] = {
    "print": _print_garbage,
    "crash": _crash,
    "exit": _exit,
    "hang": hang,
    "hang_hard": _hang_hard,
    "memory": _use_up_memory,
}

AT_PAGE = REFUSALS.keys() | BREAKS.keys() | SHAPES.keys() | _ACTS.keys()
"""Kinds that take a page."""

AT_OPENING = REFUSALS.keys() | BREAKS.keys() | _ACTS.keys() | {"hang_list"}
"""Kinds that go without; `hang_list` blocks the listing of devices."""
