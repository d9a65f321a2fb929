"""The elements that scan: settings, button, pause, status, over a real service and in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.rig import PageServer
from tests.browser.studio import find_violations
from tests.support.service import LiveService

LIMIT_MS = 60_000
SHEETS = 4
JOBS = "/api/device/scanners/jobs"

# Counts the tones that are heard; each sound has a number of its own.
EAR = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) {
  window.tones += 1;
  return start.apply(this, when);
};
"""
END_TONES = 2
FAULT_TONES = 4

ORDER = "desk.pages.map(({ uid }) => uid)"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: PageServer) -> Iterator[LiveService]:
    """Three scanners: one plain, one that jams at its third sheet, one that takes its time."""
    settings = {
        "ADDONS__VIRTUAL__NAMES": ["Plain", "Jams", "Slow"],
        "ADDONS__VIRTUAL__SHEETS": SHEETS,
        "ADDONS__VIRTUAL__PAPER_MM": [105, 148],
        "ADDONS__VIRTUAL__FAULTS": ["jam@3#2", "slow@2!#3"],
        "ALLOWED_ORIGINS": [site.origin],
    }
    service = LiveService(tmp_path_factory.mktemp("scanning"), settings)
    try:
        yield service.start()
    finally:
        service.close()


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Browser, site: PageServer) -> Visit:
    """Opens the author's page with some elements; what its policy forbids is an error."""

    @contextmanager
    def visit(query: dict[str, object], **context: Any) -> Iterator[Page]:
        usual = {"locale": "en-GB", "reduced_motion": "reduce"}
        with browser.new_context(**{**usual, **context}) as opened:
            opened.add_init_script(EAR)
            page = opened.new_page()
            page.set_default_timeout(LIMIT_MS)
            errors: list[str] = []
            page.on("pageerror", lambda error: errors.append(str(error)))
            page.on("console", lambda said: errors.append(said.text) if is_breach(said) else None)
            page.goto(f"{site.origin}/scanning.html?{urlencode(query)}")
            yield page
            assert errors == []

    return visit


def is_breach(said: Any) -> bool:
    """Whether the browser complains about what the page's policy forbids."""
    return said.type == "error" and "Content Security Policy" in said.text


def at(service: LiveService, **more: object) -> dict[str, object]:
    """The address of a page over the real service."""
    return {"ports": service.port, **more}


def in_memory(mock: Mapping[str, object] | None = None, **more: object) -> dict[str, object]:
    """The address of a page over a service in memory."""
    return {"mock": json.dumps(mock or {}), **more}


def until(page: Page, fact: str) -> None:
    """Wait for something to be so; in one script, as the page's policy forbids to make more."""
    script = f"""limit => new Promise((resolve, reject) => {{
      const end = performance.now() + limit;
      const look = () => {{
        if ({fact}) resolve();
        else if (performance.now() > end) reject(new Error("It never came."));
        else requestAnimationFrame(look);
      }};
      look();
    }})"""
    page.evaluate(script, LIMIT_MS)


def scan_button(page: Page) -> Locator:
    """The one main button, whatever it is called just now."""
    return page.locator("flatbed-scan-button button").first


def choose_scanner(page: Page, name: str) -> None:
    """As a person does, and until it is known what it can do."""
    page.get_by_label("Scanner", exact=True).select_option(label=name)
    expect(page.get_by_label("Look for scanners again")).to_have_attribute("aria-disabled", "false")


def start_on(page: Page, name: str) -> None:
    """Scan the feeder of one scanner, quickly, while it is still asked what it can do."""
    page.get_by_label("Scanner", exact=True).select_option(label=name)
    page.get_by_role("radio", name="Feeder", exact=True).check()
    page.get_by_label("Resolution").select_option("75")
    scan_button(page).click()


def seen(page: Page, *types: str) -> list[Any]:
    """What the page's author was told, of some types."""
    return [each for each in page.evaluate("window.seen") if each[0] in types]


def job_body(page: Page, begin: Callable[[], None]) -> dict[str, Any]:
    """What a scan that begins asks the service for."""
    with page.expect_request(
        lambda each: each.method == "POST" and each.url.endswith(JOBS)
    ) as sent:
        begin()
    return dict(sent.value.post_data_json or {})


