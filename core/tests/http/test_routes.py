"""The route table: what it refuses to be, and what is built from it."""

from __future__ import annotations

import pytest

from flatbed.http.guard import Guard
from flatbed.http.routes import Operation, Route, build_application

from .demo import DemoGrants, DemoServices
from .demo_routes import JobHandler, JobsHandler, WaitHandler

READ = Operation(summary="Read", answers={200: dict})


def _build(routes: list[Route]) -> None:
    build_application(routes, DemoServices(), Guard(lambda: frozenset({1}), DemoGrants()))


@pytest.mark.parametrize("verb", ["POST", "get", "HEAD", "OPTIONS", "BREW"])
def test_route_with_a_verb_that_nothing_answers_is_refused(verb: str) -> None:
    """An operation without a method would be a 500 at its first call."""
    with pytest.raises(ValueError, match=f"WaitHandler does not answer {verb} of /x"):
        Route("/x", WaitHandler, {verb: READ})


def test_build_application_with_a_path_twice_is_refused() -> None:
    """The second would never be reached."""
    with pytest.raises(ValueError, match="/x"):
        _build([Route("/x", WaitHandler, {"GET": READ}), Route("/x", JobsHandler, {"GET": READ})])


@pytest.mark.parametrize(
    ("path", "matches"),
    [
        ("/api/a.b/1/c", {"x": "1"}),
        ("/api/a.b/%2F/c", {"x": "%2F"}),
        ("/api/aXb/1/c", None),
        ("/api/a.b//c", None),
        ("/api/a.b/1/2/c", None),
        ("/api/a.b/1/c/", None),
        ("/api/a.b/1/c\n", None),
        ("/before/api/a.b/1/c", None),
    ],
)
def test_pattern_matches_one_segment_a_parameter(path: str, matches: dict[str, str] | None) -> None:
    """Literal text is literal, a name stands for one segment, and nothing may follow."""
    route = Route("/api/a.b/{x}/c", JobHandler, {"GET": READ})
    found = route.pattern.match(path)
    assert (found.groupdict() if found else None) == matches


def test_verbs_are_those_of_the_table_with_head_and_options() -> None:
    """What `Allow` says."""
    route = Route("/x/{jobuid}", JobHandler, {"GET": READ, "DELETE": READ})
    assert route.verbs == ["GET", "DELETE", "HEAD", "OPTIONS"]
    assert route.parameters == ["jobuid"]


@pytest.mark.parametrize(
    ("read", "has_head"),
    [
        (READ, True),
        (Operation(summary="Take", answers={200: dict}, has_head=False), False),
        (Operation(summary="Listen", answers={101: None}), False),
    ],
    ids=["reading", "taking", "WebSocket"],
)
def test_find_head_is_get_unless_reading_is_more_than_that(
    read: Operation,
    has_head: bool,  # noqa: FBT001
) -> None:
    """A HEAD must not use up what GET hands out once."""
    route = Route("/x", WaitHandler, {"GET": read})
    assert route.find("HEAD") is (read if has_head else None)
    assert route.find("GET") is read
    assert route.find("POST") is None
