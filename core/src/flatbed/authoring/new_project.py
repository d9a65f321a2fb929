"""A new add-on: the template copied, with every name in it changed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import flatbed
from flatbed.errors import InvalidInputError, NameTakenError, NotFoundError
from flatbed.runtime.discovery import builtin_names

FIRST_VERSION = "0.1.0"

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST_NAME = 64
_CORE = "core"
"""As the core is called among the versions of `GET /api/server/version`."""
# What tools leave in a project's folder.
_LEFT_OUT = re.compile(r"(__pycache__|\..*|dist|build|uv\.lock|.*\.pyc|.*\.egg-info)")
_CHANGELOG = "CHANGELOG.md"


class FolderTakenError(NameTakenError):
    """A folder of the new add-on's name is there already."""

    name = "folder_taken"
    sentence = "The folder is there already. Nothing was changed; choose another name or place."


def make_project(name: str, parent: Path) -> Path:
    """Make a folder of an add-on's name with the renamed template in it.

    Args:
        name: Small letters, digits and single hyphens.
        parent: Where; must be there.

    Returns:
        The new folder.

    Raises:
        InvalidInputError: For a name that cannot be, or a place that is none.
        FolderTakenError: If the folder is there already.
    """
    _check_name(name)
    target = parent / name
    if not parent.is_dir():
        raise InvalidInputError(f"There is no folder {parent}. Make it first, or choose another.")
    if target.exists():
        raise FolderTakenError(
            f"{target} is there already. Nothing was changed; choose another name or --folder."
        )
    try:
        _copy(template_folder(), target, name)
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        raise InvalidInputError(f"{target} cannot be written ({error.strerror}).") from error
    return target


def template_folder() -> Path:
    """The template: within the installed core, or beside it in its repository.

    Raises:
        NotFoundError: If it is in neither place.
    """
    package = Path(flatbed.__file__).parent
    for folder in (package / "template", package.parents[2] / "addons" / "template"):
        if (folder / "pyproject.toml").is_file():
            return folder
    raise NotFoundError("The template of add-ons is missing. Install Flatbed again.")


def rename(text: str, name: str) -> str:
    """A text of the template with all its names changed.

    Only whole words become others: `flatbed_templates`, say, would stay.
    """
    table = _table(name)
    words = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))
    return re.sub(rf"(?<![\w-])({words})(?![\w-])", lambda found: table[found[1]], text)


def _table(name: str) -> dict[str, str]:
    """What becomes what."""
    return {
        "flatbed-template": f"flatbed-{name}",
        "flatbed_template": f"flatbed_{_identifier(name)}",
        "test_template.py": f"test_{_identifier(name)}.py",
        "template": name,
        "The Flatbed maintainers": "Your name",
        "An add-on of Flatbed to begin from.": f"The add-on {name} of Flatbed.",
    }


def _identifier(name: str) -> str:
    return name.replace("-", "_")


def _check_name(name: str) -> None:
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise InvalidInputError(
            f"'{name[:80]}' cannot name an add-on. Take small letters, digits and single hyphens,"
            " a letter first, as in read-stamps."
        )
    if name in builtin_names() | {_CORE}:
        raise InvalidInputError(f"'{name}' is a part of Flatbed itself. Choose another name.")


def _copy(template: Path, target: Path, name: str) -> None:
    for file in _files(template):
        copy = target / rename_path(file.relative_to(template), name)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(_content(file, name), "utf-8")


def rename_path(path: Path, name: str) -> Path:
    """A path within the template with its names changed."""
    return Path(*(rename(part, name) for part in path.parts))


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if _LEFT_OUT.fullmatch(path.name):
            continue
        if path.is_dir():
            yield from _files(path)
        else:
            yield path


def _content(file: Path, name: str) -> str:
    text = file.read_text("utf-8")
    if file.name == "LICENSE":
        return text
    if file.name == _CHANGELOG:
        return (
            f"# Changelog of flatbed-{name}\n\n## {FIRST_VERSION}, not released yet\n\n- Begun.\n"
        )
    if file.name == "pyproject.toml":
        text = re.sub(r'(?m)^version = "[^"]*"$', f'version = "{FIRST_VERSION}"', text)
    return rename(text, name)
