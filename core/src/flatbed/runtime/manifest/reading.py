"""Reading a manifest, without importing the add-on, and what it must not say."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from flatbed.addon.types import CORE_API
from flatbed.errors import InvalidInputError
from flatbed.runtime.manifest.setting import Setting, check_setting
from flatbed.runtime.manifest.tables import (
    CORE_API_PATTERN,
    MANIFEST_VERSION,
    Documents,
    Manifest,
)

FILE_NAME = "addon.toml"
RESERVED = "jobs"
"""What `/api/process/jobs` means already."""

_CORE_API = re.compile(CORE_API_PATTERN)
_ROUTE = re.compile(r"(/([a-z0-9-]+|\{[a-z_]+\}))+")


class ManifestError(InvalidInputError):
    """A manifest that does not say what it must; the add-on is not loaded."""

    name = "manifest_invalid"
    sentence = "The add-on's manifest cannot be read."


class CoreApiUnfitError(ManifestError):
    """An add-on that was written for another contract than this core's.

    Attributes:
        manifest: What it would offer, as far as this core can tell.
    """

    status, number, name = 409, -1126, "core_api_unfit"
    sentence = "The add-on was written for another Flatbed. Update it, or Flatbed."
    manifest: Manifest | None = None


def read_manifest(folder: Path) -> Manifest:
    """The manifest in an add-on's folder.

    Its operations that read or write files, and have no settings, get those of `[documents]`.

    Raises:
        CoreApiUnfitError: If it is for another contract than this core's.
        ManifestError: If it is missing or broken.
    """
    path = folder / FILE_NAME
    try:
        declared = tomllib.loads(path.read_text("utf-8"))
        _check_core_api(declared)
        manifest = msgspec.convert(declared, Manifest)
    except OSError as error:
        raise ManifestError(f"There is no {FILE_NAME} beside the add-on's code.") from error
    except msgspec.ValidationError as error:
        raise ManifestError(f"{FILE_NAME} is not right: {error}.") from error
    except (ValueError, RecursionError) as error:
        # Text that is none, numbers of thousands of digits, and arrays as deep.
        raise ManifestError(f"{FILE_NAME} is no valid TOML: {error}.") from error
    _check_settings(manifest)
    manifest = _complete(manifest)
    _check_operations(manifest)
    _check_routes(manifest)
    return manifest


def manifest_schema() -> str:
    """The JSON Schema of `addon.toml`, as `manifests/addon.schema.json` has it."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "addon.toml"}
    return json.dumps(schema | msgspec.json.schema(Manifest), indent=2) + "\n"


def _check_core_api(declared: dict[str, Any]) -> None:
    """Before all else: what another contract allows may be wrong in ours."""
    text = declared.get("core_api")
    if not isinstance(text, str) or _CORE_API.fullmatch(text) is None:
        return  # told where the types are checked
    wanted, ours = ([int(part) for part in each.split(".")] for each in (text, CORE_API))
    if wanted[0] == ours[0] and wanted[1] <= ours[1]:
        return
    error = CoreApiUnfitError(
        f"'{str(declared.get('name'))[:64]}' was written for core_api {text}, this core has"
        f" {CORE_API}. Update {'Flatbed' if wanted > ours else 'the add-on'}."
    )
    error.manifest = _read_offers(declared)
    raise error


def _read_offers(declared: dict[str, Any]) -> Manifest | None:
    """The names of what a manifest of another contract offers; its details may not be ours."""
    documents = declared.get("documents")
    offers = {
        "manifest_version": MANIFEST_VERSION,
        "name": declared.get("name"),
        "core_api": declared["core_api"],
        "operations": {name: {"hook": "process_page"} for name in _names(declared, "operations")},
        "edits": {name: {} for name in _names(declared, "edits")},
    }
    if isinstance(documents, dict):
        offers["documents"] = {key: documents.get(key, []) for key in ("load", "save")}
    try:
        return msgspec.convert(offers, Manifest)
    except msgspec.ValidationError:
        return None


def _names(declared: dict[str, Any], table: str) -> list[str]:
    found = declared.get(table)
    return list(found) if isinstance(found, dict) else []


def _check_settings(manifest: Manifest) -> None:
    tables = [manifest.config]
    tables += [each.settings for each in manifest.operations.values()]
    tables += [each.settings for each in manifest.edits.values()]
    if manifest.documents is not None:
        _check_names(manifest.documents)
        tables.append(manifest.documents.settings)
    if manifest.destinations is not None:
        tables.append(manifest.destinations.settings)
    for table in tables:
        for name, setting in table.items():
            _check_own(setting, setting.default, what="default", name=name)
            _check_own(setting, setting.example, what="example", name=name)


def _check_names(documents: Documents) -> None:
    """The hooks get the settings of all three tables as one."""
    tables = (documents.shared_settings, documents.load_settings, documents.save_settings)
    counts = Counter(name for table in tables for name in table)
    for name, count in counts.items():
        if count > 1:
            raise ManifestError(
                f"'{name}' stands in two tables of [documents]. Declare it once: in settings for"
                " reading and writing, in load_settings or in save_settings."
            )


def _check_own(setting: Setting, value: Any, *, what: str, name: str) -> None:
    if value is None:
        return
    try:
        check_setting(setting, value, name=name)
    except InvalidInputError as error:
        raise ManifestError(f"The {what} of {error.message}") from error


def _complete(manifest: Manifest) -> Manifest:
    if manifest.documents is None:
        return manifest
    operations = {
        name: replace(each, settings=each.settings or manifest.documents.settings_of(each.hook))
        for name, each in manifest.operations.items()
    }
    return replace(manifest, operations=operations)


def _check_operations(manifest: Manifest) -> None:
    if manifest.find_operation(RESERVED) is not None:
        raise ManifestError(f"No operation can be called '{RESERVED}'; choose another name.")
    for name, operation in manifest.operations.items():
        if operation.shorthand and operation.shorthand not in operation.settings:
            raise ManifestError(
                f"The shorthand of '{name}' must be one of its settings, not"
                f" '{operation.shorthand}'."
            )


def _check_routes(manifest: Manifest) -> None:
    for path in manifest.routes:
        if _ROUTE.fullmatch(path) is None:
            raise ManifestError(f"The route {path!r} is none: write it as /status/{{name}}.")
