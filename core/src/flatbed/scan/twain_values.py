"""Setting capabilities by TWAIN number: the `caps` of a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flatbed.addon.types import Capabilities, Range
from flatbed.errors import FlatbedError, InvalidInputError, UnsupportedSettingError
from flatbed.scan.request import CapabilitySet, CapabilityValue
from flatbed.scan.twain import LABELS, LEVELS, READ_ONLY, THRESHOLDS, depths_of
from flatbed.scan.wishes import Wishes, fit_dpi, read_color, read_page_size

_COUNTS = Range(minimum=-1, maximum=100_000, step=1)


def apply(caps: CapabilitySet, capabilities: Capabilities, wishes: Wishes) -> None:
    """Set capabilities by number.

    Raises:
        UnsupportedSettingError: For one that cannot be set so, where the caller wants to fail.
    """
    for each in caps.capabilities:
        try:
            _apply_one(each, capabilities, wishes)
        except FlatbedError as error:
            if (each.exception or caps.exception) == "fail":
                raise UnsupportedSettingError(
                    f"The capability {each.capability} cannot be set: {error.message}"
                ) from error
            wishes.warnings.append(f"Capability {each.capability} was ignored: {error.message}")


def _apply_one(each: CapabilityValue, capabilities: Capabilities, wishes: Wishes) -> None:
    if each.capability in READ_ONLY:
        raise InvalidInputError("it can only be read.")
    if each.capability not in LABELS:
        raise InvalidInputError("the scanner does not know it.")
    value = each.curValue
    if isinstance(value, dict):
        value = value.get("value")
    _SETTERS[each.capability](value, capabilities, wishes)


def _set_count(value: Any, _: Capabilities, wishes: Wishes) -> None:
    wishes.max_pages = max(0, int(_in_range(value, _COUNTS)))


def _set_color(value: Any, _: Capabilities, wishes: Wishes) -> None:
    wishes.color = read_color(value)


def _set_feeder(value: Any, capabilities: Capabilities, wishes: Wishes) -> None:
    wishes.uses_feeder = _flag(value)
    if wishes.uses_feeder and not {"feeder", "duplex"} & set(capabilities.sources):
        wishes.uses_feeder = None
        raise InvalidInputError("the scanner has no feeder.")


def _set_auto_feed(value: Any, _: Capabilities, __: Wishes) -> None:
    _flag(value)  # sheets are always fed by themselves


def _set_duplex(value: Any, capabilities: Capabilities, wishes: Wishes) -> None:
    wishes.is_duplex = _flag(value)
    if wishes.is_duplex and "duplex" not in capabilities.sources:
        wishes.is_duplex = None
        raise InvalidInputError("the scanner has no duplex.")


def _set_brightness(value: Any, _: Capabilities, wishes: Wishes) -> None:
    wishes.brightness = _in_range(value, LEVELS)


def _set_contrast(value: Any, _: Capabilities, wishes: Wishes) -> None:
    wishes.contrast = _in_range(value, LEVELS)


def _set_dpi(value: Any, capabilities: Capabilities, wishes: Wishes) -> None:
    wishes.dpi = fit_dpi(_number(value), capabilities.dpi)


def _set_size(value: Any, _: Capabilities, wishes: Wishes) -> None:
    wishes.page_size = read_page_size(value)


def _set_threshold(value: Any, _: Capabilities, wishes: Wishes) -> None:
    wishes.threshold = round(_in_range(value, THRESHOLDS))


def _set_bits(value: Any, capabilities: Capabilities, wishes: Wishes) -> None:
    depth = int(_number(value))
    if depth not in depths_of(capabilities):
        raise InvalidInputError(f"the scanner has no {depth} bits a pixel.")
    wishes.bits = 16 if depth in (16, 48) else 8
    if depth == 1:
        wishes.color = "bw"


_SETTERS: dict[int, Callable[[Any, Capabilities, Wishes], None]] = {
    1: _set_count,
    257: _set_color,
    4098: _set_feeder,
    4103: _set_auto_feed,
    4115: _set_duplex,
    4353: _set_brightness,
    4355: _set_contrast,
    4376: _set_dpi,
    4377: _set_dpi,
    4386: _set_size,
    4387: _set_threshold,
    4395: _set_bits,
}


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidInputError(f"{value!r} is no number.")
    return float(value)


def _flag(value: Any) -> bool:
    if value in (0, 1):
        return bool(value)
    raise InvalidInputError(f"{value!r} is neither true nor false.")


def _in_range(value: Any, values: Range) -> float:
    number = _number(value)
    if not values.minimum <= number <= values.maximum:
        raise InvalidInputError(f"{number:g} is not from {values.minimum:g} to {values.maximum:g}.")
    return number
