"""Subjects at a shared account: the next person at the page sees nothing of the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import httpx
import pytest

from flatbed.http.application import route_table

from .conftest import MakeService
from .support.bench import GRANTED, OTHER, completed, feeder, glass
from .support.client import DOCUMENTS, JOBS, NO_CERTIFICATES, PAGES, ApiClient
from .support.events import Event, EventStream
from .support.examples import SETTINGS, Examples
from .support.service import LiveService

RECOVERED = "/api/storage/recovered"
ANNA, BEN = "anna@office.example", "ben"
# No web page gets at these, whatever its subject: the guard says so before anybody looks.
NO_PAGES_AFFAIR = {
    (route.path, verb)
    for route in route_table()
    for verb, operation in route.operations.items()
    if operation.facts.needs_admin or operation.facts.is_page
}


@dataclass(frozen=True)
class Things:
    """What somebody has: a job, its page, a document, and the page in it."""

    job: str
    page: str
    document: str
    document_page: str

    def paths(self) -> list[tuple[str, str]]:
        """Everything that tells of it, or would change it."""
        job, document = f"{JOBS}/{self.job}", f"{DOCUMENTS}/{self.document}"
        pages = [f"{PAGES}/{uid}" for uid in (self.page, self.document_page)]
        return [
            *(("GET", f"{job}{part}") for part in ("", "/next-page", "/next-page-info")),
            *(("GET", f"{job}/content{part}") for part in ("?page=0", "?type=image/tiff")),
            ("GET", f"{job}/next-page?page={self.page}"),
            ("GET", f"/DWTAPI/ScanJobs/{self.job}/NextDocument"),
            *(
                ("GET", f"{page}{part}")
                for page in pages
                for part in ("", "/content", "/thumbnail")
            ),
            *(("GET", f"{document}{part}") for part in ("", "/content?type=image/png")),
            *(("POST", f"{document}/{step}") for step in ("undo", "redo")),
            ("DELETE", f"{document}/pages/0"),
            ("DELETE", document),
            ("POST", f"{RECOVERED}/{self.job}/keep"),
            ("DELETE", f"{RECOVERED}/{self.job}"),
            ("DELETE", f"/DWTAPI/ScanJobs/{self.job}"),
            ("DELETE", job),
        ]

    def changes(self) -> list[tuple[str, str, dict[str, object]]]:
        """Requests about it that have a body."""
        document = f"{DOCUMENTS}/{self.document}"
        return [
            ("PATCH", f"{JOBS}/{self.job}", {"status": "canceled"}),
            ("PATCH", document, {"metadata": "mine"}),
            ("PATCH", f"{document}/pages", {"order": [self.document_page]}),
            ("POST", f"{document}/pages", {"source": self.page}),
            ("POST", f"{PAGES}/{self.page}/edits", {"op": "rotate", "angle": 90}),
            ("POST", f"{PAGES}/{self.document_page}/edits", {"op": "rotate", "angle": 90}),
        ]


def make_things(person: ApiClient, name: str = "Letters") -> Things:
    """Scan a page and put it into a document."""
    job = completed(person, pages=1)
    page = person.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"]
    document = person.ask("POST", DOCUMENTS, 201, json={"name": name}).json()["uid"]
    path = f"{DOCUMENTS}/{document}/pages"
    found = person.ask("POST", path, 200, json={"source": page}).json()
    return Things(job, page, document, found["pages"][0]["uid"])


def tells_of(uid: str) -> Callable[[Event], bool]:
    """Whether an event is about a thing."""
    return lambda event: event.subject == uid


@pytest.fixture(autouse=True)
def no_documents_of_before(bench: LiveService) -> None:
    """Other modules' tests leave some in the shared service."""
    local = bench.client()
    for each in local.get(DOCUMENTS).json():
        local.ask("DELETE", f"{DOCUMENTS}/{each['uid']}", 204)


@pytest.fixture
def anna(bench: LiveService) -> ApiClient:
    """A person at a page."""
    return bench.client(GRANTED, subject=ANNA)


@pytest.fixture
def things(bench: LiveService, anna: ApiClient) -> Iterator[Things]:
    """What she has; deleted at the end."""
    made = make_things(anna)
    yield made
    bench.client().ask("DELETE", f"{DOCUMENTS}/{made.document}")


