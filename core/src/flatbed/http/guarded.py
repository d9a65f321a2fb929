"""What every handler shares: the guard first, the same headers always, one way to fail."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import msgspec
import structlog
import tornado.web

from flatbed.errors import FlatbedError, InternalError, WrongVerbError
from flatbed.http import failures
from flatbed.http.guard import Caller, RequestFacts, RouteFacts
from flatbed.http.headers import ANSWER_HEADERS, API_POLICY, EXPOSED_HEADERS
from flatbed.http.subjects import read_subject

if TYPE_CHECKING:
    from flatbed.http.routes import FlatbedApplication, Operation, Route

log = structlog.get_logger()

# What a preflight asks for, and where it is granted: whatever the page wants to send may come,
# for it is the guard that decides what happens then.
_ECHOED = {
    "Access-Control-Request-Method": "Access-Control-Allow-Methods",
    "Access-Control-Request-Headers": "Access-Control-Allow-Headers",
    "Access-Control-Request-Private-Network": "Access-Control-Allow-Private-Network",
}


class GuardedHandler(tornado.web.RequestHandler):
    """The base of `ApiHandler` and `SocketHandler`; handlers derive from those.

    Attributes:
        content_policy: The Content-Security-Policy; pages have another one than the API.
        route: The row of the route table that this handler answers for.
    """

    content_policy = API_POLICY
    application: FlatbedApplication
    route: Route
    _caller: Caller | None = None
    _readable_by: str | None = None
    _leave: Callable[[], None] | None = None

    def initialize(self, route: Route) -> None:
        """Take over what the route table says."""
        self.route = route

    @property
    def services(self) -> Any:
        """What `build_application` was given."""
        return self.application.services

    @property
    def caller(self) -> Caller:
        """Who asks, as the guard has found.

        Raises:
            InternalError: If the guard never let anybody in: nothing may be done for nobody.
        """
        if self._caller is None:
            raise InternalError
        return self._caller

    @property
    def base_url(self) -> str:
        """Scheme and host of the request, such as `http://127.0.0.1:18622`, for URLs in answers."""
        return f"{self.request.protocol}://{self.request.host}"

    @property
    def verbs(self) -> Sequence[str]:
        """What may be asked of this address, for the `Allow` header."""
        return self.route.verbs

    def admit(self) -> Operation | None:
        """Let the request in or not: the guard, then the verb, then the limits.

        Returns:
            What it asks for; None for OPTIONS.

        Raises:
            FlatbedError: The first reason not to let it in.
        """
        facts, request = self._route_facts(), self._request_facts()
        caller = self.application.guard.identify(request, facts)
        # From here on its page may read what is wrong with the request.
        self._readable_by = request.origin
        self.set_default_headers()
        self.application.guard.authorize(caller, request, facts)
        self._caller = caller
        if request.verb == "OPTIONS":
            return None
        operation = self.find_operation()
        self._caller = caller.under(read_subject(self.request, operation.query))
        self._leave = self.application.limits.enter(caller)
        self.application.guard.note_use(caller)
        return operation

    def find_operation(self) -> Operation:
        """What the request asks for.

        Raises:
            WrongVerbError: If the route has nothing for this verb.
        """
        operation = self.route.find(self.request.method or "")
        if operation is None:
            raise WrongVerbError
        return operation

    def head(self, *args: str, **kwargs: str) -> Awaitable[None] | None:
        """The same as GET; Tornado leaves the body out."""
        return self.get(*args, **kwargs)

    def options(self, *_: str, **__: str) -> None:
        """Answer a preflight, or tell a native caller the verbs."""
        self.set_status(204)
        self.set_header("Allow", ", ".join(self.verbs))
        for asked, granted in _ECHOED.items():
            if value := self.request.headers.get(asked):
                self.set_header(granted, value)

    def set_default_headers(self) -> None:
        """The headers of every answer; Tornado calls this again before it answers an error."""
        self.clear_header("Server")
        self.clear_header("Content-Type")
        self.set_header("Content-Security-Policy", self.content_policy)
        for name, value in ANSWER_HEADERS.items():
            self.set_header(name, value)
        if self._readable_by:
            self.set_header("Access-Control-Allow-Origin", self._readable_by)
            self.set_header("Access-Control-Expose-Headers", EXPOSED_HEADERS)

    def compute_etag(self) -> None:
        """No ETag: hashing big bodies halves their speed, and nothing here may be cached."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what was raised, in the contract's form."""
        failure = kwargs.get("exc_info", (None, None, None))[1]
        error = failures.to_error(failure, status_code)
        if self._caller is None and not isinstance(failure, FlatbedError):
            # Tornado gave up before the guard was asked: over an unknown verb, say.
            error = self._refusal() or error
        self.set_status(error.status)
        if isinstance(error, WrongVerbError):
            self.set_header("Allow", ", ".join(self.verbs))
        if (seconds := failures.retry_after_s(error)) is not None:
            self.set_header("Retry-After", str(seconds))
        self.set_header("Content-Type", "application/json")
        self.finish(msgspec.json.encode(failures.to_body(error)))

    def log_exception(
        self,
        typ: type[BaseException] | None,
        value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Log what is ours to mend; what the caller did wrong stands in the answer."""
        error = failures.to_error(value)
        if error is not value and error.status >= 500:
            log.error("request failed", **self._log_facts(), exc_info=(typ, value, tb))
        elif error.status >= 500:
            log.warning("request failed", **self._log_facts(), error=error.name)

    def on_finish(self) -> None:
        """Give the place among the origin's requests back."""
        self.leave()
        log.debug("request answered", **self._log_facts(), status=self.get_status())

    def on_connection_close(self) -> None:
        """Give the place back when the caller is gone before the answer was."""
        super().on_connection_close()
        self.leave()

    def leave(self) -> None:
        """Give the place among the origin's requests back; more than once does no harm."""
        if self._leave is not None:
            self._leave()

    def _refusal(self) -> FlatbedError | None:
        try:
            self.admit()
        except FlatbedError as refusal:
            return refusal
        return None

    def _route_facts(self) -> RouteFacts:
        verb = self.request.method or ""
        if verb == "OPTIONS":
            verb = self.request.headers.get("Access-Control-Request-Method", "")
        operation = self.route.find(verb)
        return operation.facts if operation else RouteFacts()

    def _request_facts(self) -> RequestFacts:
        headers = self.request.headers
        context = getattr(self.request.connection, "context", None)
        return RequestFacts(
            verb=self.request.method or "",
            # A server that does not look at its peers makes everybody a stranger.
            is_ours=getattr(context, "is_ours", False),
            hosts=tuple(headers.get_list("Host")),
            scheme=self.request.protocol,
            origin=headers.get("Origin"),
            fetch_site=headers.get("Sec-Fetch-Site"),
            fetch_mode=headers.get("Sec-Fetch-Mode"),
            fetch_dest=headers.get("Sec-Fetch-Dest"),
            content_type=headers.get("Content-Type"),
            has_body="Transfer-Encoding" in headers or headers.get("Content-Length", "0") != "0",
        )

    def _log_facts(self) -> dict[str, Any]:
        # The template and not the path: ids of pages and jobs are no one's business in a log.
        return {"verb": self.request.method, "route": self.route.path}
