"""Edits over the wire: pages that look otherwise, over originals that stay as they are."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageChops

from .conftest import MakeService
from .support.bench import completed
from .support.client import DOCUMENTS, JOBS, PAGES, ApiClient, together

Json = dict[str, Any]
SIZE = (310, 437)
PLAIN = {"ADDONS__VIRTUAL__NAMES": ["Plain"], "ADDONS__VIRTUAL__PAPER_MM": [105, 148]}


def filled(api: ApiClient, count: int = 1, **body: Any) -> tuple[str, list[str]]:
    """A document of a job's gray pages: its uid and theirs."""
    job = completed(api, count, PixelType=1)
    document = str(api.ask("POST", DOCUMENTS, 201, json=body).json()["uid"])
    headers = {"DWT-DOC-PASSWORD": body["password"]} if "password" in body else None
    for place in range(count):
        source = f"{JOBS}/{job}/content?page={place}"
        answer = api.ask(
            "POST",
            f"{DOCUMENTS}/{document}/pages",
            200,
            headers=headers,
            json={"source": source},
        )
    return document, [page["uid"] for page in answer.json()["pages"]]


def edit(api: ApiClient, page: str, op: str, **settings: Any) -> Json:
    """Edit a page; what it is then."""
    body = {"op": op, **settings}
    found: Json = api.ask("POST", f"{PAGES}/{page}/edits", 200, json=body).json()
    return found


def look(api: ApiClient, page: str, query: str = "") -> Image.Image:
    """The page as a picture."""
    image = Image.open(io.BytesIO(api.get(f"{PAGES}/{page}/content{query}").content))
    image.load()
    return image


def undo(api: ApiClient, document: str, what: str = "undo") -> None:
    """Take a step back, or do it again."""
    api.ask("POST", f"{DOCUMENTS}/{document}/{what}", 200, json={})


def test_edited_page_looks_otherwise_everywhere(api: ApiClient) -> None:
    """As a page, in small, and in the document's file; its resolution turns with it."""
    document, (page,) = filled(api)
    before = look(api, page)
    found = edit(api, page, "rotate", angle=90)
    assert found == {
        "uid": page,
        "document": document,
        "size_px": [437, 310],
        "dpi": [75, 75],
        "mode": "L",
        "bits": 8,
        "edits": [{"op": "rotate", "angle": 90}],
    }
    assert api.get(f"{PAGES}/{page}").json() == found
    turned = before.transpose(Image.Transpose.ROTATE_270)
    assert look(api, page).tobytes() == turned.tobytes()
    small = Image.open(io.BytesIO(api.get(f"{PAGES}/{page}/thumbnail").content))
    assert small.size == (320, 227)
    whole = api.get(f"{DOCUMENTS}/{document}/content?type=image/tiff&compression=1").content
    assert Image.open(io.BytesIO(whole)).tobytes() == turned.tobytes()


def test_undo_and_redo_lead_through_the_edits_and_a_restart(
    make_service: MakeService,
) -> None:
    """Three edits, back to the original, and forth again by a service that was started anew."""
    service = make_service(**PLAIN)
    api = service.client()
    document, (page,) = filled(api)
    looks = [look(api, page).tobytes()]
    steps: list[tuple[str, Json]] = [
        ("rotate", {"angle": 90}),
        ("invert", {}),
        ("crop", {"box": [0, 0, 100, 50]}),
    ]
    for op, settings in steps:
        edit(api, page, op, **settings)
        looks.append(look(api, page).tobytes())
    for before in reversed(looks[:-1]):
        undo(api, document)
        assert look(api, page).tobytes() == before
    service.kill()
    again = service.restart().client()
    for after in looks[1:]:
        undo(again, document, "redo")
        assert look(again, page).tobytes() == after
    assert again.get(f"{PAGES}/{page}").json()["size_px"] == [100, 50]


