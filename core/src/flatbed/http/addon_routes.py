"""Routes that add-ons declare, below `/api/addons/{name}/`: matched here, answered in a worker."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from flatbed.addon.types import Request
from flatbed.errors import (
    NotFoundError,
    TooBigError,
    WrongVerbError,
)
from flatbed.http.choices import NO_ADDON, AddonHeaders, read_choice
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.page_files import FileHandler
from flatbed.http.routes import LOOSE_BODY_BYTES, VERBS, Operation, Route
from flatbed.runtime.addons import Addon
from flatbed.runtime.manifest import DeclaredRoute

ADDONS = "/api/addons"

_SEGMENT = re.compile(r"\{(\w+)\}")


class AddonRouteHandler(FileHandler):
    """`/api/addons/{name}/{path*}`."""

    _declared_verbs: Sequence[str] | None = None

    @property
    def verbs(self) -> Sequence[str]:
        """Those that the add-on declares for the path, once that is known."""
        return super().verbs if self._declared_verbs is None else self._declared_verbs

    async def get(self, name: str, **_: str) -> None:
        """Let the add-on answer, whatever the verb."""
        await self._answer(name)

    post = put = patch = delete = get

    async def _answer(self, name: str) -> None:
        addon = self.services.registry.get_chosen(name, read_choice(self))
        template, declared, parameters = self._match(addon)
        verb = "GET" if self.request.method == "HEAD" else str(self.request.method)
        if verb not in declared.methods:
            self._declared_verbs = [*declared.methods, "OPTIONS"]
            raise WrongVerbError
        request = Request(
            method=verb,
            route=template,
            parameters=parameters,
            query=self._read_plain_query(),
            body=self.read_body(Any) if self.body.strip() else None,
            caller=self.caller.owner,
        )
        handle = self.services.operations.handle_request
        async with handle(addon, request, timeout_s=declared.timeout_s) as outcome:
            if not outcome.files:
                self.write_json(outcome.value["value"], outcome.value["status"])
                return
            with outcome.open_file() as reader:
                await self.write_frames(reader, str(outcome.files[0]["media_type"]))

    def _match(self, addon: Addon) -> tuple[str, DeclaredRoute, dict[str, str]]:
        # The path as it came: what is encoded in a segment is no slash between two.
        segments = self.request.path.split("/")[len(ADDONS.split("/")) + 1 :]
        for template, declared in addon.manifest.routes.items():
            parameters = match_path(template, segments)
            if parameters is not None:
                return template, declared, parameters
        raise NotFoundError(f"The add-on '{addon.name}' has no such route.")

    def _read_plain_query(self) -> dict[str, str]:
        found = self.request.query_arguments
        return {name: values[-1].decode("utf-8", "replace") for name, values in found.items()}


def match_path(template: str, segments: Sequence[str]) -> dict[str, str] | None:
    """What stands in the place of the names of a declared route; `None` where it is another's.

    Args:
        template: As `/labels/{name}`.
        segments: Of the path, each percent-encoded as it came.
    """
    wanted = template.strip("/").split("/")
    if len(wanted) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for expected, segment in zip(wanted, segments, strict=True):
        if (named := _SEGMENT.fullmatch(expected)) and segment:
            parameters[named[1]] = unquote(segment)
        elif expected != segment:
            return None
    return parameters


_READ = Operation(
    summary="Let an add-on answer at a route that it declares",
    description="Which routes there are tells `GET /api/addons/{name}`.",
    max_body_bytes=LOOSE_BODY_BYTES,
    headers=AddonHeaders,
    answers={200: (Any, "*/*"), 201: Any, 202: Any},
    errors=(
        *NO_ADDON,
        NotFoundError,
        TooBigError,
        WrongVerbError,
        *FILE_ERRORS,
    ),
)

_WRITE = replace(_READ, body=Any)

ROUTES = (
    Route(
        f"{ADDONS}/{{name}}/{{path*}}",
        AddonRouteHandler,
        {verb: _READ if verb in ("GET", "DELETE") else _WRITE for verb in VERBS},
    ),
)
