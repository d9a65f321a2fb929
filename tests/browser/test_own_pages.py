"""The service's own pages: in every state, by keyboard alone, and out of everybody's reach."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.browser.page_states import SERIES, wait_live
from tests.browser.studio import SETTINGS, Studio, find_violations
from tests.conftest import MakeService
from tests.support.service import LiveService

LIMIT_MS = 30_000
CONTRAST = ("color-contrast", "link-in-text-block")
# Colours are all that is different in the dark.
SCHEMES: dict[Literal["light", "dark"], tuple[str, ...]] = {"light": (), "dark": CONTRAST}
# These kill and stop the service.
ROUGH = ("status-full", "late")
CHOICES = ["Allow once", "Allow always", "Block"]

# What has the focus: its words, and whether one sees that it has it.
FOCUSED = """() => {
  const at = document.activeElement;
  const name = at.ariaLabel ?? (at.querySelector(".label, .name") ?? at).textContent.trim();
  const { outlineStyle, outlineWidth } = getComputedStyle(at);
  const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
  return { name: at.id || name, isSeen, isPage: at === document.body };
}"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """One for all."""
    service = LiveService(tmp_path_factory.mktemp("own-pages"), SETTINGS)
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def studio(browser: Browser, service: LiveService) -> Studio:
    """Opens pages of the service; every state that is shown must please axe, light and dark."""
    return Studio(browser, service, _assert_accessible)


def _assert_accessible(page: Page, name: str) -> None:
    for scheme, rules in SCHEMES.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert (name, scheme, find_violations(page, *rules)) == (name, scheme, [])


def press_tab(page: Page) -> str:
    """Go on with the keyboard; what has the focus then, which is to be seen."""
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    assert focused["isSeen"] or focused["isPage"], f"the focus on {focused['name']} is not seen"
    return "" if focused["isPage"] else str(focused["name"])


def tab_to(page: Page, name: str) -> None:
    """Go on with the keyboard until something has the focus."""
    seen: list[str] = []
    while name not in seen:
        assert len(seen) < 100, f"no {name!r} in {seen}"
        seen.append(press_tab(page))


def status_of(studio: Studio, path: str) -> str:
    """Of the pairing that a consent page is about."""
    return str(studio.ask("GET", path.replace("consent", "api/pair"))["status"])


def state_of(studio: Studio, origin: str) -> str | None:
    """What an origin may."""
    states = {each["origin"]: each["state"] for each in studio.ask("GET", "/api/origins")}
    return states.get(origin)


def are_dead(page: Page) -> bool:
    """Whether none of the three buttons decides; they are dead or live together."""
    script = "all => all.map(each => each.getAttribute('aria-disabled'))"
    states = page.locator(".choice").evaluate_all(script)
    assert states in (["true"] * 3, ["false"] * 3)
    return bool(states[0] == "true")


def try_all(page: Page) -> None:
    """Click each of the three buttons, and press Enter and Space on each."""
    for each in page.locator(".choice").all():
        each.click(force=True)
        for key in ("Enter", "Space"):
            each.focus()
            page.keyboard.press(key)


@pytest.mark.parametrize("series", [name for name in SERIES if name not in ROUGH])
def test_no_state_of_the_pages_has_an_axe_violation(studio: Studio, series: str) -> None:
    """Each as a person would come to it, light and dark, under the pages' own policy."""
    SERIES[series](studio)


def test_no_state_after_a_crash_or_an_end_has_an_axe_violation(
    browser: Browser, make_service: MakeService
) -> None:
    """With everything on the page that it can show, and with nobody to ask any more."""
    studio = Studio(browser, make_service(**SETTINGS), _assert_accessible)
    for name in ROUGH:
        SERIES[name](studio)


@pytest.mark.parametrize(
    ("choice", "key", "state"),
    [
        ("Allow once", "Enter", "once"),
        ("Allow once", "Space", "once"),
        ("Allow always", "Enter", "always"),
        ("Allow always", "Space", "always"),
        ("Block", "Enter", "blocked"),
        ("Block", "Space", "blocked"),
    ],
)
def test_consent_is_given_and_refused_by_keyboard(
    studio: Studio, choice: str, key: str, state: str
) -> None:
    """In the order that is read, with the focus in sight; the answer has the focus after it."""
    origin = f"https://{state}-{key.lower()}.example"
    path = studio.pair(origin)
    with studio.page(path) as page:
        wait_live(page)
        assert [press_tab(page) for _ in CHOICES] == CHOICES
        while page.evaluate(FOCUSED)["name"] != choice:
            page.keyboard.press("Shift+Tab")
        page.keyboard.press(key)
        title = "Blocked" if choice == "Block" else "Allowed"
        expect(page.locator("h1")).to_have_text(title)
        expect(page.locator("h1")).to_be_focused()
        assert state_of(studio, origin) == state
        assert press_tab(page) == "Close this window"


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        (
            "en-GB",
            [
                "pdf, which is switched off on this computer",
                "virtual, which this computer has in no version that fits",
                "ocr, which is not installed on this computer",
            ],
        ),
        (
            "de-DE",
            [
                "pdf benutzen, die auf diesem Computer ausgeschaltet ist",
                "virtual benutzen, die es auf diesem Computer in keiner passenden Version gibt",
                "ocr benutzen, die auf diesem Computer nicht installiert ist",
            ],
        ),
    ],
)
def test_consent_says_why_an_add_on_cannot_be_used(
    studio: Studio, locale: str, sentences: list[str]
) -> None:
    """Switched off, in other versions only, not there at all."""
    path = studio.pair("https://wishes.example", addons=["pdf", "virtual>=900", "ocr", "imaging"])
    with studio.page(path, locale=locale) as page:
        expect(page.locator(".wishes .missing")).to_contain_text(sentences)


