"""From an unknown origin to the first page in Firefox, with the question that it asks itself."""

from __future__ import annotations

import io
import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from tests.browser.rig import DIST, PAGES, ROOT, PageServer
from tests.conftest import MakeService

FIREFOX = Path("/usr/bin/firefox-esr")
PUPPETEER = ROOT / "client" / "node_modules" / "puppeteer-core"
NODE = ROOT / ".venv" / "bin" / "node"
DRIVER = Path(__file__).parent / "firefox" / "driver.mjs"

# A start beside other work; a step ends by itself long before.
LIMIT_S = 120

PUBLIC = "scan.example"
REFUSED = "refused.example"
LATE = "late.example"
MANAGED = "managed.example"

SHEETS = 3
PAPER_MM = [105, 148]

PREFERENCES: Mapping[str, object] = {
    # Every name is this machine: pages get names of their own, and nothing gets out.
    "network.dns.native-is-localhost": True,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "toolkit.telemetry.unified": False,
    # As if they came over https.
    "dom.securecontext.allowlist": ",".join((PUBLIC, REFUSED, LATE, MANAGED)),
    # What the policy LocalNetworkAccess sets by its SkipDomains.
    "network.lna.skip-domains": MANAGED,
    # A click counts for 5 s, which a busy machine may need for a step.
    "dom.user_activation.transient.timeout": 60_000,
}

TO_PDF = """window.doc.toBlob("application/pdf")
  .then((file) => file.arrayBuffer()).then((buffer) => [...new Uint8Array(buffer)])"""
DRAWN = """[...document.querySelectorAll("#gallery img")]
  .map((each) => [each.width, each.naturalWidth >= each.width])"""
LISTEN = """void (async () => {
  window.told = [];
  for await (const { type, data } of window.flatbed.events()) {
    window.told.push(type === "job.status" ? data.status : type);
  }
})()"""
ACT_ON_CLICK = "void (document.body.onclick = () => void window.flatbed.state.action.run())"


