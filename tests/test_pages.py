"""Handing out pages: each once to each cursor, any of them again, whole jobs, and all the bits."""

from __future__ import annotations

import io
import socket

import pytest
from PIL import Image

from .support.bench import SHEETS, feeder, glass, number_of
from .support.client import JOBS, ApiClient, together
from .support.pictures import read_pages, read_picture
from .support.service import LiveService


def completed(api: ApiClient, pages: int = SHEETS, name: str = "Plain", **config: object) -> str:
    """A job that has its pages."""
    uid = api.scan(name, config=feeder(XferCount=pages, **config))
    assert api.wait_for(uid, "completed")["pages"] == pages
    return uid


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


def test_content_gives_any_page_by_its_place(api: ApiClient) -> None:
    """Without using anything up; without a place the first one, as PNG."""
    uid = completed(api, 3)
    found = [api.get(f"{JOBS}/{uid}/content?page={place}").content for place in (2, 0, 1, 0)]
    pages = api.drain(uid)
    assert found == [pages[2], pages[0], pages[1], pages[0]]
    assert api.get(f"{JOBS}/{uid}/content").content == pages[0]
    jpeg = api.get(f"{JOBS}/{uid}/content?page=1&type=image/jpeg")
    assert Image.open(io.BytesIO(jpeg.content)).format == "JPEG"
    tiff = api.get(f"{JOBS}/{uid}/content?page=1&type=image/tiff").content
    assert [each.sha256 for each in read_pages(tiff)] == [read_picture(pages[1]).sha256]


def test_content_head_tells_what_get_would(api: ApiClient) -> None:
    """The size is known before the first byte."""
    uid = completed(api, 1)
    whole = api.get(f"{JOBS}/{uid}/content?page=0")
    head = api.ask("HEAD", f"{JOBS}/{uid}/content?page=0", 200)
    assert head.headers["Content-Length"] == str(len(whole.content))
    assert head.headers["Content-Type"] == "image/png"


def test_content_of_a_place_without_a_page(api: ApiClient) -> None:
    """Not there yet while the job runs, not found once it has ended, wrong when negative."""
    uid = api.scan("Slow", config=feeder(XferCount=1))
    assert api.get(f"{JOBS}/{uid}/content?page=0", 204).content == b""
    api.wait_for(uid, "completed")
    api.next_page(uid)
    refusal = api.refusal("GET", f"{JOBS}/{uid}/content?page=1", 404)
    assert (refusal["code"], refusal["error"]) == (-1040, "page_not_found")
    for wrong in ("-1", "one", "1.5", ""):
        assert api.refusal("GET", f"{JOBS}/{uid}/content?page={wrong}", 400)["code"] == -2113


def test_content_of_a_pending_job_is_the_wrong_state(api: ApiClient) -> None:
    """Whatever is asked for."""
    uid = api.scan("Plain", autoRun=False)
    for query in ("", "?page=0", "?type=image/tiff"):
        refusal = api.refusal("GET", f"{JOBS}/{uid}/content{query}", 409)
        assert (refusal["code"], refusal["error"]) == (-1011, "wrong_state")


def test_content_as_tiff_is_the_whole_job(api: ApiClient) -> None:
    """Every page of it in order, none of them changed."""
    uid = completed(api, 3, PixelType=1)
    answer = api.get(f"{JOBS}/{uid}/content?type=image/tiff")
    assert answer.headers["Content-Type"] == "image/tiff"
    pages = [read_picture(data) for data in api.drain(uid)]
    assert [each.sha256 for each in read_pages(answer.content)] == [each.sha256 for each in pages]


def test_content_of_the_whole_of_a_running_job_is_the_wrong_state(api: ApiClient) -> None:
    """There is no whole of it yet."""
    uid = api.scan("Slow", config=feeder())
    refusal = api.refusal("GET", f"{JOBS}/{uid}/content?type=image/tiff", 409)
    assert (refusal["code"], refusal["error"]) == (-1011, "wrong_state")


