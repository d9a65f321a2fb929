"""The service's own pages: scanning, consent, status, and what they load."""

from __future__ import annotations

from urllib.parse import urlsplit

from flatbed.errors import NotFoundError
from flatbed.http.base import ApiHandler
from flatbed.http.guard import RouteFacts
from flatbed.http.headers import PAGE_POLICY
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.http.web_files import MEDIA_TYPES, PagesNotBuiltError, WebFile

STATUS_PAGE = "/status"

_HTML = "text/html"
_HOST = "127.0.0.1"


class _FileHandler(ApiHandler):
    """The base of what hands out built files."""

    services: Services

    def write_file(self, file: WebFile) -> None:
        """Answer with a file as it was built."""
        self.set_header("Content-Type", file.media_type)
        self.finish(file.content)


class PageHandler(_FileHandler):
    """The base of the pages: no other window holds on to them, no other code runs in them."""

    content_policy = PAGE_POLICY

    def set_default_headers(self) -> None:
        """Those of every answer, and that the page shares nothing with whoever opened it."""
        super().set_default_headers()
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")


class ConsentPageHandler(PageHandler):
    """`/consent/{id}`."""

    async def get(self, id: str) -> None:  # noqa: A002, ARG002 - the page reads it from its address
        """The window in which a person lets an origin in."""
        self.write_file(self.services.web.page("consent"))


class StatusPageHandler(PageHandler):
    """`/status`."""

    async def get(self) -> None:
        """What the service is doing, and who may call it."""
        self.write_file(self.services.web.page("status"))


class RootHandler(PageHandler):
    """`/`: the status page on its own port, the scanning page on the others."""

    async def get(self) -> None:
        """The page of this port."""
        address = urlsplit(self.base_url)
        if address.port == self.services.ports().status_port:
            self.write_file(self.services.web.page("status"))
        elif address.hostname != _HOST:
            # Under one name it keeps one memory, and reaches its service where the client looks.
            self.redirect(f"{address.scheme}://{_HOST}:{address.port}/")
        else:
            self.write_file(self.services.web.page("scan"))


class AssetHandler(_FileHandler):
    """`/assets/{path}`."""

    async def get(self, path: str) -> None:
        """A script, style or picture of the pages."""
        self.write_file(self.services.web.asset(path))


_PAGE = RouteFacts(is_page=True, needs_admin=True)
_NOT_BUILT = (PagesNotBuiltError,)
# Without its parameters, which OpenAPI leaves to the answer.
_ASSET_TYPES = tuple(each.partition(";")[0] for each in MEDIA_TYPES.values())

ROUTES = (
    Route(
        "/",
        RootHandler,
        {
            "GET": Operation(
                summary="Open the scanning page",
                description="On the port of the status page it is that one.",
                answers={200: _HTML, 302: None},
                errors=_NOT_BUILT,
                facts=_PAGE,
            )
        },
    ),
    Route(
        STATUS_PAGE,
        StatusPageHandler,
        {
            "GET": Operation(
                summary="Open the status page",
                answers={200: _HTML},
                errors=_NOT_BUILT,
                facts=_PAGE,
            )
        },
    ),
    Route(
        "/consent/{id}",
        ConsentPageHandler,
        {
            "GET": Operation(
                summary="Open the page on which a person lets an origin in",
                answers={200: _HTML},
                errors=_NOT_BUILT,
                facts=_PAGE,
            )
        },
    ),
    Route(
        "/assets/{path}",
        AssetHandler,
        {
            "GET": Operation(
                summary="Load a script, style or picture of the pages",
                answers={200: _ASSET_TYPES},
                errors=(NotFoundError, *_NOT_BUILT),
                facts=RouteFacts(needs_admin=True),
            )
        },
    ),
)
