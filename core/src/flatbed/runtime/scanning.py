"""A scan in the worker: claimed once, written down as it goes, ended whatever the device does.

The worker outlives the main process. All that must not be lost stands in the job's folder: page
files, the journal, and a lock file for each attempt that names the process.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from flatbed import system
from flatbed.addon.types import PageSink
from flatbed.errors import (
    NO_ROOM,
    DeviceHungError,
    DeviceMemoryError,
    DriverCrashedError,
    FeederEmptyError,
    FlatbedError,
    ScanCanceledError,
    WrongStateError,
    disk_fault,
)
from flatbed.runtime.journal import JournalWriter, ScanEnd, lock_path
from flatbed.runtime.room import disk_named
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch

_LOOK_S = 0.2

_LAST_RESORT_S = 1.5
"""After its limit a hanging scan has that long to be ended in good order."""

_FOR_EVER_S = 1e6


def run_scan(
    spool: Spool, watch: CallWatch, wake: Callable[[], None], scan: Callable[[PageSink], None]
) -> ScanEnd:
    """Carry out one attempt at a job, and write down how it ended.

    Args:
        spool: The job's folder and what belongs to it.
        watch: Hears cancellations and keeps the device's limits.
        wake: Tells the main process, if it is there, that the journal has grown.
        scan: Calls the driver with the sink that it is given.

    Raises:
        WrongStateError: If this attempt was begun by another worker before.
        DiskFullError: If there was no room to write down that it began, or how it ended.
        DiskFaultError: If that failed otherwise.
    """
    # Let go of whatever happens: who looks at a lock that is held waits for the end of a scan.
    with disk_named(), closing(JournalWriter(spool.folder)) as journal, _claim(spool):
        return _run_claimed(spool, watch, journal, wake, scan)


def _run_claimed(
    spool: Spool,
    watch: CallWatch,
    journal: JournalWriter,
    wake: Callable[[], None],
    scan: Callable[[PageSink], None],
) -> ScanEnd:
    def report(entry: dict[str, Any]) -> None:
        journal.append(entry)
        wake()

    def end_hung(step: str) -> None:
        hung = DeviceHungError(
            f"The scanner took too long to {step}. Switch it off and on, then scan again."
        )
        report(ScanEnd("faulted", hung.to_wire()).to_entry(spool.attempt))

    with _kept_limits(watch, end_hung):
        end = _scan_to_end(SpoolSink(spool, watch, report), scan)
    report(end.to_entry(spool.attempt))
    return end


def _claim(spool: Spool) -> system.FileLock:
    lock = system.FileLock(lock_path(spool.folder, spool.attempt))
    try:
        _write_name(lock)
    except BaseException:
        lock.release()
        raise
    return lock


def _write_name(lock: system.FileLock) -> None:
    # A main process that was killed right after it started us has been followed by one that
    # started another worker: the first to write its name scans, paper moves once.
    if not lock.acquire() or lock.read():
        raise WrongStateError("Another worker has begun this scan already.")
    try:
        lock.write(json.dumps(system.ProcessIdentity.current().to_wire()))
        system.sync_folder(lock.path.parent)
    except OSError:
        # Nothing has begun: the attempt is there for the next worker.
        os.truncate(lock.path, 0)
        raise


def _scan_to_end(sink: SpoolSink, scan: Callable[[PageSink], None]) -> ScanEnd:
    try:
        scan(sink)
        end = ScanEnd("completed")
    except Exception as error:  # noqa: BLE001 - the worker loop: whatever a driver does wrong
        end = _end_by(error, pages=sink.pages)
    try:
        sink.close()
    except FlatbedError as error:
        return _end_by(error, pages=sink.pages) if end.status == "completed" else end
    return end


def _end_by(error: Exception, *, pages: int) -> ScanEnd:
    if isinstance(error, ScanCanceledError):
        return ScanEnd("canceled")
    if isinstance(error, FeederEmptyError) and pages:
        return ScanEnd("completed")
    if isinstance(error, FlatbedError):
        return ScanEnd("faulted", error.to_wire())
    if isinstance(error, MemoryError):
        return ScanEnd("faulted", DeviceMemoryError().to_wire())
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return ScanEnd("faulted", disk_fault(error).to_wire())
    crash = DriverCrashedError(cause=f"{type(error).__name__}: {error}"[:500])
    return ScanEnd("faulted", crash.to_wire())


@contextmanager
def _kept_limits(watch: CallWatch, end_hung: Callable[[str], None]) -> Iterator[None]:
    """End the process when the device does not; its main thread may be stuck in the driver."""
    ended = threading.Event()
    with system.LastResort() as last_resort:
        # Here and not in the thread: a driver may keep it from ever beginning.
        _arm(last_resort, watch)
        keeping = threading.Thread(
            target=_keep_limits, args=(watch, last_resort, ended, end_hung), daemon=True
        )
        keeping.start()
        try:
            yield
        finally:
            ended.set()
            keeping.join()


def _keep_limits(
    watch: CallWatch,
    last_resort: system.LastResort,
    ended: threading.Event,
    end_hung: Callable[[str], None],
) -> None:
    while not ended.wait(_LOOK_S):
        step = watch.overdue()
        if step is not None:
            try:
                end_hung(step)
            finally:
                os.killpg(0, signal.SIGKILL)
        _arm(last_resort, watch)


def _arm(last_resort: system.LastResort, watch: CallWatch) -> None:
    """End the process shortly after its limit even if no thread of ours can run any more.

    A driver can be stuck in the C library while it holds the interpreter's lock, and a thread that
    a driver cancelled can leave locks behind without which no thread starts.
    """
    last_resort.arm(min(max(watch.remaining_s(), 0), _FOR_EVER_S) + _LAST_RESORT_S)
