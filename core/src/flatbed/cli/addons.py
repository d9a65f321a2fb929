"""`flatbed addons`: what is installed, read without running any of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

import msgspec
import typer

from flatbed.cli import output
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.config import Config
from flatbed.runtime.addons import Addon, BrokenAddon, Place, parse_version
from flatbed.runtime.discovery import discover
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.registry import Registry
from flatbed.runtime.seal import AddonChangedError
from flatbed.runtime.shelf import Shelf

app = typer.Typer(
    no_args_is_help=True,
    help="Add-ons: what is installed, and putting them in, taking them out, switching them.",
)

State: TypeAlias = Literal["enabled", "disabled", "broken", "changed"]

_NAMED_MOST = 3
"""More names than that are counted in the table; `--json` has all of them."""

_FILES = ("reads", "writes")


class AddonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an add-on, as `--json` prints it.

    `error` says why it cannot be used. `where` is `core`, `environment` for what was put into
    Flatbed's own environment, or `installed` for what `flatbed addons install` has installed.
    """

    name: str
    version: str
    state: State
    where: Place
    enabled: bool
    builtin: bool
    description: str
    brings: dict[str, list[str]]
    error: str | None


@app.command("list")
def list_addons(
    *, as_json: AsJson = False, config_file: ConfigFile = None, data_dir: DataDir = None
) -> None:
    """List the add-ons with every version that is there, and what they bring.

    \b
    Examples:
      flatbed addons list
      flatbed addons list --json
    """
    rows = _rows(load_config(config_file, data_dir))
    if as_json:
        output.say_json(rows)
        return
    output.say_table(
        ("Name", "Version", "State", "Where", "Brings"),
        [(each.name, each.version, each.state, each.where, _brought(each)) for each in rows],
    )


def look_for_addons(config: Config) -> Registry:
    """All that is installed for a configuration.

    Raises:
        ShelfStateError: If what was enabled and disabled cannot be read.
        FolderError: If the folder of the add-ons cannot be read.
    """
    return discover(config.addons, config.defaults, data_dir=config.data_dir)


def loading_faults(config: Config) -> list[str]:
    """A sentence for each add-on that cannot be used, with its name."""
    return [
        f"The add-on '{each.name}' was not loaded. {each.error.message}"
        for each in look_for_addons(config).broken
    ]


def state_of(each: Addon | BrokenAddon, *, enabled: tuple[Addon, ...]) -> State:
    """How an add-on is, in a word."""
    if isinstance(each, BrokenAddon):
        return "changed" if isinstance(each.error, AddonChangedError) else "broken"
    return "enabled" if each in enabled else "disabled"


def _rows(config: Config) -> list[AddonRow]:
    inventory = look_for_addons(config).inventory()
    switches = {
        **Shelf(config.data_dir).read_state().enabled,
        **{name: bool(own["enabled"]) for name, own in config.addons.items() if "enabled" in own},
    }
    rows = [_row(addon, state_of(addon, enabled=inventory.enabled)) for addon in inventory.addons]
    rows += [_broken_row(each, switches.get(each.name, True)) for each in inventory.broken]
    rows.sort(key=lambda row: parse_version(row.version), reverse=True)
    return sorted(rows, key=lambda row: row.name)


def _row(addon: Addon, state: State) -> AddonRow:
    return AddonRow(
        name=addon.name,
        version=addon.version,
        state=state,
        where=addon.place,
        enabled=state == "enabled",
        builtin=addon.is_builtin,
        description=addon.manifest.description,
        brings=dict(_brings(addon.manifest)),
        error=None,
    )


def _broken_row(broken: BrokenAddon, is_enabled: bool) -> AddonRow:  # noqa: FBT001 - a column
    return AddonRow(
        name=broken.name,
        version=broken.version,
        state=state_of(broken, enabled=()),
        where=broken.place,
        enabled=is_enabled,
        builtin=broken.place == "core",
        description=broken.manifest.description if broken.manifest else "",
        brings=dict(_brings(broken.manifest)) if broken.manifest else {},
        error=broken.error.message,
    )


def _brings(manifest: Manifest) -> Iterator[tuple[str, list[str]]]:
    if manifest.scanners:
        yield "scanners", [manifest.scanners.kind]
    if manifest.cameras:
        yield "cameras", [manifest.cameras.kind]
    if manifest.documents:
        yield "reads", manifest.documents.load
        yield "writes", manifest.documents.save
    if manifest.destinations:
        yield "uploads", manifest.destinations.schemes
    yield "operations", list(manifest.operations)
    yield "edits", list(manifest.edits)
    yield "routes", list(manifest.routes)


def _brought(row: AddonRow) -> str:
    if row.error is not None:
        return row.error
    return "; ".join(_listed(what, names) for what, names in row.brings.items() if names)


def _listed(what: str, names: list[str]) -> str:
    if len(names) <= _NAMED_MOST:
        return f"{what} {', '.join(names)}"
    return f"{what} {len(names)} kinds of files" if what in _FILES else f"{len(names)} {what}"
