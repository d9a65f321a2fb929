"""The web origins that something was decided about: to look at and to change."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, UnsetType

from flatbed.http.base import ApiHandler
from flatbed.http.guard import RouteFacts
from flatbed.http.moments import to_text_if_any
from flatbed.http.origin_grants import (
    ListedOrigin,
    ListedState,
    OriginConfiguredError,
    OriginNotFoundError,
    read_origin,
)
from flatbed.http.routes import SMALL_BODY_BYTES, Operation, Route
from flatbed.http.services import Services
from flatbed.storage.grants import State

ORIGINS = "/api/origins"


class OriginEntry(msgspec.Struct, kw_only=True, rename="camel"):
    """A web origin: let in `once`, until the service stops, or `always`; `blocked`; or let in by
    the configuration.

    `name` is what its page called itself, `since` when it was decided, `lastUsed` when it called.
    """

    origin: str
    state: ListedState
    name: str | UnsetType = UNSET
    since: str | UnsetType = UNSET
    last_used: str | UnsetType = UNSET


class OriginDecision(msgspec.Struct):
    """An origin as browsers send it, as `https://scan.example`, and what is to hold for it."""

    origin: str
    state: State


class OriginsHandler(ApiHandler):
    """`/api/origins`."""

    services: Services

    async def get(self) -> None:
        """Everything that was decided."""
        self.write_json([_describe(each) for each in self.services.grants.listed()])

    async def post(self) -> None:
        """Decide, and answer the page that may be waiting for that."""
        wanted = self.read_body(OriginDecision)
        origin = read_origin(wanted.origin)
        entry = await self.services.pairings.decide_about(origin, wanted.state)
        self.write_json(_describe(entry), 201)


class OriginHandler(ApiHandler):
    """`/api/origins/{origin}`."""

    services: Services

    async def delete(self, origin: str) -> None:
        """Forget what was decided."""
        await self.services.grants.revoke(origin)
        self.set_status(204)


def _describe(entry: ListedOrigin) -> OriginEntry:
    return OriginEntry(
        origin=entry.origin,
        state=entry.state,
        name=entry.name or UNSET,
        since=to_text_if_any(entry.since) or UNSET,
        last_used=to_text_if_any(entry.last_used) or UNSET,
    )


_ADMIN = RouteFacts(needs_admin=True)

ROUTES = (
    Route(
        ORIGINS,
        OriginsHandler,
        {
            "GET": Operation(
                summary="List the web origins that are let in or blocked",
                answers={200: list[OriginEntry]},
                facts=_ADMIN,
            ),
            "POST": Operation(
                summary="Let a web origin in, or block it",
                body=OriginDecision,
                answers={201: OriginEntry},
                errors=(OriginConfiguredError,),
                facts=_ADMIN,
                max_body_bytes=SMALL_BODY_BYTES,
            ),
        },
    ),
    Route(
        f"{ORIGINS}/{{origin}}",
        OriginHandler,
        {
            "DELETE": Operation(
                summary="Take a grant back, or a block",
                description="The origin is percent-encoded. Its open WebSockets are closed, and its"
                " pages may ask again; its scans go on.",
                answers={204: None},
                errors=(OriginConfiguredError, OriginNotFoundError),
                facts=_ADMIN,
            )
        },
    ),
)
