"""The page editor and the camera: in an author's page with a strict policy, over a real service."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat
from playwright.sync_api import Browser, Locator, Page, Playwright, expect
from tests.browser.rig import CHROMIUM, FLAGS, PageServer
from tests.browser.studio import find_violations
from tests.support.service import LiveService

LIMIT_MS = 60_000
CONTRAST = ("color-contrast",)
CAMERAS = "--use-fake-device-for-media-stream=device-count=2,fps=5"
DENIED = (
    "Your browser keeps this page from the camera. Allow it in the settings beside the address,"
    " then try again."
)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
# Of the drawn page in its pixels: a black square on white.
SIZE = (800, 1000)
SQUARE = (600, 100, 700, 200)

LOAD = """async files => {
  while (!desk.document) {
    await new Promise(resolve => desk.addEventListener("change", resolve, { once: true }));
  }
  const blobs = files.map(each => new Blob([Uint8Array.from(atob(each), c => c.charCodeAt(0))]));
  await desk.load(blobs);
  desk.select([desk.pages[0].uid]);
}"""
CONTENT = """async () => {
  const reader = new FileReader();
  reader.readAsDataURL(await desk.current.content());
  await new Promise(resolve => { reader.onload = resolve; });
  return reader.result.split(",")[1];
}"""
INFO = "desk.current.info()"
# What is under a place of the window, in shares of the page.
UNDER = """([x, y]) => {
  const sheet = document.querySelector("flatbed-editor").shadowRoot.querySelector(".sheet");
  const { left, top, width, height } = sheet.getBoundingClientRect();
  return [(x - left) / width, (y - top) / height];
}"""
FOCUSED = "document.activeElement.shadowRoot.activeElement.dataset.tool"

OpenEditor = Callable[..., Page]
OpenCameras = Callable[..., Browser]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: PageServer) -> Iterator[LiveService]:
    """One for all; each test has a document of its own."""
    settings = {"ALLOWED_ORIGINS": [site.origin]}
    service = LiveService(tmp_path_factory.mktemp("editor"), settings)
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def open_cameras(playwright: Playwright) -> Iterator[OpenCameras]:
    """Opens browsers with other cameras, or with another answer of the person."""
    with ExitStack() as stack:

        def open_cameras(*flags: str) -> Browser:
            args = [*FLAGS, *flags]
            opened = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
            stack.callback(opened.close)
            return opened

        yield open_cameras


@pytest.fixture
def open_editor(
    browser: Browser, open_cameras: OpenCameras, service: LiveService, site: PageServer
) -> Iterator[OpenEditor]:
    """Opens the author's page; at the end nothing in it was against its policy."""
    # What is asked for first ends last: the page before its browser.
    del open_cameras
    with ExitStack() as stack:

        def open_editor(document: str, *, browser: Browser = browser, **wanted: Any) -> Page:
            context = {"reduced_motion": "reduce", **wanted.pop("context", {})}
            query = urlencode({"ports": service.port, "document": document, **wanted})
            opened = stack.enter_context(browser.new_context(**context))
            page = opened.new_page()
            page.goto(f"{site.origin}/editor.html?{query}")
            expect(page.locator(".message, .sheet").first).to_be_visible()
            stack.callback(_assert_lawful, page)
            return page

        yield open_editor


def _assert_lawful(page: Page) -> None:
    assert page.evaluate("seen.policy") == []


def drawn(text: str = "") -> Image.Image:
    """A page of 800 by 1000 pixels at 100 dpi: a black square, and lines in tones of gray."""
    image = Image.new("RGB", SIZE, WHITE)
    draw = ImageDraw.Draw(image)
    draw.rectangle((600, 100, 699, 199), fill=BLACK)
    for row in range(20):
        tone = 40 + row * 10
        draw.rectangle((100, 300 + row * 30, 500, 312 + row * 30), fill=(tone, tone, 120))
    draw.text((100, 100), text, fill=BLACK)
    return image


