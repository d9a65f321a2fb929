"""The service itself: its log level and its versions."""

from __future__ import annotations

from typing import Literal

import msgspec

from flatbed.http.base import ApiHandler
from flatbed.http.contract import CONTRACT_VERSION, core_version
from flatbed.http.guard import RouteFacts
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services


class ServerSettings(msgspec.Struct, rename="camel"):
    """How much is logged: 0 errors, 1 events, 30 everything."""

    log_level: Literal[0, 1, 30]


class ServerVersion(msgspec.Struct, rename="camel"):
    """Which contract is spoken, and every installed version of every module."""

    version: str
    compatible: bool
    module_versions: dict[str, list[str]]


class ServerHandler(ApiHandler):
    """`/api/server`."""

    services: Services

    async def get(self) -> None:
        """The settings that can be changed while it runs."""
        self.write_json(ServerSettings(self.services.log_level()))  # type: ignore[arg-type]

    async def patch(self) -> None:
        """Change them until the service ends."""
        wanted = self.read_body(ServerSettings)
        self.services.set_log_level(wanted.log_level)
        self.write_json(wanted)


class VersionHandler(ApiHandler):
    """`/api/server/version`."""

    services: Services

    async def get(self) -> None:
        """The contract's version and the modules'."""
        modules = {"core": [core_version()]} | self.services.registry.versions()
        self.write_json(ServerVersion(CONTRACT_VERSION, True, modules))  # noqa: FBT003


ROUTES = (
    Route(
        "/api/server",
        ServerHandler,
        {
            "GET": Operation(summary="Tell the log level", answers={200: ServerSettings}),
            "PATCH": Operation(
                summary="Change the log level until the service ends",
                body=ServerSettings,
                answers={200: ServerSettings},
                facts=RouteFacts(needs_admin=True),
            ),
        },
    ),
    Route(
        "/api/server/version",
        VersionHandler,
        {"GET": Operation(summary="Tell all versions", answers={200: ServerVersion})},
    ),
)
