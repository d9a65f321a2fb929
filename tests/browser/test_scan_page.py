"""The scanning page as a clerk uses it: by mouse, by keyboard alone, in every look."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Dictionary, Name
from playwright.sync_api import Browser, BrowserContext, Download, Page, expect
from tests.browser.studio import find_violations
from tests.conftest import MakeService
from tests.support.client import DOCUMENTS
from tests.support.service import LiveService

SHEETS = 4
JAM_AT = 3
LETTER_WIDTH_MM = "215.9"
SETTINGS = {
    "ADDONS__VIRTUAL__SHEETS": SHEETS,
    "ADDONS__VIRTUAL__FAULTS": [f"jam@{JAM_AT}"],
    "ADDONS__VIRTUAL__PAPER_MM": [105, 148],
}
LIMIT_MS = 60_000

ORDER = "() => document.querySelector('flatbed-desk').desk.pages.map(({ uid }) => uid)"
FOCUSED = """() => {
  let each = document.activeElement;
  while (each?.shadowRoot?.activeElement) each = each.shadowRoot.activeElement;
  return each;
}"""
NAME = """each => (each.getAttribute("aria-label") ?? each.title ?? "").trim() ||
  each.textContent.trim()"""

OpenPage = Callable[..., Page]


def letter() -> bytes:
    """A PDF of one born-digital page."""
    with pikepdf.new() as pdf:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page = pdf.add_blank_page(page_size=(298, 420)).obj
        page.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(b"BT /F1 24 Tf 40 300 Td (Harbour dues) Tj ET")
        stream = io.BytesIO()
        pdf.save(stream)
    return stream.getvalue()


def read_back(download: Download) -> list[tuple[str, int, tuple[int, int]]]:
    """Text, rotation and size in points of every page of a PDF that was saved."""
    with pdfium.PdfDocument(Path(download.path()).read_bytes()) as document:
        return [
            (
                page.get_textpage().get_text_range().strip(),
                page.get_rotation(),
                (round(page.get_width()), round(page.get_height())),
            )
            for page in document
        ]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Opens the page of a service in a context of its own; an error in it is one here."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_page(service: LiveService, **context: Any) -> Page:
        usual = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
        contexts.append(browser.new_context(**{**usual, **context}))
        page = contexts[-1].new_page()
        page.set_default_timeout(LIMIT_MS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(service.url)
        expect(page.locator("flatbed-scan-button button").first).to_be_enabled(timeout=LIMIT_MS)
        return page

    yield open_page
    for each in contexts:
        each.close()
    assert errors == []


def pages(page: Page) -> int:
    """How many pages the gallery says there are."""
    return int(page.evaluate("document.querySelector('flatbed-desk').desk.pages.length"))


def wait_for_pages(page: Page, count: int) -> None:
    """Wait until the document has so many."""
    script = "count => document.querySelector('flatbed-desk').desk.pages.length === count"
    page.wait_for_function(script, arg=count, timeout=LIMIT_MS)


def option(page: Page, number: int) -> Any:
    """A page in the gallery."""
    return page.get_by_role("option", name=re.compile(rf"^Page {number}\b"))


def size_of(page: Page, number: int) -> tuple[int, int]:
    """Width and height in pixels of a page, as it now looks."""
    script = """async number => {
      const { desk } = document.querySelector("flatbed-desk");
      return (await desk.pages[number - 1].info()).sizePx;
    }"""
    width, height = page.evaluate(script, number)
    return int(width), int(height)


def test_clerk_scans_mends_and_saves(make_service: MakeService, open_page: OpenPage) -> None:
    """A jam on the way, a letter from a file, another order, a turn, a cut, undo, a split."""
    page = open_page(make_service(**SETTINGS))
    scan_over_a_jam(page)
    add_letter(page)
    put_letter_first(page)
    cut_second_page(page)

    # What begins with the fourth page is another document.
    option(page, 4).click()
    page.get_by_role("button", name="Split: from this page on a new document").click()
    wait_for_pages(page, 3)

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save", exact=True).first.click()
        page.get_by_role("dialog").get_by_role("button", name="Save", exact=True).click()
    first, second, third = read_back(saved.value)
    assert first == ("Harbour dues", 90, (420, 298))
    assert second[2][0] < third[2][0] * 0.6
    # Letter is what somebody with American English finds chosen.
    assert third == ("", 0, (612, 792))


def scan_over_a_jam(page: Page) -> None:
    """The whole feeder, with a pause on the way."""
    page.get_by_role("radio", name="Feeder", exact=True).check()
    page.get_by_role("button", name="Scan", exact=True).last.click()
    waits = page.get_by_role("button", name="Go on").first
    waits.wait_for()
    expect(page.locator("flatbed-pause")).to_contain_text(f"{JAM_AT - 1} pages")
    waits.click()
    wait_for_pages(page, SHEETS)
    expect(page.locator("flatbed-scan-button")).to_contain_text(f"{SHEETS} pages scanned")


def add_letter(page: Page) -> None:
    """A file from the disk, as the last page."""
    with page.expect_file_chooser() as chosen:
        page.get_by_role("button", name="Add files").click()
    chosen.value.set_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": letter()}
    )
    wait_for_pages(page, SHEETS + 1)


def put_letter_first(page: Page) -> None:
    """It becomes the first page, and is turned."""
    option(page, 5).click()
    for place in (4, 3, 2, 1):
        page.keyboard.press("Alt+ArrowLeft")
        expect(option(page, place)).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Rotate right").click()
    wait_for_size(page, 1, lambda width, height: width > height)


def cut_second_page(page: Page) -> None:
    """It loses its right half, gets it back, and loses it again."""
    option(page, 2).click()
    before, editor = size_of(page, 2)[0], page.locator("flatbed-editor")
    cut(page)
    wait_for_size(page, 2, lambda width, _: width < before * 0.6)
    editor.get_by_role("button", name="Undo").click()
    wait_for_size(page, 2, lambda width, _: width == before)
    editor.get_by_role("button", name="Redo").click()
    wait_for_size(page, 2, lambda width, _: width < before * 0.6)


def press_until(page: Page, key: str, script: str) -> None:
    """Press a key again and again until something holds of what has the focus."""
    for _ in range(80):
        page.keyboard.press(key)
        if page.evaluate(f"each => ({script})(each)", page.evaluate_handle(FOCUSED)):
            return
    raise AssertionError(f"{key} never leads to {script}")


def go_to(page: Page, name: str) -> None:
    """Go on by Tab to a control of a name, which is to be seen there."""
    press_until(page, "Tab", f"each => ({NAME})(each).startsWith({name!r})")
    assert page.evaluate("each => each.matches(':focus-visible')", page.evaluate_handle(FOCUSED))


def go_to_pages(page: Page) -> None:
    """Go on by Tab to a page in the gallery."""
    press_until(page, "Tab", "each => each.getAttribute('role') === 'option'")


def test_clerk_needs_no_mouse(make_service: MakeService, open_page: OpenPage) -> None:
    """Scan, go on, move, delete, turn, undo, cut, split, save: by keys, the focus in sight."""
    page = open_page(make_service(**SETTINGS))
    scan_by_keys(page)
    sort_by_keys(page)
    turn_and_undo_by_keys(page)
    cut_by_keys(page)
    go_to_pages(page)
    page.keyboard.press("End")
    go_to(page, "Split: from this page")
    page.keyboard.press("Enter")
    wait_for_pages(page, SHEETS - 1)
    found = save_by_keys(page)
    assert [each[1] for each in found] == [0] * (SHEETS - 1)
    assert found[0][2][0] < found[1][2][0] * 0.6


def scan_by_keys(page: Page) -> None:
    """The whole feeder, with a pause on the way."""
    go_to(page, "Scan")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Go on").first.wait_for()
    go_to(page, "Go on")
    page.keyboard.press("Enter")
    wait_for_pages(page, SHEETS)


def sort_by_keys(page: Page) -> None:
    """The first page goes behind the second one, and away."""
    uids = order(page)
    go_to_pages(page)
    page.keyboard.press("Home")
    page.keyboard.press("Alt+ArrowRight")
    page.wait_for_function(f"first => ({ORDER})()[0] !== first", arg=uids[0])
    assert order(page) == [uids[1], uids[0], *uids[2:]]
    page.keyboard.press("Delete")
    wait_for_pages(page, SHEETS - 1)
    assert order(page) == [uids[1], *uids[2:]]


def turn_and_undo_by_keys(page: Page) -> None:
    """A page is turned and turned back, and what was deleted comes back."""
    go_to_pages(page)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    go_to(page, "Turn right")
    page.keyboard.press("Enter")
    wait_for_size(page, 1, lambda width, height: width > height)
    go_to(page, "Undo")
    page.keyboard.press("Enter")
    wait_for_size(page, 1, lambda width, height: width < height)
    page.keyboard.press("Enter")
    wait_for_pages(page, SHEETS)


def cut_by_keys(page: Page) -> None:
    """The first page keeps its left 50 mm."""
    before = size_of(page, 1)[0]
    go_to_pages(page)
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    # It may still be the picture of before the undo.
    expect(page.locator("flatbed-editor .stage")).to_have_attribute("aria-busy", "false")
    go_to(page, "Crop")
    page.keyboard.press("Enter")
    press_until(page, "Tab", "each => each.name === 'width'")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("50")
    page.keyboard.press("Enter")
    wait_for_size(page, 1, lambda width, _: width < before * 0.6)


def save_by_keys(page: Page) -> list[tuple[str, int, tuple[int, int]]]:
    """As the PDF that the dialog offers; see `read_back`."""
    go_to(page, "Save")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").wait_for()
    with page.expect_download() as saved:
        go_to(page, "Save")
        page.keyboard.press("Enter")
    return read_back(saved.value)


def order(page: Page) -> list[str]:
    """The uids of the pages."""
    return [str(each) for each in page.evaluate(ORDER)]


@pytest.mark.parametrize(
    ("width", "language", "direction"),
    [(1000, "de", "rtl"), (320, "de", "ltr")],
)
def test_page_pleases_in_every_look(
    width: int, language: str, direction: str, looked_at: LiveService, open_page: OpenPage
) -> None:
    """Wide and narrow, German, mirrored; light and dark: axe finds nothing, nothing is cut off."""
    page = open_page(looked_at, viewport={"width": width, "height": 740}, locale=language)
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    check_looks(page)
    for view in page.locator("[data-view]").all() if width < 700 else []:
        view.click()
        check_looks(page)
    page.locator("flatbed-save button").first.click()
    page.get_by_role("dialog").wait_for()
    check_looks(page)


def check_looks(page: Page) -> None:
    """Hold what is shown to axe in both schemes, and to its width."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert find_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service whose document has some pages."""
    settings = {**SETTINGS, "ADDONS__VIRTUAL__FAULTS": [], "ADDONS__PDF__ENABLED": False}
    service = LiveService(tmp_path_factory.mktemp("looks"), settings).start()
    try:
        api = service.client()
        document = api.ask("POST", DOCUMENTS, 201, json={"name": "Scan"}).json()["uid"]
        uid = api.scan(document=document, config={"IfFeederEnabled": True, "Resolution": 100})
        api.wait_for(uid, "completed")
        yield service
    finally:
        service.close()


