"""Operations on pages over the wire: what they find, the pages and the files that they make."""

from __future__ import annotations

import io
from typing import Any

import httpx
from PIL import Image

from .conftest import MakeService
from .support.bench import completed
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient
from .support.waiting import wait_until

PROCESS = "/api/process"
PLAIN = {"ADDONS__VIRTUAL__NAMES": ["Plain"], "ADDONS__VIRTUAL__PAPER_MM": [105, 148]}


def process(
    api: ApiClient, operation: str, source: str | list[str], **settings: Any
) -> httpx.Response:
    """Carry out an operation."""
    body = {"source": source, "settings": settings}
    return api.ask("POST", f"{PROCESS}/{operation}", 200, json=body)


def page_of(api: ApiClient, job: str) -> str:
    """The uid of a job's next page."""
    return str(api.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"])


def look(api: ApiClient, page: str) -> Image.Image:
    """A page as a picture."""
    return Image.open(io.BytesIO(api.get(f"{PAGES}/{page}/content").content))


def test_edit_as_an_operation_makes_another_page(api: ApiClient) -> None:
    """The page itself stays; the new one can be looked at, and put into a document."""
    source = page_of(api, completed(api, 1, PixelType=1))
    (made,) = process(api, "rotate", source, angle=90).json()["pages"]
    assert (made["size_px"], made["dpi"], made["mode"]) == ([437, 310], [75, 75], "L")
    turned = look(api, source).transpose(Image.Transpose.ROTATE_270)
    assert look(api, made["uid"]).tobytes() == turned.tobytes()
    assert "job" not in api.get(f"{PAGES}/{made['uid']}").json()
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    body = {"source": made["uid"]}
    found = api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json=body).json()
    assert look(api, found["pages"][0]["uid"]).tobytes() == turned.tobytes()


def test_operation_takes_every_kind_of_source(api: ApiClient) -> None:
    """A page by its uid, of a job, and of a document as it now looks."""
    job = completed(api, 1, PixelType=1)
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    source = f"{JOBS}/{job}/content?page=0"
    found = api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json={"source": source}).json()
    page = found["pages"][0]["uid"]
    api.ask("POST", f"{PAGES}/{page}/edits", 200, json={"op": "crop", "box": [0, 0, 30, 20]})
    sizes = {
        source: [437, 310],
        page: [20, 30],
        f"{DOCUMENTS}/{document}/pages/0": [20, 30],
        f"{DOCUMENTS}/{document}/content?pages={page}": [20, 30],
    }
    for each, size in sizes.items():
        (made,) = process(api, "rotate", each, angle=90).json()["pages"]
        assert made["size_px"] == size


def test_operation_that_makes_a_file_answers_it(api: ApiClient) -> None:
    """Of one page, of a list of pages in its order, of a whole document."""
    job = completed(api, 2, PixelType=1)
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    sources = [f"{JOBS}/{job}/content?page={place}" for place in (1, 0)]
    for source in sources:
        api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json={"source": source})
    settings = {"media_type": "image/tiff", "compression": 1}
    by_list = process(api, "encode", sources, **settings)
    assert by_list.headers["Content-Type"] == "image/tiff"
    assert Image.open(io.BytesIO(by_list.content)).n_frames == 2  # type: ignore[attr-defined]
    by_document = process(api, "encode", f"{DOCUMENTS}/{document}", **settings)
    assert by_document.content == by_list.content
    png = process(api, "encode", sources[0])
    assert Image.open(io.BytesIO(png.content)).size == (310, 437)


def test_operation_that_cannot_be_says_why(api: ApiClient) -> None:
    """One that nobody brings, settings that it has not, a source that is none."""
    page = page_of(api, completed(api, 1))
    refused = [
        ("read-minds", {"source": page}, 404, -1126),
        ("rotate", {"source": page, "settings": {"angel": 90}}, 400, -2113),
        ("rotate", {"source": page, "settings": {"angle": "90"}}, 400, -2113),
        ("rotate", {"source": page, "settings": "fast"}, 400, -2113),
        ("rotate", {}, 400, -2113),
        ("rotate", {"source": []}, 400, -2113),
        ("rotate", {"source": [page, "0" * 32]}, 404, -1040),
        ("rotate", {"source": "0" * 32}, 404, -1040),
        ("rotate", {"source": "http://example.com/page.png"}, 400, -2113),
        ("encode", {"source": f"{DOCUMENTS}/{'0' * 32}"}, 404, -1040),
    ]
    for operation, body, status, code in refused:
        found = api.refusal("POST", f"{PROCESS}/{operation}", status, json=body)
        assert found["code"] == code, (operation, body, found)


