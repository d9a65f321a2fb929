"""The attack table over the demo routes, and that it sees a route without its guard."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flatbed.http.guard import Caller
from flatbed.http.guarded import GuardedHandler
from flatbed.http.routes import Operation, Route

from .attack_table import AttackTable, Example, Row, describe
from .demo import GRANTED, DemoServer
from .demo_routes import demo_routes
from .stranger import can_become_stranger

# Answers that wait, or that are failures whoever asks, have no twins that succeed.
_LEFT_OUT = ("/api/demo/wait", "/api/demo/fail/{how}")


def table_of(server: DemoServer, *, has_stranger: bool = False) -> AttackTable:
    """The attack table against a demo server, whose services count every change."""

    def observe() -> object:
        return server.services.changes, dict(server.services.jobs)

    return AttackTable(server.base_url, GRANTED, observe, has_stranger)


def routes_of(server: DemoServer) -> list[Route]:
    """The routes that there is something to attack at."""
    return [route for route in server.routes if route.path not in _LEFT_OUT]


def examples_of(server: DemoServer) -> dict[tuple[str, str], Example]:
    """A valid request for each operation, with the ids of jobs that are there."""

    def job() -> str:
        uid = server.call(lambda: server.services.add("old"))
        return f"/api/demo/jobs/{uid}"

    given = {
        ("/api/demo/jobs", "POST"): Example("/api/demo/jobs", b'{"name": "new"}'),
        ("/api/demo/jobs/{jobuid}", "GET"): Example(job),
        ("/api/demo/jobs/{jobuid}", "PATCH"): Example(job, b'{"status": "running"}'),
        ("/api/demo/jobs/{jobuid}", "DELETE"): Example(job),
        ("/api/demo/jobs/{uid}/content", "GET"): Example(lambda: f"{job()}/content"),
        ("/api/demo/files", "POST"): Example("/api/demo/files", b"\x01\x02\x03"),
    }
    plain = {
        (route.path, verb): Example(route.path, b"" if verb == "GET" else b"{}")
        for route in routes_of(server)
        for verb in route.operations
    }
    return plain | given


def attack_path(server: DemoServer, path: str) -> list[Row]:
    """The rows of one route."""
    routes = [route for route in server.routes if route.path == path]
    return table_of(server).attack_routes(routes, examples_of(server))


@pytest.mark.parametrize("path", [r.path for r in demo_routes() if r.path not in _LEFT_OUT])
def test_attack_routes_of_guarded_route_finds_nothing(path: str, server: DemoServer) -> None:
    """Every attack is stopped, every twin comes through, on each kind of route there is."""
    rows = attack_path(server, path)
    assert not describe(rows)
    assert len(rows) > 60


@pytest.mark.root
@pytest.mark.skipif(not can_become_stranger(), reason="only root can become another OS user")
def test_attack_routes_by_another_user_finds_nothing(server: DemoServer) -> None:
    """Another OS user gets nothing but hello, by v4, mapped v4 and v6, whatever it claims."""
    table = table_of(server, has_stranger=True)
    routes = [route for route in server.routes if route.path in ("/api/hello", "/api/demo/pair")]
    rows = table.attack_routes(routes, examples_of(server))
    assert not describe(rows)
    found = [(row.route, row.got) for row in rows if row.attack.startswith("other OS user")]
    assert found.count(("/api/hello", 200)) == 12
    assert found.count(("/api/demo/pair", 403)) == 12


@pytest.mark.parametrize("path", [r.path for r in demo_routes() if r.path not in _LEFT_OUT])
def test_attack_routes_of_unguarded_handler_finds_it(path: str) -> None:
    """Take the guard out of any one handler and its rows turn red, those of no other."""
    routes = demo_routes(lambda each: _without_guard(path) if each == path else None)
    with DemoServer(routes) as server:
        wrong = {row.attack for row in attack_path(server, path) if not row.is_right}
        others = attack_path(server, "/api/demo/jobs" if path == "/" else "/")
    assert "host of a rebinding page" in wrong
    assert len(wrong) > 10
    assert not describe(others)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"needs_admin": False}, f"origin {GRANTED}, granted"),
        ({"open_to_origins": True}, "origin https://evil.example"),
        ({"is_page": True, "needs_admin": True}, ""),
    ],
    ids=["admin right not asked for", "open by mistake", "a page that only changes"],
)
def test_attack_route_against_facts_of_another_table_finds_the_difference(
    facts: dict[str, bool], found: str, server: DemoServer
) -> None:
    """A route that runs with other facts than its table says is as bad as one without a guard."""
    (told,) = [route for route in demo_routes() if route.path == "/api/demo/settings"]
    open_routes = [_with_facts(told, facts), *(r for r in demo_routes() if r.path != told.path)]
    with DemoServer(open_routes) as loose:
        rows = table_of(loose).attack_route(told, "PATCH", told.path, b"{}")
    wrong = {row.attack for row in rows if not row.is_right}
    assert (found in wrong) if found else not wrong


@pytest.mark.parametrize(
    ("got", "has_leaked", "has_changed", "is_right"),
    [(403, False, False, True), (200, False, False, False), (403, True, False, False),
     (403, False, True, False)],
    ids=["refused", "let in", "refused but readable", "refused but changed"],
)  # fmt: skip
def test_row_is_right_only_without_leak_and_change(
    got: int,
    *,
    has_leaked: bool,
    has_changed: bool,
    is_right: bool,
) -> None:
    """A refusal that a page can read, or that came after the deed, is none."""
    row = Row("/", "GET", "attack", (403,), got, has_leaked, has_changed)
    assert row.is_right is is_right


def _without_guard(path: str) -> type[Any]:
    (handler,) = [route.handler for route in demo_routes() if route.path == path]

    def admit(self: GuardedHandler) -> Operation:
        self._caller = Caller("local", is_local=True)
        self._readable_by = self.request.headers.get("Origin")
        return self.find_operation()

    return type("Unguarded", (handler,), {"admit": admit})


def _with_facts(route: Route, facts: dict[str, bool]) -> Route:
    operations = {
        verb: replace(each, facts=replace(each.facts, **facts))
        for verb, each in route.operations.items()
    }
    return replace(route, operations=operations)
