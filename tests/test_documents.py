"""Documents over the wire: pages of jobs that stay, in any order, with steps back and forth."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from .conftest import MakeService
from .support.bench import GRANTED, completed, feeder
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.pictures import read_pages, read_picture
from .support.service import LiveService

NOBODY = "0" * 32


def make(api: ApiClient, **body: Any) -> str:
    """A new document's uid."""
    return str(api.ask("POST", DOCUMENTS, 201, json=body).json()["uid"])


def insert(api: ApiClient, document: str, source: str, **more: Any) -> list[str]:
    """Put a page in; the uids of all pages."""
    headers = more.pop("headers", None)
    answer = api.ask(
        "POST",
        f"{DOCUMENTS}/{document}/pages",
        200,
        headers=headers,
        json={"source": source} | more,
    )
    return [page["uid"] for page in answer.json()["pages"]]


def pages(api: ApiClient, document: str) -> list[str]:
    """The uids of a document's pages."""
    return [page["uid"] for page in api.get(f"{DOCUMENTS}/{document}").json()["pages"]]


def looks(api: ApiClient, document: str) -> list[str]:
    """What its pages look like, by their pixels."""
    count = len(pages(api, document))
    path = f"{DOCUMENTS}/{document}/content?type=image/png&pages="
    return [read_picture(api.get(f"{path}{each}").content).sha256 for each in range(count)]


def filled(api: ApiClient, count: int = 3) -> tuple[str, list[str]]:
    """A document of a job's pages, and what they look like."""
    job, document = completed(api, count), make(api)
    for place in range(count):
        insert(api, document, f"{JOBS}/{job}/content?page={place}")
    return document, looks(api, document)


def test_document_is_made_read_and_deleted(api: ApiClient) -> None:
    """Empty at first; 404 afterwards."""
    answer = api.ask("POST", DOCUMENTS, 201, json={})
    document = answer.json()
    assert document["pages"] == []
    assert answer.headers["Location"].endswith(f"{DOCUMENTS}/{document['uid']}")
    assert api.get(f"{DOCUMENTS}/{document['uid']}").json() == document
    api.ask("DELETE", f"{DOCUMENTS}/{document['uid']}", 204)
    refusal = api.refusal("GET", f"{DOCUMENTS}/{document['uid']}", 404)
    assert (refusal["code"], refusal["error"]) == (-1040, "document_not_found")


def test_pages_come_from_every_kind_of_source(api: ApiClient) -> None:
    """URLs as this service gives them, by any of its names, and bare uids."""
    job = completed(api, 2)
    info = api.get(f"{JOBS}/{job}/next-page-info").json()
    first, second = make(api), make(api)
    sources = [
        info["url"],
        info["url"].replace("127.0.0.1", "localhost"),
        info["imageuid"],
        f"{JOBS}/{job}/content?page=0",
        f"/api/storage/pages/{info['imageuid']}/thumbnail",
    ]
    for source in sources:
        insert(api, first, source)
    inside = pages(api, first)[0]
    for source in (f"{DOCUMENTS}/{first}/pages/{inside}", f"{DOCUMENTS}/{first}/content?pages=1"):
        insert(api, second, source)
    assert len(set(looks(api, first) + looks(api, second))) == 1
    assert len(set(pages(api, first) + pages(api, second))) == 7


@pytest.mark.parametrize(
    "source",
    [
        "https://scan.example/api/storage/pages/" + NOBODY + "/content",
        "http://127.0.0.1:1/api/storage/pages/" + NOBODY + "/content",
        "file:///etc/passwd",
        "http://user@127.0.0.1/",
        "http://[::1",
        "/api/hello",
        "",
        "page",
    ],
)
def test_source_that_is_no_page_of_this_service_is_refused(source: str, api: ApiClient) -> None:
    """It is never fetched."""
    document = make(api)
    refusal = api.refusal("POST", f"{DOCUMENTS}/{document}/pages", 400, json={"source": source})
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert pages(api, document) == []


@pytest.mark.parametrize(
    "source", [NOBODY, f"{JOBS}/{NOBODY}/content?page=0", f"{DOCUMENTS}/{NOBODY}/pages/0"]
)
def test_source_that_is_not_there_is_not_found(source: str, api: ApiClient) -> None:
    """Nothing is put in."""
    document = make(api)
    api.refusal("POST", f"{DOCUMENTS}/{document}/pages", 404, json={"source": source})
    assert pages(api, document) == []


@pytest.mark.parametrize(("position", "place"), [(1, 0), (2, 1), (3, 2), (0, 2), (9, 2), ("x", 2)])
def test_page_is_inserted_at_its_position(position: Any, place: int, api: ApiClient) -> None:
    """Counted from 1; a missing or invalid one appends."""
    document, _ = filled(api, 2)
    before = pages(api, document)
    after = insert(api, document, f"{DOCUMENTS}/{document}/pages/0", insertPos=position)
    (new,) = set(after) - set(before)
    assert after.index(new) == place


