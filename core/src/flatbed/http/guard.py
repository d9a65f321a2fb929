"""Who may do what: every request passes these rules before anything else looks at it.

Pure logic over facts about the request and its route; the numbers are the steps of the rules, and
the first that fails decides. Step 0's fact, whose process asks, comes from `flatbed.http.peer`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from flatbed.errors import (
    InvalidInputError,
    MediaTypeError,
    MisdirectedError,
    OriginBlockedError,
    StrangerError,
)
from flatbed.storage.owners import owner_of

LOCAL = "local"
"""The one principal that native callers and the service's own pages are."""

HOST_NAMES = ("127.0.0.1", "localhost", "[::1]")
READING_VERBS = frozenset({"GET", "HEAD"})

_HARMLESS_VERBS = READING_VERBS | {"OPTIONS"}
# No page sends these to another origin without a preflight, whatever the body is.
_PREFLIGHTED_VERBS = frozenset({"DELETE", "PATCH", "PUT"})
_DEFAULT_PORTS = {"http": 80, "https": 443}
OCTETS = "application/octet-stream"
"""What files are sent as."""

_FRAMES = frozenset({"iframe", "frame", "fencedframe", "embed", "object"})
_NOT_A_PAGE = "This address is not a page. Open Flatbed's own page instead."
_ONLY_LOCAL = "Only Flatbed's own pages and programs of this user may do this."
_NO_GRANT_NEEDED = "Programs of this user need no grant."


@dataclass(frozen=True, kw_only=True)
class RouteFacts:
    """What the guard has to know about one verb of one route; all False: closed to all but grants.

    Attributes:
        open_to_strangers: Answers processes of other users of the machine.
        open_to_origins: Answers origins without a grant.
        is_page: One of the service's own pages: a browser may go there, from anywhere.
        is_attachment: A file that the service's own pages may let a browser go to.
        needs_admin: Only for the local principal.
        takes_octets: Takes a body of application/octet-stream besides JSON.
        only_for_origins: Asks for what the local principal has anyway.
    """

    open_to_strangers: bool = False
    open_to_origins: bool = False
    is_page: bool = False
    is_attachment: bool = False
    needs_admin: bool = False
    takes_octets: bool = False
    only_for_origins: bool = False


@dataclass(frozen=True, kw_only=True)
class RequestFacts:
    """What the guard looks at; header values as they came, None where there was no such header.

    Attributes:
        verb: In capitals.
        is_ours: The peer's process belongs to our OS user.
        hosts: Every `Host` header.
        has_body: A body is announced.
    """

    verb: str
    is_ours: bool
    hosts: tuple[str, ...]
    scheme: str = "http"
    origin: str | None = None
    fetch_site: str | None = None
    fetch_mode: str | None = None
    fetch_dest: str | None = None
    content_type: str | None = None
    has_body: bool = False


@dataclass(frozen=True)
class Caller:
    """Who asks.

    Attributes:
        origin: `local`, or the web origin as the browser said it; empty for another user's
            native program.
        is_local: Holds the admin right and sees everything.
        is_ours: A process of our OS user; False only where a route is open to strangers.
        owner: Whose is what it makes: the origin, or one subject of it.
    """

    origin: str
    is_local: bool
    is_ours: bool = True
    owner: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "owner", self.owner or self.origin)

    @property
    def sees(self) -> str | None:
        """The owner whose things are there for it; None for those of all."""
        return None if self.is_local else self.owner

    def under(self, subject: str | None) -> Caller:
        """The same with a subject, if it is a page's: a local caller sees everything anyway."""
        if self.is_local:
            return self
        return replace(self, owner=owner_of(self.origin, subject))


class Grants(Protocol):
    """Which web origins may call, by exact string; asked anew for every request."""

    def is_granted(self, origin: str) -> bool:
        """Whether a person or the configuration granted it."""

    def is_compat(self, origin: str) -> bool:
        """Whether its pages may send text/plain for JSON, as older ones do."""

    def note_use(self, origin: str) -> None:
        """A request of a granted origin was let in; takes no time and waits for nothing."""


