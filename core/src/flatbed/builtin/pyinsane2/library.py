"""The library pyinsane2: imported late, set to one thread, its errors named."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from flatbed.builtin.sane.status import Status, error_of
from flatbed.builtin.sane.threads import load_unwinder
from flatbed.errors import AddonMissingError, DeviceFault, DeviceOfflineError

DISTRIBUTION = "pyinsane2"


def load() -> ModuleType:
    """The library, ready for use in this process.

    Raises:
        AddonMissingError: If it is not installed.
        DeviceFault: If what it stands on, SANE or WIA, does not work.
    """
    # Its own process for the scanner fails on every picture above 64 KB.
    os.environ["PYINSANE_SINGLE_THREAD"] = "1"
    try:
        library = importlib.import_module(DISTRIBUTION)
    except ImportError as error:
        raise AddonMissingError(
            "pyinsane2 is not installed. Install it with: pip install flatbed[pyinsane2]"
        ) from error
    load_unwinder()
    with named_errors(library):
        library.init()
    return library


@contextmanager
def named_errors(library: ModuleType) -> Iterator[None]:
    """Turn the library's errors into ours.

    SANE's statuses keep their meaning but for the two that the library hides: NO_DOCS is a
    `StopIteration`, and EOF an `EOFError`. WIA's errors have no numbers.
    """
    try:
        yield
    except library.PyinsaneException as error:
        raise _named(error) from error


@contextmanager
def opening(library: ModuleType) -> Iterator[None]:
    """As `named_errors`, where a device is opened."""
    try:
        with named_errors(library):
            yield
    except DeviceFault as error:
        if error.details.get("sane_status") == Status.INVAL.name:
            # sane.h: at opening, INVAL says that the device is not there.
            raise DeviceOfflineError(**error.details) from error
        raise


def _named(error: Any) -> DeviceFault:
    try:
        return error_of(int(error.status))
    except (TypeError, ValueError):
        return DeviceFault(cause=str(error))