def load(page: Page, *images: Image.Image) -> None:
    """Put pages into the document, and look at the first."""
    files = []
    for image in images:
        file = io.BytesIO()
        image.save(file, "PNG", dpi=(100, 100))
        files.append(base64.b64encode(file.getvalue()).decode())
    page.evaluate(LOAD, files)
    settle(page)


def settle(page: Page) -> None:
    """Wait until nothing is under way, and what is seen is what is there."""
    expect(page.locator(".stage")).to_have_attribute("aria-busy", "false")


def content(page: Page) -> Image.Image:
    """The current page as the service has it."""
    return Image.open(io.BytesIO(base64.b64decode(page.evaluate(CONTENT)))).convert("RGB")


def edits(page: Page) -> list[dict[str, Any]]:
    """What was done to the current page."""
    return list(page.evaluate(INFO)["edits"])


def ops(page: Page) -> list[str]:
    """Their names."""
    settle(page)
    return [each["op"] for each in edits(page)]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Of each sample in the mean, in the colour where it is largest; 0 to 255."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def tool(page: Page, name: str) -> Locator:
    """A button of the editor."""
    return page.locator(f"[data-tool={name}]")


def numbers(page: Page) -> list[float]:
    """Left, top, width and height as the form has them."""
    return [
        float(page.locator(f"[name={side}]").input_value())
        for side in ("left", "top", "width", "height")
    ]


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    """Press the mouse at a place, move it and let go."""
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0] / 2, start[1] + by[1] / 2)
    page.mouse.move(start[0] + by[0], start[1] + by[1])
    page.mouse.up()


def place_of(locator: Locator, x: float = 0.5, y: float = 0.5) -> tuple[float, float]:
    """A place of something in the window, in shares of its sides."""
    box = locator.bounding_box()
    assert box is not None
    return box["x"] + box["width"] * x, box["y"] + box["height"] * y


def test_edits_of_one_click_come_one_after_the_other_and_are_taken_back(
    open_editor: OpenEditor,
) -> None:
    """However quickly they are asked for; steps by button and by key, and all at once."""
    page = open_editor("clicks")
    expect(page.get_by_text("Pages appear here in large.")).to_be_visible()
    expect(tool(page, "rotate").first).to_have_attribute("aria-disabled", "true")
    load(page, drawn())
    expect(tool(page, "reset")).to_have_attribute("aria-disabled", "true")
    tool(page, "rotate").last.click()
    tool(page, "rotate").last.click()
    tool(page, "rotate").first.click()
    tool(page, "deskew").click()
    tool(page, "auto-crop").click()
    expect(page.get_by_role("status").first).to_have_text("Trim: done")
    assert ops(page) == ["rotate", "rotate", "rotate", "deskew", "auto-crop"]
    assert [each.get("angle") for each in edits(page)[:3]] == [90, 90, -90]
    assert page.evaluate("seen.edits") == ops(page)
    tool(page, "undo").click()
    assert ops(page)[3:] == ["deskew"]
    page.locator(".stage").press("Control+z")
    assert ops(page) == ["rotate", "rotate", "rotate"]
    assert page.evaluate(INFO)["sizePx"] == [1000, 800]
    page.locator(".stage").press("Control+y")
    tool(page, "redo").click()
    assert ops(page)[3:] == ["deskew", "auto-crop"]
    expect(tool(page, "redo")).to_have_attribute("aria-disabled", "true")
    tool(page, "reset").click()
    assert ops(page) == []
    assert content(page).size == SIZE
    page.locator(".stage").press("Control+z")
    assert len(ops(page)) == 5


