"""Pages by their place, whole jobs, all the bits, small pictures, and pages that were cut off."""

from __future__ import annotations

import io
import socket

import pytest
from PIL import Image

from .support.bench import completed, feeder, glass, number_of
from .support.client import JOBS, ApiClient
from .support.pictures import read_pages, read_picture
from .support.service import LiveService


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
    assert "flatbed addons enable pdf" in refusal["message"]


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