class Firefox:
    """A headless Firefox with a fresh profile, driven in steps; see `firefox/driver.mjs`.

    Args:
        folder: Takes the profile.
        preferences: As in about:config.
    """

    def __init__(self, folder: Path, preferences: Mapping[str, object]) -> None:
        paths = {"executable": str(FIREFOX), "profile": str(folder / "profile")}
        self._process = subprocess.Popen(
            [NODE, DRIVER, json.dumps({**paths, "preferences": preferences})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "HOME": str(folder)},
            text=True,
        )
        self._answers: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def do(self, step: str, **more: object) -> Any:
        """Take one step; what it comes to."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": step, **more}) + "\n")
        self._process.stdin.flush()
        line = self._answers.get(timeout=LIMIT_S)
        assert line, f"the driver ended before {step} {more}"
        answer = json.loads(line)
        assert "error" not in answer, f"{step} {more}: {answer['error']}"
        return answer["value"]

    def evaluate(self, script: str) -> Any:
        """What an expression comes to in the author's page."""
        return self.do("evaluate", page="author", script=script)

    def wait(self, script: str) -> None:
        """Wait until an expression is true in the author's page."""
        self.do("wait", page="author", script=script)

    def open_author(self, origin: str, *ports: int) -> None:
        """Open the author's page, which looks for a service on some ports at once."""
        self.do("open", page="author", url=f"{origin}/?ports={','.join(map(str, ports))}")

    def wait_for_state(self, name: str) -> str:
        """Wait for a state; its sentence as the page shows it."""
        self.wait(f"window.flatbed?.state.name === '{name}'")
        shown = self.evaluate("document.querySelector('#state').textContent")
        assert shown == self.evaluate("window.flatbed.state.sentence")
        return str(shown)

    def click(self, selector: str) -> None:
        """Click in the author's page."""
        self.do("click", page="author", selector=selector)

    def allow_once(self) -> str:
        """Allow in the window of the service that comes next, which closes; what it said."""
        self.do("window", page="consent")
        live = "document.querySelector('button.once')?.getAttribute('aria-disabled') === 'false'"
        self.do("wait", page="consent", script=live)
        said = self.do("evaluate", page="consent", script="document.body.innerText")
        self.do("click", page="consent", selector="button.once")
        self.do("gone", page="consent")
        return str(said)

    def wait_for_scan(self) -> dict[str, Any]:
        """Wait until the author's scan has ended; what the page has seen."""
        self.wait("window.seen.ended || window.seen.error")
        return dict(self.evaluate("window.seen"))

    def close(self) -> None:
        """End the driver, which ends the browser."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        assert self._process.wait(LIMIT_S) == 0

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")


@pytest.fixture(scope="module")
def public() -> Iterator[PageServer]:
    """The author's pages again; the browser takes this server for one of the internet."""
    server = PageServer([PAGES, DIST])
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def running(public: PageServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """One for the module, as it starts slowly."""
    if not FIREFOX.exists():
        pytest.skip(f"{FIREFOX} is not installed (apt install firefox-esr)")
    if not PUPPETEER.exists():
        pytest.skip(f"{PUPPETEER} is not installed (npm ci in client)")
    override = {"network.lna.address_space.public.override": f"127.0.0.1:{public.port}"}
    browser = Firefox(tmp_path_factory.mktemp("firefox"), {**PREFERENCES, **override})
    browser.do("leave")
    yield browser
    browser.close()


@pytest.fixture
def firefox(running: Firefox) -> Iterator[Firefox]:
    """Without pages and storage of before."""
    yield running
    running.do("leave")


def test_service_that_was_never_there_is_missing(firefox: Firefox, author: PageServer) -> None:
    """Nothing listens; the way out is an installer."""
    firefox.open_author(author.origin, 9)
    firefox.wait_for_state("missing")
    assert firefox.evaluate("window.flatbed.state.action.label") == "Install Flatbed"


def test_unknown_page_asks_is_allowed_and_scans(
    firefox: Firefox, author: PageServer, make_service: MakeService
) -> None:
    """One click of its own and one in the consent window; then every sheet, and a PDF of them."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=SHEETS, ADDONS__VIRTUAL__PAPER_MM=PAPER_MM)
    firefox.open_author(author.origin, service.port)
    firefox.wait_for_state("consent")
    firefox.click("#scan")
    assert author.origin in firefox.allow_once()
    seen = firefox.wait_for_scan()
    assert (seen["error"], len(seen["pages"])) == (None, SHEETS)
    assert "asking" not in seen["states"]
    assert firefox.evaluate(DRAWN) == [[240, True]] * SHEETS
    with pdfium.PdfDocument(io.BytesIO(bytes(firefox.evaluate(TO_PDF)))) as document:
        assert len(document) == SHEETS


def test_service_that_ends_is_stopped_and_connects_by_itself(
    firefox: Firefox, author: PageServer, make_service: MakeService
) -> None:
    """A call notices that it has gone; once it is back, nobody has to do anything."""
    service = make_service(ALLOWED_ORIGINS=[author.origin])
    firefox.open_author(author.origin, service.port)
    firefox.wait_for_state("ready")
    service.stop()
    code = "window.flatbed.scanners.list().then(() => null, (error) => error.code)"
    assert firefox.evaluate(code) == "unreachable"
    firefox.wait_for_state("stopped")
    service.restart()
    firefox.wait_for_state("ready")
    assert firefox.evaluate("window.flatbed.scanners.list().then((found) => found.length)") == 1


def test_scan_and_events_go_on_over_a_killed_service(
    firefox: Firefox, author: PageServer, make_service: MakeService
) -> None:
    """The author's loop gets every sheet once; the socket comes back and tells the end."""
    service = make_service(
        ALLOWED_ORIGINS=[author.origin],
        ADDONS__VIRTUAL__SHEETS=6,
        ADDONS__VIRTUAL__SECONDS_PER_PAGE=0.5,
        ADDONS__VIRTUAL__PAPER_MM=PAPER_MM,
    )
    firefox.open_author(author.origin, service.port)
    firefox.wait_for_state("ready")
    firefox.evaluate(LISTEN)
    firefox.wait("window.told.includes('resync')")
    firefox.click("#scan")
    firefox.wait("window.seen.pages.length > 0")
    service.kill()
    service.restart()
    seen = firefox.wait_for_scan()
    assert (seen["error"], len(seen["pages"]), len(set(seen["pages"]))) == (None, 6, 6)
    firefox.wait("window.told.includes('completed')")


def test_public_page_is_asked_about_by_the_browser_then_by_the_service(
    firefox: Firefox, public: PageServer, make_service: MakeService
) -> None:
    """The browser's question is in front while it is asked; one click carries through both."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=SHEETS, ADDONS__VIRTUAL__PAPER_MM=PAPER_MM)
    firefox.open_author(f"http://{PUBLIC}:{public.port}", service.port)
    assert "will ask" in firefox.wait_for_state("asking")
    firefox.click("#scan")
    assert firefox.do("answer", button="Allow") == ["Allow", "Block"]
    assert PUBLIC in firefox.allow_once()
    seen = firefox.wait_for_scan()
    assert (seen["error"], len(seen["pages"])) == (None, SHEETS)
    firefox.evaluate(LISTEN)
    firefox.wait("window.told.includes('resync')")


def test_click_that_counts_no_more_leaves_a_link_to_the_consent_window(
    firefox: Firefox, public: PageServer, make_service: MakeService
) -> None:
    """Whoever thinks long over the browser's question has to click once more for ours."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=SHEETS, ADDONS__VIRTUAL__PAPER_MM=PAPER_MM)
    firefox.open_author(f"http://{LATE}:{public.port}", service.port)
    firefox.wait_for_state("asking")
    firefox.click("#scan")
    firefox.wait("window.flatbed.state.name === 'asking' && !window.flatbed.state.action")
    # A window uses the click up, as time does.
    firefox.evaluate("window.open('about:blank').close()")
    firefox.do("window", page="spent")
    firefox.do("answer", button="Allow")
    firefox.wait_for_state("consent")
    firefox.wait("window.flatbed.state.action?.href")
    firefox.evaluate(ACT_ON_CLICK)
    firefox.click("#state")
    assert LATE in firefox.allow_once()
    assert len(firefox.wait_for_scan()["pages"]) == SHEETS


def test_public_page_that_the_person_keeps_out_is_not_called_missing(
    firefox: Firefox, public: PageServer, make_service: MakeService
) -> None:
    """They said no to the browser; the sentence says where to change it."""
    service = make_service()
    firefox.open_author(f"http://{REFUSED}:{public.port}", service.port)
    firefox.wait_for_state("asking")
    firefox.click("#scan")
    firefox.do("answer", button="Block")
    firefox.wait_for_state("blocked")
    assert firefox.wait_for_scan()["error"]["code"] == "permission_blocked"


def test_public_page_of_a_managed_machine_comes_to_consent_unasked(
    firefox: Firefox, public: PageServer, make_service: MakeService
) -> None:
    """The administrator has answered for the person; on the next visit nothing is asked at all."""
    service = make_service()
    firefox.open_author(f"http://{MANAGED}:{public.port}", service.port)
    firefox.wait_for_state("asking")
    firefox.click("#scan")
    assert MANAGED in firefox.allow_once()
    firefox.wait_for_state("ready")
    firefox.do("reload", page="author")
    firefox.wait_for_state("ready")
