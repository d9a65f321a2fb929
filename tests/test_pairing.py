"""A page asks to be let in: from its question over a person's answer to the end of its grant."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import httpx
import pytest

from .conftest import MakeService
from .support.bench import GRANTED
from .support.client import JOBS, NO_CERTIFICATES, ApiClient, Json, together
from .support.events import EventStream
from .support.service import LiveService
from .support.shelved import shelve

PAIR, ORIGINS = "/api/pair", "/api/origins"
ASKING, OTHER, EVIL = "https://asking.example", "https://other.example", "https://evil.example"
LIMIT_S = 20


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service that lets one origin in by its configuration."""
    running = LiveService(tmp_path_factory.mktemp("pairing"), {"ALLOWED_ORIGINS": [GRANTED]})
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture
def person(service: LiveService) -> Iterator[ApiClient]:
    """Who decides; nothing is decided nor waits at the beginning."""
    person = service.client()
    for each in person.get(PAIR).json():
        decide(person, each["id"], "once")
    for each in person.get(ORIGINS).json():
        if each["state"] != "configured":
            revoke(person, each["origin"])
    yield person
    service.close_clients()


def ask(page: ApiClient, expected: int = 201, **body: object) -> Json:
    """Ask to be let in."""
    found: Json = page.ask("POST", PAIR, expected, json=body).json()
    return found


def decide(person: ApiClient, uid: str, decision: str, expected: int = 200) -> Json:
    """Answer for the person."""
    body = {"decision": decision}
    found: Json = person.ask("PATCH", f"{PAIR}/{uid}", expected, json=body).json()
    return found


def revoke(person: ApiClient, origin: str, expected: int = 204) -> httpx.Response:
    """Take a grant or a block back."""
    return person.ask("DELETE", f"{ORIGINS}/{quote(origin, safe='')}", expected)


def states(person: ApiClient) -> dict[str, str]:
    """What is decided, but for what the configuration says."""
    found = {each["origin"]: each["state"] for each in person.get(ORIGINS).json()}
    return {origin: state for origin, state in found.items() if state != "configured"}


def may_scan(page: ApiClient) -> bool:
    """Whether a page is let in."""
    answer = page.ask("GET", "/api/device/scanners")
    assert answer.status_code in (200, 403)
    return answer.status_code == 200


@pytest.mark.parametrize("kept", ["once", "always"])
def test_page_that_asks_is_let_in_by_the_answer(
    kept: str, service: LiveService, person: ApiClient
) -> None:
    """It waits for the answer with one request, and the next one scans."""
    page = service.client(ASKING)
    asked = ask(page, name="Invoices", addons=["imaging", "barcode>=900"])
    assert asked["status"] == "waiting"
    assert asked["url"] == f"{service.url}/consent/{asked['id']}"
    assert not may_scan(page)
    (shown,) = person.get(PAIR).json()
    assert (shown["origin"], shown["name"], shown["code"]) == (ASKING, "Invoices", asked["code"])
    imaging, barcode = shown["addons"]
    assert imaging.pop("description").startswith("Edits pages, and reads and writes PNG")
    assert imaging == {"name": "imaging", "installed": True, "state": "ready"}
    assert barcode == {"name": "barcode", "installed": False, "state": "unfit"}
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(page.get, f"{PAIR}/{asked['id']}?wait=30")
        decide(person, asked["id"], kept)
        answer = waiting.result(LIMIT_S).json()
    assert (answer["status"], answer["kept"], answer["id"]) == ("granted", kept, asked["id"])
    assert may_scan(page)
    assert page.scan(autoRun=False)
    assert ask(page, 200) == {"status": "granted"}
    assert person.get(PAIR).json() == []
    (entry,) = [each for each in person.get(ORIGINS).json() if each["origin"] == ASKING]
    assert (entry["state"], entry["name"]) == (kept, "Invoices")
    assert entry["lastUsed"] > entry["since"]


