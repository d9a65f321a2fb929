"""What workers answer, checked before anybody uses it: an add-on may say anything."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, TypeGuard

import msgspec

from flatbed.addon.types import Barcode, Response, Separator, TextPage

DEPTH_MOST = 64
"""How deep lists and objects may stand in each other; what writes JSON gives up at a thousand."""

_INTEGER_MOST = 1 << 63
_STEPS_MOST = 1 << 53
"""What JSON can count to everywhere."""

_FACTS_MOST = 64
_FACT_CHARS = 200
_NAME_CHARS = 200
_HEX = re.compile(r"([0-9a-fA-F]{2})*")

_STATUSES = (200, 201, 202)
"""Those of an answer with a body."""


class WrongResultError(ValueError):
    """What an add-on answered cannot be; says what is wrong with it."""


def check_result(hook: str, value: Any) -> Any:
    """A hook's result as the rest of the service may use it.

    Args:
        hook: Its name.
        value: As it came over the pipe.

    Returns:
        The same JSON value; for an environment that is not there an empty one.

    Raises:
        WrongResultError: If the hook may not answer that.
    """
    check_plain(value)
    try:
        _CHECKS.get(hook, _no_check)(value)
    except msgspec.ValidationError as error:
        raise WrongResultError(str(error)) from error
    return {} if hook == "describe_environment" and value is None else value


def check_plain(value: Any) -> None:
    """Refuse JSON that others could not write again: too deep, or numbers that are none there.

    Raises:
        WrongResultError: Says what is wrong.
    """
    level = [value]
    for _ in range(DEPTH_MOST):
        below: list[Any] = []
        for each in level:
            # By the very type, as JSON has no other: half a million of them must not take long.
            kind = type(each)
            if kind is list:
                below += each
            elif kind is dict:
                below += each.values()
            elif kind is int or kind is float:
                _check_number(each)
        if not below:
            return
        level = below
    raise WrongResultError(f"lists and objects more than {DEPTH_MOST} deep")


def is_plain(value: Any) -> bool:
    """Whether `check_plain` lets a value pass."""
    try:
        check_plain(value)
    except WrongResultError:
        return False
    return True


def is_progress(value: Any) -> TypeGuard[list[int]]:
    """Whether a value says how far a call is: steps done, and of how many."""
    if not isinstance(value, list) or len(value) != 2:
        return False
    return all(type(each) is int and 0 <= each <= _STEPS_MOST for each in value)


def _check_number(value: float) -> None:
    if isinstance(value, int) and not -_INTEGER_MOST <= value < _INTEGER_MOST:
        raise WrongResultError("a whole number of more than 64 bits")
    if not math.isfinite(value):
        raise WrongResultError("a number that is not finite")


def _check_barcodes(value: Any) -> None:
    for each in msgspec.convert(value, list[Barcode]):
        _check_share(each.confidence)
        if _HEX.fullmatch(each.raw) is None:
            raise WrongResultError("the raw content of a barcode is not hexadecimal")


def _check_text(value: Any) -> None:
    for line in msgspec.convert(value, TextPage).lines:
        for word in line.words:
            _check_share(word.confidence)


def _check_share(confidence: float) -> None:
    if not 0 <= confidence <= 1:
        raise WrongResultError(f"a confidence of {confidence:g} is not from 0 to 1")


def _check_separator(value: Any) -> None:
    found = msgspec.convert(value, Separator | None)
    if found is not None and len(found.name) > _NAME_CHARS:
        raise WrongResultError(f"a name of more than {_NAME_CHARS} characters")


def _check_environment(value: Any) -> None:
    found = msgspec.convert(value, dict[str, str] | None) or {}
    if len(found) > _FACTS_MOST or any(
        len(text) > _FACT_CHARS for fact in found.items() for text in fact
    ):
        raise WrongResultError("an environment of too many or too long words")


def _check_response(value: Any) -> None:
    status = msgspec.convert(value, Response).status
    if status not in _STATUSES:
        raise WrongResultError(f"{status} is no status of success")


def _no_check(_: Any) -> None:
    """Any JSON value will do."""


# What drivers say is checked where it becomes scanners, and is the driver's fault there.
_CHECKS: dict[str, Callable[[Any], None]] = {
    "read_barcodes": _check_barcodes,
    "recognize_text": _check_text,
    "find_separator": _check_separator,
    "describe_environment": _check_environment,
    "handle_request": _check_response,
}
