"""Subjects: how a request says one, whom it concerns, and what is none."""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from flatbed.http.base import ApiHandler
from flatbed.http.guard import Caller
from flatbed.http.routes import Operation, Route
from flatbed.http.sockets import SocketHandler

from .demo import GRANTED, DemoServer
from .raw import Answer, ask

ANNA, BEN = "anna@office.example", "ben"
ANNAS = f"{GRANTED}#c918378ba85af14187d64d1ce30255a6"
PAGE = [("Origin", GRANTED), ("Content-Type", "application/json")]
Headers = list[tuple[str, str]]


class WhoseHandler(ApiHandler):
    """Says whose what the caller makes would be, and what of others it would see."""

    async def get(self) -> None:
        self.write_json([self.caller.origin, self.caller.owner, self.caller.sees])

    async def post(self) -> None:
        self.services.changes += 1
        self.write_json({}, 201)


class LetterQuery(msgspec.Struct):
    """`subject` of a letter."""

    subject: str = ""


class LetterHandler(ApiHandler):
    """Says what a letter is about, and whose it is."""

    async def get(self) -> None:
        self.write_json([self.read_query(LetterQuery).subject, self.caller.owner])


class WhoseSocket(SocketHandler):
    """The same over a WebSocket."""

    def open(self) -> None:
        self.write_message(self.caller.owner)


@pytest.fixture(scope="module")
def whose() -> Iterator[DemoServer]:
    """A server with these handlers."""
    answers = {200: list[str]}
    verbs = {"GET": Operation(summary="", answers=answers)}
    verbs["POST"] = Operation(summary="", answers={201: dict[str, str]})
    socket = {"GET": Operation(summary="", answers={101: None})}
    letter = {"GET": Operation(summary="", query=LetterQuery, answers=answers)}
    routes = [Route("/whose", WhoseHandler, verbs), Route("/socket", WhoseSocket, socket)]
    routes.append(Route("/letter", LetterHandler, letter))
    with DemoServer(routes) as server:
        yield server


def read(server: DemoServer, query: str = "", headers: Headers = PAGE) -> Answer:
    """Ask whose."""
    return ask(server.port, "GET", f"/whose{query}", headers)


def test_caller_without_a_subject_owns_by_its_origin() -> None:
    """As everything did that is there already."""
    caller = Caller(GRANTED, is_local=False)
    assert (caller.owner, caller.sees) == (GRANTED, GRANTED)
    assert caller.under(None) == caller


def test_caller_under_a_subject_keeps_the_grant_of_its_origin() -> None:
    """Grants and limits go by the origin, things by the owner."""
    caller = Caller(GRANTED, is_local=False).under(ANNA)
    assert (caller.origin, caller.owner, caller.sees) == (GRANTED, ANNAS, ANNAS)
    assert ANNA not in repr(caller)


def test_local_caller_under_a_subject_sees_everything() -> None:
    """It is one principal, whatever it says."""
    caller = Caller("local", is_local=True).under(ANNA)
    assert (caller.owner, caller.sees) == ("local", None)


@pytest.mark.parametrize(
    ("query", "headers", "owner"),
    [
        ("", PAGE, GRANTED),
        ("", [*PAGE, ("Flatbed-Subject", ANNA)], ANNAS),
        ("", [*PAGE, ("flatbed-subject", f" {ANNA} ")], ANNAS),
        ("?subject=anna%40office.example", PAGE, ANNAS),
        ("?subject=ben", [*PAGE, ("Flatbed-Subject", ANNA)], ANNAS),
        ("?subject=", [*PAGE, ("Flatbed-Subject", ANNA)], ANNAS),
    ],
    ids=["none", "header", "in small letters", "query", "header wins", "header beside nothing"],
)
def test_subject_of_a_page_makes_the_owner(
    query: str, headers: Headers, owner: str, whose: DemoServer
) -> None:
    """The header, and where a browser sets none, the query."""
    answer = read(whose, query, headers)
    assert json.loads(answer.body) == [GRANTED, owner, owner]


