"""Faults at the device: what the job says, what stays safe, and how it goes on after a pause."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import MakeService
from .support.bench import SHEETS, feeder, glass, number_of
from .support.client import JOBS, ApiClient
from .support.pictures import read_picture
from .support.service import LiveService


def pages_of(api: ApiClient, uid: str) -> list[str]:
    """The pages of a job that nobody has had, by their digests."""
    return [read_picture(data).sha256 for data in api.drain(uid)]


@pytest.mark.parametrize(
    ("name", "code", "error", "pages"),
    [
        ("Jam", -1020, "paper_jam", 2),
        ("Jam at once", -1020, "paper_jam", 0),
        ("Double feed", -1021, "double_feed", 1),
        ("Cover", -1005, "cover_open", 1),
        ("Empty", -1035, "feeder_empty", 0),
        ("Disk", -1022, "disk_full", 1),
        ("I/O", -1023, "io_error", 1),
        ("Little memory", -1002, "out_of_memory", 1),
        ("Picky", -1010, "invalid_for_device", 1),
        ("Unable", -1006, "unsupported", 1),
        ("Warming", -1004, "warming_up", 1),
        ("Locked", -1023, "transport_locked", 1),
        ("Blank", -1023, "empty_page", 1),
        ("Flood", -1023, "io_error", 1),
    ],
)
def test_fault_ends_the_job_and_leaves_its_pages(
    name: str, code: int, error: str, pages: int, bench: LiveService, api: ApiClient
) -> None:
    """The pages before it are handed out, then 204; the job says what happened, and to do."""
    mark = bench.ledger.mark()
    uid = api.scan(name, config=feeder())
    assert len(pages_of(api, uid)) == pages
    job = api.wait_for(uid, "faulted")
    assert (job["status"], job["code"], job["pages"]) == ("faulted", code, pages)
    assert (job["error"]["error"], job["error"]["code"]) == (error, code)
    assert job["message"] == job["error"]["message"]
    safe = {0: "", 1: "Your page is safe.", 2: "Your 2 pages are safe."}[pages]
    assert job["message"].endswith(safe)
    # The sheet that the fault struck at was fed, and became no page.
    assert len(bench.ledger.delivered(number_of(name), since=mark)) == pages
    api.next_page(uid, 204)
    again = api.wait_for_end(api.scan(name, config=glass()))
    assert (again["status"], again["pages"]) == (
        "completed" if pages else "faulted",
        1 if pages else 0,
    )


@pytest.mark.parametrize("name", ["Short", "Print"])
def test_oddity_of_a_driver_is_no_fault(name: str, bench: LiveService, api: ApiClient) -> None:
    """A page that is too short, and a driver that prints into its own pipe."""
    mark = bench.ledger.mark()
    uid = api.scan(name, config=feeder())
    found = pages_of(api, uid)
    job = api.wait_for(uid, "completed")
    assert (job["code"], job["pages"]) == (0, SHEETS)
    assert found == [each.sha256 for each in bench.ledger.delivered(number_of(name), since=mark)]
    warnings = {"Short": ["Page 2 ended after 219 of 437 rows."], "Print": []}
    assert job["warnings"] == warnings[name]


@pytest.mark.parametrize(
    ("name", "error", "pages"),
    [
        ("Jam", "paper_jam", 2),
        ("Jam at once", "paper_jam", 0),
        ("Double feed", "double_feed", 1),
        ("Cover", "cover_open", 1),
        ("Empty", "feeder_empty", 0),
        ("Disk", "disk_full", 1),
    ],
)
def test_fault_that_a_person_can_clear_pauses_the_job(
    name: str, error: str, pages: int, bench: LiveService, api: ApiClient
) -> None:
    """It waits with the scanner; then the remaining sheets come into the same job, each once."""
    mark = bench.ledger.mark()
    uid = api.scan(name, config=feeder(), onFault="pause")
    job = api.wait_for(uid, "paused")
    assert (job["status"], job["error"]["error"], job["pages"]) == ("paused", error, pages)
    assert job["code"] == job["error"]["code"] != 0
    assert job["finishedAt"] is None
    assert api.refusal("POST", JOBS, 423, json={"device": name})["error"] == "scanner_held"
    assert api.change(uid, "running").json() == {"status": "running"}
    done = api.wait_for(uid, "completed")
    assert (done["code"], done["message"], done["pages"]) == (0, "", SHEETS)
    delivered = bench.ledger.delivered(number_of(name), since=mark)
    assert [each.sheet for each in delivered] == [1, 2, 3, 4]
    assert pages_of(api, uid) == [each.sha256 for each in delivered]


@pytest.mark.parametrize("onfault", [{}, {"onFault": "fault"}], ids=["default", "said"])
def test_fault_pauses_no_job_that_did_not_ask_for_it(
    onfault: dict[str, str], api: ApiClient
) -> None:
    """Clients that do not know `paused` would wait for ever."""
    uid = api.scan("Jam at once", config=feeder(), **onfault)
    assert api.wait_for(uid, "faulted", "paused")["status"] == "faulted"


def test_fault_that_nobody_can_clear_does_not_pause(api: ApiClient) -> None:
    """A broken cable is no matter of a sheet of paper."""
    uid = api.scan("I/O", config=feeder(), onFault="pause")
    assert api.wait_for(uid, "faulted", "paused")["status"] == "faulted"


def test_next_page_waits_through_a_pause(api: ApiClient) -> None:
    """Pages from before it are there at once, the next one comes after it: there is no 204."""
    uid = api.scan("Double feed", config=feeder(), onFault="pause")
    api.wait_for(uid, "paused")
    api.next_page(uid)
    api.get(f"{JOBS}/{uid}/content?page=1", 204)
    api.change(uid, "running")
    assert len(api.drain(uid)) == SHEETS - 1


def test_paused_job_is_ended_with_its_pages(api: ApiClient) -> None:
    """A person gives up at a jam: the pages stay, the scanner is free, and it is over."""
    uid = api.scan("Jam", config=feeder(), onFault="pause")
    api.wait_for(uid, "paused")
    assert api.change(uid, "canceled").json() == {"status": "canceled"}
    job = api.job(uid)
    assert (job["status"], job["code"], job["pages"]) == ("canceled", 0, 2)
    assert job["finishedAt"] is not None
    api.create("Jam", autoRun=False)
    assert len(api.drain(uid)) == 2
    refusal = api.refusal("PATCH", f"{JOBS}/{uid}", 409, json={"status": "running"})
    assert refusal["code"] == -1011


def test_paused_job_can_be_deleted(api: ApiClient) -> None:
    """And with it go its lock and its pages."""
    uid = api.scan("Jam", config=feeder(), onFault="pause")
    api.wait_for(uid, "paused")
    api.delete(uid)
    api.create("Jam", autoRun=False)


def test_pause_outlives_the_service(make_service: MakeService) -> None:
    """The jam is still there after a crash of the service, and so is the way to go on."""
    service = make_service(ADDONS__VIRTUAL__FAULTS=["jam@3"], ADDONS__VIRTUAL__SHEETS=SHEETS)
    api = service.client()
    uid = api.scan(config=feeder(), onFault="pause")
    api.wait_for(uid, "paused")
    api.next_page(uid)
    # Written after the cursor, so that this is on the disk too.
    api.ask("POST", f"/api/storage/recovered/{uid}/keep", 204)
    service.kill()
    service.restart()
    job = api.job(uid)
    assert (job["status"], job["code"], job["pages"]) == ("paused", -1020, 2)
    assert api.refusal("POST", JOBS, 423, json={})["error"] == "scanner_held"
    api.change(uid, "running")
    found = pages_of(api, uid)
    delivered = service.ledger.delivered(1)
    assert [each.sheet for each in delivered] == [1, 2, 3, 4]
    assert found == [each.sha256 for each in delivered][1:]


@pytest.mark.parametrize(
    ("name", "status", "code", "error"),
    [("Denied", 403, -1016, "access_denied"), ("Busy", 423, -1004, "device_busy")],
)
def test_scanner_that_cannot_be_opened_refuses_the_job(
    name: str, status: int, code: int, error: str, api: ApiClient
) -> None:
    """It must be asked what it can do before there is a job."""
    refusal = api.refusal("POST", JOBS, status, json={"device": name, "autoRun": False})
    assert (refusal["code"], refusal["error"]) == (code, error)


@pytest.mark.parametrize(
    ("body", "has_asked"),
    [
        ({"checkFeederLoaded": True, "config": feeder()}, False),
        ({"checkFeederLoaded": False, "config": feeder()}, True),
        ({"config": feeder()}, True),
    ],
    ids=["checked", "not checked", "default"],
)
def test_empty_feeder_is_known_before_the_scan_where_it_is_checked(
    body: dict[str, Any],
    has_asked: bool,  # noqa: FBT001
    make_service: MakeService,
) -> None:
    """Both ways the job says so; only where it was not checked was the device made to try."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=0)
    api = service.client()
    uid = api.scan(**body)
    job = api.wait_for(uid, "faulted")
    assert (job["code"], job["error"]["error"]) == (-1035, "feeder_empty")
    assert "Load paper" in job["message"]
    tray = service.data / "cache" / "state" / "virtual" / "tray-1.json"
    assert tray.exists() is has_asked
    glass_job = api.scan(checkFeederLoaded=True, config=glass())
    assert api.wait_for_end(glass_job)["status"] == "completed"


@pytest.mark.parametrize("limit", ["DISK_START_MIN_MB", "DISK_SHEET_MIN_MB"])
@pytest.mark.parametrize(
    ("onfault", "state"), [("fault", "faulted"), ("pause", "paused")], ids=["ends", "waits"]
)
def test_disk_without_room_lets_no_paper_move(
    limit: str, onfault: str, state: str, make_service: MakeService
) -> None:
    """Before the scan, and before a sheet: the job says so, or waits for somebody to make room."""
    service = make_service(**{limit: 2**30}, DISK_WAIT_S=0, ADDONS__VIRTUAL__SHEETS=SHEETS)
    api = service.client()
    uid = api.scan(config=feeder(), onFault=onfault)
    job = api.wait_for(uid, state)
    assert (job["status"], job["code"], job["error"]["error"]) == (state, -1022, "disk_full")
    assert "Free some space" in job["message"]
    assert service.ledger.delivered(1) == []
    assert service.stored_pages() == set()
    if state == "paused":
        service.stop()
        service.configure(**{limit: 0})
        service.restart()
        api.change(uid, "running")
        assert len(api.drain(uid)) == SHEETS
