"""Taking add-ons out of the data folder, and switching them on and off."""

from __future__ import annotations

from collections.abc import Sequence

from flatbed.errors import AddonMissingError, FlatbedError
from flatbed.installing.changes import changing, take_away, write_state
from flatbed.installing.faults import NotRemovableError
from flatbed.runtime.addons import Addon, BrokenAddon, Inventory, parse_version
from flatbed.runtime.shelf import Shelf, Slot


class AmbiguousVersionError(FlatbedError):
    """Several versions are installed, and none was named."""

    status, name = 409, "addon_ambiguous"
    sentence = "Several versions are installed. Name one with --version."


def remove(name: str, version: str | None, *, shelf: Shelf, inventory: Inventory) -> Slot:
    """Take one version of an add-on out of the data folder.

    Args:
        name: Of the add-on.
        version: Which; `None` where there is only one.
        shelf: Where from.
        inventory: All that is installed, for the way out where it lies elsewhere.

    Raises:
        AddonMissingError: If it is not installed.
        AmbiguousVersionError: If there are several.
        NotRemovableError: If it is installed, but not there.
        AddonsBusyError: If another command is changing the add-ons.
    """
    state = shelf.read_state()
    with changing(shelf) as stage:
        slots = [each for each in shelf.slots() if each.name == name]
        slot = _choose(slots, name, version, inventory)
        take_away(slot.folder, stage)
        enabled = dict(state.enabled)
        if len(slots) == 1 and not _elsewhere(name, inventory):
            # Whoever installs it again wants to use it.
            enabled.pop(name, None)
        write_state(shelf, enabled)
    return slot


def switch(name: str, *, is_on: bool, shelf: Shelf, inventory: Inventory) -> None:
    """Say that an add-on is to be used, or not; the configuration goes before it.

    Raises:
        AddonMissingError: If it is not installed.
        AddonsBusyError: If another command is changing the add-ons.
    """
    if not _called(name, inventory):
        raise _missing(name)
    with changing(shelf):
        write_state(shelf, {**shelf.read_state().enabled, name: is_on})


def _choose(slots: Sequence[Slot], name: str, version: str | None, inventory: Inventory) -> Slot:
    if version is not None:
        wanted = parse_version(version)
        fitting = [each for each in slots if parse_version(each.version) == wanted]
    else:
        fitting = list(slots)
    if len(fitting) > 1:
        versions = ", ".join(each.version for each in fitting)
        raise AmbiguousVersionError(
            f"Several versions of '{name}' are installed: {versions}. Name one with --version."
        )
    if fitting:
        return fitting[0]
    raise _not_removable(name, version, inventory)


def _not_removable(name: str, version: str | None, inventory: Inventory) -> FlatbedError:
    for each in _elsewhere(name, inventory):
        if version is not None and parse_version(version) != parse_version(each.version):
            continue
        if each.place == "core":
            return NotRemovableError(
                f"'{name}' comes with the core and cannot be removed. Switch it off with: flatbed"
                f" addons disable {name}"
            )
        return NotRemovableError(
            f"'{name}' {each.version} is installed in Flatbed's own environment. Remove it there"
            f" with: pip uninstall {each.distribution}"
        )
    return _missing(f"{name} {version}" if version else name)


def _elsewhere(name: str, inventory: Inventory) -> list[Addon | BrokenAddon]:
    return [each for each in _called(name, inventory) if each.place != "installed"]


def _called(name: str, inventory: Inventory) -> list[Addon | BrokenAddon]:
    found: list[Addon | BrokenAddon] = [*inventory.addons, *inventory.broken]
    return [each for each in found if each.name == name]


def _missing(what: str) -> AddonMissingError:
    return AddonMissingError(
        f"No add-on '{what[:80]}' is installed. See what is: flatbed addons list"
    )
