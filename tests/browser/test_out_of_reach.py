"""The service's own pages are out of every other page's reach, be it a granted one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page
from tests.browser.rig import PAGES, PageServer
from tests.browser.studio import Studio
from tests.support.service import LiveService

from flatbed.http.application import route_table
from flatbed.http.web_files import read_web_files

# What no page of another origin may do, whatever a person has granted it.
ADMIN = [
    pytest.param(verb, route.template, id=f"{verb} {route.template}")
    for route in route_table()
    for verb, operation in route.operations.items()
    if operation.facts.needs_admin
]
ASSET = next(iter(read_web_files().assets), "no-file.js")
BODIES: dict[str, object] = {
    "PATCH /api/server": {"logLevel": 0},
    "PATCH /api/pair/{id}": {"decision": "always"},
    "POST /api/origins": {"origin": "https://evil.example", "state": "always"},
    "POST /api/storage/check": {},
}


# With a preflight, and in the ways that take none.
SEND = """async ([url, method, body]) => {
  const type = { "Content-Type": "application/json" };
  const isSent = body !== null && method !== "GET";
  const asked = { method, headers: type, body: isSent ? JSON.stringify(body) : undefined };
  const plain = ["GET", "POST"].includes(method)
    ? [{ method, mode: "no-cors", body: isSent ? JSON.stringify(body) : undefined }] : [];
  const said = [];
  for (const each of [asked, ...plain]) {
    const answer = await fetch(url, each).catch(() => null);
    said.push(answer === null ? "refused" : answer.type === "opaque" ? "opaque" : answer.status);
  }
  return said;
}"""
EMBED = """([tag, url]) => new Promise(resolve => {
  const element = document.createElement(tag);
  element.onload = element.onerror = () => resolve();
  element[tag === "object" ? "data" : "src"] = url;
  document.body.append(element);
})"""


def _show_nobody(page: Page, name: str) -> None:
    """Nothing of the pages is looked at here."""


@pytest.fixture
def studio(browser: Browser, plain_service: LiveService) -> Studio:
    """Asks the service, and opens its pages."""
    return Studio(browser, plain_service, _show_nobody)


@pytest.mark.parametrize("tag", ["iframe", "object", "embed"])
def test_pages_are_framed_by_nobody(studio: Studio, author: PageServer, tag: str) -> None:
    """Neither shows anything in a page of another origin, be it a granted one."""
    studio.ask("POST", "/api/origins", {"origin": author.origin, "state": "once"})
    paths = ["/status", studio.pair("https://framed.example")]
    pages = [f"{studio.service.url}{path}" for path in paths]
    with studio.browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{author.origin}/empty.html")
        seen: list[tuple[str, int]] = []
        page.on("response", lambda answer: seen.append((answer.url, answer.status)))
        for url in pages:
            page.evaluate(EMBED, [tag, url])
            assert seen.pop() == (url, 403)
        inside = [frame.url for frame in page.frames if frame is not page.main_frame]
        assert [url for url in inside if url.startswith(studio.service.url)] == []


@pytest.fixture(scope="module")
def granted(browser: Browser, plain_service: LiveService) -> Iterator[Page]:
    """A page of another origin, which a person lets scan."""
    server = PageServer([PAGES])
    Studio(browser, plain_service, _show_nobody).ask(
        "POST", "/api/origins", {"origin": server.origin, "state": "always"}
    )
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(f"{server.origin}/empty.html")
        yield page
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("verb", "template"), ADMIN)
def test_granted_page_does_nothing_of_what_is_the_status_pages(
    studio: Studio, granted: Page, verb: str, template: str
) -> None:
    """Every operation that needs a person's own hand is refused, and nothing has changed."""
    origin = str(granted.evaluate("location.origin"))
    pair = studio.pair("https://waiting.example").rpartition("/")[2]
    place = template.replace("{origin}", quote(origin, safe="")).replace("{id}", pair)
    place = place.replace("{path}", ASSET)
    before = _affairs(studio)
    body = BODIES.get(f"{verb} {template}")
    said = granted.evaluate(SEND, [f"{studio.service.url}{place}", verb, body])
    # What is sent without a preflight is not even told that it was refused.
    assert said in ([403], [403, "refused"])
    assert _affairs(studio) == before
    allowed = [f"{studio.service.url}/api/device/scanners", "GET", None]
    assert granted.evaluate(SEND, allowed)[0] == 200


def _affairs(studio: Studio) -> list[Any]:
    """What the status page could change, without what every request notes."""
    origins = studio.ask("GET", "/api/origins")
    kept = [{key: each[key] for key in each if key != "lastUsed"} for each in origins]
    return [kept, studio.ask("GET", "/api/pair"), studio.ask("GET", "/api/server")]
