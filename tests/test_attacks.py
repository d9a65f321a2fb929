"""The attack table over every route that there is, sent to a real service."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from core.tests.http.attack_cases import REFUSALS
from core.tests.http.attack_table import describe
from core.tests.http.stranger import can_become_stranger

from flatbed.http.application import route_table

from .support import hit_and_run
from .support.client import JOBS
from .support.examples import SETTINGS, Examples, attack
from .support.service import LiveService

ROUTES = {route.path: route for route in route_table()}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service to attack."""
    running = LiveService(tmp_path_factory.mktemp("attacked"), SETTINGS)
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def examples(service: LiveService) -> Iterator[Examples]:
    """Valid requests to it."""
    made = Examples(service.url, service.data)
    yield made
    made.close()


def test_every_verb_of_every_route_has_an_example(examples: Examples) -> None:
    """A new route without one is a hole in the table; an old one is a line too many."""
    assert set(examples.all()) == {
        (route.path, verb) for route in route_table() for verb in route.operations
    }


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        (JOBS, "POST"),
        ("/api/sessions/{sessionuid}", "DELETE"),
        ("/api/server", "PATCH"),
        ("/api/pair", "POST"),
        ("/api/pair/{id}", "PATCH"),
        ("/api/origins", "POST"),
        ("/api/origins/{origin}", "DELETE"),
    ],
)
def test_change_that_succeeds_is_seen(path: str, verb: str, examples: Examples) -> None:
    """Else nobody would see one that an attack makes: a job, a session, a setting."""
    example = examples.all()[path, verb]
    where, observe = example.fresh_path(), examples.observer(path)
    before = observe()
    body = example.body.replace(b"30", b"1")
    assert examples.ask(verb, where, body) < 300
    assert observe() != before
    if verb == "PATCH":
        examples.ask(verb, where, example.body)


@pytest.mark.parametrize("path", ROUTES)
def test_attack_on_a_route_is_refused_and_changes_nothing(
    path: str, service: LiveService, examples: Examples
) -> None:
    """Each gets 403, 415 or 421; each twin, the same without what makes it an attack, succeeds."""
    rows = attack(service.url, examples, ROUTES[path], has_stranger=can_become_stranger())
    assert not describe(rows)
    attacks = [row for row in rows if row.expected[0] in REFUSALS]
    assert {row.got for row in attacks} <= {403, 415, 421}
    verbs = len(ROUTES[path].operations)
    assert len(attacks) >= 40 * verbs
    assert len(rows) - len(attacks) >= 10 * verbs
    if can_become_stranger():
        # By v4, mapped v4 and v6, with four kinds of headers; hello alone answers everybody.
        strangers = [row for row in rows if row.attack.startswith("other OS user")]
        expected = 200 if path == "/api/hello" else 403
        assert Counter(row.got for row in strangers) == {expected: 12 * verbs}


@pytest.mark.root
@pytest.mark.skipif(not can_become_stranger(), reason="only root can become another OS user")
def test_another_user_who_closes_at_once_gets_nothing_done(
    service: LiveService, examples: Examples
) -> None:
    """A peer that is gone cannot be told from root, and is taken for nobody."""
    client = service.client()
    examples.clear()
    # Whoever is let in has the scanner at once: what it can do is known already.
    client.delete(client.scan("Fresh", autoRun=False))
    before = service.stored_jobs()
    lines = [f"POST {JOBS} HTTP/1.1", f"Host: 127.0.0.1:{service.port}"]
    content = json.dumps({"device": "Fresh", "autoRun": False})
    lines += [f"Content-Length: {len(content)}", "", content]
    request = "\r\n".join(lines).encode()
    command = [sys.executable, str(Path(hit_and_run.__file__)), str(service.port), request.hex()]
    subprocess.run(command, check=True, timeout=60)
    # Connections are taken in their order, so these come after all of them.
    for address in ("127.0.0.1", "[::1]"):
        client.get(f"http://{address}:{service.port}/api/hello")
    client.scan("Fresh", autoRun=False)
    client.delete_jobs()
    assert service.stored_jobs() == before