@pytest.mark.parametrize("query", ["type=application/pdf", "type=application/pdf&page=0"])
def test_content_as_pdf_names_the_addon_for_it(query: str, api: ApiClient) -> None:
    """None is installed here, and the sentence says how to get it."""
    uid = completed(api, 1)
    refusal = api.refusal("GET", f"{JOBS}/{uid}/content?{query}", 400)
    assert (refusal["code"], refusal["error"]) == (-1119, "document_type_unsupported")
    assert "pip install flatbed-pdf" in refusal["message"]


@pytest.mark.parametrize("pixel_type", [1, 2], ids=["gray", "color"])
def test_all_bits_of_a_page_come_where_they_are_asked_for(
    pixel_type: int, bench: LiveService, api: ApiClient
) -> None:
    """Stored are 16 of a sample; handed out are 8, and all by `depth=16`, as PNG alone."""
    mark = bench.ledger.mark()
    caps = {"capabilities": [{"capability": 4395, "curValue": 16 if pixel_type == 1 else 48}]}
    uid = api.scan("Plain", caps=caps, config=glass(PixelType=pixel_type))
    api.wait_for(uid, "completed")
    (written,) = bench.ledger.delivered(number_of("Plain"), since=mark)
    deep = read_picture(api.get(f"{JOBS}/{uid}/content?page=0&depth=16").content)
    assert (deep.bits, deep.sha256) == (16, written.sha256)
    refusal = api.refusal("GET", f"{JOBS}/{uid}/content?page=0&depth=16&type=image/jpeg", 400)
    assert refusal["code"] == -2113
    assert api.refusal("GET", f"{JOBS}/{uid}/content?depth=12", 400)["code"] == -2113
    info = api.get(f"{JOBS}/{uid}/next-page-info").json()["imageInfo"]
    assert info["BitsPerSample"][0] == 8
    shallow = read_picture(api.next_page(uid).content)
    assert (shallow.bits, shallow.mode) == (8, "L" if pixel_type == 1 else "RGB")
    # The high byte of every sample, to within the rounding of the lower one.
    high = deep.rows[1::2]
    assert max(abs(a - b) for a, b in zip(high, shallow.rows, strict=True)) <= 1


def test_thumbnail_is_a_small_jpeg(api: ApiClient, page: ApiClient) -> None:
    """Of a stored page, by its id; to others than its owner and native callers it is not there."""
    uid = completed(page, 1)
    path = f"/api/storage/pages/{page.get(f'{JOBS}/{uid}/next-page-info').json()['imageuid']}"
    for caller in (page, api):
        answer = caller.get(f"{path}/thumbnail")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert max(read_picture(answer.content).size_px) == 320
    own = completed(api, 1)
    mine = api.get(f"{JOBS}/{own}/next-page-info").json()["imageuid"]
    refusal = page.refusal("GET", f"/api/storage/pages/{mine}/thumbnail", 404)
    assert (refusal["code"], refusal["error"]) == (-1040, "page_not_found")


def test_page_that_was_not_read_to_its_end_is_handed_out_again(
    bench: LiveService, api: ApiClient
) -> None:
    """The cursor moves with the last byte: a tab that closes meanwhile has had nothing."""
    caps = {"capabilities": [{"capability": 4395, "curValue": 48}]}
    uid = api.scan("Plain", caps=caps, config={"Resolution": 400, "PageSize": 1})
    info = api.get(f"{JOBS}/{uid}/next-page-info").json()
    size = len(api.get(f"{info['url']}&depth=16").content)
    # More than the buffers of both ends of a connection hold.
    assert size > 12 * 2**20
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", bench.port))
        request = f"GET {JOBS}/{uid}/next-page?depth=16 HTTP/1.1\r\nHost: 127.0.0.1:{bench.port}"
        connection.sendall(f"{request}\r\n\r\n".encode())
        assert connection.recv(12) == b"HTTP/1.1 200"
    assert len(api.next_page(uid, depth="16").content) == size
    api.next_page(uid, 204)


def _distance(one: bytes, other: bytes) -> float:
    """How far two pictures lie apart on the average, in steps of a sample."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) / len(one)
