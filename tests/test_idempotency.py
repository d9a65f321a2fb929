"""Starts with an `Idempotency-Key`: sheets move once, whoever sends again, whatever is killed."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from core.tests.http.raw import Request, connect
from core.tests.made_addons import Gate
from PIL import Image

from .conftest import MakeService
from .support.bench import GRANTED, OTHER, completed, feeder, glass, number_of
from .support.client import DOCUMENTS, JOBS, OCTETS, PROCESS_JOBS, ApiClient, together
from .support.cut_off import CUT_OFF_AT
from .support.service import LiveService
from .support.shelved import shelve

PROCESS = "/api/process"
SESSIONS = "/api/sessions"
REPLAYED = "Idempotent-Replayed"
SHEETS = 3
SENDERS = 8

# Every page begins a document, and `wait` waits for the test.
CUTTER = """
from flatbed.addon import Separator, hookimpl

@hookimpl
def find_separator(page, settings):
    return Separator(name="part", page="first")

@hookimpl
def process_page(operation, page, settings, out):
    {stop}
    return {{"text": "found"}}
"""
OPERATIONS = """
[operations.cut]
hook = "find_separator"
input = "document"
timeout_s = 60
[operations.wait]
hook = "process_page"
timeout_s = 60
"""

CUTS = [("uncommitted", False), ("committed", True), ("unanswered", True)]
"""Where the service ends, and whether the start has been made by then."""

Answer = httpx.Response
CutOff = Callable[..., LiveService]
Body = dict[str, Any]


@pytest.fixture
def cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CutOff]:
    """Starts a service that kills itself at a point; the next start of it does not."""
    made: list[LiveService] = []

    def start(point: str, **settings: object) -> LiveService:
        monkeypatch.setenv(CUT_OFF_AT, point)
        settings = {"ADDONS__VIRTUAL__SHEETS": SHEETS, **settings}
        service = LiveService(tmp_path, settings, launcher="tests.support.cut_off")
        made.append(service)
        service.start()
        monkeypatch.delenv(CUT_OFF_AT)
        return service

    yield start
    for service in made:
        service.close()


def keyed(api: ApiClient, path: str, key: str = "k1", **body: Any) -> Answer:
    """Send a start with a key."""
    headers = {"Idempotency-Key": key, **body.pop("headers", {})}
    return api.ask("POST", path, headers=headers, **body)


def die(service: LiveService, api: ApiClient, path: str, **body: Any) -> None:
    """Send a start that kills the service, and start that anew."""
    with pytest.raises(httpx.TransportError):
        keyed(api, path, **body)
    service.kill()
    service.restart()


def start_scan(api: ApiClient, key: str = "k1", **body: Any) -> Answer:
    """Start a feeder scan with a key; the job goes at the end of the test."""
    answer = keyed(api, JOBS, key, json={"config": feeder(), **body})
    if answer.status_code == 201 and answer.json()["jobuid"] not in api.created:
        api.created.append(answer.json()["jobuid"])
    return answer


def is_again(answer: Answer) -> bool:
    """Whether it is an answer of before."""
    assert answer.headers.get(REPLAYED) in (None, "true")
    return REPLAYED in answer.headers


def documents_of(api: ApiClient) -> list[str]:
    """The documents of a caller."""
    return [each["uid"] for each in api.get(DOCUMENTS).json()]


def page_of(api: ApiClient, job: str) -> str:
    """The uid of a job's first page."""
    return str(api.get(f"{JOBS}/{job}/next-page-info?page=0").json()["imageuid"])


def saved_dots() -> bytes:
    """A file of one small page."""
    stream = io.BytesIO()
    Image.new("L", (16, 16)).save(stream, "PNG", dpi=(100, 100))
    return stream.getvalue()


class Cutter:
    """A service that has a document of three pages and an add-on that works on it."""

    def __init__(self, service: LiveService, stop: str = "pass") -> None:
        self.service, self.api = service, service.client()
        shelve(service.data, "cutter", CUTTER.format(stop=stop), OPERATIONS)
        job = self.api.scan(config=feeder())
        self.api.wait_for(job, "completed")
        self.document = self.api.make_document()
        self.pages = f"{DOCUMENTS}/{self.document}/pages"
        for number in range(SHEETS):
            source = f"{JOBS}/{job}/content?page={number}"
            self.api.ask("POST", self.pages, 200, json={"source": source})

    @property
    def body(self) -> Body:
        """Of an operation on the document."""
        return {"json": {"source": f"{DOCUMENTS}/{self.document}"}}

    def parts(self) -> list[str]:
        """The documents that were made of it."""
        return [each for each in documents_of(self.api) if each != self.document]


