"""The entry points that add-ons are found by."""

from __future__ import annotations

from importlib import metadata

from flatbed.runtime.manifest import ManifestError

ENTRY_POINTS = "flatbed.addons"


def module_of(entry: metadata.EntryPoint) -> str:
    """The module that an entry point names.

    Raises:
        ManifestError: If it names none.
    """
    try:
        return entry.module
    except (AttributeError, ValueError) as error:
        raise ManifestError(f"The entry point {entry.value!r} names no module.") from error
