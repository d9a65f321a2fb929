"""`flatbed addons info`: all that an add-on says of itself, without running it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from flatbed.cli import output
from flatbed.cli.addons import State, look_for_addons, state_of
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.config import Config
from flatbed.errors import AddonMissingError, FlatbedError
from flatbed.runtime.addons import Addon, BrokenAddon, Inventory, Place, parse_version
from flatbed.runtime.manifest import Manifest, Setting
from flatbed.runtime.shelf import Shelf, Slot, read_distribution


class AddonInfo(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an add-on, as `--json` prints it.

    `needs` are the distributions that lie beside it in its folder, as `name version`; `versions`
    are all that there are of it, newest first.
    """

    name: str
    version: str
    state: State
    where: Place
    folder: str | None
    distribution: str
    license: str
    author: str
    needs: list[str]
    versions: list[str]
    error: str | None
    manifest: dict[str, Any] | None


def info(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The add-on's name.", show_default=False)
    ],
    *,
    version: Annotated[
        str | None,
        typer.Option(metavar="VERSION", help="Which; the newest without it.", show_default=False),
    ] = None,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Tell what an add-on brings, where it lies, who made it, and what came with it.

    \b
    Examples:
      flatbed addons info imaging
      flatbed addons info hello --version 1.0
      flatbed addons info hello --json
    """
    config = load_config(config_file, data_dir)
    inventory = look_for_addons(config).inventory()
    versions = _versions(name, inventory)
    found = _choose(versions, name, version)
    told = _describe(found, [each.version for each in versions], inventory, config)
    if as_json:
        output.say_json(told)
        return
    output.say_table(("Add-on", f"{told.name} {told.version}"), _facts(told, found.manifest))
    for title, settings in _tables(found.manifest):
        output.say(f"\n{title}")
        if settings:
            output.say_table(
                ("  Setting", "Type", "Default", "What"),
                [_setting(each, setting) for each, setting in settings.items()],
            )


def _versions(name: str, inventory: Inventory) -> list[Addon | BrokenAddon]:
    every: list[Addon | BrokenAddon] = [*inventory.enabled, *inventory.disabled, *inventory.broken]
    found = [each for each in every if each.name == name]
    return sorted(found, key=lambda each: parse_version(each.version), reverse=True)


def _choose(
    versions: list[Addon | BrokenAddon], name: str, version: str | None
) -> Addon | BrokenAddon:
    for each in versions:
        if version is None or parse_version(each.version) == parse_version(version):
            return each
    there = ", ".join(each.version for each in versions)
    asked = f"{name} {version}" if version else name
    raise AddonMissingError(
        f"No add-on '{asked[:80]}' is installed. "
        + (f"There are the versions {there}." if there else "See what is: flatbed addons list")
    )


def _describe(
    found: Addon | BrokenAddon, versions: list[str], inventory: Inventory, config: Config
) -> AddonInfo:
    shelf = Shelf(config.data_dir)
    folder = shelf.folder / found.name / found.version if found.place == "installed" else None
    distribution = _distribution(found, folder)
    facts: Any = distribution.metadata if distribution else {}
    return AddonInfo(
        name=found.name,
        version=found.version,
        state=state_of(found, enabled=inventory.enabled),
        where=found.place,
        folder=str(folder) if folder else None,
        distribution=distribution.name if distribution else found.distribution,
        license=_first(facts, "License-Expression", "License"),
        author=_first(facts, "Author", "Author-email", "Maintainer", "Maintainer-email"),
        needs=_needs(folder, distribution) if folder else [],
        versions=versions,
        error=found.error.message if isinstance(found, BrokenAddon) else None,
        manifest=msgspec.to_builtins(found.manifest) if found.manifest else None,
    )


def _distribution(found: Addon | BrokenAddon, folder: Path | None) -> metadata.Distribution | None:
    try:
        if folder is not None:
            return read_distribution(Slot(found.name, found.version, folder))[0]
        return metadata.distribution(found.distribution)
    except (FlatbedError, metadata.PackageNotFoundError, ValueError):
        return None  # of what is broken there may be nothing to read


def _needs(folder: Path, own: metadata.Distribution | None) -> list[str]:
    return sorted(
        f"{each.name} {each.version}"
        for each in metadata.distributions(path=[str(folder)])
        if own is None or each.name != own.name
    )


def _first(facts: Any, *names: str) -> str:
    found = (facts[name] for name in names if name in facts)
    # A licence may stand there in full.
    return next((str(each).partition("\n")[0][:200] for each in found if each), "")


def _facts(told: AddonInfo, manifest: Manifest | None) -> Iterator[tuple[str, str]]:
    facts = {
        "What": manifest.description if manifest else "",
        "State": f"{told.state}. {told.error}" if told.error else told.state,
        "Where": f"{told.where}, {told.folder}" if told.folder else told.where,
        "Distribution": told.distribution,
        "Licence": told.license,
        "Author": told.author,
        "Written for": f"core_api {manifest.core_api}" if manifest else "",
        "Other versions": ", ".join(each for each in told.versions if each != told.version),
        "Came with": ", ".join(told.needs),
        **(_brings(manifest) if manifest else {}),
    }
    return ((name, value) for name, value in facts.items() if value)


def _brings(manifest: Manifest) -> dict[str, str]:
    return {
        "Scanners": manifest.scanners.kind if manifest.scanners else "",
        "Cameras": manifest.cameras.kind if manifest.cameras else "",
        "Reads": ", ".join(manifest.loads),
        "Writes": ", ".join(manifest.saves),
        "Uploads to": ", ".join(manifest.destinations.schemes) if manifest.destinations else "",
        "Routes": ", ".join(
            f"{'|'.join(route.methods)} {path}" for path, route in manifest.routes.items()
        ),
    }


def _tables(manifest: Manifest | None) -> Iterator[tuple[str, dict[str, Setting]]]:
    if manifest is None:
        return
    for name, operation in manifest.operations.items():
        yield _title("Operation", name, operation.help), operation.settings
    for name, edit in manifest.edits.items():
        yield _title("Edit", name, edit.help), edit.settings
    if manifest.config:
        yield f"Configuration, [addons.{manifest.name}]", manifest.config


def _title(kind: str, name: str, about: str) -> str:
    return f"{kind} {name}: {about}" if about else f"{kind} {name}"


def _setting(name: str, setting: Setting) -> tuple[str, str, str, str]:
    default = "" if setting.default is None else msgspec.json.encode(setting.default).decode()
    limits = [f"one of {', '.join(map(str, setting.choices))}"] if setting.choices else []
    limits += [f"from {setting.minimum:g}"] if setting.minimum is not None else []
    limits += [f"to {setting.maximum:g}"] if setting.maximum is not None else []
    about = " ".join(filter(None, (setting.help, f"({' '.join(limits)})" if limits else "")))
    kind = f"{setting.type} {setting.unit}".strip()
    return f"  {name}", kind, default, about
