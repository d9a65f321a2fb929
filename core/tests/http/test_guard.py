"""The rules of the guard, each by attacks and by their twins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flatbed.errors import (
    FlatbedError,
    InvalidInputError,
    MediaTypeError,
    MisdirectedError,
    OriginBlockedError,
    StrangerError,
)
from flatbed.http.guard import Caller, Guard, RequestFacts, RouteFacts

from .demo import COMPAT, GRANTED, DemoGrants

HOST = "127.0.0.1:18622"
NATIVE = RequestFacts(verb="GET", is_ours=True, hosts=(HOST,))
STRANGER = replace(NATIVE, is_ours=False)
PAGE = replace(
    NATIVE, origin=GRANTED, fetch_site="cross-site", fetch_mode="cors", fetch_dest="empty"
)
CHANGE = replace(PAGE, verb="POST", content_type="application/json", has_body=True)
LINK = replace(NATIVE, fetch_site="cross-site", fetch_mode="navigate", fetch_dest="document")
IMAGE = replace(NATIVE, fetch_site="cross-site", fetch_mode="no-cors", fetch_dest="image")
PREFLIGHT = replace(PAGE, verb="OPTIONS")

CLOSED = RouteFacts()
HELLO = RouteFacts(open_to_strangers=True, open_to_origins=True)
PAIR = RouteFacts(open_to_origins=True)
OWN_PAGE = RouteFacts(is_page=True)
FILE = RouteFacts(is_attachment=True)
ADMIN = RouteFacts(needs_admin=True)
FOR_ORIGINS = RouteFacts(open_to_origins=True, only_for_origins=True)
OCTETS = RouteFacts(takes_octets=True)

LOCAL_CALLER = Caller("local", is_local=True)
GRANTED_CALLER = Caller(GRANTED, is_local=False)

ATTACKS: dict[str, tuple[RequestFacts, RouteFacts, type[FlatbedError]]] = {
    "0: another user": (STRANGER, CLOSED, StrangerError),
    "0: another user as our page": (
        replace(STRANGER, origin=f"http://{HOST}", fetch_site="same-origin"),
        CLOSED,
        StrangerError,
    ),
    "0: another user wants to pair": (STRANGER, PAIR, StrangerError),
    "0: another user's preflight": (replace(PREFLIGHT, is_ours=False), CLOSED, StrangerError),
    "0 before 1: another user by a wrong host": (
        replace(STRANGER, hosts=("evil.example",)),
        CLOSED,
        StrangerError,
    ),
    "1: rebound name": (replace(NATIVE, hosts=("evil.example:18622",)), HELLO, MisdirectedError),
    "1: no host": (replace(NATIVE, hosts=()), HELLO, MisdirectedError),
    "1: two hosts": (replace(NATIVE, hosts=(HOST, HOST)), HELLO, MisdirectedError),
    "1: foreign port": (replace(NATIVE, hosts=("127.0.0.1:80",)), CLOSED, MisdirectedError),
    "1: no port": (replace(NATIVE, hosts=("127.0.0.1",)), CLOSED, MisdirectedError),
    "1: port with a nought": (
        replace(NATIVE, hosts=("127.0.0.1:018622",)),
        CLOSED,
        MisdirectedError,
    ),
    "1: dot behind": (replace(NATIVE, hosts=("localhost.:18622",)), CLOSED, MisdirectedError),
    "1: capitals": (replace(NATIVE, hosts=("LOCALHOST:18622",)), CLOSED, MisdirectedError),
    "1: address without brackets": (
        replace(NATIVE, hosts=("::1:18622",)),
        CLOSED,
        MisdirectedError,
    ),
    "1 before 2: rebound page is opened": (
        replace(LINK, hosts=("evil.example:18622",)),
        OWN_PAGE,
        MisdirectedError,
    ),
    "1: rebound preflight": (replace(PREFLIGHT, hosts=("evil.example",)), CLOSED, MisdirectedError),
    "2: link to the API": (LINK, CLOSED, OriginBlockedError),
    "2: link to hello": (LINK, HELLO, OriginBlockedError),
    "2: address typed in": (replace(LINK, fetch_site="none"), CLOSED, OriginBlockedError),
    "2: link from our own page": (
        replace(LINK, fetch_site="same-origin"),
        CLOSED,
        OriginBlockedError,
    ),
    "2: file saved from the address bar": (
        replace(LINK, fetch_site="none", fetch_dest="empty"),
        FILE,
        OriginBlockedError,
    ),
    "2: download of our own page from the API": (
        replace(LINK, fetch_site="same-origin", fetch_dest="empty"),
        CLOSED,
        OriginBlockedError,
    ),
    "2: our page in a frame": (replace(LINK, fetch_dest="iframe"), OWN_PAGE, OriginBlockedError),
    "2: our page in our own frame": (
        replace(LINK, fetch_dest="iframe", fetch_site="same-origin"),
        OWN_PAGE,
        OriginBlockedError,
    ),
    "2: our page as an object": (replace(LINK, fetch_dest="object"), OWN_PAGE, OriginBlockedError),
    "2: our page as an embed, no mode": (
        replace(NATIVE, fetch_dest="embed", fetch_site="same-origin"),
        OWN_PAGE,
        OriginBlockedError,
    ),
    "2: our page without a destination": (
        replace(LINK, fetch_dest=None),
        OWN_PAGE,
        OriginBlockedError,
    ),
    "2: form posted to our page": (replace(LINK, verb="POST"), OWN_PAGE, OriginBlockedError),
    "2: form of a granted page": (
        replace(LINK, verb="POST", origin=GRANTED, content_type="application/json"),
        CLOSED,
        OriginBlockedError,
    ),
    "2: file opened by a foreign page": (LINK, FILE, OriginBlockedError),
    "2: file typed in": (replace(LINK, fetch_site="none"), FILE, OriginBlockedError),
    "2: file in our own frame": (
        replace(LINK, fetch_site="same-origin", fetch_dest="iframe"),
        FILE,
        OriginBlockedError,
    ),
    "3: image": (IMAGE, CLOSED, OriginBlockedError),
    "3: image of hello": (IMAGE, HELLO, OriginBlockedError),
    "3: image of a file": (IMAGE, FILE, OriginBlockedError),
    "3: image on another port of ours": (
        replace(IMAGE, fetch_site="same-site"),
        CLOSED,
        OriginBlockedError,
    ),
    "3: unheard-of site": (replace(IMAGE, fetch_site="near"), CLOSED, OriginBlockedError),
    "3: two sites": (replace(IMAGE, fetch_site="none,cross-site"), CLOSED, OriginBlockedError),
    "3: no site, but a mode": (replace(IMAGE, fetch_site=None), CLOSED, OriginBlockedError),
    "4: null": (replace(PAGE, origin="null"), CLOSED, OriginBlockedError),
    "4: null at hello": (replace(PAGE, origin="null"), HELLO, OriginBlockedError),
    "4: our own name for us": (replace(PAGE, origin="local"), HELLO, OriginBlockedError),
    "4: empty": (replace(PAGE, origin=""), HELLO, OriginBlockedError),
    "4: ungranted": (replace(PAGE, origin="https://evil.example"), CLOSED, OriginBlockedError),
    "4: longer": (replace(PAGE, origin=f"{GRANTED}.evil"), CLOSED, OriginBlockedError),
    "4: capitals": (replace(PAGE, origin=GRANTED.upper()), CLOSED, OriginBlockedError),
    "4: two": (replace(PAGE, origin=f"{GRANTED},{GRANTED}"), CLOSED, OriginBlockedError),
    "4: foreign port here": (
        replace(PAGE, origin="http://localhost:80"),
        CLOSED,
        OriginBlockedError,
    ),
    "4: port 80 here": (replace(PAGE, origin="http://localhost"), CLOSED, OriginBlockedError),
    "4: ungranted preflight": (
        replace(PREFLIGHT, origin="https://evil.example"),
        CLOSED,
        OriginBlockedError,
    ),
    "4: null preflight at pairing": (replace(PREFLIGHT, origin="null"), PAIR, OriginBlockedError),
    "4: ungranted socket": (
        replace(PAGE, origin="https://evil.example", fetch_mode="websocket"),
        CLOSED,
        OriginBlockedError,
    ),
    "admin: granted page": (CHANGE, ADMIN, OriginBlockedError),
    "admin: granted page reads": (PAGE, ADMIN, OriginBlockedError),
    "5: form": (
        replace(CHANGE, content_type="application/x-www-form-urlencoded"),
        CLOSED,
        MediaTypeError,
    ),
    "5: text": (replace(CHANGE, content_type="text/plain"), CLOSED, MediaTypeError),
    "5: text of the pairing page": (
        replace(CHANGE, content_type="text/plain"),
        PAIR,
        MediaTypeError,
    ),
    "5: two types": (
        replace(CHANGE, content_type="application/json,text/plain"),
        CLOSED,
        MediaTypeError,
    ),
    "5: octets for JSON": (
        replace(CHANGE, content_type="application/octet-stream"),
        CLOSED,
        MediaTypeError,
    ),
    "5: body without a type": (replace(CHANGE, content_type=None), CLOSED, MediaTypeError),
    "5: no body, no type": (
        replace(CHANGE, content_type=None, has_body=False),
        CLOSED,
        MediaTypeError,
    ),
    "5: delete with an untyped body": (
        replace(CHANGE, verb="DELETE", content_type=None),
        CLOSED,
        MediaTypeError,
    ),
    "5: delete with a form": (
        replace(CHANGE, verb="DELETE", content_type="text/plain"),
        CLOSED,
        MediaTypeError,
    ),
    "5: octets of an older page": (
        replace(CHANGE, origin=COMPAT, content_type="application/octet-stream"),
        CLOSED,
        MediaTypeError,
    ),
}

TWINS: dict[str, tuple[RequestFacts, RouteFacts, Caller]] = {
    "native": (NATIVE, CLOSED, LOCAL_CALLER),
    "native by name": (replace(NATIVE, hosts=("localhost:18622",)), CLOSED, LOCAL_CALLER),
    "native by v6": (replace(NATIVE, hosts=("[::1]:18622",)), CLOSED, LOCAL_CALLER),
    "native by TLS": (
        replace(NATIVE, hosts=("localhost:18623",), scheme="https"),
        CLOSED,
        LOCAL_CALLER,
    ),
    "native change as anything": (
        replace(NATIVE, verb="POST", content_type="application/text", has_body=True),
        CLOSED,
        LOCAL_CALLER,
    ),
    "native change as nothing": (replace(NATIVE, verb="POST", has_body=True), CLOSED, LOCAL_CALLER),
    "native admin": (replace(NATIVE, verb="PATCH"), ADMIN, LOCAL_CALLER),
    "native that names an origin": (replace(NATIVE, origin=GRANTED), CLOSED, GRANTED_CALLER),
    "another user's hello": (STRANGER, HELLO, Caller("", is_local=False, is_ours=False)),
    "another user's page at hello": (
        replace(PAGE, is_ours=False, origin="https://evil.example"),
        HELLO,
        Caller("https://evil.example", is_local=False, is_ours=False),
    ),
    "another user's Flatbed page at hello": (
        replace(STRANGER, origin=f"http://{HOST}"),
        HELLO,
        Caller("", is_local=False, is_ours=False),
    ),
    "link to our page": (LINK, OWN_PAGE, LOCAL_CALLER),
    "our page typed in": (replace(LINK, fetch_site="none"), OWN_PAGE, LOCAL_CALLER),
    "our page's HEAD": (replace(LINK, verb="HEAD"), OWN_PAGE, LOCAL_CALLER),
    "our page in an old browser": (NATIVE, OWN_PAGE, LOCAL_CALLER),
    "file opened by our page": (replace(LINK, fetch_site="same-origin"), FILE, LOCAL_CALLER),
    "file downloaded by our page": (
        replace(LINK, fetch_site="same-origin", fetch_dest="empty"),
        FILE,
        LOCAL_CALLER,
    ),
    "image of our page": (replace(IMAGE, fetch_site="same-origin"), CLOSED, LOCAL_CALLER),
    "file fetched by hand": (
        replace(IMAGE, fetch_site="none", fetch_dest="empty"),
        CLOSED,
        LOCAL_CALLER,
    ),
    "our page under another name": (
        replace(PAGE, origin="http://[::1]:18622"),
        CLOSED,
        LOCAL_CALLER,
    ),
    "our page on another port": (
        replace(PAGE, origin="https://localhost:18623"),
        ADMIN,
        LOCAL_CALLER,
    ),
    "our page posts text": (
        replace(CHANGE, origin=f"http://{HOST}", content_type="text/plain"),
        CLOSED,
        LOCAL_CALLER,
    ),
    "granted": (PAGE, CLOSED, GRANTED_CALLER),
    "granted socket": (replace(PAGE, fetch_mode="websocket"), CLOSED, GRANTED_CALLER),
    "granted preflight": (PREFLIGHT, CLOSED, GRANTED_CALLER),
    "granted preflight for admin": (PREFLIGHT, ADMIN, GRANTED_CALLER),
    "ungranted hello": (
        replace(PAGE, origin="https://evil.example"),
        HELLO,
        Caller("https://evil.example", is_local=False),
    ),
    "ungranted pairing": (
        replace(CHANGE, origin="https://evil.example"),
        PAIR,
        Caller("https://evil.example", is_local=False),
    ),
    "ungranted preflight for pairing": (
        replace(PREFLIGHT, origin="https://evil.example"),
        PAIR,
        Caller("https://evil.example", is_local=False),
    ),
    "JSON": (CHANGE, CLOSED, GRANTED_CALLER),
    "JSON with a charset": (
        replace(CHANGE, content_type="Application/JSON; charset=utf-8"),
        CLOSED,
        GRANTED_CALLER,
    ),
    "octets": (replace(CHANGE, content_type="application/octet-stream"), OCTETS, GRANTED_CALLER),
    "text of an older page": (
        replace(CHANGE, origin=COMPAT, content_type="text/plain;charset=UTF-8"),
        CLOSED,
        Caller(COMPAT, is_local=False),
    ),
    "delete without a body": (
        replace(CHANGE, verb="DELETE", content_type=None, has_body=False),
        CLOSED,
        GRANTED_CALLER,
    ),
}


@pytest.fixture
def guard() -> Guard:
    """A guard over two ports and two grants."""
    return Guard(lambda: frozenset({18622, 18623}), DemoGrants())


@pytest.mark.parametrize(("request_", "route", "error"), ATTACKS.values(), ids=ATTACKS)
def test_admit_attack_is_refused(
    guard: Guard, request_: RequestFacts, route: RouteFacts, error: type[FlatbedError]
) -> None:
    """Each attack fails at the step that is there for it."""
    with pytest.raises(FlatbedError) as caught:
        guard.admit(request_, route)
    assert type(caught.value) is error


@pytest.mark.parametrize(("request_", "route", "caller"), TWINS.values(), ids=TWINS)
def test_admit_twin_is_let_in(
    guard: Guard, request_: RequestFacts, route: RouteFacts, caller: Caller
) -> None:
    """What looks like an attack and is none comes through, as the right principal."""
    assert guard.admit(request_, route) == caller


@pytest.mark.parametrize(
    ("port", "scheme", "host"),
    [(80, "http", "localhost"), (443, "https", "localhost"), (443, "https", "[::1]")],
)
def test_admit_host_without_port_on_a_default_port_is_let_in(
    port: int, scheme: str, host: str
) -> None:
    """Browsers leave a scheme's own port out, in `Host` and in `Origin`."""
    guard = Guard(lambda: frozenset({port}), DemoGrants())
    request = replace(PAGE, hosts=(host,), scheme=scheme, origin=f"{scheme}://{host}")
    assert guard.admit(request, ADMIN) == LOCAL_CALLER


