"""Operations that go on as jobs, with an add-on that waits where a test says so."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from core.tests.made_addons import Gate

from .conftest import MakeService
from .support.bench import GRANTED, OTHER
from .support.client import DOCUMENTS, JOBS, PAGES, PROCESS_JOBS
from .support.shelved import shelve
from .support.waiting import wait_until

PROCESS = "/api/process"
ASYNC = {"Prefer": "respond-async"}
SECRET = "the-words-on-the-page"
MANIFEST = """
workers = 2
[operations.work]
hook = "process_page"
shorthand = "how"
timeout_s = 60
[operations.work.settings.how]
type = "str"
default = ""
[operations.bind]
hook = "save_document"
input = "document"
timeout_s = 60
[operations.read-text]
hook = "recognize_text"
"""
HEAD = """
import os, random, time
from flatbed.addon import TextLine, TextPage, TextWord, hookimpl
from flatbed.errors import InvalidInputError

def begin(page):
    with open({begun!r}, "a") as file:
        file.write(page.uid + chr(10))
"""
WORK = """
@hookimpl
def process_page(operation, page, settings, out):
    begin(page)
    how = settings["how"]
    if how == "wait":
        {stop}
    elif how == "listen":
        {visit}
        while True:
            out.check_canceled()
            time.sleep(0.01)
    elif how == "count":
        out.progress(3, 8)
        {stop}
        out.progress(8, 8)
    elif how == "dawdle":
        time.sleep(random.random() / 20)
    elif how == "refuse":
        raise InvalidInputError("It says the-words-on-the-page. Take another.")
    elif how == "copy":
        with out.new_page(size_px=(8, 2), dpi=(75, 75), mode="L", bits=8) as copy:
            copy.write_rows(bytes(16))
        return None
    return {{"page": page.uid, "pid": os.getpid(), "text": "the-words-on-the-page"}}

@hookimpl
def save_document(pages, settings, out):
    for number, page in enumerate(pages, 1):
        out.progress(number, len(pages))
    with out.new_file("application/pdf") as file:
        file.write(b"%PDF the-words-on-the-page")

@hookimpl
def recognize_text(page, settings):
    word = TextWord(text="the-words-on-the-page", box=(0, 0, 9, 9), confidence=1)
    return TextPage(lines=[TextLine(words=[word], box=(0, 0, 9, 9))])
