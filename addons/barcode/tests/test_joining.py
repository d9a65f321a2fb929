"""Add-ons belong to their codes; one symbol is one barcode."""

from __future__ import annotations

import pytest

from flatbed.addon import Barcode
from flatbed_barcode import formats
from flatbed_barcode.joining import join_add_ons, merge
from flatbed_barcode.passes import read_view
from flatbed_barcode.view import view_of

from . import drawn


def barcode(
    name: str, text: str, left: float, right: float, *, top: float = 0, confidence: float = 0.9
) -> Barcode:
    """An upright code of 100 pixels height."""
    return Barcode(
        format=name,
        text=text,
        raw=text.encode().hex(),
        corners=((left, top), (right, top), (right, top + 100), (left, top + 100)),
        confidence=confidence,
    )


@pytest.mark.parametrize(
    ("base", "content", "digits", "name", "text"),
    [
        ("EAN13", "9780735200449", "51299", "EAN-13+5", "9780735200449 51299"),
        ("EAN13", "5030159003930", "12", "EAN-13+2", "5030159003930 12"),
        ("UPCA", "036000291452", "12345", "UPC-A+5", "036000291452 12345"),
        ("UPCE", "01234565", "07", "UPC-E+2", "01234565 07"),
    ],
)
def test_add_on_is_read_with_its_code(
    base: str, content: str, digits: str, name: str, text: str
) -> None:
    """As on books and magazines: one barcode, both texts, both numbers as bytes."""
    code = drawn.symbol(base, content, 4)
    code = code.crop((0, 0, code.width, 200))
    add_on = drawn.symbol(f"EAN{len(digits)}", digits, 4)
    add_on = add_on.crop((0, 0, add_on.width, 170))
    page = drawn.put(drawn.sheet(), code, (300, 300))
    page = drawn.put(page, add_on, (300 + code.width, 330))
    (found,) = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")
    assert (found.format, found.text) == (name, text)
    assert bytes.fromhex(found.raw).decode() == text.replace(" ", "")
    assert found.corners[1][0] > 300 + code.width


def test_add_on_of_the_second_reader_is_joined() -> None:
    """It stands to the right; the surer one does not make it surer."""
    code = barcode("EAN-13", "9780735200449", 100, 400)
    (found,) = join_add_ons([barcode("EAN-5", "51299", 430, 560, confidence=0.7), code])
    assert (found.format, found.text) == ("EAN-13+5", "9780735200449 51299")
    assert list(found.corners) == [(100, 0), (560, 0), (560, 100), (100, 100)]
    assert found.confidence == 0.7


@pytest.mark.parametrize(
    "stray",
    [
        barcode("EAN-2", "12", 430, 480, top=900),
        barcode("EAN-2", "12", 20, 80),
        barcode("EAN-2", "12", 900, 960),
    ],
    ids=["below", "left", "far away"],
)
def test_add_on_elsewhere_belongs_to_no_code(stray: Barcode) -> None:
    """It is left out: two digits without a check are found in many a drawing."""
    code = barcode("EAN-13", "9780735200449", 100, 400)
    assert join_add_ons([code, stray]) == [code]


def test_add_on_does_not_join_what_has_none() -> None:
    """A Code 128 has no add-ons."""
    code = barcode("Code 128", "9780735200449", 100, 400)
    add_on = barcode("EAN-5", "51299", 430, 560)
    assert join_add_ons([code, add_on]) == [code]


def test_rows_read_without_the_add_on_are_the_same_code() -> None:
    """Bars are higher than those of the add-on, so some rows have no add-on."""
    high = barcode("EAN-13", "9780735200449", 100, 400)
    low = barcode("EAN-13+5", "9780735200449 51299", 100, 560, top=103)
    assert [each.text for each in merge([high, low])] == ["9780735200449 51299"]


def test_readers_that_disagree_give_the_surer_reading() -> None:
    """One place on the page holds one code."""
    first = barcode("EAN-13", "9780735200449", 100, 400)
    second = barcode("EAN-13", "1077778003259", 100, 390, confidence=0.6)
    assert merge([first, second]) == [first]
    assert merge([second, first]) == [first]