def test_crop_by_handles_keys_and_numbers(open_editor: OpenEditor) -> None:
    """All three change one frame; numbers give way to each other at the page's edges."""
    page = open_editor("crop")
    load(page, drawn())
    tool(page, "crop").click()
    assert numbers(page) == [0, 0, 203.2, 254]
    expect(page.locator(".panel .main")).to_have_attribute("aria-disabled", "true")
    sheet = page.locator(".sheet")
    (left, top), (right, bottom) = place_of(sheet, 0, 0), place_of(sheet, 1, 1)
    width, height = right - left, bottom - top
    drag(page, place_of(page.locator("[data-handle=se]")), (-width / 2, -height / 4))
    assert numbers(page) == pytest.approx([0, 0, 101.6, 190.5], abs=1)
    drag(page, place_of(page.locator(".grip"), 0.3, 0.3), (width / 4, height))
    assert numbers(page) == pytest.approx([50.8, 63.5, 101.6, 190.5], abs=1)
    before = numbers(page)
    page.locator("[data-handle=nw]").press("Shift+ArrowLeft")
    page.locator(".grip").press("ArrowUp")
    after = [before[0] - 10, before[1] - 1, before[2] + 10, before[3]]
    assert numbers(page) == pytest.approx(after, abs=0.11)
    page.locator("[name=unit]").select_option("px")
    for side, value in (("left", 590), ("top", 90), ("width", 900), ("height", 120)):
        page.locator(f"[name={side}]").fill(str(value))
        page.locator(f"[name={side}]").press("Tab")
    assert numbers(page) == [590, 90, 210, 120]
    page.locator("[name=width]").fill("120")
    page.locator("[name=width]").press("Enter")
    settle(page)
    assert edits(page) == [{"op": "crop", "box": [590, 90, 710, 210]}]
    assert page.evaluate(INFO)["sizePx"] == [120, 120]
    assert content(page).getpixel((60, 60)) == BLACK
    expect(page.locator(".panel")).to_have_count(0)
    tool(page, "crop").press("Enter")
    page.locator(".grip").press("Escape")
    expect(page.locator(".frame")).to_have_count(0)
    assert page.evaluate(FOCUSED) == "crop"


def test_what_is_drawn_over_with_the_eraser_is_white(open_editor: OpenEditor) -> None:
    """The tool stays for the next place; Enter on the frame does it."""
    page = open_editor("erase")
    load(page, drawn())
    assert content(page).getpixel((650, 150)) == BLACK
    tool(page, "erase").click()
    sheet = page.locator(".sheet")
    start, end = place_of(sheet, 0.73, 0.08), place_of(sheet, 0.9, 0.22)
    drag(page, start, (end[0] - start[0], end[1] - start[1]))
    page.locator(".grip").press("Enter")
    settle(page)
    assert ops(page) == ["erase"]
    erased = content(page)
    assert ImageStat.Stat(erased.crop(SQUARE)).extrema == [(255, 255)] * 3
    assert erased.getpixel((300, 305)) == (40, 40, 120)
    expect(page.locator(".frame")).to_be_visible()
    page.get_by_role("button", name="Close").click()
    assert page.evaluate(FOCUSED) == "erase"


def test_sliders_show_what_the_service_makes_of_them(open_editor: OpenEditor) -> None:
    """To the tone; a page of black and white has none, and it is said."""
    page = open_editor("tones")
    load(page, drawn())
    tool(page, "tones").click()
    sheet = page.locator(".sheet")
    plain = Image.open(io.BytesIO(sheet.screenshot())).convert("RGB")
    page.locator("[name=brightness]").fill("-15")
    page.locator("[name=contrast]").fill("30")
    tried = Image.open(io.BytesIO(sheet.screenshot())).convert("RGB")
    page.locator(".panel .main").click()
    settle(page)
    assert [each["value"] for each in edits(page)] == [-150, 300]
    tool(page, "tones").click()
    made = Image.open(io.BytesIO(sheet.screenshot())).convert("RGB")
    # (40 - 38 - 128) * 1.9 + 128 is below black, (200 - 38 - 128) * 1.9 + 128 is 193.
    reds = content(page).getchannel("R")
    assert reds.getpixel((300, 305)) == 0
    assert reds.getpixel((300, 786)) == pytest.approx(193, abs=3)
    # They differ by what JPEG makes of edges.
    assert difference(tried, made) < 3
    assert difference(plain, made) > 9
    page.get_by_role("button", name="Gray").click()
    page.get_by_role("button", name="Black and white").click()
    assert ops(page)[2:] == ["grayscale", "black-white"]
    expect(page.get_by_text("has no tones to change")).to_be_visible()
    expect(page.locator("[name=brightness]")).to_be_disabled()
    assert page.evaluate(INFO)["mode"] == "1"