def test_start_that_is_sent_again_scans_once(bench: LiveService, api: ApiClient) -> None:
    """While it runs and after its end; the first answer, to the letter."""
    mark = bench.ledger.mark()
    body: Body = {"device": "Plain", "config": feeder(XferCount=2)}
    first = start_scan(api, **body)
    during = start_scan(api, **body)
    api.wait_for(first.json()["jobuid"], "completed")
    after = start_scan(api, **body)
    assert [is_again(each) for each in (first, during, after)] == [False, True, True]
    assert {each.content for each in (first, during, after)} == {first.content}
    assert {each.headers["Location"] for each in (during, after)} == {first.headers["Location"]}
    assert after.status_code == 201
    assert bench.ledger.sheets_fed(number_of("Plain"), since=mark) == [1, 2]


def test_many_senders_at_once_start_one_scan(bench: LiveService, api: ApiClient) -> None:
    """All of them hear of the same job; nobody is told that the scanner is in use."""
    mark = bench.ledger.mark()
    body: Body = {"device": "Plain", "config": feeder(XferCount=2)}
    answers = together(*[lambda: start_scan(api, "many", **body)] * SENDERS)
    assert {each.status_code for each in answers} == {201}
    (uid,) = {each.json()["jobuid"] for each in answers}
    assert [is_again(each) for each in answers].count(True) == SENDERS - 1
    api.wait_for(uid, "completed")
    assert bench.ledger.sheets_fed(number_of("Plain"), since=mark) == [1, 2]


def test_key_of_a_deleted_job_still_scans_nothing(bench: LiveService, api: ApiClient) -> None:
    """The first answer comes again; the job's own routes say that it is gone."""
    mark = bench.ledger.mark()
    body: Body = {"device": "Plain", "config": feeder(XferCount=1)}
    uid = start_scan(api, "deleted", **body).json()["jobuid"]
    api.wait_for(uid, "completed")
    api.delete(uid)
    again = start_scan(api, "deleted", **body)
    assert (again.status_code, again.json()["jobuid"]) == (201, uid)
    api.refusal("GET", f"{JOBS}/{uid}", 410)
    assert bench.ledger.sheets_fed(number_of("Plain"), since=mark) == [1]


def test_key_with_another_body_is_refused(bench: LiveService, api: ApiClient) -> None:
    """409 with a name of its own, and no paper moves."""
    mark = bench.ledger.mark()
    uid = start_scan(api, "other", device="Plain", config=glass()).json()["jobuid"]
    api.wait_for(uid, "completed")
    refusal = start_scan(api, "other", device="Plain")
    assert refusal.status_code == 409
    assert refusal.json()["error"] == "idempotency_key_reused"
    assert bench.ledger.sheets_fed(number_of("Plain"), since=mark) == []


def test_refused_start_may_be_sent_again(bench: LiveService, api: ApiClient) -> None:
    """Errors are not kept: as soon as the scanner is free the same key scans."""
    holder = api.scan("Plain", autoRun=False)
    body: Body = {"device": "Plain", "config": feeder(XferCount=1)}
    assert start_scan(api, "held", **body).json()["error"] == "scanner_held"
    api.delete(holder)
    mark = bench.ledger.mark()
    started = start_scan(api, "held", **body)
    assert (started.status_code, is_again(started)) == (201, False)
    api.wait_for(started.json()["jobuid"], "completed")
    assert bench.ledger.sheets_fed(number_of("Plain"), since=mark) == [1]


def test_pages_of_two_origins_may_choose_the_same_key(bench: LiveService) -> None:
    """Each has its own; so have two subjects of one."""
    callers = [bench.client(GRANTED), bench.client(OTHER), bench.client(OTHER, subject="anna")]
    answers = [keyed(each, DOCUMENTS, "mine", json={}) for each in callers]
    assert len({each.json()["uid"] for each in answers}) == 3
    assert not any(is_again(each) for each in answers)


@pytest.mark.parametrize(("point", "again"), CUTS)
def test_scan_that_is_cut_off_at_its_start_is_scanned_once(
    point: str, again: object, cut_off: CutOff
) -> None:
    """Before the commit there is no job, after it there is one; never two."""
    service = cut_off(point)
    api = service.client()
    die(service, api, JOBS, json={"config": feeder()})
    assert len(service.stored_jobs()) == (1 if again else 0)
    answers = together(*[lambda: start_scan(api)] * SENDERS)
    assert {each.status_code for each in answers} == {201}
    (uid,) = {each.json()["jobuid"] for each in answers}
    assert [is_again(each) for each in answers].count(False) == (0 if again else 1)
    assert api.wait_for(uid, "completed")["pages"] == SHEETS
    assert service.ledger.sheets_fed(1) == [1, 2, 3]
    assert len(service.stored_jobs()) == 1


