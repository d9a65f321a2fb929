"""A page asks to be let in, and waits for the answer; a person answers on Flatbed's own page."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType
from packaging.requirements import Requirement

from flatbed.errors import AddonUnfitError, OriginBlockedError
from flatbed.http.base import ApiHandler
from flatbed.http.guard import RouteFacts
from flatbed.http.moments import to_text
from flatbed.http.origin_grants import OriginConfiguredError, read_origin
from flatbed.http.pairings import (
    Decision,
    Kept,
    Pairing,
    PairingEndedError,
    PairingNotFoundError,
    Status,
)
from flatbed.http.routes import SMALL_BODY_BYTES, Operation, Route
from flatbed.http.services import Services
from flatbed.runtime.addons import parse_version
from flatbed.runtime.registry import Registry

PAIR = "/api/pair"

_BLOCKED = "This page was blocked here. Unblock it on Flatbed's status page."

AddonWish = Annotated[str, Meta(max_length=64)]
WishState: TypeAlias = Literal["ready", "disabled", "unfit", "missing"]


class PairingRequest(msgspec.Struct):
    """What a page says of itself when it asks to be let in; a person reads it as plain text.

    `addons` as in a session: `barcode>=1.2`.
    """

    name: Annotated[str, Meta(max_length=80)] | None = None
    addons: Annotated[list[AddonWish], Meta(max_length=20)] = []


class PairingAsked(msgspec.Struct, tag_field="status", tag="waiting", rename="camel"):
    """A person has to answer: at `url`, where the same `code` is to be seen."""

    id: str
    code: str
    url: str
    expires_at: str


class PairingNeedless(msgspec.Struct, tag_field="status", tag="granted"):
    """The page is let in already: there is nothing to wait for."""


class PairingAddon(msgspec.Struct):
    """An add-on that the page wants to use; `installed` in a version that fits and can be used.

    `state` says why where it is not: the version that fits is switched off, only other or broken
    ones are here (`unfit`), or none at all.
    """

    name: str
    installed: bool
    state: WishState
    description: str | UnsetType = UNSET


class PairingState(msgspec.Struct, kw_only=True, rename="camel"):
    """A page's request to be let in, and what became of it.

    `name` and `addons` are what the page says; only `origin` is certain.
    """

    id: str
    status: Status
    code: str
    origin: str
    name: str | UnsetType = UNSET
    addons: list[PairingAddon]
    expires_at: str
    kept: Kept | UnsetType = UNSET


class PairingDecision(msgspec.Struct):
    """`once` until the service stops, `always`, or `block`."""

    decision: Decision


class PairingQuery(msgspec.Struct):
    """`wait` is how many seconds to wait for the answer."""

    wait: Annotated[float, Meta(ge=0, le=30)] = 0


class PairingsHandler(ApiHandler):
    """`/api/pair`."""

    services: Services

    async def get(self) -> None:
        """The requests that wait for a person."""
        registry = self.services.registry
        self.write_json([_describe(each, registry) for each in self.services.pairings.waiting()])

    async def post(self) -> None:
        """Ask for the page's origin, unless that is decided already."""
        request, origin = self.read_body(PairingRequest), read_origin(self.caller.origin)
        for wanted in request.addons:
            _find_addon(wanted, self.services.registry)
        if self.services.grants.is_granted(origin):
            self.write_json(PairingNeedless())
            return
        if self.services.grants.is_blocked(origin):
            raise OriginBlockedError(_BLOCKED)
        pairings = self.services.pairings
        pairing, is_new = await pairings.ask(origin, _as_line(request.name), request.addons)
        self.write_json(self._answer(pairing), 201 if is_new else 200)

    def _answer(self, pairing: Pairing) -> PairingAsked:
        url = f"{self.base_url}/consent/{pairing.uid}"
        return PairingAsked(pairing.uid, pairing.code, url, to_text(pairing.expires_at))


