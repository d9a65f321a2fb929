"""Scans into a document: at a place, instead of a page, or between its fronts."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from .conftest import MakeService
from .support.bench import completed, feeder, glass
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.pictures import read_picture
from .support.service import LiveService

Json = dict[str, Any]
NOBODY = "0" * 32


def made(api: ApiClient, **body: Any) -> str:
    """An empty document."""
    return str(api.ask("POST", DOCUMENTS, 201, json=body).json()["uid"])


def scan(api: ApiClient, document: str, pages: int = 2, device: str = "Plain", **more: Any) -> Json:
    """Scan into a document; the job when it is done."""
    config = feeder(XferCount=pages, **more.pop("config", {}))
    job = api.scan(device, config=config, document=document, **more)
    api.wait_for(job, "completed")
    return api.job(job)


def order(api: ApiClient, document: str) -> list[str]:
    """The uids of a document's pages."""
    return [page["uid"] for page in api.get(f"{DOCUMENTS}/{document}").json()["pages"]]


def looks(api: ApiClient, document: str) -> list[str]:
    """What its pages look like."""
    pages = [f"{PAGES}/{uid}/content" for uid in order(api, document)]
    return [read_picture(api.get(page).content).sha256 for page in pages]


def of_job(api: ApiClient, job: str, count: int) -> list[str]:
    """What a job's pages look like."""
    pages = [f"{JOBS}/{job}/content?page={place}" for place in range(count)]
    return [read_picture(api.get(page).content).sha256 for page in pages]


def test_pages_go_into_the_document_as_they_are_scanned(api: ApiClient) -> None:
    """The job still hands them out; the event names both; deleting the job leaves them."""
    document = made(api)
    job = scan(api, document, 3)
    uid = job["jobuid"]
    assert (job["document"], job["pages"], job["warnings"]) == (document, 3, [])
    assert looks(api, document) == of_job(api, uid, 3)
    event = api.wait_for_page(uid, 2)
    assert event.data["document"] == document
    assert event.data["document_page"] == order(api, document)[2]
    assert len(api.drain(uid)) == 3
    seen = looks(api, document)
    api.delete(uid)
    assert looks(api, document) == seen


def test_pages_go_to_the_place_that_is_asked_for(api: ApiClient) -> None:
    """In their order, from 1; each is a step that undo takes back."""
    document = made(api)
    scan(api, document, 2)
    first, last = looks(api, document)
    job = scan(api, document, 2, insertPos=2)
    inside = of_job(api, job["jobuid"], 2)
    assert looks(api, document) == [first, *inside, last]
    api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200)
    assert looks(api, document) == [first, inside[0], last]


def test_page_is_scanned_again_in_place_of_another(api: ApiClient) -> None:
    """What it replaces comes back by undo."""
    document = made(api)
    scan(api, document, 3)
    before, old = looks(api, document), order(api, document)[1]
    job = scan(api, document, 1, replace=old)
    new = of_job(api, job["jobuid"], 1)
    assert looks(api, document) == [before[0], *new, before[2]]
    api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200)
    assert looks(api, document) == before


def test_backs_of_a_second_pass_come_between_their_fronts(api: ApiClient) -> None:
    """In reverse, as the stack was turned over."""
    document = made(api)
    scan(api, document, 3)
    fronts = looks(api, document)
    job = scan(api, document, 3, interleave=True)
    backs = of_job(api, job["jobuid"], 3)
    expected = [fronts[0], backs[2], fronts[1], backs[1], fronts[2], backs[0]]
    assert looks(api, document) == expected


def test_document_with_a_password_takes_pages_by_it(api: ApiClient) -> None:
    """Nothing moves before it was right."""
    document = made(api, password="secret")
    body = {"device": "Plain", "config": glass(), "document": document}
    assert api.refusal("POST", JOBS, 403, json=body)["code"] == -1043
    right = {"DWT-DOC-PASSWORD": "secret"}
    job = api.ask("POST", JOBS, 201, json=body, headers=right).json()["jobuid"]
    api.created.append(job)
    api.wait_for(job, "completed")
    found = api.ask("GET", f"{DOCUMENTS}/{document}", 200, headers=right).json()
    assert len(found["pages"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"document": NOBODY}, 404, -1040),
        ({"insertPos": 1}, 400, -2113),
        ({"replace": NOBODY}, 400, -2113),
        ({"interleave": True}, 400, -2113),
    ],
    ids=["no document", "a place", "a page", "fronts"],
)
def test_place_that_is_not_there_is_refused_before_paper_moves(
    body: Json, status: int, code: int, bench: LiveService, api: ApiClient
) -> None:
    """And the scanner is free."""
    found = api.refusal("POST", JOBS, status, json={"device": "Plain", "config": glass()} | body)
    assert found["code"] == code
    completed(api, 1)


def test_replacing_what_the_document_has_not_is_refused(api: ApiClient) -> None:
    """And so is wanting two places."""
    document = made(api)
    (page,) = order(api, document) or [NOBODY]
    body = {"device": "Plain", "config": glass(), "document": document, "replace": page}
    assert api.refusal("POST", JOBS, 404, json=body)["code"] == -1040
    both = body | {"interleave": True}
    assert api.refusal("POST", JOBS, 400, json=both)["code"] == -2113


def test_document_of_another_origin_takes_no_pages(api: ApiClient, page: ApiClient) -> None:
    """It is not there for it."""
    document = made(api)
    body = {"device": "Plain", "config": glass(), "document": document}
    assert page.refusal("POST", JOBS, 404, json=body)["error"] == "document_not_found"


def test_pages_stay_with_the_job_when_the_document_is_deleted(api: ApiClient) -> None:
    """Paper that has moved is never lost; the job says so."""
    document = made(api)
    job = api.scan("Slow", config=feeder(XferCount=2), document=document)
    api.wait_for_page(job, 0)
    api.ask("DELETE", f"{DOCUMENTS}/{document}", 204)
    api.wait_for(job, "completed")
    found = api.job(job)
    assert found["pages"] == 2
    assert found["warnings"] == ["Page 2 stays as it was scanned: There is no such document."]
    assert len(api.drain(job)) == 2


def test_killed_service_puts_every_page_in_once(make_service: MakeService) -> None:
    """The scan goes on by itself; what it left is put in after the restart."""
    service = make_service(
        ADDONS__VIRTUAL__NAMES=["Slow"],
        ADDONS__VIRTUAL__SHEETS=4,
        ADDONS__VIRTUAL__PAPER_MM=[105, 148],
        ADDONS__VIRTUAL__FAULTS=["slow@1", "slow@2", "slow@3", "slow@4"],
    )
    api = service.client()
    document = made(api)
    job = api.scan("Slow", config=feeder(), document=document)
    api.wait_for_page(job, 1)
    service.kill()
    api = service.restart().client()
    api.wait_for(job, "completed")
    assert looks(api, document) == of_job(api, job, 4)
    assert len(set(looks(api, document))) == 4


def image(api: ApiClient, path: str) -> Image.Image:
    """A picture of the service."""
    return Image.open(io.BytesIO(api.get(path).content))
