"""The OpenAPI document, from the same types and the same table that the service runs on."""

from __future__ import annotations

import http
import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from flatbed.errors import (
    FlatbedError,
    InternalError,
    InvalidInputError,
    MediaTypeError,
    MisdirectedError,
    OriginBlockedError,
    StrangerError,
    TooBigError,
    TooManyRequestsError,
)
from flatbed.http.base import ApiHandler
from flatbed.http.contract import CONTRACT_VERSION
from flatbed.http.failures import ErrorBody
from flatbed.http.guard import READING_VERBS
from flatbed.http.idempotency import KEY_ERRORS
from flatbed.http.routes import Answer, Operation, Route
from flatbed.http.subjects import SUBJECT_PARAMETERS

Json = dict[str, Any]

_ANYWHERE: tuple[type[FlatbedError], ...] = (
    InvalidInputError,
    OriginBlockedError,
    StrangerError,
    TooBigError,
    MisdirectedError,
    TooManyRequestsError,
    InternalError,
)
_SCHEMA = "#/components/schemas/{name}"


def build_document(routes: Sequence[Route]) -> Json:
    """The document of a route table, every route and verb and nothing else.

    HEAD goes with GET, and OPTIONS is answered on every path; neither is in it.
    """
    schemas = _Schemas([each for route in routes for each in route.operations.values()])
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Flatbed",
            "summary": "Scanners, pages and documents of the person in front of this computer.",
            "version": CONTRACT_VERSION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {route.template: _path_item(route, schemas) for route in routes},
        "components": {"schemas": schemas.components, "parameters": SUBJECT_PARAMETERS},
    }


class OpenapiHandler(ApiHandler):
    """Answers with the document of the table that it stands in itself."""

    async def get(self) -> None:
        """Hand out the document; it is built once."""
        cache = self.application.settings
        if "openapi" not in cache:
            cache["openapi"] = msgspec.json.encode(build_document(self.application.routes))
        self.set_header("Content-Type", "application/json")
        self.finish(cache["openapi"])


def openapi_route() -> Route:
    """`GET /api/openapi.json`."""
    operation = Operation(summary="This contract as an OpenAPI document", answers={200: Json})
    return Route("/api/openapi.json", OpenapiHandler, {"GET": operation})


class _Schemas:
    """The JSON Schemas of all types in a table: Structs as components, each named once."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        groups = [kind for each in operations for kind in (each.query, *each.header_groups) if kind]
        bodies = [kind for each in operations for kind in _bodies(each)]
        kinds = list(dict.fromkeys([ErrorBody, *bodies, *groups]))
        found, components = msgspec.json.schema_components(kinds, ref_template=_SCHEMA)
        self._found: dict[Any, Json] = dict(zip(kinds, found, strict=True))
        self._all = components
        # A Struct of parameters is taken apart into them; nothing refers to it as a whole.
        apart = {_name(self._found[kind]) for kind in set(groups) - set(bodies)}
        self.components = {name: each for name, each in components.items() if name not in apart}

    def of(self, kind: Any) -> Json:
        """The schema of one type."""
        return self._found[kind]

    def parameters(self, kind: type | None, place: str) -> list[Json]:
        """The fields of a Struct as parameters in `query` or `header`."""
        if kind is None:
            return []
        struct = self._all[_name(self._found[kind])]
        return [
            _parameter(name, place, dict(schema), is_required=name in struct["required"])
            for name, schema in struct["properties"].items()
        ]


def _bodies(operation: Operation) -> list[Any]:
    answers = operation.answers.values()
    parts = [part for each in answers for part in (each if isinstance(each, tuple) else (each,))]
    wanted = [operation.body, *parts]
    return [kind for kind in wanted if kind is not None and not isinstance(kind, str)]


def _name(reference: Json) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _path_item(route: Route, schemas: _Schemas) -> Json:
    text = {"type": "string"}
    own = [_parameter(name, "path", text, is_required=True) for name in route.parameters]
    if route.template != route.path:
        # OpenAPI has no word for it.
        own[-1]["x-segments"] = "several"
    everywhere = [{"$ref": f"#/components/parameters/{name}"} for name in SUBJECT_PARAMETERS]
    item: Json = {"parameters": [*own, *everywhere]}
    for verb, operation in route.operations.items():
        item[verb.lower()] = _operation(route, verb, operation, schemas)
    return item


def _operation(route: Route, verb: str, operation: Operation, schemas: _Schemas) -> Json:
    found: Json = {"operationId": _identifier(verb, route.path), "summary": operation.summary}
    if operation.description:
        found["description"] = operation.description
    parameters = schemas.parameters(operation.query, "query")
    for group in operation.header_groups:
        parameters += schemas.parameters(group, "header")
    if parameters:
        found["parameters"] = parameters
    if content := _request_content(operation, schemas):
        found["requestBody"] = {"content": content}
    found["responses"] = _answers(operation, schemas) | _errors(verb, operation, schemas)
    return found


def _identifier(verb: str, path: str) -> str:
    """Such as `get_api_device_scanners`: a name for generated code."""
    return "_".join([verb.lower(), *re.findall(r"\w+", path)]).replace("-", "_")


def _parameter(name: str, place: str, schema: Json, *, is_required: bool) -> Json:
    text = schema.pop("description", None)
    found = {"name": name, "in": place, "required": is_required, "schema": schema}
    return found | ({"description": text} if text else {})


def _request_content(operation: Operation, schemas: _Schemas) -> Json:
    content: Json = {}
    if operation.body is not None:
        content["application/json"] = {"schema": schemas.of(operation.body)}
    if operation.facts.takes_octets:
        content["application/octet-stream"] = {}
    return content


def _answers(operation: Operation, schemas: _Schemas) -> Json:
    return {
        str(status): {"description": http.HTTPStatus(status).phrase, **_content(answer, schemas)}
        for status, answer in operation.answers.items()
    }


def _content(answer: Answer, schemas: _Schemas) -> Json:
    if answer is None:
        return {}
    if isinstance(answer, tuple):
        parts = [_content(part, schemas)["content"] for part in answer]
        return {"content": {name: media for part in parts for name, media in part.items()}}
    if isinstance(answer, str):
        return {"content": {answer: _media(answer)}}
    return {"content": {"application/json": {"schema": schemas.of(answer)}}}


def _media(media_type: str) -> Json:
    return {"schema": {"type": "string"}} if media_type.startswith("text/") else {}


def _errors(verb: str, operation: Operation, schemas: _Schemas) -> Json:
    kinds = [*_ANYWHERE, *operation.errors]
    if verb not in READING_VERBS:
        kinds.append(MediaTypeError)
    if operation.takes_key:
        kinds += KEY_ERRORS
    content = {"application/json": {"schema": schemas.of(ErrorBody)}}
    return {
        str(status): {"description": _describe(kinds, status), "content": content}
        for status in sorted({kind.status for kind in kinds} - set(operation.answers))
    }


def _describe(kinds: Iterable[type[FlatbedError]], status: int) -> str:
    found = dict.fromkeys(kind for kind in kinds if kind.status == status)
    return "\n".join(f"- `{kind.name}` ({kind.number}): {kind.sentence}" for kind in found)
