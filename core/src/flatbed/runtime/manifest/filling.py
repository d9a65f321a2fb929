"""The settings of a call: what was given, held to the manifest, and its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flatbed.errors import InvalidInputError
from flatbed.runtime.manifest.setting import Setting, check_setting
from flatbed.runtime.manifest.tables import Operation


def fill_settings(
    declared: dict[str, Setting], given: dict[str, Any], *, of: str
) -> dict[str, Any]:
    """Given settings checked against their declaration, defaults filled in.

    Args:
        declared: By the manifest.
        given: By the caller or the configuration.
        of: What they are settings of, for the error.

    Raises:
        InvalidInputError: For an unknown name, a wrong type, or a value out of range.
    """
    unknown = sorted(set(given) - set(declared))
    if unknown:
        known = ", ".join(sorted(declared)) or "none"
        raise InvalidInputError(f"{of} has no setting '{unknown[0]}'. It has: {known}.")
    return {
        name: check_setting(setting, given[name], name=name) if name in given else setting.default
        for name, setting in declared.items()
    }


def read_settings(
    declared: Operation, given: Mapping[str, Any] | str, *, of: str
) -> dict[str, Any]:
    """The settings of a call: checked, defaults filled in; what has neither value nor default is
    left to the add-on to miss.

    Args:
        declared: The operation.
        given: By the caller; a text alone is its shorthand.
        of: What they are settings of, for the error.

    Raises:
        InvalidInputError: As `fill_settings`, and for a text where there is no shorthand.
    """
    if isinstance(given, str):
        if not declared.shorthand:
            raise InvalidInputError(f"The settings of {of} are an object, not a text.")
        given = {declared.shorthand: given}
    filled = fill_settings(declared.settings, dict(given), of=of)
    return {name: value for name, value in filled.items() if value is not None}
