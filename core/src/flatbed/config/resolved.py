"""The configuration that holds: the table filled from all places, the later over the earlier."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple, Self

from flatbed.config.layers import Entry, Setting, read_environment, read_file, read_flags
from flatbed.config.table import SETTINGS, SettingsTable
from flatbed.errors import InvalidInputError
from flatbed.system import user_config_folder

SYSTEM_FILE = Path("/etc/flatbed/config.toml")

_PORTS = ("port", "tls_port", "status_port", "status_tls_port")
_NOT_ABOVE = (
    ("list_shown_s", "list_hard_s"),
    ("cancel_ack_s", "cancel_term_s"),
    ("cancel_term_s", "cancel_kill_s"),
)


class Explained(NamedTuple):
    """One value for the eyes of a person; `source` is a file with its line, a variable, a flag."""

    key: str
    value: Any
    source: str
    help: str


@dataclass(frozen=True, kw_only=True)
class Config(SettingsTable):
    """All settings, each with the value that holds; `docs/settings.md` lists them.

    Attributes:
        sources: Where values come from that are not the defaults, by their path in the table.
    """

    sources: Mapping[tuple[str, ...], str] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def load(
        cls,
        config_file: Path | None = None,
        environ: Mapping[str, str] | None = None,
        *,
        flags: Mapping[str, Any] | None = None,
        system_file: Path = SYSTEM_FILE,
    ) -> Self:
        """Read all places, the later one over the earlier.

        Args:
            config_file: In place of the user's file; must be there.
            environ: In place of the process's environment.
            flags: Values of the command line by the names of settings; None is not given.
            system_file: The machine's file; need not be there.

        Raises:
            InvalidInputError: If something is unknown or wrong; says where.
        """
        found: dict[tuple[str, ...], Entry] = {}
        for path in _files(config_file, system_file):
            found |= {entry.path: entry for entry in read_file(path, SETTINGS)}
        variables = read_environment(os.environ if environ is None else environ, SETTINGS)
        found |= {entry.path: entry for entry in variables}
        found |= {entry.path: entry for entry in read_flags(flags or {}, SETTINGS)}
        config = cls(**_nested(found), sources={path: each.source for path, each in found.items()})
        config._check_agreement()
        return config

    def explain(self) -> list[Explained]:
        """Every setting in the table's order, with its value, its source and what it does."""
        return [row for setting in SETTINGS.values() for row in self._explain(setting)]

    def _explain(self, setting: Setting) -> Iterator[Explained]:
        for path, value in _leaves((setting.key,), getattr(self, setting.key), setting.depth):
            source = self.sources.get(path, "default")
            yield Explained(".".join(path), value, source, setting.help)

    def _check_agreement(self) -> None:
        """Refuse values that are fine alone and absurd together."""
        for lower, higher in _NOT_ABOVE:
            if getattr(self, lower) > getattr(self, higher):
                raise InvalidInputError(
                    f"{lower} ({self._said(lower)}) must not be above {higher}"
                    f" ({self._said(higher)})."
                )
        for one, other in combinations(_PORTS, 2):
            if getattr(self, one) == getattr(self, other) != 0:
                raise InvalidInputError(f"{other} ({self._said(other)}) is the same as {one}.")

    def _said(self, key: str) -> str:
        return f"{getattr(self, key):g}, {self.sources.get((key,), 'default')}"


def _files(config_file: Path | None, system_file: Path) -> list[Path]:
    user_file = config_file or user_config_folder() / "config.toml"
    # A file that was named must be there, the others need not.
    return [each for each in (system_file, user_file) if each == config_file or _is_there(each)]


def _is_there(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        # In a closed folder, say: it must not be passed over, and reading it will tell why.
        return True
    return True


def _nested(found: Mapping[tuple[str, ...], Entry]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for path, entry in found.items():
        table = values
        for key in path[:-1]:
            table = table.setdefault(key, {})
        table[path[-1]] = entry.value
    return values


def _leaves(path: tuple[str, ...], value: Any, depth: int) -> Iterator[tuple[tuple[str, ...], Any]]:
    if depth == 0:
        yield path, value
        return
    for key, each in value.items():
        yield from _leaves((*path, key), each, depth - 1)
