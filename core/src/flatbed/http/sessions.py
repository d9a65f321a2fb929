"""Sessions: which add-ons a page uses."""

from __future__ import annotations

import msgspec

from flatbed.errors import AddonUnfitError
from flatbed.http.base import ApiHandler
from flatbed.http.idempotency import json_answer
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.runtime.sessions import SessionNotFoundError


class SessionRequest(msgspec.Struct):
    """The add-ons that a page uses, as `barcode>=1.2,<2`."""

    addons: list[str] = []


class SessionCreated(msgspec.Struct):
    """The session and the version of each add-on that serves it."""

    sessionuid: str
    addons: dict[str, str]


class SessionsHandler(ApiHandler):
    """`/api/sessions`."""

    services: Services

    async def post(self) -> None:
        """Begin a session."""
        wanted = self.read_body(SessionRequest).addons
        session = self.services.sessions.create(wanted, origin=self.caller.owner)
        versions = {addon.name: addon.version for addon in session.choice.addons or ()}
        answer = json_answer(SessionCreated(session.uid, versions), 201)
        await self.once.keep(answer, is_passing=True)
        self.write_answer(answer)


class SessionHandler(ApiHandler):
    """`/api/sessions/{sessionuid}`."""

    services: Services

    async def delete(self, sessionuid: str) -> None:
        """End a session; a pending job of it gives its scanner back."""
        session = self.services.sessions.get(sessionuid, origin=self.caller.sees)
        self.services.sessions.end(session)
        self.set_status(204)


ROUTES = (
    Route(
        "/api/sessions",
        SessionsHandler,
        {
            "POST": Operation(
                summary="Begin a session with the add-ons that a page uses",
                body=SessionRequest,
                answers={201: SessionCreated},
                errors=(AddonUnfitError,),
                takes_key=True,
            )
        },
    ),
    Route(
        "/api/sessions/{sessionuid}",
        SessionHandler,
        {
            "DELETE": Operation(
                summary="End a session", answers={204: None}, errors=(SessionNotFoundError,)
            )
        },
    ),
)