def test_choices_are_the_scanner_s_and_are_remembered_for_each(
    visit: Visit, service: LiveService
) -> None:
    """Two scanners with choices of their own, also after a reload; the scan is made with them."""
    with visit(at(service, document="choices")) as page:
        choose_scanner(page, "Jams")
        papers = page.get_by_label("Paper").locator("option")
        expect(papers).to_have_text(["A4", "A5", "A6", "Letter", "Legal", "Whole area"])
        page.get_by_role("radio", name="Gray").check()
        page.get_by_label("Resolution").select_option("150")
        choose_scanner(page, "Plain")
        page.get_by_role("radio", name="B/W").check()
        page.get_by_role("radio", name="Both sides").check()
        page.get_by_label("Resolution").select_option("100")
        page.get_by_label("Paper").select_option("a6")
        page.get_by_role("switch", name="Straighten").check()
        page.reload()
        expect(page.get_by_label("Scanner", exact=True).locator(":checked")).to_have_text("Plain")
        expect(page.get_by_role("switch", name="Straighten")).to_be_checked()
        choose_scanner(page, "Jams")
        expect(page.get_by_role("radio", name="Gray")).to_be_checked()
        expect(page.get_by_label("Resolution")).to_have_value("150")
        choose_scanner(page, "Plain")
        expect(page.get_by_role("radio", name="B/W")).to_be_checked()
        body = job_body(page, scan_button(page).click)
        expect(page.locator("flatbed-scan-button .result")).to_have_text("8 pages scanned.")
    assert body["config"] == {
        "IfFeederEnabled": True,
        "IfDuplexEnabled": True,
        "PixelType": 0,
        "PageSize": 13,
        "Resolution": 100,
        "Deskew": True,
    }
    assert '"Plain"' in body["device"]


def test_presets_are_saved_chosen_and_deleted_by_keyboard(visit: Visit) -> None:
    """The list names the preset as long as the choices are its own; the focus is never lost."""
    with visit(in_memory()) as page:
        presets = page.get_by_label("Preset", exact=True)
        expect(page.get_by_label("Look for scanners again")).to_have_attribute(
            "aria-disabled", "false"
        )
        page.get_by_role("radio", name="Gray").check()
        page.get_by_role("button", name="Save as a preset").press("Enter")
        page.keyboard.type("Invoices")
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Save as a preset")).to_be_focused()
        expect(presets).to_have_value("Invoices")
        page.get_by_role("radio", name="Colour").check()
        expect(presets).to_have_value("")
        presets.select_option("Invoices")
        expect(page.get_by_role("radio", name="Gray")).to_be_checked()
        page.get_by_role("button", name="Save as a preset").press("Enter")
        hint = page.get_by_text("The preset Invoices is there already, and will be replaced.")
        expect(hint).to_be_visible()
        page.keyboard.press("Escape")
        page.reload()
        expect(presets).to_have_value("Invoices")
        page.get_by_role("button", name="Delete the preset Invoices").press("Enter")
        expect(presets).to_be_focused()
        expect(presets.locator("option")).to_have_text(["None"])


def test_scan_is_counted_said_heard_and_told(visit: Visit, service: LiveService) -> None:
    """From the click to the end; a second click meanwhile begins and stops nothing."""
    with visit(at(service, document="counted")) as page:
        choose_scanner(page, "Slow")
        page.get_by_role("radio", name="Feeder", exact=True).check()
        page.get_by_label("Resolution").select_option("75")
        scan_button(page).dblclick()
        expect(scan_button(page)).to_have_attribute("aria-disabled", "true")
        expect(scan_button(page)).to_have_text("Scanning … 1 page")
        expect(page.locator("flatbed-notices [role=status]").first).to_have_text("Page 1 scanned")
        assert page.evaluate("window.tones") == 0
        expect(page.get_by_text("4 pages scanned.", exact=True)).to_have_count(2)
        expect(scan_button(page)).to_be_focused()
        expect(scan_button(page)).to_have_text("Scan")
        until(page, f"window.tones === {END_TONES}")
        pages = [["page", number] for number in range(1, SHEETS + 1)]
        told = seen(page, "scan-start", "page", "scan-end")
        assert told == [["scan-start", 0], *pages, ["scan-end", SHEETS]]


def test_stop_keeps_the_pages_and_the_focus(visit: Visit, service: LiveService) -> None:
    """No sound for what a person did; the button that is gone hands the focus on."""
    with visit(at(service, document="stopped")) as page:
        start_on(page, "Slow")
        expect(scan_button(page)).to_have_text("Scanning … 1 page")
        page.get_by_role("button", name="Stop").press("Enter")
        result = page.locator("flatbed-scan-button .result")
        expect(result).to_have_text("Stopped. 1 page kept.")
        expect(scan_button(page)).to_be_focused()
        until(page, "desk.pages.length === 1")
        assert page.evaluate("window.tones") == 0


