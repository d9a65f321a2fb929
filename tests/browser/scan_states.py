"""Every state that the scanning page can be in, brought about over a real service."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect
from tests.browser.studio import Studio

LIMIT_MS = 60_000
PAGES = "count => document.querySelector('flatbed-desk').desk.pages.length === count"


def show_scan_page(studio: Studio) -> None:
    """Before the first scan, with pages, with every tool and dialog open."""
    with studio.page("/") as page:
        wait_ready(page)
        studio.show(page, "scan-empty")
        page.get_by_role("radio", name="Feeder", exact=True).check()
        scan_button(page).click()
        page.wait_for_function(PAGES, arg=3, timeout=LIMIT_MS)
        expect(scan_button(page)).to_have_text("Scan", timeout=LIMIT_MS)
        wait_pictures(page)
        studio.show(page, "scan-pages")
        _show_editor(studio, page)
        _show_dialogs(studio, page)
        page.locator("flatbed-gallery").get_by_role("button", name="Select all").click()
        studio.show(page, "scan-selected")


def show_paused_scan(studio: Studio) -> None:
    """A jam before anything was scanned; then in German, and mirrored."""
    with studio.page("/") as page:
        wait_ready(page)
        page.locator("flatbed-scan-settings").get_by_role("combobox", name="Scanner").select_option(
            "Jams at once"
        )
        page.get_by_role("radio", name="Feeder", exact=True).check()
        scan_button(page).click()
        page.get_by_role("button", name="Finish here").first.wait_for(timeout=LIMIT_MS)
        studio.show(page, "scan-paused")
        page.get_by_role("button", name="Finish here").first.click()
        expect(scan_button(page)).to_have_text("Scan", timeout=LIMIT_MS)
    with studio.page("/", locale="de-DE") as page:
        wait_ready(page)
        studio.show(page, "scan-german")
    with studio.page("/") as page:
        wait_ready(page)
        page.evaluate("document.documentElement.dir = 'rtl'")
        studio.show(page, "scan-rtl")


def _show_editor(studio: Studio, page: Page) -> None:
    editor = page.locator("flatbed-editor")
    for name, label in (("crop", "Crop"), ("erase", "Erase"), ("tones", "Light and colour")):
        editor.get_by_role("button", name=label).click()
        # What a narrow screen shows of it.
        page.locator("button[data-view=page]").evaluate("each => each.click()")
        studio.show(page, f"scan-{name}")
        page.keyboard.press("Escape")


def _show_dialogs(studio: Studio, page: Page) -> None:
    openers = {
        "save": page.locator("flatbed-save").get_by_role("button").first,
        "documents": page.locator("flatbed-documents").get_by_role("button").first,
        "new-document": page.get_by_role("button", name="New document").first,
        "preset": page.get_by_role("button", name="Save as a preset"),
        "tool": page.locator("flatbed-tools").get_by_role("button").first,
    }
    for name, opener in openers.items():
        opener.click()
        studio.show(page, f"scan-{name}")
        page.keyboard.press("Escape")


def scan_button(page: Page) -> Locator:
    """The one that begins."""
    return page.locator("flatbed-scan-button").get_by_role("button").first


def wait_ready(page: Page) -> None:
    """Wait until a scan could begin."""
    expect(scan_button(page)).to_be_enabled(timeout=LIMIT_MS)
    choices = page.locator("flatbed-scan-settings").get_by_role("radio")
    expect(choices.first).to_be_visible(timeout=LIMIT_MS)


def wait_pictures(page: Page) -> None:
    """Wait until every page is to be seen in small."""
    pictures = page.locator("flatbed-gallery img")
    expect(pictures).to_have_count(3, timeout=LIMIT_MS)
    expect(page.get_by_role("option", name=re.compile("^Page 3"))).to_be_visible(timeout=LIMIT_MS)
