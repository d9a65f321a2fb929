"""From what a person named to the wheel of an add-on."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from flatbed.installing.faults import SourceError
from flatbed.installing.pip import Pip, Sources
from flatbed.runtime.addons import CORE_DISTRIBUTION

Tell = Callable[[str], None]


def obtain(
    wanted: str, version: str | None, *, sources: Sources, pip: Pip, folder: Path, tell: Tell
) -> Path:
    """Get or build the wheel.

    Args:
        wanted: The path of a wheel or of a project's folder, or a name with or without versions.
        version: Of what is looked up by name.
        sources: Where names may be looked up.
        pip: Does it.
        folder: Takes the wheel; empty.
        tell: Takes a line for each step.

    Raises:
        SourceError: If it is none of them, or names may not be looked up.
        InstallError: If it cannot be had or built.
    """
    path = Path(wanted).expanduser()
    if path.is_dir():
        return _build(path, pip=pip, folder=folder, tell=tell)
    if wanted.endswith(".whl") or "/" in wanted or path.exists():
        return _copy(path, folder)
    return _look_up(wanted, version, sources=sources, pip=pip, folder=folder, tell=tell)


def _build(project: Path, *, pip: Pip, folder: Path, tell: Tell) -> Path:
    if not (project / "pyproject.toml").is_file():
        raise SourceError(f"{project} is a folder without pyproject.toml, so it is no add-on.")
    tell(f"Building {project}")
    (wheel,) = pip.make_wheels([str(project.absolute())], folder, "--no-deps")
    return wheel


def _copy(path: Path, folder: Path) -> Path:
    if not path.is_file():
        raise SourceError(f"There is no file or folder {path}.")
    if path.suffix != ".whl":
        raise SourceError(f"{path} is no wheel. Name a .whl file or a project's folder.")
    # What is looked at must be what is installed, whatever becomes of the file meanwhile.
    return Path(shutil.copyfile(path, folder / path.name))


def _look_up(
    wanted: str, version: str | None, *, sources: Sources, pip: Pip, folder: Path, tell: Tell
) -> Path:
    requirement = _parse(wanted, version)
    if not sources:
        raise SourceError(
            f"Where to get '{wanted[:60]}' is not said. Name a wheel or a folder, or set"
            " addon_index or addon_folder in the configuration."
        )
    tell(f"Looking for {requirement}")
    (wheel,) = pip.make_wheels([requirement], folder, "--no-deps")
    return wheel


def _parse(wanted: str, version: str | None) -> str:
    """`barcode>=1.2` -> `flatbed-barcode>=1.2`: by name there are only ours."""
    try:
        parsed = Requirement(wanted)
        exactly = Requirement(f"x=={version}").specifier if version else ""
    except InvalidRequirement as error:
        raise SourceError(f"'{wanted[:60]}' is no add-on with versions: {error}.") from error
    if parsed.url or parsed.extras or parsed.marker:
        raise SourceError(f"'{wanted[:60]}' is more than a name with versions.")
    prefix = f"{CORE_DISTRIBUTION}-"
    versions = ",".join(filter(None, (str(parsed.specifier), str(exactly))))
    return f"{prefix}{parsed.name.removeprefix(prefix)}{versions}"
