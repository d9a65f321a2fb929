"""Pages with codes on them, and pages with none."""

from __future__ import annotations

from typing import Any

import zxingcpp
from PIL import Image, ImageDraw, ImageFont

from flatbed_barcode.patch_lines import TYPES

A4_INCH = (8.27, 11.69)


def symbol(kind: str, text: str | bytes, scale: int = 3, **more: Any) -> Image.Image:
    """One code with its quiet zone, mode `L`; `kind` is a member of `zxingcpp.BarcodeFormat`."""
    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat[kind], **more)
    return Image.fromarray(made.to_image(scale=scale))


def sheet(dpi: int = 200, *, paper: int = 250) -> Image.Image:
    """An empty A4 page, mode `L`."""
    return Image.new("L", (round(A4_INCH[0] * dpi), round(A4_INCH[1] * dpi)), paper)


def text_sheet(dpi: int = 200) -> Image.Image:
    """A page full of text, with a table of thick and thin rules below."""
    page = sheet(dpi)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(11 * dpi / 72)
    words = "Invoice 4711 of the third of May: please pay within 14 days, III VIII 1111 ||||"
    for line in range(40):
        pen.text((0.8 * dpi, (0.8 + 0.19 * line) * dpi), words[line % 9 :], fill=20, font=font)
    for row in range(9):
        y = (8.8 + row * 0.2) * dpi
        pen.line((0.8 * dpi, y, 7.2 * dpi, y), fill=20, width=1 + row % 3 * 6)
    for column in range(6):
        x = (0.8 + column * 1.28) * dpi
        pen.line((x, 8.8 * dpi, x, 10.4 * dpi), fill=20, width=1 + column % 2 * 9)
    return page


def put(page: Image.Image, what: Image.Image, at: tuple[int, int]) -> Image.Image:
    """A copy of a page with something on it."""
    copy = page.copy()
    copy.paste(what, at)
    return copy


def draw_patch(
    page: Image.Image,
    kind: str,
    dpi: int,
    *,
    at_inch: tuple[float, float] = (2.9, 0.4),
    length_inch: float = 2.5,
    size: float = 1.0,
    ink: int = 20,
) -> Image.Image:
    """A copy of a page with a patch code whose first bar is on top."""
    page = page.copy()
    pen, y = ImageDraw.Draw(page), at_inch[1]
    for bar in next(bars for bars, name in TYPES.items() if name == kind):
        thick = (0.2 if bar == "W" else 0.08) * size
        left, right = at_inch[0], at_inch[0] + length_inch
        box = [round(value * dpi) for value in (left, y, right, y + thick)]
        pen.rectangle((box[0], box[1], box[2] - 1, box[3] - 1), fill=ink)
        y += thick + 0.08 * size
    return page


def turned(image: Image.Image, quarters: int) -> Image.Image:
    """Clockwise by quarter turns."""
    return image.rotate(-90 * quarters, expand=True) if quarters % 4 else image


def skewed(image: Image.Image, degrees: float, fill: int = 250) -> Image.Image:
    """Counterclockwise around the middle, as large as before."""
    return image.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=fill)