def test_consent_is_dead_for_its_first_second(studio: Studio, browser: Browser) -> None:
    """To the millisecond by the page's clock: no click, no key; then the first one counts."""
    path = studio.pair("https://hasty.example")
    with browser.new_context() as context:
        page = context.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        page.goto(f"{studio.service.url}{path}")
        page.locator(".choice").first.wait_for()
        begun = page.evaluate("performance.now()")
        assert are_dead(page)
        try_all(page)
        page.clock.run_for(999)
        assert are_dead(page)
        try_all(page)
        page.clock.run_for(50)
        assert page.evaluate("performance.now()") - begun < 1100
        assert not are_dead(page)
        assert status_of(studio, path) == "waiting"
        page.locator(".once").press("Enter")
        expect(page.locator("h1")).to_have_text("Allowed")
    assert status_of(studio, path) == "granted"


def test_consent_is_dead_again_when_the_window_comes_back(studio: Studio, browser: Browser) -> None:
    """Also while it is away; nothing that was meant for another window decides here."""
    path = studio.pair("https://away.example")
    with browser.new_context() as context:
        page = context.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1000)
        page.goto(f"{studio.service.url}{path}")
        page.locator(".choice").first.wait_for()
        page.clock.run_for(1050)
        assert not are_dead(page)
        # Playwright lets every page believe that it has the focus.
        session = context.new_cdp_session(page)
        session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        other = context.new_page()
        other.bring_to_front()
        page.wait_for_function("!document.hasFocus()", polling="raf")
        page.clock.run_for(5000)
        assert are_dead(page)
        page.bring_to_front()
        session.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
        assert page.evaluate("document.hasFocus()")
        assert are_dead(page)
        try_all(page)
        page.clock.run_for(900)
        try_all(page)
        assert are_dead(page)
        page.clock.run_for(200)
        assert not are_dead(page)
        assert status_of(studio, path) == "waiting"


def test_status_is_worked_by_keyboard(studio: Studio) -> None:
    """Test scan, revoke, check and report: each is reached by Tab, seen, and does its work."""
    studio.ask("POST", "/api/origins", {"origin": "https://guest.example", "state": "always"})
    rights = ["clipboard-read", "clipboard-write"]
    with studio.page("/status", permissions=rights) as page:
        expect(page.locator("#origins")).to_contain_text("guest.example")
        expect(page.locator("#addons li").first).to_be_visible()
        expect(page.locator("#scanners li")).to_have_count(4)
        tab_to(page, "Test scan with Office scanner")
        page.keyboard.press("Enter")
        picture = page.get_by_alt_text("The page that Office scanner has just scanned")
        expect(picture).to_be_visible(timeout=LIMIT_MS)
        page.wait_for_function("document.querySelector('.preview img').naturalWidth > 0")
        tab_to(page, "Check what is stored")
        page.keyboard.press("Space")
        expect(page.locator("#storage .notice")).to_contain_text("All is well")
        tab_to(page, "Revoke https://guest.example")
        page.keyboard.press("Enter")
        expect(page.locator("#origins .notice")).to_contain_text("guest.example may not scan")
        assert state_of(studio, "https://guest.example") is None
        tab_to(page, "Copy report")
        page.keyboard.press("Enter")
        expect(page.locator("#report .notice")).to_have_text("Copied.")
        report = page.evaluate("navigator.clipboard.readText()")
        assert "Office scanner" in report
        assert str(studio.service.data) not in report


def test_everything_on_the_status_page_is_reached_in_the_order_that_is_read(
    studio: Studio,
) -> None:
    """One round of Tab meets every control once, top to bottom, each in sight."""
    with studio.page("/status") as page:
        expect(page.locator("#addons li").first).to_be_visible()
        expect(page.locator("#scanners li")).to_have_count(4)
        expect(page.locator("#log select")).to_be_visible()
        names = "all => all.filter(each => each.checkVisibility()).length"
        count = page.locator("button, select, summary, a[href]").evaluate_all(names)
        places: list[int] = []
        for _ in range(count):
            assert press_tab(page)
            script = """[...document.querySelectorAll("button, select, summary, a[href]")]
              .indexOf(document.activeElement)"""
            places.append(page.evaluate(script))
        assert count >= 15
        assert places == sorted(set(places))
