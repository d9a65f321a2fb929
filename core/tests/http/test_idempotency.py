"""Requests with an `Idempotency-Key`: done once, answered as often as they are sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest

from flatbed.addon.frames import new_key
from flatbed.errors import ScannerHeldError
from flatbed.http.base import ApiHandler
from flatbed.http.guard import RouteFacts
from flatbed.http.idempotency import json_answer
from flatbed.http.openapi import build_document
from flatbed.http.routes import Operation, Route
from flatbed.storage.idempotency import Starts
from flatbed.storage.index import Index

from .demo import GRANTED, DemoServer
from .raw import Answer, ask

THINGS = "/api/things"
PAGE = [("Origin", GRANTED), ("Content-Type", "application/json")]


class Wish(msgspec.Struct):
    """What the handler is to do."""

    begins: bool = False
    waits: bool = False
    fails: bool = False
    keeps: bool = True


class ThingsHandler(ApiHandler):
    """Makes things, and answers which."""

    async def receive(self, chunk: bytes) -> None:
        self.services.uploaded += len(chunk)
        await super().receive(chunk)

    async def post(self) -> None:
        wish = self.read_body(Wish)
        if wish.begins:
            await self.once.begin()
        if wish.waits:
            await self.services.go_on.wait()
        if wish.fails and not self.services.jobs:
            self.services.add("failed")
            raise ScannerHeldError
        uid = self.services.add("thing")
        answer = json_answer({"uid": uid}, 201, Location=f"{self.base_url}{THINGS}/{uid}")
        if wish.keeps:
            await self.once.keep(answer)
        self.write_answer(answer)

    async def put(self) -> None:
        self.services.add("put")
        self.write_json({})


ROUTES = [
    Route(
        THINGS,
        ThingsHandler,
        {
            "POST": Operation(
                summary="Make a thing",
                body=Wish,
                answers={201: dict[str, str]},
                errors=(ScannerHeldError,),
                facts=RouteFacts(takes_octets=True),
                takes_key=True,
            ),
            "PUT": Operation(summary="Takes no key", answers={200: dict[str, str]}),
        },
    )
]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoServer]:
    """A server that makes things."""
    index = Index(tmp_path / "index.sqlite")
    with DemoServer(ROUTES) as running:
        vars(running.services)["starts"] = Starts(index, new_key())
        yield running
    index.close()


def post(
    server: DemoServer,
    key: str | None = "k1",
    *headers: tuple[str, str],
    path: str = THINGS,
    **wish: Any,
) -> Answer:
    """Ask for a thing."""
    keyed = [] if key is None else [("Idempotency-Key", key)]
    return ask(server.port, "POST", path, [*keyed, *headers], json.dumps(wish).encode())


def name_of(answer: Answer) -> tuple[int, str]:
    """The status and the stable name of an error."""
    return answer.status, json.loads(answer.body)["error"]


def test_same_key_and_body_get_the_first_answer_again(server: DemoServer) -> None:
    """Status, body and Location, with a header that says so; nothing is done."""
    first, again = post(server), post(server)
    assert (first.status, first.header("Idempotent-Replayed")) == (201, None)
    assert (again.status, again.header("Idempotent-Replayed")) == (201, "true")
    assert again.body == first.body == b'{"uid":"job-0"}'
    assert again.header("Location") == first.header("Location")
    assert again.header("Content-Type") == "application/json"
    assert server.services.changes == 1


def test_requests_without_a_key_are_done_each_time(server: DemoServer) -> None:
    """As ever; another key is another wish."""
    bodies = [post(server, key).body for key in (None, None, "k1", "k2")]
    assert len(set(bodies)) == 4


def test_verb_that_takes_no_key_ignores_it(server: DemoServer) -> None:
    """Only what says so in the table promises anything."""
    for _ in range(2):
        assert ask(server.port, "PUT", THINGS, [("Idempotency-Key", "k1")]).status == 200
    assert server.services.changes == 2


@pytest.mark.parametrize(
    ("path", "wish"),
    [(THINGS, {"keeps": True}), (f"{THINGS}?at=2", {})],
    ids=["body", "query"],
)
def test_key_with_another_request_is_refused(
    path: str, wish: dict[str, Any], server: DemoServer
) -> None:
    """409, nothing is done, and the first is still there."""
    post(server)
    assert name_of(post(server, path=path, **wish)) == (409, "idempotency_key_reused")
    assert post(server).header("Idempotent-Replayed") == "true"
    assert server.services.changes == 1


def test_key_of_another_owner_is_another_key(server: DemoServer) -> None:
    """A page, a subject of it and a program do not see each other's."""
    anna = ("Flatbed-Subject", "anna")
    senders = [[], PAGE, [*PAGE, anna]]
    firsts = [post(server, "k1", *headers).body for headers in senders]
    assert len(set(firsts)) == 3
    assert [post(server, "k1", *headers).body for headers in senders] == firsts
    assert server.services.changes == 3


