"""Wheels, looked at before anything is installed from them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from flatbed.installing.faults import WheelError
from flatbed.runtime.addons import CORE_DISTRIBUTION, parse_version
from flatbed.runtime.entry_points import ENTRY_POINTS, module_of
from flatbed.runtime.manifest import FILE_NAME, Manifest, read_manifest

_TEXT_MOST = 1 << 20
"""Bytes of metadata or a manifest; what is longer is none."""


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """One wheel file whose paths all stay within it.

    Attributes:
        path: The file.
        distribution: Its name, normalized.
        version: Of it.
        size: Of all that it holds, in bytes.
        requires: What it needs in this environment, but for the core.
    """

    path: Path
    distribution: str
    version: Version
    size: int
    requires: tuple[str, ...]


def read_wheel(path: Path) -> Wheel:
    """What a wheel says of itself.

    Raises:
        WheelError: If it is none, or has paths that lead out of it.
    """
    distribution, version = _parse_name(path)
    with _opened(path) as archive:
        for each in archive.infolist():
            _check_path(path, each.filename)
        facts = _facts(archive, path)
        return Wheel(
            path=path,
            distribution=distribution,
            version=version,
            size=sum(each.file_size for each in archive.infolist()),
            requires=tuple(_needed(facts, path)),
        )


def read_manifest_of(wheel: Wheel) -> Manifest:
    """The manifest of the add-on that a wheel brings.

    Raises:
        WheelError: If it brings none, or several.
        ManifestError: If the manifest is not right, or for another core.
    """
    with _opened(wheel.path) as archive, TemporaryDirectory() as folder:
        entries = _entries(_facts(archive, wheel.path), wheel.path)
        if len(entries) != 1:
            raise WheelError(
                f"{wheel.path.name} is no add-on: it must have one entry point in the group"
                f" '{ENTRY_POINTS}', and has {len(entries)}. Nothing was changed."
            )
        (entry,) = entries
        if text := _manifest(archive, module_of(entry), wheel.path):
            Path(folder, FILE_NAME).write_bytes(text)
        manifest = read_manifest(Path(folder))
    if manifest.name != entry.name:
        raise WheelError(
            f"The manifest in {wheel.path.name} is of '{manifest.name}', its entry point of"
            f" '{entry.name}'. Nothing was changed."
        )
    return manifest


def _parse_name(path: Path) -> tuple[str, Version]:
    try:
        name, version, *_ = parse_wheel_filename(path.name)
    except InvalidWheelFilename as error:
        raise WheelError(f"{path.name} is not called as wheels are: {error}.") from error
    return name, version


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            yield archive
    except (zipfile.BadZipFile, zlib.error, RuntimeError, UnicodeDecodeError) as error:
        raise WheelError(f"{path.name} is no wheel, or a damaged one: {error}.") from error
    except OSError as error:
        raise WheelError(f"{path.name} cannot be read: {error.strerror or error}.") from error


def _check_path(wheel: Path, name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise WheelError(
            f"{wheel.name} holds the path {name[:100]!r}, which leads out. Nothing was changed."
        )


def _facts(archive: zipfile.ZipFile, wheel: Path) -> metadata.Distribution:
    folders = {name.partition("/")[0] for name in archive.namelist()}
    found = [each for each in folders if each.endswith(".dist-info")]
    if len(found) != 1 or not _read_bounded(archive, f"{found[0]}/METADATA", wheel):
        raise WheelError(f"{wheel.name} is no wheel: it has no metadata. Nothing was changed.")
    _read_bounded(archive, f"{found[0]}/entry_points.txt", wheel)
    facts = metadata.PathDistribution(zipfile.Path(archive, f"{found[0]}/"))
    name, version = _parse_name(wheel)
    said = facts.metadata["Name"] or "", facts.metadata["Version"] or ""
    if (canonicalize_name(said[0]), parse_version(said[1])) != (name, version):
        raise WheelError(
            f"{wheel.name} says inside that it is {' '.join(said)}. Nothing was changed."
        )
    return facts


def _entries(facts: metadata.Distribution, wheel: Path) -> metadata.EntryPoints:
    try:
        return facts.entry_points.select(group=ENTRY_POINTS)
    except (TypeError, ValueError) as error:
        raise WheelError(f"The entry points in {wheel.name} cannot be read: {error}.") from error


def _needed(facts: metadata.Distribution, wheel: Path) -> Iterator[str]:
    for text in facts.requires or ():
        try:
            needed = Requirement(text)
        except InvalidRequirement as error:
            raise WheelError(f"{wheel.name} requires {text[:100]!r}: {error}.") from error
        is_here = needed.marker is None or needed.marker.evaluate({"extra": ""})
        # What an add-on needs of the core is said by the core_api in its manifest.
        if is_here and canonicalize_name(needed.name) != CORE_DISTRIBUTION:
            yield text


def _manifest(archive: zipfile.ZipFile, module: str, wheel: Path) -> bytes:
    """The manifest beside a module, which may stand in the folders of what is not pure Python."""
    inside = "/".join([*module.split("."), FILE_NAME])
    stem = "-".join(wheel.name.split("-")[:2])
    places = (inside, f"{stem}.data/purelib/{inside}", f"{stem}.data/platlib/{inside}")
    return next(filter(None, (_read_bounded(archive, each, wheel) for each in places)), b"")


def _read_bounded(archive: zipfile.ZipFile, name: str, wheel: Path) -> bytes:
    """A file of a wheel; empty if it is not there."""
    try:
        if archive.getinfo(name).file_size > _TEXT_MOST:
            raise WheelError(f"{name} in {wheel.name} is too big. Nothing was changed.")
        return archive.read(name)
    except KeyError:
        return b""