"""


class Desk:
    """A service with an add-on that works on pages.

    Attributes:
        service: The service.
        gate: Where the add-on waits.
        api: A page of a granted origin.
    """

    def __init__(self, make: MakeService, folder: Path, gate: Gate, **settings: Any) -> None:
        self.gate, self._begun = gate, folder / "begun"
        self.service = make(
            ALLOWED_ORIGINS=[GRANTED, OTHER],
            ADDONS__VIRTUAL__NAMES=["Plain"],
            ADDONS__VIRTUAL__SHEETS=20,
            ADDONS__VIRTUAL__PAPER_MM=[40, 50],
            **settings,
        )
        source = HEAD.format(begun=str(self._begun))
        source += WORK.format(stop=gate.stop, visit=gate.visit)
        shelve(self.service.data, "worker", source, MANIFEST)
        self.api = self.service.client(GRANTED)
        self._scan: list[str] = []

    def pages(self, count: int) -> list[str]:
        """The uids of scanned pages."""
        config = {"Resolution": 75, "IfFeederEnabled": True, "XferCount": count}
        job = self.api.scan("Plain", config=config)
        self.api.wait_for_end(job)
        path = f"{JOBS}/{job}/next-page-info?page="
        return [self.api.get(f"{path}{place}").json()["imageuid"] for place in range(count)]

    def begin(self, source: str | list[str], how: str = "", operation: str = "work") -> str:
        """Start a job; its id."""
        body: dict[str, Any] = {"source": source}
        body |= {"settings": how} if operation == "work" else {}
        answer = self.api.ask("POST", f"{PROCESS}/{operation}", 202, json=body, headers=ASYNC)
        return str(answer.json()["jobuid"])

    def arrive(self, count: int = 1) -> None:
        """Wait until so many calls stand at the gate."""
        for _ in range(count):
            asyncio.run(self.gate.reached())

    def ended(self, job: str) -> dict[str, Any]:
        """Wait until a job has ended; the job."""
        self.api.wait_for_event(job, "process.progress", "completed", "faulted", "canceled")
        return self.job(job)

    def job(self, job: str) -> dict[str, Any]:
        """How a job is getting on."""
        found: dict[str, Any] = self.api.get(f"{PROCESS_JOBS}/{job}").json()
        return found

    def result(self, job: str) -> Any:
        """What a job found."""
        return self.api.get(f"{PROCESS_JOBS}/{job}/result").json()

    def begun(self) -> list[str]:
        """The pages that the add-on began with, in order."""
        return self._begun.read_text().split() if self._begun.exists() else []


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(make_service: MakeService, tmp_path: Path, gate: Gate) -> MakeDesk:
    """Makes a desk with settings of the service."""
    return lambda **settings: Desk(make_service, tmp_path, gate, **settings)


@pytest.fixture
def desk(make_desk: MakeDesk) -> Desk:
    """A desk."""
    return make_desk()


def test_job_is_answered_at_once_and_its_result_is_what_the_answer_would_have_been(
    desk: Desk,
) -> None:
    """The contract's headers, the job while it runs, its events, its end."""
    (page,) = desk.pages(1)
    body = {"source": page, "settings": "wait"}
    headers = {"Prefer": "handling=lenient, Respond-Async; x=1"}
    answer = desk.api.ask("POST", f"{PROCESS}/work", 202, json=body, headers=headers)
    job = answer.json()["jobuid"]
    assert answer.headers["Location"] == f"{desk.service.url}{PROCESS_JOBS}/{job}"
    assert answer.headers["Preference-Applied"] == "respond-async"
    assert answer.headers["Access-Control-Expose-Headers"].count("Preference-Applied") == 1
    desk.arrive()
    running = desk.job(job)
    assert running.pop("startedAt").endswith("+00:00")
    assert running == {
        "jobuid": job,
        "operation": "work",
        "status": "running",
        "progress": {"done": 0, "total": 1},
        "error": None,
        "finishedAt": None,
        "result": None,
    }
    assert desk.api.refusal("GET", f"{PROCESS_JOBS}/{job}/result", 409)["error"] == "wrong_state"
    desk.gate.open()
    done = desk.ended(job)
    assert (done["status"], done["progress"]) == ("completed", {"done": 1, "total": 1})
    assert done["finishedAt"] >= done["startedAt"]
    assert done["result"] == f"{desk.service.url}{PROCESS_JOBS}/{job}/result"
    assert desk.api.get(done["result"]).json()["page"] == page
    assert [each["jobuid"] for each in desk.api.get(PROCESS_JOBS).json()] == [job]


def test_pages_of_a_job_keep_their_order_however_long_each_takes(desk: Desk) -> None:
    """As of the direct call."""
    pages = desk.pages(8)
    sources = [*pages, *reversed(pages)]
    job = desk.begin(sources, "dawdle")
    assert desk.ended(job)["progress"] == {"done": 16, "total": 16}
    found = desk.result(job)["pages"]
    assert [each["source"] for each in found] == sources
    assert [each["result"]["page"] for each in found] == sources
    direct = desk.api.ask(
        "POST", f"{PROCESS}/work", 200, json={"source": sources, "settings": "dawdle"}
    )
    assert [each["result"]["page"] for each in direct.json()["pages"]] == sources


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one call at a time")
def test_pages_of_a_job_are_worked_on_by_all_workers_at_once(desk: Desk) -> None:
    """Two stand at the gate together; the others have not begun; then others take their place."""
    pages = desk.pages(5)
    job = desk.begin(pages, "wait")
    desk.arrive(2)
    assert sorted(desk.begun()) == sorted(pages[:2])
    desk.gate.open()
    desk.arrive()
    assert desk.begun()[2:] == [pages[2]]
    for _ in range(4):
        desk.gate.open()
    assert desk.ended(job)["status"] == "completed"
    found = [each["result"] for each in desk.result(job)["pages"]]
    assert [each["page"] for each in found] == pages
    assert len({each["pid"] for each in found}) == 2


def test_progress_is_what_the_add_on_says_where_one_call_does_it_all(desk: Desk) -> None:
    """In the job, and as an event."""
    (page,) = desk.pages(1)
    job = desk.begin(page, "count")
    desk.arrive()
    told = desk.service.events.wait_for(
        lambda event: event.subject == job and event.data["done"] == 3
    )
    assert (told.type, told.data) == (
        "process.progress",
        {"done": 3, "total": 8, "status": "running"},
    )
    assert desk.job(job)["progress"] == {"done": 3, "total": 8}
    desk.gate.open()
    assert desk.ended(job)["progress"] == {"done": 8, "total": 8}


