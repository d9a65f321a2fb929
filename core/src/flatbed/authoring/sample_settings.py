"""Values for settings, so that an operation can be tried that nobody has configured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flatbed.runtime.manifest import Setting

_NUMBERS = ("int", "float")


def sample_settings(declared: Mapping[str, Setting]) -> tuple[dict[str, Any], list[str]]:
    """What to try an operation with.

    Returns:
        The example of each setting that has one; for those without a default a choice, a limit
        or off; and the names of those that nothing can be said for.
    """
    values: dict[str, Any] = {}
    open_ones: list[str] = []
    for name, setting in declared.items():
        value = setting.example if setting.default is not None else _sample(setting)
        if value is not None:
            values[name] = value
        elif setting.default is None:
            open_ones.append(name)
    return values, open_ones


def _sample(setting: Setting) -> Any:
    if setting.example is not None:
        return setting.example
    if setting.type.startswith("list"):
        return None
    if setting.choices:
        return setting.choices[0]
    if setting.type == "bool":
        return False
    if setting.type in _NUMBERS:
        return _number(setting)
    return None


def _number(setting: Setting) -> int | float | None:
    at = setting.minimum if setting.minimum is not None else setting.maximum
    if at is None:
        return None
    return int(at) if setting.type == "int" else float(at)
