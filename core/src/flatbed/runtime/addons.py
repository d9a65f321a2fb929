"""One version of one add-on: what it declares, and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from packaging.version import InvalidVersion, Version

from flatbed.errors import FlatbedError
from flatbed.runtime.manifest import Manifest

CORE_DISTRIBUTION = "flatbed"


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
    """What was found but cannot be used, and why.

    Attributes:
        name: By its entry point or its folder.
        distribution: The name that it is installed under.
        error: Why.
        version: Of its distribution, where that is known.
        manifest: Where that could be read.
    """

    name: str
    distribution: str
    error: FlatbedError
    version: str = ""
    manifest: Manifest | None = None


def parse_version(text: str) -> Version:
    """The version that a text is; 0 for one that is none."""
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")
