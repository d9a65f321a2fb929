"""Names of symbologies, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flatbed.errors import InvalidInputError
from flatbed_barcode import formats
from flatbed_barcode.passes import read_view
from flatbed_barcode.view import view_of

from . import drawn


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("EAN-13", "EAN-13"),
        ("ean13", "EAN-13"),
        ("EAN_13", "EAN-13"),
        ("QR Code", "QR Code"),
        ("qrcode", "QR Code"),
        ("qr", "QR Code"),
        ("DATAMATRIX", "Data Matrix"),
        ("PDF_417", "PDF417"),
        ("i25", "ITF"),
        ("code 39 extended", "Code 39 Extended"),
        ("sqcode", "SQCode"),
        ("patch", "Patch Code"),
        ("patch-code", "Patch Code"),
        ("upca", "UPC-A"),
    ],
)
def test_name_is_found_whatever_its_case_and_hyphens(written: str, name: str) -> None:
    """As other readers and people write them."""
    assert formats.parse([written]).names == {name}


def test_unknown_name_is_an_error_that_names_the_known_ones() -> None:
    """So that the caller sees what was meant."""
    with pytest.raises(InvalidInputError, match=r"'EAN-99'.*EAN-13.*Patch Code.*QR Code"):
        formats.parse(["EAN-13", "EAN-99"])


def test_no_names_mean_everything() -> None:
    """An empty list is the default of the setting."""
    assert formats.parse([]) is formats.EVERYTHING


@given(st.sampled_from(formats.known()), st.sampled_from([str.upper, str.lower, str.title]))
def test_every_known_name_is_found_in_any_case(name: str, change: object) -> None:
    """What `known` says can be asked for."""
    assert formats.parse([change(name)]).names == {name}  # type: ignore[operator]


def test_only_wanted_formats_are_read() -> None:
    """Of two codes on a page the one that was asked for."""
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", "one"), (300, 300))
    page = drawn.put(page, drawn.symbol("Code128", "two"), (300, 800))
    view = view_of(page, (200, 200))
    assert [each.text for each in read_view(view, formats.parse(["code128"]), "coverage")] == [
        "two"
    ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], ("UPC-A", "036000291452")),
        (["UPC-A"], ("UPC-A", "036000291452")),
        (["EAN-13"], ("EAN-13", "0036000291452")),
    ],
)
def test_upc_is_named_as_it_is_wanted(wanted: list[str], expected: tuple[str, str]) -> None:
    """A UPC-A is an EAN-13 that begins with 0; the bars are the same."""
    page = drawn.put(drawn.sheet(), drawn.symbol("UPCA", "036000291452"), (300, 300))
    (found,) = read_view(view_of(page, (200, 200)), formats.parse(wanted), "balance")
    assert (found.format, found.text) == expected


def test_isbn_is_what_begins_with_978_alone() -> None:
    """Other EANs on the page are not wanted then."""
    page = drawn.put(drawn.sheet(), drawn.symbol("EAN13", "9780735200449"), (300, 300))
    page = drawn.put(page, drawn.symbol("EAN13", "5030159003930"), (300, 800))
    found = read_view(view_of(page, (200, 200)), formats.parse(["ISBN"]), "balance")
    assert [(each.format, each.text) for each in found] == [("ISBN", "9780735200449")]
