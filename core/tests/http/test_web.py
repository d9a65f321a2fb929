"""The service's own pages over the wire, from files that the test has built."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from flatbed.http import web
from flatbed.http.web_files import WebFiles, read_web_files
from flatbed.ports import Ports

from .demo import GRANTED, DemoServer
from .raw import ask

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self';"
    " img-src 'self' blob: data:; connect-src 'self';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
NAVIGATION = [
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
]
OWN_SCRIPT = [
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "cors"),
    ("Sec-Fetch-Dest", "script"),
]


@dataclass(frozen=True)
class WebServices:
    """As much of the services as the pages need."""

    web: WebFiles
    ports: Callable[[], Ports]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder as the client's build leaves it, and beside it a file of nobody's."""
    folder = tmp_path / "web"
    (folder / "assets").mkdir(parents=True)
    (folder / "status.html").write_text("<title>status</title>")
    (folder / "consent.html").write_text("<title>consent</title>")
    (folder / "scan.html").write_text("<title>scan</title>")
    (folder / "assets" / "main-1a.js").write_text("export {};")
    (folder / "assets" / "main-1a.css").write_text("p {}")
    (folder / "assets" / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "main-1a.js.map").write_text("{}")
    (tmp_path / "secret.js").write_text("secret")
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[..., DemoServer]]:
    """Starts a server of the pages over a folder."""
    started: list[DemoServer] = []

    def start(folder: Path, *, is_status_port: bool = False) -> DemoServer:
        server = DemoServer(routes=web.ROUTES).__enter__()
        started.append(server)
        status_port = server.port if is_status_port else 1
        ports = Ports(port=server.port, status_port=status_port)
        server.application.services = WebServices(read_web_files(folder), lambda: ports)
        return server

    yield start
    for server in started:
        server.stop()


@pytest.mark.parametrize(
    ("path", "title"),
    [("/status", b"<title>status</title>"), (f"/consent/{'a' * 32}", b"<title>consent</title>")],
)
def test_page_opens_from_anywhere_and_shares_nothing(
    path: str, title: bytes, built: Path, serve: Callable[..., DemoServer]
) -> None:
    """A link of another site may lead there; no frame may hold it, no window keep a hand on it."""
    answer = ask(serve(built).port, "GET", path, NAVIGATION)
    assert (answer.status, answer.body) == (200, title)
    assert answer.header("Content-Type") == "text/html; charset=utf-8"
    assert answer.header("Content-Security-Policy") == POLICY
    assert answer.header("Cross-Origin-Opener-Policy") == "same-origin"
    assert answer.header("Cache-Control") == "no-store"


def test_page_in_a_frame_is_refused(built: Path, serve: Callable[..., DemoServer]) -> None:
    """Whoever frames it could put its own picture over the buttons."""
    framed = [*NAVIGATION[:2], ("Sec-Fetch-Dest", "iframe")]
    answer = ask(serve(built).port, "GET", f"/consent/{'a' * 32}", framed)
    assert answer.status == 403


@pytest.mark.parametrize("path", ["/", "/status", "/consent/1", "/assets/main-1a.js"])
def test_page_is_not_for_scripts_of_other_origins(
    path: str, built: Path, serve: Callable[..., DemoServer]
) -> None:
    """A granted origin has no business in them either."""
    assert ask(serve(built).port, "GET", path, [("Origin", GRANTED)]).status == 403


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("main-1a.js", "text/javascript; charset=utf-8", b"export {};"),
        ("main-1a.css", "text/css; charset=utf-8", b"p {}"),
        ("icon.svg", "image/svg+xml", b"<svg/>"),
    ],
)
def test_asset_comes_with_its_media_type(
    name: str, media_type: str, content: bytes, built: Path, serve: Callable[..., DemoServer]
) -> None:
    """Browsers run no script of another one under `nosniff`."""
    answer = ask(serve(built).port, "GET", f"/assets/{name}", OWN_SCRIPT)
    assert (answer.status, answer.body) == (200, content)
    assert answer.header("Content-Type") == media_type
    assert answer.header("X-Content-Type-Options") == "nosniff"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/none.js",
        "/assets/main-1a.js.map",
        "/assets/..%2F..%2Fsecret.js",
        "/assets/../../secret.js",
        "/assets/%2e%2e/status.html",
        "/assets/",
        "/secret.js",
    ],
)
def test_path_that_is_no_asset_finds_nothing(
    path: str, built: Path, serve: Callable[..., DemoServer]
) -> None:
    """It is looked up in a table and never becomes a path of the disk."""
    answer = ask(serve(built).port, "GET", path, OWN_SCRIPT)
    assert (answer.status, json.loads(answer.body)["error"]) == (404, "not_found")


def test_file_that_appears_later_is_not_served(
    built: Path, serve: Callable[..., DemoServer]
) -> None:
    """The table is made once, at the start."""
    server = serve(built)
    (built / "assets" / "late.js").write_text("late")
    (built / "status.html").unlink()
    assert ask(server.port, "GET", "/assets/late.js", OWN_SCRIPT).status == 404
    assert ask(server.port, "GET", "/status", NAVIGATION).status == 200


def test_root_of_the_main_port_is_the_scanning_page(
    built: Path, serve: Callable[..., DemoServer]
) -> None:
    """What `make run` says opens it."""
    answer = ask(serve(built).port, "GET", "/", NAVIGATION)
    assert (answer.status, answer.body) == (200, b"<title>scan</title>")
    assert answer.header("Cache-Control") == "no-store"


@pytest.mark.parametrize("name", ["localhost", "[::1]"])
def test_root_under_another_name_leads_to_the_one(
    name: str, built: Path, serve: Callable[..., DemoServer]
) -> None:
    """Else the page would remember something else under each name."""
    port = serve(built).port
    host = [("Host", f"{name}:{port}")]
    answer = ask(port, "GET", "/", [*NAVIGATION, *host])
    assert (answer.status, answer.header("Location")) == (302, f"http://127.0.0.1:{port}/")


def test_root_of_the_status_port_is_the_status_page(
    built: Path, serve: Callable[..., DemoServer]
) -> None:
    """What a person types is short."""
    answer = ask(serve(built, is_status_port=True).port, "GET", "/", NAVIGATION)
    assert (answer.status, answer.body) == (200, b"<title>status</title>")


@pytest.mark.parametrize("path", ["/status", "/consent/1", "/assets/main.js"])
def test_pages_that_were_not_built_say_what_to_do(
    path: str, tmp_path: Path, serve: Callable[..., DemoServer]
) -> None:
    """A service run from its sources works without them."""
    answer = ask(serve(tmp_path / "web").port, "GET", path)
    assert answer.status == 503
    told = json.loads(answer.body)
    assert told["error"] == "pages_not_built"
    assert told["message"] == (
        "Flatbed's own pages were not built; all else works."
        " Run scripts/setup, or install a released Flatbed."
    )


def test_head_of_a_page_is_its_headers(built: Path, serve: Callable[..., DemoServer]) -> None:
    """As everywhere where reading uses nothing up."""
    answer = ask(serve(built).port, "HEAD", "/status", NAVIGATION)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.header("Content-Length") == "21"
