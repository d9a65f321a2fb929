"""What every handler shares: headers on every answer, preflights, refusals, limits."""

from __future__ import annotations

import json
import socket

import pytest
import structlog

from flatbed.errors import InternalError
from flatbed.http.guarded import GuardedHandler
from flatbed.http.headers import API_POLICY, PAGE_POLICY

from .demo import GRANTED, DemoServer
from .raw import Request, ask, connect, receive

UNGRANTED = "https://evil.example"

RULES = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Origin",
    "Referrer-Policy": "no-referrer",
    "Server": None,
    "Strict-Transport-Security": None,
    "Set-Cookie": None,
    "ETag": None,
}

ANSWERS = {
    "200": ("GET", "/api/hello", (), 200),
    "200 to HEAD": ("HEAD", "/api/hello", (), 200),
    "a picture": ("GET", "/api/demo/jobs/job-0/content", (), 200),
    "201": ("POST", "/api/demo/jobs", (), 201),
    "204": ("DELETE", "/api/demo/jobs/job-0", (), 204),
    "204 to OPTIONS": ("OPTIONS", "/api/demo/jobs", (), 204),
    "400": ("GET", "/api/demo/jobs?limit=none", (), 400),
    "400 of a path that is no text": ("GET", "/api/demo/jobs/%ff", (), 400),
    "403": ("GET", "/api/demo/jobs", (("Origin", UNGRANTED),), 403),
    "403 to OPTIONS": ("OPTIONS", "/api/demo/jobs", (("Origin", UNGRANTED),), 403),
    "404": ("GET", "/api/demo/jobs/none", (), 404),
    "404 of no route": ("GET", "/api/none", (), 404),
    "404 to HEAD": ("HEAD", "/api/none", (), 404),
    "405": ("PUT", "/api/demo/jobs", (), 405),
    "405 to a verb that nobody knows": ("BREW", "/api/demo/jobs", (), 405),
    "415": (
        "POST",
        "/api/demo/jobs",
        (("Origin", GRANTED), ("Content-Type", "text/plain")),
        415,
    ),
    "421": ("GET", "/api/hello", (("Host", "evil.example"),), 421),
    "423": ("GET", "/api/demo/fail/held", (), 423),
    "500": ("GET", "/api/demo/fail/bug", (), 500),
    "502": ("GET", "/api/demo/fail/crashed", (), 502),
    "no handshake": ("GET", "/api/demo/events", (), 400),
}


@pytest.fixture
def job(server: DemoServer) -> str:
    """The id of a job that is there: the first of a new server."""
    return server.call(lambda: server.services.add("old"))


@pytest.mark.usefixtures("job")
@pytest.mark.parametrize(("verb", "path", "headers", "status"), ANSWERS.values(), ids=ANSWERS)
def test_answer_of_each_kind_has_the_headers_of_all(
    verb: str, path: str, headers: tuple[tuple[str, str], ...], status: int, server: DemoServer
) -> None:
    """No answer is without them, least of all a refusal."""
    answer = ask(server.port, verb, path, headers)
    assert answer.status == status
    assert {name: answer.header(name) for name in RULES} == RULES
    assert answer.header("Content-Security-Policy") == API_POLICY
    assert "frame-ancestors 'none'" in API_POLICY
    assert answer.header("Access-Control-Allow-Origin") in (None, GRANTED)


def test_answer_of_a_page_has_a_policy_for_its_own_files_alone(server: DemoServer) -> None:
    """A page loads its own scripts, from no other place, and no frame shows it."""
    answer = ask(server.port, "GET", "/")
    assert answer.header("Content-Security-Policy") == PAGE_POLICY
    assert "default-src 'none'" in PAGE_POLICY
    assert "script-src 'self';" in PAGE_POLICY
    assert "frame-ancestors 'none'" in PAGE_POLICY


ORIGINS = {
    "granted": ("/api/demo/jobs", GRANTED, GRANTED),
    "granted, not found": ("/api/none", GRANTED, GRANTED),
    "granted, bad input": ("/api/demo/jobs?limit=x", GRANTED, GRANTED),
    "granted, our fault": ("/api/demo/fail/bug", GRANTED, GRANTED),
    "ungranted": ("/api/demo/jobs", UNGRANTED, None),
    "ungranted, not found": ("/api/none", UNGRANTED, None),
    "ungranted at hello": ("/api/hello", UNGRANTED, UNGRANTED),
    "null at hello": ("/api/hello", "null", None),
    "native": ("/api/demo/jobs", "", None),
}