def test_add_ons_that_cannot_be_used_say_why(make_service: MakeService) -> None:
    """Switched off, switched off in another version, broken, not there; none is `installed`."""
    service = make_service(ADDONS__PDF__ENABLED=False)
    shelve(service.data, "broken", "import nothing_of_that_name", 'core_api = "9.0"')
    wanted = ["pdf>=0.1", "imaging", "broken", "nothing-of-that-name"]
    page, person = service.client(ASKING), service.client()
    ask(page, addons=wanted)
    (shown,) = person.get(PAIR).json()
    assert [(each["name"], each["installed"], each["state"]) for each in shown["addons"]] == [
        ("pdf", False, "disabled"),
        ("imaging", True, "ready"),
        ("broken", False, "unfit"),
        ("nothing-of-that-name", False, "missing"),
    ]
    assert ["description" in each for each in shown["addons"]] == [True, True, False, False]
    ask(page, 200, addons=["pdf>=900"])
    (shown,) = person.get(PAIR).json()
    assert shown["addons"] == [{"name": "pdf", "installed": False, "state": "unfit"}]


def test_page_that_was_blocked_is_told_so_and_asks_nobody(
    service: LiveService, person: ApiClient
) -> None:
    """It may read that, and nothing appears before the person again."""
    page = service.client(ASKING)
    uid = ask(page)["id"]
    blocked = decide(person, uid, "block")
    assert (blocked["status"], "kept" in blocked) == ("blocked", False)
    assert page.get(f"{PAIR}/{uid}").json()["status"] == "blocked"
    refusal = page.refusal("POST", PAIR, 403, json={})
    assert refusal["error"] == "origin_blocked"
    assert refusal["message"] == (
        "This page was blocked here. Unblock it on Flatbed's status page."
    )
    assert not may_scan(page)
    assert person.get(PAIR).json() == []
    revoke(person, ASKING)
    ask(page)


def test_request_that_is_answered_cannot_be_answered_again(
    service: LiveService, person: ApiClient
) -> None:
    """Whatever the second answer is, the first holds."""
    page = service.client(ASKING)
    uid = ask(page)["id"]
    decide(person, uid, "block")
    for decision in ("always", "once", "block"):
        refusal = decide(person, uid, decision, 409)
        assert (refusal["code"], refusal["error"]) == (-1011, "pairing_ended")
    assert not may_scan(page)
    assert person.refusal("PATCH", f"{PAIR}/{'0' * 32}", 404, json={"decision": "once"})
    assert decide(person, uid, "yes", 400)["error"] == "invalid_input"


def test_request_that_nobody_answers_expires(make_service: MakeService) -> None:
    """The page hears it while it waits, the answer comes too late, and it may ask again."""
    service = make_service(PAIRING_S=0.3)
    page, person = service.client(ASKING), service.client()
    asked = ask(page)
    answer = page.get(f"{PAIR}/{asked['id']}?wait=30").json()
    assert (answer["status"], "kept" in answer) == ("expired", False)
    assert decide(person, asked["id"], "always", 409)["error"] == "pairing_ended"
    assert (person.get(PAIR).json(), states(person)) == ([], {})
    assert ask(page)["id"] != asked["id"]


def test_grant_for_once_ends_with_the_service_and_the_others_stay(
    make_service: MakeService,
) -> None:
    """Also when the service is killed; what waited has to be asked again."""
    service = make_service()
    person = service.client()
    pages = {
        name: service.client(f"https://{name}.example") for name in ("once", "always", "block")
    }
    for decision, page in pages.items():
        decide(person, ask(page, name=f"It {decision}")["id"], decision)
    assert may_scan(pages["always"])
    before = decisions_of(person)
    used = {each["origin"]: each.get("lastUsed") for each in before}
    for end in (service.stop, service.kill):
        left = ask(service.client(ASKING))["id"]
        end()
        service.restart()
        after = decisions_of(person)
        assert [each["state"] for each in after] == ["always", "blocked"]
        assert [each["name"] for each in after] == ["It always", "It block"]
        assert {each["origin"]: each.get("lastUsed") for each in after}.items() < used.items()
        assert [may_scan(page) for page in pages.values()] == [False, True, False]
        assert person.refusal("GET", f"{PAIR}/{left}", 404)["error"] == "pairing_not_found"
        assert pages["block"].refusal("POST", PAIR, 403, json={})["error"] == "origin_blocked"


def decisions_of(person: ApiClient) -> list[Json]:
    """What is decided, with everything that is told of it."""
    found: list[Json] = person.get(ORIGINS).json()
    return found


