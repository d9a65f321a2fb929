"""The examples in JavaScript and TypeScript of the documents, run as they stand there."""

from __future__ import annotations

import functools
import io
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pypdfium2 as pdfium
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route
from tests.browser.example_desk import KINDS, Desk, compile_examples, examples
from tests.browser.rig import ROOT
from tests.conftest import MakeService
from tests.support.service import LiveService
from tests.support.shelved import shelve

LIMIT_MS = 30_000
SHEETS = 3
SETTINGS: Mapping[str, object] = {
    # Examples look where services are by default.
    "PORT": 18622,
    "STATUS_PORT": 18625,
    "ADDONS__VIRTUAL__SHEETS": SHEETS,
    "ADDONS__VIRTUAL__PAPER_MM": [74, 105],
}

CLIENT = "client/README.md"
HTTP = "docs/http-api.md"
START, BUNDLED, SHOW, TEXTS, MOCK = range(5)
WISH = '"barcode>=0.1"'


@pytest.fixture
def desk() -> Iterator[Desk]:
    """An author's site for one test."""
    with Desk() as desk:
        yield desk
        desk.shutdown()


@pytest.fixture
def service(default_ports: None, make_service: MakeService, desk: Desk) -> LiveService:
    """One that lets the site in, with a few small sheets in its feeder."""
    return make_service(ALLOWED_ORIGINS=[desk.origin], **SETTINGS)


def let_through(route: Route, *, own: str) -> None:
    """Let a page find the test's own service, and no other that runs on this machine."""
    if route.request.url == own:
        route.continue_()
    else:
        route.abort()


OpenExample = Callable[..., Page]


@pytest.fixture
def open_example(browser: Browser, desk: Desk) -> Iterator[OpenExample]:
    """Opens the site's page with an example; of the services that run it sees one at most."""
    opened: list[BrowserContext] = []

    def open_example(
        example: str, service: LiveService | None = None, *, names: str = "", **options: Any
    ) -> Page:
        desk.files["/example.js"] = f"{example}\nwindow.example = {{ {names} }};\n"
        context = browser.new_context(**options)
        opened.append(context)
        url = service.url if service else ""
        context.route("**/api/hello", functools.partial(let_through, own=f"{url}/api/hello"))
        page = context.new_page()
        page.goto(f"{desk.origin}/?base={url}/api")
        return page

    yield open_example
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def client_examples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[int, str]:
    """Those of the client's document in their order there, as a browser takes them."""
    compiled = compile_examples(examples(CLIENT, "ts"), tmp_path_factory.mktemp("examples"))
    (bundled,) = examples(CLIENT, "html")
    return dict(zip((START, SHOW, TEXTS, MOCK), compiled, strict=True)) | {BUNDLED: bundled}


def scan(page: Page, desk: Desk) -> int:
    """Click on Scan, and wait for what arrives at the inbox; how many pages it has."""
    # Set once the page has asked whether the service lets it in.
    page.wait_for_function("scanButton.onclick !== null", timeout=LIMIT_MS)
    with page.expect_response("**/inbox", timeout=LIMIT_MS):
        page.click("#scanButton")
    kind, data = desk.inbox.get_nowait()
    assert kind == "application/pdf"
    assert page.evaluate("seen.errors") == []
    with pdfium.PdfDocument(io.BytesIO(data)) as document:
        return len(document)


def pictures(page: Page) -> int:
    """How many pictures the gallery shows that are really there."""
    script = "all => all.filter(each => each.complete && each.naturalWidth > 0).length"
    return int(page.locator("#gallery img").evaluate_all(script))


def test_every_example_has_its_test() -> None:
    """Of a new one somebody has to say here what it does."""
    documents = [ROOT / "README.md", *ROOT.glob("client/*.md"), *ROOT.glob("docs/**/*.md")]
    found = {
        str(each.relative_to(ROOT)): len(examples(each, *KINDS))
        for each in documents
        if examples(each, *KINDS)
    }
    assert found == {"README.md": 1, CLIENT: 5, HTTP: 2}


