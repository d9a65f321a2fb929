"""The end of a process at a set time, brought by the kernel."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from types import TracebackType
from typing import Any, Self

_SIGEV_SIGNAL = 0


class LastResort:
    """Ends this process at a set time, even when none of its threads can run or be started.

    First by SIGABRT, which lets faulthandler write down where every thread stands, then by SIGKILL.
    A context manager: nothing ends the process after its block. Linux alone has timers that send a
    signal of one's choice; elsewhere it does nothing.
    """

    GRACE_S = 1.0
    """From SIGABRT to SIGKILL."""

    def __init__(self) -> None:
        self._timers = [_Timer(signal.SIGABRT), _Timer(signal.SIGKILL)] if _library else []

    def arm(self, seconds: float) -> None:
        """End the process that many seconds from now; takes the place of what was set before."""
        for place, timer in enumerate(self._timers):
            timer.set(max(seconds, 0) + place * self.GRACE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for timer in self._timers:
            timer.delete()


class _SignalEvent(ctypes.Structure):
    """sigevent, 64 bytes of which a signal needs the first."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("number", ctypes.c_int),
        ("notify", ctypes.c_int),
        ("rest", ctypes.c_char * 48),
    )


class _TimerTimes(ctypes.Structure):
    """itimerspec: two times, of seconds and nanoseconds each."""

    _fields_ = (
        ("interval_s", ctypes.c_long),
        ("interval_ns", ctypes.c_long),
        ("value_s", ctypes.c_long),
        ("value_ns", ctypes.c_long),
    )


class _Timer:
    """timer_create(2), which Python has not."""

    def __init__(self, number: signal.Signals) -> None:
        self._timer = ctypes.c_void_p()
        event = _SignalEvent(number=number, notify=_SIGEV_SIGNAL)
        self._call("timer_create", time.CLOCK_MONOTONIC, ctypes.byref(event), self._reference)

    def set(self, seconds: float) -> None:
        # A time of nothing would switch the timer off.
        whole, part_ns = divmod(max(int(seconds * 1e9), 1), 10**9)
        times = _TimerTimes(value_s=whole, value_ns=part_ns)
        self._call("timer_settime", self._timer, 0, ctypes.byref(times), None)

    def delete(self) -> None:
        self._call("timer_delete", self._timer)

    @property
    def _reference(self) -> Any:
        return ctypes.byref(self._timer)

    @staticmethod
    def _call(name: str, *arguments: Any) -> None:
        if getattr(_library, name)(*arguments):
            raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")


def _find_library() -> ctypes.CDLL | None:
    if os.name != "posix":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return library if hasattr(library, "timer_create") else None


_library = _find_library()
