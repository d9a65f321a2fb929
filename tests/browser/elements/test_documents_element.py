"""Documents, saving and the tools of add-ons: over a real service, whatever add-ons it has."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pypdfium2
import pytest
from PIL import Image, ImageSequence
from playwright.sync_api import Browser, Locator, Page, expect
from tests.browser.rig import PageServer
from tests.browser.studio import find_violations
from tests.conftest import MakeService
from tests.support.bench import feeder
from tests.support.client import ApiClient
from tests.support.service import LiveService
from tests.support.shelved import shelve

LIMIT_MS = 60_000
DOCUMENTS = "/api/storage/documents"
CONTRAST = ("color-contrast", "link-in-text-block")

# An add-on that nobody has heard of: settings of every type, answers of every kind.
ODD = """
import io
import threading

from flatbed.addon import TextLine, TextPage, TextWord, hookimpl


@hookimpl
def recognize_text(page, settings):
    words = ["Grüße", settings["language"]]
    found = [TextWord(text=each, box=(0, 0, 9, 9), confidence=1.0) for each in words]
    return TextPage(lines=[TextLine(words=found, box=(0, 0, 9, 9))], language="de")


@hookimpl
def process_page(operation, page, settings, out):
    if operation == "echo-settings":
        return settings
    if operation == "find-nothing":
        return []
    if operation == "cut-up":
        for _ in range(2):
            with out.new_page(size_px=(8, 8), dpi=(100, 100), mode="L", bits=8) as new:
                new.write_rows(b"\\xff" * 64)
        return None
    if operation == "go-on":
        for step in range(1, 1000):
            out.check_canceled()
            out.progress(step, 1000)
            threading.Event().wait(0.02)
    picture = io.BytesIO()
    page.open().convert("L").resize((40, 60)).save(picture, "PNG")
    with out.new_file("image/png") as file:
        file.write(picture.getvalue())
    return None
"""
ODD_MANIFEST = """
description = "Does odd things."

[operations.recognize-odd]
hook = "recognize_text"
help = "Read the text."
settings = { language = { type = "str", default = "eng", choices = ["eng", "deu"], help = "It." } }

[operations.echo-settings]
hook = "process_page"
help = "Say what was set."

[operations.echo-settings.settings]
is_on = { type = "bool", default = true, help = "A switch." }
count = { type = "int", minimum = 1, maximum = 9, unit = "px", help = "Needed." }
share = { type = "float", default = 0.5, unit = "mm", help = "A part." }
title = { type = "str", default = "", help = "A text." }
level = { type = "int", default = 0, choices = [0, 2], help = "2 best, 0 what suits." }
sides = { type = "list[str]", default = ["top"], choices = ["top", "left"], help = "Where." }
box = { type = "list[int]", default = [], unit = "px", help = "A box." }
names = { type = "list[str]", default = [], help = "Names." }

[operations.find-nothing]
hook = "process_page"

[operations.cut-up]
hook = "process_page"

[operations.draw-picture]
hook = "process_page"

[operations.go-on]
hook = "process_page"
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, site: PageServer) -> Iterator[LiveService]:
    """A feeder of five sheets, one of which has barcodes, and an add-on that is new to all."""
    settings = {
        "ADDONS__VIRTUAL__SHEETS": 5,
        "ALLOWED_ORIGINS": [site.origin],
    }
    service = LiveService(tmp_path_factory.mktemp("documents"), settings)
    shelve(service.data, "odd", ODD, ODD_MANIFEST)
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def api(service: LiveService, site: PageServer) -> Iterator[ApiClient]:
    """The page's author, looking at what the elements did."""
    yield service.client(site.origin)
    service.close_clients()


@contextmanager
def opened(
    browser: Browser, site: PageServer, service: LiveService, name: str, **wishes: Any
) -> Iterator[Page]:
    """A page over a document; whatever it logs as an error fails the test."""
    scheme = wishes.pop("color_scheme", "light")
    context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
    context.set_default_timeout(LIMIT_MS)
    errors: list[str] = []
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        query = urlencode({"ports": service.port, "document": name, **wishes})
        page.goto(f"{site.origin}/documents.html?{query}")
        until(page, "window.desk?.document !== undefined")
        yield page
        assert errors == []
    finally:
        context.close()