def test_readme_scans_into_the_inbox(
    service: LiveService, desk: Desk, open_example: OpenExample
) -> None:
    """Every sheet in the gallery, and one PDF of them."""
    (example,) = examples("README.md", "js", "ts")
    page = open_example(example, service)
    assert (scan(page, desk), pictures(page)) == (SHEETS, SHEETS)


def test_client_scans_into_the_inbox(
    service: LiveService,
    desk: Desk,
    open_example: OpenExample,
    client_examples: Mapping[int, str],
) -> None:
    """Its first example, with a banner that has been told."""
    page = open_example(client_examples[START], service)
    assert (scan(page, desk), pictures(page)) == (SHEETS, SHEETS)
    assert page.evaluate("seen.states.at(-1)") == "ready"
    assert page.evaluate("seen.questions") == []


@pytest.mark.parametrize(("answer", "sheets"), [("true", SHEETS), ("false", 1)])
def test_client_asks_when_a_scan_pauses(
    answer: str,
    sheets: int,
    desk: Desk,
    make_service: MakeService,
    open_example: OpenExample,
    client_examples: Mapping[int, str],
) -> None:
    """After a jam the scan goes on or ends as the person says; its pages are there."""
    faults = {"ADDONS__VIRTUAL__FAULTS": ["jam@2"]}
    service = make_service(ALLOWED_ORIGINS=[desk.origin], **SETTINGS, **faults)
    page = open_example(client_examples[START], service)
    page.evaluate(f"answers.push({answer})")
    assert (scan(page, desk), pictures(page)) == (sheets, sheets)
    (question,) = page.evaluate("seen.questions")
    assert question.startswith("Paper is stuck in the feeder.")


def test_client_names_the_add_on_that_is_too_old(
    service: LiveService, open_example: OpenExample, client_examples: Mapping[int, str]
) -> None:
    """The banner is told, and the click fails with what to install."""
    page = open_example(client_examples[START].replace(WISH, '"barcode>=1"'), service)
    page.wait_for_function("scanButton.onclick !== null", timeout=LIMIT_MS)
    assert page.evaluate("seen.states.at(-1)") == "version"
    page.click("#scanButton")
    page.wait_for_function("seen.errors.length", timeout=LIMIT_MS)
    (error,) = page.evaluate("seen.errors")
    assert (error["name"], error["code"]) == ("FlatbedError", "addon_unfit")
    assert "barcode>=1" in error["message"]
    assert service.stored_jobs() == []


def test_client_scans_with_a_newer_add_on(
    service: LiveService,
    desk: Desk,
    open_example: OpenExample,
    client_examples: Mapping[int, str],
) -> None:
    """The same wish where a version that fits has been installed."""
    shelve(service.data, "barcode", "", version="1.0")
    page = open_example(client_examples[START].replace(WISH, '"barcode>=1"'), service)
    assert (scan(page, desk), pictures(page)) == (SHEETS, SHEETS)


def test_client_without_a_bundler(
    service: LiveService,
    desk: Desk,
    open_example: OpenExample,
    client_examples: Mapping[int, str],
) -> None:
    """The script makes a name of its own."""
    page = open_example("", service)
    desk.files["/bundled.html"] = client_examples[BUNDLED]
    page.goto(f"{desk.origin}/bundled.html")
    assert page.evaluate("flatbed.reconnect().then(({ name }) => name)") == "ready"


def test_client_shows_a_state(
    service: LiveService, open_example: OpenExample, client_examples: Mapping[int, str]
) -> None:
    """A sentence, and a button that acts where there is an action."""
    page = open_example(client_examples[SHOW], service, names="show")
    page.wait_for_function("window.example", timeout=LIMIT_MS)
    page.evaluate(
        """() => {
          const run = () => seen.states.push("acted");
          example.show({ name: "consent", sentence: "May we?", action: { label: "Ask", run } });
        }"""
    )
    assert (page.inner_text("#text"), page.inner_text("#button")) == ("May we?", "Ask")
    page.click("#button")
    assert page.evaluate("seen.states") == ["acted"]
    page.evaluate("example.show({ name: 'ready', sentence: 'Go on.' })")
    assert page.inner_text("#text") == "Go on."
    assert page.locator("#button").is_hidden()


