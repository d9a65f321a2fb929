"""Putting one version of an add-on, with all that it needs, into the data folder."""

from __future__ import annotations

import compileall
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from py_compile import PycInvalidationMode

from packaging.utils import canonicalize_name

from flatbed import system
from flatbed.errors import FlatbedError
from flatbed.installing.changes import changing, put_in_place, write_state
from flatbed.installing.faults import (
    AlreadyInstalledError,
    InstallSpaceError,
    NameClashError,
    SecondCoreError,
    SourceError,
    WheelError,
)
from flatbed.installing.obtaining import Tell, obtain
from flatbed.installing.pip import Pip, Sources
from flatbed.installing.records import check_records
from flatbed.installing.wheels import Wheel, read_manifest_of, read_wheel
from flatbed.runtime.addons import CORE_DISTRIBUTION, parse_version
from flatbed.runtime.discovery import builtin_names
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.seal import SEAL, Seal, write_seal
from flatbed.runtime.shelf import Shelf, Slot

_MIB = 1 << 20
_SPARE = 16 * _MIB
"""What is left free besides: for the compiled code, and for whoever else writes."""


@dataclass(frozen=True, kw_only=True)
class InstallOrder:
    """What a person wants installed.

    Attributes:
        wanted: A wheel, a project's folder, or a name, with or without versions.
        version: The one that it must be.
        replaces: Install it also where it is already there, and whole.
        sources: Where packages come from.
    """

    wanted: str
    version: str | None = None
    replaces: bool = False
    sources: Sources = field(default_factory=Sources)


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What was installed.

    Attributes:
        slot: Its place.
        manifest: What it declares.
        needs: The distributions that came with it, as `name version`.
    """

    slot: Slot
    manifest: Manifest
    needs: tuple[str, ...]


def install(order: InstallOrder, shelf: Shelf, tell: Tell) -> Installed:
    """Install one version of an add-on; whole, or nothing is changed.

    Args:
        order: What.
        shelf: Where.
        tell: Takes a line for each step.

    Raises:
        InstallError: Why it cannot be.
        ManifestError: If its manifest is not right, or for another core.
        AddonsBusyError: If another command is changing the add-ons.
        ShelfStateError: If what was enabled and disabled cannot be read.
    """
    state = shelf.read_state()
    with changing(shelf) as stage:
        installed = _install(order, shelf, stage, tell)
        write_state(shelf, state.enabled)
    return installed


def _install(order: InstallOrder, shelf: Shelf, stage: Path, tell: Tell) -> Installed:
    files, own, needs, scratch = (stage / each for each in ("files", "own", "needs", "scratch"))
    for each in (files, own, needs, scratch):
        each.mkdir()
    pip = Pip(order.sources, scratch)
    path = obtain(
        order.wanted, order.version, sources=order.sources, pip=pip, folder=own, tell=tell
    )
    wheel = read_wheel(path)
    manifest = read_manifest_of(wheel)
    slot = _find_slot(wheel, manifest, shelf)
    _check_wanted(order, slot)
    wheels = [wheel, *_get_needs(wheel, pip, needs, tell)]
    _check_room(wheels, shelf.folder)
    tell(f"Installing {slot.name} {slot.version}")
    pip.install([each.path for each in wheels], files)
    _finish(files, slot)
    put_in_place(files, slot.folder, stage)
    brought = tuple(f"{each.distribution} {each.version}" for each in wheels[1:])
    return Installed(slot=slot, manifest=manifest, needs=brought)


def _find_slot(wheel: Wheel, manifest: Manifest, shelf: Shelf) -> Slot:
    if manifest.name in builtin_names():
        raise NameClashError(
            f"An add-on '{manifest.name}' comes with the core. Nothing was changed; this one must"
            " have another name."
        )
    version = str(wheel.version)
    return Slot(manifest.name, version, shelf.folder / manifest.name / version)


def _check_wanted(order: InstallOrder, slot: Slot) -> None:
    if order.version and parse_version(order.version) != parse_version(slot.version):
        raise SourceError(
            f"{order.wanted} is version {slot.version} of '{slot.name}', not {order.version}."
            " Nothing was changed."
        )
    if slot.folder.exists() and not order.replaces and _is_whole(slot):
        raise AlreadyInstalledError(
            f"'{slot.name}' {slot.version} is installed already. Nothing was changed; --force"
            " installs it again."
        )


def _is_whole(slot: Slot) -> bool:
    try:
        Seal(slot.folder, slot.name, slot.version).check()
    except FlatbedError:
        return False
    return True


def _get_needs(wheel: Wheel, pip: Pip, folder: Path, tell: Tell) -> list[Wheel]:
    if not wheel.requires:
        return []
    tell(f"Getting what it needs: {', '.join(wheel.requires)}")
    needs = [read_wheel(path) for path in pip.make_wheels(wheel.requires, folder)]
    for each in needs:
        if each.distribution == CORE_DISTRIBUTION:
            raise SecondCoreError(
                f"Something that '{wheel.distribution}' needs would bring Flatbed {each.version}"
                " along. Nothing was changed; an add-on's needs must not require flatbed."
            )
    return needs


def _check_room(wheels: Sequence[Wheel], folder: Path) -> None:
    needed, free = sum(each.size for each in wheels) + _SPARE, system.free_bytes(folder)
    if needed > free:
        raise InstallSpaceError(
            f"The add-on needs {needed // _MIB} MiB, {free // _MIB} MiB are free in {folder}."
            " Nothing was changed; free some space."
        )


def _finish(files: Path, slot: Slot) -> None:
    """Check what pip has made of the wheels, compile it, and seal it."""
    check_records(files)
    _check_names(files)
    compileall.compile_dir(
        files,
        quiet=2,
        stripdir=str(files),
        prependdir=str(slot.folder),
        # Never stale, so never written again by a worker; the seal tells what was changed.
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    write_seal(files)


def _check_names(files: Path) -> None:
    names = {each.name.partition(".")[0] for each in files.iterdir()}
    names |= {canonicalize_name(each.name) for each in metadata.distributions(path=[str(files)])}
    if CORE_DISTRIBUTION in names:
        raise SecondCoreError
    if (files / SEAL).exists():
        raise WheelError(f"A wheel puts a file '{SEAL}' beside its modules. Nothing was changed.")
