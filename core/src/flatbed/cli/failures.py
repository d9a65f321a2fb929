"""How a command ends: the exit codes, and the errors that only the command line has."""

from __future__ import annotations

from enum import IntEnum

from flatbed.errors import (
    AddonUnavailableError,
    DeviceFault,
    FlatbedError,
    ScannerHeldError,
    TooManyRequestsError,
)
from flatbed.installing.faults import AddonsBusyError
from flatbed.ports import AlreadyRunningError, PortsTakenError


class ExitCode(IntEnum):
    """What the caller's shell gets; 69 and 75 have the names that BSD's sysexits gave them."""

    OK = 0
    ERROR = 1
    USAGE = 2
    SCANNER_FAULT = 3
    UNAVAILABLE = 69
    TRY_LATER = 75
    INTERRUPTED = 130


class ServiceUnavailableError(FlatbedError):
    """No service could be reached or started."""

    status, name = 503, "service_unavailable"
    sentence = "Flatbed's service does not answer. Stop it, then start it again with: flatbed run"


class ServiceLostError(ServiceUnavailableError):
    """The connection broke in the middle of a request."""

    sentence = "The connection to Flatbed's service broke. Try again."


class AnswerError(FlatbedError):
    """The service said something that this version does not understand."""

    name = "answer_unknown"
    sentence = (
        "Flatbed's service answers in a way that this command does not know."
        " It may be of another version: stop it and start it again."
    )


class OutputError(FlatbedError):
    """A file that pages were to go into cannot be written."""

    name = "output_unusable"
    sentence = "The output cannot be written. Choose another place with -o."


_TRY_LATER = (
    AlreadyRunningError,
    PortsTakenError,
    ScannerHeldError,
    AddonUnavailableError,
    TooManyRequestsError,
    AddonsBusyError,
)


def exit_code(error: FlatbedError) -> ExitCode:
    """The exit code that tells of an error."""
    if isinstance(error, DeviceFault):
        return ExitCode.SCANNER_FAULT
    if isinstance(error, ServiceUnavailableError):
        return ExitCode.UNAVAILABLE
    return ExitCode.TRY_LATER if isinstance(error, _TRY_LATER) else ExitCode.ERROR
