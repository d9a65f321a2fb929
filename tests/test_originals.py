"""Born-digital pages, in by a file and out again: as they were, as long as nobody changed them."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pikepdf
import pypdfium2 as pdfium
import pytest
from pikepdf import Array, Dictionary, Name

from .conftest import MakeService
from .support.client import DOCUMENTS, PAGES, ApiClient
from .support.service import LiveService

WORDS = ("First", "Second", "Third", "Fourth")
PASSWORD = {"DWT-DOC-PASSWORD": "secret"}
MARK = b"% as it is"


@pytest.fixture
def api(plain_service: LiveService) -> ApiClient:
    """A native caller."""
    return plain_service.client()


def drawing(number: int) -> bytes:
    """The content stream of a page, with a comment that no writer would make."""
    return f"BT /F1 24 Tf 20 {100 + number} Td ({WORDS[number]}) Tj ET ".encode() + MARK


def born_digital(**how: Any) -> bytes:
    """Four pages with a word on each; the streams of every other one are compressed."""
    with pikepdf.new() as pdf:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        font = pdf.make_indirect(font)
        for number in range(4):
            page = pdf.add_blank_page(page_size=(200 + number, 300)).obj
            page.Resources = Dictionary(Font=Dictionary(F1=font))
            page.Contents = pdf.make_stream(drawing(number))
            if number % 2:
                page.Contents.write(zlib.compress(drawing(number), 1), filter=Name.FlateDecode)
        stream = io.BytesIO()
        pdf.save(stream, compress_streams=False, **how)
    return stream.getvalue()


def streams(data: bytes) -> list[bytes]:
    """The bytes of the pages' content streams as they stand in a file that needs no password."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.check_pdf_syntax() == []
        assert not pdf.is_encrypted
        return [page.obj.Contents.read_raw_bytes() for page in pdf.pages]


def turns(data: bytes) -> list[int]:
    """By how much each page is turned when it is shown."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [int(page.obj.get("/Rotate", 0)) for page in pdf.pages]


def words(data: bytes) -> list[str]:
    """The text on each page, by pdfium."""
    with pdfium.PdfDocument(data) as document:
        return [page.get_textpage().get_text_range().strip() for page in document]


def is_picture(data: bytes, place: int) -> bool:
    """Whether a page is drawn by one image and no word."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return list(pdf.pages[place].resources.keys()) == ["/XObject"] and not words(data)[place]


def load(api: ApiClient, data: bytes, document: str = "", **headers: str) -> tuple[str, list[str]]:
    """A document with the pages of a file, and their uids."""
    document = document or api.make_document()
    return document, api.load(document, data, "?dpi=72", **headers)


def put_in(api: ApiClient, document: str, page: str, **headers: str) -> None:
    """Put a page of one document into another."""
    path = f"{DOCUMENTS}/{document}/pages"
    api.ask("POST", path, 200, headers=headers, json={"source": page})


def edit(api: ApiClient, page: str, op: str, **settings: Any) -> None:
    """Edit a page of a document."""
    api.ask("POST", f"{PAGES}/{page}/edits", 200, json={"op": op, **settings})


def undo(api: ApiClient, document: str) -> None:
    """Take the last step back."""
    api.ask("POST", f"{DOCUMENTS}/{document}/undo", 200, json={})


def content(api: ApiClient, document: str, query: str = "", **headers: str) -> bytes:
    """The document as a PDF."""
    path = f"{DOCUMENTS}/{document}/content?type=application/pdf{query}"
    return api.ask("GET", path, 200, headers=headers).content


def rearrange(api: ApiClient, document: str, pages: list[str]) -> None:
    """Turn the second of four pages, delete the third, and put the fourth before the first."""
    first, second, third, fourth = pages
    edit(api, second, "rotate", angle=90)
    api.ask("DELETE", f"{DOCUMENTS}/{document}/pages/{third}", 204)
    order = {"order": [fourth, first, second]}
    api.ask("PATCH", f"{DOCUMENTS}/{document}/pages", 200, json=order)


