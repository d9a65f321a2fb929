"""Which add-ons are installed: found by entry point, read without importing any."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.version import Version

from flatbed.errors import FlatbedError
from flatbed.runtime.addons import (
    CORE_DISTRIBUTION,
    Addon,
    BrokenAddon,
    Inventory,
    Place,
    parse_version,
)
from flatbed.runtime.entry_points import ENTRY_POINTS, module_of
from flatbed.runtime.manifest import (
    CoreApiUnfitError,
    Manifest,
    ManifestError,
    fill_settings,
    read_manifest,
)
from flatbed.runtime.registry import Registry
from flatbed.runtime.shelf import Shelf, Slot, read_slot

__all__ = ["ENTRY_POINTS", "Discovery", "builtin_names", "discover"]

Configs = Mapping[str, Mapping[str, Any]]


def discover(
    configs: Configs, defaults: Mapping[str, str] | None = None, *, data_dir: Path | None = None
) -> Registry:
    """Find what is installed in this environment and in the data folder.

    Args:
        configs: The `[addons.<name>]` tables of the configuration.
        defaults: Its `[defaults]`.
        data_dir: Of the service; the registry looks into it again when something changes there.

    Raises:
        ShelfStateError: If what was enabled and disabled there cannot be read.
        FolderError: If the folder of the add-ons cannot be read.
    """
    discovery = Discovery(configs, data_dir)
    found = discovery.find()
    return Registry(
        found.enabled,
        found.broken,
        defaults,
        disabled=found.disabled,
        find_again=discovery.find_again,
    )


def builtin_names() -> frozenset[str]:
    """The add-ons that come with the core."""
    entries = metadata.entry_points(group=ENTRY_POINTS)
    return frozenset(each.name for each in entries if _distribution(each) == CORE_DISTRIBUTION)


class Discovery:
    """Finds what is installed, and again when that has changed.

    Args:
        configs: The `[addons.<name>]` tables of the configuration.
        data_dir: Of the service; `None` leaves it out.
    """

    def __init__(self, configs: Configs, data_dir: Path | None = None) -> None:
        self._configs = configs
        self._shelf = Shelf(data_dir) if data_dir is not None else None
        self._stamp: tuple[int, ...] = ()

    def find(self) -> Inventory:
        """Everything that is installed now.

        Raises:
            ShelfStateError: If what was enabled and disabled cannot be read.
            FolderError: If the folder of the add-ons cannot be read.
        """
        # Taken first: what changes meanwhile is seen the next time.
        self._stamp = self._shelf.stamp() if self._shelf else ()
        switches = self._shelf.read_state().enabled if self._shelf else {}
        everything = [*self._read_shelf(), *_read_environment()]
        read = [each for each in everything if isinstance(each, Addon)]
        broken = [each for each in everything if isinstance(each, BrokenAddon)]
        seen = {(each.name, parse_version(each.version)) for each in everything if _is_ours(each)}
        # What was installed goes before the same version in the environment.
        read = [each for each in read if _is_ours(each) or _key(each) not in seen]
        return self._switch_and_configure(read, broken, switches)

    def find_again(self) -> Inventory | None:
        """Everything, if a command has changed something since the last time.

        Raises:
            FlatbedError: As `find`; asked again, it waits for the next change.
        """
        if self._shelf is None or self._shelf.stamp() == self._stamp:
            return None
        return self.find()

    def _read_shelf(self) -> Iterator[Addon | BrokenAddon]:
        if self._shelf is None:
            return
        builtin = builtin_names()
        for slot in self._shelf.slots():
            yield _read_sealed(slot, self._shelf, builtin)

    def _switch_and_configure(
        self, read: list[Addon], broken: list[BrokenAddon], switches: Mapping[str, bool]
    ) -> Inventory:
        known: dict[str, set[str]] = {}
        for each in read:
            known.setdefault(each.name, set()).update(each.manifest.config)
        enabled, disabled = [], []
        for each in read:
            own = dict(self._configs.get(each.name, {}))
            default = switches.get(each.name, each.manifest.enabled)
            if not own.pop("enabled", default):
                disabled.append(each)
                continue
            try:
                enabled.append(_configure(each, own, known[each.name]))
            except FlatbedError as error:
                broken.append(_broken(each, error))
        return Inventory(enabled=tuple(enabled), disabled=tuple(disabled), broken=tuple(broken))


def _read_sealed(slot: Slot, shelf: Shelf, builtin: frozenset[str]) -> Addon | BrokenAddon:
    addon: Addon | None = None
    try:
        if slot.name in builtin:
            raise ManifestError(f"An add-on of the name '{slot.name}' comes with the core.")
        addon = read_slot(slot)
        seal = shelf.seal(slot)
        seal.glance()
    except FlatbedError as error:
        if addon is not None:
            return replace(_broken(addon, error), place="installed")
        return BrokenAddon(
            slot.name, "", error, slot.version, _manifest_of(error), place="installed"
        )
    return replace(addon, seal=seal)


def _read_environment() -> Iterator[Addon | BrokenAddon]:
    for entry in metadata.entry_points(group=ENTRY_POINTS):
        distribution, version = _distribution(entry), _version(entry)
        try:
            module = module_of(entry)
            manifest = read_manifest(_folder(module))
            if manifest.name != entry.name:
                raise ManifestError(f"The manifest is of '{manifest.name}', not of '{entry.name}'.")
        except FlatbedError as error:
            place: Place = "core" if distribution == CORE_DISTRIBUTION else "environment"
            yield BrokenAddon(
                entry.name, distribution, error, version, _manifest_of(error), place=place
            )
            continue
        yield Addon(manifest=manifest, version=version, module=module, distribution=distribution)


def _configure(addon: Addon, given: Mapping[str, Any], known: set[str]) -> Addon:
    """The add-on with its settings; what only other versions of it know is left out."""
    mine = addon.manifest.config
    own = {key: value for key, value in given.items() if key in mine or key not in known}
    return replace(addon, config=fill_settings(mine, own, of=f"The add-on '{addon.name}'"))


def _broken(addon: Addon, error: FlatbedError) -> BrokenAddon:
    return BrokenAddon(
        addon.name, addon.distribution, error, addon.version, addon.manifest, addon.place
    )


def _manifest_of(error: FlatbedError) -> Manifest | None:
    """What an add-on for another core would offer, so that whoever asks for it hears why not."""
    return error.manifest if isinstance(error, CoreApiUnfitError) else None


def _is_ours(each: Addon | BrokenAddon) -> bool:
    return each.place == "installed"


def _key(addon: Addon) -> tuple[str, Version]:
    return addon.name, parse_version(addon.version)


def _distribution(entry: metadata.EntryPoint) -> str:
    return entry.dist.name if entry.dist else "unknown"


def _version(entry: metadata.EntryPoint) -> str:
    # Metadata that are damaged have no version.
    return (entry.dist and entry.dist.version) or "0"


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
