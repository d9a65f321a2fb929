"""Which add-ons and versions are here: found by entry point, read without importing any."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from packaging.requirements import InvalidRequirement, Requirement
from packaging.version import InvalidVersion, Version

from flatbed.errors import (
    AddonMissingError,
    DocumentTypeError,
    FlatbedError,
    InvalidInputError,
)
from flatbed.runtime.manifest import (
    Manifest,
    ManifestError,
    Operation,
    fill_settings,
    read_manifest,
)

ENTRY_POINTS = "flatbed.addons"
CORE_DISTRIBUTION = "flatbed"

_HANDLERS = {"application/pdf": "pdf"}
"""The add-ons to name for a type that nobody reads or writes."""


@dataclass(frozen=True, kw_only=True)
class Addon:
    """One version of one add-on.

    Attributes:
        manifest: What it declares.
        version: Of its distribution.
        module: What its worker imports.
        distribution: The name that it is installed under.
        paths: Folders that its worker finds modules in before all others.
        config: Its own settings, checked, defaults filled in.
    """

    manifest: Manifest
    version: str
    module: str
    distribution: str
    paths: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The add-on's name, one for all its versions."""
        return self.manifest.name

    @property
    def is_builtin(self) -> bool:
        """Whether it comes with the core."""
        return self.distribution == CORE_DISTRIBUTION


@dataclass(frozen=True)
class BrokenAddon:
    """What was found but cannot be used, and why."""

    name: str
    distribution: str
    error: FlatbedError


class Registry:
    """All add-ons that are installed, each with its versions, newest first."""

    def __init__(self, addons: Iterable[Addon], broken: Iterable[BrokenAddon] = ()) -> None:
        self.broken = tuple(broken)
        self._by_name: dict[str, list[Addon]] = {}
        for addon in addons:
            self._by_name.setdefault(addon.name, []).append(addon)
        for versions in self._by_name.values():
            versions.sort(key=lambda addon: _version(addon.version), reverse=True)

    def __iter__(self) -> Any:
        return (addon for versions in self._by_name.values() for addon in versions)

    def newest(self) -> list[Addon]:
        """The newest version of each add-on."""
        return [versions[0] for versions in self._by_name.values()]

    def versions(self) -> dict[str, list[str]]:
        """Every installed version of every add-on that does not come with the core."""
        return {
            name: [addon.version for addon in reversed(versions)]
            for name, versions in sorted(self._by_name.items())
            if not versions[0].is_builtin
        }

    def select(self, wanted: str) -> Addon | None:
        """The newest version that fits, as `barcode>=1.2,<2`; `None` if there is none.

        Raises:
            InvalidInputError: If `wanted` is no name with versions.
        """
        try:
            requirement = Requirement(wanted)
        except InvalidRequirement as error:
            raise InvalidInputError(f"'{wanted}' is no add-on with versions: {error}.") from error
        fitting = (
            addon
            for addon in self._by_name.get(requirement.name, ())
            if requirement.specifier.contains(_version(addon.version), prereleases=True)
        )
        return next(fitting, None)

    def get(self, name: str) -> Addon:
        """The newest version of an add-on.

        Raises:
            AddonMissingError: If it is not installed.
        """
        if name not in self._by_name:
            raise AddonMissingError(how_to_install(name))
        return self._by_name[name][0]

    def drivers(self) -> list[Addon]:
        """The add-ons that bring scanners."""
        return [addon for addon in self.newest() if addon.manifest.scanners is not None]

    def find_operation(self, operation: str, prefer: str | None = None) -> tuple[Addon, Operation]:
        """Who carries out an operation.

        Args:
            operation: Its name.
            prefer: The add-on that the configuration names for it.

        Raises:
            AddonMissingError: If no installed add-on has it.
        """
        found = [(addon, addon.manifest.find_operation(operation)) for addon in self.newest()]
        able = [(addon, declared) for addon, declared in found if declared is not None]
        able.sort(key=lambda pair: pair[0].name != prefer)
        if not able:
            raise AddonMissingError(
                f"No installed add-on does '{operation[:60]}'. Install one that does."
            )
        return able[0]

    def require_edit(self, op: str) -> None:
        """Refuse what is no edit of a page.

        Raises:
            AddonMissingError: If no installed add-on has an edit of that name.
        """
        known = sorted({name for addon in self.newest() for name in addon.manifest.edits})
        if op not in known:
            raise AddonMissingError(
                f"No installed add-on has the edit '{op[:60]}'. There are: {', '.join(known)}."
            )

    def get_reader(self, media_type: str) -> Addon:
        """The add-on that reads files of a type.

        Raises:
            DocumentTypeError: If none does; says which one would.
        """
        for addon in self.newest():
            if addon.manifest.documents and media_type in addon.manifest.documents.load:
                return addon
        raise _nobody("reads", media_type)

    def find_writer(self, media_type: str) -> Addon | None:
        """The add-on that writes files of a type; `None` if none does."""
        able = (
            addon
            for addon in self.newest()
            if addon.manifest.documents and media_type in addon.manifest.documents.save
        )
        return next(able, None)

    def get_writer(self, media_type: str) -> Addon:
        """The add-on that writes files of a type.

        Raises:
            DocumentTypeError: If none does; says which one would.
        """
        writer = self.find_writer(media_type)
        if writer is None:
            raise _nobody("writes", media_type)
        return writer


def how_to_install(name: str) -> str:
    """The sentence about a missing add-on."""
    return f"The add-on '{name}' is not installed. Install it with: pip install flatbed-{name}"


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


def _nobody(does: Literal["reads", "writes"], media_type: str) -> DocumentTypeError:
    addon = _HANDLERS.get(media_type)
    if addon is None:
        return DocumentTypeError(f"No installed add-on {does} {media_type[:60]} files.")
    doing = "Reading" if does == "reads" else "Writing"
    return DocumentTypeError(
        f"{doing} {media_type} needs the add-on '{addon}'."
        f" Install it with: pip install flatbed-{addon}"
    )


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


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
