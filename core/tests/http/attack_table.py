"""Every attack that the guard must stop, sent over the wire to any route of a running service.

`AttackTable.attack_routes` walks a whole route table, `attack_route` takes one verb of one route.
Beside the attacks stand their twins, the same requests without what makes them attacks: those must
succeed, so a service that refuses everything passes no table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias
from urllib.parse import urlsplit

from flatbed.http.guard import RouteFacts
from flatbed.http.routes import Operation, Route

from .raw import MAPPED, V4, V6, Answer, Client, Request
from .stranger import can_become_stranger, send_as_stranger

Path: TypeAlias = str | Callable[[], str]
"""A path with real ids, or what makes a fresh one: a deleted job cannot be deleted again."""

Headers: TypeAlias = tuple[tuple[str, str], ...]

UNGRANTED = "https://evil.example"
FORM = "application/x-www-form-urlencoded"

_READING = ("GET", "HEAD")
_HANDSHAKE = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


@dataclass(frozen=True)
class Example:
    """A valid request for one verb of one route."""

    path: Path
    body: bytes = b""

    def fresh_path(self) -> str:
        """A path on which the verb succeeds once."""
        return self.path if isinstance(self.path, str) else self.path()


@dataclass(frozen=True)
class Case:
    """One attack or twin: its headers, and the statuses that are right."""

    name: str
    expected: tuple[int, ...]
    headers: Headers
    address: str = V4
    verb: str = ""
    """Another one than the example's, then without its body."""
    by_stranger: bool = False

    @property
    def is_attack(self) -> bool:
        """Whether the guard must stop it."""
        return self.expected[0] >= 400


@dataclass(frozen=True)
class Row:
    """What came of a case.

    Attributes:
        has_leaked: A page that may not read the answer could read it.
        has_changed: An attack was refused, and something changed all the same.
    """

    route: str
    verb: str
    attack: str
    expected: tuple[int, ...]
    got: int
    has_leaked: bool = False
    has_changed: bool = False

    @property
    def is_right(self) -> bool:
        """Whether the guard did its part."""
        return self.got in self.expected and not self.has_leaked and not self.has_changed


@dataclass(frozen=True)
class AttackTable:
    """The attacks on one running service.

    Attributes:
        base_url: Such as `http://127.0.0.1:18622`.
        granted_origin: A web origin of https with a grant, but without `compat`.
        observe: What no attack may change; compared before and after each.
        has_stranger: Attack as another OS user too; only root can.
    """

    base_url: str
    granted_origin: str
    observe: Callable[[], object] = lambda: None
    has_stranger: bool = field(default_factory=can_become_stranger)

    def attack_routes(
        self, routes: Sequence[Route], examples: Mapping[tuple[str, str], Example]
    ) -> list[Row]:
        """Attack every verb of every route.

        Args:
            routes: The route table.
            examples: By (path template, verb); a verb without one is a `KeyError`.
        """
        return [
            row
            for route in routes
            for verb in route.operations
            for row in self.attack_route(
                route, verb, examples[route.path, verb].path, examples[route.path, verb].body
            )
        ]

    def attack_route(
        self, route: Route, verb: str, example_path: Path, example_body: bytes = b""
    ) -> list[Row]:
        """Attack one verb of one route, and send the twins after that.

        Args:
            route: The row of the route table.
            verb: One of its operations.
            example_path: With real ids; attacks share one, each twin gets a fresh one.
            example_body: A valid body, JSON unless the route takes octets alone.
        """
        example = Example(example_path, example_body)
        subject = _Subject(self, route.operations[verb], verb, example_body)
        cases = [case for case in subject.cases() if self.has_stranger or not case.by_stranger]
        strangers = [case for case in cases if case.by_stranger]
        attacks = [case for case in cases if case.is_attack and not case.by_stranger]
        twins = [case for case in cases if not case.is_attack and not case.by_stranger]
        shared = example.fresh_path()
        with Client(self.port) as client:
            run = partial(self._run, client, route, verb, body=example_body)
            rows = run(strangers, [shared] * len(strangers)) if strangers else []
            for case in attacks:
                rows += run([case], [shared])
            for case in twins:
                rows += run([case], [example.fresh_path()])
        return rows

    @property
    def port(self) -> int:
        """Where the service listens."""
        return urlsplit(self.base_url).port or 0

    def _run(
        self,
        client: Client,
        route: Route,
        verb: str,
        cases: Sequence[Case],
        paths: Sequence[str],
        *,
        body: bytes,
    ) -> list[Row]:
        requests = [
            Request(
                each.verb or verb,
                path,
                each.headers,
                b"" if each.verb else body,
                address=each.address,
            )
            for each, path in zip(cases, paths, strict=True)
        ]
        before = self.observe()
        if cases[0].by_stranger:
            answers = send_as_stranger(self.port, requests)
        else:
            answers = [client.send(request) for request in requests]
        has_changed = self.observe() != before
        return [
            Row(
                route.path,
                case.verb or verb,
                case.name,
                case.expected,
                answer.status,
                has_leaked=case.is_attack and not self._may_read(answer),
                has_changed=case.is_attack and has_changed,
            )
            for case, answer in zip(cases, answers, strict=True)
        ]

    def _may_read(self, answer: Answer) -> bool:
        return answer.header("Access-Control-Allow-Origin") in (None, self.granted_origin)