def test_scan_that_lost_its_service_on_the_way_is_found_by_its_key(
    make_service: MakeService,
) -> None:
    """Sent again while its worker still feeds, and after its end."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=6, ADDONS__VIRTUAL__SECONDS_PER_PAGE=0.2)
    api = service.client()
    first = start_scan(api)
    uid = first.json()["jobuid"]
    api.wait_for_page(uid, 1)
    service.kill()
    service.restart()
    again = start_scan(api)
    assert (again.content, is_again(again)) == (first.content, True)
    assert api.wait_for(uid, "completed")["pages"] == 6
    service.kill()
    service.restart()
    assert start_scan(api).json()["jobuid"] == uid
    assert service.ledger.sheets_fed(1) == [1, 2, 3, 4, 5, 6]


def test_key_of_yesterday_scans_anew(make_service: MakeService) -> None:
    """After 24 hours it is forgotten."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=1)
    api = service.client()
    first = start_scan(api).json()["jobuid"]
    api.wait_for(first, "completed")
    service.stop()
    service.age_starts(hours=24.1)
    service.restart()
    second = start_scan(api)
    assert (second.json()["jobuid"] == first, is_again(second)) == (False, False)
    api.wait_for(second.json()["jobuid"], "completed")
    assert service.ledger.sheets_fed(1) == [1, 1]


@pytest.mark.parametrize(("point", "again"), CUTS)
def test_document_that_is_cut_off_is_made_once(point: str, again: object, cut_off: CutOff) -> None:
    """Without a key its name would be taken."""
    service = cut_off(point)
    api = service.client()
    die(service, api, DOCUMENTS, json={"name": "Letters"})
    made = keyed(api, DOCUMENTS, json={"name": "Letters"})
    assert (made.status_code, is_again(made)) == (201, bool(again))
    assert documents_of(api) == [made.json()["uid"]]
    assert made.headers["Location"] == f"{api.url}{DOCUMENTS}/{made.json()['uid']}"


@pytest.mark.parametrize("kind", ["page", "file"])
@pytest.mark.parametrize(("point", "again"), CUTS)
def test_page_that_is_cut_off_goes_in_once(
    point: str, again: object, kind: str, cut_off: CutOff
) -> None:
    """One of a job by JSON, and those of a file by its bytes."""
    service = cut_off(point)
    api = service.client()
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    job = api.scan(config=glass())
    api.wait_for(job, "completed")
    body: dict[str, Any] = {"json": {"source": page_of(api, job)}}
    if kind == "file":
        body = {"content": saved_dots(), "headers": OCTETS}
    path = f"{DOCUMENTS}/{document}/pages"
    die(service, api, path, **body)
    done = keyed(api, path, **body)
    assert (done.status_code, is_again(done)) == (200, bool(again))
    assert len(done.json()["pages"]) == 1
    assert api.get(f"{DOCUMENTS}/{document}").json() == done.json()


def test_file_is_not_loaded_twice_beyond_the_limit(make_service: MakeService) -> None:
    """What its first load brought to the limit does not refuse the same one again."""
    service = make_service(ALLOWED_ORIGINS=[GRANTED], ORIGIN_MAX_PAGES=1)
    page = service.client(GRANTED)
    path = f"{DOCUMENTS}/{page.make_document()}/pages"
    first = keyed(page, path, content=saved_dots(), headers=OCTETS)
    again = keyed(page, path, content=saved_dots(), headers=OCTETS)
    assert (again.status_code, again.content, is_again(again)) == (200, first.content, True)
    other = keyed(page, path, content=saved_dots() + b"x", headers=OCTETS)
    assert other.json()["error"] == "idempotency_key_reused"
    fresh = keyed(page, path, "k2", content=saved_dots(), headers=OCTETS)
    assert fresh.json()["error"] == "storage_limit"


