"""Web origins: who may call, what each of them sees, and how browsers ask beforehand."""

from __future__ import annotations

import pytest

from .support.bench import COMPAT, GRANTED, OTHER, glass
from .support.client import JOBS, ApiClient
from .support.service import LiveService

UNGRANTED = "https://evil.example"
JOB_REQUESTS = [
    ("GET", ""),
    ("PATCH", ""),
    ("DELETE", ""),
    ("GET", "/next-page"),
    ("GET", "/next-page-info"),
    ("GET", "/content"),
    ("GET", "/scanner/capabilities"),
    ("GET", "/scanner/settings"),
]


@pytest.mark.parametrize(("verb", "part"), JOB_REQUESTS)
def test_job_of_another_origin_is_not_there(
    verb: str, part: str, bench: LiveService, page: ApiClient, api: ApiClient
) -> None:
    """Neither to another page nor of a native program to any page; and it stays as it is."""
    theirs = bench.client(OTHER)
    body = {"json": {"status": "running"}} if verb == "PATCH" else {}
    for owner, stranger in ((page, theirs), (api, page)):
        uid = owner.scan("Plain", autoRun=False)
        refusal = stranger.refusal(verb, f"{JOBS}/{uid}{part}", 404, **body)
        assert (refusal["code"], refusal["error"]) == (-1034, "job_not_found")
        assert owner.job(uid)["status"] == "pending"
        owner.delete(uid)
        # That it was there once is nobody else's business, either.
        assert stranger.refusal(verb, f"{JOBS}/{uid}{part}", 404, **body)["code"] == -1034


def test_native_caller_sees_the_jobs_of_every_origin(page: ApiClient, api: ApiClient) -> None:
    """And may start, read and delete them."""
    uid = page.scan("Plain", autoRun=False, config=glass())
    api.change(uid, "running")
    assert len(api.drain(uid)) == 1
    api.delete(uid)
    assert page.refusal("GET", f"{JOBS}/{uid}", 410)["code"] == -1034


def test_page_of_another_origin_cannot_be_fetched_through_an_own_job(
    bench: LiveService, page: ApiClient, api: ApiClient
) -> None:
    """Whoever knows its id has nothing by that."""
    theirs = api.scan("Plain", config=glass())
    foreign = api.get(f"{JOBS}/{theirs}/next-page-info").json()["imageuid"]
    api.wait_for(theirs, "completed")
    own = page.scan("Plain", config=glass())
    refusal = page.refusal("GET", f"{JOBS}/{own}/next-page?page={foreign}", 404)
    assert refusal["error"] == "page_not_found"


def test_granted_page_gets_the_headers_that_let_it_read(page: ApiClient) -> None:
    """Its own origin and never a star, on answers and on refusals alike."""
    for answer in (page.get("/api/device/scanners"), page.ask("GET", f"{JOBS}/0123", 404)):
        assert answer.headers["Access-Control-Allow-Origin"] == GRANTED
        assert "Origin" in answer.headers["Vary"]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Server" not in answer.headers
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("origin", [UNGRANTED, "null", f"{GRANTED}:8443", GRANTED.upper()])
def test_origin_without_a_grant_may_nothing_but_say_hello(origin: str, bench: LiveService) -> None:
    """And may not read why it was refused."""
    stranger = bench.client(origin)
    answer = stranger.ask("GET", "/api/device/scanners", 403)
    assert (answer.json()["code"], answer.json()["error"]) == (-2137, "origin_blocked")
    assert "Access-Control-Allow-Origin" not in answer.headers
    expected = 403 if origin == "null" else 200
    assert stranger.ask("GET", "/api/hello").status_code == expected


@pytest.mark.parametrize("origin", [GRANTED, COMPAT])
def test_preflight_of_a_granted_origin_grants_what_it_asks_for(
    origin: str, bench: LiveService
) -> None:
    """On every path, private networks included."""
    client = bench.client(origin)
    asked = {
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "content-type, dwt-doc-password",
        "Access-Control-Request-Private-Network": "true",
    }
    for path in (JOBS, f"{JOBS}/0123", "/api/nothing", "/DWTAPI/ScanJobs"):
        headers = client.ask("OPTIONS", path, 204, headers=asked).headers
        assert headers["Access-Control-Allow-Origin"] == origin
        assert headers["Access-Control-Allow-Methods"] == "DELETE"
        assert headers["Access-Control-Allow-Headers"] == "content-type, dwt-doc-password"
        assert headers["Access-Control-Allow-Private-Network"] == "true"


def test_preflight_of_an_origin_without_a_grant_is_refused(bench: LiveService) -> None:
    """Else it could send what it likes, blindly."""
    asked = {"Access-Control-Request-Method": "POST"}
    answer = bench.client(UNGRANTED).ask("OPTIONS", JOBS, 403, headers=asked)
    assert "Access-Control-Allow-Methods" not in answer.headers


@pytest.mark.parametrize(
    ("origin", "media_type", "status"),
    [
        (GRANTED, "application/json", 201),
        (GRANTED, "application/json; charset=utf-8", 201),
        (GRANTED, "text/plain", 415),
        (GRANTED, "application/x-www-form-urlencoded", 415),
        (GRANTED, "application/text", 415),
        (COMPAT, "text/plain", 201),
        (COMPAT, "text/plain;charset=UTF-8", 201),
        (COMPAT, "application/x-www-form-urlencoded", 415),
        (None, "application/x-www-form-urlencoded", 201),
        (None, "", 201),
    ],
)
def test_body_of_a_page_needs_a_type_that_it_had_to_ask_for(
    origin: str | None, media_type: str, status: int, bench: LiveService
) -> None:
    """Native callers send what they like; older pages text/plain, where their line says so."""
    client = bench.client(origin)
    headers = {"Content-Type": media_type} if media_type else {}
    body = b'{"device": "Plain", "autoRun": false}'
    answer = client.ask("POST", JOBS, status, headers=headers, content=body)
    if status == 201:
        client.delete(answer.json()["jobuid"])
    else:
        assert answer.json()["error"] == "media_type_unsupported"


def test_right_to_change_the_service_is_local(page: ApiClient, bench: LiveService) -> None:
    """Native callers and own pages have it, granted ones do not."""
    assert page.get("/api/server").json() == {"logLevel": 30}
    refusal = page.refusal("PATCH", "/api/server", 403, json={"logLevel": 0})
    assert (refusal["code"], refusal["error"]) == (-2137, "origin_blocked")
    own = bench.client(bench.url)
    assert own.ask("PATCH", "/api/server", 200, json={"logLevel": 30}).json() == {"logLevel": 30}
    assert page.get("/api/server").json() == {"logLevel": 30}