def test_zoom_and_pan_by_keys_wheel_mouse_and_fingers(open_editor: OpenEditor) -> None:
    """What is under the pointer stays there; the picture becomes sharper as it grows."""
    page = open_editor("zoom", context={"has_touch": True})
    load(page, drawn("first"), drawn("second"))
    stage, image = page.locator(".stage"), page.locator(".sheet img")
    percent = page.locator(".zoom")
    coarse = image.evaluate("each => each.naturalWidth")
    stage.focus()
    expect(tool(page, "fit")).to_have_attribute("aria-disabled", "true")
    for _ in range(12):
        stage.press("+")
    expect(percent).to_have_text("800%")
    stage.press("-")
    expect(percent).to_have_text("600%")
    expect(image).to_have_js_property("naturalWidth", 800)
    assert coarse < 800
    middle = place_of(stage)
    before = page.evaluate(UNDER, middle)
    stage.press("ArrowRight")
    assert page.evaluate(UNDER, middle)[0] > before[0]
    drag(page, middle, (70, 50))
    moved = page.evaluate(UNDER, middle)
    assert moved[0] < before[0] and moved[1] < before[1]
    page.keyboard.down("Control")
    corner = place_of(stage, 0.25, 0.25)
    under = page.evaluate(UNDER, corner)
    page.mouse.move(*corner)
    page.mouse.wheel(0, 60)
    page.keyboard.up("Control")
    expect(percent).not_to_have_text("600%")
    assert page.evaluate(UNDER, corner) == pytest.approx(under, abs=0.003)
    stage.press("0")
    expect(tool(page, "fit")).to_have_attribute("aria-disabled", "true")
    whole = page.locator(".sheet").bounding_box()
    _pinch(page, middle)
    expect(tool(page, "fit")).to_have_attribute("aria-disabled", "false")
    pinched = page.locator(".sheet").bounding_box()
    assert whole is not None and pinched is not None
    assert pinched["width"] / whole["width"] == pytest.approx(2, rel=0.05)
    assert page.evaluate(UNDER, middle) == pytest.approx([0.5, 0.5], abs=0.02)
    stage.press("0")
    stage.press("PageDown")
    expect(page.locator(".place")).to_have_text("2 / 2")
    expect(image).to_have_attribute("alt", "Page 2 of 2")
    expect(tool(page, "next")).to_have_attribute("aria-disabled", "true")
    tool(page, "previous").click()
    expect(image).to_have_attribute("alt", "Page 1 of 2")