def assert_rearranged(data: bytes) -> None:
    """All of them are the file's own pages, one of them turned."""
    first, second, _, fourth = streams(born_digital())
    assert first == drawing(0)
    assert streams(data) == [fourth, first, second]
    assert turns(data) == [0, 0, 90]
    assert words(data) == ["Fourth", "First", "Second"]


def test_pages_that_were_turned_deleted_and_moved_come_back_byte_for_byte(api: ApiClient) -> None:
    """Their streams as they stood in the file, compressed or not, and the text can be read."""
    document, pages = load(api, born_digital())
    assert streams(content(api, document)) == streams(born_digital())
    rearrange(api, document, pages)
    assert_rearranged(content(api, document))
    assert streams(content(api, document, "&pages=2")) == streams(born_digital())[1:2]


def linked(data: bytes) -> bytes:
    """The same file with links between all pages, names for them, and an outline."""
    stream = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf:
        places = [Array([page.obj, Name.Fit]) for page in pdf.pages]
        for page in pdf.pages:
            links = [
                Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], Dest=place)
                for place in places
            ]
            page.obj.Annots = pdf.make_indirect(Array(links))
        pdf.Root.Dests = Dictionary({f"/P{number}": each for number, each in enumerate(places)})
        with pdf.open_outline() as outline:
            outline.root.extend(pikepdf.OutlineItem(word, at) for at, word in enumerate(WORDS))
        pdf.save(stream, compress_streams=False)
    return stream.getvalue()