@pytest.mark.parametrize(
    "keys",
    [[""], ["x" * 201], ["two\twords"], ["schl\u00fcssel"], ["one", "two"]],
    ids=["empty", "too long", "control", "not ASCII", "twice"],
)
def test_what_is_no_key_is_refused(keys: list[str], server: DemoServer) -> None:
    """400, before anything is done."""
    headers = [("Idempotency-Key", key) for key in keys]
    assert name_of(ask(server.port, "POST", THINGS, headers, b"{}")) == (400, "invalid_input")
    assert server.services.changes == 0


def test_longest_key_is_one(server: DemoServer) -> None:
    """200 characters, spaces within."""
    key = "a " + "x" * 198
    assert post(server, key).status == 201
    assert post(server, key).header("Idempotent-Replayed") == "true"


@pytest.mark.parametrize("wish", [{}, {"begins": True}], ids=["at once", "begun"])
def test_error_is_not_kept(wish: dict[str, Any], server: DemoServer) -> None:
    """The same key tries again, and then that answer counts."""
    assert name_of(post(server, fails=True, **wish)) == (423, "scanner_held")
    second = post(server, fails=True, **wish)
    assert (second.status, second.header("Idempotent-Replayed")) == (201, None)
    assert post(server, fails=True, **wish).body == second.body
    assert server.services.changes == 2


def test_start_whose_end_nobody_knows_is_not_done_again(server: DemoServer) -> None:
    """Begun, and no answer kept: the caller hears it, whenever it asks."""
    assert post(server, begins=True, keeps=False).status == 201
    for _ in range(2):
        refusal = post(server, begins=True, keeps=False)
        assert name_of(refusal) == (409, "start_unfinished")
    assert name_of(post(server, begins=True)) == (409, "idempotency_key_reused")
    assert server.services.changes == 1


def test_second_sender_waits_for_the_first(server: DemoServer) -> None:
    """Within the first's time; another key does not wait."""
    with ThreadPoolExecutor(3) as pool:
        senders = [pool.submit(post, server, "k1", *PAGE, waits=True) for _ in range(3)]
        assert server.limits.wait_for(GRANTED, 3)
        assert post(server, "k2", *PAGE).status == 201
        assert not any(each.done() for each in senders)
        server.call(server.services.go_on.set)
        answers = [each.result(10) for each in senders]
    assert {each.body for each in answers} == {answers[0].body}
    replayed = [each.header("Idempotent-Replayed") for each in answers]
    assert sorted(replayed, key=str) == [None, "true", "true"]
    assert server.services.changes == 2


def test_body_of_a_known_key_is_not_received(server: DemoServer) -> None:
    """It is compared as it comes, and neither kept nor counted."""
    first = post(server)
    assert server.services.uploaded == 2
    assert post(server).body == first.body
    assert server.services.uploaded == 2


def test_page_may_read_that_an_answer_came_again(server: DemoServer) -> None:
    """The browser hides what is not exposed."""
    exposed = post(server, "k1", *PAGE).header("Access-Control-Expose-Headers")
    assert exposed is not None
    assert "Idempotent-Replayed" in exposed.split(", ")


def test_document_names_the_key_and_its_errors_where_one_is_taken() -> None:
    """And nowhere else."""
    item = build_document(ROUTES)["paths"][THINGS]
    (parameter,) = item["post"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == (
        *("Idempotency-Key", "header"),
        False,
    )
    told = item["post"]["responses"]["409"]["description"]
    assert "idempotency_key_reused" in told
    assert "start_unfinished" in told
    assert "parameters" not in item["put"]
    assert "409" not in item["put"]["responses"]
