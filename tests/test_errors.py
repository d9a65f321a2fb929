"""Requests that nobody can answer: each is told what is wrong, by number, name and words."""

from __future__ import annotations

from typing import Any

import pytest

from .support.bench import glass
from .support.client import JOBS, ApiClient

BROKEN = [b"{", b"nothing", b'{"device": }', b"\xff\xfe", b'{"a": 1}{', b"[" * 5000, b"'single'"]
NOT_OBJECTS = [b"[]", b"1", b'"text"', b"true", b"null"]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_body_that_is_no_json_is_refused(body: bytes, api: ApiClient) -> None:
    """Whatever its type is said to be; and the scanner is not touched."""
    uid = api.scan("Plain", autoRun=False)
    for path, verb in ((JOBS, "POST"), (f"{JOBS}/{uid}", "PATCH"), ("/api/server", "PATCH")):
        for media_type in ("application/json", "application/text"):
            headers = {"Content-Type": media_type}
            refusal = api.refusal(verb, path, 400, content=body, headers=headers)
            assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert api.job(uid)["status"] == "pending"


@pytest.mark.parametrize("body", NOT_OBJECTS, ids=bytes.decode)
def test_body_that_is_no_object_is_refused(body: bytes, api: ApiClient) -> None:
    """JSON, but of a wrong kind."""
    assert api.refusal("POST", JOBS, 400, content=body)["code"] == -2113


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("autoRun", "yes"),
        ("autoRun", 1),
        ("device", 7),
        ("device", {"id": "x"}),
        ("config", []),
        ("config", "fast"),
        ("caps", []),
        ("settings", 7),
        ("checkFeederLoaded", "no"),
        ("scannerFailureTimeout", "1"),
        ("jobTimeout", {}),
        ("requestFocusForScanningUI", 0),
        ("onFault", "explode"),
        ("mediaType", "image/gif"),
        ("interleave", "back"),
    ],
)
def test_field_of_a_wrong_type_is_refused_by_its_name(
    field: str, value: Any, api: ApiClient
) -> None:
    """So that whoever wrote the page finds it."""
    refusal = api.refusal("POST", JOBS, 400, json={"device": "Plain", field: value})
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert f"'{field}'" in refusal["message"]


def test_job_for_a_document_that_is_not_there_is_refused(api: ApiClient) -> None:
    """And nothing is scanned that would have no place."""
    refusal = api.refusal("POST", JOBS, 404, json={"device": "Plain", "document": "d0"})
    assert (refusal["code"], refusal["error"]) == (-1040, "document_not_found")
    api.create("Plain", autoRun=False)


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/device", "/api/device/scanners/", "/API/server", "/api/nothing",
     "/DWTAPI", f"{JOBS}/0123/unknown", f"{JOBS}//next-page", "/api/../etc/passwd",
     "/api/%2e%2e/server"],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE"])
def test_path_that_is_no_route_is_not_found(verb: str, path: str, api: ApiClient) -> None:
    """With every verb, and in no other spelling than the contract's."""
    refusal = api.refusal(verb, path, 404)
    assert (refusal["code"], refusal["error"]) == (-1040, "not_found")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("POST", "/api/device/scanners", "GET, HEAD, OPTIONS"),
        ("DELETE", JOBS, "POST, OPTIONS"),
        ("GET", JOBS, "POST, OPTIONS"),
        ("POST", f"{JOBS}/0123", "GET, PATCH, DELETE, HEAD, OPTIONS"),
        ("PUT", "/api/server", "GET, PATCH, HEAD, OPTIONS"),
        ("HEAD", f"{JOBS}/0123/next-page", "GET, OPTIONS"),
        ("GET", "/DWTAPI/ScanJobs/0123", "DELETE, OPTIONS"),
        ("PATCH", "/api/hello", "GET, HEAD, OPTIONS"),
    ],
)
def test_verb_that_a_path_lacks_is_refused_with_those_that_it_has(
    verb: str, path: str, allowed: str, api: ApiClient
) -> None:
    """In the header that says so; before anybody looks whether there is such a job."""
    answer = api.ask(verb, path, 405)
    assert answer.headers["Allow"] == allowed
    if verb != "HEAD":
        assert (answer.json()["code"], answer.json()["error"]) == (-2112, "wrong_verb")


def test_body_that_is_too_big_is_refused(api: ApiClient) -> None:
    """Beyond one mebibyte; just below it is read to its end."""
    spaces = b" " * (2**20 - 2)
    small = api.ask("POST", "/api/sessions", 201, content=b"{}" + spaces)
    assert small.json()["addons"] == {}
    refusal = api.refusal("POST", "/api/sessions", 413, content=b"{} " + spaces)
    assert (refusal["code"], refusal["error"]) == (-2113, "too_big")


def test_header_that_nobody_needs_is_ignored(api: ApiClient) -> None:
    """Keys of licences above all."""
    headers = {"DWT-PRODUCT-KEY": "x", "X-DICS-LICENSE-KEY": "y", "DWT-DOC-PASSWORD": "z"}
    body = {"device": "Plain", "config": glass(), "license": "k"}
    answer = api.ask("POST", JOBS, 201, headers=headers, json=body)
    api.created.append(answer.json()["jobuid"])
    assert api.wait_for_end(api.created[-1])["status"] == "completed"


def test_query_that_nobody_knows_is_ignored(api: ApiClient) -> None:
    """Clients add numbers against caches."""
    assert api.get("/api/device/scanners?ts=123&type=256").json()
