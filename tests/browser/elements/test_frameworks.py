"""The examples in plain HTML, React and Vue, over a real service and under a strict policy."""

from __future__ import annotations

import functools
import http.server
import json
import os
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Browser, Locator, Page, Request, Route, expect
from tests.browser.example_desk import NODE
from tests.browser.rig import ROOT
from tests.support.service import LiveService

LIMIT_MS = 60_000
SHEETS = 3
CLIENT = ROOT / "client"
JOBS = "/api/device/scanners/jobs"
PATHS = {
    "html": "examples/html/index.html",
    "react": "react/index.html",
    "vue": "vue/index.html",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src http://127.0.0.1:* ws://127.0.0.1:*"
)
# How often the desk, which alone of all targets has thumbnails, was followed and left.
EAR = """
window.heard = { addEventListener: 0, removeEventListener: 0 };
for (const name of Object.keys(window.heard)) {
  const usual = EventTarget.prototype[name];
  EventTarget.prototype[name] = function (type, ...rest) {
    if (type === "change" && "thumbnails" in this) window.heard[name] += 1;
    return usual.call(this, type, ...rest);
  };
}
"""
# With the file that they are from, as no other fences have it.
SNIPPETS = re.compile(r"^```\w+ (examples/\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
EDITS = "document.querySelector('flatbed-desk').desk.pages[1].info().then(({ edits }) => edits)"


class Site(http.server.ThreadingHTTPServer):
    """Serves a folder on an origin of its own, with a strict policy."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), functools.partial(_Handler, directory=str(folder)))
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def origin(self) -> str:
        """Of its pages."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.SimpleHTTPRequestHandler):
    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The examples that need a build, as their authors develop them: StrictMode does its part."""
    folder = tmp_path_factory.mktemp("examples")
    vite = CLIENT / "node_modules" / "vite" / "bin" / "vite.js"
    options = ["--config", "examples/vite.config.ts", "--outDir", str(folder), "--emptyOutDir"]
    done = subprocess.run(
        [str(NODE), str(vite), "build", "--logLevel", "warn", *options],
        cwd=CLIENT,
        env={**os.environ, "NODE_ENV": "development"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


@pytest.fixture(scope="module")
def sites(built: Path) -> Iterator[Mapping[str, Site]]:
    """Each example on an origin of its own, as documents are."""
    sites = {kind: Site(CLIENT if kind == "html" else built) for kind in PATHS}
    yield sites
    for each in sites.values():
        each.shutdown()
        each.server_close()


@pytest.fixture(scope="module")
def service(
    default_ports: None, tmp_path_factory: pytest.TempPathFactory, sites: Mapping[str, Site]
) -> Iterator[LiveService]:
    """It lets all examples in; its feeder has a few small sheets."""
    settings = {
        # Examples look where services are by default: here in the last of those places.
        "PORT": 19122,
        "STATUS_PORT": 19125,
        "ADDONS__VIRTUAL__SHEETS": SHEETS,
        "ADDONS__VIRTUAL__PAPER_MM": [105, 148],
        "ALLOWED_ORIGINS": [each.origin for each in sites.values()],
    }
    service = LiveService(tmp_path_factory.mktemp("frameworks"), settings)
    try:
        yield service.start()
    finally:
        service.close()


@dataclass
class Visit:
    """An example in a browser, and what came of it.

    Attributes:
        page: Where it is open.
        complaints: Whatever the browser or the framework was not content with.
        starts: How often a scan was asked for.
        streams: How often events were asked for.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    starts: int = 0
    streams: int = 0

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self._hear(line.type, line.text))
        self.page.on("request", self._count)
        self.page.on("websocket", lambda _: self._open())

    @property
    def follows(self) -> int:
        """How many listeners the page's desk has now."""
        heard = self.page.evaluate("heard")
        return int(heard["addEventListener"] - heard["removeEventListener"])

    @property
    def cells(self) -> Locator:
        """The pages in the gallery."""
        return self.page.locator("flatbed-gallery [role=option]")

    @property
    def said(self) -> Locator:
        """Where the example says what it has heard."""
        return self.page.locator("section.scan > p[role=status]")

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _count(self, request: Request) -> None:
        self.starts += request.method == "POST" and request.url.endswith(JOBS)

    def _open(self) -> None:
        self.streams += 1