@pytest.mark.parametrize("how", ["revoked", "blocked"])
def test_open_socket_of_a_page_that_is_let_in_no_more_is_cut(
    how: str, service: LiveService, person: ApiClient
) -> None:
    """With its own code, those of others stay; its scan goes on and stays its own."""
    page = service.client(ASKING)
    decide(person, ask(page)["id"], "always")
    job = page.scan(autoRun=False)
    url = f"{service.url}/api/events?after=0"
    with (
        EventStream(url, {"Origin": ASKING}) as cut,
        EventStream(url, {"Origin": GRANTED}) as granted,
        EventStream(url) as local,
    ):
        if how == "revoked":
            revoke(person, ASKING)
        else:
            person.ask("POST", ORIGINS, 201, json={"origin": ASKING, "state": "blocked"})
        assert cut.wait_for_close() == 4403
        assert not may_scan(page)
        told = local.wait_for(lambda event: event.data.get("state") == how)
        assert (told.type, told.subject) == ("origin.changed", ASKING)
        assert granted.close_code is None
        assert [
            each.type for each in cut.received + granted.received if "origin" in each.type
        ] == []
    assert person.job(job)["status"] == "pending"
    person.delete(job)
    page.created.clear()


def test_asking_is_told_to_local_callers_alone(service: LiveService, person: ApiClient) -> None:
    """The status page shows it at once; no website hears which others are used here."""
    url = f"{service.url}/api/events"
    with EventStream(url) as local, EventStream(url, {"Origin": GRANTED}) as granted:
        asked = ask(service.client(ASKING))
        told = local.wait_for(lambda event: event.type == "origin.asked")
        assert (told.subject, told.data) == (asked["id"], {"origin": ASKING})
        # An event of its own comes after it, so whatever there was before has come.
        page = service.client(GRANTED)
        uid = page.scan(autoRun=False)
        granted.wait_for(lambda event: event.subject == uid)
        assert [each for each in granted.received if each.type.startswith("origin.")] == []


def test_origin_without_a_grant_reaches_nothing_but_hello_and_its_own_request(
    service: LiveService, person: ApiClient
) -> None:
    """It neither decides nor lists nor reads what another asks for."""
    page, other = service.client(ASKING), service.client(OTHER)
    uid, others = ask(page)["id"], ask(other)["id"]
    assert page.ask("GET", "/api/hello", 200).json()["yours"] is True
    assert page.get(f"{PAIR}/{uid}").json()["origin"] == ASKING
    refusal = page.refusal("GET", f"{PAIR}/{others}", 404)
    nothing = page.refusal("GET", f"{PAIR}/{'0' * 32}", 404)
    assert refusal == nothing
    assert (refusal["code"], refusal["error"]) == (-1040, "pairing_not_found")
    quoted = quote(ASKING, safe="")
    for verb, path, body in (
        ("PATCH", f"{PAIR}/{uid}", {"decision": "always"}),
        ("GET", PAIR, None),
        ("GET", ORIGINS, None),
        ("POST", ORIGINS, {"origin": ASKING, "state": "always"}),
        ("DELETE", f"{ORIGINS}/{quoted}", None),
        ("GET", "/api/events", None),
        ("GET", "/api/openapi.json", None),
        ("POST", JOBS, {}),
    ):
        for caller in (page, service.client(GRANTED) if verb != "GET" and path != JOBS else page):
            assert caller.refusal(verb, path, 403, json=body)["error"] == "origin_blocked"
    assert states(person) == {}
    assert person.get(f"{PAIR}/{uid}").json()["status"] == "waiting"


def test_granted_origin_cannot_read_what_another_asks_for(
    service: LiveService, person: ApiClient
) -> None:
    """A grant is for scanning, not for knowing which other websites are used."""
    uid = ask(service.client(ASKING))["id"]
    granted = service.client(GRANTED)
    assert granted.refusal("GET", f"{PAIR}/{uid}", 404)["error"] == "pairing_not_found"
    assert ask(granted, 200) == {"status": "granted"}
    assert len(person.get(PAIR).json()) == 1


