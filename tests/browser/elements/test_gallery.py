"""`<flatbed-gallery>` and `<flatbed-drop>` in a page of somebody else, over a real service."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, FilePayload, Locator, Page, expect
from tests.browser.rig import DIST, PAGES, PageServer
from tests.browser.studio import find_violations
from tests.support.service import LiveService

OpenGallery = Callable[..., Page]

ORDER = "() => desk.pages.map(({ uid }) => uid)"
SCROLLER = "document.querySelector('flatbed-gallery').shadowRoot.querySelector('.scroller')"
HAS_PICTURES = """count => {
  const shadow = document.querySelector("flatbed-gallery").shadowRoot;
  const pictures = [...shadow.querySelectorAll(".cell img")];
  return pictures.length >= count && pictures.every((each) => each.complete);
}"""
# As a person's drop: what scripts make has files in it as any other.
DROP = """([at, x, y, data]) => {
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "page.png", { type: "image/png" }));
  const options = { clientX: x, clientY: y, bubbles: true, composed: true, cancelable: true };
  for (const type of ["dragover", "drop"]) {
    at.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: transfer }));
  }
}"""
PASTE = """data => {
  const bytes = Uint8Array.from(atob(data), (each) => each.charCodeAt(0));
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "image.png", { type: "image/png" }));
  const options = { bubbles: true, cancelable: true, clipboardData };
  document.body.dispatchEvent(new ClipboardEvent("paste", options));
}"""


@pytest.fixture(scope="module")
def author() -> Iterator[PageServer]:
    """One for all: its origin is known to the service."""
    server = PageServer([PAGES, DIST])
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, author: PageServer) -> Iterator[LiveService]:
    """One for all; its feeder has six sheets, and lets the author's page in."""
    settings = {"ALLOWED_ORIGINS": [author.origin], "ADDONS__VIRTUAL__SHEETS": 6}
    service = LiveService(tmp_path_factory.mktemp("gallery"), settings)
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def open_gallery(browser: Browser, author: PageServer) -> Iterator[OpenGallery]:
    """Opens the gallery in a context of its own, over a service or, without one, the mock.

    What the page's policy forbids is an error.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_gallery(query: str = "sheets=6", **context: Any) -> Page:
        usual = {"viewport": {"width": 760, "height": 720}, "reduced_motion": "reduce"}
        contexts.append(browser.new_context(**{**usual, **context}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: _note(errors, line.text))
        page.goto(f"{author.origin}/gallery.html?{query}")
        page.wait_for_function("() => desk.document !== undefined")
        return page

    yield open_gallery
    for each in contexts:
        each.close()
    assert errors == []


def _note(errors: list[str], text: str) -> None:
    if "Content Security Policy" in text:
        errors.append(text)


def scan(page: Page, count: int) -> list[str]:
    """Scan the feeder's sheets; the uids of all pages then."""
    page.evaluate("desk.scan({ source: 'feeder', dpi: 75 }).then(() => 0)")
    page.wait_for_function("count => desk.pages.length === count && !desk.isScanning", arg=count)
    page.wait_for_function(HAS_PICTURES, arg=min(count, 6))
    return list(page.evaluate(ORDER))


def option(page: Page, number: int) -> Locator:
    """A page by its number."""
    return page.locator(f'flatbed-gallery .cell[aria-posinset="{number}"]')


def chosen(page: Page) -> list[int]:
    """The numbers of the chosen pages."""
    return list(page.evaluate("() => desk.selectedPages.map((each) => desk.placeOf(each))"))


def wait_for_order(page: Page, order: list[str]) -> None:
    """Wait until the document has these pages in this order."""
    script = f"order => JSON.stringify(({ORDER})()) === JSON.stringify(order)"
    page.wait_for_function(script, arg=order)


def wait_for_said(page: Page, text: str) -> None:
    """Wait until those who listen are told."""
    expect(page.locator("flatbed-notices [role=status]").first).to_have_text(text)


def picture(*, is_blank: bool = False) -> str:
    """A PNG of a page in base64."""
    image = Image.new("L", (413, 585), 255)
    if not is_blank:
        ImageDraw.Draw(image).rectangle((60, 60, 300, 400), fill=0)
    stream = io.BytesIO()
    image.save(stream, "PNG", dpi=(50, 50))
    return base64.b64encode(stream.getvalue()).decode()


