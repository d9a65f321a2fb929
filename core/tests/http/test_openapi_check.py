"""The check of answers against the document: what it lets through, and all that it must not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flatbed.http.openapi import build_document

from .demo import GRANTED, DemoServer
from .demo_routes import demo_routes
from .openapi_check import assert_answer_fits, find_path
from .raw import ask

Json = dict[str, Any]
JSON = {"Content-Type": "application/json"}
JOB = b'{"jobuid": "a", "name": "b"}'
ERROR = b'{"code": -1034, "message": "No.", "statusCode": 404, "error": "job_not_found"}'


@pytest.fixture(scope="module")
def document() -> Json:
    """The demo table's, as it comes over the wire."""
    built: Json = json.loads(json.dumps(build_document(demo_routes())))
    return built


FITTING: dict[str, tuple[str, str, int, dict[str, str], bytes]] = {
    "JSON": ("GET", "/api/demo/jobs/a", 200, JSON, JOB),
    "JSON with a charset": (
        "get",
        "/api/demo/jobs/a",
        200,
        {"content-type": "application/json; charset=utf-8"},
        JOB,
    ),
    "list": ("GET", "/api/demo/jobs?limit=1", 200, JSON, b"[" + JOB + b"]"),
    "picture": ("GET", "/api/demo/jobs/a/content", 200, {"Content-Type": "image/png"}, b"\x89"),
    "nothing": ("DELETE", "/api/demo/jobs/a", 204, {}, b""),
    "error": ("GET", "/api/demo/jobs/a", 404, JSON, ERROR),
    "head": ("HEAD", "/api/demo/jobs/a", 200, JSON, b""),
    "head of an error": ("HEAD", "/api/demo/jobs/a", 404, JSON, b""),
    "preflight": ("OPTIONS", "/api/demo/jobs/a", 204, {}, b""),
    "refused preflight": ("OPTIONS", "/api/demo/jobs/a", 403, JSON, ERROR),
    "no path": ("GET", "/api/none", 404, JSON, ERROR),
    "no verb": ("PUT", "/api/demo/jobs", 405, JSON | {"Allow": "GET"}, ERROR),
    "handshake": ("GET", "/api/demo/events", 101, {}, b""),
}

UNFITTING: dict[str, tuple[str, str, int, dict[str, str], bytes]] = {
    "status": ("GET", "/api/demo/jobs/a", 202, JSON, JOB),
    "status of an error": ("GET", "/api/demo/jobs/a", 409, JSON, ERROR),
    "media type": ("GET", "/api/demo/jobs/a", 200, {"Content-Type": "text/html"}, JOB),
    "no media type": ("GET", "/api/demo/jobs/a", 200, {}, JOB),
    "other picture": (
        "GET",
        "/api/demo/jobs/a/content",
        200,
        {"Content-Type": "image/jpeg"},
        b"\xff",
    ),
    "no body": ("GET", "/api/demo/jobs/a", 200, JSON, b""),
    "missing key": ("GET", "/api/demo/jobs/a", 200, JSON, b'{"jobuid": "a"}'),
    "wrong type": ("GET", "/api/demo/jobs/a", 200, JSON, b'{"jobuid": 1, "name": "b"}'),
    "key that nothing promises": (
        "GET",
        "/api/demo/jobs/a",
        200,
        JSON,
        b'{"jobuid": "a", "name": "b", "path": "/home"}',
    ),
    "the same in a list": ("GET", "/api/demo/jobs", 200, JSON, b'[{"jobuid": 1, "name": "b"}]'),
    "body of nothing": ("DELETE", "/api/demo/jobs/a", 204, {}, b"x"),
    "body of a head": ("HEAD", "/api/demo/jobs/a", 200, JSON, JOB),
    "error in another form": ("GET", "/api/demo/jobs/a", 404, JSON, b'{"detail": "no"}'),
    "error as a page": ("GET", "/api/demo/jobs/a", 404, {"Content-Type": "text/html"}, b"<p>"),
    "answer of no path": ("GET", "/api/none", 200, JSON, JOB),
    "answer of no verb": ("PUT", "/api/demo/jobs", 200, JSON, JOB),
    "405 without what is allowed": ("PUT", "/api/demo/jobs", 405, JSON, ERROR),
    "answer to OPTIONS": ("OPTIONS", "/api/demo/jobs", 200, JSON, JOB),
    "405 of a verb that is there": ("GET", "/api/demo/jobs", 405, JSON | {"Allow": "GET"}, ERROR),
}


@pytest.mark.parametrize("answer", FITTING.values(), ids=FITTING)
def test_assert_answer_fits_promised_answer_passes(
    answer: tuple[str, str, int, dict[str, str], bytes], document: Json
) -> None:
    """What the document promises, and what may be answered everywhere."""
    assert_answer_fits(document, *answer)


@pytest.mark.parametrize("answer", UNFITTING.values(), ids=UNFITTING)
def test_assert_answer_fits_other_answer_fails(
    answer: tuple[str, str, int, dict[str, str], bytes], document: Json
) -> None:
    """Anything else, down to a key too many."""
    with pytest.raises((AssertionError, json.JSONDecodeError)):
        assert_answer_fits(document, *answer)


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/a/b", "/a/b"),
        ("/a/c", "/a/{x}"),
        ("/a/b/c", None),
        ("/a/", None),
        ("/a.b", "/a.b"),
        ("/aXb", None),
    ],
)
def test_find_path_prefers_the_fixed_one(path: str, template: str | None) -> None:
    """Of two templates that fit, the service too answers with the plainer."""
    assert find_path({"paths": {"/a/{x}": {}, "/a/b": {}, "/a.b": {}}}, path) == template


@pytest.mark.parametrize(
    ("verb", "path", "headers", "body"),
    [
        ("GET", "/api/hello", [], b""),
        ("GET", "/api/openapi.json", [], b""),
        ("GET", "/", [], b""),
        ("POST", "/api/demo/jobs", [], b"{}"),
        ("POST", "/api/demo/jobs", [], b"[]"),
        ("POST", "/api/demo/jobs", [("Origin", GRANTED), ("Content-Type", "text/plain")], b"{}"),
        ("PUT", "/api/demo/jobs", [], b""),
        ("HEAD", "/api/demo/jobs", [], b""),
        ("OPTIONS", "/api/demo/jobs", [("Origin", GRANTED)], b""),
        ("GET", "/api/demo/jobs/none", [], b""),
        ("GET", "/api/none", [("Host", "evil.example")], b""),
        ("GET", "/api/demo/fail/bug", [], b""),
    ],
)
def test_assert_answer_fits_what_the_service_answers(
    verb: str, path: str, headers: list[tuple[str, str]], body: bytes, server: DemoServer
) -> None:
    """The service, its document and this check agree."""
    document = json.loads(ask(server.port, "GET", "/api/openapi.json").body)
    answer = ask(server.port, verb, path, headers, body)
    assert_answer_fits(document, verb, path, answer.status, dict(answer.headers), answer.body)
