"""Exit codes."""

from __future__ import annotations

import pytest

from flatbed.cli.failures import OutputError, ServiceLostError, ServiceUnavailableError, exit_code
from flatbed.errors import (
    AddonUnavailableError,
    DeviceBusyError,
    DriverCrashedError,
    FlatbedError,
    InternalError,
    InvalidInputError,
    PaperJamError,
    ScannerHeldError,
    ScannerNotFoundError,
    TooManyRequestsError,
)
from flatbed.ports import AlreadyRunningError, PortsTakenError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InternalError, 1),
        (InvalidInputError, 1),
        (ScannerNotFoundError, 1),
        (OutputError, 1),
        (PaperJamError, 3),
        (DeviceBusyError, 3),
        (DriverCrashedError, 3),
        (ServiceUnavailableError, 69),
        (ServiceLostError, 69),
        (AlreadyRunningError, 75),
        (PortsTakenError, 75),
        (ScannerHeldError, 75),
        (AddonUnavailableError, 75),
        (TooManyRequestsError, 75),
    ],
)
def test_exit_code_tells_whether_to_try_again(error: type[FlatbedError], code: int) -> None:
    """What a script decides by."""
    assert exit_code(error()) == code
