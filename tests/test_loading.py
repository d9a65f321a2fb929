"""Files that become pages: each kind, where they go, and those that are a trap."""

from __future__ import annotations

import io
import socket
import struct
import zlib
from typing import Any

import psutil
import pytest
from PIL import Image, ImageDraw

from .conftest import MakeService
from .support.client import DOCUMENTS, OCTETS, PAGES, ApiClient
from .support.service import LiveService
from .support.waiting import wait_until

Json = dict[str, Any]
MIB = 1 << 20


def drawn(number: int, size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """A page with as many bars as its number."""
    image = Image.new(mode, size, 255 if mode != "RGB" else (255, 255, 255))
    for bar in range(number):
        ImageDraw.Draw(image).rectangle((4 + 8 * bar, 4, 7 + 8 * bar, 30), fill=0)
    return image


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file of a picture."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def tiff(count: int) -> bytes:
    """A file of several pages."""
    pages = [drawn(number) for number in range(1, count + 1)]
    return saved(
        pages[0],
        "TIFF",
        save_all=True,
        append_images=pages[1:],
        compression="tiff_lzw",
        dpi=(90, 90),
    )


def png_bomb(width: int, height: int) -> bytes:
    """A picture of one colour that is small in a file and large in memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer, packed = zlib.compressobj(9), bytearray()
    row = bytes(1 + width // 8)
    for _ in range(height):
        packed += packer.compress(row)
    packed += packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", bytes(packed)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def endless_tiff() -> bytes:
    """A TIFF of a million directories, each of one entry."""
    directory = struct.Struct("<HHHLLL")
    body = bytearray(b"II*\0" + struct.pack("<L", 8))
    for number in range(1_000_000):
        after = 8 + directory.size * (number + 1)
        body += directory.pack(1, 256, 4, 1, 10, after)
    return bytes(body)


def hang_up_within(service: LiveService, path: str, data: bytes) -> None:
    """Announce a file, send half of it, and be gone once that has been taken."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{service.port}\r\n"
        f"Content-Type: application/octet-stream\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    scratch = service.data / "cache" / "scratch"
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        connection.sendall(head.encode() + data[: len(data) // 2])
        wait_until(lambda: bool(list(scratch.iterdir())))
    wait_until(lambda: not list(scratch.iterdir()))


def look(api: ApiClient, page: str) -> Image.Image:
    """A page as a picture."""
    return Image.open(io.BytesIO(api.get(f"{PAGES}/{page}/content").content))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"),
        ("PNG", "1"),
        ("TIFF", "L"),
        ("BMP", "RGB"),
        ("GIF", "L"),
        ("WEBP", "RGB"),
        ("JPEG", "L"),
    ],
)
def test_picture_becomes_a_page(kind: str, mode: str, api: ApiClient) -> None:
    """Bit for bit where the file has no loss."""
    document = api.make_document()
    options = {"lossless": True} if kind == "WEBP" else {}
    (page,) = api.load(document, saved(drawn(3, mode=mode), kind, **options))
    found = look(api, page)
    assert (found.size, found.mode) == ((60, 40), mode)
    if kind != "JPEG":
        assert found.tobytes() == drawn(3, mode=mode).tobytes()
    api.get(f"{PAGES}/{page}/thumbnail")


def test_every_page_of_a_tiff_is_put_in_as_one_step(api: ApiClient) -> None:
    """In order, at the end or at a place; one undo takes all of them out."""
    document = api.make_document()
    first = api.load(document, saved(drawn(7), "PNG"))
    pages = api.load(document, tiff(3))
    assert pages[:1] == first
    assert [look(api, page).tobytes() for page in pages[1:]] == [
        drawn(number).tobytes() for number in (1, 2, 3)
    ]
    assert api.get(f"{PAGES}/{pages[1]}").json()["dpi"] == [90, 90]
    pages = api.load(document, saved(drawn(5), "PNG"), "?insertPos=2&dpi=150")
    assert look(api, pages[1]).tobytes() == drawn(5).tobytes()
    assert api.get(f"{PAGES}/{pages[1]}").json()["dpi"] == [150, 150]
    for _ in range(2):
        api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200)
    assert [each["uid"] for each in api.get(f"{DOCUMENTS}/{document}").json()["pages"]] == first