def test_canceled_job_ends_by_itself_where_the_add_on_listens(desk: Desk) -> None:
    """Pages not begun are not begun; the workers go on living."""
    pages = desk.pages(6)
    job = desk.begin(pages, "listen")
    at_once = min(2, os.cpu_count() or 1)
    desk.arrive(at_once)
    workers = {each.pid for each in desk.service.workers()}
    body = {"status": "canceled"}
    found = desk.api.ask("PATCH", f"{PROCESS_JOBS}/{job}", 200, json=body).json()
    assert (found["status"], found["error"]["error"]) == ("canceled", "canceled")
    assert sorted(desk.begun()) == sorted(pages[:at_once])
    assert {each.pid for each in desk.service.workers()} == workers
    assert desk.api.refusal("GET", f"{PROCESS_JOBS}/{job}/result", 409)["error"] == "canceled"
    assert (
        desk.api.refusal("PATCH", f"{PROCESS_JOBS}/{job}", 409, json=body)["error"] == "wrong_state"
    )


def test_canceled_job_that_does_not_listen_loses_its_worker(desk: Desk) -> None:
    """The place is free for the next call."""
    (page,) = desk.pages(1)
    job = desk.begin(page, "wait")
    desk.arrive()
    (stuck,) = [each for each in desk.service.workers() if "worker/1.0" in str(each.cmdline())]
    desk.api.ask("PATCH", f"{PROCESS_JOBS}/{job}", 200, json={"status": "canceled"})
    psutil.wait_procs([stuck], 10)
    assert not stuck.is_running()
    assert desk.ended(desk.begin(page))["status"] == "completed"


def test_deleted_job_is_gone_with_what_it_made(desk: Desk) -> None:
    """Running or ended."""
    (page,) = desk.pages(1)
    files = desk.service.stored_files()
    done = desk.begin(page)
    desk.ended(done)
    assert len(desk.service.stored_files()) == len(files) + 1
    running = desk.begin(page, "listen")
    desk.arrive()
    for job in (done, running):
        desk.api.ask("DELETE", f"{PROCESS_JOBS}/{job}", 204)
        desk.api.refusal("GET", f"{PROCESS_JOBS}/{job}", 404)
        desk.api.refusal("DELETE", f"{PROCESS_JOBS}/{job}", 404)
    assert desk.service.stored_files() == files
    assert desk.api.get(PROCESS_JOBS).json() == []


def test_results_survive_a_restart_and_are_nowhere_in_the_clear(desk: Desk) -> None:
    """What was found, a file, made pages, an error: none of it can be read from the folder."""
    (page,) = desk.pages(1)
    document = desk.api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    desk.api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json={"source": page})
    found, copied = desk.begin([page]), desk.begin([page], "copy")
    bound = desk.begin(f"{DOCUMENTS}/{document}", operation="bind")
    text, refused = desk.begin(page, operation="read-text"), desk.begin(page, "refuse")
    for job in (found, copied, bound, text, refused):
        desk.ended(job)
    desk.service.kill()
    assert clear_text(desk.service.data) == []
    desk.service.restart()
    assert desk.result(found)["pages"][0]["result"]["text"] == SECRET
    (made,) = desk.result(copied)["pages"][0]["pages"]
    assert desk.api.get(f"{PAGES}/{made['uid']}").json()["size_px"] == [8, 2]
    file = desk.api.get(f"{PROCESS_JOBS}/{bound}/result")
    assert file.headers["Content-Type"] == "application/pdf"
    assert file.content == f"%PDF {SECRET}".encode()
    assert SECRET in desk.api.get(f"{PROCESS_JOBS}/{text}/result").text
    failed = desk.api.refusal("GET", f"{PROCESS_JOBS}/{refused}/result", 400)
    assert failed["message"] == f"It says {SECRET}. Take another."
    assert desk.job(refused)["error"]["message"] == failed["message"]


def clear_text(data: Path) -> list[str]:
    """The files of a data folder in which the page's words can be read."""
    files = (each for each in data.rglob("*") if each.is_file() and "addons" not in each.parts)
    return [str(each) for each in files if SECRET.encode() in each.read_bytes()]


def test_job_that_ran_when_the_service_was_killed_says_so(desk: Desk) -> None:
    """Its pages are safe, and what it was to make is not there."""
    pages = desk.pages(3)
    job = desk.begin(pages, "wait")
    desk.arrive()
    desk.service.kill()
    desk.service.restart()
    found = desk.job(job)
    assert (found["status"], found["error"]["error"]) == ("faulted", "service_ended")
    assert found["finishedAt"] >= found["startedAt"]
    failed = desk.api.refusal("GET", f"{PROCESS_JOBS}/{job}/result", 500)
    assert failed["message"] == (
        "Flatbed ended in the middle of this. Your pages are safe; start it again."
    )
    desk.service.events.wait_for(
        lambda event: event.subject == job and event.data["status"] == "faulted"
    )
    for _ in pages:
        desk.gate.open()
    assert desk.ended(desk.begin(pages, "wait"))["status"] == "completed"