@pytest.mark.parametrize(
    ("origin", "subject"),
    [(GRANTED, BEN), (GRANTED, None), (GRANTED, ANNA.upper()), (OTHER, ANNA)],
    ids=["another", "none", "in capitals", "the same elsewhere"],
)
def test_things_of_a_subject_are_not_there_for_anybody_else(
    origin: str, subject: str | None, bench: LiveService, anna: ApiClient, things: Things
) -> None:
    """404 as if they had never been, whatever is asked; and they stay as they are."""
    stranger = bench.client(origin, subject=subject)
    before = anna.get(f"{DOCUMENTS}/{things.document}").json()
    for verb, path in things.paths():
        body = {} if verb == "GET" else {"headers": {"Content-Type": "application/json"}}
        assert stranger.refusal(verb, path, 404, **body)["error"].endswith("_not_found")
    for verb, path, change in things.changes():
        assert stranger.refusal(verb, path, 404, json=change)["error"].endswith("_not_found")
    assert stranger.get(DOCUMENTS).json() == []
    assert stranger.get(f"{DOCUMENTS}?name=Letters").json() == []
    assert anna.get(f"{DOCUMENTS}/{things.document}").json() == before
    assert anna.job(things.job)["status"] == "completed"


def test_subject_has_its_things_again_by_header_and_by_query(
    bench: LiveService, anna: ApiClient, things: Things
) -> None:
    """As for an <img>, which sends no headers of the page's choice."""
    again = bench.client(GRANTED, subject=ANNA)
    assert [each["uid"] for each in again.get(DOCUMENTS).json()] == [things.document]
    plain = bench.client(GRANTED)
    for path in (f"{PAGES}/{things.page}", f"{PAGES}/{things.document_page}"):
        picture = plain.get(f"{path}/thumbnail?subject=anna%40office.example")
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.content == anna.get(f"{path}/thumbnail").content
    # The header is the page's last word.
    assert again.get(f"{PAGES}/{things.page}?subject=ben").json()["uid"] == things.page


def test_own_page_cannot_be_made_of_another_subjects(
    bench: LiveService, anna: ApiClient, things: Things
) -> None:
    """Neither by its uid nor by the URL of its job or document."""
    ben = bench.client(GRANTED, subject=BEN)
    own = ben.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    for source in (
        things.page,
        things.document_page,
        f"{JOBS}/{things.job}/content?page=0",
        f"{JOBS}/{things.job}/content?page=0&subject=anna%40office.example",
        f"{DOCUMENTS}/{things.document}/pages/0",
    ):
        ben.refusal("POST", f"{DOCUMENTS}/{own}/pages", 404, json={"source": source})
    ben.ask("DELETE", f"{DOCUMENTS}/{own}", 204)


def test_name_of_a_document_is_free_for_every_subject(
    bench: LiveService, anna: ApiClient, things: Things
) -> None:
    """Else a 409 would tell that somebody has it."""
    for subject in (BEN, None):
        person = bench.client(GRANTED, subject=subject)
        made = person.ask("POST", DOCUMENTS, 201, json={"name": "Letters"}).json()["uid"]
        assert [each["uid"] for each in person.get(DOCUMENTS).json()] == [made]
        person.ask("DELETE", f"{DOCUMENTS}/{made}", 204)
    anna.refusal("POST", DOCUMENTS, 409, json={"name": "Letters"})


def test_undo_is_the_subjects_own(bench: LiveService, anna: ApiClient, things: Things) -> None:
    """Her last step back takes her page out again, after others have tried."""
    path = f"{DOCUMENTS}/{things.document}"
    bench.client(GRANTED, subject=BEN).refusal("POST", f"{path}/undo", 404, json={})
    assert anna.get(path).json()["canUndo"] is True
    assert anna.ask("POST", f"{path}/undo", 200, json={}).json()["pages"] == []
    assert len(anna.ask("POST", f"{path}/redo", 200, json={}).json()["pages"]) == 1


def test_events_of_a_subject_reach_nobody_else(bench: LiveService, anna: ApiClient) -> None:
    """Each listens to its own from the same number on; native programs hear all of it."""
    url, after = f"{bench.url}/api/events", bench.events.received[-1].seq
    headers = {"Origin": GRANTED}
    with (
        EventStream(f"{url}?after={after}&subject=anna%40office.example", headers) as hers,
        EventStream(f"{url}?after={after}&subject=ben", headers) as his,
        EventStream(f"{url}?after={after}", headers) as plain,
        EventStream(f"{url}?after={after}") as native,
    ):
        made = make_things(anna, name="Heard")
        ben = bench.client(GRANTED, subject=BEN)
        seen = ben.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
        unnamed = bench.client(GRANTED).ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
        hers.wait_for(tells_of(made.document))
        his.wait_for(tells_of(seen))
        for stream in (plain, native):
            stream.wait_for(tells_of(unnamed))
        mine = {made.job, made.document, seen, unnamed}
        assert {each.subject for each in hers.received} & mine == {made.job, made.document}
        assert {each.subject for each in his.received} & mine == {seen}
        assert {each.subject for each in plain.received} & mine == {unnamed}
        assert {each.subject for each in native.received} & mine == mine
    for uid in (made.document, seen, unnamed):
        bench.client().ask("DELETE", f"{DOCUMENTS}/{uid}", 204)


