"""Each state of the client in a real browser: what it finds, and what it tells the person."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Frame, Page
from tests.browser.conftest import OpenBrowser, OpenPublic
from tests.browser.rig import (
    PageServer,
    open_author,
    public_flags,
    public_origin,
    wait_for_state,
)
from tests.conftest import MakeService
from tests.support.service import LiveService

EMBED = """url => new Promise(resolve => {
  const frame = document.createElement("iframe");
  frame.onload = resolve;
  frame.src = url;
  document.body.append(frame);
})"""
LABEL = "window.flatbed.state.action?.label ?? null"
CHECKING = "Looking for Flatbed on this computer."
FOREIGN = (
    "Flatbed is in use by another user of this computer. Start it for yourself, then connect again."
)
DENIED = (
    "Your browser keeps this page from Flatbed. Allow apps on this device in the settings"
    " beside the address, then connect again."
)
CONSENT = "Flatbed needs your OK before this page may scan."


def see(page: Page | Frame, name: str) -> tuple[str, str | None]:
    """Wait for a state; its sentence as shown, and what its button says."""
    return wait_for_state(page, name), page.evaluate(LABEL)


def requests_at(service: LiveService) -> list[str]:
    """The routes that anybody asked for."""
    return [line.facts["route"] for line in service.read_log() if line.event == "request answered"]


@contextmanager
def greeter(**hello: object) -> Iterator[int]:
    """The port of a service that only greets: another version, or another user's."""
    body = json.dumps({"service": "flatbed", **hello}).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "null"))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Somebody who takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def test_page_is_checking_until_silence_has_lasted_long_enough(
    open_browser: OpenBrowser, author: PageServer, silent_port: int
) -> None:
    """Whoever does not answer is no service; and no browser asks about a page of this machine."""
    page = open_author(open_browser(), author.origin, silent_port)
    assert page.evaluate("window.flatbed.state.sentence") == CHECKING
    wait_for_state(page, "missing")
    page.click("#scan")
    assert see(page, "checking") == (CHECKING, None)
    wait_for_state(page, "missing")
    assert page.evaluate("window.seen.states") == ["missing", "checking", "missing"]


def test_service_that_was_never_there_is_missing(
    open_browser: OpenBrowser, author: PageServer
) -> None:
    """Nothing listens; the way out is an installer."""
    page = open_author(open_browser(), author.origin, 9)
    assert see(page, "missing") == (
        "Flatbed is not installed on this computer. Install it; this page then connects by itself.",
        "Install Flatbed",
    )


@pytest.mark.parametrize(
    ("version", "contract", "sentence", "label"),
    [
        pytest.param(
            "0.0.1",
            "20200101",
            "Flatbed 0.0.1 on this computer is too old for this page. Update Flatbed.",
            "Update Flatbed",
            id="too old",
        ),
        pytest.param(
            "2.0.0",
            "20991231",
            "This page is too old for Flatbed 2.0.0 on this computer."
            " Reload it, or tell whoever runs it.",
            "Reload this page",
            id="too new",
        ),
    ],
)
def test_service_of_another_version_says_what_to_do(
    open_browser: OpenBrowser,
    author: PageServer,
    *,
    version: str,
    contract: str,
    sentence: str,
    label: str,
) -> None:
    """A contract from before the client's first one, and a version after its last one."""
    with greeter(version=version, contract=contract, yours=True) as port:
        page = open_author(open_browser(), author.origin, port)
        assert see(page, "version") == (sentence, label)


def test_service_of_another_user_is_told_as_that(
    open_browser: OpenBrowser, author: PageServer
) -> None:
    """It answers on the first port and says that it is not this person's."""
    with greeter(version="0.1.0", contract="20261121", yours=False) as port:
        page = open_author(open_browser(), author.origin, port)
        assert see(page, "foreign") == (FOREIGN, "Connect again")


def test_own_service_behind_another_users_is_found(
    open_browser: OpenBrowser, author: PageServer, make_service: MakeService
) -> None:
    """The next port is looked at, and this one asks for consent."""
    service = make_service()
    with greeter(version="0.1.0", contract="20261121", yours=False) as port:
        page = open_author(open_browser(), author.origin, port, service.port)
        assert see(page, "consent") == (CONSENT, "Ask Flatbed")


def test_service_that_ends_is_stopped_and_found_again(
    open_browser: OpenBrowser, author: PageServer, make_service: MakeService
) -> None:
    """It was there once, so it is not called missing; looked for again, the page is ready."""
    service = make_service(ALLOWED_ORIGINS=[author.origin])
    page = open_author(open_browser(), author.origin, service.port)
    assert see(page, "ready") == ("Flatbed is ready.", None)
    service.stop()
    page.reload()
    assert see(page, "stopped") == (
        "Flatbed is not running. Start it; this page then connects by itself.",
        "Connect again",
    )
    service.start()
    page.evaluate("void window.flatbed.state.action.run()")
    wait_for_state(page, "ready")


def test_public_page_without_permission_asks_nothing_by_itself(
    open_public: OpenPublic, make_service: MakeService
) -> None:
    """The browser would ask the person: that takes a click."""
    service = make_service()
    assert see(open_public("prompt", service.port), "asking") == (
        "Your browser will ask whether this page may reach apps on this device. Choose Allow.",
        "Connect",
    )
    assert requests_at(service) == []


def test_public_page_that_the_browser_blocks_is_not_called_missing(
    open_public: OpenPublic, make_service: MakeService
) -> None:
    """A person has said no to the browser; the sentence says where to change it."""
    assert see(open_public("denied", make_service().port), "blocked") == (
        DENIED,
        "Connect again",
    )


def test_public_page_in_a_frame_that_may_not_reach_us_offers_a_window_of_its_own(
    open_public: OpenPublic, author: PageServer, make_service: MakeService
) -> None:
    """Whoever made the page around it has not passed the permission on."""
    page = open_public("granted", make_service().port)
    wait_for_state(page, "consent")
    around = page.context.new_page()
    around.goto(f"{author.origin}/empty.html")
    around.evaluate(EMBED, page.url)
    (frame,) = around.main_frame.child_frames
    assert see(frame, "blocked") == (
        "The page around this one keeps it from Flatbed. Open it in a window of its own.",
        "Open in a new window",
    )


def test_public_page_with_permission_comes_to_consent(
    open_public: OpenPublic, make_service: MakeService
) -> None:
    """The browser's permission is not ours."""
    page = open_public("granted", make_service().port)
    assert see(page, "consent") == (CONSENT, "Ask Flatbed")


def test_public_page_without_https_is_blocked_and_not_called_missing(
    open_browser: OpenBrowser, author: PageServer, make_service: MakeService
) -> None:
    """No browser can grant it anything; installing a service that is there would help nobody."""
    service = make_service()
    browser = open_browser(*public_flags(author))
    page = open_author(browser, public_origin(author), service.port)
    assert see(page, "blocked") == (
        "Your browser lets only pages with https reach Flatbed. Open this page with https.",
        "Connect again",
    )
    assert requests_at(service) == []