def test_job_that_ran_when_the_service_was_stopped_says_so(desk: Desk) -> None:
    """An orderly end is none for it, and takes its workers along."""
    (page,) = desk.pages(1)
    job = desk.begin(page, "listen")
    desk.arrive()
    assert desk.service.stop() == 0
    assert desk.service.workers() == []
    desk.service.restart()
    assert desk.job(job)["error"]["error"] == "service_ended"


def test_job_of_another_origin_is_not_there(desk: Desk) -> None:
    """Nor for another subject of the same; for a program of the user it is."""
    (page,) = desk.pages(1)
    job = desk.begin(page)
    desk.ended(job)
    strangers = (desk.service.client(OTHER), desk.service.client(GRANTED, subject="Ms. B"))
    for other in strangers:
        assert other.get(PROCESS_JOBS).json() == []
        for verb, path in (("GET", job), ("DELETE", job), ("GET", f"{job}/result")):
            assert other.refusal(verb, f"{PROCESS_JOBS}/{path}", 404)["error"] == "job_not_found"
        body = {"status": "canceled"}
        assert (
            other.refusal("PATCH", f"{PROCESS_JOBS}/{job}", 404, json=body)["error"]
            == "job_not_found"
        )
    assert [each["jobuid"] for each in desk.service.client().get(PROCESS_JOBS).json()] == [job]
    assert desk.job(job)["status"] == "completed"


def test_results_are_deleted_after_a_while(make_desk: MakeDesk) -> None:
    """With the job; the file is gone too."""
    desk = make_desk(RESULTS_KEPT_H=0.01)
    (page,) = desk.pages(1)
    files = desk.service.stored_files()
    job = desk.begin(page)
    desk.ended(job)
    assert desk.service.stored_files() != files
    desk.service.stop()
    desk.service.age_process_jobs(hours=1)
    desk.service.restart()
    wait_until(lambda: desk.api.ask("GET", f"{PROCESS_JOBS}/{job}").status_code == 404)
    wait_until(lambda: desk.service.stored_files() == files)


def test_what_operations_made_is_part_of_the_check_of_the_storage(desk: Desk) -> None:
    """Known, read to its end, and missed where it is gone."""
    (page,) = desk.pages(1)
    files = desk.service.stored_files()
    desk.ended(desk.begin(page))
    (made,) = desk.service.stored_files() - files
    native = desk.service.client()
    check = "/api/storage/check"
    report = native.ask("POST", check, 200, json={"deep": True}).json()
    assert (report["pages"], report["damaged"], report["unknownFiles"]) == (1, [], 0)
    data = bytearray(made.read_bytes())
    data[-20] ^= 1
    made.write_bytes(data)
    (damage,) = native.ask("POST", check, 200, json={"deep": True}).json()["damaged"]
    assert damage == {
        "uid": made.stem,
        "kind": "file",
        "reason": "corrupt",
        "isReplaceable": True,
    }
    made.unlink()
    (damage,) = native.ask("POST", check, 200, json={}).json()["damaged"]
    assert damage["reason"] == "missing"


def test_direct_call_ends_when_its_client_goes_away(desk: Desk) -> None:
    """The worker hears it and is free; nothing of the call is left."""
    (page,) = desk.pages(1)
    body = {"source": page, "settings": "listen"}
    with httpx.Client(base_url=desk.service.url) as client, pytest.raises(httpx.ReadTimeout):
        client.post(f"{PROCESS}/work", json=body, timeout=0.5)
    desk.arrive()
    scratch = desk.service.data / "cache" / "scratch"
    wait_until(lambda: list(scratch.iterdir()) == [])
    workers = {each.pid for each in desk.service.workers()}
    body = {"source": page, "settings": ""}
    found = desk.api.ask("POST", f"{PROCESS}/work", 200, json=body).json()
    assert found["pid"] in workers


def test_pages_that_a_canceled_job_made_go_with_it(desk: Desk) -> None:
    """Nobody can name them any more, and they would count for their owner."""
    page, *_ = desk.pages(1)
    before = desk.service.stored_files()
    job = desk.begin([page] * 400, "copy")
    desk.service.events.wait_for(
        lambda event: event.subject == job and int(event.data["done"]) >= 2
    )
    desk.api.ask("PATCH", f"{PROCESS_JOBS}/{job}", 200, json={"status": "canceled"})
    assert desk.service.stored_files() == before
