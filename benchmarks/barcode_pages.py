"""Pages with one code each, drawn for the benchmark of barcodes, and what scanning does to them."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

DPI = 200
SIZE = (1654, 2339)

CONTENTS: Mapping[str, str] = {
    "Aztec": "Flatbed 4711",
    "Codabar": "A31117013206375B",
    "Code128": "FLATBED-4711",
    "Code39": "FLATBED-47",
    "Code93": "FLATBED 47",
    "DataBarOmni": "0104412345678909",
    "DataMatrix": "Flatbed 4711",
    "EAN13": "9780735200449",
    "EAN8": "96385074",
    "ITF": "15400141288763",
    "PDF417": "Flatbed 4711",
    "QRCode": "https://example.org/4711",
    "UPCA": "036000291452",
    "UPCE": "01234565",
}
EXPECTED: Mapping[str, str] = {"UPCA": "0036000291452", "UPCE": "0012345000065"}
"""Where it differs: the EAN-13 that stands for it, as in zxing's set."""


@dataclass(frozen=True)
class Case:
    """A picture and the content of the one code on it; none for a page without codes."""

    group: str
    image: Image.Image
    content: bytes | None


def clean_pages() -> Iterator[Case]:
    """A page of text for each symbology, with one code of 0.38 mm a module."""
    for kind, content in CONTENTS.items():
        page = text_page()
        page.paste(draw(kind, content, 3), (300, 1700))
        yield Case(kind, page, EXPECTED.get(kind, content).encode())


def empty_pages() -> Iterator[Case]:
    """Text, tables, noise, stripes, dots, and nothing."""
    chance = random.Random(3)
    yield Case("text", text_page(), None)
    yield Case("turned text", text_page().rotate(90, expand=True), None)
    yield Case("dithered text", scanned_dark(text_page()).convert("1").convert("L"), None)
    yield Case("blank", Image.new("L", SIZE, 250), None)
    yield Case("noise", Image.effect_noise(SIZE, 90), None)
    for pitch in (5, 9, 17, 33):
        page = Image.new("L", SIZE, 250)
        pen = ImageDraw.Draw(page)
        for x in range(100, 1500, pitch):
            width = chance.randrange(1, pitch)
            pen.rectangle((x, 200, x + width, 700), fill=20)
            pen.rectangle((200, 900 + x // 2, 1400, 900 + x // 2 + width // 2), fill=20)
        yield Case(f"stripes of {pitch} px", page, None)


def text_page() -> Image.Image:
    """A page with text on its upper two thirds, mode `L`."""
    page = Image.new("L", SIZE, 250)
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(31)
    words = "Please find attached the invoice 4711 of May, due within 14 days from its receipt."
    for line in range(36):
        pen.text((160, 160 + 41 * line), words[line % 11 :], fill=25, font=font)
    return page


def draw(kind: str, content: str, scale: int) -> Image.Image:
    """A code with its quiet zone, mode `L`."""
    made = zxingcpp.create_barcode(content, zxingcpp.BarcodeFormat[kind])
    return Image.fromarray(made.to_image(scale=scale))


def scanned_noisy(page: Image.Image) -> Image.Image:
    """With the noise of a cheap sensor."""
    return ImageChops.add(page, Image.effect_noise(page.size, 40), 1, -128)


def scanned_blurred(page: Image.Image) -> Image.Image:
    """Out of focus, as in the fold of a book."""
    return page.filter(ImageFilter.GaussianBlur(1.6))


def scanned_shadowed(page: Image.Image) -> Image.Image:
    """From full light on the left to a third of it on the right."""
    light = Image.linear_gradient("L").rotate(90).resize(page.size)
    return ImageChops.multiply(page, light.point([85 + tone * 170 // 255 for tone in range(256)]))


def scanned_turned(page: Image.Image) -> Image.Image:
    """By 17 degrees."""
    return page.rotate(17, Image.Resampling.BICUBIC, fillcolor=250)


def scanned_coarsely(page: Image.Image) -> Image.Image:
    """At 100 dpi, where a module has one pixel and a half."""
    return page.resize((page.width // 2, page.height // 2), Image.Resampling.BILINEAR)


def scanned_dark(page: Image.Image) -> Image.Image:
    """Pale and noisy, then black and white by one threshold too high."""
    pale = scanned_noisy(page.point([150 + tone * 80 // 255 for tone in range(256)]))
    return pale.point([0] * 195 + [255] * 61)


VARIANTS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "noisy": scanned_noisy,
    "blurred": scanned_blurred,
    "shadowed": scanned_shadowed,
    "turned by 17 degrees": scanned_turned,
    "at 100 dpi": scanned_coarsely,
    "pale, then one bit": scanned_dark,
}
