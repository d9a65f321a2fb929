"""The barcodes that the sample pages carry, read back by a real decoder."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image

from flatbed.addon import ScanSettings
from flatbed.addon.types import Color
from flatbed.builtin.virtual.barcodes import code_39, code_128, ean_13, ean_13_text
from flatbed.builtin.virtual.exposure import drawing_mode, expose
from flatbed.builtin.virtual.samples.album import SampleAlbum
from flatbed.errors import InvalidInputError


def _read(modules: str) -> list[tuple[str, str]]:
    row = bytes(0 if bit == "1" else 255 for bit in f"{'0' * 12}{modules}{'0' * 12}")
    image = Image.frombytes("L", (len(row), 1), row).resize((3 * len(row), 60), 0)
    return [(str(found.format), found.text) for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize(
    "text",
    [
        "A",
        "Flatbed",
        "1234",
        "12345",
        "AB1234567CD",
        "00112233445566778899",
        " !\"#$%&'()*+,-./0:;<=>?@",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`",
        "abcdefghijklmnopqrstuvwxyz{|}~",
        "0102030405060708091011121314151617181920212223242526272829",
        "3031323334353637383940414243444546474849505152535455565758596061",
        "6263646566676869707172737475767778798081828384858687888990919293949596979899",
    ],
)
def test_code_128_symbol_says_its_text(text: str) -> None:
    """Both code sets, the change between them, and every character of both."""
    assert _read(code_128(text)) == [("Code 128", text)]


@pytest.mark.parametrize(
    "text", ["B-07-114", "0123456789", "ABCDEFGHIJKLM", "NOPQRSTUVWXYZ", "-. $/+% 1"]
)
def test_code_39_symbol_says_its_text(text: str) -> None:
    """Every character that there is."""
    assert _read(code_39(text)) == [("Code 39", text)]


@pytest.mark.parametrize("first", "0123456789")
def test_ean_13_symbol_says_its_digits(first: str) -> None:
    """Every first digit, for it is hidden in the parity of the others."""
    text = ean_13_text(f"{first}01234567890")
    ((_, found),) = _read(ean_13(f"{first}01234567890"))
    assert found.zfill(13) == text


@pytest.mark.parametrize(
    ("digits", "text"),
    [("400638133393", "4006381333931"), ("590123412345", "5901234123457"), ("0" * 12, "0" * 13)],
)
def test_ean_13_check_digit_is_the_standards(digits: str, text: str) -> None:
    """Examples that stand in every description."""
    assert ean_13_text(digits) == text


@pytest.mark.parametrize("text", ["", "Grüße", "a\nb"])
def test_code_128_of_other_characters_is_refused(text: str) -> None:
    """Nothing is encoded that would be read otherwise."""
    with pytest.raises(InvalidInputError):
        code_128(text)


@pytest.mark.parametrize("text", ["", "lower", "A*B"])
def test_code_39_of_other_characters_is_refused(text: str) -> None:
    """The asterisk is the frame and cannot be inside it."""
    with pytest.raises(InvalidInputError):
        code_39(text)


@pytest.mark.parametrize("digits", ["", "12345678901", "1234567890123", "12345678901x"])
def test_ean_13_of_other_than_twelve_digits_is_refused(digits: str) -> None:
    """The thirteenth is worked out, never taken."""
    with pytest.raises(InvalidInputError):
        ean_13(digits)


@pytest.mark.parametrize("color", ["color", "gray", "bw"])
@pytest.mark.parametrize("dpi", [75, 100, 150, 200, 300])
def test_page_with_barcodes_can_be_read_at_every_resolution(dpi: int, color: Color) -> None:
    """A parcel, three articles, three shelves: seven symbols, as they are printed."""
    settings = ScanSettings(dpi=dpi, color=color)
    album = SampleAlbum((210, 297))
    page = album.page(4, "front", dpi=dpi, mode=drawing_mode(settings))
    found = zxingcpp.read_barcodes(expose(page, settings, (216, 356)).image.convert("L"))
    assert sorted((str(each.format), each.text) for each in found) == [
        ("Code 128", "FLB0048221077359016"),
        ("Code 39", "B-07-114"),
        ("Code 39", "B-07-115"),
        ("Code 39", "C-12-002"),
        ("EAN-13", "2012345678903"),
        ("EAN-13", "2044170033114"),
        ("EAN-13", "2098765000425"),
    ]
