"""One version of one add-on: what it declares, and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from packaging.version import InvalidVersion, Version

from flatbed.errors import FlatbedError
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.seal import Seal

CORE_DISTRIBUTION = "flatbed"

Place = Literal["core", "environment", "installed"]
"""Where an add-on lies: in the core, beside it in its environment, or in the data folder."""


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
        seal: Of its files, where `flatbed addons install` has put them into the data folder.
    """

    manifest: Manifest
    version: str
    module: str
    distribution: str
    paths: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    seal: Seal | None = None

    @property
    def name(self) -> str:
        """The add-on's name, one for all its versions."""
        return self.manifest.name

    @property
    def is_builtin(self) -> bool:
        """Whether it comes with the core."""
        return self.distribution == CORE_DISTRIBUTION

    @property
    def place(self) -> Place:
        """Where it lies."""
        if self.is_builtin:
            return "core"
        return "environment" if self.seal is None else "installed"

    def verify(self) -> None:
        """Make sure before a worker is started that its files are those that were installed.

        Reads them all the first time, so do it in a thread; later only what was touched.

        Raises:
            AddonChangedError: If one is not.
            AddonMissingError: If it was removed.
        """
        if self.seal is not None:
            self.seal.check()


@dataclass(frozen=True)
class BrokenAddon:
    """What was found but cannot be used, and why.

    Attributes:
        name: By its entry point or its folder.
        distribution: The name that it is installed under.
        error: Why.
        version: Of its distribution, where that is known.
        manifest: Where that could be read.
        place: Where it lies.
    """

    name: str
    distribution: str
    error: FlatbedError
    version: str = ""
    manifest: Manifest | None = None
    place: Place = "environment"


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """Everything that is installed.

    Attributes:
        enabled: What can be used.
        disabled: What a person, the configuration or its manifest has switched off.
        broken: What cannot be used.
    """

    enabled: tuple[Addon, ...] = ()
    disabled: tuple[Addon, ...] = ()
    broken: tuple[BrokenAddon, ...] = ()

    @property
    def addons(self) -> list[Addon]:
        """The enabled and the disabled ones, by name, newest versions first."""
        found = sorted((*self.enabled, *self.disabled), key=_age, reverse=True)
        return sorted(found, key=lambda addon: addon.name)


def _age(addon: Addon) -> Version:
    return parse_version(addon.version)


def parse_version(text: str) -> Version:
    """The version that a text is; 0 for one that is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