def test_all_edits_of_a_page_are_taken_away_as_one_step(api: ApiClient) -> None:
    """It looks like its original again, whatever was done to others; undo brings them back."""
    document, (first, second) = filled(api, 2)
    original = look(api, first).tobytes()
    edit(api, first, "rotate", angle=90)
    edit(api, first, "invert")
    edit(api, second, "flip")
    edited = look(api, first).tobytes()
    found = api.ask("DELETE", f"{PAGES}/{first}/edits", 200).json()
    assert (found["edits"], found["size_px"]) == ([], list(SIZE))
    assert look(api, first).tobytes() == original
    assert len(api.get(f"{PAGES}/{second}").json()["edits"]) == 1
    undo(api, document)
    assert look(api, first).tobytes() == edited
    undo(api, document, "redo")
    assert look(api, first).tobytes() == original


def test_edit_that_cannot_be_done_leaves_the_page(api: ApiClient) -> None:
    """A name that nobody knows, a setting too many, a missing or wrong one, a box outside."""
    document, (page,) = filled(api)
    before = api.get(f"{PAGES}/{page}").json()
    path = f"{PAGES}/{page}/edits"
    refused = [
        ({"op": "sharpen"}, 404, -1126),
        ({"op": "check-blank"}, 404, -1126),
        ({"op": "rotate"}, 400, -2113),
        ({"op": "rotate", "angle": "left"}, 400, -2113),
        ({"op": "flip", "angle": 90}, 400, -2113),
        ({"op": "crop", "box": [0, 0, 311, 10]}, 400, -2113),
        ({"op": "crop", "box": [5, 5, 5, 10]}, 400, -2113),
        ({"op": "resize", "width": 60_000, "height": 60_000}, 413, None),
        ({}, 400, -2113),
        ([], 400, -2113),
    ]
    for body, status, code in refused:
        answer = api.refusal("POST", path, status, json=body)
        assert code in (None, answer["code"]), (body, answer)
    assert api.get(f"{PAGES}/{page}").json() == before
    assert api.get(f"{DOCUMENTS}/{document}").json()["canRedo"] is False


def test_edits_at_the_same_time_are_tried_one_after_the_other(api: ApiClient) -> None:
    """Of two crops that do not both fit, one is refused, and the page can be looked at."""
    _, (page,) = filled(api)
    path = f"{PAGES}/{page}/edits"

    def crop(width: int) -> int:
        body = {"op": "crop", "box": [0, 0, width, 400]}
        return api.ask("POST", path, json=body).status_code

    statuses = together(lambda: crop(100), lambda: crop(300))
    first_wins = statuses == [200, 400]
    assert first_wins or statuses == [200, 200]
    assert look(api, page).size == (100, 400)


def test_page_of_a_job_is_edited_in_a_document_only(api: ApiClient) -> None:
    """There is no history to undo it by elsewhere."""
    job = completed(api, 1)
    uid = api.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"]
    refusal = api.refusal("POST", f"{PAGES}/{uid}/edits", 409, json={"op": "flip"})
    assert refusal["message"] == "A page is edited in a document. Put it into one first."
    found = api.get(f"{PAGES}/{uid}").json()
    assert (found["job"], found["size_px"], "edits" in found) == (job, list(SIZE), False)


def test_copy_of_a_page_has_its_edits(api: ApiClient) -> None:
    """And goes its own way from there."""
    _, (page,) = filled(api)
    edit(api, page, "rotate", angle=90)
    other, (first,) = filled(api)
    answer = api.ask("POST", f"{DOCUMENTS}/{other}/pages", 200, json={"source": page})
    copy = next(each["uid"] for each in answer.json()["pages"] if each["uid"] != first)
    assert look(api, copy).tobytes() == look(api, page).tobytes()
    edit(api, copy, "flip")
    assert len(api.get(f"{PAGES}/{page}").json()["edits"]) == 1
    undo(api, other)
    assert look(api, copy).tobytes() == look(api, page).tobytes()


def test_page_comes_in_any_size(api: ApiClient) -> None:
    """Scaled down to fit, never up; as any kind of file."""
    _, (page,) = filled(api)
    assert look(api, page, "?width=100").size == (100, 141)
    assert look(api, page, "?height=100&type=image/jpeg").size == (71, 100)
    assert look(api, page, "?width=100&height=100&type=image/tiff").size == (71, 100)
    assert look(api, page, "?width=5000").size == SIZE
    rough = api.get(f"{PAGES}/{page}/content?type=image/jpeg&quality=5").content
    fine = api.get(f"{PAGES}/{page}/content?type=image/jpeg&quality=95").content
    assert len(rough) < len(fine) / 2
    for query in ("width=-1", "quality=101", "type=text/html", "depth=16&width=10"):
        api.refusal("GET", f"{PAGES}/{page}/content?{query}", 400)