def until(page: Page, condition: str) -> None:
    """Wait for a condition; the browser's own way would need the page's policy to allow `eval`."""
    page.evaluate(f"""async () => {{
      const end = performance.now() + {LIMIT_MS};
      while (!({condition})) {{
        if (performance.now() > end) throw new Error({json.dumps(condition)});
        await new Promise((resolve) => setTimeout(resolve, 20));
      }}
    }}""")


def fill(page: Page, count: int) -> list[str]:
    """Scan into the open document, unless another test has; the uids of its pages."""
    page.evaluate("desk.refresh()")
    if not uids(page):
        page.evaluate("desk.scan({ source: 'feeder', dpi: 100 }).then(() => true)")
    until(page, f"desk.pages.length === {count} && !desk.isScanning")
    return uids(page)


def uids(page: Page) -> list[str]:
    """Of the pages of the open document, in their order."""
    return list(page.evaluate("desk.pages.map(({ uid }) => uid)"))


def choose(page: Page, *places: int) -> None:
    """Choose pages by their places from 1."""
    script = "places => desk.select(places.map((place) => desk.pages[place - 1].uid))"
    page.evaluate(script, list(places))


def assert_accessible(page: Page, state: str) -> None:
    """No violation as it is now, light and dark."""
    for scheme, rules in (("light", ()), ("dark", CONTRAST)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # both are schemes
        assert (state, scheme, find_violations(page, *rules)) == (state, scheme, [])


def save(page: Page, press: Callable[[], None]) -> tuple[str, bytes]:
    """What the browser stores when something is pressed: its name and its bytes."""
    with page.expect_download() as download:
        press()
    return download.value.suggested_filename, download.value.path().read_bytes()


def run(page: Page, name: str) -> Locator:
    """Open a tool by its name and start it as it stands; its dialog, with what it found."""
    page.get_by_role("button", name=name, exact=True).click()
    page.get_by_role("button", name="Start").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Once more")).to_be_visible(timeout=LIMIT_MS)
    return dialog


def test_documents_are_made_split_merged_opened_and_deleted(
    browser: Browser, site: PageServer, service: LiveService, api: ApiClient
) -> None:
    """With the pages where they belong afterwards, and one document always open."""
    with opened(browser, site, service, "Post") as page:
        scanned = fill(page, 5)
        choose(page, 2, 3)
        page.get_by_role("button", name="Split off 2 pages …").click()
        expect(page.get_by_label("Name")).to_be_focused()
        assert_accessible(page, "split")
        page.get_by_label("Name").fill("Invoices")
        page.keyboard.press("Enter")
        expect(page.locator("flatbed-notices")).to_contain_text("2 pages moved into “Invoices”.")
        assert uids(page) == [scanned[0], scanned[3], scanned[4]]
        split_off = page.get_by_role("button", name="Split off")
        expect(split_off).to_have_count(0)

        page.get_by_role("button", name="Document: Post, 3 pages. Open another one").click()
        rows = page.get_by_role("dialog").get_by_role("listitem")
        row = rows.filter(has_text="Invoices")
        expect(row).to_contain_text("2 pages")
        assert_accessible(page, "list")
        page.keyboard.press("Escape")
        choose(page, 2)
        page.get_by_role("button", name="Document: Post, 3 pages. Open another one").click()
        merge = "Add the pages of “Invoices” to the open document"
        page.get_by_role("button", name=merge).click()
        page.get_by_label("Before page 2").check()
        assert_accessible(page, "merge")
        page.get_by_role("button", name="Merge", exact=True).click()
        until(page, "desk.pages.length === 5")
        assert [uids(page)[place] for place in (0, 3, 4)] == [scanned[0], scanned[3], scanned[4]]

        page.get_by_role("button", name="Document: Post, 5 pages. Open another one").click()
        row.get_by_role("button", name="2 pages").click()
        until(page, "desk.document.name === 'Invoices' && desk.pages.length === 2")
        page.get_by_role("button", name="New document").click()
        page.get_by_label("Name").fill("Post")
        page.get_by_role("button", name="Create").click()
        until(page, "desk.document.name === 'Post 2'")

        page.get_by_role("button", name="Document: Post 2, 0 pages. Open another one").click()
        page.get_by_role("button", name="Delete “Post 2”").click()
        expect(page.get_by_role("button", name="Cancel")).to_be_focused()
        assert_accessible(page, "delete")
        page.get_by_role("button", name="Delete", exact=True).click()
        until(page, "desk.document.name === 'Post'")
        expect(rows.filter(has_text="Post 2")).to_have_count(0)
        expect(page.get_by_role("alert")).to_have_count(0)
        opens = [detail for kind, detail in page.evaluate("seen") if kind == "document-opened"]
        assert len(opens) == 4
    names = [(each.get("name"), each["pages"]) for each in api.get(DOCUMENTS).json()]
    assert sorted(names) == [("Invoices", 2), ("Post", 5)]


def test_pages_are_saved_as_every_kind_of_file(
    browser: Browser, site: PageServer, service: LiveService
) -> None:
    """All or some, with the settings that the writing add-on declares; faults stay in sight."""
    with opened(browser, site, service, "Letters/2026") as page:
        fill(page, 5)
        page.get_by_role("button", name="Save", exact=True).click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_text("More settings").click()
        dialog.get_by_label("Title").fill("Letters of March")
        dialog.get_by_label("Standard").select_option("pdf/a-2b")
        dialog.get_by_label("Password", exact=True).fill("secret")
        assert_accessible(page, "save")
        press = dialog.get_by_role("button", name="Save").click
        press()
        expect(dialog.get_by_role("alert")).to_contain_text("password")
        dialog.get_by_label("Password", exact=True).fill("")
        name, data = save(page, press)
        assert name == "Letters-2026.pdf"
        pdf = pypdfium2.PdfDocument(data)
        assert (len(pdf), pdf.get_metadata_value("Title")) == (5, "Letters of March")
        assert b"pdfaid" in data
        expect(dialog).to_have_count(0)
        expect(page.locator("flatbed-notices")).to_contain_text("“Letters-2026.pdf” is saved.")

        choose(page, 5, 1)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(dialog.get_by_label("Standard")).to_have_value("pdf/a-2b")
        expect(dialog.get_by_label("Title")).to_have_value("")
        dialog.get_by_label("TIFF").check()
        expect(dialog.get_by_label("The chosen ones, 2 pages")).to_be_checked()
        name, data = save(page, press)
        frames = ImageSequence.Iterator(Image.open(io.BytesIO(data)))
        assert (name, len(list(frames))) == ("Letters-2026.tif", 2)

        page.get_by_role("button", name="Save", exact=True).click()
        dialog.get_by_label("JPEG").check()
        expect(dialog).to_contain_text("Several pages come in one zip file.")
        dialog.get_by_text("More settings").click()
        dialog.get_by_label("Width").fill("100")
        name, data = save(page, press)
        packed = zipfile.ZipFile(io.BytesIO(data))
        assert name == "Letters-2026.zip"
        assert packed.namelist() == ["Letters-2026-001.jpg", "Letters-2026-002.jpg"]
        assert Image.open(packed.open(packed.namelist()[1])).width == 100

        page.get_by_role("button", name="Save", exact=True).click()
        dialog.get_by_label("PNG").check()
        page.evaluate("document.addEventListener('flatbed-save', (e) => e.preventDefault())")
        choose(page, 1)
        dialog.get_by_label("The chosen ones, 1 page").check()
        press()
        expect(dialog).to_have_count(0)
        script = "seen.at(-1)[1].arrayBuffer().then((it) => [...new Uint8Array(it)].slice(0, 4))"
        assert page.evaluate("seen.at(-1)[1].name") == "Letters-2026.png"
        assert bytes(page.evaluate(script)) == b"\x89PNG"


@pytest.mark.parametrize(
    ("state", "sentence", "command"),
    [
        ("missing", "is not installed on this computer", "flatbed addons install pdf"),
        ("disabled", "is switched off", "flatbed addons enable pdf"),
    ],
)
def test_kind_that_no_add_on_writes_says_how_to_get_it(
    browser: Browser,
    site: PageServer,
    service: LiveService,
    state: str,
    sentence: str,
    command: str,
) -> None:
    """Other kinds can be saved meanwhile; once the add-on is there, so can this one."""

    with opened(browser, site, service, "Letters/2026", lack=state) as page:
        fill(page, 5)
        page.get_by_role("button", name="Save", exact=True).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("status")).to_contain_text(sentence)
        expect(dialog.locator("code")).to_have_text(command)
        expect(dialog.get_by_role("button", name="Save")).to_be_disabled()
        assert_accessible(page, state)
        dialog.get_by_label("TIFF").check()
        expect(dialog.get_by_role("button", name="Save")).to_be_enabled()
        dialog.get_by_label("PDF").check()
        # At once: whoever comes back to the window has it looked at, too.
        again = dialog.get_by_role("button", name="Check again")
        again.evaluate("each => { window.lack = null; each.click(); }")
        expect(dialog.locator("code")).to_have_count(0)
        expect(dialog.get_by_role("button", name="Save")).to_be_enabled()