def test_page_that_asks_in_a_loop_is_one_line_and_many_pages_are_few(
    service: LiveService, person: ApiClient
) -> None:
    """One request an origin, also when several come at once; twenty in all, then 429."""
    page = service.client(ASKING)
    answers = together(*[lambda: page.ask("POST", PAIR, json={}) for _ in range(12)])
    assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    for number in range(19):
        ask(service.client(f"https://{number}.evil.example"))
    answer = service.client(EVIL).ask("POST", PAIR, 429, json={})
    assert answer.json()["error"] == "too_many_requests"
    assert 1 <= int(answer.headers["Retry-After"]) <= 300
    assert len(person.get(PAIR).json()) == 20
    ask(page, 200, name="Still there")
    decide(person, answers[0].json()["id"], "once")
    ask(service.client(EVIL))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("<img src=x onerror=alert(1)>", "<img src=x onerror=alert(1)>"),
        ("Bank\u202eelpmaxe.live\u2066", "Bank elpmaxe.live"),
        (" Two\r\nlines\x00\x1b[2J ", "Two lines [2J"),
        ("\u200b\u00ad", None),
        ("Rechnungen für Jörg 发票", "Rechnungen für Jörg 发票"),
        ("", None),
    ],
)
def test_name_of_a_page_is_a_line_of_text(
    said: str, shown: str | None, service: LiveService, person: ApiClient
) -> None:
    """Data, as it was said, but for what would move or hide the words beside it."""
    uid = ask(service.client(ASKING), name=said)["id"]
    answer = person.get(f"{PAIR}/{uid}")
    assert answer.json().get("name") == shown
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x" * 81},
        {"name": 7},
        {"addons": ["a"] * 21},
        {"addons": ["a" * 65]},
        {"addons": ["<b>pdf</b>"]},
        {"addons": ["pdf @ https://evil.example/pdf.whl"]},
        {"addons": "pdf"},
    ],
    ids=["long name", "no name", "many", "long", "markup", "address", "no list"],
)
def test_request_with_more_than_a_person_reads_is_refused(
    body: Json, service: LiveService, person: ApiClient
) -> None:
    """And nobody is asked."""
    refusal = service.client(ASKING).refusal("POST", PAIR, 400, json=body)
    assert refusal["error"] == "invalid_input"
    assert person.get(PAIR).json() == []


@pytest.mark.parametrize(
    "origin", ["https://Scan.example", "https://scan.example/", "https://scan.example:443"]
)
def test_origin_that_no_browser_sends_is_not_asked_about(
    origin: str, service: LiveService, person: ApiClient
) -> None:
    """Let in, it would look like the real one in the list."""
    refusal = service.client(origin).refusal("POST", PAIR, 400, json={})
    assert refusal["error"] == "invalid_input"
    assert person.get(PAIR).json() == []


def test_own_pages_and_programs_need_no_grant(service: LiveService, person: ApiClient) -> None:
    """They are told so, and nobody is asked."""
    for caller in (person, service.client(service.url)):
        refusal = caller.refusal("POST", PAIR, 400, json={})
        assert refusal["message"] == "Programs of this user need no grant."
    assert person.get(PAIR).json() == []


@pytest.mark.parametrize("wait", ["-1", "31", "nan", "soon"])
def test_wait_of_another_length_is_refused(
    wait: str, service: LiveService, person: ApiClient
) -> None:
    """Half a minute at most: a connection is kept for it."""
    page = service.client(ASKING)
    uid = ask(page)["id"]
    assert page.refusal("GET", f"{PAIR}/{uid}?wait={wait}", 400)["error"] == "invalid_input"
    assert page.get(f"{PAIR}/{uid}?wait=0.01").json()["status"] == "waiting"


def test_page_that_left_while_it_waited_leaves_its_place(
    service: LiveService, person: ApiClient
) -> None:
    """Eight may wait at once; a page that is reloaded again and again is not kept from it."""
    uid = ask(service.client(ASKING))["id"]
    for _ in range(20):
        give_up_waiting(service, uid)
    assert person.get(f"{PAIR}/{uid}").json()["status"] == "waiting"


def give_up_waiting(service: LiveService, uid: str) -> None:
    """Wait for an answer, as soon as there is a place for that, and hang up at once."""
    until = time.monotonic() + LIMIT_S
    with (
        httpx.Client(base_url=service.url, verify=NO_CERTIFICATES, timeout=0.05) as client,
        pytest.raises(httpx.ReadTimeout),
    ):
        while time.monotonic() < until:
            answer = client.get(f"{PAIR}/{uid}?wait=30", headers={"Origin": ASKING})
            assert answer.status_code == 429


def test_service_stops_while_a_page_waits_for_an_answer(make_service: MakeService) -> None:
    """The connection breaks, and the log has nothing to say about it."""
    service = make_service()
    page = service.client(ASKING)
    uid = ask(page)["id"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(page.get, f"{PAIR}/{uid}?wait=30")
        service.client().get(f"{PAIR}/{uid}")
        assert service.stop() == 0
        assert isinstance(waiting.exception(LIMIT_S), httpx.TransportError)