def test_page_of_a_granted_origin_loads_files(page: ApiClient) -> None:
    """As application/octet-stream, which browsers ask us about beforehand."""
    document = page.make_document()
    assert len(page.load(document, tiff(2))) == 2
    page.ask("DELETE", f"{DOCUMENTS}/{document}", 204)


def test_file_with_the_type_that_it_has_not_is_refused(api: ApiClient) -> None:
    """Its bytes decide, and the caller hears of it."""
    document = api.make_document()
    path = f"{DOCUMENTS}/{document}/pages?type=image/tiff"
    data = saved(drawn(1), "PNG")
    refusal = api.refusal("POST", path, 400, headers=OCTETS, content=data)
    assert "not what it says" in refusal["message"]


def test_pdf_says_which_add_on_it_needs(api: ApiClient) -> None:
    """Until that is installed."""
    path = f"{DOCUMENTS}/{api.make_document()}/pages"
    refusal = api.refusal("POST", path, 400, headers=OCTETS, content=b"%PDF-1.7\n1 0 obj")
    assert (refusal["code"], refusal["error"]) == (-1119, "document_type_unsupported")
    assert refusal["message"].endswith(" pdf")


BAD = {
    "empty": (b"", 400, "invalid_input"),
    "words": (b"a letter, not a picture", 400, "invalid_input"),
    "truncated JPEG": (saved(drawn(3, (600, 400)), "JPEG")[:-900], 400, "invalid_input"),
    "truncated TIFF": (tiff(3)[:-40], 400, "invalid_input"),
    "page too large": (png_bomb(30_000, 30_000), 413, "too_big"),
    "million pages": (endless_tiff(), 413, "too_big"),
    "header only": (b"\x89PNG\r\n\x1a\n", 400, "invalid_input"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_has_a_name_and_changes_nothing(
    name: str, bench: LiveService, api: ApiClient
) -> None:
    """The document stays as it was, and main's memory too."""
    data, status, error = BAD[name]
    document = api.make_document()
    api.load(document, saved(drawn(2), "PNG"))
    before = api.get(f"{DOCUMENTS}/{document}").json()
    memory = psutil.Process(bench.pid).memory_info().rss
    path = f"{DOCUMENTS}/{document}/pages"
    refusal = api.refusal("POST", path, status, headers=OCTETS, content=data)
    assert refusal["error"] == error
    assert api.get(f"{DOCUMENTS}/{document}").json() == before
    assert psutil.Process(bench.pid).memory_info().rss < memory + 20 * MIB


def test_json_has_its_own_lower_limit(api: ApiClient) -> None:
    """What may be 200 MiB is a file; a body that is kept in memory may not."""
    path = f"{DOCUMENTS}/{api.make_document()}/pages"
    body = b'{"source": "' + b"x" * 2 * MIB + b'"}'
    refusal = api.refusal("POST", path, 413, content=body)
    assert refusal["error"] == "too_big"


def test_nothing_of_a_file_stays_but_its_pages(make_service: MakeService) -> None:
    """Neither of one that was read, nor of one that was refused, nor of one that was cut off."""
    service = make_service()
    api = service.client()
    document = api.make_document()
    api.load(document, saved(drawn(2), "PNG"))
    path = f"{DOCUMENTS}/{document}/pages"
    api.refusal("POST", path, 400, headers=OCTETS, content=b"nothing that is known")
    hang_up_within(service, path, saved(drawn(3, (900, 900)), "BMP"))
    api.get(f"{DOCUMENTS}/{document}")
    assert list((service.data / "cache" / "scratch").iterdir()) == []
    assert len(service.stored_pages()) == 1
