"""Holds answers to the OpenAPI document: whatever it does not promise is a failure."""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

Json = Mapping[str, Any]

_ERROR_CONTENT = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorBody"}}}
# What may be answered before anybody looks whether the path and the verb are in the document.
_REFUSALS = {400, 403, 413, 421, 429}
_MOST_PREPARED = 8


def assert_answer_fits(
    document: Json, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Fail unless the document promises this answer.

    Args:
        document: As `/api/openapi.json` says it.
        method: The request's verb. HEAD is held to GET without a body; OPTIONS, and what is not
            in the document at all, to what everything may be answered.
        path: The request's path, with or without a query.
        status: The answer's.
        headers: The answer's; names in any case.
        body: The answer's, whole.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    where = f"{method} {path} -> {status}"
    content = _promise(document, method.upper(), path.partition("?")[0], status, where)
    if status == 405:
        assert "allow" in lower, f"{where}: nothing says which verbs are allowed"
    if method.upper() == "HEAD" or not content:
        assert not body, f"{where}: a body of {len(body)} bytes that nothing promises"
        return
    media_type = lower.get("content-type", "").partition(";")[0].strip()
    is_promised = media_type in content or "*/*" in content
    assert is_promised, f"{where}: {media_type!r} is not among {sorted(content)}"
    assert body, f"{where}: no body, but {media_type} is promised"
    if media_type == "application/json":
        _assert_schema(document, content[media_type]["schema"], body, where)


class _Prepared:
    """A document with what every answer needs of it, made once: most of them are held to one."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self._components = _closed(document.get("components", {}))
        self._patterns = {
            template: _pattern(template, has_rest=_has_rest(item))
            for template, item in document["paths"].items()
        }
        self._validators: dict[str, Draft202012Validator] = {}

    def find_path(self, path: str) -> str | None:
        """See the function of this name."""
        fitting = [name for name, pattern in self._patterns.items() if pattern.fullmatch(path)]
        return min(fitting, key=lambda template: template.count("{"), default=None)

    def validator(self, schema: Json) -> Draft202012Validator:
        """Knows what is among the components."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**_closed(schema), "components": self._components}
            self._validators[key] = Draft202012Validator(whole)
        return self._validators[key]


_prepared: OrderedDict[int, _Prepared] = OrderedDict()


def _prepare(document: Json) -> _Prepared:
    # Each keeps its document, so no other one gets its id meanwhile.
    found = _prepared.pop(id(document), None) or _Prepared(document)
    _prepared[id(document)] = found
    if len(_prepared) > _MOST_PREPARED:
        _prepared.popitem(last=False)
    return found


def find_path(document: Json, path: str) -> str | None:
    """The template that stands for a path, the one with most fixed segments if several do."""
    return _prepare(document).find_path(path)


def _promise(document: Json, method: str, path: str, status: int, where: str) -> Json:
    template = find_path(document, path)
    verb = "get" if method == "HEAD" else method.lower()
    item = document["paths"][template] if template is not None else {}
    if verb in item:
        promised = item[verb]["responses"]
        assert str(status) in promised, f"{where}: the status is not among {sorted(promised)}"
        content: Json = promised[str(status)].get("content", {})
        return content
    if method == "OPTIONS":
        assert status in _REFUSALS | {204}, f"{where}: not an answer to a preflight"
        return {} if status == 204 else _ERROR_CONTENT
    missing = 404 if template is None else 405
    assert status in _REFUSALS | {missing}, f"{where}: not in the document, so it must be {missing}"
    return _ERROR_CONTENT


def _has_rest(item: Json) -> bool:
    return any("x-segments" in each for each in item.get("parameters", ()))


def _pattern(template: str, *, has_rest: bool) -> re.Pattern[str]:
    literals = re.split(r"\{\w+\}", template)
    pattern = "[^/]+".join(re.escape(literal) for literal in literals)
    return re.compile(pattern.removesuffix("[^/]+") + ".+" if has_rest else pattern)


def _assert_schema(document: Json, schema: Json, body: bytes, where: str) -> None:
    found = sorted(
        _prepare(document).validator(schema).iter_errors(json.loads(body)),
        key=lambda e: e.json_path,
    )
    faults = [f"{each.json_path}: {each.message}" for each in found]
    assert not faults, f"{where}: {'; '.join(faults)}"


def _closed(schema: Any) -> Any:
    """The same schema where objects have no other keys than those that it names."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    is_struct = schema.get("type") == "object" and isinstance(schema.get("properties"), dict)
    return {"additionalProperties": False, **closed} if is_struct else closed