def test_deleted_page_comes_back_by_undo(api: ApiClient) -> None:
    """By its uid or its place; redo takes it out again."""
    document, seen = filled(api)
    api.ask("DELETE", f"{DOCUMENTS}/{document}/pages/1", 204)
    assert looks(api, document) == [seen[0], seen[2]]
    api.ask("DELETE", f"{DOCUMENTS}/{document}/pages/{pages(api, document)[0]}", 204)
    assert looks(api, document) == [seen[2]]
    for expected in ([seen[0], seen[2]], seen):
        state = api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200).json()
        assert looks(api, document) == expected
    assert (state["canUndo"], state["canRedo"]) == (True, True)
    api.ask("POST", f"{DOCUMENTS}/{document}/redo", 200)
    assert looks(api, document) == [seen[0], seen[2]]


def test_nothing_to_undo_is_a_conflict(api: ApiClient) -> None:
    """And nothing to redo."""
    document = make(api)
    for step in ("undo", "redo"):
        refusal = api.refusal("POST", f"{DOCUMENTS}/{document}/{step}", 409)
        assert refusal["message"] == f"There is nothing to {step}."


def test_pages_are_reordered(api: ApiClient) -> None:
    """All of them, each once, or nothing changes."""
    document, seen = filled(api)
    first, second, third = pages(api, document)
    path = f"{DOCUMENTS}/{document}/pages"
    for order in ([first, second], [first, first, second], [first, second, NOBODY]):
        api.refusal("PATCH", path, 400, json={"order": order})
    api.ask("PATCH", path, 200, json={"order": [third, first, second]})
    assert looks(api, document) == [seen[2], seen[0], seen[1]]


def test_page_takes_the_place_of_another(api: ApiClient) -> None:
    """Which comes back by undo; of a page that is not in the document nothing comes."""
    document, seen = filled(api)
    (new,) = pages(api, filled(api, 1)[0])
    old = pages(api, document)[1]
    insert(api, document, new, replace=old)
    assert looks(api, document) == [
        seen[0],
        read_picture(api.get(f"{PAGES}/{new}/content").content).sha256,
        seen[2],
    ]
    api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200)
    assert pages(api, document)[1] == old
    body = {"source": new, "replace": NOBODY}
    assert api.refusal("POST", f"{DOCUMENTS}/{document}/pages", 404, json=body)["code"] == -1040
    assert looks(api, document) == seen


def test_document_outlives_its_job_and_a_restart(make_service: MakeService) -> None:
    """With its name, its metadata and its steps."""
    service = make_service()
    api = service.client()
    job = api.scan(config=feeder(XferCount=2))
    api.wait_for_end(job)
    document = make(api, name="Invoices")
    for place in range(2):
        insert(api, document, f"{JOBS}/{job}/content?page={place}")
    api.ask("PATCH", f"{DOCUMENTS}/{document}", 200, json={"metadata": {"year": 2026}})
    seen = looks(api, document)
    api.delete(job)
    service.kill()
    api = service.restart().client()
    assert looks(api, document) == seen
    found = api.get(f"{DOCUMENTS}/{document}").json()
    assert (found["name"], found["metadata"]) == ("Invoices", {"year": 2026})
    api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200)
    assert looks(api, document) == seen[:1]


@pytest.mark.parametrize("metadata", ["a string", {"nested": {"a": [1, None]}}, {}, ""])
def test_metadata_is_kept_as_it_came(metadata: Any, api: ApiClient) -> None:
    """Replaced as a whole."""
    document = make(api)
    for value in ({"before": 1}, metadata):
        api.ask("PATCH", f"{DOCUMENTS}/{document}", 200, json={"metadata": value})
    assert api.get(f"{DOCUMENTS}/{document}").json()["metadata"] == metadata
    for wrong in (1, None, [1], True):
        api.refusal("PATCH", f"{DOCUMENTS}/{document}", 400, json={"metadata": wrong})


def test_content_as_tiff_has_the_pages_asked_for_in_that_order(api: ApiClient) -> None:
    """All without, and for PNG and JPEG the first."""
    document, seen = filled(api)
    path = f"{DOCUMENTS}/{document}/content"
    last = pages(api, document)[2]
    whole = api.get(f"{path}?type=image/tiff").content
    assert [each.sha256 for each in read_pages(whole)] == seen
    some = api.get(f"{path}?type=image/tiff&pages={last},0").content
    assert [each.sha256 for each in read_pages(some)] == [seen[2], seen[0]]
    assert read_picture(api.get(f"{path}?type=image/png").content).sha256 == seen[0]
    sizes = [
        len(api.get(f"{path}?type=image/jpeg&pages=1&quality={quality}").content)
        for quality in (10, 95)
    ]
    assert sizes[0] < sizes[1]
    assert api.refusal("GET", f"{path}?type=image/png&pages=3", 404)["error"] == "page_not_found"
    assert api.refusal("GET", f"{path}?type=image/png&pages=0,1", 400)["error"] == "invalid_input"


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 7, 8, 32773])
def test_content_as_tiff_is_compressed_as_asked(number: int, api: ApiClient) -> None:
    """Every page by itself, by TIFF's own numbers."""
    document, _ = filled(api, 2)
    path = f"{DOCUMENTS}/{document}/content?type=image/tiff&compression={number}"
    with Image.open(io.BytesIO(api.get(path).content)) as image:
        assert image.n_frames == 2  # type: ignore[attr-defined]
        for frame in range(2):
            image.seek(frame)
            assert image.tag_v2[259] == number  # type: ignore[attr-defined]


