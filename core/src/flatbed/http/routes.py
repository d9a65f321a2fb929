"""What the route table is made of, and the application that is built from it.

One table serves three: Tornado's routing, the guard's facts and the OpenAPI document.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import tornado.web
from tornado.routing import PathMatches

from flatbed.errors import FlatbedError
from flatbed.http.base import UnknownPathHandler
from flatbed.http.guard import Guard, RouteFacts
from flatbed.http.guarded import GuardedHandler
from flatbed.http.idempotency import IdempotencyHeaders
from flatbed.http.limits import OriginLimits
from flatbed.http.sockets import OpenSockets

VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""What a table may offer; HEAD comes with GET, and OPTIONS is answered everywhere."""

Answer: TypeAlias = Any
"""A type that is answered as JSON, a media type, a tuple of what it can be, or None for no body."""

_PARAMETER = re.compile(r"\{(\w+)(\*?)\}")

SMALL_BODY_BYTES = 64 << 10
LOOSE_BODY_BYTES = 256 << 10
"""Of JSON that can hold anything: in memory it can be made to take a hundred times as much."""

_MAX_MESSAGE_BYTES = 2**16
_PING_INTERVAL_S = 20


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One verb of a route.

    Attributes:
        summary: One line for the document.
        answers: What it answers by status, when all goes well: see `Answer`.
        description: More for the document, in Markdown.
        body: Type of the JSON body, for `read_body`.
        query: Struct of the query's parameters, for `read_query`.
        headers: Struct of the header parameters, for `read_headers`, or several of them.
        errors: What it raises besides what every operation may.
        facts: What the guard has to know.
        max_body_bytes: A larger body is refused with 413; `None` for the configured limit.
        has_head: HEAD is answered too; not where reading uses something up.
        takes_key: Of an `Idempotency-Key`; its handler has `once` keep what it answers.
    """

    summary: str
    answers: Mapping[int, Answer]
    description: str = ""
    body: Any = None
    query: type | None = None
    headers: type | tuple[type, ...] = ()
    errors: Sequence[type[FlatbedError]] = ()
    facts: RouteFacts = field(default_factory=RouteFacts)
    max_body_bytes: int | None = None
    has_head: bool = True
    takes_key: bool = False

    @property
    def header_groups(self) -> tuple[type, ...]:
        """The Structs of its header parameters."""
        own = self.headers if isinstance(self.headers, tuple) else (self.headers,)
        return (*own, IdempotencyHeaders) if self.takes_key else own


@dataclass(frozen=True)
class Route:
    """One path and what it answers.

    Attributes:
        path: A template such as `/api/device/scanners/jobs/{jobuid}`; each name in braces stands
            for one segment and reaches the handler's method by that name; `{path*}`, at the end,
            for all that follow.
        handler: Its methods answer the verbs; what is not in `operations` is never called.
        operations: By verb in capitals, from `VERBS`.

    Raises:
        ValueError: If there is an operation that the handler has no method for.
    """

    path: str
    handler: type[GuardedHandler]
    operations: Mapping[str, Operation]

    def __post_init__(self) -> None:
        for verb in self.operations:
            if verb not in VERBS or not _answers(self.handler, verb):
                raise ValueError(f"{self.handler.__name__} does not answer {verb} of {self.path}")

    @property
    def parameters(self) -> list[str]:
        """The names in braces, in order."""
        return [name for name, _ in _PARAMETER.findall(self.path)]

    @property
    def template(self) -> str:
        """The path as OpenAPI writes it, which has no name for several segments."""
        return self.path.replace("*}", "}")

    @property
    def pattern(self) -> re.Pattern[str]:
        """What matches the paths of this route, with the parameters as named groups."""
        literals = (re.escape(part) for part in _PARAMETER.split(self.path)[::3])
        found = _PARAMETER.findall(self.path)
        groups = [f"(?P<{name}>{'.+' if rest else '[^/]+'})" for name, rest in found]
        parts = [text for pair in zip(literals, [*groups, ""], strict=True) for text in pair]
        return re.compile("".join(parts) + r"\Z")

    @property
    def verbs(self) -> list[str]:
        """Every verb that is answered, HEAD and OPTIONS included, for the `Allow` header."""
        heads = [verb for verb in ("HEAD",) if self.find(verb)]
        return [*self.operations, *heads, "OPTIONS"]

    def find(self, verb: str) -> Operation | None:
        """The operation that answers a verb; that of GET for HEAD."""
        if verb != "HEAD":
            return self.operations.get(verb)
        read = self.operations.get("GET")
        # There is nothing to a WebSocket but its handshake.
        return read if read and read.has_head and 101 not in read.answers else None


class FlatbedApplication(tornado.web.Application):
    """Tornado's application over a route table.

    Attributes:
        routes: The table.
        services: What handlers reach as `self.services`.
        guard: The rules of who may call.
        limits: What each origin has going on.
        sockets: The open WebSockets.
    """

    def __init__(
        self, routes: Sequence[Route], services: Any, guard: Guard, limits: OriginLimits
    ) -> None:
        self.routes = tuple(routes)
        self.services = services
        self.guard = guard
        self.limits = limits
        self.sockets = OpenSockets()
        super().__init__(
            [(PathMatches(each.pattern), each.handler, {"route": each}) for each in routes],
            default_handler_class=UnknownPathHandler,
            default_handler_args={"route": Route("", UnknownPathHandler, {})},
            websocket_max_message_size=_MAX_MESSAGE_BYTES,
            websocket_ping_interval=_PING_INTERVAL_S,
        )

    def log_request(self, handler: tornado.web.RequestHandler) -> None:
        """Leave the line to the handler: it knows the route, which holds no ids."""


def build_application(
    routes: Sequence[Route], services: Any, guard: Guard, *, limits: OriginLimits | None = None
) -> FlatbedApplication:
    """The application that answers a route table, and 404 for everything else.

    Args:
        routes: Of two that match one path the first answers.
        services: Whatever the handlers need.
        guard: Stands before every route.
        limits: Those of `flatbed.http.limits` unless given.

    Raises:
        ValueError: If two routes have one path.
    """
    paths = [route.path for route in routes]
    doubled = {path for path in paths if paths.count(path) > 1}
    if doubled:
        raise ValueError(f"several routes have the path {sorted(doubled)}")
    return FlatbedApplication(routes, services, guard, limits or OriginLimits())


def _answers(handler: type[GuardedHandler], verb: str) -> bool:
    unimplemented = getattr(tornado.web.RequestHandler, verb.lower())
    return getattr(handler, verb.lower()) is not unimplemented