def test_jam_shows_the_last_safe_sheet_and_goes_on(visit: Visit, service: LiveService) -> None:
    """Heard, explained, gone on with after a reload; with the sound off the next is silent."""
    with visit(at(service, document="jammed")) as page:
        start_on(page, "Jams")
        panel = page.locator("flatbed-pause section")
        expect(panel.get_by_role("alert")).to_have_text(
            "Paper is stuck in the feeder. Open the cover, take the sheet out, close it, "
            "then continue. Your 2 pages are safe."
        )
        expect(panel.locator("figcaption")).to_have_text("Last safe pagePage 2")
        picture = panel.get_by_role("img", name="Last safe page: Page 2")
        expect(picture).to_be_visible()
        until(
            page,
            "document.querySelector('flatbed-pause').shadowRoot.querySelector('img').naturalWidth",
        )
        shown = "document.querySelector('flatbed-pause').shadowRoot.querySelector('img').src"
        wanted = "desk.thumbnails.peek(desk.pages[1], 320)"
        assert page.evaluate(f"{shown} === {wanted}")
        expect(page.locator("flatbed-scan-button .result")).to_have_text("The scan waits for you")
        until(page, f"window.tones === {FAULT_TONES}")
        page.reload()
        expect(picture).to_be_visible()
        panel.get_by_role("button", name="Go on").click()
        expect(panel).to_have_count(0)
        expect(page.locator("flatbed-scan-button .result")).to_have_text("4 pages scanned.")
        until(page, f"window.tones === {END_TONES}")
        page.get_by_role("switch", name="Sound at end and fault").uncheck()
        scan_button(page).click()
        panel.get_by_role("button", name="Finish here").click()
        result = page.locator("flatbed-scan-button .result")
        expect(result).to_have_text("Stopped. 2 pages kept.")
        until(page, "desk.pages.length === 6")
        assert page.evaluate("window.tones") == END_TONES
        assert seen(page, "scan-pause", "resume", "finish", "scan-end") == [
            ["scan-pause", 2],
            ["resume", None],
            ["scan-end", 4],
            ["scan-pause", 2],
            ["scan-end", 2],
            ["finish", None],
        ]


def test_scans_are_inserted_replace_a_page_and_are_interleaved(
    visit: Visit, service: LiveService
) -> None:
    """Where the next scan goes is chosen for one scan; the one after it goes to the end."""
    with visit(at(service, document="places")) as page:
        place = page.get_by_label("The next scan goes")
        result = page.locator("flatbed-scan-button .result")
        start_on(page, "Plain")
        expect(result).to_have_text("4 pages scanned.")
        until(page, "desk.pages.length === 4")
        first = page.evaluate(ORDER)
        page.get_by_role("radio", name="Glass").check()
        page.evaluate("desk.select([desk.pages[1].uid])")
        place.select_option(label="before page 2")
        scan_button(page).click()
        until(page, "desk.pages.length === 5 && !desk.isScanning")
        inserted = page.evaluate(ORDER)
        assert [*inserted[:1], *inserted[2:]] == first
        expect(place).to_have_value("end")
        place.select_option(label="in place of page 3")
        scan_button(page).click()
        until(page, f"desk.run.pages.length === 1 && {ORDER}[2] !== '{inserted[2]}'")
        replaced = page.evaluate(ORDER)
        assert [*replaced[:2], *replaced[3:]] == [*inserted[:2], *inserted[3:]]
        expect(result).to_have_text("1 page scanned.")
        page.get_by_role("radio", name="Feeder", exact=True).check()
        scan_button(page).click()
        until(page, "desk.pages.length === 9 && !desk.isScanning")
        fronts = page.evaluate(ORDER)[5:]
        place.select_option(label="between pages 6 to 9, as backs")
        expect(page.get_by_text("Turn the whole stack over")).to_be_visible()
        scan_button(page).click()
        until(page, "desk.pages.length === 13 && !desk.isScanning")
        both = page.evaluate(ORDER)
        assert (both[:5], both[5::2]) == (replaced, fronts)
        backs = page.evaluate("desk.run.pages.map(({ uid }) => uid)")
        assert both[6::2] == backs[::-1]


def test_button_alone_scans_by_its_attributes_and_explains_a_fault(visit: Visit) -> None:
    """No other element on the page: it tells why it waits, and goes on by the same button."""
    wishes = {"at-source": "feeder", "at-dpi": 150, "at-color": "bw", "at-page-size": "a5"}
    mock = {"jamAfter": 1, "sheets": 2}
    with visit(in_memory(mock, tags="scan-button", **wishes), locale="de-DE") as page:
        page.evaluate("document.documentElement.lang = 'de'")
        page.evaluate(
            """() => {
              const scan = desk.scan;
              desk.scan = (options) => scan.call(desk, (window.options = options));
            }"""
        )
        scan_button(page).press("Enter")
        expect(scan_button(page)).to_have_text("Weiter")
        reason = "Papier steckt im Einzug fest."
        expect(page.locator("flatbed-scan-button .result")).to_contain_text(reason)
        expect(scan_button(page)).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("flatbed-scan-button .result")).to_have_text("2 Seiten gescannt.")
        wanted = {"source": "feeder", "dpi": 150, "color": "bw", "pageSize": "a5", "scanner": None}
        assert page.evaluate("window.options") == wanted


