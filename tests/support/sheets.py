"""Sheets of paper that are told apart by their barcodes, and files that are read by them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2  # type: ignore[import-untyped, unused-ignore]
import zxingcpp
from PIL import Image, ImageDraw, ImageSequence

DPI = 150
PAPER_MM = (100, 140)
SIZE_PX = (591, 827)

# Above the 1.9 mm of a speck that stands alone, and lower than 20 pixels.
_SPECK_PX = (250, 400, 330, 414)


def write_sheets(folder: Path) -> int:
    """Five of them: three with codes, a blank one, one with a speck; how many there are."""
    sheets = [_coded(f"SHEET-{number}") for number in range(3)] + [_paper(), _paper()]
    _put_code(sheets[2], "https://example.org/2", zxingcpp.BarcodeFormat.QRCode, (330, 200))
    ImageDraw.Draw(sheets[4]).rectangle(_SPECK_PX, 0)
    folder.mkdir()
    for number, sheet in enumerate(sheets):
        sheet.save(folder / f"{number}.png", dpi=(DPI, DPI))
    return len(sheets)


def read_codes(image: Image.Image) -> list[str]:
    """The texts of the barcodes on a picture, in the order of the alphabet."""
    return sorted(each.text for each in zxingcpp.read_barcodes(image.convert("L")))


def codes_of(data: bytes) -> list[list[str]]:
    """The same of every page of a picture file."""
    with Image.open(io.BytesIO(data)) as image:
        return [read_codes(frame) for frame in ImageSequence.Iterator(image)]


@dataclass(frozen=True)
class PdfFacts:
    """What two readers, which are not the writer's, find in a PDF.

    Attributes:
        sizes_pt: (width, height) of the pages, rounded.
        codes: Texts of the barcodes of each page, as it is drawn.
        filters: How the pictures are compressed, in PDF's names.
        properties: Of its information.
        version: Of PDF.
    """

    sizes_pt: list[tuple[int, int]]
    codes: list[list[str]]
    filters: list[str]
    properties: dict[str, str]
    version: str


def read_pdf(data: bytes, password: str = "") -> PdfFacts:
    """Open a PDF, draw it, and look at its objects.

    Raises:
        pikepdf.PasswordError: If it has another password.
    """
    with pikepdf.open(io.BytesIO(data), password=password) as pdf:
        assert pdf.check_pdf_syntax() == []
        drawn = _draw(data, password)
        return PdfFacts(
            sizes_pt=[size for size, _ in drawn],
            codes=[read_codes(image) for _, image in drawn],
            filters=[str(picture.Filter) for page in pdf.pages for picture in _pictures(page)],
            properties={name: str(value) for name, value in pdf.docinfo.items()},
            version=pdf.pdf_version,
        )


def _draw(data: bytes, password: str) -> list[tuple[tuple[int, int], Image.Image]]:
    document = pypdfium2.PdfDocument(data, password=password or None)
    try:
        return [_draw_page(page) for page in document]
    finally:
        document.close()


def _draw_page(page: Any) -> tuple[tuple[int, int], Image.Image]:
    width, height = page.get_size()
    return (round(width), round(height)), page.render(scale=DPI / 72).to_pil()


def _pictures(page: pikepdf.Page) -> list[Any]:
    return list(page.resources.XObject.values())


def _paper() -> Image.Image:
    return Image.new("L", SIZE_PX, 255)


def _coded(text: str) -> Image.Image:
    """Lines of text, as it were, above a Code 128."""
    sheet = _paper()
    draw = ImageDraw.Draw(sheet)
    for line in range(8):
        draw.rectangle((60, 60 + 40 * line, 200 + line * 37 % 100, 72 + 40 * line), 0)
    _put_code(sheet, text, zxingcpp.BarcodeFormat.Code128, (60, 560))
    return sheet


def _put_code(
    sheet: Image.Image, text: str, symbology: zxingcpp.BarcodeFormat, place: tuple[int, int]
) -> None:
    symbol = zxingcpp.create_barcode(text, symbology).to_image(scale=3)
    sheet.paste(Image.fromarray(symbol), place)
