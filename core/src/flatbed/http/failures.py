"""The one place that turns whatever went wrong into an answer."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import tornado.web

from flatbed.errors import (
    FlatbedError,
    InternalError,
    InvalidInputError,
    MediaTypeError,
    NotFoundError,
    OriginBlockedError,
    TooBigError,
    WrongVerbError,
)

_BY_STATUS: dict[int, type[FlatbedError]] = {
    403: OriginBlockedError,
    404: NotFoundError,
    405: WrongVerbError,
    413: TooBigError,
    415: MediaTypeError,
}
_DEFAULT_RETRY_AFTER_S = {429: 1, 503: 30}
_PLACE = re.compile(r" - at `(?:key in )?\$\.?(?P<field>.*)`$")


class ErrorCause(msgspec.Struct):
    """What lay behind an error: its number in the contract and its sentence."""

    code: int
    message: str


class ErrorBody(msgspec.Struct, rename="camel", omit_defaults=True):
    """The body of every answer that is not 2xx: the number, the sentence, the stable name."""

    code: int
    message: str
    status_code: int
    error: str
    cause: ErrorCause | None = None
    details: dict[str, Any] | None = None


def to_error(failure: BaseException | None, status: int = 500) -> FlatbedError:
    """The error that an answer carries for anything that was raised.

    Args:
        failure: What was raised; None if Tornado gave up by itself.
        status: The HTTP status that Tornado would answer.

    Returns:
        The failure itself if it is ours, its counterpart if it is Tornado's word about the
        request, else an `InternalError` that gives nothing of the failure away.
    """
    if isinstance(failure, FlatbedError):
        return failure
    if isinstance(failure, tornado.web.HTTPError):
        status = failure.status_code
    elif failure is not None:
        return InternalError()
    if not 400 <= status < 500:
        return InternalError()
    return _BY_STATUS.get(status, InvalidInputError)()


def to_body(error: FlatbedError) -> ErrorBody:
    """The wire form of an error; `details` only where the error has any."""
    behind = error.__cause__
    cause = ErrorCause(behind.number, behind.message) if isinstance(behind, FlatbedError) else None
    return ErrorBody(
        code=error.number,
        message=error.message,
        status_code=error.status,
        error=error.name,
        cause=cause,
        details=error.details or None,
    )


def retry_after_s(error: FlatbedError) -> int | None:
    """The seconds after which it is worth trying again, where the status says that it is."""
    default = _DEFAULT_RETRY_AFTER_S.get(error.status)
    return None if default is None else int(error.details.get("retry_after_s", default))


def input_error(failure: ValueError | RecursionError, what: str) -> InvalidInputError:
    """What msgspec found wrong with a caller's input, in words that name the field.

    Args:
        failure: From decoding or converting; deep nesting is a `RecursionError`.
        what: Where the input stood: `body`, `query` or `header`.
    """
    if isinstance(failure, RecursionError):
        return InvalidInputError(f"The {what} is nested too deeply.")
    if isinstance(failure, UnicodeDecodeError):
        return InvalidInputError(f"The text of the {what} is not UTF-8.")
    if not isinstance(failure, msgspec.ValidationError):
        reason = _clause(str(failure).removeprefix("JSON is malformed: "))
        return InvalidInputError(f"The {what} is not valid JSON: {reason}.")
    place = _PLACE.search(str(failure))
    reason = _clause(_PLACE.sub("", str(failure)))
    subject = f"'{place['field']}' in the {what}" if place and place["field"] else f"The {what}"
    return InvalidInputError(f"{subject} is wrong: {reason}.")


def _clause(sentence: str) -> str:
    """A library's sentence as a part of one of ours."""
    return sentence[:1].lower() + sentence[1:]
