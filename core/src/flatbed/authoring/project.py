"""An add-on as its author has it: a folder with a pyproject.toml, read without running its code."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.authoring.manifest_problems import manifest_problems
from flatbed.errors import InvalidInputError
from flatbed.runtime.addons import Addon
from flatbed.runtime.entry_points import ENTRY_POINTS
from flatbed.runtime.manifest import FILE_NAME, Manifest, fill_settings, read_manifest

PYPROJECT = "pyproject.toml"

_EXAMPLE = 'as [project.entry-points."flatbed.addons"] with hello = "flatbed_hello"'


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the file, from the project's folder on, and a sentence."""

    file: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.text}"


class ProjectError(InvalidInputError):
    """A folder that is no add-on yet; `problems` has everything that is wrong."""

    name = "addon_project_invalid"
    sentence = "This folder holds no add-on. Mend what is named, then try again."

    def __init__(self, message: str | None = None, /, *problems: Problem) -> None:
        super().__init__(message, problems=[str(each) for each in problems])
        self.problems = problems


@dataclass(frozen=True, kw_only=True)
class Project:
    """An add-on's folder.

    Attributes:
        folder: Absolute.
        addon: As its workers would have it, from source, with its default settings.
        requirements: The distributions that it needs, as it declares them.
    """

    folder: Path
    addon: Addon
    requirements: tuple[str, ...]


def read_project(folder: Path, config: Mapping[str, Any] | None = None) -> Project:
    """Read an add-on's folder.

    Args:
        folder: With a `pyproject.toml`, and the package in it or in its `src`.
        config: Settings of the add-on; its defaults for the rest.

    Raises:
        ProjectError: With everything that is wrong, by file.
        InvalidInputError: If a setting is.
    """
    folder = folder.resolve()
    project = _read_pyproject(folder)
    name, module = _entry_point(project)
    package = _package(folder, module)
    manifest = _read_manifest(folder, package, name)
    addon = Addon(
        manifest=manifest,
        version=str(project.get("version", "0")),
        module=module,
        distribution=str(project.get("name", "")),
        paths=(str(_top(package, module)),),
        config=fill_settings(manifest.config, dict(config or {}), of=f"The add-on '{name}'"),
    )
    requirements = project.get("dependencies", [])
    return Project(folder=folder, addon=addon, requirements=tuple(map(str, requirements)))


def _read_pyproject(folder: Path) -> dict[str, Any]:
    try:
        project = tomllib.loads((folder / PYPROJECT).read_text("utf-8")).get("project")
    except OSError as error:
        raise _wrong(f"There is none in {folder}. Name the add-on's own folder.") from error
    except (ValueError, RecursionError) as error:
        raise _wrong(f"It is no valid TOML: {error}.") from error
    if not isinstance(project, dict):
        raise _wrong("It has no [project] table.")
    problems = [Problem(PYPROJECT, text) for text in _project_problems(project)]
    if problems:
        raise _failure(problems)
    return project


def _project_problems(project: dict[str, Any]) -> Iterator[str]:
    if not isinstance(project.get("name"), str):
        yield "[project] has no name, such as flatbed-hello."
    if "version" not in project and "version" not in project.get("dynamic", []):
        yield "[project] has no version, such as 0.1.0."
    points = project.get("entry-points", {}).get(ENTRY_POINTS)
    if not isinstance(points, dict) or not points:
        yield f"There is no entry point in the group {ENTRY_POINTS}; write it {_EXAMPLE}."
    elif len(points) > 1:
        yield f"The group {ENTRY_POINTS} has {len(points)} entry points; an add-on has one."
    elif not all(_is_module(value) for value in points.values()):
        yield f"The entry point names no module: {next(iter(points.values()))!r}."


def _is_module(value: object) -> bool:
    return isinstance(value, str) and all(part.isidentifier() for part in value.split("."))


def _entry_point(project: dict[str, Any]) -> tuple[str, str]:
    ((name, module),) = project["entry-points"][ENTRY_POINTS].items()
    return name, module


def _package(folder: Path, module: str) -> Path:
    below = Path(*module.split("."))
    for top in (folder / "src", folder):
        if (top / below / "__init__.py").is_file():
            return top / below
    raise _wrong(f"The entry point names {module}, but there is no src/{below}/__init__.py.")


def _top(package: Path, module: str) -> Path:
    return package.parents[module.count(".")]


def _read_manifest(folder: Path, package: Path, name: str) -> Manifest:
    file = str((package / FILE_NAME).relative_to(folder))
    texts = manifest_problems(package)
    if texts:
        raise _failure([Problem(file, text) for text in texts])
    manifest = read_manifest(package)
    if manifest.name != name:
        text = f"It is of '{manifest.name}', but the entry point in {PYPROJECT} is '{name}'."
        raise _failure([Problem(file, text)])
    return manifest


def _wrong(text: str) -> ProjectError:
    return _failure([Problem(PYPROJECT, text)])


def _failure(problems: list[Problem]) -> ProjectError:
    return ProjectError("\n".join(map(str, problems)), *problems)