@pytest.mark.parametrize(
    ("headers", "owner"),
    [(PAGE, GRANTED), ([*PAGE, ("Flatbed-Subject", ANNA)], ANNAS)],
    ids=["no header", "header"],
)
def test_subject_of_an_operations_own_does_not_say_who_asks(
    headers: Headers, owner: str, whose: DemoServer
) -> None:
    """A PDF has one too, in any words."""
    answer = ask(whose.port, "GET", "/letter?subject=Gr%C3%B6%C3%9Fe+%26+Gewicht", headers)
    assert json.loads(answer.body) == ["Größe & Gewicht", owner]


def test_longest_subject_is_one(whose: DemoServer) -> None:
    """200 characters, spaces among them."""
    subject = f"x{' ' * 198}x"
    assert read(whose, headers=[*PAGE, ("Flatbed-Subject", subject)]).status == 200


@pytest.mark.parametrize("is_local", [False, True], ids=["page", "native"])
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("", [("Flatbed-Subject", "")]),
        ("", [("Flatbed-Subject", "x" * 201)]),
        ("", [("Flatbed-Subject", "m\xfcller")]),
        ("", [("Flatbed-Subject", "a"), ("Flatbed-Subject", "a")]),
        ("?subject=", []),
        ("?subject=ben", [("Flatbed-Subject", "")]),
        ("?subject=a&subject=b", []),
        ("?subject=+a", []),
        ("?subject=a%0A", []),
        ("?subject=m%C3%BCller", []),
        ("?subject=" + "x" * 201, []),
    ],
    ids=[
        *("empty", "too long", "latin-1", "twice", "empty in the query", "empty header"),
        *("two in the query", "space before", "line end", "UTF-8", "too long in the query"),
    ],
)
def test_subject_that_is_none_is_refused(
    query: str, headers: Headers, whose: DemoServer, *, is_local: bool
) -> None:
    """Taken for no subject, it would show one person's pages to all; nothing is done."""
    headers = [*([] if is_local else PAGE), *headers]
    before = whose.services.changes
    for verb in ("GET", "POST"):
        answer = ask(whose.port, verb, f"/whose{query}", headers)
        refusal = json.loads(answer.body)
        assert (answer.status, refusal["error"]) == (400, "invalid_input")
        assert len(refusal["message"].split()) <= 25
    assert whose.services.changes == before


def test_preflight_of_a_page_with_a_subject_is_granted(whose: DemoServer) -> None:
    """A browser asks before it sends the header, and without it."""
    asked = [
        ("Origin", GRANTED),
        ("Access-Control-Request-Method", "GET"),
        ("Access-Control-Request-Headers", "flatbed-subject"),
    ]
    answer = ask(whose.port, "OPTIONS", "/whose", asked)
    assert answer.status == 204
    assert answer.header("Access-Control-Allow-Headers") == "flatbed-subject"


def test_subject_does_not_let_an_ungranted_origin_in(whose: DemoServer) -> None:
    """Whoever it says that it is."""
    headers = [("Origin", "https://evil.example"), ("Flatbed-Subject", ANNA)]
    assert read(whose, headers=headers).status == 403


def test_subjects_of_an_origin_share_its_limit(whose: DemoServer) -> None:
    """Else a page would have as many places as it can think of names."""
    caller = Caller(GRANTED, is_local=False)
    leave = [whose.limits.enter(caller.under(who)) for who in (ANNA, BEN, None)]
    assert whose.limits.in_flight(GRANTED) == 3
    for each in leave:
        each()
    assert whose.limits.in_flight(GRANTED) == 0


async def test_socket_takes_its_subject_from_the_query(whose: DemoServer) -> None:
    """A browser sets no header there."""
    url = f"ws://127.0.0.1:{whose.port}/socket?subject=anna%40office.example"
    client = await websocket_connect(HTTPRequest(url, headers={"Origin": GRANTED}))
    assert await client.read_message() == ANNAS
    client.close()


async def test_socket_with_a_subject_that_is_none_is_not_opened(whose: DemoServer) -> None:
    """It would tell one person's events to all."""
    url = f"ws://127.0.0.1:{whose.port}/socket?subject="
    with pytest.raises(HTTPClientError) as caught:
        await websocket_connect(HTTPRequest(url, headers={"Origin": GRANTED}))
    assert caught.value.code == 400
