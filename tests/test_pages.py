"""The two cursors of a job: each page once to each, waiting for it, and what it is."""

from __future__ import annotations

import pytest

from .support.bench import SHEETS, completed, feeder, glass, number_of
from .support.client import JOBS, ApiClient, together
from .support.pictures import read_picture
from .support.service import LiveService


def test_next_page_hands_out_each_page_once_bit_for_bit(bench: LiveService, api: ApiClient) -> None:
    """As PNG, in the order of the sheets, waiting for each; 204 after the last."""
    mark = bench.ledger.mark()
    uid = api.scan("Plain", config=feeder())
    answers = [api.next_page(uid) for _ in range(SHEETS)]
    assert {each.headers["Content-Type"] for each in answers} == {"image/png"}
    assert api.next_page(uid, 204).content == b""
    written = bench.ledger.delivered(number_of("Plain"), since=mark)
    assert [each.sheet for each in written] == [1, 2, 3, 4]
    pages = [read_picture(each.content) for each in answers]
    assert [each.sha256 for each in pages] == [each.sha256 for each in written]
    assert len({each.sha256 for each in pages}) == SHEETS


def test_next_page_waits_for_a_page_that_is_being_scanned(api: ApiClient) -> None:
    """Nobody asks again and again: the answer comes with the page."""
    uid = api.scan("Slow", config=feeder(XferCount=1))
    answer = api.next_page(uid)
    assert answer.elapsed.total_seconds() > 0.5
    assert read_picture(answer.content).size_px == (310, 437)


def test_next_page_of_a_pending_job_waits_for_its_start(api: ApiClient) -> None:
    """A page may ask before a person has pressed the button."""
    uid = api.scan("Plain", autoRun=False, config=glass())
    answer, _ = together(lambda: api.next_page(uid), lambda: api.change(uid, "running"))
    assert answer.status_code == 200


def test_next_page_by_many_callers_gives_no_page_twice(api: ApiClient) -> None:
    """All at once, while the job is running: every page goes to exactly one of them."""
    uid = api.scan("Plain", config=feeder())

    def ask() -> tuple[int, bytes]:
        answer = api.ask("GET", f"{JOBS}/{uid}/next-page")
        return answer.status_code, answer.content

    answers = together(*[ask] * (SHEETS + 3))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [200] * SHEETS + [204] * 3
    pages = {read_picture(content).sha256 for status, content in answers if status == 200}
    assert len(pages) == SHEETS


def test_next_page_as_jpeg(api: ApiClient) -> None:
    """`type` asks for it; the picture is the same but for the loss."""
    uid = completed(api, 2, PixelType=1)
    jpeg = api.next_page(uid, type="image/jpeg")
    assert jpeg.headers["Content-Type"] == "image/jpeg"
    picture = read_picture(jpeg.content)
    assert (picture.size_px, picture.mode, picture.dpi) == ((310, 437), "L", 75)
    original = read_picture(api.get(f"{JOBS}/{uid}/content?page=0").content)
    assert _distance(picture.rows, original.rows) < 4
    # It was used up as any other.
    assert len(api.drain(uid)) == 1


def test_job_that_wants_jpeg_gets_it(api: ApiClient) -> None:
    """Encoded beside its page while the next one is scanned, and each of its own page."""
    uid = api.scan("Plain", config=feeder(PixelType=1), mediaType="image/jpeg")
    jpegs = [read_picture(data) for data in api.drain(uid, type="image/jpeg")]
    pages = [
        read_picture(api.get(f"{JOBS}/{uid}/content?page={place}").content)
        for place in range(SHEETS)
    ]
    nearest = [
        min(range(SHEETS), key=lambda place: _distance(jpeg.rows, pages[place].rows))
        for jpeg in jpegs
    ]
    assert nearest == [0, 1, 2, 3]


@pytest.mark.parametrize("query", ["type=image/tiff", "type=application/pdf", "type=png"])
def test_next_page_of_an_unknown_type_is_refused(query: str, api: ApiClient) -> None:
    """And no page is used up."""
    uid = completed(api, 1)
    refusal = api.refusal("GET", f"{JOBS}/{uid}/next-page?{query}", 400)
    assert refusal["code"] == -2113
    assert len(api.drain(uid)) == 1


def test_next_page_info_has_a_cursor_of_its_own(api: ApiClient) -> None:
    """Drain the one, then the other, then both hear that there is no more."""
    uid = completed(api, 3)
    assert len(api.drain(uid)) == 3
    infos = [api.get(f"{JOBS}/{uid}/next-page-info").json() for _ in range(3)]
    api.get(f"{JOBS}/{uid}/next-page-info", 204)
    assert [each["imageId"] for each in infos] == [0, 1, 2]
    assert len({each["imageuid"] for each in infos}) == 3
    other = completed(api, 2)
    assert [api.get(f"{JOBS}/{other}/next-page-info").json()["imageId"] for _ in range(2)] == [0, 1]
    api.get(f"{JOBS}/{other}/next-page-info", 204)
    assert len(api.drain(other)) == 2