@pytest.mark.parametrize(("path", "origin", "reader"), ORIGINS.values(), ids=ORIGINS)
def test_answer_may_be_read_by_the_granted_or_asking_origin_alone(
    path: str, origin: str, reader: str | None, server: DemoServer
) -> None:
    """The origin itself, errors included; never a star, never for one who is refused."""
    headers = [("Origin", origin)] if origin else []
    answer = ask(server.port, "GET", path, headers)
    assert answer.header("Access-Control-Allow-Origin") == reader
    assert answer.header("Access-Control-Allow-Credentials") is None


def test_answer_415_may_be_read_by_the_granted_origin(server: DemoServer) -> None:
    """Who wrote the page can see what is wrong with its request."""
    headers = [("Origin", GRANTED), ("Content-Type", "text/plain")]
    answer = ask(server.port, "POST", "/api/demo/jobs", headers, b"{}")
    assert answer.header("Access-Control-Allow-Origin") == GRANTED
    assert json.loads(answer.body)["error"] == "media_type_unsupported"


def test_answer_201_exposes_its_location(server: DemoServer) -> None:
    """A page of another origin cannot read that header by itself."""
    headers = [("Origin", GRANTED), ("Content-Type", "application/json")]
    answer = ask(server.port, "POST", "/api/demo/jobs", headers, b"{}")
    assert answer.header("Location") == f"http://127.0.0.1:{server.port}/api/demo/jobs/job-0"
    assert "Location" in (answer.header("Access-Control-Expose-Headers") or "")


PREFLIGHTS = {
    "known path": ("/api/demo/jobs", GRANTED, "DELETE", 204),
    "unknown path": ("/api/none", GRANTED, "POST", 204),
    "admin path": ("/api/demo/settings", GRANTED, "PATCH", 204),
    "socket": ("/api/demo/events", GRANTED, "GET", 204),
    "hello": ("/api/hello", UNGRANTED, "GET", 204),
    "pairing": ("/api/demo/pair", UNGRANTED, "POST", 204),
    "pairing by another verb": ("/api/demo/pair", UNGRANTED, "DELETE", 403),
    "ungranted": ("/api/demo/jobs", UNGRANTED, "POST", 403),
    "ungranted unknown path": ("/api/none", UNGRANTED, "POST", 403),
    "null": ("/api/demo/pair", "null", "POST", 403),
}


@pytest.mark.parametrize(("path", "origin", "verb", "status"), PREFLIGHTS.values(), ids=PREFLIGHTS)
def test_options_preflight_is_granted_to_whom_the_route_answers(
    path: str, origin: str, verb: str, status: int, server: DemoServer
) -> None:
    """Origin, verb and headers are echoed, or nothing is."""
    asked = [
        ("Origin", origin),
        ("Access-Control-Request-Method", verb),
        ("Access-Control-Request-Headers", "content-type,flatbed-session"),
        ("Access-Control-Request-Private-Network", "true"),
    ]
    answer = ask(server.port, "OPTIONS", path, asked)
    granted = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": verb,
        "Access-Control-Allow-Headers": "content-type,flatbed-session",
        "Access-Control-Allow-Private-Network": "true",
    }
    expected = granted if status == 204 else dict.fromkeys(granted)
    assert answer.status == status
    assert {name: answer.header(name) for name in granted} == expected


def test_options_preflight_that_asks_for_little_is_granted_no_more(server: DemoServer) -> None:
    """No header, no network that nobody asked for."""
    asked = [("Origin", GRANTED), ("Access-Control-Request-Method", "GET")]
    answer = ask(server.port, "OPTIONS", "/api/demo/jobs", asked)
    assert answer.header("Access-Control-Allow-Headers") is None
    assert answer.header("Access-Control-Allow-Private-Network") is None


def test_options_of_a_native_caller_names_the_verbs(server: DemoServer) -> None:
    """Without `Origin` it is a question about the address."""
    answer = ask(server.port, "OPTIONS", "/api/demo/jobs")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("Allow") == "GET, POST, HEAD, OPTIONS"


def test_verb_that_the_table_lacks_is_405_though_the_handler_knows_it(server: DemoServer) -> None:
    """The table decides what there is, and the answer says what that is."""
    answer = ask(server.port, "GET", "/api/demo/settings")
    assert answer.status == 405
    assert answer.header("Allow") == "PATCH, OPTIONS"
    assert json.loads(answer.body) == {
        "code": -2112,
        "message": "This address does not know this verb.",
        "statusCode": 405,
        "error": "wrong_verb",
    }


def test_verb_that_nobody_knows_is_refused_by_the_guard_first(server: DemoServer) -> None:
    """Tornado gives such verbs up before any handler is asked."""
    headers = [("Origin", UNGRANTED)]
    assert ask(server.port, "BREW", "/api/demo/jobs", headers).status == 403
    assert ask(server.port, "BREW", "/api/demo/jobs", [("Host", "evil.example")]).status == 421


