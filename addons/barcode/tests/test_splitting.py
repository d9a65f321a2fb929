"""Where documents begin: patch codes, codes that fit, blank pages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from flatbed.addon import Separator
from flatbed.addon.testing import AddonWorker, MakePage
from flatbed.errors import InvalidInputError
from flatbed_barcode.splitting import compile_pattern, find_separator

from . import drawn


def with_code(text: str, page: Image.Image | None = None) -> Image.Image:
    """A page with a Code 128 in its middle."""
    return drawn.put(page or drawn.sheet(), drawn.symbol("Code128", text), (300, 1200))


PATCH_T = drawn.draw_patch(drawn.sheet(), "T", 200)


def find(make_page: MakePage, image: Image.Image, **settings: Any) -> Separator | None:
    """What the hook says of a page of 200 dpi."""
    found: Separator | None = find_separator(make_page(image, dpi=200), settings)
    return found


def test_patch_t_separates_by_default(make_page: MakePage) -> None:
    """The sheet is left out, and gives no name."""
    assert find(make_page, PATCH_T) == Separator(name="", page="drop")


def test_other_pages_do_not(make_page: MakePage) -> None:
    """Another patch, a code, text, nothing."""
    other = drawn.draw_patch(drawn.sheet(), "2", 200)
    for image in (other, with_code("INV-1"), drawn.text_sheet(), drawn.sheet()):
        assert find(make_page, image) is None


def test_name_is_the_barcode_beside_the_patch(make_page: MakePage) -> None:
    """A sheet that was printed for one document."""
    assert find(make_page, with_code("INV-4711", PATCH_T)) == Separator(name="INV-4711")


def test_other_types_separate_where_they_are_wanted(make_page: MakePage) -> None:
    """Type 2 is as usual as T."""
    page = drawn.draw_patch(drawn.sheet(), "2", 200)
    assert find(make_page, page, at=["patch-2"]) == Separator()
    assert find(make_page, PATCH_T, at=["patch-2"]) is None


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("", "INV-4711"),
        (r"INV-\d+", "INV-4711"),
        (r"INV-(\d+)", "4711"),
        (r"INV", None),
        (r"(X)?INV-.*", ""),
    ],
    ids=["any text", "the whole text", "its first group", "a part of it", "an empty group"],
)
def test_code_separates_where_its_whole_text_matches(
    make_page: MakePage, pattern: str, name: str | None
) -> None:
    """The first group names the part, else the text."""
    expected = None if name is None else Separator(name=name, page="first")
    found = find(make_page, with_code("INV-4711"), at=["code"], pattern=pattern, page="first")
    assert found == expected


def test_first_code_that_matches_names_the_part(make_page: MakePage) -> None:
    """Others on the page, of other kinds, do not matter."""
    page = drawn.put(with_code("INV-1"), drawn.symbol("QRCode", "https://x"), (300, 300))
    assert find(make_page, page, at=["code"], pattern="INV.*") == Separator(name="INV-1")
    assert find(make_page, page, at=["code"], formats=["QR"]) == Separator(name="https://x")


def test_patch_code_is_no_code_with_a_text(make_page: MakePage) -> None:
    """`code` means what has content."""
    assert find(make_page, PATCH_T, at=["code"]) is None


def test_blank_page_separates(make_page: MakePage) -> None:
    """And stays where it is wanted as the end of the part before."""
    assert find(make_page, drawn.sheet(), at=["blank"], page="last") == Separator(page="last")
    assert find(make_page, drawn.text_sheet(), at=["blank"]) is None


def test_names_fit_into_one_line(make_page: MakePage) -> None:
    """Line ends and controls of a code are no part of a name."""
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", "one\r\ntwo\tthree"), (300, 300))
    assert find(make_page, page, at=["code"]) == Separator(name="one two three")


@pytest.mark.parametrize("pattern", ["(", "*", "a{99999999999}", "x" * 501, "(?P<a>"])
def test_pattern_that_is_none_is_an_error(make_page: MakePage, pattern: str) -> None:
    """Also where no code would have been read."""
    with pytest.raises(InvalidInputError, match="'pattern'"):
        find(make_page, drawn.sheet(50), pattern=pattern)


@given(st.text(max_size=40))
def test_any_text_is_a_pattern_or_an_error(text: str) -> None:
    """Nothing else comes of it."""
    try:
        compile_pattern(text)
    except InvalidInputError as error:
        assert "'pattern'" in error.message


def test_worker_finds_separators(worker: AddonWorker, make_page: MakePage) -> None:
    """By the hook, as the core calls it for each page of a document."""
    found = worker.call(
        "find_separator",
        page=make_page(with_code("INV-4711", PATCH_T), dpi=200),
        settings={"at": ["patch-t"], "pattern": "", "formats": [], "page": "drop"},
    )
    assert found == {"name": "INV-4711", "page": "drop"}
