"""What a running call must hear and keep to: cancellation, commands, and the limits of a device."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flatbed.errors import FlatbedError, ScanCanceledError

_NEVER = float("inf")


@dataclass(frozen=True, kw_only=True)
class DeviceLimits:
    """How long a device may take, in seconds.

    Attributes:
        open_s: To open it.
        first_byte_s: From there, or from the last page, to the first row of a page.
        between_bytes_s: Between rows.
        page_s: For a whole page.
    """

    open_s: float = 15
    first_byte_s: float = 60
    between_bytes_s: float = 30
    page_s: float = 180


class CallWatch:
    """One running call, as its thread and the threads that watch over it see it."""

    def __init__(self, limits: DeviceLimits | None = None) -> None:
        self._limits = limits
        self._canceled = threading.Event()
        self._commands: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._step = "open the device"
        self._step_until = _NEVER
        self._page_until = _NEVER
        self._is_on_hold = False
        self._stopped_by: FlatbedError | None = None
        if limits is not None:
            self._step_until = time.monotonic() + limits.open_s

    @property
    def is_canceled(self) -> bool:
        """Whether somebody asked for the end of the call."""
        return self._canceled.is_set()

    def cancel(self) -> None:
        """Ask for the end of the call; heard at its next `check_canceled`."""
        self._canceled.set()

    def check_canceled(self) -> None:
        """Raise `ScanCanceledError` once the call was cancelled."""
        if self._canceled.is_set():
            raise ScanCanceledError

    def stop_feeding(self, why: FlatbedError) -> None:
        """Let the sheet on its way become a page; at the next one the call ends by that error."""
        self._stopped_by = why

    def check_feeding(self) -> None:
        """Raise what `check_canceled` raises, or why no further sheet is wanted."""
        self.check_canceled()
        if self._stopped_by is not None:
            raise self._stopped_by

    def add_command(self, command: dict[str, Any]) -> None:
        """Hand a command to the call."""
        self._commands.put(command)

    def next_command(self, timeout_s: float) -> dict[str, Any] | None:
        """The next command, waiting up to `timeout_s` seconds for it."""
        try:
            return self._commands.get(timeout=timeout_s) if timeout_s else self._commands.get(False)
        except queue.Empty:
            return None

    def device_opened(self) -> None:
        """The device is open; a page is waited for."""
        self._wait_for_page()

    def page_begun(self) -> None:
        """A page is coming; its own limit begins."""
        if self._limits is not None:
            self._page_until = time.monotonic() + self._limits.page_s

    def rows_came(self) -> None:
        """The device is alive."""
        if self._limits is not None:
            self._step = "send the rest of a page"
            self._step_until = time.monotonic() + self._limits.between_bytes_s

    def page_ended(self) -> None:
        """The page is done, well or not; the next one is waited for."""
        self._page_until = _NEVER
        self._wait_for_page()

    @contextmanager
    def on_hold(self) -> Iterator[None]:
        """No limit of the device runs in the block: it is something else that is waited for."""
        began = time.monotonic()
        self._is_on_hold = True
        try:
            yield
        finally:
            held_s = time.monotonic() - began
            self._step_until += held_s
            self._page_until += held_s
            self._is_on_hold = False

    def overdue(self) -> str | None:
        """What the device took too long for, or `None`."""
        if self._is_on_hold:
            return None
        now = time.monotonic()
        if now > self._step_until:
            return self._step
        return "scan a page" if now > self._page_until else None

    def remaining_s(self) -> float:
        """How long the device may still take; endless without limits, and while it is on hold."""
        if self._is_on_hold:
            return _NEVER
        return min(self._step_until, self._page_until) - time.monotonic()

    def _wait_for_page(self) -> None:
        if self._limits is not None:
            self._step = "begin a page"
            self._step_until = time.monotonic() + self._limits.first_byte_s