def test_tools_of_an_unheard_of_add_on_are_set_run_and_read(
    browser: Browser, site: PageServer, service: LiveService
) -> None:
    """Settings of every type reach it as what they are, and nothing goes without those needed."""
    with opened(browser, site, service, "Odd") as page:
        fill(page, 5)
        choose(page, 1)
        page.get_by_role("button", name="Echo settings").click()
        dialog = page.get_by_role("dialog")
        assert_accessible(page, "tool")
        dialog.get_by_role("button", name="Start").click()
        expect(dialog.get_by_role("button", name="Start")).to_be_visible()
        assert dialog.get_by_label("Count").evaluate("it => it.validity.valueMissing")
        dialog.get_by_label("Count").fill("7")
        dialog.get_by_label("Is on").uncheck()
        dialog.get_by_label("Share").fill("0.25")
        dialog.get_by_label("Title").fill("Grüße, Ana")
        dialog.get_by_label("Level").select_option("2 \N{EN DASH} best")
        dialog.get_by_label("left").check()
        dialog.get_by_label("Box").fill("1, 2 3;4")
        dialog.get_by_label("Names").fill("Ana Bo, Cy")
        dialog.get_by_role("button", name="Start").click()
        expect(dialog.locator("tbody td").first).to_have_text("1")
        expect(dialog.get_by_role("button", name="Close").last).to_be_focused()
        assert_accessible(page, "result")
        assert page.evaluate("seen.at(-1)") == [
            "tool-result",
            {
                "addon": "odd",
                "tool": "echo-settings",
                "result": {
                    "is_on": False,
                    "count": 7,
                    "share": 0.25,
                    "title": "Grüße, Ana",
                    "level": 2,
                    "sides": ["top", "left"],
                    "box": [1, 2, 3, 4],
                    "names": ["Ana Bo", "Cy"],
                },
            },
        ]
        assert dialog.locator("tbody td").all_inner_texts() == [
            *("1", "No", "7", "0.25", "Grüße, Ana", "2", "top, left", "1, 2, 3, 4", "Ana Bo, Cy"),
        ]
        page.keyboard.press("Escape")
        expect(page.get_by_role("button", name="Echo settings")).to_be_focused()


