"""What the attacks and their twins are, for any verb of any route."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from flatbed.errors import NotFoundError
from flatbed.http.guard import RouteFacts
from flatbed.http.routes import Operation

from .raw import MAPPED, V4, V6

Headers: TypeAlias = tuple[tuple[str, str], ...]

UNGRANTED = "https://evil.example"
FORM = "application/x-www-form-urlencoded"

# What the guard says; 400 and 404 are words of the route to whom the guard has let in.
REFUSALS = (403, 415, 421)

_READING = ("GET", "HEAD")
_HANDSHAKE = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


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
        return self.expected[0] in REFUSALS


@dataclass(frozen=True)
class Subject:
    """One verb under attack.

    Attributes:
        port: Where the service listens.
        granted_origin: A web origin of https with a grant, but without `compat`.
        operation: What the route table says of the verb.
        verb: Which one.
        body: A valid one.
    """

    port: int
    granted_origin: str
    operation: Operation
    verb: str
    body: bytes

    def cases(self) -> Iterator[Case]:
        """Everything to send."""
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
    def local(self) -> tuple[int, ...]:
        """What the local principal gets."""
        return (400,) if self.facts.only_for_origins else self.success

    @property
    def foreign(self) -> tuple[int, ...]:
        """What an origin without a grant gets."""
        return self.anybody if self.facts.open_to_origins else (403,)

    @property
    def anybody(self) -> tuple[int, ...]:
        """What the table's origins get of an open route: what has an id is another origin's."""
        is_anothers = any(issubclass(each, NotFoundError) for each in self.operation.errors)
        return (404,) if self.facts.open_to_origins and is_anothers else self.success

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

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
        port = self.port
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
            yield Case(f"twin: native, host {name}", self.local, headers)

    def _strangers(self) -> Iterator[Case]:
        """Step 0: whatever another OS user claims."""
        own = ("Origin", f"http://{self.host}")
        forged = [own, *_fetch("same-origin", "cors", "empty")]
        proxied = [("X-Forwarded-For", V4), ("X-Real-IP", V4), ("Forwarded", "for=127.0.0.1")]
        claims: dict[str, Headers] = {
            "plain": self._headers(),
            "as our own page": self._headers(*forged),
            "as a granted page": self._page(self.granted_origin),
            "behind a proxy": self._headers(*proxied),
        }
        expected = self.success if self.facts.open_to_strangers else (403,)
        for address in (V4, MAPPED, V6):
            for claim, headers in claims.items():
                name = f"other OS user by {address}, {claim}"
                yield Case(name, expected, headers, address, by_stranger=True)
            yield Case(f"twin: own OS user by {address}", self.local, self._headers(), address)

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
        for origin in (UNGRANTED, self.granted_origin, "null"):
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
        yield Case("twin: fetch of our own page", self.local, own)

    def _origins(self) -> Iterator[Case]:
        """Step 4 and the admin right."""
        granted, port = self.granted_origin, self.port
        yield Case("origin null", (403,), self._page("null"))
        yield Case("origin that is no origin", (403,), self._page("local"))
        for origin in (
            UNGRANTED,
            f"{granted}.evil.example",
            f"{granted}:8443",
            granted.replace("https:", "http:"),
            f"http://evil.example:{port}",
            f"http://127.0.0.1.evil.example:{port}",
            f"http://127.0.0.1:{port + 1}",
            "http://127.0.0.1",
        ):
            yield Case(f"origin {origin}", self.foreign, self._page(origin))
        # What no browser sends is not even asked about.
        misspelt = (400,) if self.facts.only_for_origins else self.foreign
        for origin in (f"{granted}/", granted.upper()):
            yield Case(f"origin {origin}", misspelt, self._page(origin))
        twice = self._page(granted, ("Origin", granted))
        yield Case("origin twice", misspelt, twice)
        mine = self.anybody if not self.facts.needs_admin else (403,)
        yield Case(f"origin {granted}, granted", mine, self._page(granted))
        for name in ("127.0.0.1", "localhost", "[::1]"):
            own = self._page(f"http://{name}:{port}")
            yield Case(f"twin: origin of our own page at {name}", self.local, own)

    def _bodies(self) -> Iterator[Case]:
        """Step 5: changes that a page can send without a preflight."""
        if not self.is_change or self.facts.needs_admin:
            return
        granted = self.granted_origin
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
        granted = self.granted_origin
        for origin, expected in ((UNGRANTED, foreign), ("null", (403,)), (granted, (204,))):
            headers = self._headers(("Origin", origin), asked, network)
            yield Case(f"preflight of {origin}", expected, headers, verb="OPTIONS")


def _fetch(site: str, mode: str, dest: str) -> Headers:
    return (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", dest))
