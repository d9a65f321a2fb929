"""The service about itself: log level, versions, hello, its own document."""

from __future__ import annotations

from importlib import metadata

import pytest

from flatbed.http.application import route_table

from .conftest import MakeService
from .support.client import ApiClient
from .support.service import LiveService


def test_log_level_is_told_and_changed(make_service: MakeService) -> None:
    """Until the service ends; the configuration is not touched."""
    service = make_service(LOG_LEVEL="info")
    api = service.client()
    assert api.get("/api/server").json() == {"logLevel": 1}
    for level in (30, 0, 1):
        answer = api.ask("PATCH", "/api/server", 200, json={"logLevel": level, "more": "ignored"})
        assert answer.json() == {"logLevel": level}
        assert api.get("/api/server").json() == {"logLevel": level}
    api.ask("PATCH", "/api/server", 200, json={"logLevel": 30})
    service.stop()
    assert service.restart().client().get("/api/server").json() == {"logLevel": 1}


@pytest.mark.parametrize("level", [2, -1, "1", None, True, 1.5])
def test_log_level_that_there_is_not_is_refused(level: object, api: ApiClient) -> None:
    """0, 1 and 30 are all there are."""
    refusal = api.refusal("PATCH", "/api/server", 400, json={"logLevel": level})
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert api.get("/api/server").json() == {"logLevel": 30}


def test_version_names_the_contract_and_every_module(api: ApiClient) -> None:
    """Lists, because several versions of one can stand side by side."""
    found = api.get("/api/server/version").json()
    assert found["version"] == "20261121"
    assert found["compatible"] is True
    assert found["moduleVersions"]["core"] == [metadata.version("flatbed")]


def test_hello_is_one_line(api: ApiClient) -> None:
    """And nothing more, because everybody gets it."""
    assert api.get("/api/hello").json() == {
        "service": "flatbed",
        "version": metadata.version("flatbed"),
        "contract": "20261121",
        "yours": True,
    }


def test_document_holds_every_route_and_verb_and_no_other(bench: LiveService) -> None:
    """It is the table that the service answers by."""
    documented = {
        (path, verb.upper())
        for path, item in bench.document["paths"].items()
        for verb in item.keys() - {"parameters"}
    }
    assert documented == {
        (route.template, verb) for route in route_table() for verb in route.operations
    }


@pytest.mark.parametrize("path", ["/api/hello", "/api/device/scanners", "/api/nothing"])
def test_answer_carries_the_headers_of_every_answer(path: str, api: ApiClient) -> None:
    """Refusals and native callers included."""
    headers = api.ask("GET", path).headers
    assert headers["Content-Type"] == "application/json"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    for name in ("Server", "Strict-Transport-Security", "Set-Cookie", "ETag"):
        assert name not in headers


def test_options_of_a_native_caller_tells_the_verbs(api: ApiClient) -> None:
    """As a person with a command line would ask."""
    answer = api.ask("OPTIONS", "/api/server", 204)
    assert answer.headers["Allow"] == "GET, PATCH, HEAD, OPTIONS"
    assert "Access-Control-Allow-Origin" not in answer.headers