@pytest.mark.parametrize(
    ("pixel_type", "bits", "samples", "per_sample"),
    [
        (0, 1, 1, [1, 0, 0, 0, 0, 0, 0, 0]),
        (1, 8, 1, [8, 0, 0, 0, 0, 0, 0, 0]),
        (2, 24, 3, [8, 8, 8, 0, 0, 0, 0, 0]),
    ],
    ids=["bw", "gray", "color"],
)
def test_next_page_info_describes_the_picture(
    pixel_type: int, bits: int, samples: int, per_sample: list[int], api: ApiClient
) -> None:
    """An object, not a list, with everything that clients in use read."""
    uid = completed(api, 1, PixelType=pixel_type)
    info = api.get(f"{JOBS}/{uid}/next-page-info").json()
    assert info == {
        "imageId": 0,
        "imageuid": info["imageuid"],
        "url": f"{api.url}{JOBS}/{uid}/next-page?page={info['imageuid']}",
        "imageInfo": {
            "BitsPerPixel": bits,
            "BitsPerSample": per_sample,
            "Compression": 0,
            "ImageLayout": {
                "DocumentNumber": 1,
                "PageNumber": 1,
                "FrameNumber": 1,
                "Frame": {"Left": 0, "Top": 0, "Right": 4.1333, "Bottom": 5.8267},
            },
            "ImageLength": 437,
            "ImageWidth": 310,
            "PixelType": pixel_type,
            "Planar": False,
            "SamplesPerPixel": samples,
            "XResolution": 75,
            "YResolution": 75,
        },
        "extendedImageInfo": {},
    }


def test_url_of_a_page_gives_it_without_using_it_up(api: ApiClient) -> None:
    """As often as one likes, and the cursor of `next-page` stays where it is."""
    uid = completed(api, 2)
    infos = [api.get(f"{JOBS}/{uid}/next-page-info").json() for _ in range(2)]
    by_url = [api.get(info["url"]).content for info in infos]
    assert api.get(infos[0]["url"]).content == by_url[0]
    assert api.drain(uid) == by_url
    jpeg = api.get(f"{infos[0]['url']}&type=image/jpeg")
    assert jpeg.headers["Content-Type"] == "image/jpeg"


def test_url_of_a_page_of_another_job_is_not_found(api: ApiClient) -> None:
    """A page belongs to the job that scanned it."""
    first, second = completed(api, 1), completed(api, 1)
    page = api.get(f"{JOBS}/{first}/next-page-info").json()["imageuid"]
    for wrong in (page, "0123456789abcdef", "../../index.sqlite", "%00"):
        refusal = api.refusal("GET", f"{JOBS}/{second}/next-page?page={wrong}", 404)
        assert (refusal["code"], refusal["error"]) == (-1040, "page_not_found")


def test_url_is_built_from_the_host_of_the_request(bench: LiveService, api: ApiClient) -> None:
    """A page that reaches the service as `localhost` could not use another name."""
    uid = completed(api, 1)
    host = {"Host": f"localhost:{bench.port}"}
    info = api.ask("GET", f"{JOBS}/{uid}/next-page-info", 200, headers=host).json()
    assert info["url"].startswith(f"http://localhost:{bench.port}/api/")


@pytest.mark.parametrize("cursor", ["next-page", "next-page-info"])
def test_tenth_empty_answer_in_a_row_is_gone(cursor: str, api: ApiClient) -> None:
    """A client in use asks for ever after 204; and each cursor counts for itself."""
    uid = completed(api, 1)
    path = f"{JOBS}/{uid}/{cursor}"
    api.get(path)
    assert [api.ask("GET", path).status_code for _ in range(11)] == [204] * 9 + [410] * 2
    assert api.refusal("GET", path, 410)["code"] == -1034
    other = {"next-page": "next-page-info", "next-page-info": "next-page"}[cursor]
    api.get(f"{JOBS}/{uid}/{other}")
    api.get(f"{JOBS}/{uid}/{other}", 204)
    assert api.job(uid)["status"] == "completed"


def _distance(one: bytes, other: bytes) -> float:
    """How far two pictures lie apart on the average, in steps of a sample."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)


def test_list_of_pages_uses_none_up(api: ApiClient) -> None:
    """All of them, and from a place on; the cursors stay where they are."""
    uid = api.scan("Plain", config=feeder())
    infos = [api.get(f"{JOBS}/{uid}/next-page-info").json() for _ in range(SHEETS)]
    listed = api.get(f"{JOBS}/{uid}/pages").json()
    assert [each["page"] for each in listed] == [each["imageuid"] for each in infos]
    assert [each["ordinal"] for each in listed] == [0, 1, 2, 3]
    assert listed[0]["size_px"] == [310, 437]
    assert "document_page" not in listed[0]
    assert api.get(f"{JOBS}/{uid}/pages?from=3").json() == listed[3:]
    assert api.get(f"{JOBS}/{uid}/pages?from=4").json() == []
    assert api.next_page(uid).status_code == 200
    assert api.refusal("GET", f"{JOBS}/{uid}/pages?from=-1", 400)["error"] == "invalid_input"


def test_list_of_pages_names_them_in_their_document(api: ApiClient) -> None:
    """As the document has them."""
    document = api.make_document()
    uid = api.scan("Plain", config=feeder(), document=document)
    api.wait_for(uid, "completed")
    listed = api.get(f"{JOBS}/{uid}/pages").json()
    pages = api.get(f"/api/storage/documents/{document}").json()["pages"]
    assert [each["document_page"] for each in listed] == [page["uid"] for page in pages]