@pytest.mark.parametrize(("point", "again"), CUTS)
def test_long_operation_that_is_cut_off_is_one_job(
    point: str, again: object, cut_off: CutOff
) -> None:
    """Written down with its key; the service that ended took its work along, and says so."""
    desk = Cutter(cut_off(point))
    headers = {"Prefer": "respond-async"}
    die(desk.service, desk.api, f"{PROCESS}/wait", headers=headers, **desk.body)
    answer = keyed(desk.api, f"{PROCESS}/wait", headers=headers, **desk.body)
    assert (answer.status_code, is_again(answer)) == (202, bool(again))
    assert answer.headers["Preference-Applied"] == "respond-async"
    (job,) = desk.api.get(PROCESS_JOBS).json()
    assert job["jobuid"] == answer.json()["jobuid"]
    assert answer.headers["Location"].endswith(f"{PROCESS_JOBS}/{job['jobuid']}")
    if again:
        assert job["error"]["error"] == "service_ended"


@pytest.mark.parametrize(
    ("point", "made"), [("uncommitted", 0), ("committed", 0), ("made", SHEETS), ("unanswered", 3)]
)
def test_split_that_is_cut_off_is_never_made_twice(point: str, made: int, cut_off: CutOff) -> None:
    """It is no single transaction: where nobody knows how it ended, the caller is told that."""
    desk = Cutter(cut_off(point))
    die(desk.service, desk.api, f"{PROCESS}/cut", **desk.body)
    assert len(desk.parts()) == made
    answer = keyed(desk.api, f"{PROCESS}/cut", **desk.body)
    if point == "uncommitted":
        assert (answer.status_code, is_again(answer)) == (200, False)
    elif point == "unanswered":
        assert (answer.status_code, is_again(answer)) == (200, True)
        assert [each["uid"] for each in answer.json()["documents"]] == desk.parts()
    else:
        assert answer.json()["error"] == "start_unfinished"
        assert len(desk.parts()) == made
        keyed(desk.api, f"{PROCESS}/cut", "k2", **desk.body)
    assert len(desk.parts()) == (made or SHEETS) + (SHEETS if point == "made" else 0)


@pytest.mark.parametrize(("point", "again"), [("made", False), ("unanswered", True)])
def test_operation_that_is_cut_off_is_carried_out_again_or_answered(
    point: str, again: object, cut_off: CutOff
) -> None:
    """It only found something: that it finds it again does no harm."""
    desk = Cutter(cut_off(point))
    die(desk.service, desk.api, f"{PROCESS}/wait", **desk.body)
    answer = keyed(desk.api, f"{PROCESS}/wait", **desk.body)
    assert (answer.status_code, is_again(answer)) == (200, bool(again))
    assert [each["result"] for each in answer.json()["pages"]] == [{"text": "found"}] * SHEETS
    assert is_again(keyed(desk.api, f"{PROCESS}/wait", **desk.body))


def test_operation_whose_caller_went_away_is_done_for_the_next(
    make_service: MakeService, gate: Gate
) -> None:
    """The first ends with its connection; the second waited for that, and then works."""
    desk = Cutter(make_service(ADDONS__VIRTUAL__SHEETS=SHEETS), gate.stop)
    body = json.dumps({"source": f"{DOCUMENTS}/{desk.document}"}).encode()
    headers = (("Host", f"127.0.0.1:{desk.service.port}"), ("Idempotency-Key", "k1"))
    with connect(desk.service.port) as connection:
        connection.sendall(Request("POST", f"{PROCESS}/wait", headers, body).encode())
        asyncio.run(gate.reached())
    for _ in range(2 * SHEETS):
        gate.open()
    answer = keyed(desk.api, f"{PROCESS}/wait", content=body)
    assert (answer.status_code, is_again(answer)) == (200, False)


def test_file_that_an_operation_makes_is_made_anew(api: ApiClient) -> None:
    """Nothing of it is kept here, so nothing is there twice."""
    source = page_of(api, completed(api, pages=1))
    answers = [
        keyed(api, f"{PROCESS}/encode", "file", json={"source": source, "settings": {"width": 50}})
        for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [200, 200]
    assert not any(is_again(each) for each in answers)
    assert answers[0].content == answers[1].content


def test_session_is_begun_once_as_long_as_the_service_lives(make_service: MakeService) -> None:
    """It ends with the service, and so does its key."""
    service = make_service()
    api = service.client()
    body = {"addons": ["imaging"]}
    first, again = keyed(api, SESSIONS, json=body), keyed(api, SESSIONS, json=body)
    assert (again.content, is_again(again)) == (first.content, True)
    service.kill()
    service.restart()
    fresh = keyed(api, SESSIONS, json=body)
    assert (fresh.status_code, is_again(fresh)) == (201, False)
    api.ask("DELETE", f"{SESSIONS}/{fresh.json()['sessionuid']}", 204)
    api.refusal("DELETE", f"{SESSIONS}/{first.json()['sessionuid']}", 404)