class PairingHandler(ApiHandler):
    """`/api/pair/{id}`."""

    services: Services
    _waiting: asyncio.Task[None] | None = None

    async def get(self, id: str) -> None:  # noqa: A002 - the name of the wire contract
        """What became of a request, waiting for that if wanted."""
        wait_s = self.read_query(PairingQuery).wait
        pairing = self._find(id)
        if wait_s > 0 and pairing.status == "waiting":
            await self._wait(pairing, wait_s)
        self.write_json(_describe(pairing, self.services.registry))

    async def patch(self, id: str) -> None:  # noqa: A002
        """Answer it."""
        decision = self.read_body(PairingDecision).decision
        pairing = self._find(id)
        await self.services.pairings.decide(pairing, decision)
        self.write_json(_describe(pairing, self.services.registry))

    def on_connection_close(self) -> None:
        """Stop waiting with whoever waits."""
        super().on_connection_close()
        if self._waiting is not None:
            self._waiting.cancel()

    async def _wait(self, pairing: Pairing, limit_s: float) -> None:
        self._waiting = asyncio.create_task(pairing.wait(limit_s))
        await asyncio.wait({self._waiting})
        if not self._waiting.cancelled():
            self._waiting.result()

    def _find(self, uid: str) -> Pairing:
        # The origin as a whole asks, whatever subjects its page has.
        origin = None if self.caller.is_local else self.caller.origin
        return self.services.pairings.get(uid, origin=origin)


def _describe(pairing: Pairing, registry: Registry) -> PairingState:
    return PairingState(
        id=pairing.uid,
        status=pairing.status,
        code=pairing.code,
        origin=pairing.origin,
        name=pairing.name or UNSET,
        addons=[_find_addon(each, registry) for each in pairing.addons],
        expires_at=to_text(pairing.expires_at),
        kept=pairing.kept or UNSET,
    )


def _find_addon(wanted: str, registry: Registry) -> PairingAddon:
    """What there is of an add-on; refuses with 400 what is no name with versions."""
    try:
        found = registry.choose([wanted]).addons or ()
    except AddonUnfitError:
        return _find_unusable(Requirement(wanted), registry)
    (addon,) = found
    description = addon.manifest.description
    return PairingAddon(addon.name, installed=True, state="ready", description=description)


def _find_unusable(wanted: Requirement, registry: Registry) -> PairingAddon:
    found = registry.inventory()
    for addon in found.disabled:
        version = parse_version(addon.version)
        if addon.name == wanted.name and wanted.specifier.contains(version, prereleases=True):
            description = addon.manifest.description
            return PairingAddon(
                addon.name, installed=False, state="disabled", description=description
            )
    names = {each.name for each in found.addons} | {each.name for each in found.broken}
    state: WishState = "unfit" if wanted.name in names else "missing"
    return PairingAddon(wanted.name, installed=False, state=state)


def _as_line(name: str | None) -> str | None:
    """A name without what could make the text around it look otherwise, as marks of direction."""
    printable = "".join(each if each.isprintable() else " " for each in name or "")
    return " ".join(printable.split()) or None


_ADMIN = RouteFacts(needs_admin=True)

ROUTES = (
    Route(
        PAIR,
        PairingsHandler,
        {
            "GET": Operation(
                summary="List the pages that ask to be let in",
                answers={200: list[PairingState]},
                facts=_ADMIN,
            ),
            "POST": Operation(
                summary="Ask for this page's origin to be let in",
                description="A page without a grant may ask this. One request of an origin waits at"
                " a time: asked again, it is answered with 200. 403 `origin_blocked` if a person"
                " has blocked it.",
                body=PairingRequest,
                answers={200: PairingAsked | PairingNeedless, 201: PairingAsked},
                facts=RouteFacts(open_to_origins=True, only_for_origins=True),
                max_body_bytes=SMALL_BODY_BYTES,
            ),
        },
    ),
    Route(
        f"{PAIR}/{{id}}",
        PairingHandler,
        {
            "GET": Operation(
                summary="Tell what became of a request to be let in, or wait for that",
                description="For the origin that asked, granted or not.",
                query=PairingQuery,
                answers={200: PairingState},
                errors=(PairingNotFoundError,),
                facts=RouteFacts(open_to_origins=True),
            ),
            "PATCH": Operation(
                summary="Let a page in, or block it",
                body=PairingDecision,
                answers={200: PairingState},
                errors=(OriginConfiguredError, PairingEndedError, PairingNotFoundError),
                facts=_ADMIN,
            ),
        },
    ),
)
