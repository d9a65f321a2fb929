"""Which add-ons are installed, how they are, and what each brings."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from flatbed.errors import (
    AddonMemoryError,
    AddonMissingError,
    AddonUnavailableError,
    FlatbedError,
    WorkerCrashedError,
    WorkerTimeoutError,
    from_wire,
)
from flatbed.http.addon_routes import ADDONS
from flatbed.http.base import ApiHandler
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.runtime.addons import Addon, BrokenAddon, Place
from flatbed.runtime.manifest import CoreApiUnfitError, Manifest, Setting

State: TypeAlias = Literal["idle", "running", "resting", "disabled", "broken"]


class AddonFault(msgspec.Struct):
    """What went wrong: the stable name, the number, the sentence, and when where that is known."""

    error: str
    code: int
    message: str
    at: str | None = None


class AddonVersion(msgspec.Struct, kw_only=True, rename="camel"):
    """One installed version of an add-on.

    `state` is `idle` before its first use and between two, `resting` after several crashes,
    `broken` where it cannot be used at all: `lastError` says why. `environment` is what it found
    on this machine, known after its first use.
    """

    version: str
    state: State
    where: Place
    core_api: str
    operations: list[str]
    edits: list[str]
    routes: list[str]
    reads: list[str]
    writes: list[str]
    last_error: AddonFault | None
    environment: dict[str, str] | None


class AddonEntry(msgspec.Struct, kw_only=True, rename="camel"):
    """One add-on with its versions, newest first; a request gets the newest that fits."""

    name: str
    description: str
    versions: list[AddonVersion]


class DeclaredSetting(msgspec.Struct, kw_only=True, rename="camel"):
    """One setting, as the manifest declares it."""

    type: str
    default: Any
    help: str
    choices: list[Any] | UnsetType = UNSET
    minimum: float | UnsetType = UNSET
    maximum: float | UnsetType = UNSET
    unit: str | UnsetType = UNSET


class DeclaredOperation(msgspec.Struct, kw_only=True, rename="camel"):
    """One operation or edit, as the manifest declares it."""

    help: str
    input: str
    timeout_s: float
    settings: dict[str, DeclaredSetting]


class AddonDetails(msgspec.Struct, kw_only=True, rename="camel"):
    """The version of an add-on that a request gets now, with all that it declares."""

    name: str
    description: str
    version: str
    where: Place
    core_api: str
    operations: dict[str, DeclaredOperation]
    edits: dict[str, DeclaredOperation]
    routes: dict[str, list[str]]
    reads: list[str]
    writes: list[str]
    environment: dict[str, str]


class AddonsHandler(ApiHandler):
    """`/api/addons`."""

    services: Services

    async def get(self) -> None:
        """All add-ons; none is started for it."""
        found: dict[str, list[tuple[str, AddonVersion]]] = {}
        inventory = self.services.registry.inventory()
        for addon in inventory.addons:
            report = self._report(addon, is_enabled=addon in inventory.enabled)
            found.setdefault(addon.name, []).append((addon.manifest.description, report))
        for broken in inventory.broken:
            description = broken.manifest.description if broken.manifest else ""
            found.setdefault(broken.name, []).append((description, self._report_broken(broken)))
        self.write_json(
            [
                AddonEntry(
                    name=name,
                    description=rows[0][0],
                    versions=[version for _, version in rows],
                )
                for name, rows in sorted(found.items())
            ]
        )

    def _report(self, addon: Addon, *, is_enabled: bool) -> AddonVersion:
        report = self.services.pools.report(addon)
        fault = from_wire(report.last_error) if report.last_error else None
        return AddonVersion(
            version=addon.version,
            state=report.state if is_enabled else "disabled",
            where=addon.place,
            last_error=self._describe(fault, (report.last_error or {}).get("at")),
            environment=report.environment,
            **_brings(addon.manifest),
        )

    def _report_broken(self, broken: BrokenAddon) -> AddonVersion:
        return AddonVersion(
            version=broken.version,
            state="broken",
            where=broken.place,
            last_error=self._describe(broken.error),
            environment=None,
            **_brings(broken.manifest),
        )

    def _describe(self, error: FlatbedError | None, at: str | None = None) -> AddonFault | None:
        if error is None:
            return None
        # What an add-on said of its failure can tell of the page that it worked on, and that
        # may have been another origin's.
        message = error.message if self.caller.is_local else error.sentence
        return AddonFault(error.name, error.number, message, at)


class AddonHandler(ApiHandler):
    """`/api/addons/{name}`."""

    services: Services

    async def get(self, name: str) -> None:
        """One add-on; it is started, to look what there is on this machine."""
        addon = self.services.registry.get_chosen(name)
        manifest = addon.manifest
        self.write_json(
            AddonDetails(
                name=addon.name,
                description=manifest.description,
                version=addon.version,
                where=addon.place,
                core_api=manifest.core_api,
                operations=_declared(manifest, manifest.operations),
                edits=_declared(manifest, manifest.edits),
                routes={path: list(each.methods) for path, each in manifest.routes.items()},
                reads=manifest.loads,
                writes=manifest.saves,
                environment=await self.services.pools.describe_environment(addon),
            )
        )


def _brings(manifest: Manifest | None) -> dict[str, Any]:
    if manifest is None:
        names = ("operations", "edits", "routes", "reads", "writes")
        return {"core_api": "", **{name: [] for name in names}}
    return {
        "core_api": manifest.core_api,
        "operations": list(manifest.operations),
        "edits": list(manifest.edits),
        "routes": list(manifest.routes),
        "reads": manifest.loads,
        "writes": manifest.saves,
    }


def _declared(manifest: Manifest, names: Any) -> dict[str, DeclaredOperation]:
    found = {name: manifest.find_operation(name) for name in names}
    return {
        name: DeclaredOperation(
            help=each.help,
            input=each.input,
            timeout_s=each.timeout_s,
            settings={key: _declare(setting) for key, setting in each.settings.items()},
        )
        for name, each in found.items()
        if each is not None
    }


def _declare(setting: Setting) -> DeclaredSetting:
    return DeclaredSetting(
        type=setting.type,
        default=setting.default,
        help=setting.help,
        choices=setting.choices or UNSET,
        minimum=UNSET if setting.minimum is None else setting.minimum,
        maximum=UNSET if setting.maximum is None else setting.maximum,
        unit=setting.unit or UNSET,
    )


ROUTES = (
    Route(
        ADDONS,
        AddonsHandler,
        {
            "GET": Operation(
                summary="List the installed add-ons with their versions",
                answers={200: list[AddonEntry]},
            )
        },
    ),
    Route(
        f"{ADDONS}/{{name}}",
        AddonHandler,
        {
            "GET": Operation(
                summary="Tell what an add-on brings, and what it found on this machine",
                answers={200: AddonDetails},
                errors=(
                    AddonMemoryError,
                    AddonMissingError,
                    AddonUnavailableError,
                    CoreApiUnfitError,
                    WorkerCrashedError,
                    WorkerTimeoutError,
                ),
            )
        },
    ),
)