def test_operation_of_one_page_is_carried_out_for_each_of_several(api: ApiClient) -> None:
    """The answer is in their order, each beside its source; made pages are a source themselves."""
    job = completed(api, 2, PixelType=1)
    first, second = page_of(api, job), api.get(f"{JOBS}/{job}/next-page-info?page=1").json()
    sources = [f"{JOBS}/{job}/content?page={place}" for place in (1, 0, 1)]
    found = process(api, "check-blank", sources).json()
    blank = {"result": False}
    assert found == {
        "pages": [
            {"source": second["imageuid"], "result": blank},
            {"source": first, "result": blank},
            {"source": second["imageuid"], "result": blank},
        ]
    }
    made = process(api, "rotate", sources[:2], angle=90).json()["pages"]
    assert [each["source"] for each in made] == [second["imageuid"], first]
    for place, each in zip((second["imageuid"], first), made, strict=True):
        (turned,) = each["pages"]
        expected = look(api, place).transpose(Image.Transpose.ROTATE_270)
        assert look(api, turned["uid"]).tobytes() == expected.tobytes()


def test_operation_of_one_page_on_a_list_of_one_answers_as_for_several(api: ApiClient) -> None:
    """Who sends a list gets a list, whatever its length."""
    source = page_of(api, completed(api, 1))
    found = process(api, "check-blank", [source]).json()
    assert found == {"pages": [{"source": source, "result": {"result": False}}]}


def test_operation_of_one_page_works_on_a_whole_document_as_it_now_looks(api: ApiClient) -> None:
    """Each page by its uid there, edits and order included."""
    job = completed(api, 2, PixelType=1)
    document = api.ask("POST", DOCUMENTS, 201, json={}).json()["uid"]
    for place in (1, 0):
        body = {"source": f"{JOBS}/{job}/content?page={place}"}
        found = api.ask("POST", f"{DOCUMENTS}/{document}/pages", 200, json=body).json()
    uids = [page["uid"] for page in found["pages"]]
    crop = {"op": "crop", "box": [0, 0, 30, 20]}
    api.ask("POST", f"{PAGES}/{uids[1]}/edits", 200, json=crop)
    made = process(api, "rotate", f"{DOCUMENTS}/{document}", angle=90).json()["pages"]
    assert [(each["source"], each["pages"][0]["size_px"]) for each in made] == [
        (uids[0], [437, 310]),
        (uids[1], [20, 30]),
    ]


def test_page_that_an_operation_cannot_do_has_its_error_in_its_place(api: ApiClient) -> None:
    """Those beside it have their results."""
    job = completed(api, 1, PixelType=1)
    source = f"{JOBS}/{job}/content?page=0"
    small = process(api, "crop", source, box=[0, 0, 30, 20]).json()["pages"][0]["uid"]
    whole, failed = process(api, "crop", [source, small], box=[0, 0, 300, 200]).json()["pages"]
    assert whole["pages"][0]["size_px"] == [300, 200]
    assert (failed["source"], failed["error"]["code"]) == (small, -2113)
    assert failed["error"]["error"] == "invalid_input"
    assert failed["error"]["message"].endswith(".")


def test_page_of_another_origin_is_no_source(api: ApiClient, page: ApiClient) -> None:
    """Nor are the pages that were made of it."""
    source = page_of(api, completed(api, 1))
    body = {"source": source, "settings": {"angle": 90}}
    assert page.refusal("POST", f"{PROCESS}/rotate", 404, json=body)["code"] == -1040
    (made,) = process(api, "rotate", source, angle=90).json()["pages"]
    page.refusal("GET", f"{PAGES}/{made['uid']}", 404)


def test_pages_that_nobody_kept_are_deleted_after_a_day(make_service: MakeService) -> None:
    """At a later start, say; the pages of jobs and of documents stay."""
    service = make_service(RESULTS_KEPT_H=0.01, **PLAIN)
    api = service.client()
    source = page_of(api, completed(api, 1, name="Plain"))
    before = service.stored_files()
    process(api, "rotate", source, angle=90)
    assert len(service.stored_pages()) == 2
    service.stop()
    service.age_results(hours=1)
    service.start()
    wait_until(lambda: service.stored_files() == before)
