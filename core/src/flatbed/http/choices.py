"""Which add-ons a request may use, by its headers."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from flatbed.errors import (
    AddonMemoryError,
    AddonMissingError,
    AddonNotEnabledError,
    AddonUnavailableError,
    AddonUnfitError,
)
from flatbed.http.base import ApiHandler
from flatbed.http.services import Services
from flatbed.runtime.choice import EVERYTHING, Choice, split_wanted
from flatbed.runtime.manifest import CoreApiUnfitError
from flatbed.runtime.seal import AddonChangedError
from flatbed.runtime.sessions import SessionNotFoundError

NO_ADDON = (
    AddonChangedError,
    AddonMemoryError,
    AddonMissingError,
    AddonNotEnabledError,
    AddonUnavailableError,
    AddonUnfitError,
    CoreApiUnfitError,
    SessionNotFoundError,
)
"""What every operation raises that chooses among add-ons."""

AddonList = Annotated[str, Meta(max_length=4096)]
"""Add-ons with versions, comma separated."""


class AddonHeaders(
    msgspec.Struct,
    frozen=True,
    rename={"session": "Flatbed-Session", "addons": "Flatbed-Addons"},
):
    """The session whose add-ons serve the request; without one `Flatbed-Addons` names them for
    this request alone, as `barcode>=1.2,<2, ocr`. Without either, all that are installed may.
    """

    session: str | None = None
    addons: AddonList | None = None


def read_choice(handler: ApiHandler) -> Choice:
    """The add-ons that may serve a request.

    Raises:
        SessionNotFoundError: If the caller has no such session.
        AddonUnfitError: If the header asks for add-ons that are not here.
        InvalidInputError: If it is no list of add-ons.
    """
    services: Services = handler.services
    headers = handler.read_headers(AddonHeaders)
    if headers.session is not None:
        return services.sessions.get(headers.session, origin=handler.caller.sees).choice
    if headers.addons is not None:
        return services.registry.choose(split_wanted(headers.addons))
    return EVERYTHING
