"""What a query says of a PDF, all the way to the add-on: rights, sizes, regions, forms, notes."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from PIL import Image

from .support.client import DOCUMENTS, OCTETS, PAGES, ApiClient
from .support.service import LiveService

MM_PER_POINT = 25.4 / 72


@pytest.fixture
def api(plain_service: LiveService) -> ApiClient:
    """A native caller."""
    return plain_service.client()


@pytest.fixture
def content(api: ApiClient) -> str:
    """Where a document of one small page is handed out."""
    stream = io.BytesIO()
    Image.new("L", (60, 40), 100).save(stream, "PNG", dpi=(100, 100))
    document = api.make_document()
    api.load(document, stream.getvalue())
    return f"{DOCUMENTS}/{document}/content"


def look(api: ApiClient, data: bytes, query: str) -> Image.Image:
    """The only page of a file, in gray, one pixel for each point."""
    (page,) = api.load(api.make_document(), data, f"?dpi=72&color=gray{query}")
    return Image.open(io.BytesIO(api.get(f"{PAGES}/{page}/content").content))


def drawn() -> bytes:
    """A white page of 200 by 300 points with a black stamp, a gray form field, and a black square.

    From the top: the field from 10 to 60, the stamp from 110 to 160, the square from 210 to 260.
    """
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(200, 300))
    page.Contents = pdf.make_stream(b"0 g 10 40 50 50 re f")

    def add(subtype: str, bottom: int, gray: str, **more: Any) -> pikepdf.Object:
        look = pdf.make_stream(f"{gray} g 0 0 50 50 re f".encode())
        look.Type, look.Subtype = pikepdf.Name.XObject, pikepdf.Name.Form
        look.BBox = pikepdf.Array([0, 0, 50, 50])
        return pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name(subtype),
                Rect=pikepdf.Array([10, bottom, 60, bottom + 50]),
                F=4,
                AP=pikepdf.Dictionary(N=look),
                **more,
            )
        )

    field = add("/Widget", 240, "0.5", FT=pikepdf.Name.Tx, T="a", P=page.obj)
    page.Annots = pikepdf.Array([add("/Stamp", 140, "0"), field])
    pdf.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array([field]))
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


def rights(data: bytes, password: str) -> tuple[str, ...]:
    """What pikepdf may do with a file that it opened by a password."""
    with pikepdf.open(io.BytesIO(data), password=password) as pdf:
        return tuple(name for name, is_there in pdf.allow._asdict().items() if is_there)


@pytest.mark.parametrize(
    ("permissions", "found"),
    [
        ("print,copy", ("accessibility", "extract", "print_lowres", "print_highres")),
        ("print_low, fill_forms", ("accessibility", "modify_form", "print_lowres")),
        ("", ("accessibility",)),
    ],
    ids=["two", "with a space", "none"],
)
def test_user_of_a_pdf_has_the_permissions_of_the_query(
    api: ApiClient, content: str, permissions: str, found: tuple[str, ...]
) -> None:
    """By the one password; the other opens the file with all of them."""
    query = f"password=ours&ownerPassword=mine&permissions={permissions}"
    data = api.get(f"{content}?{query}").content
    assert rights(data, "ours") == found
    with pikepdf.open(io.BytesIO(data), password="mine") as pdf:
        assert pdf.owner_password_matched
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(data))


def test_pdf_with_an_owner_password_alone_opens_for_everybody(api: ApiClient, content: str) -> None:
    """With the rights that are left."""
    data = api.get(f"{content}?ownerPassword=mine&permissions=assemble").content
    assert rights(data, "") == ("accessibility", "modify_assembly")


def test_custom_page_has_the_size_of_the_query(api: ApiClient, content: str) -> None:
    """In millimetres, the picture in the middle."""
    data = api.get(f"{content}?pageType=1&pageWidthMm=100.5&pageHeightMm=50").content
    with pikepdf.open(io.BytesIO(data)) as pdf:
        sides = [float(each) * MM_PER_POINT for each in pdf.pages[0].mediabox[2:]]
    assert sides == pytest.approx([100.5, 50], abs=0.001)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("permissions=print", "Permissions without an owner_password protect nothing."),
        ("password=a&permissions=print", "Permissions without an owner_password protect nothing."),
        ("password=a&ownerPassword=a", "The owner_password is the password"),
        ("ownerPassword=a", "An owner_password alone protects nothing"),
        ("ownerPassword=a&permissions=read", "There is no such permission. Choose some of print,"),
        ("standard=pdf/a-2b&ownerPassword=a&permissions=print", "A PDF/A has no password"),
        ("pageType=1", "A custom page needs page_width_mm and page_height_mm"),
        ("pageType=1&pageWidthMm=100", "A custom page needs page_width_mm and page_height_mm"),
        ("pageType=1&pageWidthMm=1&pageHeightMm=9", "'pageWidthMm' in the query is wrong"),
        ("pageType=1&pageWidthMm=9&pageHeightMm=nan", "'pageHeightMm' in the query is wrong"),
        ("pageType=1&pageWidthMm=9&pageHeightMm=5081", "'pageHeightMm' in the query is wrong"),
    ],
)
def test_option_of_a_file_that_cannot_be_is_refused(
    api: ApiClient, content: str, query: str, words: str
) -> None:
    """By a sentence, and no file."""
    refusal = api.refusal("GET", f"{content}?{query}", 400)
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert refusal["message"].startswith(words)


def test_region_of_the_query_is_what_the_page_becomes(api: ApiClient) -> None:
    """The black square in its lower half, by millimetres from the top left."""
    image = look(api, drawn(), "&region=3.5278,74.0833,21.1667,91.7222")
    assert image.size == (50, 50)
    assert image.getextrema() == (0, 0)
    assert look(api, drawn(), "").size == (200, 300)


@pytest.mark.parametrize(
    ("query", "field", "stamp"),
    [
        ("", 128, 0),
        ("&forms=true&annotations=true", 128, 0),
        ("&forms=false", 255, 0),
        ("&annotations=false", 128, 255),
        ("&forms=0&annotations=0", 255, 255),
    ],
    ids=["neither said", "both", "no forms", "no annotations", "neither"],
)
def test_forms_and_annotations_are_drawn_as_the_query_says(
    api: ApiClient, query: str, field: int, stamp: int
) -> None:
    """What the page itself shows is there in any case."""
    image = look(api, drawn(), query)
    assert [image.getpixel((35, y)) for y in (35, 135, 235)] == pytest.approx(
        [field, stamp, 0], abs=1
    )


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("region=10,10,100", "'region' takes left, top, right and bottom in millimetres"),
        ("region=10,10,100,b", "'region' takes left, top, right and bottom in millimetres"),
        ("region=-1,0,10,10", "'region' takes left, top, right and bottom in millimetres"),
        ("region=0,0,10,inf", "'region' takes left, top, right and bottom in millimetres"),
        ("region=0,0,nan,10", "'region' takes left, top, right and bottom in millimetres"),
        ("region=", "'region' in the query is wrong"),
        ("region=10,10,10,20", "The region has no area"),
        ("region=90,0,95,10", "The region lies outside page 1"),
        ("forms=no", "'forms' in the query is wrong"),
        ("annotations=", "'annotations' in the query is wrong"),
    ],
)
def test_option_of_reading_that_cannot_be_is_refused(
    api: ApiClient, query: str, words: str
) -> None:
    """By a sentence, and the document stays as it was."""
    document = api.make_document()
    path = f"{DOCUMENTS}/{document}/pages?{query}"
    refusal = api.refusal("POST", path, 400, headers=OCTETS, content=drawn())
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert refusal["message"].startswith(words)
    assert api.get(f"{DOCUMENTS}/{document}").json()["pages"] == []


def test_options_of_reading_mean_nothing_to_a_picture(api: ApiClient) -> None:
    """One query serves all readers; this one draws nothing."""
    stream = io.BytesIO()
    Image.new("L", (60, 40), 100).save(stream, "PNG")
    image = look(api, stream.getvalue(), "&region=0,0,1,1&forms=false&annotations=false")
    assert image.size == (60, 40)