def all_streams(data: bytes) -> bytes:
    """What stands in the streams of a file, whether a page has them or not."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        found = [each for each in pdf.objects if isinstance(each, pikepdf.Stream)]
        return b"".join(each.read_bytes() for each in found)


def test_deleted_page_is_nowhere_in_the_file(api: ApiClient) -> None:
    """Nor does a link of a page that is left bring it in."""
    document, pages = load(api, linked(born_digital()))
    assert b"(Third)" in all_streams(content(api, document))
    api.ask("DELETE", f"{DOCUMENTS}/{document}/pages/{pages[2]}", 204)
    data = content(api, document)
    assert b"(Third)" not in all_streams(data)
    assert b"(Fourth)" in all_streams(data)
    assert words(data) == ["First", "Second", "Fourth"]


def test_turned_page_is_turned_back_by_undo_and_by_turning_on(api: ApiClient) -> None:
    """Its file says the sum of all turns."""
    document, (page, *_) = load(api, born_digital())
    found = []
    for angle in (90, 180, 90):
        edit(api, page, "rotate", angle=angle)
        found.append(turns(content(api, document))[0])
    undo(api, document)
    found.append(turns(content(api, document))[0])
    assert found == [90, 270, 0, 270]
    assert words(content(api, document)) == list(WORDS)


@pytest.mark.parametrize(
    ("op", "settings"),
    [("crop", {"box": [0, 0, 100, 100]}), ("rotate", {"angle": 45}), ("flip", {})],
    ids=["crop", "slant", "flip"],
)
def test_page_that_looks_otherwise_is_a_picture_until_undo(
    api: ApiClient, op: str, settings: dict[str, Any]
) -> None:
    """The others stay what they were."""
    document, pages = load(api, born_digital())
    edit(api, pages[1], op, **settings)
    data = content(api, document)
    assert [is_picture(data, place) for place in range(4)] == [False, True, False, False]
    assert words(data) == ["First", "", "Third", "Fourth"]
    undo(api, document)
    assert streams(content(api, document)) == streams(born_digital())


def test_compression_makes_a_picture_of_every_page(api: ApiClient) -> None:
    """Who asks for one wants pictures."""
    document, _ = load(api, born_digital())
    data = content(api, document, "&compression=5")
    assert [is_picture(data, place) for place in range(4)] == [True] * 4


def test_pages_stand_beside_those_of_other_files(api: ApiClient) -> None:
    """Each page is of its own file; a picture in between is one."""
    stream = io.BytesIO()
    pdfium.PdfDocument(born_digital())[0].render().to_pil().convert("L").save(stream, "PNG")
    document, _ = load(api, born_digital())
    load(api, stream.getvalue(), document)
    load(api, born_digital(), document)
    data = content(api, document)
    assert words(data) == [*WORDS, "", *WORDS]
    assert is_picture(data, 4)


def test_page_that_was_not_drawn_as_it_is_stays_a_picture(api: ApiClient) -> None:
    """Gray was wanted, and gray it stays."""
    document = api.make_document()
    api.load(document, born_digital(), "?dpi=72&color=gray")
    data = content(api, document)
    assert [is_picture(data, place) for place in range(4)] == [True] * 4


def test_encrypted_file_comes_back_without_its_password(api: ApiClient) -> None:
    """It opened for who had it; what is handed out has the password that is asked for then."""
    locked = born_digital(encryption=pikepdf.Encryption(user="sesame", owner="mine"))
    document, _ = load(api, locked, **{"Flatbed-File-Password": "sesame"})
    data = content(api, document)
    assert streams(data) == streams(born_digital())
    assert words(data) == list(WORDS)
    again = content(api, document, "&password=ours")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(again), password="sesame")
    with pikepdf.open(io.BytesIO(again), password="ours") as pdf:
        assert len(pdf.pages) == 4


def test_kept_file_is_nowhere_in_the_clear(plain_service: LiveService) -> None:
    """Once for all its pages, encrypted as they are."""
    load(plain_service.client(), born_digital())
    found = [path for path in plain_service.stored_files() if path.suffix == ".file"]
    assert found != []
    assert [path for path in found if MARK in path.read_bytes()] == []


def test_killed_service_still_has_what_pages_came_from(make_service: MakeService) -> None:
    """With all steps, so that undo leads back to the original there too."""
    service = make_service()
    api = service.client()
    document, pages = load(api, born_digital())
    rearrange(api, document, pages)
    edit(api, pages[0], "crop", box=[0, 0, 100, 100])
    service.kill()
    service.restart()
    assert words(content(api, document)) == ["Fourth", "", "Second"]
    undo(api, document)
    assert_rearranged(content(api, document))


def test_file_goes_with_the_last_document_that_has_a_page_of_it(make_service: MakeService) -> None:
    """The second has a password; nothing is left after it."""
    service = make_service()
    api = service.client()
    first, pages = load(api, born_digital())
    second = api.make_document(password="secret")
    edit(api, pages[1], "rotate", angle=180)
    put_in(api, second, pages[1], **PASSWORD)
    put_in(api, second, pages[3], **PASSWORD)
    api.ask("DELETE", f"{DOCUMENTS}/{first}", 204)
    service.kill()
    service.restart()
    data = content(api, second, **PASSWORD)
    before = streams(born_digital())
    assert (streams(data), turns(data)) == ([before[1], before[3]], [180, 0])
    assert words(data) == ["Second", "Fourth"]
    api.ask("DELETE", f"{DOCUMENTS}/{second}", 204, headers=PASSWORD)
    assert service.stored_files() == set()


def test_text_of_a_page_is_told_where_it_stands(api: ApiClient) -> None:
    """Also of a turned one, in its own pixels; of one that was cut it is no more known."""
    _, pages = load(api, born_digital())

    def lines() -> Any:
        return api.ask("POST", "/api/process/read-text", 200, json={"source": pages[1]}).json()[
            "lines"
        ]

    (line,) = lines()
    (word,) = line["words"]
    left, _, _, bottom = word["box"]
    # Its baseline is at 20 and 101 points of a page that is 300 points high, at 72 dpi.
    assert (word["text"], word["confidence"]) == ("Second", 1.0)
    assert (abs(left - 20) <= 2, abs(bottom - 199) <= 2) == (True, True)
    edit(api, pages[1], "rotate", angle=90)
    (turned,) = lines()
    assert abs(turned["words"][0]["box"][0] - (300 - bottom)) <= 1
    edit(api, pages[1], "crop", box=[0, 0, 50, 50])
    assert lines() == []
