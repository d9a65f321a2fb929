"""Everything that is wrong with a manifest at once; reading it stops at the first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from flatbed.runtime.manifest import FILE_NAME, Manifest, ManifestError, read_manifest

_STAND_IN: dict[str, Any] = {"manifest_version": 1, "name": "stand-in", "core_api": "1.0"}
_NAMED = ("operations", "edits", "routes", "config")


def manifest_problems(folder: Path) -> list[str]:
    """A sentence for each part of a folder's manifest that is wrong; none if it can be used."""
    try:
        read_manifest(folder)
    except ManifestError as error:
        # Whatever several parts can say is wrong is better than what the first of them said.
        return list(_part_problems(folder)) or [error.message]
    return []


def _part_problems(folder: Path) -> Iterator[str]:
    try:
        declared = tomllib.loads((folder / FILE_NAME).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for key, value in _parts(declared):
        try:
            msgspec.convert(_STAND_IN | {key: value}, Manifest)
        except msgspec.ValidationError as error:
            yield f"{error}."
    yield from (f"'{key}' is missing." for key in _STAND_IN if key not in declared)


def _parts(declared: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in declared.items():
        if key in _NAMED and isinstance(value, dict):
            yield from ((key, {name: entry}) for name, entry in value.items())
        else:
            yield key, value