@pytest.fixture(params=list(PATHS))
def visit(
    request: pytest.FixtureRequest,
    browser: Browser,
    sites: Mapping[str, Site],
    service: LiveService,
) -> Iterator[Visit]:
    """An example that has found the service where it was the last time."""
    with browser.new_context(locale="en-GB", reduced_motion="reduce") as context:
        context.set_default_timeout(LIMIT_MS)
        memory = json.dumps({"url": service.url, "isOpen": True})
        context.add_init_script(f"localStorage.flatbed ??= {json.dumps(memory)};{EAR}")
        own = f"{service.url}/api/hello"
        context.route("**/api/hello", functools.partial(let_through, own=own))
        visit = Visit(context.new_page())
        visit.page.goto(f"{sites[request.param].origin}/{PATHS[request.param]}")
        yield visit


def let_through(route: Route, *, own: str) -> None:
    """Let a page find the test's own service, and no other that runs on this machine."""
    if route.request.url == own:
        route.continue_()
    else:
        route.abort()


def test_scans_edits_and_saves(visit: Visit) -> None:
    """A click on Scan scans once; its author hears of that, of an edit, and of a file."""
    page = visit.page
    page.get_by_role("button", name="Scan", exact=True).click()
    expect(visit.said).to_have_text(f"The scan is completed, with {SHEETS} pages.")
    expect(visit.cells).to_have_count(SHEETS)
    visit.cells.nth(1).click()
    expect(visit.cells.nth(1)).to_have_attribute("aria-selected", "true")
    expect(page.locator("flatbed-editor img").first).to_be_visible()
    page.locator("flatbed-editor").get_by_role("button", name="Turn right").click()
    expect(visit.said).to_have_text("A page was changed: rotate.")
    assert page.evaluate(EDITS) == [{"op": "rotate", "angle": 90}]
    page.get_by_role("button", name="Save", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    expect(visit.said).to_have_text("Saved as Incoming mail.pdf.")
    with pdfium.PdfDocument(download.value.path()) as saved:
        sizes = [saved.get_page_size(place) for place in range(len(saved))]
    assert [width > height for width, height in sizes] == [False, True, False]
    assert (visit.starts, visit.streams, visit.complaints) == (1, 1, [])


@pytest.mark.parametrize(
    ("visit", "leaves"), [("react", 1), ("vue", 0)], ids=["react", "vue"], indirect=["visit"]
)
def test_mounts_twice_and_leaves_nothing_behind(visit: Visit, leaves: int) -> None:
    """StrictMode mounts twice at once, a person later; neither scans, nor listens for ever."""
    page = visit.page
    page.get_by_role("button", name="Scan", exact=True).click()
    expect(visit.said).to_have_text(f"The scan is completed, with {SHEETS} pages.")
    # Zero would mean that StrictMode did nothing here.
    assert page.evaluate("heard.removeEventListener") == leaves
    follows = visit.follows
    for _ in range(2):
        page.get_by_label("Show pages").uncheck()
        expect(page.locator("flatbed-gallery")).to_have_count(0)
        assert visit.follows < follows
        page.get_by_label("Show pages").check()
        expect(page.locator("flatbed-gallery")).to_be_visible()
        assert visit.follows == follows
    before = page.evaluate("document.querySelector('flatbed-desk').desk.pages.length")
    with page.expect_websocket():
        page.reload()
    expect(visit.cells).to_have_count(before)
    assert (visit.starts, visit.streams, visit.complaints) == (1, 2, [])


def test_document_shows_the_examples() -> None:
    """What its chapter of the elements shows stands in the examples, but for the indentation."""
    snippets = SNIPPETS.findall((CLIENT / "README.md").read_text("utf-8"))
    assert len(snippets) == 10
    for path, snippet in snippets:
        example = (CLIENT / path).read_text("utf-8")
        assert " ".join(snippet.split()) in " ".join(example.split()), path


def test_document_names_all_that_elements_have() -> None:
    """Every tag, event, part and custom property stands in the chapter."""
    document = (CLIENT / "README.md").read_text("utf-8")
    chapter = document.split("\n## Elements\n")[1].split("\n## ")[0]
    sources = [each.read_text("utf-8") for each in (CLIENT / "src" / "elements").glob("*.ts")]
    code = "\n".join(sources)
    tags = re.findall(r'^  \["(flatbed-[a-z-]+)",', code, re.MULTILINE)
    events = re.findall(r'^  "(flatbed-[a-z-]+)": CustomEvent', code, re.MULTILINE)
    parts = re.findall(r'\bpart="([a-z-]+)', code)
    looks = re.findall(r"var\((--flatbed-[a-z-]+)", code)
    assert min(len(tags), len(events), len(parts), len(looks)) > 12
    told = set(re.findall(r'(?:tell|CustomEvent)\("(flatbed-[a-z-]+)"', code))
    assert told <= set(events)
    named = [f"`<{each}>`" for each in tags] + [f"`{each}`" for each in (*events, *parts, *looks)]
    assert [each for each in named if each not in chapter] == []
