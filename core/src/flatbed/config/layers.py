"""Where values come from: files, the environment, flags; each checked against the table."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.config.kinds import SWITCH, Kind, Unfit
from flatbed.errors import InvalidInputError

PREFIX = "FLATBED_"
_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[\w-]+)(?:\s*\.\s*(?:"[^"]*"|'[^']*'|[\w-]+))*)\s*=""")
_PART = re.compile(r"""["']([^"']*)["']|([\w-]+)""")


@dataclass(frozen=True)
class Setting:
    """One line of the table.

    Attributes:
        key: Its name in files; in capitals after `FLATBED_` in the environment.
        kind: What its values must be; of a table, what the values in it must be.
        default: What holds where nothing is said, as a person reads it.
        help: What it does, in a sentence or two.
        unit: Of a number, or empty.
        example: A line or two of TOML.
        depth: 0 for a value, 1 for a table of values, 2 for a table of tables.
        heading: Of the group of settings that begins here, or empty.
    """

    key: str
    kind: Kind[Any]
    default: str
    help: str
    unit: str
    example: str
    depth: int
    heading: str


@dataclass(frozen=True)
class Entry:
    """One value with the place that it comes from; `path` leads into tables of the table."""

    path: tuple[str, ...]
    value: Any
    source: str


def read_file(path: Path, settings: Mapping[str, Setting]) -> Iterator[Entry]:
    """The values of a TOML file.

    Raises:
        InvalidInputError: If it cannot be read or has something unknown or wrong; with the line.
    """
    try:
        text = path.read_text("utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidInputError(f"The settings in {path} cannot be read: {error}.") from error
    for where, value in _flatten(document, settings):
        line = line_of(text, where)
        source = f"{path} line {line}" if line else str(path)
        yield Entry(where, check(where, value, source=source, settings=settings), source)


def read_environment(
    environ: Mapping[str, str], settings: Mapping[str, Setting]
) -> Iterator[Entry]:
    """The values of the variables that begin with `FLATBED_`; `__` leads into a table."""
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX):
            path = _path_of_variable(name)
            setting = _find(path, name, settings)
            value = kind_of(path, setting).from_text(text)
            yield Entry(path, check(path, value, source=name, settings=settings), name)


def read_flags(flags: Mapping[str, Any], settings: Mapping[str, Setting]) -> Iterator[Entry]:
    """The values of the command line, by the names of settings; None is a flag not given."""
    for key, value in flags.items():
        if value is not None:
            source = "--" + key.replace("_", "-")
            plain = _plain(value)
            yield Entry((key,), check((key,), plain, source=source, settings=settings), source)


def check(
    path: tuple[str, ...], value: Any, *, source: str, settings: Mapping[str, Setting]
) -> Any:
    """The value in the form that the service uses.

    Raises:
        InvalidInputError: If there is no such setting or it does not take the value.
    """
    kind = kind_of(path, _find(path, source, settings))
    try:
        return kind.check(value)
    except Unfit as error:
        reason = str(error) or f"it must be {kind.label}, not {value!r}"
        raise InvalidInputError(f"'{'.'.join(path)}' in {source}: {reason}.") from error


def kind_of(path: tuple[str, ...], setting: Setting) -> Kind[Any]:
    """What the value at a path must be; `enabled` of an add-on is a switch, whoever made it."""
    is_switch = setting.depth == 2 and path[-1] == "enabled"
    return SWITCH if is_switch else setting.kind


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """The line of a TOML file where a value stands, or where the table that holds it begins."""
    table: tuple[str, ...] = ()
    best, best_length = None, 0
    for line_number, line in enumerate(text.splitlines(), 1):
        if header := _HEADER.match(line):
            found = table = _parts(header[1])
        elif key := _KEY.match(line):
            found = (*table, *_parts(key[1]))
        else:
            continue
        if len(found) > best_length and path[: len(found)] == found:
            best, best_length = line_number, len(found)
    return best


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(quoted or bare for quoted, bare in _PART.findall(dotted))


def _flatten(
    document: Mapping[str, Any], settings: Mapping[str, Setting]
) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value with its path; a table where none belongs is left whole, for `check`."""
    for key, value in document.items():
        depth = settings[key].depth if key in settings else 0
        yield from _descend((key,), value, depth)


def _descend(
    path: tuple[str, ...], value: Any, depth: int
) -> Iterator[tuple[tuple[str, ...], Any]]:
    if depth == 0 or not isinstance(value, dict):
        yield path, value
        return
    for key, each in value.items():
        yield from _descend((*path, key), each, depth - 1)


def _find(path: tuple[str, ...], source: str, settings: Mapping[str, Setting]) -> Setting:
    setting = settings.get(path[0])
    if setting is None:
        near = difflib.get_close_matches(path[0], settings, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else " `flatbed config show` lists them."
        raise InvalidInputError(f"There is no setting '{path[0]}' ({source}).{hint}")
    if len(path) != setting.depth + 1 or not all(path):
        raise InvalidInputError(
            f"'{'.'.join(path)}' in {source}: it must be like {setting.example!r}."
        )
    return setting


def _path_of_variable(name: str) -> tuple[str, ...]:
    """`FLATBED_ADDONS__OCR_PRO__PAGE_LIMIT` -> ("addons", "ocr-pro", "page_limit")."""
    parts = name.removeprefix(PREFIX).lower().split("__")
    # A variable's name has no hyphens; names of add-ons and operations have no underscores.
    hyphens = {1} if parts[0] in {"addons", "defaults"} else set()
    return tuple(
        part.replace("_", "-") if place in hyphens else part for place, part in enumerate(parts)
    )


def _plain(value: Any) -> Any:
    """What a flag holds as TOML would; a folder is meant from where the command was typed."""
    if isinstance(value, Path):
        return str(value.expanduser().absolute())
    return list(value) if isinstance(value, tuple) else value
