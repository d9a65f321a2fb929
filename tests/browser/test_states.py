"""Each state of the client in a real browser: what it finds, and what it tells the person."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import BrowserContext, Page
from tests.browser.conftest import OpenBrowser
from tests.browser.rig import PageServer, Permission, set_permission
from tests.conftest import MakeService

LIMIT_MS = 20_000
PUBLIC_NAME = "scan.example"


def open_author(browser: BrowserContext, origin: str, *ports: int) -> Page:
    """The author's page, which looks for a service on some ports as soon as it is there."""
    page = browser.new_page()
    page.goto(f"{origin}/?ports={','.join(map(str, ports))}")
    return page


def wait_for_state(page: Page, *names: str) -> str:
    """Wait for one of some states; its sentence as the page shows it."""
    script = "names => names.includes(window.flatbed?.state.name)"
    page.wait_for_function(script, arg=list(names), timeout=LIMIT_MS)
    shown = page.inner_text("#state")
    assert shown == page.evaluate("window.flatbed.state.sentence")
    return shown


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
def open_public(open_browser: OpenBrowser, author: PageServer) -> Iterator[object]:
    """Opens a browser that takes the author's page for one from the internet, over https."""
    origin = f"http://{PUBLIC_NAME}:{author.port}"

    def open_public(setting: Permission, *ports: int) -> Page:
        browser = open_browser(
            f"--host-resolver-rules=MAP {PUBLIC_NAME} 127.0.0.1",
            f"--unsafely-treat-insecure-origin-as-secure={origin}",
            f"--ip-address-space-overrides=127.0.0.1:{author.port}=public",
        )
        if setting != "prompt":
            set_permission(browser.pages[0], origin, setting)
        return open_author(browser, origin, *ports)

    return open_public  # type: ignore[return-value]


def test_service_that_was_never_there_is_missing(
    open_browser: OpenBrowser, author: PageServer
) -> None:
    """Nothing listens; the way out is an installer."""
    page = open_author(open_browser(), author.origin, 9)
    wait_for_state(page, "missing")
    assert page.evaluate("window.flatbed.state.action.label")


def test_service_of_another_version_says_what_to_update(
    open_browser: OpenBrowser, author: PageServer
) -> None:
    """A contract from before the client's first one."""
    with greeter(version="0.0.1", contract="20200101", yours=True) as port:
        page = open_author(open_browser(), author.origin, port)
        sentence = wait_for_state(page, "version")
    assert "0.0.1" in sentence


def test_service_of_another_user_is_told_as_that(
    open_browser: OpenBrowser, author: PageServer
) -> None:
    """It answers on the first port and says that it is not this person's."""
    with greeter(version="0.1.0", contract="20261101", yours=False) as port:
        page = open_author(open_browser(), author.origin, port)
        wait_for_state(page, "foreign")


def test_own_service_behind_another_users_is_found(
    open_browser: OpenBrowser, author: PageServer, make_service: MakeService
) -> None:
    """The next port is looked at, and this one asks for consent."""
    service = make_service()
    with greeter(version="0.1.0", contract="20261101", yours=False) as port:
        page = open_author(open_browser(), author.origin, port, service.port)
        wait_for_state(page, "consent")


def test_service_that_ends_is_stopped_and_found_again(
    open_browser: OpenBrowser, author: PageServer, make_service: MakeService
) -> None:
    """It was there once, so it is not called missing; looked for again, the page is ready."""
    service = make_service(ALLOWED_ORIGINS=[author.origin])
    browser = open_browser()
    page = open_author(browser, author.origin, service.port)
    wait_for_state(page, "ready")
    service.stop()
    page.reload()
    wait_for_state(page, "stopped")
    service.start()
    page.evaluate("void window.flatbed.state.action.run()")
    wait_for_state(page, "ready")


def test_public_page_without_permission_asks_nothing_by_itself(
    open_public: object, make_service: MakeService
) -> None:
    """The browser would ask the person: that takes a click."""
    service = make_service()
    page = open_public("prompt", service.port)  # type: ignore[operator]
    wait_for_state(page, "asking")


def test_public_page_that_the_browser_blocks_is_not_called_missing(
    open_public: object, make_service: MakeService
) -> None:
    """A person has said no to the browser; the sentence says where to change it."""
    service = make_service()
    page = open_public("denied", service.port)  # type: ignore[operator]
    wait_for_state(page, "blocked")


def test_public_page_with_permission_comes_to_consent(
    open_public: object, make_service: MakeService
) -> None:
    """The browser's permission is not ours."""
    service = make_service()
    page = open_public("granted", service.port)  # type: ignore[operator]
    wait_for_state(page, "consent")