def test_thumbnail_comes_in_the_sizes_that_are_kept(make_service: MakeService) -> None:
    """The next larger one; what was made once is handed out again."""
    service = make_service(**PLAIN)
    api = service.client()
    job = completed(api, 1, Resolution=300)
    uid = api.get(f"{JOBS}/{job}/next-page-info").json()["imageuid"]
    sizes = {}
    for size in ("", "?size=1", "?size=320", "?size=321", "?size=1281"):
        content = api.get(f"{PAGES}/{uid}/thumbnail{size}").content
        sizes[size] = max(Image.open(io.BytesIO(content)).size)
    assert list(sizes.values()) == [320, 320, 320, 640, 1748]
    kept = {file.suffix for file in service.stored_files()}
    assert {".thumbnail", ".thumbnail640", ".thumbnail2560"} <= kept
    before = service.stored_files()
    api.get(f"{PAGES}/{uid}/thumbnail?size=600")
    assert service.stored_files() == before
    api.refusal("GET", f"{PAGES}/{uid}/thumbnail?size=2561", 400)


def test_pages_of_a_document_with_a_password_need_it(api: ApiClient) -> None:
    """What they are, how they look, and to edit them; the rendition is as closed as the page."""
    _, (page,) = filled(api, password="secret")
    right = {"DWT-DOC-PASSWORD": "secret"}
    body = {"op": "flip"}
    assert api.ask("POST", f"{PAGES}/{page}/edits", 200, headers=right, json=body)
    for below in ("", "/content", "/thumbnail"):
        assert api.refusal("GET", f"{PAGES}/{page}{below}", 403)["code"] == -1043
        api.ask("GET", f"{PAGES}/{page}{below}", 200, headers=right)
    assert api.refusal("POST", f"{PAGES}/{page}/edits", 403, json=body)["code"] == -1043


def test_page_of_another_origin_is_not_there(api: ApiClient, page: ApiClient) -> None:
    """Neither to look at nor to edit; nor one that was taken out of its document."""
    document, (uid,) = filled(api)
    for below in ("", "/content", "/thumbnail"):
        assert page.refusal("GET", f"{PAGES}/{uid}{below}", 404)["error"] == "page_not_found"
    page.refusal("POST", f"{PAGES}/{uid}/edits", 404, json={"op": "flip"})
    api.ask("DELETE", f"{DOCUMENTS}/{document}/pages/0", 204)
    assert api.refusal("GET", f"{PAGES}/{uid}", 404)["error"] == "page_not_found"


def test_deleting_a_document_deletes_what_its_edits_made(make_service: MakeService) -> None:
    """No rendition stays behind, and no more than three of a page are kept."""
    service = make_service(**PLAIN)
    api = service.client()
    document, (page,) = filled(api)
    for _ in range(6):
        edit(api, page, "rotate", angle=90)
    assert len([file for file in service.stored_files() if file.suffix == ".page"]) == 4
    api.ask("DELETE", f"{DOCUMENTS}/{document}", 204)
    api.delete_jobs()
    assert service.stored_files() == set()


def test_page_whose_renditions_are_gone_is_made_again(make_service: MakeService) -> None:
    """They are a copy of what the edits say, and no more."""
    service = make_service(**PLAIN)
    api = service.client()
    _, (page,) = filled(api)
    original = service.stored_pages()
    edit(api, page, "rotate", angle=30)
    edit(api, page, "invert")
    before = look(api, page)
    for file in service.stored_pages() - original:
        file.unlink()
    assert ImageChops.difference(before, look(api, page)).getbbox() is None


def test_files_say_how_large_their_paper_is(api: ApiClient) -> None:
    """By their resolution, in every kind of file."""
    _, (page,) = filled(api)
    for media_type in ("image/png", "image/jpeg", "image/tiff"):
        found = look(api, page, f"?type={media_type}").info["dpi"]
        assert tuple(round(float(each)) for each in found) == (75, 75)
