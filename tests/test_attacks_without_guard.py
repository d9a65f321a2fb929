"""The attack table against a service whose routes have lost their guard, one at each door."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from core.tests.http.attack_table import describe

from flatbed.http.application import route_table

from .support.examples import SETTINGS, Examples, attack
from .support.service import LiveService

ROUTES = {route.path: route for route in route_table()}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service with such doors."""
    folder = tmp_path_factory.mktemp("unguarded")
    running = LiveService(folder, SETTINGS, launcher="tests.support.unguarded")
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def doors(service: LiveService) -> dict[str, int]:
    """Their ports by the path of the unguarded route."""
    found: dict[str, int] = json.loads(service.read_line())
    return found


@pytest.fixture(scope="module")
def examples(service: LiveService) -> Iterator[Examples]:
    """Valid requests to it."""
    made = Examples(service.url, service.data)
    yield made
    made.close()


@pytest.mark.parametrize("path", ROUTES)
def test_route_that_lost_its_guard_turns_the_table_red(
    path: str, doors: dict[str, int], examples: Examples
) -> None:
    """Whichever it is: every verb of it is found out."""
    rows = attack(f"http://127.0.0.1:{doors[path]}", examples, ROUTES[path])
    for verb in ROUTES[path].operations:
        wrong = {row.attack for row in rows if row.verb == verb and not row.is_right}
        assert "host of a rebinding page" in wrong
        assert len(wrong) > 10


def test_guarded_routes_beside_an_unguarded_one_stay_green(
    doors: dict[str, int], examples: Examples
) -> None:
    """So what turns red is the guard that is missing, and not the door."""
    rows = attack(f"http://127.0.0.1:{doors['/api/hello']}", examples, ROUTES["/api/server"])
    assert not describe(rows)
