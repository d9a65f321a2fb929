"""What reader threads of SANE's backends do to their process, and how a driver lives with it."""

from __future__ import annotations

import ctypes
import signal
import threading
from contextlib import suppress

SETTLE_S = 0.02
"""From the start of a frame to its cancellation, at least.

A backend cancels its reader thread wherever that is, and waits for it. In its first moments the
thread may hold the lock of malloc, which it then waits for itself, for ever. Of 2,767 scans with
SANE's test backend that were broken off at once 19 hung in this way, of 6,427 that waited none.
"""


def load_unwinder() -> None:
    """Load the library that unwinds a cancelled thread, by itself and before libsane.

    As a mere dependency of libsane it does not do: of 900 scans with SANE's test backend that were
    broken off 10 hung in sane_exit, where the cancelled thread had kept the loader's lock; of 900
    with the library loaded first, side by side with those, none. Why is not known.
    """
    with suppress(OSError):  # a C library that needs no such thing
        ctypes.CDLL("libgcc_s.so.1")


def keep_sigterm() -> None:
    """Put the process's own handler of SIGTERM back.

    The reader threads of many backends set SIGTERM to its default for the whole process, which
    would make the request to end a scan kill it in the middle of a sheet.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)
