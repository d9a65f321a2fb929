"""Every state that the service's own pages can be in, brought about over a real service."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tests.browser.scan_states import show_paused_scan, show_scan_page
from tests.browser.studio import SCANNERS, SHOP, Studio
from tests.support.bench import feeder
from tests.support.client import JOBS
from tests.support.shelved import ECHO, ECHO_ROUTES, shelve


def show_question(studio: Studio) -> None:
    """The question, plain and with everything in it; dead, live, and with the window away."""
    plain = studio.pair("https://shop.example")
    with studio.page(plain) as page:
        expect(page.locator(".choice").first).to_have_attribute("aria-disabled", "true")
        page.evaluate("document.hasFocus = () => false")
        expect(page.locator("#hint")).not_to_be_empty()
        studio.show(page, "consent-unfocused")
        page.evaluate("document.hasFocus = () => true")
        wait_live(page)
        studio.show(page, "consent-plain")
    addons = ["pdf", "imaging", "ocr>=2", "virtual>=900"]
    rich = studio.pair(SHOP, name="Invoice desk <b>of the town hall</b>", addons=addons)
    with studio.page(rich) as page:
        wait_live(page)
        studio.show(page, "consent-rich")
        page.keyboard.press("Tab")
        studio.show(page, "consent-keyboard")
        page.evaluate("document.documentElement.dir = 'rtl'")
        studio.show(page, "consent-rtl")
    odd = "http://xn--bcher-kva.a-very-long-name-of-a-shop-that-goes-on.co.uk:8080"
    with studio.page(studio.pair(odd, name="اسم المتجر", addons=["ocr"])) as page:
        wait_live(page)
        studio.show(page, "consent-caution")
    with studio.page(rich, locale="de-DE") as page:
        wait_live(page)
        studio.show(page, "consent-german")


def show_answers(studio: Studio) -> None:
    """What is said after each decision, here and elsewhere."""
    for decision, title in (("once", "Allowed"), ("always", "Allowed"), ("block", "Blocked")):
        path = studio.pair(f"https://{decision}.example")
        with studio.page(path) as page:
            wait_live(page)
            page.locator(f".{decision}").click()
            expect(page.locator("h1")).to_have_text(title)
            studio.show(page, f"consent-decided-{decision}")
    path = studio.pair("https://elsewhere.example")
    with studio.page(path) as page:
        wait_live(page)
        studio.ask("PATCH", path.replace("consent", "api/pair"), {"decision": "once"})
        expect(page.locator("h1")).to_have_text("Already decided")
        studio.show(page, "consent-elsewhere")


def show_ends(studio: Studio) -> None:
    """Everything that can be wrong with a request, or with the service."""
    with studio.page(f"/consent/{'0' * 32}") as page:
        expect(page.locator("h1")).to_have_text("Nothing to decide")
        studio.show(page, "consent-unknown")
    path = studio.pair("https://late.example")
    with studio.page(path) as page:
        wait_live(page)
        page.route("**/api/pair/**", lambda route: route.abort())
        page.locator(".once").click()
        expect(page.locator("h1")).to_have_text("Flatbed does not answer")
        studio.show(page, "consent-gone")
    fault = {"error": "internal_error", "message": "The disk is full.", "code": -1, "statusCode": 5}
    with studio.page(path) as page:
        wait_live(page)
        page.route("**/api/pair/**", lambda route: route.fulfill(status=500, json=fault))
        page.locator(".once").click()
        expect(page.locator("h1")).to_have_text("That did not work")
        studio.show(page, "consent-failed")


def show_empty(studio: Studio) -> None:
    """A service that nobody has used yet."""
    with studio.page("/status") as page:
        expect(page.locator("#scanners li")).to_have_count(len(SCANNERS))
        expect(page.locator("#addons li").first).to_be_visible()
        studio.show(page, "status-fresh")
        page.route("**/api/device/scanners**", lambda route: route.fulfill(json=[]))
        page.locator("#scanners .card-head button").click()
        expect(page.locator("#scanners .empty")).to_be_visible()
        studio.show(page, "status-no-scanner")


def show_tests(studio: Studio) -> None:
    """A test scan that goes well, one that goes on, one that fails."""
    with studio.page("/status") as page:
        rows = page.locator("#scanners li")
        rows.nth(3).get_by_role("button").click()
        expect(rows.nth(3).get_by_role("button")).to_have_text("Cancel")
        studio.show(page, "status-testing")
        expect(rows.nth(3).locator("img")).to_be_visible(timeout=30_000)
        rows.nth(1).get_by_role("button").click()
        expect(rows.nth(1).locator(".fault")).to_be_visible(timeout=30_000)
        rows.nth(0).get_by_role("button").click()
        expect(rows.nth(0).locator("img")).to_be_visible(timeout=30_000)
        studio.show(page, "status-tested")


def show_full(studio: Studio) -> None:
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
        studio.show(page, "status-full")
        page.evaluate("document.documentElement.dir = 'rtl'")
        studio.show(page, "status-rtl")
    with studio.page("/status", locale="de-DE") as page:
        expect(page.locator("#jobs li").first).to_be_visible()
        studio.show(page, "status-german")


def show_acts(studio: Studio) -> None:
    """What is said after each button."""
    studio.ask("POST", "/api/origins", {"origin": SHOP, "state": "once"})
    with studio.page("/status", permissions=["clipboard-write"]) as page:
        page.locator("#report button").click()
        expect(page.locator("#report .notice")).to_have_text("Copied.")
        page.locator("#log select").select_option("0")
        expect(page.locator("#log .notice")).to_have_text("Changed.")
        page.locator("#storage button").click()
        expect(page.locator("#storage .notice")).to_contain_text("All is well")
        page.locator("#origins button", has_text="Revoke").first.click()
        expect(page.locator("#origins .notice")).to_contain_text("any more")
        studio.show(page, "status-done")
    with studio.page("/status") as page:
        page.evaluate(
            "() => { navigator.clipboard.writeText = () => Promise.reject(new Error()); }"
        )
        expect(page.locator("#addons li").first).to_be_visible()
        page.locator("#report button").click()
        expect(page.locator("#report textarea")).to_be_visible()
        studio.show(page, "status-report")


def show_late(studio: Studio) -> None:
    """A service that has stopped, and one that waited in vain."""
    with studio.page("/status") as page:
        expect(page.locator("#addons li").first).to_be_visible()
        studio.service.stop()
        expect(page.locator(".banner")).not_to_be_empty()
        studio.show(page, "status-gone")
    # Its end is told for as long again, in which even a slow browser opens the page.
    studio.service.configure(PAIRING_S=6)
    studio.service.restart()
    with studio.page(studio.pair("https://late.example")) as page:
        expect(page.locator("h1")).to_have_text("Too late", timeout=30_000)
        studio.show(page, "consent-expired")


SERIES: dict[str, Callable[[Studio], None]] = {
    "status-empty": show_empty,
    "consent-question": show_question,
    "consent-answers": show_answers,
    "consent-ends": show_ends,
    "status-tests": show_tests,
    "status-acts": show_acts,
    "status-full": show_full,
    "scan-page": show_scan_page,
    "scan-paused": show_paused_scan,
    "late": show_late,
}
"""All of them; the last changes how long its service waits."""


def wait_live(page: Page) -> None:
    """Let time pass on a consent page until its buttons decide."""
    page.locator(".choice").first.wait_for()
    page.clock.fast_forward(1000)
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
