"""What `flatbed addons install` has put into the data folder: `addons/<name>/<version>/`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import msgspec

from flatbed.errors import FlatbedError, FolderError
from flatbed.runtime.addons import Addon, parse_version
from flatbed.runtime.entry_points import ENTRY_POINTS, module_of
from flatbed.runtime.manifest import Manifest, ManifestError, read_manifest
from flatbed.runtime.seal import Seal

FOLDER = "addons"
STATE = "state.json"


class ShelfStateError(FlatbedError):
    """The file that says which add-ons a person has switched on or off cannot be read."""

    name = "addon_state_unreadable"
    sentence = (
        "The file with the add-ons that were enabled or disabled cannot be read. Delete it, then"
        " enable or disable them again."
    )


class ShelfState(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds: add-ons that a person has enabled or disabled, by name."""

    enabled: dict[str, bool] = {}


@dataclass(frozen=True)
class Slot:
    """The place of one version."""

    name: str
    version: str
    folder: Path


class Shelf:
    """The installed add-ons of one data folder.

    Args:
        data_dir: Of the service; it need not be there yet.
    """

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / FOLDER
        self._seals: dict[Path, Seal] = {}

    def slots(self) -> Iterator[Slot]:
        """Every version, by name.

        Raises:
            FolderError: If a folder cannot be read.
        """
        for name in _folders(self.folder):
            for version in _folders(name):
                yield Slot(name.name, version.name, version)

    def seal(self, slot: Slot) -> Seal:
        """The seal of a version: the same one as before while its file is the same.

        Raises:
            AddonChangedError: If it cannot be read.
        """
        read = Seal(slot.folder, slot.name, slot.version)
        known = self._seals.get(slot.folder)
        if known is None or known.digest != read.digest:
            self._seals[slot.folder] = known = read
        return known

    def read_state(self) -> ShelfState:
        """What a person has enabled or disabled.

        Raises:
            ShelfStateError: If the file cannot be read.
        """
        path = self.folder / STATE
        try:
            return msgspec.json.decode(path.read_bytes(), type=ShelfState)
        except FileNotFoundError:
            return ShelfState()
        except (OSError, msgspec.DecodeError) as error:
            raise ShelfStateError(
                f"{path} cannot be read. Delete it, then enable or disable add-ons again."
            ) from error

    def stamp(self) -> tuple[int, ...]:
        """Another one after each command that changed anything here; costs one look at a file."""
        try:
            found = (self.folder / STATE).stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size


def read_distribution(slot: Slot) -> tuple[metadata.Distribution, metadata.EntryPoint]:
    """The distribution in a slot that brings the add-on, among those that it needs.

    Raises:
        ManifestError: If there is none.
    """
    try:
        for each in metadata.distributions(path=[str(slot.folder)]):
            for entry in each.entry_points.select(group=ENTRY_POINTS, name=slot.name):
                return each, entry
    except (TypeError, ValueError) as error:
        raise ManifestError(f"The entry points in its folder cannot be read: {error}.") from error
    raise ManifestError("No distribution in its folder brings it. Install the add-on again.")


def read_slot(slot: Slot) -> Addon:
    """The add-on in a slot, without its settings and its seal.

    Raises:
        ManifestError: If it is not what its folder says, or its manifest is not right.
    """
    distribution, entry = read_distribution(slot)
    module = module_of(entry)
    manifest = read_manifest(slot.folder.joinpath(*module.split(".")))
    _check_names(slot, distribution, manifest)
    return Addon(
        manifest=manifest,
        version=slot.version,
        module=module,
        distribution=distribution.name,
        paths=(str(slot.folder),),
    )


def _check_names(slot: Slot, distribution: metadata.Distribution, manifest: Manifest) -> None:
    if manifest.name != slot.name:
        raise ManifestError(f"The manifest is of '{manifest.name}', not of '{slot.name}'.")
    # Damaged metadata have no version.
    if parse_version(distribution.version or "") != parse_version(slot.version):
        raise ManifestError(
            f"Its folder is called {slot.version}, its distribution {distribution.version}."
            " Install the add-on again."
        )


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [each.name for each in entries if _is_folder(each)]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FolderError.of(folder, f"cannot be read ({error.strerror})") from error
    return [folder / name for name in sorted(names)]


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # What begins with a dot is work that was broken off.
    return entry.name[0] != "." and entry.is_dir(follow_symlinks=False)