def test_pages_of_a_scan_are_chosen_moved_turned_and_deleted(
    open_gallery: OpenGallery, service: LiveService
) -> None:
    """By hand, over a real service; each of it can be taken back."""
    page = open_gallery(f"ports={service.port}&document=hands")
    expect(page.get_by_text("No pages yet.")).to_be_visible()
    a, b, c, d, e, f = scan(page, 6)
    option(page, 2).click()
    option(page, 3).click(modifiers=["ControlOrMeta"])
    assert chosen(page) == [2, 3]
    assert page.evaluate("desk.placeOf(desk.current)") == 3
    expect(page.get_by_text("2 of 6 pages selected")).to_be_visible()

    option(page, 2).drag_to(option(page, 5), target_position={"x": 100, "y": 60})
    wait_for_order(page, [a, d, e, b, c, f])
    wait_for_said(page, "2 pages moved to place 4")
    assert chosen(page) == [4, 5]

    before = option(page, 4).locator("img").get_attribute("src")
    page.get_by_role("button", name="Rotate right").click()
    wait_for_said(page, "2 pages rotated")
    expect(option(page, 4).locator("img")).not_to_have_attribute("src", before or "")
    lying = "each => each.naturalWidth > each.naturalHeight"
    page.wait_for_function(
        f"each => ({lying})(each)", arg=option(page, 4).locator("img").element_handle()
    )

    page.keyboard.press("Escape")
    option(page, 1).click()
    option(page, 2).click(modifiers=["Shift"])
    page.get_by_role("button", name="Delete").click()
    wait_for_order(page, [e, b, c, f])
    wait_for_said(page, "2 pages deleted. Undo brings back.")
    assert page.evaluate("desk.placeOf(desk.current)") == 1
    for _ in range(2):
        page.get_by_role("button", name="Undo").click()
        wait_for_said(page, "Taken back")
    wait_for_order(page, [a, d, e, b, c, f])

    option(page, 4).dblclick()
    assert page.evaluate("seen.opened") == [{"uid": b}]
    page.get_by_role("button", name="Split").click()
    wait_for_order(page, [a, d, e])
    expect(page.get_by_text("3 pages moved to the document “hands 2”.")).to_be_visible()
    names = page.evaluate("desk.flatbed.documents.list().then((all) => all.map((it) => it.name))")
    assert sorted(names) == ["hands", "hands 2"]


def test_everything_goes_by_keyboard(open_gallery: OpenGallery) -> None:
    """Going, ranges, choosing apart, moving, opening, deleting, undo; the focus is never lost."""
    page = open_gallery()
    a, b, c, d, e, f = scan(page, 6)
    option(page, 1).focus()
    for key, numbers, at in (
        ("ArrowRight", [2], 2),
        ("Shift+ArrowRight", [2, 3], 3),
        ("ControlOrMeta+ArrowRight", [2, 3], 4),
        ("ControlOrMeta+ArrowRight", [2, 3], 5),
        ("Space", [2, 3, 5], 5),
        ("Home", [1], 1),
        ("ArrowDown", [6], 6),
        ("End", [6], 6),
        ("PageUp", [1], 1),
        ("ControlOrMeta+a", [1, 2, 3, 4, 5, 6], 1),
        ("Escape", [], 1),
    ):
        page.keyboard.press(key)
        assert (key, chosen(page), page.evaluate("desk.placeOf(desk.current)")) == (
            key,
            numbers,
            at,
        )
        expect(option(page, at)).to_be_focused()
    # Faster than the service: each step begins where the last one ended.
    for _ in range(3):
        page.keyboard.press("Alt+ArrowRight")
    wait_for_order(page, [b, c, d, a, e, f])
    wait_for_said(page, "Page 3 moved to place 4")
    expect(option(page, 4)).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("seen.opened") == [{"uid": a}]
    page.keyboard.press("Delete")
    wait_for_order(page, [b, c, d, e, f])
    expect(option(page, 4)).to_be_focused()
    page.keyboard.press("ControlOrMeta+z")
    wait_for_order(page, [b, c, d, a, e, f])
    page.keyboard.press("ControlOrMeta+Shift+z")
    wait_for_order(page, [b, c, d, e, f])


def test_a_finger_that_rests_carries_and_one_that_moves_scrolls(
    open_gallery: OpenGallery,
) -> None:
    """A long press takes hold, or chooses one more if nothing is carried."""
    page = open_gallery(has_touch=True)
    a, b, c, d, e, f = scan(page, 6)
    touch = page.context.new_cdp_session(page)

    def send(kind: str, *at: float) -> None:
        points = [{"x": at[0], "y": at[1]}] if at else []
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def middle(number: int) -> tuple[float, float]:
        box = option(page, number).bounding_box()
        assert box is not None
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    lifted = page.locator("flatbed-gallery .cell.lifted")
    x, y = middle(1)
    send("touchStart", x, y)
    expect(lifted).to_have_count(1)
    for step in range(1, 11):
        to_x, to_y = middle(3)
        send("touchMove", x + (to_x + 40 - x) * step / 10, y + (to_y - y) * step / 10)
    expect(page.locator("flatbed-gallery .mark")).to_be_visible()
    send("touchEnd")
    wait_for_order(page, [b, c, a, d, e, f])
    assert chosen(page) == [3]

    send("touchStart", *middle(5))
    expect(lifted).to_have_count(1)
    send("touchEnd")
    page.wait_for_function("() => desk.selected.size === 2")
    assert chosen(page) == [3, 5]


