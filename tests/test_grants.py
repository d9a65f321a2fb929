"""Origins that a person decides about by name: listed, changed and taken back while it all runs."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import pytest

from .conftest import MakeService
from .support.bench import COMPAT, GRANTED
from .support.client import ApiClient, Json
from .support.service import LiveService

ORIGINS, PAIR = "/api/origins", "/api/pair"
SITE, OTHER = "https://site.example", "https://other.example"
LIMIT_S = 20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service that lets two origins in by its configuration."""
    configured = f'["{GRANTED}", {{origin = "{COMPAT}", compat = true}}]'
    folder = tmp_path_factory.mktemp("grants")
    running = LiveService(folder, {"ALLOWED_ORIGINS": configured})
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture
def person(service: LiveService) -> Iterator[ApiClient]:
    """Who decides; nothing is decided at the beginning."""
    person = service.client()
    for each in person.get(ORIGINS).json():
        if each["state"] != "configured":
            person.ask("DELETE", path_of(each["origin"]), 204)
    yield person
    service.close_clients()


def path_of(origin: str) -> str:
    """Where one is."""
    return f"{ORIGINS}/{quote(origin, safe='')}"


def decide(person: ApiClient, origin: str, state: str) -> Json:
    """Decide about an origin."""
    body = {"origin": origin, "state": state}
    found: Json = person.ask("POST", ORIGINS, 201, json=body).json()
    return found


def status_for(service: LiveService, origin: str) -> int:
    """What a page of an origin gets when it looks for scanners."""
    return service.client(origin).ask("GET", "/api/device/scanners").status_code


@pytest.mark.parametrize(("state", "status"), [("once", 200), ("always", 200), ("blocked", 403)])
def test_decision_holds_from_the_next_request_on(
    state: str, status: int, service: LiveService, person: ApiClient
) -> None:
    """And so does the end of it; of one origin, never of its neighbours."""
    assert status_for(service, SITE) == 403
    entry = decide(person, SITE, state)
    assert (entry["origin"], entry["state"]) == (SITE, state)
    assert entry in person.get(ORIGINS).json()
    assert status_for(service, SITE) == status
    for other in (OTHER, f"{SITE}:8443", SITE.replace("https", "http"), f"https://www.{SITE[8:]}"):
        assert status_for(service, other) == 403
    person.ask("DELETE", path_of(SITE), 204)
    assert status_for(service, SITE) == 403
    refusal = person.refusal("DELETE", path_of(SITE), 404)
    assert (refusal["code"], refusal["error"]) == (-1040, "origin_not_found")


def test_later_decision_replaces_the_earlier_one(service: LiveService, person: ApiClient) -> None:
    """There is one line for each origin."""
    for state, status in (("always", 200), ("blocked", 403), ("once", 200), ("always", 200)):
        decide(person, SITE, state)
        assert status_for(service, SITE) == status
    entries = [each for each in person.get(ORIGINS).json() if each["origin"] == SITE]
    assert [each["state"] for each in entries] == ["always"]


def test_configured_origin_is_listed_and_changed_in_the_configuration(
    service: LiveService, person: ApiClient
) -> None:
    """The refusal names the place, and it goes on as before."""
    listed = {each["origin"]: each["state"] for each in person.get(ORIGINS).json()}
    assert listed == {GRANTED: "configured", COMPAT: "configured"}
    refusals = [person.refusal("DELETE", path_of(GRANTED), 409)]
    for state in ("once", "always", "blocked"):
        body = {"origin": GRANTED, "state": state}
        refusals.append(person.refusal("POST", ORIGINS, 409, json=body))
    for refusal in refusals:
        assert (refusal["code"], refusal["error"]) == (-1011, "origin_configured")
        assert "allowed_origins in FLATBED_ALLOWED_ORIGINS" in refusal["message"]
    assert status_for(service, GRANTED) == 200
    (used,) = [each for each in person.get(ORIGINS).json() if each["origin"] == GRANTED]
    assert set(used) == {"origin", "state", "lastUsed"}


@pytest.mark.parametrize(
    "body",
    [
        {"origin": "https://Site.example", "state": "always"},
        {"origin": "https://site.example/", "state": "always"},
        {"origin": "https://site.example:443", "state": "always"},
        {"origin": "https://*.example", "state": "always"},
        {"origin": "null", "state": "always"},
        {"origin": "local", "state": "always"},
        {"origin": f"https://{'a' * 300}.example", "state": "always"},
        {"origin": SITE, "state": "configured"},
        {"origin": SITE},
        {"state": "always"},
    ],
    ids=lambda body: str(body)[:60],
)
def test_origin_that_would_never_match_is_refused(body: Json, person: ApiClient) -> None:
    """By the same rules as in the configuration; nothing is kept of it."""
    assert person.refusal("POST", ORIGINS, 400, json=body)["error"] == "invalid_input"
    assert {each["state"] for each in person.get(ORIGINS).json()} == {"configured"}


@pytest.mark.parametrize(
    ("state", "status"), [("once", "granted"), ("always", "granted"), ("blocked", "blocked")]
)
def test_page_that_waits_hears_what_was_decided_elsewhere(
    state: str, status: str, service: LiveService, person: ApiClient
) -> None:
    """By the command line, say, while its window is open."""
    page = service.client(SITE)
    uid = page.ask("POST", PAIR, 201, json={"name": "The site"}).json()["id"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(page.get, f"{PAIR}/{uid}?wait=30")
        assert decide(person, SITE, state)["name"] == "The site"
        answer = waiting.result(LIMIT_S).json()
    assert answer["status"] == status
    assert answer.get("kept") == (state if status == "granted" else None)
    assert person.get(PAIR).json() == []


def test_requests_of_a_granted_origin_write_nothing(make_service: MakeService) -> None:
    """That it called is remembered, told at once, and written when there is time for it."""
    service = make_service()
    person, page = service.client(), service.client(SITE)
    assert "lastUsed" not in decide(person, SITE, "always")
    index = service.data / "cache" / "index.sqlite"
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True)) as watch:
        # What begins with the service writes, too, and ends.
        assert any(is_written_by_nobody(watch, page) for _ in range(20))
        (entry,) = person.get(ORIGINS).json()
        assert entry["lastUsed"] > entry["since"]
        assert watch.execute("SELECT last_used FROM grants").fetchall() == [(None,)]
    service.stop()
    with closing(sqlite3.connect(index)) as stopped:
        assert stopped.execute("SELECT last_used > since FROM grants").fetchall() == [(1,)]


def is_written_by_nobody(watch: sqlite3.Connection, page: ApiClient) -> bool:
    """Whether the index is the same after some requests of a page."""
    before = watch.execute("PRAGMA data_version").fetchone()
    for _ in range(10):
        page.get("/api/server")
    return bool(watch.execute("PRAGMA data_version").fetchone() == before)


def test_refused_request_is_no_use(service: LiveService, person: ApiClient) -> None:
    """Neither of a blocked origin, nor where the guard says no."""
    decide(person, SITE, "always")
    page = service.client(SITE)
    page.refusal("GET", ORIGINS, 403)
    page.refusal(
        "POST", "/api/sessions", 415, content=b"{}", headers={"Content-Type": "text/plain"}
    )
    decide(person, OTHER, "blocked")
    assert status_for(service, OTHER) == 403
    entries = [each for each in person.get(ORIGINS).json() if each["state"] != "configured"]
    assert [each.get("lastUsed") for each in entries] == [None, None]
