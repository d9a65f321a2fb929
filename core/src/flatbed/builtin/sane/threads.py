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
    """Let the C library load what unwinds a thread at its end, before any thread ends.

    It does so by itself at the first end of a thread, and holds the loader's locks meanwhile; but a
    backend cancels its reader thread at the end of a frame, wherever that is. A thread cancelled
    there keeps the locks for ever, and the next start of a thread, or sane_exit, hangs: 3 of 1,500
    scans with SANE's test backend did, of 7,500 with the unwinder loaded none. `backtrace` of the C
    library loads it; opening libgcc_s alone does not do.
    """
    frames = (ctypes.c_void_p * 1)()
    with suppress(OSError, AttributeError):  # a C library that needs no such thing
        ctypes.CDLL(None).backtrace(frames, len(frames))


def keep_sigterm() -> None:
    """Put the process's own handler of SIGTERM back.

    The reader threads of many backends set SIGTERM to its default for the whole process, which
    would make the request to end a scan kill it in the middle of a sheet.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if handler is not None and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, handler)
