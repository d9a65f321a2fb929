"""libsane through ctypes: its structs and functions."""

from __future__ import annotations

import ctypes
import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flatbed.builtin.sane.status import Status, error_of
from flatbed.builtin.sane.threads import SETTLE_S, load_unwinder
from flatbed.errors import DeviceOfflineError, DeviceUnsupportedError

LIBRARY = "libsane.so.1"

GET_VALUE, SET_VALUE = 0, 1
INFO_INEXACT, INFO_RELOAD_OPTIONS = 1, 2


class CDevice(ctypes.Structure):
    """SANE_Device."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("vendor", ctypes.c_char_p),
        ("model", ctypes.c_char_p),
        ("type", ctypes.c_char_p),
    )


class CRange(ctypes.Structure):
    """SANE_Range, in words of the option's type."""

    _fields_ = (("min", ctypes.c_int), ("max", ctypes.c_int), ("quant", ctypes.c_int))


class CConstraint(ctypes.Union):
    """The union at the end of an option's descriptor."""

    _fields_ = (
        ("strings", ctypes.POINTER(ctypes.c_char_p)),
        ("words", ctypes.POINTER(ctypes.c_int)),
        ("range", ctypes.POINTER(CRange)),
    )


class CDescriptor(ctypes.Structure):
    """SANE_Option_Descriptor."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("title", ctypes.c_char_p),
        ("desc", ctypes.c_char_p),
        ("type", ctypes.c_int),
        ("unit", ctypes.c_int),
        ("size", ctypes.c_int),
        ("cap", ctypes.c_int),
        ("constraint_type", ctypes.c_int),
        ("constraint", CConstraint),
    )


class CParameters(ctypes.Structure):
    """SANE_Parameters."""

    _fields_ = (
        ("format", ctypes.c_int),
        ("last_frame", ctypes.c_int),
        ("bytes_per_line", ctypes.c_int),
        ("pixels_per_line", ctypes.c_int),
        ("lines", ctypes.c_int),
        ("depth", ctypes.c_int),
    )


@dataclass(frozen=True, kw_only=True)
class ListedDevice:
    """One entry of sane_get_devices; `kind` is SANE's word for it, as "sheetfed scanner"."""

    name: str
    vendor: str
    model: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What the frame in transfer is like; `lines` is -1 where only its end will tell."""

    format: int
    is_last_frame: bool
    bytes_per_line: int
    pixels_per_line: int
    lines: int
    depth: int


class Device:
    """One open device; everything on it is done by the thread that opened it.

    Every method raises the `DeviceFault` that stands for the status it met.
    """

    def __init__(self, library: ctypes.CDLL, handle: ctypes.c_void_p) -> None:
        self._library = library
        self._handle = handle
        self._settled_s = 0.0
        self._length = ctypes.c_int()
        self._length_pointer = ctypes.byref(self._length)

    def start(self) -> None:
        """Begin the next frame; on a feeder the next sheet moves."""
        _check(self._library.sane_start(self._handle))
        self._settled_s = time.monotonic() + SETTLE_S

    def parameters(self) -> Parameters:
        """Describe the frame begun; before `start` a device may say anything."""
        found = CParameters()
        _check(self._library.sane_get_parameters(self._handle, ctypes.byref(found)))
        return Parameters(
            format=found.format,
            is_last_frame=bool(found.last_frame),
            bytes_per_line=found.bytes_per_line,
            pixels_per_line=found.pixels_per_line,
            lines=found.lines,
            depth=found.depth,
        )

    def read_into(self, address: int, limit: int) -> int | None:
        """Read at most `limit` bytes to a memory address.

        Returns:
            How many bytes came, which may be 0, or `None` at the end of the frame.
        """
        status = self._library.sane_read(self._handle, address, limit, self._length_pointer)
        if status == Status.GOOD:
            return self._length.value
        if status == Status.EOF:
            self._settled_s = 0.0
            return None
        raise error_of(status)

    def descriptor(self, index: int) -> CDescriptor | None:
        """The descriptor of an option, valid until an option says that all are to be read anew."""
        found = self._library.sane_get_option_descriptor(self._handle, index)
        return found.contents if found else None

    def control(self, index: int, action: int, value: ctypes.Array[ctypes.c_char]) -> int:
        """Get or set an option through a buffer of its size; returns the SANE_INFO flags."""
        info = ctypes.c_int()
        _check(
            self._library.sane_control_option(
                self._handle, index, action, value, ctypes.byref(info)
            )
        )
        return info.value

    def cancel(self) -> None:
        """End the batch in any state, but not in a frame's first moments: see `SETTLE_S`."""
        time.sleep(max(self._settled_s - time.monotonic(), 0.0))
        self._library.sane_cancel(self._handle)