class Guard:
    """The rules, over the ports that the service listens on and the grants as they now are.

    Args:
        ports: The ports of all listening sockets.
        grants: Who has been let in.
    """

    def __init__(self, ports: Callable[[], frozenset[int]], grants: Grants) -> None:
        self._ports = ports
        self._grants = grants

    def admit(self, request: RequestFacts, route: RouteFacts) -> Caller:
        """The caller of a request that may go on; see `identify` and `authorize` for errors."""
        caller = self.identify(request, route)
        self.authorize(caller, request, route)
        return caller

    def identify(self, request: RequestFacts, route: RouteFacts) -> Caller:
        """Steps 0 to 4: who asks, and whether it may talk to this route at all.

        Raises:
            StrangerError: If the peer is not ours and the route not open to strangers.
            MisdirectedError: If `Host` does not name this service.
            OriginBlockedError: If a browser asks in a way or for an origin that nobody allowed.
        """
        _check_peer(request, route)
        self._check_host(request)
        if _is_navigation(request):
            _check_navigation(request, route)
            return _known(request, LOCAL)
        if request.origin is None:
            _check_silent_origin(request)
            return _known(request, LOCAL)
        return self._check_origin(request.origin, request, route)

    def authorize(self, caller: Caller, request: RequestFacts, route: RouteFacts) -> None:
        """The admin right, and step 5: whether this caller may do this to this route.

        Raises:
            InvalidInputError: If the route is only for origins, and this is none.
            OriginBlockedError: If the route needs the admin right.
            MediaTypeError: If a page's change has a body that would not force a preflight.
        """
        if request.verb == "OPTIONS":
            return
        if caller.is_local:
            _check_is_for_local(route)
            return
        if route.needs_admin:
            raise OriginBlockedError(_ONLY_LOCAL)
        if request.verb not in _HARMLESS_VERBS:
            self._check_media_type(caller, request, route)

    def still_admits(self, caller: Caller) -> bool:
        """Whether a caller let in earlier would be let in now: a grant can be taken back."""
        return caller.is_local or self._grants.is_granted(caller.origin)

    def note_use(self, caller: Caller) -> None:
        """Note when a granted origin called last; of all others nothing is noted."""
        if caller.is_ours and not caller.is_local and self._grants.is_granted(caller.origin):
            self._grants.note_use(caller.origin)

    def _check_host(self, request: RequestFacts) -> None:
        """Step 1: a name that an attacker's DNS points to us is not ours."""
        allowed = {place for scheme, place in self._places() if scheme == request.scheme}
        if len(request.hosts) != 1 or request.hosts[0] not in allowed:
            raise MisdirectedError

    def _check_origin(self, origin: str, request: RequestFacts, route: RouteFacts) -> Caller:
        """Step 4."""
        # `null` stands for sandboxed frames, files and more: anybody can be it.
        if "://" not in origin:
            raise OriginBlockedError
        if origin in {f"{scheme}://{place}" for scheme, place in self._places()}:
            return _known(request, LOCAL)
        if not route.open_to_origins and not self._grants.is_granted(origin):
            raise OriginBlockedError
        return _known(request, origin)

    def _places(self) -> list[tuple[str, str]]:
        """(scheme, host) of everything that is us; a default port is not written."""
        return [
            (scheme, name if port == default else f"{name}:{port}")
            for port in self._ports()
            for name in HOST_NAMES
            for scheme, default in _DEFAULT_PORTS.items()
        ]

    def _check_media_type(self, caller: Caller, request: RequestFacts, route: RouteFacts) -> None:
        """Step 5: only what a browser asks us about beforehand."""
        if request.content_type is None and not request.has_body:
            is_asked_for = request.verb in _PREFLIGHTED_VERBS
        else:
            is_asked_for = _media_type(request) in self._media_types(caller, route)
        if not is_asked_for:
            raise MediaTypeError

    def _media_types(self, caller: Caller, route: RouteFacts) -> set[str]:
        allowed = {"application/json"}
        if route.takes_octets:
            allowed.add(OCTETS)
        if self._grants.is_compat(caller.origin):
            allowed.add("text/plain")
        return allowed


def _check_peer(request: RequestFacts, route: RouteFacts) -> None:
    """Step 0."""
    if not request.is_ours and not route.open_to_strangers:
        raise StrangerError


def _is_navigation(request: RequestFacts) -> bool:
    dest = request.fetch_dest
    return request.fetch_mode == "navigate" or dest == "document" or dest in _FRAMES


def _check_navigation(request: RequestFacts, route: RouteFacts) -> None:
    """Step 2: a browser goes to own pages, and from those to their files; in no frame."""
    is_reading = request.verb in READING_VERBS and request.origin is None
    is_page = route.is_page and request.fetch_dest == "document"
    is_download = route.is_attachment and request.fetch_site == "same-origin"
    if not is_reading or request.fetch_dest in _FRAMES or not (is_page or is_download):
        raise OriginBlockedError(_NOT_A_PAGE)


def _check_silent_origin(request: RequestFacts) -> None:
    """Step 3: an <img> of any page sends no `Origin`; what is no browser sends none of these."""
    if request.fetch_site in ("same-origin", "none"):
        return
    if any((request.fetch_site, request.fetch_mode, request.fetch_dest)):
        raise OriginBlockedError


def _check_is_for_local(route: RouteFacts) -> None:
    if route.only_for_origins:
        raise InvalidInputError(_NO_GRANT_NEEDED)


def _known(request: RequestFacts, origin: str) -> Caller:
    if request.is_ours:
        return Caller(origin, is_local=origin == LOCAL)
    return Caller("" if origin == LOCAL else origin, is_local=False, is_ours=False)


def _media_type(request: RequestFacts) -> str:
    return (request.content_type or "").partition(";")[0].strip().lower()