def test_client_speaks_in_the_authors_name(
    open_example: OpenExample, client_examples: Mapping[int, str]
) -> None:
    """Where nothing is installed: the author's sentence, and the link to the author's installer."""
    windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0"
    page = open_example(client_examples[TEXTS], names="flatbed", user_agent=windows)
    page.wait_for_function("window.example", timeout=LIMIT_MS)
    state = page.evaluate("example.flatbed.reconnect().then(({ name }) => name)")
    assert state == "missing"
    assert page.evaluate("example.flatbed.state.sentence") == "Contoso Scan is not here yet."
    href = page.evaluate("example.flatbed.state.action.href")
    assert href == "https://contoso.example/scan.msi"


def test_client_is_tested_without_a_service(
    open_example: OpenExample, client_examples: Mapping[int, str]
) -> None:
    """Ready at once, with as many drawn pages as the document says."""
    page = open_example(client_examples[MOCK], names="flatbed")
    page.wait_for_function("window.example", timeout=LIMIT_MS)
    script = """async () => {
      const doc = await example.flatbed.documents.create();
      const job = await doc.scan({ source: "feeder" });
      const pages = [];
      for await (const page of job.pages()) pages.push(page.uid);
      return [example.flatbed.state.name, pages.length];
    }"""
    assert page.evaluate(script) == ["ready", 3]


def test_http_api_asks_to_be_let_in(
    desk: Desk, make_service: MakeService, open_example: OpenExample
) -> None:
    """The request waits, the person answers, the page hears of it."""
    service = make_service(**SETTINGS)
    page = open_example(examples(HTTP, "js")[0], service, names="asked, answer")
    person = service.client()
    service.events.wait_for(lambda event: event.type == "origin.asked")
    (waiting,) = person.get("/api/pair").json()
    assert (waiting["origin"], waiting["name"]) == (desk.origin, "Invoices")
    states = [(each["name"], each["state"]) for each in waiting["addons"]]
    assert states == [("pdf", "ready"), ("barcode", "unfit")]
    path = f"/api/pair/{waiting['id']}"
    person.ask("PATCH", path, 200, json={"decision": "once"})
    page.wait_for_function("window.example", timeout=LIMIT_MS)
    asked, answer = page.evaluate("[example.asked, example.answer]")
    assert (asked["status"], asked["code"]) == ("waiting", waiting["code"])
    assert (answer["status"], answer["kept"]) == ("granted", "once")


def test_http_api_keeps_people_of_one_page_apart(
    service: LiveService, open_example: OpenExample
) -> None:
    """What one of them makes, and hears of, is there for nobody else."""
    page = open_example("", service)
    made = """async (subject) => {
      const headers = { "Content-Type": "application/json", "Flatbed-Subject": subject };
      const init = { method: "POST", headers, body: JSON.stringify({ name: subject }) };
      return (await fetch(`${base}/storage/documents`, init)).status;
    }"""
    example = examples(HTTP, "js")[1]
    with page.expect_response("**/storage/documents") as listed, page.expect_websocket() as opened:
        page.evaluate(f"() => {{ {example} }}")
    assert listed.value.status == 200
    assert listed.value.request.headers["flatbed-subject"] == "ana"
    # Scanners that appear are told everybody.
    with opened.value.expect_event(
        "framereceived",
        predicate=lambda frame: json.loads(frame)["type"] == "document.changed",
        timeout=LIMIT_MS,
    ) as frame:
        assert [page.evaluate(made, each) for each in ("ben", "ana")] == [201, 201]
    event = json.loads(frame.value)
    listing = """subject => fetch(`${base}/storage/documents`,
      { headers: { "Flatbed-Subject": subject } }).then((answer) => answer.json())"""
    found = [page.evaluate(listing, each) for each in ("ana", "ben")]
    assert [[each["name"] for each in own] for own in found] == [["ana"], ["ben"]]
    assert event["subject"] == found[0][0]["uid"]