def test_content_with_a_compression_that_there_is_not_is_refused(api: ApiClient) -> None:
    """The sentence says which there are."""
    document, _ = filled(api, 1)
    path = f"{DOCUMENTS}/{document}/content?type=image/tiff&compression=6"
    assert "Choose one of 0, 1, 2" in api.refusal("GET", path, 400)["message"]


def test_content_as_pdf_says_which_add_on_it_needs(api: ApiClient) -> None:
    """The default type; without the add-on there is a way out."""
    document, _ = filled(api, 1)
    refusal = api.refusal("GET", f"{DOCUMENTS}/{document}/content", 400)
    assert refusal["code"] == -1119
    assert "flatbed addons enable pdf" in refusal["message"]


def test_content_of_an_empty_document_is_not_found(api: ApiClient) -> None:
    """There is no file of no pages."""
    document = make(api)
    refusal = api.refusal("GET", f"{DOCUMENTS}/{document}/content?type=image/tiff", 404)
    assert refusal["message"] == "The document has no pages."


@pytest.mark.parametrize("header", ["DWT-DOC-PASSWORD", "X-DICS-DOC-PASSWORD"])
def test_document_with_a_password_opens_by_it_only(header: str, api: ApiClient) -> None:
    """By either header; deleting it needs none, as a person may have forgotten it."""
    job, document = completed(api, 1), make(api, password="secret")
    right, wrong = {header: "secret"}, {header: "Secret"}
    insert(api, document, f"{JOBS}/{job}/content?page=0", headers=right)
    path = f"{DOCUMENTS}/{document}"
    for headers in ({}, wrong):
        for verb, target in (("GET", path), ("GET", f"{path}/content?type=image/png")):
            answer = api.ask(verb, target, 403, headers=headers).json()
            assert (answer["code"], answer["error"]) == (-1043, "wrong_password")
    picture = api.ask("GET", f"{path}/content?type=image/png", 200, headers=right).content
    assert read_picture(picture).size_px[0] > 0
    (entry,) = [each for each in api.get(DOCUMENTS).json() if each["uid"] == document]
    assert entry["createdAt"] < entry.pop("changedAt") > ""
    entry.pop("createdAt")
    assert entry == {"uid": document, "pages": 1, "hasPassword": True}
    api.ask("DELETE", path, 204)


def test_password_that_is_too_long_is_refused(api: ApiClient) -> None:
    """At most 32 characters."""
    assert api.refusal("POST", DOCUMENTS, 400, json={"password": "x" * 33})["code"] == -2113
    make(api, password="x" * 32)


def test_document_of_one_origin_is_not_there_for_another(
    bench: LiveService, api: ApiClient, page: ApiClient
) -> None:
    """A native program's is not there for a page; a page's is for a native program."""
    own, native = make(page), make(api)
    for verb, below in (("GET", ""), ("DELETE", ""), ("POST", "/undo")):
        refusal = page.refusal(verb, f"{DOCUMENTS}/{native}{below}", 404, json={})
        assert refusal["error"] == "document_not_found"
    assert [each["uid"] for each in page.get(DOCUMENTS).json()] == [own]
    assert {own, native} <= {each["uid"] for each in api.get(DOCUMENTS).json()}
    assert api.get(f"{DOCUMENTS}/{own}").json()["pages"] == []
    page.ask("DELETE", f"{DOCUMENTS}/{own}", 204)


def test_page_of_another_origin_cannot_be_put_in(api: ApiClient, page: ApiClient) -> None:
    """Not by its uid, its job or its document."""
    document, _ = filled(api, 1)
    (inside,) = pages(api, document)
    job = completed(api, 1)
    uid = api.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"]
    mine = make(page)
    sources = [uid, f"{JOBS}/{job}/content?page=0", f"{DOCUMENTS}/{document}/pages/{inside}"]
    for source in sources:
        page.refusal("POST", f"{DOCUMENTS}/{mine}/pages", 404, json={"source": source})
    assert pages(page, mine) == []
    page.ask("DELETE", f"{DOCUMENTS}/{mine}", 204)


def test_name_that_is_taken_says_by_which_document(make_service: MakeService) -> None:
    """Another origin has names of its own."""
    service = make_service(ALLOWED_ORIGINS=[GRANTED])
    api, page = service.client(), service.client(GRANTED)
    first = make(api, name="Letters")
    refusal = api.refusal("POST", DOCUMENTS, 409, json={"name": "Letters"})
    assert (refusal["error"], refusal["details"]) == ("name_taken", {"uid": first})
    make(page, name="Letters")
    assert [each["uid"] for each in page.get(f"{DOCUMENTS}?name=Letters").json()] != [first]
