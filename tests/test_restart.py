"""A service that was killed finds everything again: running scans, pages, cursors, the lock."""

from __future__ import annotations

import psutil
import pytest

from .conftest import MakeService
from .support.bench import SHEETS, feeder, glass
from .support.client import DOCUMENTS, JOBS
from .support.pictures import read_picture


def has_ended(process: psutil.Process) -> bool:
    """Whether a process is gone, though perhaps nobody has asked how it ended."""
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_scan_goes_on_without_the_service_and_is_found_again(make_service: MakeService) -> None:
    """Every sheet once, bit for bit, though nobody was there for some of them."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=6, ADDONS__VIRTUAL__SECONDS_PER_PAGE=0.3)
    api = service.client()
    uid = api.scan(config=feeder())
    api.wait_for_page(uid, 1)
    worker = service.scanning_worker(uid)
    service.kill()
    assert worker.is_running()
    service.restart()
    assert api.job(uid)["status"] == "running"
    pages = [read_picture(data).sha256 for data in api.drain(uid)]
    assert api.wait_for(uid, "completed")["pages"] == 6
    assert pages == [each.sha256 for each in service.ledger.delivered(1)]
    assert service.ledger.sheets_fed(1) == [1, 2, 3, 4, 5, 6]
    api.create(autoRun=False)


def test_scan_that_ended_meanwhile_is_found_complete(make_service: MakeService) -> None:
    """The worker had nobody to tell; the journal tells."""
    service = make_service(ADDONS__VIRTUAL__SHEETS=SHEETS)
    api = service.client()
    uid = api.scan(config=feeder())
    api.wait_for_page(uid)
    worker = service.scanning_worker(uid)
    service.kill()
    worker.wait(20)
    service.restart()
    pages = [read_picture(data).sha256 for data in api.drain(uid)]
    assert api.wait_for(uid, "completed")["pages"] == SHEETS
    assert pages == [each.sha256 for each in service.ledger.delivered(1)]


@pytest.mark.parametrize("how", ["canceled", "deleted"])
def test_worker_that_lost_its_service_hears_the_next_one(
    how: str, make_service: MakeService
) -> None:
    """Cancel and delete reach it, and the scanner is free."""
    service = make_service(
        ADDONS__VIRTUAL__SHEETS=50,
        ADDONS__VIRTUAL__SECONDS_PER_PAGE=0.2,
        CANCEL_TERM_S=1,
        CANCEL_KILL_S=2,
        CANCEL_ACK_S=0.5,
    )
    api = service.client()
    uid = api.scan(config=feeder())
    api.wait_for_page(uid)
    worker = service.scanning_worker(uid)
    service.kill()
    service.restart()
    if how == "deleted":
        api.delete(uid)
        assert has_ended(worker)
        api.create(autoRun=False)
        return
    api.change(uid, "canceled")
    api.scan_after(uid, "Flatbed virtual scanner", autoRun=False)
    assert has_ended(worker)
    pages = [read_picture(data).sha256 for data in api.drain(uid)]
    assert pages == [each.sha256 for each in service.ledger.delivered(1)]
    assert 1 <= len(pages) < 50


def test_everything_that_was_there_is_there_again(make_service: MakeService) -> None:
    """Pending jobs hold their scanner, finished ones have their pages and cursors, on both ends."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One", "Two"], ADDONS__VIRTUAL__SHEETS=SHEETS)
    api = service.client()
    done = api.scan("One", config=feeder())
    api.wait_for(done, "completed")
    first = api.next_page(done).content
    infos = [api.get(f"{JOBS}/{done}/next-page-info").json() for _ in range(3)]
    pending = api.scan("Two", autoRun=False, config=glass(PixelType=1))
    before = api.job(done)
    service.kill()
    service.restart()
    assert api.job(done) == before
    rest = api.drain(done)
    assert len(rest) == SHEETS - 1
    assert first not in rest
    assert api.get(infos[1]["url"]).content == rest[0]
    assert api.get(f"{JOBS}/{done}/next-page-info").json()["imageId"] == 3
    api.get(f"{JOBS}/{done}/next-page-info", 204)
    assert api.refusal("POST", JOBS, 423, json={"device": "Two"})["error"] == "scanner_held"
    api.change(pending, "running")
    assert read_picture(api.drain(pending)[0]).mode == "L"


def test_tombstone_does_not_outlive_the_service(make_service: MakeService) -> None:
    """A deleted job leaves nothing; after a restart nobody knows that it was there."""
    service = make_service()
    api = service.client()
    uid = api.scan(config=glass())
    api.wait_for(uid, "completed")
    api.delete(uid)
    api.refusal("GET", f"{JOBS}/{uid}", 410)
    service.stop()
    service.restart()
    assert api.refusal("GET", f"{JOBS}/{uid}", 404)["error"] == "job_not_found"
    assert service.stored_files() == set()


def test_scan_that_lost_service_and_worker_is_offered_as_recovered(
    make_service: MakeService,
) -> None:
    """Its pages are there to be kept or deleted; the job says that it was cut off."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One"], ADDONS__VIRTUAL__FAULTS=["hang@3"])
    api = service.client()
    assert api.get("/api/storage/recovered").json() == []
    uid = api.scan(config=feeder())
    api.wait_for_page(uid, 1)
    worker = service.scanning_worker(uid)
    service.kill()
    worker.kill()
    worker.wait(20)
    service.restart()
    api.wait_for(uid, "faulted")
    (offered,) = api.get("/api/storage/recovered").json()
    assert (offered["uid"], offered["kind"], offered["job"]["pages"]) == (uid, "job", 2)
    assert offered["job"]["error"]["error"] == "driver_crashed"
    api.ask("POST", f"/api/storage/recovered/{uid}/keep", 204)
    assert api.get("/api/storage/recovered").json() == []
    assert len(api.drain(uid)) == 2
    api.ask("DELETE", f"/api/storage/recovered/{uid}", 204)
    assert api.refusal("GET", f"{JOBS}/{uid}", 410)["code"] == -1034
    assert service.stored_files() == set()


def test_document_that_a_lost_scan_was_for_is_offered_too(make_service: MakeService) -> None:
    """Keeping it keeps the job; deleting it leaves the job's own pages."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One"], ADDONS__VIRTUAL__FAULTS=["hang@3"])
    api = service.client()
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    uid = api.scan(config=feeder(), document=document)
    api.wait_for_page(uid, 1)
    worker = service.scanning_worker(uid)
    service.kill()
    worker.kill()
    worker.wait(20)
    service.restart()
    api.wait_for(uid, "faulted")
    offered = api.get("/api/storage/recovered").json()
    assert [(each["uid"], each["kind"]) for each in offered] == [
        (uid, "job"),
        (document, "document"),
    ]
    assert len(api.get(f"{DOCUMENTS}/{document}").json()["pages"]) == 2
    api.ask("DELETE", f"/api/storage/recovered/{document}", 204)
    (offered,) = api.get("/api/storage/recovered").json()
    assert (offered["kind"], offered["job"]["pages"]) == ("job", 2)
    api.ask("POST", f"/api/storage/recovered/{uid}/keep", 204)
    assert api.get("/api/storage/recovered").json() == []
    assert len(api.drain(uid)) == 2