def test_session_of_a_subject_serves_nobody_else(bench: LiveService, anna: ApiClient) -> None:
    """Neither for a job, nor for events, nor to end it."""
    session = anna.ask("POST", "/api/sessions", 201, json={}).json()["sessionuid"]
    ben = bench.client(GRANTED, subject=BEN)
    headers = {"Flatbed-Session": session}
    body = {"device": "Plain", "autoRun": False}
    ben.refusal("POST", JOBS, 404, headers=headers, json=body)
    ben.refusal("GET", f"/api/events?session={session}", 404)
    ben.refusal("DELETE", f"/api/sessions/{session}", 404)
    anna.ask("DELETE", f"/api/sessions/{session}", 204)


def test_native_program_sees_the_things_of_all_subjects(
    api: ApiClient, anna: ApiClient, things: Things
) -> None:
    """Also where it names a subject, and it is told the origin alone."""
    for headers in ({}, {"Flatbed-Subject": BEN}):
        (found,) = api.ask("GET", f"{DOCUMENTS}?name=Letters", 200, headers=headers).json()
        assert (found["uid"], found["origin"]) == (things.document, GRANTED)
        api.ask("GET", f"{PAGES}/{things.document_page}", 200, headers=headers)
    assert api.job(things.job)["status"] == "completed"


def test_deleted_job_of_a_subject_was_never_there_for_another(
    bench: LiveService, anna: ApiClient
) -> None:
    """410 is for her alone."""
    job = anna.scan("Second", config=glass())
    anna.wait_for_end(job)
    anna.delete(job)
    assert anna.refusal("GET", f"{JOBS}/{job}", 410)["error"] == "job_gone"
    ben = bench.client(GRANTED, subject=BEN)
    assert ben.refusal("GET", f"{JOBS}/{job}", 404)["error"] == "job_not_found"


def test_pages_that_a_crash_left_are_offered_to_their_subject_alone(
    make_service: MakeService,
) -> None:
    """After the restart as before; and the word itself stands nowhere on the disk."""
    service = make_service(
        ADDONS__VIRTUAL__SHEETS=50,
        ADDONS__VIRTUAL__SECONDS_PER_PAGE=0.2,
        ALLOWED_ORIGINS=[GRANTED],
    )
    anna = service.client(GRANTED, subject=ANNA)
    job = anna.scan(config=feeder())
    anna.wait_for_page(job, 1)
    worker = service.scanning_worker(job)
    service.kill()
    worker.kill()
    worker.wait(20)
    service.restart()
    anna.wait_for_end(job)
    (left,) = anna.get(RECOVERED).json()
    assert (left["uid"], left["job"]["pages"] >= 2) == (job, True)
    for subject in (BEN, None):
        other = service.client(GRANTED, subject=subject)
        assert other.get(RECOVERED).json() == []
        other.refusal("GET", f"{JOBS}/{job}/content?page=0", 404)
    anna.ask("POST", f"{RECOVERED}/{job}/keep", 204, json={})
    assert anna.get(RECOVERED).json() == []
    service.stop()
    files = [path for path in service.folder.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if b"anna" in path.read_bytes()] == []


@pytest.fixture(scope="module")
def unnamed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[LiveService, Examples]]:
    """A service, and a page's things there that it bound to no subject."""
    service = LiveService(tmp_path_factory.mktemp("unnamed"), SETTINGS)
    try:
        examples = Examples(service.start().url, service.data)
        yield service, examples
        examples.close()
    finally:
        service.close()


def test_every_route_that_names_a_thing_hides_it_from_a_subject(
    unnamed: tuple[LiveService, Examples],
) -> None:
    """Whatever routes there are: a path with an id in it is 404, and nothing changes."""
    service, examples = unnamed
    headers = {"Origin": GRANTED, "Content-Type": "application/json", "Flatbed-Subject": BEN}
    asked = 0
    with httpx.Client(base_url=service.url, headers=headers, verify=NO_CERTIFICATES) as ben:
        for (template, verb), example in examples.all().items():
            # An add-on is nobody's; what it keeps for whom is its own affair.
            if "{" not in template or template.startswith("/api/addons"):
                continue
            if (template, verb) in NO_PAGES_AFFAIR:
                continue
            path, observe = example.fresh_path(), examples.observer(template)
            before = observe()
            answer = ben.request(verb, path, content=example.body)
            assert (template, verb, answer.status_code) == (template, verb, 404)
            assert answer.json()["error"].endswith("_not_found")
            assert observe() == before
            asked += 1
        examples.clear()
    assert asked >= 25
