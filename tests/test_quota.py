"""What a website may fill the buffer with, and what happens when it has."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from .conftest import MakeService
from .support.bench import GRANTED, OTHER, feeder
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.pictures import read_picture
from .support.service import LiveService

SETTINGS = {
    "ALLOWED_ORIGINS": [GRANTED, OTHER],
    "ADDONS__VIRTUAL__NAMES": ["Plain", "Second"],
    "ADDONS__VIRTUAL__SHEETS": 5,
    "ADDONS__VIRTUAL__PAPER_MM": [40, 50],
    "ORIGIN_MAX_PAGES": 3,
}
OCTETS = {"Content-Type": "application/octet-stream"}


def scan(page: ApiClient, device: str = "Plain") -> str:
    """Scan all sheets; the job."""
    uid = page.scan(device, config=feeder())
    assert page.wait_for(uid, "completed")["pages"] == 5
    return uid


def assert_refused(page: ApiClient, verb: str, path: str, **body: object) -> None:
    """Refused, with all that a page needs to say what to do."""
    refusal = page.refusal(verb, path, 409, **body)
    assert (refusal["error"], refusal["code"]) == ("storage_limit", -1022)
    assert refusal["message"] == (
        "This website keeps as much here as it may. Nothing was deleted; delete jobs or documents,"
        " or raise the limit in the settings."
    )
    assert refusal["details"] == {"pages": 5, "pages_most": 3}


def age_jobs(service: LiveService, *, days: float) -> None:
    """Make all jobs older, while the service is stopped."""
    with closing(sqlite3.connect(service.data / "cache" / "index.sqlite")) as index, index:
        for uid, text in index.execute("SELECT uid, record FROM jobs").fetchall():
            record = json.loads(text)
            record["finished_at"] -= days * 86400
            index.execute("UPDATE jobs SET record = ? WHERE uid = ?", (json.dumps(record), uid))
        index.execute("UPDATE touched SET at = at - ?", (days * 86400,))


def test_website_that_is_full_gets_no_new_scan(make_service: MakeService) -> None:
    """The scan that crossed the limit has all its sheets; nothing is fed for the next one."""
    service = make_service(**SETTINGS)
    page = service.client(GRANTED)
    uid = scan(page)
    for who in (page, service.client(GRANTED, subject="anna")):
        assert_refused(who, "POST", JOBS, json={"device": "Plain"})
        assert_refused(who, "POST", "/DWTAPI/ScanJobs", json={"device": "Plain"})
    assert service.ledger.sheets_fed(1) == [1, 2, 3, 4, 5]
    assert len(page.drain(uid)) == 5
    # Others are not touched by it, and what it deletes it has again.
    scan(service.client(OTHER), "Second")
    scan(service.client(), "Second")
    page.delete(uid)
    scan(page)


def test_website_that_is_full_may_work_with_what_it_has(make_service: MakeService) -> None:
    """Putting pages into documents copies nothing; a file would come in anew."""
    service = make_service(**SETTINGS)
    page = service.client(GRANTED)
    uid = scan(page)
    document = page.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    path = f"{DOCUMENTS}/{document}/pages"
    for number in range(5):
        source = f"{JOBS}/{uid}/content?page={number}"
        page.ask("POST", path, 200, json={"source": source})
    picture = page.get(f"{JOBS}/{uid}/content?page=0").content
    assert read_picture(picture).mode
    assert_refused(page, "POST", path, headers=OCTETS, content=picture)
    # The pages are in the document still: its job alone gives nothing back.
    page.delete(uid)
    assert_refused(page, "POST", JOBS, json={"device": "Plain"})
    page.ask("DELETE", f"{DOCUMENTS}/{document}", 204)
    document = page.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    loaded = page.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, headers=OCTETS, content=picture)
    assert len(loaded.json()["pages"]) == 1


def test_bytes_are_limited_too(make_service: MakeService) -> None:
    """By the size of the files."""
    settings = {**SETTINGS, "ORIGIN_MAX_PAGES": 0, "ORIGIN_MAX_MB": 1}
    service = make_service(**settings)
    page = service.client(GRANTED)
    large = {"config": feeder(Resolution=600, PixelType=2)}
    uid = page.scan("Plain", **large)
    page.wait_for(uid, "completed")
    refusal = page.refusal("POST", JOBS, 409, json={"device": "Plain"})
    assert refusal["details"]["bytes_most"] == 1 << 20
    assert refusal["details"]["bytes"] > 1 << 20


@pytest.mark.parametrize(("kept_days", "days"), [(30, 31), (7, 8)])
def test_job_that_nobody_asks_for_is_gone_after_its_days(
    kept_days: int, days: int, make_service: MakeService
) -> None:
    """With its pages; one that is in a document stays."""
    service = make_service(**SETTINGS, JOBS_KEPT_DAYS=kept_days)
    page = service.client(GRANTED)
    uid = scan(page)
    document = page.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    source = f"{JOBS}/{uid}/content?page=1"
    page.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json={"source": source})
    service.stop()
    age_jobs(service, days=days)
    service.restart()
    page.wait_for_event(uid, "job.status", "deleted")
    assert page.refusal("GET", f"{JOBS}/{uid}", 410)["error"] == "job_gone"
    assert len(service.stored_pages()) == 1
    page.get(f"{DOCUMENTS}/{document}/content?type=image/png")


@pytest.mark.parametrize("how", ["job", "thumbnail", "nothing"])
def test_job_that_somebody_asked_for_stays(how: str, make_service: MakeService) -> None:
    """By its own id or by that of a page, also a moment before the service is stopped."""
    service = make_service(**SETTINGS)
    page = service.client(GRANTED)
    uid = scan(page)
    picture = page.get(f"{JOBS}/{uid}/next-page-info").json()["imageuid"]
    paths = {"job": f"{JOBS}/{uid}", "thumbnail": f"{PAGES}/{picture}/thumbnail"}
    for _ in range(2):
        service.stop()
        age_jobs(service, days=20)
        service.restart()
        if how in paths:
            page.get(paths[how])
    if how == "nothing":
        page.wait_for_event(uid, "job.status", "deleted")
    page.get(f"{JOBS}/{uid}", 410 if how == "nothing" else 200)