def test_page_without_the_pdf_addon_says_how_to_get_it(
    looked_at: LiveService, open_page: OpenPage
) -> None:
    """What is missing, and the command; the other kinds can be saved meanwhile."""
    page = open_page(looked_at)
    wait_for_pages(page, SHEETS)
    page.get_by_role("button", name="Save", exact=True).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="PDF").check()
    expect(dialog).to_contain_text("pdf")
    expect(dialog).to_contain_text("flatbed addons")
    dialog.get_by_role("radio", name="TIFF").check()
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save", exact=True).click()
    assert Path(saved.value.path()).read_bytes()[:4] in (b"II*\0", b"MM\0*")


def cut(page: Page) -> None:
    """Crop the page that is shown to its left half, by numbers."""
    editor = page.locator("flatbed-editor")
    editor.get_by_role("button", name="Crop").click()
    width = editor.locator("[name=width]")
    # Of the page before, until this one is there.
    expect(width).to_have_value(LETTER_WIDTH_MM)
    width.fill(str(round(float(width.input_value()) / 2)))
    width.press("Enter")


def wait_for_size(page: Page, number: int, is_right: Callable[[int, int], bool]) -> None:
    """Wait until a page has a size."""
    for _ in range(200):
        if is_right(*size_of(page, number)):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"page {number} is {size_of(page, number)}")
