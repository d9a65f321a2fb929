"""Pictures of the service's own pages in every state, each looked over by axe.

`python -m tests.browser.screenshots_pages FOLDER [WORD]`; with a word, only the states whose name
holds it. Ends with 1 if axe has found anything.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.browser.rig import CHROMIUM, ROOT
from tests.support.bench import feeder
from tests.support.client import JOBS
from tests.support.service import LiveService
from tests.support.shelved import ECHO, ECHO_ROUTES, shelve

AXE = ROOT / "client" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
WIDTHS = (1280, 360)
CONSENT_WIDTHS = (480, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

SHOP = "https://scan.shop.example:8443"
SCANNERS = ["Office scanner", "Jams at once", "Hangs", "Flatbed of the reception, second floor"]
SETTINGS: dict[str, object] = {
    "ADDONS__VIRTUAL__NAMES": SCANNERS,
    "ADDONS__VIRTUAL__SHEETS": 3,
    "ADDONS__VIRTUAL__FAULTS": ["jam@1!#2", "hang@2!#3", "slow@1!#4"],
    "ADDONS__PDF__ENABLED": False,
    "ALLOWED_ORIGINS": ["https://intranet.example"],
}


@dataclass
class Shots:
    """Takes the pictures, and keeps what axe has found.

    Attributes:
        folder: Where they go.
        word: Takes only those whose name holds it.
        violations: One line for each.
    """

    folder: Path
    word: str
    count: int = 0
    violations: list[str] = field(default_factory=list)

    def wants(self, name: str) -> bool:
        """Whether a state is asked for."""
        return self.word in name

    def take(self, page: Page, name: str) -> None:
        """One state: light and dark, wide and narrow."""
        for width in CONSENT_WIDTHS if name.startswith("consent") else WIDTHS:
            for scheme in SCHEMES:
                page.set_viewport_size({"width": width, "height": 720})
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                self._take_one(page, f"{name}-{width}-{scheme}")
        # What is left of 1280 by 1024 px at a zoom of 400 %.
        page.set_viewport_size({"width": 320, "height": 256})
        self._check_width(page, f"{name}-320")

    def _take_one(self, page: Page, name: str) -> None:
        page.screenshot(path=self.folder / f"{name}.png", full_page=True)
        self.count += 1
        self._check_width(page, name)
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run({resultTypes: ['violations', 'incomplete']})")
        for each in found["violations"]:
            nodes = "; ".join(node["html"][:120] for node in each["nodes"][:3])
            self.violations.append(f"{name}: {each['id']}: {each['help']}: {nodes}")

    def _check_width(self, page: Page, name: str) -> None:
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.violations.append(f"{name}: wider than the window")


@dataclass(frozen=True)
class Studio:
    """The browser and the service that the pictures are taken of."""

    browser: Browser
    service: LiveService
    shots: Shots

    @contextmanager
    def page(self, path: str, **context: Any) -> Iterator[Page]:
        """A page of the service in a context of its own; its window does not close."""
        opened = self.browser.new_context(bypass_csp=True, **{"locale": "en-GB", **context})
        opened.add_init_script("window.close = () => undefined")
        page = opened.new_page()
        page.goto(f"{self.service.url}{path}")
        yield page
        opened.close()

    def ask(self, verb: str, path: str, body: object = None, origin: str = "") -> Any:
        """A request of a native program, or of a page; its JSON."""
        headers = {"Origin": origin, "Content-Type": "application/json"} if origin else {}
        content = b"" if body is None else json.dumps(body).encode()
        url = f"{self.service.url}{path}"
        answer = httpx.request(verb, url, content=content, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def pair(self, origin: str = SHOP, **wishes: object) -> str:
        """The consent page of a new request."""
        return f"/consent/{self.ask('POST', '/api/pair', wishes, origin)['id']}"


def shoot_question(studio: Studio) -> None:
    """The question, plain and with everything in it; dead, live, and with the window away."""
    plain = studio.pair("https://shop.example")
    with studio.page(plain) as page:
        expect(page.locator(".choice").first).to_have_attribute("aria-disabled", "true")
        page.evaluate("document.hasFocus = () => false")
        expect(page.locator("#hint")).not_to_be_empty()
        studio.shots.take(page, "consent-unfocused")
        page.evaluate("document.hasFocus = () => true")
        _wait_live(page)
        studio.shots.take(page, "consent-plain")
    addons = ["pdf", "imaging", "ocr>=2", "virtual"]
    rich = studio.pair(SHOP, name="Invoice desk <b>of the town hall</b>", addons=addons)
    with studio.page(rich) as page:
        _wait_live(page)
        studio.shots.take(page, "consent-rich")
        page.keyboard.press("Tab")
        studio.shots.take(page, "consent-keyboard")
    odd = "http://xn--bcher-kva.a-very-long-name-of-a-shop-that-goes-on.co.uk:8080"
    with studio.page(studio.pair(odd, name="اسم المتجر", addons=["ocr"])) as page:
        _wait_live(page)
        studio.shots.take(page, "consent-caution")
    with studio.page(rich, locale="de-DE") as page:
        _wait_live(page)
        studio.shots.take(page, "consent-german")
    with studio.page(rich) as page:
        _wait_live(page)
        page.evaluate("document.documentElement.dir = 'rtl'")
        studio.shots.take(page, "consent-rtl")


def shoot_answers(studio: Studio) -> None:
    """What is said after each decision, here and elsewhere."""
    for decision, title in (("once", "Allowed"), ("always", "Allowed"), ("block", "Blocked")):
        path = studio.pair(f"https://{decision}.example")
        with studio.page(path) as page:
            _wait_live(page)
            page.locator(f".{decision}").click()
            expect(page.locator("h1")).to_have_text(title)
            studio.shots.take(page, f"consent-decided-{decision}")
    path = studio.pair("https://elsewhere.example")
    with studio.page(path) as page:
        _wait_live(page)
        studio.ask("PATCH", path.replace("consent", "api/pair"), {"decision": "once"})
        expect(page.locator("h1")).to_have_text("Already decided")
        studio.shots.take(page, "consent-elsewhere")


def shoot_ends(studio: Studio) -> None:
    """Everything that can be wrong with a request, or with the service."""
    with studio.page(f"/consent/{'0' * 32}") as page:
        expect(page.locator("h1")).to_have_text("Nothing to decide")
        studio.shots.take(page, "consent-unknown")
    path = studio.pair("https://late.example")
    with studio.page(path) as page:
        _wait_live(page)
        page.route("**/api/pair/**", lambda route: route.abort())
        page.locator(".once").click()
        expect(page.locator("h1")).to_have_text("Flatbed does not answer")
        studio.shots.take(page, "consent-gone")
    fault = {"error": "internal_error", "message": "The disk is full.", "code": -1, "statusCode": 5}
    with studio.page(path) as page:
        _wait_live(page)
        page.route("**/api/pair/**", lambda route: route.fulfill(status=500, json=fault))
        page.locator(".once").click()
        expect(page.locator("h1")).to_have_text("That did not work")
        studio.shots.take(page, "consent-failed")
    studio.service.stop()
    studio.service.configure(PAIRING_S=2)
    studio.service.restart()
    with studio.page(studio.pair("https://late.example")) as page:
        expect(page.locator("h1")).to_have_text("Too late")
        studio.shots.take(page, "consent-expired")


def shoot_empty(studio: Studio) -> None:
    """A service that nobody has used yet."""
    with studio.page("/status") as page:
        expect(page.locator("#scanners li")).to_have_count(len(SCANNERS))
        expect(page.locator("#addons li").first).to_be_visible()
        studio.shots.take(page, "status-fresh")
        page.route("**/api/device/scanners**", lambda route: route.fulfill(json=[]))
        page.locator("#scanners .card-head button").click()
        expect(page.locator("#scanners .empty")).to_be_visible()
        studio.shots.take(page, "status-no-scanner")


def shoot_tests(studio: Studio) -> None:
    """A test scan that goes well, one that goes on, one that fails."""
    with studio.page("/status") as page:
        rows = page.locator("#scanners li")
        rows.nth(3).get_by_role("button").click()
        expect(rows.nth(3).get_by_role("button")).to_have_text("Cancel")
        studio.shots.take(page, "status-testing")
        expect(rows.nth(3).locator("img")).to_be_visible(timeout=30_000)
        rows.nth(1).get_by_role("button").click()
        expect(rows.nth(1).locator(".fault")).to_be_visible(timeout=30_000)
        rows.nth(0).get_by_role("button").click()
        expect(rows.nth(0).locator("img")).to_be_visible(timeout=30_000)
        studio.shots.take(page, "status-tested")


def shoot_full(studio: Studio) -> None:
    """A service with everything that the page can show."""
    _fill(studio)
    with studio.page("/status") as page:
        expect(page.locator("#recovered li").first).to_be_visible()
        expect(page.locator("#asks li").first).to_be_visible()
        expect(page.locator("#jobs li").first).to_be_visible()
        expect(page.locator("#origins li").first).to_be_visible()
        page.locator("#addons summary").first.click()
        page.locator("#addons summary", has_text="broken").click()
        page.locator("#addons summary", has_text="pyinsane2").click()
        page.locator("#recovered button", has_text="Delete").first.click()
        studio.shots.take(page, "status-full")
        page.evaluate("document.documentElement.dir = 'rtl'")
        studio.shots.take(page, "status-rtl")
    with studio.page("/status", locale="de-DE") as page:
        expect(page.locator("#jobs li").first).to_be_visible()
        studio.shots.take(page, "status-german")


def shoot_acts(studio: Studio) -> None:
    """What is said after each button, and when the service has gone."""
    studio.ask("POST", "/api/origins", {"origin": SHOP, "state": "once"})
    with studio.page("/status", permissions=["clipboard-write"]) as page:
        page.locator("#report button").click()
        expect(page.locator("#report .notice")).to_have_text("Copied.")
        page.locator("#log select").select_option("0")
        expect(page.locator("#log .notice")).to_have_text("Changed.")
        page.locator("#storage button").click()
        expect(page.locator("#storage .notice")).to_contain_text("whole")
        page.locator("#origins button", has_text="Revoke").first.click()
        expect(page.locator("#origins .notice")).to_contain_text("any more")
        studio.shots.take(page, "status-done")
    with studio.page("/status") as page:
        page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }"
        )
        expect(page.locator("#addons li").first).to_be_visible()
        page.locator("#report button").click()
        expect(page.locator("#report textarea")).to_be_visible()
        studio.shots.take(page, "status-report")
        studio.service.stop()
        expect(page.locator(".banner")).not_to_be_empty()
        studio.shots.take(page, "status-gone")


SERIES: dict[str, Callable[[Studio], None]] = {
    "consent-question": shoot_question,
    "consent-answers": shoot_answers,
    "consent-ends": shoot_ends,
    "status-empty": shoot_empty,
    "status-tests": shoot_tests,
    "status-full": shoot_full,
    "status-acts": shoot_acts,
}


def main(folder: Path, word: str = "") -> int:
    """Take them all; the exit status."""
    folder.mkdir(parents=True, exist_ok=True)
    shots = Shots(folder, word)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS])
        for name, shoot in SERIES.items():
            if shots.wants(name):
                with tempfile.TemporaryDirectory(prefix="flatbed-shots-") as data:
                    _shoot(browser, shots, Path(data), shoot)
        browser.close()
    print(f"{shots.count} pictures in {folder}, {len(shots.violations)} findings")
    print("\n".join(shots.violations))
    return 1 if shots.violations else 0


def _shoot(browser: Browser, shots: Shots, data: Path, shoot: Callable[[Studio], None]) -> None:
    service = LiveService(data, SETTINGS)
    try:
        shoot(Studio(browser, service.start(), shots))
    finally:
        service.close()


def _wait_live(page: Page) -> None:
    expect(page.locator(".choice").first).to_have_attribute("aria-disabled", "false")


def _fill(studio: Studio) -> None:
    """Jobs in each state, a crash, grants of each kind, a broken add-on."""
    shelve(studio.service.data, "echo", ECHO, ECHO_ROUTES)
    shelve(studio.service.data, "broken", "import nothing_of_that_name", 'core_api = "9.0"')
    api = studio.service.client()
    cut_off = _scan(studio, "Hangs")
    api.wait_for_page(cut_off, 0)
    worker = studio.service.scanning_worker(cut_off)
    studio.service.kill()
    worker.kill()
    worker.wait(20)
    studio.service.restart()
    studio.service.client().wait_for(cut_off, "faulted")
    for state, origin in (("once", SHOP), ("always", "https://dms.example"), ("blocked", None)):
        where = origin or "http://203.0.113.7:8080"
        studio.ask("POST", "/api/origins", {"origin": where, "state": state})
    done = _scan(studio, "Office scanner", SHOP)
    studio.service.client().wait_for(done, "completed")
    jammed = _scan(studio, "Jams at once", SHOP)
    studio.service.client().wait_for(jammed, "faulted")
    _scan(studio, "Flatbed of the reception, second floor", "https://dms.example")
    studio.pair("https://new.example", name="Letter scanner")


def _scan(studio: Studio, device: str, origin: str = "") -> str:
    body = {"device": device, "config": feeder()}
    return str(studio.ask("POST", JOBS, body, origin)["jobuid"])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:3]))