def test_whatever_a_tool_answers_can_be_read(
    browser: Browser, site: PageServer, service: LiveService
) -> None:
    """Texts, nothing, new pages, a picture; what was chosen of a setting is chosen again."""
    with opened(browser, site, service, "Odd") as page:
        fill(page, 5)
        dialog = page.get_by_role("dialog")
        choose(page, 2, 3)
        page.get_by_role("button", name="Recognize odd").click()
        dialog.get_by_label("Language").select_option("deu")
        dialog.get_by_role("button", name="Start").click()
        expect(dialog.locator("pre")).to_have_text(["Grüße deu", "Grüße deu"])
        assert_accessible(page, "texts")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Recognize odd").click()
        expect(dialog.get_by_label("Language")).to_have_value("deu")
        page.keyboard.press("Escape")

        expect(run(page, "Find nothing")).to_contain_text(
            "Nothing was found on pages 2\N{EN DASH}3."
        )
        page.keyboard.press("Escape")
        before = uids(page)
        expect(run(page, "Cut up")).to_contain_text("4 new pages")
        dialog.get_by_role("button", name="Add to the document").click()
        until(page, "desk.pages.length === 9")
        after = uids(page)
        assert [after[0], after[1], after[4], *after[7:]] == before
        page.keyboard.press("Escape")
        choose(page, 1)
        picture = run(page, "Draw picture").locator("img")
        assert picture.evaluate("it => it.decode().then(() => it.naturalWidth)") == 40
        name, data = save(page, dialog.get_by_role("button", name="Save file").click)
        assert (name, data[:4]) == ("draw-picture.png", b"\x89PNG")
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Go on").click()
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("progressbar")).to_have_attribute("max", "1000")
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        assert_accessible(page, "progress")
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("button", name="Start")).to_be_focused()
        expect(dialog.get_by_role("alert")).to_have_count(0)