@dataclass(frozen=True)
class _Subject:
    """One verb under attack."""

    table: AttackTable
    operation: Operation
    verb: str
    body: bytes

    def cases(self) -> Iterator[Case]:
        yield from self._hosts()
        yield from self._strangers()
        yield from self._navigations()
        yield from self._silent_pages()
        yield from self._origins()
        yield from self._bodies()
        yield from self._preflights()

    @property
    def facts(self) -> RouteFacts:
        return self.operation.facts

    @property
    def is_change(self) -> bool:
        return self.verb not in _READING

    @property
    def success(self) -> tuple[int, ...]:
        return tuple(status for status in self.operation.answers if status < 400)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.table.port}"

    @property
    def media_type(self) -> str:
        is_octets = self.facts.takes_octets and not self.body.startswith(b"{")
        return "application/octet-stream" if is_octets else "application/json"

    def _headers(self, *more: tuple[str, str], hosts: Sequence[str] | None = None) -> Headers:
        named = tuple(("Host", host) for host in ([self.host] if hosts is None else hosts))
        return named + (_HANDSHAKE if 101 in self.operation.answers else ()) + more

    def _page(self, origin: str, *more: tuple[str, str], media_type: str | None = "") -> Headers:
        """What a browser sends for a fetch of a page; the media type is a good one unless given."""
        mode = "websocket" if 101 in self.operation.answers else "cors"
        chosen = self.media_type if media_type == "" else media_type
        typed = (("Content-Type", chosen),) if chosen and self.is_change else ()
        return self._headers(
            ("Origin", origin), *_fetch("cross-site", mode, "empty"), *typed, *more
        )

    def _hosts(self) -> Iterator[Case]:
        """Step 1: DNS rebinding and its relatives."""
        port = self.table.port
        wrong = {
            "host of a rebinding page": [f"evil.example:{port}"],
            "host of a page on port 80": ["evil.example"],
            "host without port": ["127.0.0.1"],
            "host with a foreign port": [f"127.0.0.1:{port + 1}"],
            "host with a dot behind": [f"localhost.:{port}"],
            "host below localhost": [f"evil.localhost:{port}"],
            "host that begins like ours": [f"127.0.0.1.evil.example:{port}"],
            "host with a short address": [f"127.1:{port}"],
            "host of all addresses": [f"0.0.0.0:{port}"],
            "host of a mapped address": [f"[::ffff:127.0.0.1]:{port}"],
            "host with a user": [f"127.0.0.1:{port}@evil.example"],
            "host with a comma": [f"127.0.0.1:{port},evil.example"],
            "host empty": [""],
            "host missing": [],
            "host twice, ours first": [self.host, "evil.example"],
            "host twice, ours last": ["evil.example", self.host],
            "host twice, both ours": [self.host, self.host],
        }
        for name, hosts in wrong.items():
            yield Case(name, (421,), self._headers(hosts=hosts))
        for name in ("127.0.0.1", "localhost", "[::1]"):
            headers = self._headers(hosts=[f"{name}:{port}"])
            yield Case(f"twin: native, host {name}", self.success, headers)

    def _strangers(self) -> Iterator[Case]:
        """Step 0: whatever another OS user claims."""
        own = ("Origin", f"http://{self.host}")
        forged = [own, *_fetch("same-origin", "cors", "empty")]
        proxied = [("X-Forwarded-For", V4), ("X-Real-IP", V4), ("Forwarded", "for=127.0.0.1")]
        claims: dict[str, Headers] = {
            "plain": self._headers(),
            "as our own page": self._headers(*forged),
            "as a granted page": self._page(self.table.granted_origin),
            "behind a proxy": self._headers(*proxied),
        }
        expected = self.success if self.facts.open_to_strangers else (403,)
        for address in (V4, MAPPED, V6):
            for claim, headers in claims.items():
                name = f"other OS user by {address}, {claim}"
                yield Case(name, expected, headers, address, by_stranger=True)
            yield Case(f"twin: own OS user by {address}", self.success, self._headers(), address)

    def _navigations(self) -> Iterator[Case]:
        """Step 2: links, forms and frames."""
        for dest in ("iframe", "frame", "embed", "object"):
            for site in ("cross-site", "same-origin"):
                headers = self._headers(*_fetch(site, "navigate", dest))
                yield Case(f"{dest} in a {site} page", (403,), headers)
        for site in ("cross-site", "same-site", "none", "same-origin"):
            is_page = self.facts.is_page or (self.facts.is_attachment and site == "same-origin")
            expected = self.success if is_page and not self.is_change else (403,)
            headers = self._headers(*_fetch(site, "navigate", "document"))
            yield Case(f"link, {site}", expected, headers)
        for origin in (UNGRANTED, self.table.granted_origin, "null"):
            form = (("Origin", origin), ("Content-Type", FORM))
            headers = self._headers(*_fetch("cross-site", "navigate", "document"), *form)
            yield Case(f"form of {origin}", (403,), headers)

    def _silent_pages(self) -> Iterator[Case]:
        """Step 3: what a page loads without telling its origin."""
        for site in ("cross-site", "same-site", "unheard-of"):
            for mode, dest in (("no-cors", "image"), ("no-cors", "script"), ("cors", "empty")):
                headers = self._headers(*_fetch(site, mode, dest))
                yield Case(f"{dest} of a {site} page", (403,), headers)
        lone = self._headers(("Sec-Fetch-Dest", "image"))
        yield Case("image of a page that hides its site", (403,), lone)
        own = self._headers(*_fetch("same-origin", "no-cors", "empty"))
        yield Case("twin: fetch of our own page", self.success, own)

    def _origins(self) -> Iterator[Case]:
        """Step 4 and the admin right."""
        granted, port = self.table.granted_origin, self.table.port
        yield Case("origin null", (403,), self._page("null"))
        yield Case("origin that is no origin", (403,), self._page("local"))
        foreign = (403,) if not self.facts.open_to_origins else self.success
        for origin in (
            UNGRANTED,
            f"{granted}.evil.example",
            f"{granted}:8443",
            f"{granted}/",
            granted.upper(),
            granted.replace("https:", "http:"),
            f"http://evil.example:{port}",
            f"http://127.0.0.1.evil.example:{port}",
            f"http://127.0.0.1:{port + 1}",
            "http://127.0.0.1",
        ):
            yield Case(f"origin {origin}", foreign, self._page(origin))
        twice = self._page(granted, ("Origin", granted))
        yield Case("origin twice", foreign, twice)
        mine = self.success if not self.facts.needs_admin else (403,)
        yield Case(f"origin {granted}, granted", mine, self._page(granted))
        for name in ("127.0.0.1", "localhost", "[::1]"):
            own = self._page(f"http://{name}:{port}")
            yield Case(f"twin: origin of our own page at {name}", self.success, own)

    def _bodies(self) -> Iterator[Case]:
        """Step 5: changes that a page can send without a preflight."""
        if not self.is_change or self.facts.needs_admin:
            return
        granted = self.table.granted_origin
        wrong = [FORM, "multipart/form-data; boundary=x", "text/plain", "application/jsonp"]
        wrong += [] if self.facts.takes_octets else ["application/octet-stream"]
        for media_type in wrong:
            headers = self._page(granted, media_type=media_type)
            yield Case(f"body as {media_type}", (415,), headers)
        is_asked = self.verb in ("DELETE", "PATCH", "PUT") and not self.body
        untyped = self._page(granted, media_type=None)
        yield Case("body without a type", self.success if is_asked else (415,), untyped)
        good = self._page(granted, media_type=f"{self.media_type}; charset=utf-8")
        yield Case(f"twin: body as {self.media_type}", self.success, good)

    def _preflights(self) -> Iterator[Case]:
        """What a browser asks before it sends."""
        asked = ("Access-Control-Request-Method", self.verb)
        network = ("Access-Control-Request-Private-Network", "true")
        foreign = (403,) if not self.facts.open_to_origins else (204,)
        granted = self.table.granted_origin
        for origin, expected in ((UNGRANTED, foreign), ("null", (403,)), (granted, (204,))):
            headers = self._headers(("Origin", origin), asked, network)
            yield Case(f"preflight of {origin}", expected, headers, verb="OPTIONS")


def _fetch(site: str, mode: str, dest: str) -> Headers:
    return (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest))


def describe(rows: Sequence[Row]) -> str:
    """The rows that are not right, one a line, for the message of an assertion."""
    return "\n".join(str(row) for row in rows if not row.is_right)
