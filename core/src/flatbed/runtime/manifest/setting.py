"""A setting that a manifest declares, and values held to it."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec

from flatbed.errors import InvalidInputError

SettingType = Literal["str", "int", "float", "bool", "list[str]", "list[int]", "list[float]"]

_NUMBERS = ("list[int]", "list[float]")
_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
}


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One setting of an operation or of the add-on itself.

    Attributes:
        example: What `flatbed addons check` takes, also where there is a default.
    """

    type: SettingType
    default: Any = None
    example: Any = None
    help: str = ""
    choices: list[Any] = []
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""


def check_setting(setting: Setting, value: Any, *, name: str) -> Any:
    """One value, checked against its declaration.

    Raises:
        InvalidInputError: For a wrong type, or a value out of range.
    """
    try:
        # One number stands for a list of it, as where a resolution is one or two.
        is_single = setting.type in _NUMBERS and isinstance(value, int | float)
        checked = msgspec.convert([value] if is_single else value, _TYPES[setting.type])
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"'{name}' must be {setting.type}: {error}.") from error
    for each in checked if isinstance(checked, list) else [checked]:
        _check_range(setting, each, name=name)
    return checked


def _check_range(setting: Setting, value: Any, *, name: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"'{name}' must be a finite number.")
    if setting.choices and value not in setting.choices:
        raise InvalidInputError(f"'{name}' must be one of {setting.choices}, not {value!r}.")
    if isinstance(value, str | bool):
        return
    if setting.minimum is not None and value < setting.minimum:
        raise InvalidInputError(f"'{name}' must be at least {setting.minimum:g}.")
    if setting.maximum is not None and value > setting.maximum:
        raise InvalidInputError(f"'{name}' must be at most {setting.maximum:g}.")
