"""Pages of text, drawn, and beds with sheets and photos on them."""

from __future__ import annotations

import math
import random
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFont

DATA = Path(__file__).parent / "data"
_WORDS = [
    "the",
    "sheet",
    "paper",
    "scan",
    "feeder",
    "tray",
    "invoice",
    "number",
    "please",
    "find",
    "total",
    "due",
    "within",
    "days",
]


def text_page(dpi: int = 100, lines: int = 40, *, paper: int = 255, ink: int = 20) -> Image.Image:
    """A page of A4, mode `L`, with ragged lines of 11 points."""
    chance = random.Random(1)
    image = Image.new("L", (round(8.27 * dpi), round(11.69 * dpi)), paper)
    pen, size = ImageDraw.Draw(image), 11 * dpi / 72
    font = ImageFont.load_default(size)
    for number in range(lines):
        words = chance.choices(_WORDS, k=chance.randint(6, 11))
        at = (0.8 * dpi, dpi + number * size * 1.35)
        pen.text(at, " ".join(words), fill=ink, font=font)
    return image


def turned(image: Image.Image, angle: float, fill: int = 255) -> Image.Image:
    """Clockwise around its middle, as large as before."""
    color = (fill,) * 3 if image.mode == "RGB" else fill
    return image.rotate(-angle, Image.Resampling.BICUBIC, fillcolor=color)


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    """With the noise of a sensor, in mode `L`."""
    return ImageChops.add(image, Image.effect_noise(image.size, sigma), 1, -128)


def lay(bed: Image.Image, item: Image.Image, middle: tuple[int, int], angle: float) -> None:
    """Put a page or photo on a bed of mode `RGB`, turned clockwise."""
    sheet = item.convert("RGBA").rotate(-angle, Image.Resampling.BICUBIC, expand=True)
    bed.paste(sheet, (middle[0] - sheet.width // 2, middle[1] - sheet.height // 2), sheet)


def corners(
    middle: tuple[int, int], size: tuple[int, int], angle: float
) -> list[tuple[float, float]]:
    """Where the corners of what was laid are, clockwise from its top left."""
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    halves = [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]
    steps = [(across * size[0], down * size[1]) for across, down in halves]
    return [
        (middle[0] + x * cosine - y * sine, middle[1] + x * sine + y * cosine) for x, y in steps
    ]
