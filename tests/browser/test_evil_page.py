"""A page that nobody allowed tries every way in: it learns who is there, and nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from tests.browser.conftest import OpenBrowser
from tests.browser.rig import PageServer
from tests.conftest import MakeService
from tests.support.service import LiveService

LIMIT_MS = 60_000


@pytest.fixture
def service(make_service: MakeService) -> LiveService:
    """A service whose feeder is full."""
    return make_service(ADDONS__VIRTUAL__SHEETS=3)


def test_evil_page_gets_nothing(
    service: LiveService, open_browser: OpenBrowser, author: PageServer
) -> None:
    """Forms, pictures, scripts, styles, frames, requests with and without CORS, WebSockets."""
    page = open_browser().new_page()
    page.goto(f"{author.origin}/evil.html?port={service.port}")
    page.wait_for_function("window.seen", timeout=LIMIT_MS)
    assert page.evaluate("window.seen") == {
        "forms": ["sent", "sent"],
        "image": "refused",
        "script": "refused",
        "style": "refused",
        "read": "refused",
        "plain": "refused",
        "json": "refused",
        "grant": "refused",
        "socket": "refused",
        "frames": [0, 0],
        "hello": 200,
    }
    assert service.stored_jobs() == []
    assert service.client().get("/api/origins").json() == []
    frames = [frame.url for frame in page.frames[1:]]
    assert [url for url in frames if "chrome-error" not in url] == []


def test_name_that_points_here_is_not_ours(service: LiveService, open_browser: OpenBrowser) -> None:
    """DNS rebinding: the browser takes the page for its own host's, and we do not."""
    browser = open_browser("--host-resolver-rules=MAP evil.example 127.0.0.1")
    page = browser.new_page()
    answer = page.goto(f"http://evil.example:{service.port}/status")
    assert answer is not None
    assert answer.status == 421
    assert "scanners" not in page.content()


def test_opened_page_of_ours_cannot_be_reached_into(
    service: LiveService, open_browser: OpenBrowser, author: PageServer
) -> None:
    """A window that another page opens has no way back, and none into it."""
    browser = open_browser()
    page = browser.new_page()
    page.goto(f"{author.origin}/author.html?ports={service.port}")
    with browser.expect_page() as opened:
        page.evaluate("url => { window.other = window.open(url); }", f"{service.url}/status")
    status: Page = opened.value
    status.wait_for_load_state()
    assert status.evaluate("window.opener") is None
    page.wait_for_function("window.other.closed", timeout=LIMIT_MS)


def test_revoked_page_is_cut_off(
    service: LiveService, open_browser: OpenBrowser, author: PageServer
) -> None:
    """Its open socket at once, and every request after it."""
    local = service.client()
    local.ask("POST", "/api/origins", 201, json={"origin": author.origin, "state": "always"})
    page = open_browser().new_page()
    page.goto(f"{author.origin}/author.html?ports={service.port}")
    page.wait_for_function("window.flatbed?.state.name === 'ready'", timeout=LIMIT_MS)
    page.evaluate(
        """url => new Promise(resolve => {
          const socket = new WebSocket(url);
          socket.onopen = () => resolve();
          socket.onclose = event => { window.cut = event.code; };
        })""",
        f"ws://127.0.0.1:{service.port}/api/events",
    )
    origin = author.origin.replace(":", "%3A").replace("/", "%2F")
    local.ask("DELETE", f"/api/origins/{origin}", 204)
    page.wait_for_function("window.cut", timeout=LIMIT_MS)
    assert page.evaluate("window.cut") == 4403
    refused = page.evaluate(
        "url => fetch(url).then(() => 'answered', () => 'refused')",
        f"{service.url}/api/device/scanners",
    )
    assert refused == "refused"
