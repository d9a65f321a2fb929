"""`flatbed addons`: what is installed, read without running any of it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

import msgspec
import typer

from flatbed.cli import output
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.config import Config
from flatbed.runtime.addons import CORE_DISTRIBUTION, Addon, BrokenAddon
from flatbed.runtime.discovery import ENTRY_POINTS, discover
from flatbed.runtime.manifest import Manifest

app = typer.Typer(no_args_is_help=True, help="Add-ons: what is installed.")


_NAMED_MOST = 3
"""More names than that are counted in the table; `--json` has all of them."""

_FILES = ("reads", "writes")


class AddonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One add-on, as `--json` prints it.

    `error` says why it cannot be used; what such a one brings is not known.
    """

    name: str
    version: str
    enabled: bool
    builtin: bool
    description: str
    brings: dict[str, list[str]]
    error: str | None


@app.command("list")
def list_addons(
    *, as_json: AsJson = False, config_file: ConfigFile = None, data_dir: DataDir = None
) -> None:
    """List the installed add-ons, and what they bring.

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
        ("Name", "Version", "State", "Brings"),
        [(each.name, each.version, _state(each), _brought(each)) for each in rows],
    )


def loading_faults(config: Config) -> list[str]:
    """A sentence for each add-on that cannot be used, with its name."""
    return [
        f"The add-on '{each.name}' was not loaded. {each.error.message}"
        for each in discover(config.addons).broken
    ]


def _rows(config: Config) -> list[AddonRow]:
    names = {entry.name for entry in metadata.entry_points(group=ENTRY_POINTS)}
    # What is switched off is left out otherwise.
    switched_on = {name: {**config.addons.get(name, {}), "enabled": True} for name in names}
    registry = discover(switched_on)
    rows = [_row(addon, config) for addon in registry]
    rows += [_broken_row(each, config) for each in registry.broken]
    return sorted(rows, key=lambda row: row.name)


def _row(addon: Addon, config: Config) -> AddonRow:
    own = config.addons.get(addon.name, {})
    return AddonRow(
        name=addon.name,
        version=addon.version,
        enabled=bool(own.get("enabled", addon.manifest.enabled)),
        builtin=addon.is_builtin,
        description=addon.manifest.description,
        brings=dict(_brings(addon.manifest)),
        error=None,
    )


def _broken_row(broken: BrokenAddon, config: Config) -> AddonRow:
    try:
        version = metadata.version(broken.distribution)
    except metadata.PackageNotFoundError:
        version = ""
    return AddonRow(
        name=broken.name,
        version=version,
        enabled=bool(config.addons.get(broken.name, {}).get("enabled", True)),
        builtin=broken.distribution == CORE_DISTRIBUTION,
        description="",
        brings={},
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


def _state(row: AddonRow) -> str:
    if row.error is not None:
        return "broken"
    return "enabled" if row.enabled else "disabled"


def _brought(row: AddonRow) -> str:
    if row.error is not None:
        return row.error
    return "; ".join(_listed(what, names) for what, names in row.brings.items() if names)


def _listed(what: str, names: list[str]) -> str:
    if len(names) <= _NAMED_MOST:
        return f"{what} {', '.join(names)}"
    return f"{what} {len(names)} kinds of files" if what in _FILES else f"{len(names)} {what}"