def test_files_are_dropped_at_a_place_pasted_and_picked(
    open_gallery: OpenGallery, service: LiveService
) -> None:
    """Their pages go where they are dropped, else to the end; blank ones are marked and chosen."""
    page = open_gallery(f"ports={service.port}&document=files")
    drop = page.locator("flatbed-drop")
    png = FilePayload(name="a.png", mimeType="image/png", buffer=base64.b64decode(picture()))
    drop.locator("input").set_input_files([png, png])
    wait_for_said(page, "2 pages added")
    assert page.evaluate("seen.added") == [2]
    first, second = page.evaluate(ORDER)

    box = option(page, 2).bounding_box()
    assert box is not None
    at = option(page, 2).element_handle()
    page.evaluate(DROP, [at, box["x"] + 5, box["y"] + 60, picture(is_blank=True)])
    page.wait_for_function("() => desk.pages.length === 3")
    order = page.evaluate(ORDER)
    assert (order[0], order[2]) == (first, second)
    expect(option(page, 2)).to_have_attribute("aria-label", "Page 2, blank")
    expect(option(page, 2).get_by_text("Blank")).to_be_visible()
    assert chosen(page) == [2]

    page.evaluate(PASTE, picture(is_blank=True))
    page.wait_for_function("() => desk.pages.length === 4")
    heading = page.locator("flatbed-notices").element_handle()
    page.evaluate(DROP, [heading, 5, 5, picture()])
    page.wait_for_function("() => desk.pages.length === 5")
    assert page.evaluate(ORDER)[:3] == order
    page.get_by_role("button", name="Select blank pages").click()
    page.wait_for_function("() => desk.selected.size === 2")
    assert chosen(page) == [2, 4]


def test_of_many_pages_few_are_there_and_the_focus_stays(
    open_gallery: OpenGallery,
) -> None:
    """What is not in view is not there; where the keys are stays, and numbers count them all."""
    page = open_gallery("sheets=150")
    page.evaluate("desk.scan({ source: 'feeder' }).then(() => 0)")
    page.wait_for_function("() => desk.pages.length === 150 && !desk.isScanning")
    cells = page.locator("flatbed-gallery .cell")
    # It went along with the scan, to its end.
    expect(option(page, 150)).to_be_in_viewport()
    assert cells.count() < 60
    option(page, 150).click()
    page.mouse.wheel(0, -60_000)
    page.wait_for_function(f"() => {SCROLLER}.scrollTop === 0")
    expect(option(page, 150)).to_be_attached()
    assert cells.count() < 60
    page.keyboard.press("ArrowLeft")
    expect(option(page, 149)).to_be_focused()
    expect(option(page, 149)).to_be_in_viewport()
    expect(option(page, 149)).to_have_attribute("aria-setsize", "150")
    page.keyboard.press("Home")
    expect(option(page, 1)).to_be_in_viewport()
    page.wait_for_function(HAS_PICTURES, arg=10)
    # Frameworks take elements out and put them in again.
    page.evaluate(
        "document.querySelector('flatbed-desk').prepend(document.querySelector('flatbed-gallery'))"
    )
    page.wait_for_function(HAS_PICTURES, arg=10)
    page.mouse.move(300, 300)
    page.mouse.wheel(0, 60_000)
    page.wait_for_function(f"() => {SCROLLER}.scrollTop > 4000")
    expect(page.locator("flatbed-gallery .cell").last).to_be_attached()
    page.wait_for_function(HAS_PICTURES, arg=10)


@pytest.mark.parametrize(
    ("query", "context"),
    [
        pytest.param("", {}, id="light"),
        pytest.param("", {"color_scheme": "dark"}, id="dark"),
        pytest.param("&lang=de&dir=rtl", {"viewport": {"width": 320, "height": 640}}, id="narrow"),
    ],
)
def test_it_is_accessible_in_every_state(
    open_gallery: OpenGallery, query: str, context: dict[str, Any]
) -> None:
    """Empty, with pages, some of them chosen; nothing has to be scrolled sideways."""
    page = open_gallery(f"sheets=6{query}", **context)
    assert find_violations(page) == []
    scan(page, 6)
    option(page, 6).click()
    option(page, 5).click(modifiers=["ControlOrMeta"])
    assert find_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_right_to_left_everything_is_mirrored(open_gallery: OpenGallery) -> None:
    """The first page is on the right, the left key goes on, and the words are German."""
    page = open_gallery("sheets=6&lang=de&dir=rtl")
    a, b, c, d, e, f = scan(page, 6)
    first, second = (option(page, number).bounding_box() for number in (1, 2))
    assert first is not None
    assert second is not None
    assert first["x"] > second["x"]
    expect(option(page, 1)).to_have_attribute("aria-label", "Seite 1")
    option(page, 1).click()
    page.keyboard.press("ArrowLeft")
    assert chosen(page) == [2]
    option(page, 1).drag_to(option(page, 3), target_position={"x": 20, "y": 60})
    wait_for_order(page, [b, c, a, d, e, f])
    wait_for_said(page, "Seite 1 auf Platz 3 verschoben")