def test_operations_and_edits_of_all_add_ons_are_there(
    browser: Browser, site: PageServer, service: LiveService
) -> None:
    """In a table, in new documents that can be opened, on the pages; in German, too."""
    with opened(browser, site, service, "Codes", lang="de") as page:
        fill(page, 5)
        choose(page, 4)
        page.get_by_role("button", name="Read barcode").click()
        page.get_by_role("button", name="Starten").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("tbody tr").first).to_contain_text("FLB0048221077359016")
        headings = dialog.locator("th").all_inner_texts()
        assert headings[:2] == ["Seite", "Barcode text"]
        page.keyboard.press("Escape")

        page.get_by_role("button", name="Split document").click()
        dialog.get_by_label("patch-t").uncheck()
        dialog.get_by_label("code", exact=True).check()
        dialog.get_by_label("Effort").select_option("speed")
        dialog.get_by_role("button", name="Starten").click()
        made = dialog.get_by_role("listitem").filter(has_text="FLB0048221077359016").first
        made.get_by_role("button", name="Öffnen").click()
        until(page, "desk.document.name.startsWith('FLB')")
        expect(dialog).to_have_count(0)

        page.get_by_text("Änderungen an Seiten").first.click()
        page.get_by_role("button", name="Rotate", exact=True).click()
        dialog.get_by_label("Angle").fill("90")
        before = page.evaluate("desk.pages[0].info().then(({ sizePx }) => sizePx)")
        dialog.get_by_role("button", name="Starten").click()
        expect(dialog.get_by_role("status")).to_contain_text("Rückgängig nimmt es zurück.")
        assert page.evaluate("desk.pages[0].info().then(({ sizePx }) => sizePx)") == before[::-1]


def test_pages_that_a_crash_left_are_offered(
    browser: Browser, site: PageServer, make_service: MakeService
) -> None:
    """Those of a document are kept in it; those without one come into the open one, or go."""
    service = make_service(
        ADDONS__VIRTUAL__NAMES=["One", "Two", "Three"],
        ADDONS__VIRTUAL__FAULTS=["hang@2!#1", "hang@3!#2", "hang@4!#3"],
        ALLOWED_ORIGINS=[site.origin],
    )
    api = service.client(site.origin)
    document = api.ask("POST", DOCUMENTS, 201, json={"name": "Files"}).json()["uid"]
    _cut_off(
        service,
        api,
        {"device": "One"},
        {"device": "Two", "document": document},
        {"device": "Three"},
    )
    with opened(browser, site, service, "Post") as page:
        page.get_by_role("button", name="Recovered: 6 pages").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("The scan into “Files” was cut off. Its 2 pages are safe.")
        assert_accessible(page, "recovered")
        alone = dialog.locator(".one").filter(has_text="A scan was cut off.")
        alone.filter(has_text="1 page").get_by_role("button", name="Add to this document").click()
        expect(alone).to_have_count(1)
        assert len(uids(page)) == 1
        alone.get_by_role("button", name="Delete …").click()
        expect(dialog).to_contain_text("3 pages will be gone. This cannot be undone.")
        dialog.get_by_role("button", name="Delete", exact=True).click()
        expect(alone).to_have_count(0)
        dialog.get_by_role("button", name="Keep and open").click()
        until(page, "desk.document.name === 'Files' && desk.pages.length === 2")
        expect(dialog).to_have_count(0)
        expect(page.get_by_role("button", name="Recovered")).to_have_count(0)
    assert api.get("/api/storage/recovered").json() == []


def _cut_off(service: LiveService, api: ApiClient, *wishes: dict[str, str]) -> None:
    """Have scans lose their service and their workers; the first after a page, and so on."""
    jobs = [api.scan(config=feeder(), **each) for each in wishes]
    for place, job in enumerate(jobs):
        api.wait_for_page(job, place)
    workers = [service.scanning_worker(job) for job in jobs]
    service.kill()
    for worker in workers:
        worker.kill()
        worker.wait(20)
    service.restart()
    for job in jobs:
        api.wait_for(job, "faulted")
