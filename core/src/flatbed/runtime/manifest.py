"""The manifest, `addon.toml`: what an add-on declares, read without importing it."""

from __future__ import annotations

import json
import math
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from flatbed.addon.types import CORE_API
from flatbed.errors import InvalidInputError

FILE_NAME = "addon.toml"
RESERVED = "jobs"
"""What `/api/process/jobs` means already."""

MANIFEST_VERSION = 1

_CORE_API = re.compile(r"\d{1,9}\.\d{1,9}")
_ROUTE = re.compile(r"(/([a-z0-9-]+|\{[a-z_]+\}))+")

Name = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=64)]
MediaType = Annotated[str, Meta(pattern=r"^[a-z]+/[a-z0-9.+-]+$")]
Hook = Literal[
    "read_barcodes",
    "recognize_text",
    "find_separator",
    "process_page",
    "load_document",
    "save_document",
]
Input = Literal["page", "pages", "document", "file", "none"]
SettingType = Literal["str", "int", "float", "bool", "list[str]", "list[int]", "list[float]"]


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


class Setting(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One setting of an operation or of the add-on itself.

    Attributes:
        example: What `flatbed addons check` takes, also where there is a default.
    """

    type: SettingType
    default: Any = None
    example: Any = None
    help: str = ""
    choices: list[Any] = []
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""


class Operation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One operation, served as `POST /api/process/<name>`.

    Attributes:
        input: `page` for hooks of one page: of several pages, or of a document, they are called
            for each. `pages` and `document` for hooks that take them all at once.
        shorthand: The setting that is meant where the settings are nothing but a text.
    """

    hook: Hook
    input: Input = "page"
    shorthand: str = ""
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 30
    help: str = ""
    settings: dict[str, Setting] = {}


class Scanners(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The add-on brings scanners.

    Attributes:
        kind: What they are reached by.
        fresh_process: Each job and each list gets a process of its own.
        limits: Sentences about what this driver cannot do.
    """

    kind: Literal["sane", "escl", "wia", "twain", "ica"]
    fresh_process: bool = True
    limits: list[str] = []


class Cameras(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The add-on brings cameras."""

    kind: str = "camera"


class Documents(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Media types of the files that the add-on reads and writes, and how long that may take."""

    load: list[MediaType] = []
    load_timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 120
    save: list[MediaType] = []
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 120
    settings: dict[str, Setting] = {}


class Destinations(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Schemes of the addresses that the add-on uploads to."""

    schemes: list[Name]
    timeout_s: Annotated[float, Meta(gt=0)] = 3600
    settings: dict[str, Setting] = {}


class Edit(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One edit of a page, undone and redone like every other; an operation of the same name too."""

    help: str = ""
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 30
    settings: dict[str, Setting] = {}


class DeclaredRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A route below `/api/addons/<name>/`, answered by the hook `handle_request`."""

    methods: list[Literal["GET", "POST", "PUT", "PATCH", "DELETE"]]
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 30
    help: str = ""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One add-on's declaration; see docs/architecture.md."""

    manifest_version: Literal[1]
    name: Name
    core_api: Annotated[str, Meta(pattern=rf"^{_CORE_API.pattern}$")]
    description: str = ""
    enabled: bool = True
    workers: Annotated[int, Meta(ge=1, le=64)] = 1
    memory_mb: Annotated[int, Meta(ge=64)] = 1024
    operations: dict[Name, Operation] = {}
    scanners: Scanners | None = None
    cameras: Cameras | None = None
    documents: Documents | None = None
    destinations: Destinations | None = None
    edits: dict[Name, Edit] = {}
    routes: dict[str, DeclaredRoute] = {}
    config: dict[str, Setting] = {}

    @property
    def loads(self) -> list[str]:
        """Media types of the files that it reads."""
        return self.documents.load if self.documents is not None else []

    @property
    def saves(self) -> list[str]:
        """Media types of the files that it writes."""
        return self.documents.save if self.documents is not None else []

    def find_operation(self, name: str) -> Operation | None:
        """The operation of a name; every edit is one too, of a single page."""
        edit = self.edits.get(name)
        if edit is None:
            return self.operations.get(name)
        return Operation(
            hook="process_page", timeout_s=edit.timeout_s, help=edit.help, settings=edit.settings
        )


def read_manifest(folder: Path) -> Manifest:
    """The manifest in an add-on's folder.

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
    _check_defaults(manifest)
    _check_operations(manifest)
    _check_routes(manifest)
    return manifest


def fill_settings(
    declared: dict[str, Setting], given: dict[str, Any], *, of: str
) -> dict[str, Any]:
    """Given settings checked against their declaration, defaults filled in.

    Args:
        declared: By the manifest.
        given: By the caller or the configuration.
        of: What they are settings of, for the error.

    Raises:
        InvalidInputError: For an unknown name, a wrong type, or a value out of range.
    """
    unknown = sorted(set(given) - set(declared))
    if unknown:
        known = ", ".join(sorted(declared)) or "none"
        raise InvalidInputError(f"{of} has no setting '{unknown[0]}'. It has: {known}.")
    return {
        name: check_setting(setting, given[name], name=name) if name in given else setting.default
        for name, setting in declared.items()
    }


def read_settings(
    declared: Operation, given: Mapping[str, Any] | str, *, of: str
) -> dict[str, Any]:
    """The settings of a call: checked, defaults filled in; what has neither value nor default is
    left to the add-on to miss.

    Args:
        declared: The operation.
        given: By the caller; a text alone is its shorthand.
        of: What they are settings of, for the error.

    Raises:
        InvalidInputError: As `fill_settings`, and for a text where there is no shorthand.
    """
    if isinstance(given, str):
        if not declared.shorthand:
            raise InvalidInputError(f"The settings of {of} are an object, not a text.")
        given = {declared.shorthand: given}
    filled = fill_settings(declared.settings, dict(given), of=of)
    return {name: value for name, value in filled.items() if value is not None}


def check_setting(setting: Setting, value: Any, *, name: str) -> Any:
    """One value, checked against its declaration.

    Raises:
        InvalidInputError: For a wrong type, or a value out of range.
    """
    try:
        # One number stands for a list of it, as where a resolution is one or two.
        is_single = setting.type in _NUMBERS and isinstance(value, int | float)
        checked = msgspec.convert([value] if is_single else value, _TYPES[setting.type])
    except msgspec.ValidationError as error:
        raise InvalidInputError(f"'{name}' must be {setting.type}: {error}.") from error
    for each in checked if isinstance(checked, list) else [checked]:
        _check_range(setting, each, name=name)
    return checked


def manifest_schema() -> str:
    """The JSON Schema of `addon.toml`, as `manifests/addon.schema.json` has it."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "addon.toml"}
    return json.dumps(schema | msgspec.json.schema(Manifest), indent=2) + "\n"


_NUMBERS = ("list[int]", "list[float]")
_TYPES: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "list[str]": list[str],
    "list[int]": list[int],
    "list[float]": list[float],
}


def _check_range(setting: Setting, value: Any, *, name: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInputError(f"'{name}' must be a finite number.")
    if setting.choices and value not in setting.choices:
        raise InvalidInputError(f"'{name}' must be one of {setting.choices}, not {value!r}.")
    if isinstance(value, str | bool):
        return
    if setting.minimum is not None and value < setting.minimum:
        raise InvalidInputError(f"'{name}' must be at least {setting.minimum:g}.")
    if setting.maximum is not None and value > setting.maximum:
        raise InvalidInputError(f"'{name}' must be at most {setting.maximum:g}.")


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


def _check_defaults(manifest: Manifest) -> None:
    tables = [manifest.config]
    tables += [each.settings for each in manifest.operations.values()]
    tables += [each.settings for each in manifest.edits.values()]
    if manifest.documents is not None:
        tables.append(manifest.documents.settings)
    if manifest.destinations is not None:
        tables.append(manifest.destinations.settings)
    for table in tables:
        for name, setting in table.items():
            _check_own(setting, setting.default, what="default", name=name)
            _check_own(setting, setting.example, what="example", name=name)


def _check_own(setting: Setting, value: Any, *, what: str, name: str) -> None:
    if value is None:
        return
    try:
        check_setting(setting, value, name=name)
    except InvalidInputError as error:
        raise ManifestError(f"The {what} of {error.message}") from error


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