def read_version() -> str:
    """The version of the SANE interface that is installed, as "1.1.1".

    Raises:
        DeviceUnsupportedError: If libsane is not installed.
    """
    code = ctypes.c_int()
    library = _load()
    _check(library.sane_init(ctypes.byref(code), None))
    library.sane_exit()
    return f"{code.value >> 24 & 0xFF}.{code.value >> 16 & 0xFF}.{code.value & 0xFFFF}"


def list_devices(*, local_only: bool) -> list[ListedDevice]:
    """Every device that SANE finds now; searching networks takes seconds."""
    with _initialized() as library:
        found = ctypes.POINTER(ctypes.POINTER(CDevice))()
        _check(library.sane_get_devices(ctypes.byref(found), local_only))
        devices: list[ListedDevice] = []
        while entry := found[len(devices)]:
            devices.append(_listed(entry.contents))
        return devices


@contextmanager
def open_device(name: str) -> Iterator[Device]:
    """Open a device, and release it on the way out, whatever is in transfer.

    Raises:
        DeviceOfflineError: If there is no device of this name now.
        DeviceFault: If it cannot be opened for another reason.
    """
    with _initialized() as library:
        handle = ctypes.c_void_p()
        status = library.sane_open(name.encode(), ctypes.byref(handle))
        if status == Status.INVAL:
            # sane.h: at opening, INVAL says that the device is not there.
            raise DeviceOfflineError(sane_status=Status.INVAL.name)
        _check(status)
        device = Device(library, handle)
        try:
            yield device
        finally:
            device.cancel()
            library.sane_close(handle)


@contextmanager
def _initialized() -> Iterator[ctypes.CDLL]:
    library = _load()
    _check(library.sane_init(None, None))
    try:
        yield library
    finally:
        library.sane_exit()


@functools.cache
def _load() -> ctypes.CDLL:
    load_unwinder()
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise DeviceUnsupportedError(
            "SANE is not installed. Install it (on Debian: apt install libsane1), then try again."
        ) from error
    word, pointer, text = ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p
    signatures = {
        "sane_init": (word, (pointer, pointer)),
        "sane_exit": (None, ()),
        "sane_get_devices": (word, (pointer, word)),
        "sane_open": (word, (text, pointer)),
        "sane_close": (None, (pointer,)),
        "sane_get_option_descriptor": (ctypes.POINTER(CDescriptor), (pointer, word)),
        "sane_control_option": (word, (pointer, word, word, pointer, pointer)),
        "sane_get_parameters": (word, (pointer, pointer)),
        "sane_start": (word, (pointer,)),
        "sane_read": (word, (pointer, pointer, word, pointer)),
        "sane_cancel": (None, (pointer,)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def _listed(entry: CDevice) -> ListedDevice:
    texts = (entry.name, entry.vendor, entry.model, entry.type)
    name, vendor, model, kind = (text_of(text) for text in texts)
    return ListedDevice(name=name, vendor=vendor, model=model, kind=kind)


def text_of(raw: bytes | None) -> str:
    """A string of libsane; what is not UTF-8 in it is replaced, and NULL is empty."""
    return (raw or b"").decode(errors="replace")


def _check(status: int) -> None:
    if status != Status.GOOD:
        raise error_of(status)
