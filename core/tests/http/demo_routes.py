"""A route table with one of everything: each kind of answer, of facts and of failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
import tornado.web

from flatbed.errors import JobNotFoundError, ScannerHeldError, WorkerCrashedError
from flatbed.http.base import ApiHandler
from flatbed.http.guard import RouteFacts
from flatbed.http.headers import PAGE_POLICY
from flatbed.http.hello import hello_route
from flatbed.http.openapi import openapi_route
from flatbed.http.routes import Operation, Route
from flatbed.http.sockets import SocketHandler

PNG = b"\x89PNG\r\n\x1a\n pixels"


class Paper(msgspec.Struct, rename="pascal"):
    """How the sheet is."""

    resolution: Annotated[int, msgspec.Meta(ge=50, le=1200)] = 300
    page_size: int = 1


class NewJob(msgspec.Struct, rename="camel"):
    """What a job is made of."""

    name: str = "scan"
    auto_run: bool = True
    config: Paper = msgspec.field(default_factory=Paper)


class Job(msgspec.Struct):
    """One job."""

    jobuid: str
    name: str


class JobPatch(msgspec.Struct):
    """What can be changed in a job."""

    status: Literal["running", "canceled"]


class JobQuery(msgspec.Struct):
    """Which jobs."""

    limit: Annotated[int, msgspec.Meta(ge=1, description="How many at most.")] = 100
    newest: bool = False
    name: str | None = None


class Session(msgspec.Struct):
    """Whose session."""

    session: str | None = msgspec.field(default=None, name="Flatbed-Session")


class JobsHandler(ApiHandler):
    """The list, and new ones."""

    async def get(self) -> None:
        query = self.read_query(JobQuery)
        jobs = [Job(uid, name) for uid, name in self.services.jobs.items()]
        self.write_json(jobs[: query.limit])

    async def post(self) -> None:
        wanted = self.read_body(NewJob)
        uid = self.services.add(wanted.name)
        self.set_header("Location", f"{self.base_url}/api/demo/jobs/{uid}")
        self.write_json(Job(uid, wanted.name), 201)


class JobHandler(ApiHandler):
    """One of them."""

    async def get(self, jobuid: str) -> None:
        session = self.read_headers(Session).session
        name = self.services.find(jobuid)
        self.write_json(Job(jobuid, session or name))

    async def patch(self, jobuid: str) -> None:
        self.services.find(jobuid)
        self.services.jobs[jobuid] = self.read_body(JobPatch).status
        self.services.changes += 1
        self.write_json(Job(jobuid, self.services.find(jobuid)))

    async def delete(self, jobuid: str) -> None:
        self.services.find(jobuid)
        del self.services.jobs[jobuid]
        self.services.changes += 1
        self.set_status(204)


class SettingsHandler(ApiHandler):
    """Only for the local principal."""

    async def patch(self) -> None:
        self.services.changes += 1
        self.write_json({"logLevel": 1})


class ContentHandler(ApiHandler):
    """A picture, which a page of ours may let a browser download."""

    async def get(self, uid: str) -> None:
        self.services.find(uid)
        self.set_header("Content-Type", "image/png")
        self.finish(PNG)


class UploadHandler(ApiHandler):
    """Counts what is uploaded, without keeping it."""

    async def receive(self, chunk: bytes) -> None:
        if b"no disk" in chunk:
            raise ScannerHeldError
        self.services.uploaded += len(chunk)

    async def post(self) -> None:
        self.services.changes += 1
        self.write_json({"bytes": self.services.uploaded}, 201)


class PairHandler(ApiHandler):
    """Any page may ask here."""

    async def post(self) -> None:
        self.services.changes += 1
        self.write_json({"asking": self.caller.origin}, 201)


class PageHandler(ApiHandler):
    """One of the service's own pages."""

    content_policy = PAGE_POLICY

    async def get(self) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish("<!doctype html><title>Flatbed</title>")


class FailHandler(ApiHandler):
    """Fails in all the ways there are."""

    async def get(self, how: str) -> None:
        failures: dict[str, Callable[[], BaseException]] = {
            "held": ScannerHeldError,
            "crashed": WorkerCrashedError,
            "bug": lambda: ZeroDivisionError("the secret is 42"),
            "teapot": lambda: tornado.web.HTTPError(418),
            "gateway": lambda: tornado.web.HTTPError(502),
            "validation": lambda: msgspec.ValidationError("an answer of a worker"),
        }
        if how == "caused":
            raise WorkerCrashedError from ScannerHeldError()
        if how == "detailed":
            raise WorkerCrashedError("It crashed.", addon="barcode 1.3.0")
        raise failures[how]()


class WaitHandler(ApiHandler):
    """Answers when it is told to."""

    async def get(self) -> None:
        await self.services.go_on.wait()
        self.write_json({})


class EventsHandler(SocketHandler):
    """Says whom it talks to."""

    def open(self) -> None:
        self.write_message(self.caller.origin)


def demo_routes(change: Callable[[str], type[Any] | None] = lambda _: None) -> list[Route]:
    """The table; `change` may put another handler in the place of the one of a path."""
    return [
        Route(route.path, change(route.path) or route.handler, route.operations)
        for route in [hello_route(), openapi_route(), *_own_routes()]
    ]


def _own_routes() -> list[Route]:
    missing = [JobNotFoundError]
    list_jobs = Operation(summary="List", answers={200: list[Job]}, query=JobQuery)
    add_job = Operation(summary="Add", answers={201: Job}, body=NewJob)
    one_job = {
        "GET": Operation(summary="Get", answers={200: Job}, headers=Session, errors=missing),
        "PATCH": Operation(summary="Change", answers={200: Job}, body=JobPatch, errors=missing),
        "DELETE": Operation(summary="Delete", answers={204: None}, errors=missing),
    }
    admin = RouteFacts(needs_admin=True)
    octets = RouteFacts(takes_octets=True)
    anything = dict[str, Any]
    return [
        Route("/api/demo/jobs", JobsHandler, {"GET": list_jobs, "POST": add_job}),
        Route("/api/demo/jobs/{jobuid}", JobHandler, one_job),
        _route("/api/demo/settings", SettingsHandler, "PATCH", {200: anything}, facts=admin),
        _route(
            "/api/demo/jobs/{uid}/content",
            ContentHandler,
            "GET",
            {200: ("image/png",)},
            facts=RouteFacts(is_attachment=True),
            errors=missing,
        ),
        _route(
            "/api/demo/files",
            UploadHandler,
            "POST",
            {201: anything},
            facts=octets,
            max_body_bytes=4 * 2**20,
            errors=[ScannerHeldError],
        ),
        _route(
            "/api/demo/pair",
            PairHandler,
            "POST",
            {201: anything},
            facts=RouteFacts(open_to_origins=True),
        ),
        _route("/", PageHandler, "GET", {200: ("text/html",)}, facts=RouteFacts(is_page=True)),
        _route("/api/demo/fail/{how}", FailHandler, "GET", {200: anything}),
        _route("/api/demo/wait", WaitHandler, "GET", {200: anything}, has_head=False),
        _route("/api/demo/events", EventsHandler, "GET", {101: None}),
    ]


def _route(path: str, handler: type[Any], verb: str, answers: dict[int, Any], **more: Any) -> Route:
    return Route(path, handler, {verb: Operation(summary=path, answers=answers, **more)})