def test_admit_host_without_port_of_the_other_scheme_is_refused() -> None:
    """Who listens on 443 alone is not `http://localhost`."""
    guard = Guard(lambda: frozenset({443}), DemoGrants())
    with pytest.raises(MisdirectedError):
        guard.admit(replace(NATIVE, hosts=("localhost",), scheme="http"), CLOSED)


def test_admit_port_that_is_closed_again_is_refused() -> None:
    """The ports are asked for every time: a service may move."""
    ports = {18622}
    guard = Guard(lambda: frozenset(ports), DemoGrants())
    assert guard.admit(NATIVE, CLOSED) == LOCAL_CALLER
    ports.clear()
    with pytest.raises(MisdirectedError):
        guard.admit(NATIVE, CLOSED)


def test_still_admits_revoked_origin_is_false() -> None:
    """A grant that is taken back ends what it had let in; local callers need none."""
    grants = DemoGrants()
    guard = Guard(lambda: frozenset({18622}), grants)
    assert guard.still_admits(GRANTED_CALLER)
    grants.granted.clear()
    assert not guard.still_admits(GRANTED_CALLER)
    assert guard.still_admits(LOCAL_CALLER)


@pytest.mark.parametrize(
    "request_facts",
    [
        replace(CHANGE, origin=None, fetch_site=None, fetch_mode=None, fetch_dest=None),
        replace(CHANGE, origin=f"http://{HOST}", fetch_site="same-origin"),
    ],
    ids=["program", "our own page"],
)
def test_admit_local_caller_where_only_origins_ask_is_told_so(request_facts: RequestFacts) -> None:
    """It has everything already; a page asks, with a grant or without."""
    guard = Guard(lambda: frozenset({18622}), DemoGrants())
    with pytest.raises(InvalidInputError, match=r"^Programs of this user need no grant\.$"):
        guard.admit(request_facts, FOR_ORIGINS)
    for origin in (GRANTED, "https://new.example"):
        asking = replace(CHANGE, origin=origin)
        assert guard.admit(asking, FOR_ORIGINS) == Caller(origin, is_local=False)


@pytest.mark.parametrize(
    ("caller", "used"),
    [
        (GRANTED_CALLER, [GRANTED]),
        (Caller("https://new.example", is_local=False), []),
        (LOCAL_CALLER, []),
        (Caller(GRANTED, is_local=False, is_ours=False), []),
    ],
    ids=["granted", "not granted", "local", "another user"],
)
def test_note_use_of_a_granted_origin_alone_is_noted(caller: Caller, used: list[str]) -> None:
    """An origin that merely asks is not in use, and nobody else's browser counts."""
    grants = DemoGrants()
    Guard(lambda: frozenset({18622}), grants).note_use(caller)
    assert grants.used == used