def test_what_a_scanner_lacks_is_told(visit: Visit, service: LiveService) -> None:
    """It has no glass for A3; the scan goes on with what there is."""
    wishes = {"at-source": "flatbed", "at-dpi": 75, "at-page-size": "a3"}
    with visit(at(service, document="lacking", tags="scan-button", **wishes)) as page:
        scan_button(page).click()
        expect(page.locator("flatbed-notices li.caution")).to_contain_text("A3")
        expect(page.locator("flatbed-scan-button .result")).to_have_text("1 page scanned.")


def test_status_says_what_is_and_what_to_do(
    visit: Visit, site: PageServer, service: LiveService
) -> None:
    """Ready, stopped meanwhile, back again without a click; a scanner that another page holds."""
    with visit(at(service, document="status")) as page:
        state = page.locator("flatbed-status")
        expect(state).to_have_text("Flatbed is ready.")
        choose_scanner(page, "Plain")
        service.stop()
        page.get_by_label("Look for scanners again").click()
        expect(state.locator("p")).to_have_text(
            "Flatbed is not running. Start it; this page then connects by itself."
        )
        expect(state.get_by_role("button")).to_have_text("Connect again")
        expect(page.locator("flatbed-scan-settings .fault")).to_contain_text("does not answer")
        service.restart()
        expect(state).to_have_text("Flatbed is ready.")
        expect(page.locator("flatbed-scan-settings .fault")).to_have_count(0)
        # Asked anew, it is held for a moment.
        again = page.get_by_label("Look for scanners again")
        expect(again).to_have_attribute("aria-disabled", "false")
        api = service.client(site.origin)
        held = api.create("Plain", autoRun=False)["jobuid"]
        again.click()
        fault = page.locator("flatbed-scan-settings .fault")
        expect(fault).to_have_text(
            "'Plain' is in use by another job. Wait for it to end, or delete it."
        )
        api.delete(held)
        expect(fault).to_have_count(0)
    with visit({"ports": site.port}) as page:
        expect(page.locator("flatbed-status p")).to_contain_text("not installed")
        expect(page.locator("flatbed-status .state")).to_have_class("state missing")


def show_idle(page: Page) -> None:
    expect(page.locator("flatbed-status")).to_contain_text(".")
    expect(page.locator("flatbed-scan-settings [aria-disabled=false]")).to_be_visible()


def show_scanning(page: Page) -> None:
    show_idle(page)
    scan_button(page).click()
    until(page, "desk.run?.pages.length >= 1")


def show_paused(page: Page) -> None:
    show_idle(page)
    scan_button(page).click()
    expect(page.locator("flatbed-pause img")).to_be_visible()


def show_ended(page: Page) -> None:
    show_idle(page)
    scan_button(page).click()
    until(page, "desk.run?.state === 'completed' && desk.pages.length === 3")
    page.locator("flatbed-scan-settings #place").select_option("backs")


def show_none(page: Page) -> None:
    expect(page.locator("flatbed-scan-settings .fault")).to_be_visible()


def show_preset(page: Page) -> None:
    show_idle(page)
    page.locator("flatbed-scan-presets button").first.click()
    expect(page.locator("flatbed-scan-presets dialog")).to_be_visible()


STATES: dict[str, tuple[dict[str, object], Callable[[Page], None]]] = {
    "idle": ({}, show_idle),
    "scanning": ({"sheets": 400, "sheetMs": 50}, show_scanning),
    "paused": ({"jamAfter": 2}, show_paused),
    "ended": ({}, show_ended),
    "none": ({"scanners": []}, show_none),
    "preset": ({}, show_preset),
}


@pytest.mark.parametrize("state", STATES)
def test_no_state_has_an_axe_violation_or_scrolls_sideways(visit: Visit, state: str) -> None:
    """English in the light and dark; German from right to left, 320 px wide."""
    mock, show = STATES[state]
    with visit(in_memory(mock)) as page:
        show(page)
        assert find_violations(page) == []
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert find_violations(page, "color-contrast") == []
    size = {"width": 320, "height": 640}
    with visit(in_memory(mock, dir="rtl", lang="de"), viewport=size) as page:
        show(page)
        assert page.evaluate("document.documentElement.scrollWidth") == 320
        small = """() => [...document.querySelectorAll("*")]
          .flatMap((each) => [...(each.shadowRoot?.querySelectorAll("button, select") ?? [])])
          .map((each) => each.getBoundingClientRect())
          .filter(({ width, height }) => width > 0 && (width < 24 || height < 24)).length"""
        assert page.evaluate(small) == 0