def _pinch(page: Page, middle: tuple[float, float]) -> None:
    """Two fingers, 60 px apart and then 120."""
    session = page.context.new_cdp_session(page)
    x, y = middle
    for kind, spread in (("touchStart", 30), ("touchMove", 45), ("touchMove", 60)):
        points = [{"x": x - spread, "y": y, "id": 0}, {"x": x + spread, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def assert_well_made(page: Page) -> None:
    """Light and dark, and at 400 % nothing is to be scrolled sideways."""
    for scheme, rules in {"light": (), "dark": CONTRAST}.items():
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert (scheme, find_violations(page, *rules)) == (scheme, [])
    usual = page.viewport_size
    page.set_viewport_size({"width": 320, "height": 256})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert usual is not None
    page.set_viewport_size(usual)


def test_no_state_of_the_editor_has_an_axe_violation(open_editor: OpenEditor) -> None:
    """Empty, with a page, with each tool, in German from right to left, with a page that fails."""
    page = open_editor("states", lang="de", dir="rtl")
    assert_well_made(page)
    load(page, drawn(), drawn())
    assert_well_made(page)
    for name in ("crop", "erase", "tones"):
        tool(page, name).click()
        expect(page.locator(".panel")).to_be_visible()
        assert_well_made(page)
    left, right = tool(page, "next").bounding_box(), tool(page, "previous").bounding_box()
    assert left is not None and right is not None and left["x"] < right["x"]
    fault = {"error": "page_gone", "message": "The page is gone.", "code": -1, "statusCode": 404}
    page.route("**/content?**", lambda route: route.fulfill(status=404, json=fault))
    page.route("**/content", lambda route: route.fulfill(status=404, json=fault))
    tool(page, "rotate").first.click()
    alert = page.locator(".message")
    expect(alert).to_contain_text("Die Seite lässt sich nicht zeigen. The page is gone.")
    assert_well_made(page)
    page.unroute_all()
    alert.get_by_role("button", name="Erneut versuchen").click()
    settle(page)
    expect(alert).to_have_count(0)


def test_pictures_of_a_camera_become_pages(
    open_cameras: OpenCameras, open_editor: OpenEditor
) -> None:
    """By Enter alone: take, use, take, again, take, use; then with the other camera."""
    browser = open_cameras(CAMERAS, "--use-fake-ui-for-media-stream")
    page = open_editor("camera", browser=browser)
    page.locator("flatbed-camera .open").press("Enter")
    dialog = page.get_by_role("dialog", name="Take pages with a camera")
    expect(dialog.locator("[part=take]")).to_have_attribute("aria-disabled", "false")
    main = dialog.locator(".foot .main")
    page.keyboard.press("Enter")
    expect(main).to_have_text("Use picture")
    expect(dialog.locator("img")).to_be_visible()
    assert_well_made(page)
    dialog.get_by_role("button", name="Take again").press("Enter")
    expect(main).to_have_text("Take picture")
    expect(main).to_be_focused()
    page.keyboard.press("Enter")
    expect(main).to_have_text("Use picture")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("1 page added.")
    width, height = page.evaluate("desk.pages[0].info()")["sizePx"]
    # As if a sheet of A4, 297 mm, filled the picture.
    dpi = page.evaluate("desk.pages[0].info()")["dpi"][0]
    assert max(width, height) / dpi * 25.4 == pytest.approx(297, abs=1)
    assert page.evaluate("seen.pictures") == ["image/jpeg"]
    choice = dialog.get_by_role("combobox", name="Camera")
    choice.select_option(label="fake_device_1")
    expect(dialog.locator("[part=take]")).to_have_attribute("aria-disabled", "false")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("flatbed-camera .open")).to_be_focused()
    # It is remembered.
    page.locator("flatbed-camera .open").press("Enter")
    expect(choice.locator("option:checked")).to_have_text("fake_device_1")


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ((), "No camera is there. Connect one, then try again."),
        ((CAMERAS, "--deny-permission-prompts"), DENIED),
    ],
    ids=["missing", "denied"],
)
def test_camera_that_cannot_be_used_says_why(
    open_cameras: OpenCameras, open_editor: OpenEditor, flags: tuple[str, ...], sentence: str
) -> None:
    """And offers to try again, by keyboard at once."""
    browser = open_cameras(*flags)
    page = open_editor("no-camera", browser=browser)
    page.locator("flatbed-camera .open").click()
    expect(page.get_by_role("alert")).to_have_text(sentence)
    assert_well_made(page)
    retry = page.get_by_role("button", name="Try again")
    expect(retry).to_be_focused()
    retry.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(sentence)
    expect(retry).to_be_focused()
