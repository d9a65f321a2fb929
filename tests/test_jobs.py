"""Jobs from their creation to their end: states and wrong states, the lock, cancel, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .support.bench import SHEETS, feeder, glass, number_of
from .support.client import JOBS, ApiClient, together
from .support.pictures import read_picture
from .support.service import LiveService

PARTS = ["", "/next-page", "/next-page-info", "/content", "/scanner/capabilities"]
PARTS += ["/scanner/settings"]


def test_created_job_runs_and_completes(api: ApiClient) -> None:
    """The answer comes at once, tells where the job is, and the job tells how it went."""
    created = api.ask("POST", JOBS, 201, json={"device": "Plain", "config": glass()})
    job = created.json()
    uid = job["jobuid"]
    assert job["status"] == "running"
    assert (job["scanner"]["name"], job["scanner"]["type"]) == ("Plain", 0x100)
    assert created.headers["Location"] == f"{api.url}{JOBS}/{uid}"
    assert api.get(created.headers["Location"]).json()["status"] in ("running", "completed")
    done = api.wait_for(uid, "completed")
    assert (done["code"], done["message"], done["pages"], done["error"]) == (0, "", 1, None)
    assert done["startedAt"] <= done["finishedAt"]
    api.delete(uid)


def test_job_without_auto_run_waits_and_moves_no_paper(bench: LiveService, api: ApiClient) -> None:
    """It holds the scanner until it is started, and then it scans all the same."""
    mark = bench.ledger.mark()
    uid = api.scan("Plain", autoRun=False, config=feeder(XferCount=1))
    job = api.job(uid)
    assert (job["status"], job["code"], job["pages"]) == ("pending", 0, 0)
    assert (job["startedAt"], job["finishedAt"]) == (None, None)
    # A whole job on another scanner later it still waits.
    api.wait_for(api.scan("Second", config=glass()), "completed")
    assert api.job(uid)["status"] == "pending"
    assert bench.ledger.sheets_fed(number_of("Plain"), since=mark) == []
    assert api.change(uid, "running").json() == {"status": "running"}
    assert api.wait_for(uid, "completed")["pages"] == 1


@pytest.mark.parametrize("holder", [{"autoRun": False}, {}], ids=["pending", "running"])
def test_scanner_of_a_job_is_held(holder: dict[str, Any], api: ApiClient, page: ApiClient) -> None:
    """Nobody else gets it, from any origin; other scanners are free, and it is after the end."""
    uid = api.scan("Slow", config=feeder(XferCount=2), **holder)
    for other in (api, page):
        refusal = other.refusal("POST", JOBS, 423, json={"device": "Slow"})
        assert (refusal["code"], refusal["error"]) == (-1004, "scanner_held")
        assert "'Slow' is in use" in refusal["message"]
    page.wait_for(page.scan("Plain", config=glass()), "completed")
    api.delete(uid)
    page.create("Slow", autoRun=False)


def test_scanner_is_free_once_its_job_has_ended(api: ApiClient) -> None:
    """The job needs not be deleted; two of them are then there side by side."""
    first = api.scan("Plain", config=glass())
    api.wait_for(first, "completed")
    second = api.scan("Plain", config=glass())
    api.wait_for(second, "completed")
    assert len(api.drain(first)) == len(api.drain(second)) == 1


def test_two_callers_at_once_get_one_scanner_once(api: ApiClient) -> None:
    """Between the look at the lock and its taking nobody else comes in."""

    def create() -> int:
        body = {"device": "Plain", "autoRun": False}
        answer = api.ask("POST", JOBS, json=body)
        if answer.status_code == 201:
            api.created.append(answer.json()["jobuid"])
        return answer.status_code

    assert sorted(together(*[create] * 6)) == [201, 423, 423, 423, 423, 423]


def _pending(api: ApiClient) -> str:
    return api.scan("Slow", autoRun=False, config=feeder())


def _running(api: ApiClient) -> str:
    return api.scan("Slow", config=feeder())


def _completed(api: ApiClient) -> str:
    uid = api.scan("Plain", config=glass())
    api.wait_for(uid, "completed")
    return uid


def _canceled(api: ApiClient) -> str:
    uid = _running(api)
    api.change(uid, "canceled")
    return uid


def _faulted(api: ApiClient) -> str:
    uid = api.scan("Jam at once", config=feeder())
    api.wait_for(uid, "faulted")
    return uid


@pytest.mark.parametrize(
    ("state", "make", "wanted"),
    [
        ("pending", _pending, "canceled"),
        ("running", _running, "running"),
        ("completed", _completed, "running"),
        ("completed", _completed, "canceled"),
        ("canceled", _canceled, "running"),
        ("canceled", _canceled, "canceled"),
        ("faulted", _faulted, "running"),
        ("faulted", _faulted, "canceled"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_job_in_the_wrong_state_refuses_the_change(
    state: str, make: Callable[[ApiClient], str], wanted: str, api: ApiClient
) -> None:
    """Pending takes only running, running only canceled, and an end is an end."""
    uid = make(api)
    refusal = api.refusal("PATCH", f"{JOBS}/{uid}", 409, json={"status": wanted})
    assert (refusal["code"], refusal["error"]) == (-1011, "wrong_state")
    assert state in refusal["message"]
    assert api.job(uid)["status"] == state


@pytest.mark.parametrize(
    "body", [{}, {"status": "paused"}, {"status": "pending"}, {"status": 1}, {"status": None}, []]
)
def test_job_refuses_a_change_that_is_none(body: Any, api: ApiClient) -> None:
    """Only the two words are taken, and nothing changes by others."""
    uid = _pending(api)
    refusal = api.refusal("PATCH", f"{JOBS}/{uid}", 400, json=body)
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert api.job(uid)["status"] == "pending"


def test_cancel_keeps_the_pages_and_frees_the_scanner(bench: LiveService, api: ApiClient) -> None:
    """What was scanned by then is handed out, then 204; the next job can begin."""
    mark = bench.ledger.mark()
    uid = api.scan("Slow", config=feeder())
    api.wait_for_page(uid)
    answer = api.change(uid, "canceled")
    assert answer.json() == {"status": "canceled"}
    api.scan_after(uid, "Slow", autoRun=False)
    job = api.job(uid)
    assert (job["status"], job["code"], job["error"]) == ("canceled", 0, None)
    pages = [read_picture(data).sha256 for data in api.drain(uid)]
    delivered = bench.ledger.delivered(number_of("Slow"), since=mark)
    assert pages == [each.sha256 for each in delivered]
    assert 1 <= len(pages) == job["pages"] < SHEETS


def test_cancel_of_a_driver_that_does_not_hear_is_acknowledged(api: ApiClient) -> None:
    """The caller knows while the scanner is still held; it is free once the driver was killed."""
    uid = api.scan("Hard hang")
    assert api.change(uid, "canceled").json() == {"status": "canceled"}
    assert api.job(uid)["status"] == "canceled"
    refusal = api.refusal("POST", JOBS, 423, json={"device": "Hard hang"})
    assert refusal["error"] == "scanner_held"
    api.scan_after(uid, "Hard hang", autoRun=False)
    assert api.drain(uid) == []


@pytest.mark.parametrize("part", PARTS)
def test_deleted_job_is_gone(part: str, api: ApiClient) -> None:
    """Its tombstone stays as long as the service runs."""
    uid = _completed(api)
    assert api.delete(uid).content == b""
    refusal = api.refusal("GET", f"{JOBS}/{uid}{part}", 410)
    assert (refusal["code"], refusal["error"]) == (-1034, "job_gone")


def test_deleted_job_cannot_be_changed_or_deleted_again(api: ApiClient) -> None:
    """A client in use deletes twice, and must be told that it was done."""
    uid = _completed(api)
    api.delete(uid)
    assert api.refusal("DELETE", f"{JOBS}/{uid}", 410)["code"] == -1034
    body = {"status": "running"}
    assert api.refusal("PATCH", f"{JOBS}/{uid}", 410, json=body)["code"] == -1034


@pytest.mark.parametrize("part", PARTS)
def test_unknown_job_is_not_found(part: str, api: ApiClient) -> None:
    """Whatever is asked of it."""
    refusal = api.refusal("GET", f"{JOBS}/0123456789abcdef{part}", 404)
    assert (refusal["code"], refusal["error"]) == (-1034, "job_not_found")


@pytest.mark.parametrize("name", ["Slow", "Hard hang"], ids=["hears it", "has to be killed"])
def test_delete_of_a_running_job_answers_once_the_scanner_is_free(
    name: str, bench: LiveService, api: ApiClient
) -> None:
    """The driver has ended by then, the pages are gone from the disk, and the next job begins."""
    before = bench.stored_files()
    uid = api.scan(name, config=feeder())
    if name == "Slow":
        api.wait_for_page(uid)
        assert bench.stored_files() != before
    api.delete(uid)
    assert bench.stored_files() == before
    api.create(name, autoRun=False)


@pytest.mark.parametrize("make", [_pending, _running], ids=["pending", "running"])
def test_delete_lets_go_of_who_waits_for_a_page(
    make: Callable[[ApiClient], str], api: ApiClient
) -> None:
    """Whoever waits must not wait for ever for a page of a job that is no more."""
    uid = make(api)
    if api.job(uid)["status"] == "running":
        api.wait_for_page(uid)
        api.next_page(uid)

    def wait_for_page() -> int:
        return api.ask("GET", f"{JOBS}/{uid}/next-page").status_code

    def delete() -> int:
        return api.delete(uid).status_code

    found, _ = together(wait_for_page, delete)
    assert found in (204, 410)


def test_two_jobs_of_one_scanner_hand_out_their_own_pages(
    bench: LiveService, api: ApiClient
) -> None:
    """One after the other, asked in the other order."""
    mark = bench.ledger.mark()
    first = api.scan("Plain", config=feeder(XferCount=2))
    api.wait_for(first, "completed")
    second = api.scan("Plain", config=feeder(XferCount=3, PixelType=1))
    api.wait_for(second, "completed")
    found = [read_picture(data).sha256 for uid in (second, first) for data in api.drain(uid)]
    written = [each.sha256 for each in bench.ledger.delivered(number_of("Plain"), since=mark)]
    assert found == written[2:] + written[:2]