def test_head_answers_as_get_without_its_body(server: DemoServer) -> None:
    """The same status, type and length."""
    head, get = (ask(server.port, verb, "/api/hello") for verb in ("HEAD", "GET"))
    assert (head.status, head.body) == (200, b"")
    assert head.header("Content-Length") == str(len(get.body))
    assert head.header("Content-Type") == "application/json"


@pytest.mark.parametrize("path", ["/api/demo/wait", "/api/demo/events"])
def test_head_where_reading_uses_something_up_is_405(path: str, server: DemoServer) -> None:
    """What GET hands out once must not be lost to a HEAD; a WebSocket has none at all."""
    answer = ask(server.port, "HEAD", path)
    assert answer.status == 405
    assert answer.header("Allow") == "GET, OPTIONS"


def test_failure_unforeseen_gives_nothing_away_and_is_logged(server: DemoServer) -> None:
    """The caller gets the sentence of the contract, the log what happened, without the path."""
    with structlog.testing.capture_logs() as lines:
        answer = ask(server.port, "GET", "/api/demo/fail/bug")
    assert json.loads(answer.body) == {
        "code": -1001,
        "message": "Something unforeseen went wrong. Nothing you scanned was changed; "
        "look into the log.",
        "statusCode": 500,
        "error": "internal_error",
    }
    (line,) = [each for each in lines if each["log_level"] == "error"]
    assert (line["verb"], line["route"]) == ("GET", "/api/demo/fail/{how}")
    assert isinstance(line["exc_info"][1], ZeroDivisionError)


def test_failure_of_validation_inside_is_ours_and_not_the_callers(server: DemoServer) -> None:
    """Only what a caller sent can be wrong input."""
    assert ask(server.port, "GET", "/api/demo/fail/validation").status == 500


def test_failure_of_the_caller_is_not_logged_as_ours(server: DemoServer) -> None:
    """A log full of other people's mistakes hides one's own."""
    with structlog.testing.capture_logs() as lines:
        ask(server.port, "GET", "/api/demo/jobs/none")
        ask(server.port, "GET", "/api/demo/fail/teapot")
    assert {each["log_level"] for each in lines} == {"debug"}


def test_limit_of_requests_in_flight_is_one_origins_own() -> None:
    """The third of an origin with two places has to wait; others do not notice."""
    with DemoServer(max_in_flight=2) as server:
        held = [_wait_as(server, GRANTED) for _ in range(2)]
        assert server.limits.wait_for(GRANTED, 2)
        full = ask(server.port, "GET", "/api/demo/jobs", [("Origin", GRANTED)])
        assert full.status == 429
        assert full.header("Retry-After") == "1"
        assert full.header("Access-Control-Allow-Origin") == GRANTED
        assert json.loads(full.body)["error"] == "too_many_requests"
        assert ask(server.port, "GET", "/api/demo/jobs").status == 200
        assert ask(server.port, "GET", "/api/hello", [("Origin", UNGRANTED)]).status == 200
        server.call(server.services.go_on.set)
        assert [receive(each).status for each in held] == [200, 200]
        for each in held:
            each.close()
        assert ask(server.port, "GET", "/api/demo/jobs", [("Origin", GRANTED)]).status == 200


def test_limit_place_of_a_caller_who_left_is_free_again() -> None:
    """A page that was closed while it waited for an answer holds nothing."""
    with DemoServer(max_in_flight=1) as server:
        gone = _wait_as(server, GRANTED)
        assert server.limits.wait_for(GRANTED, 1)
        gone.close()
        assert server.limits.wait_for(GRANTED, 0)
        assert ask(server.port, "GET", "/api/demo/jobs", [("Origin", GRANTED)]).status == 200


def test_limit_place_of_a_caller_who_left_in_the_middle_of_a_body_is_free_again() -> None:
    """The answer that would have given it back is never made."""
    with DemoServer(max_in_flight=1) as server:
        with connect(server.port) as connection:
            headers = (
                ("Host", f"127.0.0.1:{server.port}"),
                ("Origin", GRANTED),
                ("Content-Type", "application/json"),
                ("Content-Length", "100"),
            )
            connection.sendall(Request("POST", "/api/demo/jobs", headers, b"{").encode())
            assert server.limits.wait_for(GRANTED, 1)
        assert server.limits.wait_for(GRANTED, 0)


def test_caller_without_the_guard_is_an_error() -> None:
    """Code that was reached past the guard gets nobody to act for."""
    handler = GuardedHandler.__new__(GuardedHandler)
    with pytest.raises(InternalError):
        _ = handler.caller


def _wait_as(server: DemoServer, origin: str) -> socket.socket:
    connection = connect(server.port)
    headers = (("Host", f"127.0.0.1:{server.port}"), ("Origin", origin))
    connection.sendall(Request("GET", "/api/demo/wait", headers).encode())
    return connection
