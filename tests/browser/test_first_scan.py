"""From an unknown origin to the first page, as a person and a page's author see it."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
from playwright.sync_api import Page
from tests.browser.conftest import OpenBrowser
from tests.browser.rig import PageServer
from tests.conftest import MakeService

SHEETS = 3
DEAD_MS = 1000
LIMIT_MS = 60_000

TO_PDF = """async () => {
  const file = await window.doc.toBlob("application/pdf");
  return [...new Uint8Array(await file.arrayBuffer())];
}"""


def state(page: Page) -> str:
    """The name of the state that the page shows."""
    return str(page.evaluate("window.flatbed.state.name"))


def test_unknown_page_asks_is_allowed_and_scans(
    make_service: MakeService, open_browser: OpenBrowser, author: PageServer
) -> None:
    """One click of its own and one in the consent window; then every sheet, and a PDF of them."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=SHEETS, ADDONS__VIRTUAL__PAPER_MM=[105, 148])
    browser = open_browser()
    page = browser.new_page()
    page.goto(f"{author.origin}/?ports={service.port}")
    page.wait_for_function("window.flatbed.state.name === 'consent'", timeout=LIMIT_MS)
    with browser.expect_page() as opened:
        page.click("#scan")
    consent = opened.value
    consent.wait_for_url("**/consent/*", timeout=LIMIT_MS)
    assert author.origin in consent.inner_text("main")
    with consent.expect_event("close", timeout=LIMIT_MS):
        consent.get_by_role("button", name="Allow once").click(timeout=LIMIT_MS)
    page.wait_for_function("window.seen.ended || window.seen.error", timeout=LIMIT_MS)
    seen = page.evaluate("window.seen")
    assert (seen["error"], len(seen["pages"])) == (None, SHEETS)
    assert page.locator("#gallery img").count() == SHEETS
    data = bytes(page.evaluate(TO_PDF))
    with pdfium.PdfDocument(io.BytesIO(data)) as document:
        assert len(document) == SHEETS
