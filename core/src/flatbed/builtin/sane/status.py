"""The statuses of SANE, and the error that each of them means."""

from __future__ import annotations

from enum import IntEnum

from flatbed.errors import (
    AccessDeniedError,
    CoverOpenError,
    DeviceBusyError,
    DeviceFault,
    DeviceInvalidError,
    DeviceMemoryError,
    DeviceUnsupportedError,
    EmptyPageError,
    FeederEmptyError,
    PaperJamError,
    ScanCanceledError,
    TransportLockedError,
    WarmingUpError,
)


class Status(IntEnum):
    """What every call of libsane answers; the last two are of sane.h 1.1 and later."""

    GOOD = 0
    UNSUPPORTED = 1
    CANCELLED = 2
    DEVICE_BUSY = 3
    INVAL = 4
    EOF = 5
    JAMMED = 6
    NO_DOCS = 7
    COVER_OPEN = 8
    IO_ERROR = 9
    NO_MEM = 10
    ACCESS_DENIED = 11
    WARMING_UP = 12
    HW_LOCKED = 13


_ERRORS: dict[int, type[DeviceFault]] = {
    Status.UNSUPPORTED: DeviceUnsupportedError,
    Status.CANCELLED: ScanCanceledError,
    Status.DEVICE_BUSY: DeviceBusyError,
    Status.INVAL: DeviceInvalidError,
    Status.EOF: EmptyPageError,
    Status.JAMMED: PaperJamError,
    Status.NO_DOCS: FeederEmptyError,
    Status.COVER_OPEN: CoverOpenError,
    Status.IO_ERROR: DeviceFault,
    Status.NO_MEM: DeviceMemoryError,
    Status.ACCESS_DENIED: AccessDeniedError,
    Status.WARMING_UP: WarmingUpError,
    Status.HW_LOCKED: TransportLockedError,
}


def error_of(status: int) -> DeviceFault:
    """The error that says what a SANE status other than GOOD means; unknown ones are I/O errors."""
    name = Status(status).name if status in _ERRORS else str(status)
    return _ERRORS.get(status, DeviceFault)(sane_status=name)
