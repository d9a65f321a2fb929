"""Every symbology that can be drawn is read, in any quarter turn, with text, bytes and place."""

from __future__ import annotations

import pytest

from flatbed_barcode import formats
from flatbed_barcode.passes import read_view
from flatbed_barcode.view import view_of

from . import drawn

READ = [
    ("Aztec", "Aztec 25", "Aztec", "Aztec 25"),
    ("AztecRune", "25", "Aztec", "025"),
    ("Codabar", "A123456B", "Codabar", "A123456B"),
    ("Code39", "HELLO-39", "Code 39", "HELLO-39"),
    ("Code39Ext", "hello 39", "Code 39 Extended", "hello 39"),
    ("PZN", "1234562", "Pharmazentralnummer", "-12345626"),
    ("Code93", "HELLO 93", "Code 93", "HELLO 93"),
    ("Code128", "Hello 128", "Code 128", "Hello 128"),
    ("ITF", "12345678", "ITF", "12345678"),
    ("ITF14", "15400141288763", "ITF", "15400141288763"),
    ("DataBarOmni", "0104412345678909", "DataBar Omni", "0104412345678909"),
    ("DataBarStk", "0104412345678909", "DataBar Stacked", "0104412345678909"),
    ("DataBarLtd", "0104412345678909", "DataBar Limited", "0104412345678909"),
    ("DataMatrix", "Data Matrix", "Data Matrix", "Data Matrix"),
    ("EAN13", "9780735200449", "EAN-13", "9780735200449"),
    ("EAN8", "96385074", "EAN-8", "96385074"),
    ("UPCA", "036000291452", "UPC-A", "036000291452"),
    ("UPCE", "01234565", "UPC-E", "01234565"),
    ("MaxiCode", "MaxiCode", "MaxiCode", "MaxiCode"),
    ("PDF417", "PDF 417", "PDF417", "PDF 417"),
    ("MicroPDF417", "Micro", "MicroPDF417", "Micro"),
    ("QRCode", "https://example.org/4711", "QR Code", "https://example.org/4711"),
    ("MicroQRCode", "12345", "Micro QR Code", "12345"),
    ("RMQRCode", "rMQR", "rMQR Code", "rMQR"),
    ("TelepenAlpha", "Telepen", "Telepen Alpha", "Telepen"),
]


@pytest.mark.parametrize(("kind", "content", "name", "text"), READ, ids=[each[0] for each in READ])
def test_symbology_is_read_with_its_name_and_text(
    kind: str, content: str, name: str, text: str
) -> None:
    """One code on a page: its name, its text, and its content as bytes."""
    page = drawn.put(drawn.sheet(), drawn.symbol(kind, content), (400, 500))
    (found,) = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")
    assert (found.format, found.text) == (name, text)
    assert bytes.fromhex(found.raw) == text.encode()
    assert 0.7 <= found.confidence <= 1


@pytest.mark.parametrize("kind", ["QRCode", "Code128", "DataMatrix", "PDF417"])
@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_corners_turn_with_the_symbol(kind: str, quarters: int) -> None:
    """The first corner is the symbol's own top left, wherever that is on the page."""
    page = drawn.put(drawn.sheet(), drawn.symbol(kind, "4711", 4), (300, 400))
    upright = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")[0].corners
    (found,) = read_view(
        view_of(drawn.turned(page, quarters), (200, 200)), formats.EVERYTHING, "balance"
    )
    width, height = page.size
    for corner, (x, y) in zip(found.corners, upright, strict=True):
        turned = [(x, y), (height - y, x), (width - x, height - y), (y, width - x)][quarters]
        assert corner == pytest.approx(turned, abs=6)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("degrees", [-12, 7, 33])
def test_code_askew_is_read_in_every_mode(mode: str, degrees: float) -> None:
    """Feeders skew, and pages are black and white as often as in color."""
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", "askew", 4), (600, 900))
    page = drawn.skewed(page, degrees).convert(mode)
    (found,) = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")
    assert found.text == "askew"


def test_light_code_on_dark_is_read_unless_speed_is_wanted() -> None:
    """Labels are printed that way; `speed` leaves it out."""
    page = drawn.put(drawn.sheet(), drawn.symbol("DataMatrix", "inverse", 4), (600, 900))
    view = view_of(page.point([255 - tone for tone in range(256)]), (200, 200))
    assert [each.text for each in read_view(view, formats.EVERYTHING, "balance")] == ["inverse"]
    assert read_view(view, formats.EVERYTHING, "speed") == []


def test_bytes_that_are_no_text_are_kept() -> None:
    """What cannot be decoded is there as it stands in the symbol."""
    content = bytes([0, 255, 128, 10, 200])
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", content, 4), (300, 300))
    (found,) = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")
    assert found.raw == "00ff800ac8"


@pytest.mark.parametrize("text", ["Grüße 12 €", "日本語の文書", "Привет"])
def test_text_beyond_ascii_is_decoded(text: str) -> None:
    """By the character set that the symbol names."""
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", text, 4), (300, 300))
    assert read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")[0].text == text


def test_width_of_a_module_is_told_where_the_symbol_says_how_many_it_has() -> None:
    """Drawn with 4 pixels a module."""
    page = drawn.put(drawn.sheet(), drawn.symbol("QRCode", "four", 4), (300, 300))
    (found,) = read_view(view_of(page, (200, 200)), formats.EVERYTHING, "balance")
    assert found.module_px == pytest.approx(4, abs=0.3)
