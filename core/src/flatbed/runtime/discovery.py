"""Which add-ons are installed: found by entry point, read without importing any."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from flatbed.errors import FlatbedError
from flatbed.runtime.addons import Addon, BrokenAddon
from flatbed.runtime.manifest import ManifestError, fill_settings, read_manifest
from flatbed.runtime.registry import Registry

ENTRY_POINTS = "flatbed.addons"


def discover(configs: Mapping[str, Mapping[str, Any]]) -> Registry:
    """Find what is installed in this environment.

    Args:
        configs: The `[addons.<name>]` tables of the configuration.
    """
    addons: list[Addon] = []
    broken: list[BrokenAddon] = []
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        distribution = entry.dist.name if entry.dist else "unknown"
        try:
            addon = _read(entry, configs.get(entry.name, {}))
        except FlatbedError as error:
            broken.append(BrokenAddon(entry.name, distribution, error))
            continue
        if addon is not None:
            addons.append(addon)
    return Registry(addons, broken)


def _read(entry: metadata.EntryPoint, config: Mapping[str, Any]) -> Addon | None:
    module = _module(entry)
    manifest = read_manifest(_folder(module))
    if manifest.name != entry.name:
        raise ManifestError(f"The manifest is of '{manifest.name}', not of '{entry.name}'.")
    if not config.get("enabled", manifest.enabled):
        return None
    own = {key: value for key, value in config.items() if key != "enabled"}
    return Addon(
        manifest=manifest,
        # Metadata that are damaged have no version.
        version=(entry.dist and entry.dist.version) or "0",
        module=module,
        distribution=entry.dist.name if entry.dist else "unknown",
        config=fill_settings(manifest.config, own, of=f"The add-on '{manifest.name}'"),
    )


def _module(entry: metadata.EntryPoint) -> str:
    try:
        return entry.module
    except (AttributeError, ValueError) as error:
        raise ManifestError(f"The entry point {entry.value!r} names no module.") from error


def _folder(module: str) -> Path:
    top, *rest = module.split(".")
    try:
        # The spec of a top-level package is found without running any of its code.
        spec = importlib.util.find_spec(top)
    except ValueError as error:
        raise ManifestError(f"The module '{top}' is no package of an add-on.") from error
    if spec is None or not spec.submodule_search_locations:
        raise ManifestError(f"The package '{top}' is not there. Install the add-on again.")
    return Path(spec.submodule_search_locations[0], *rest)
