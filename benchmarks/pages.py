"""Pages as a scanner would deliver them, drawn the same in every run: A4 at 300 dpi."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

WIDTH_PX, HEIGHT_PX = 2480, 3508
DPI = 300

# What a sheet of paper shows on a mid-range flatbed: the standard deviation of one colour in
# steps of 255, and how much of it a pixel shares with its left neighbour.
NOISE = 2.5
NOISE_SHARED = 0.6

INK, PAPER = 40, 246
PAPER_TINT = (1.0, 0.985, 0.955)
LETTER = (
    "the invoice of last month was paid in full and what remains is carried over to the next "
    "year please find enclosed our offer for 48 chairs at 129.50 each delivery within 14 days"
)

Plane = NDArray[np.float32]
"""Shape (HEIGHT_PX, WIDTH_PX) or with a last axis of 3; 0 is black, 255 white."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page in the layout that `flatbed.addon.types.PageWriter.write_rows` takes.

    Attributes:
        kind: What is on it.
        mode: `1`, `L` or `RGB`.
        bits: Bits of one sample: 1, 8 or 16.
        rows: The pixels, rows without padding, 16 bit samples in the machine's byte order.
        width_px: Pixels of one row.
        height_px: Number of rows.
    """

    kind: str
    mode: str
    bits: int
    rows: bytes
    width_px: int = WIDTH_PX
    height_px: int = HEIGHT_PX

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return len(self.rows) // self.height_px

    @property
    def pillow_mode(self) -> str:
        """Pillow's name for these pixels."""
        return "I;16" if self.bits == 16 else self.mode

    @property
    def description(self) -> str:
        """Kind, depth and size in one line."""
        size = f"{self.width_px} x {self.height_px} px, {len(self.rows) / 1e6:.1f} MB"
        return f"{self.kind} ({self.mode}, {self.bits} bit, {size})"


def text() -> Page:
    """A typed letter, slightly askew, on tinted paper that darkens to one side, with noise."""
    rng = np.random.default_rng(1)
    tint = np.array(PAPER_TINT, np.float32)
    shade = np.linspace(0, -6, WIDTH_PX, dtype=np.float32)[None, :, None]
    return _colour("text", _letter(rng)[:, :, None] * tint + shade + _noise(rng, 3))


def table() -> Page:
    """A ruled table with a coloured head, as a program would print it: no noise at all."""
    rng = np.random.default_rng(2)
    image = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(36)
    draw.rectangle((200, 300, 2280, 370), fill=(31, 78, 140))
    for top in range(300, 3200, 70):
        draw.line((200, top, 2280, top), fill=(90, 90, 90), width=2)
        for left in range(200, 2280, 416):
            ink = "white" if top == 300 else (20, 20, 20)
            draw.text(
                (left + 14, top + 14), f"{rng.choice(LETTER.split())} {top}", fill=ink, font=font
            )
    for left in range(200, 2281, 416):
        draw.line((left, 300, left, 3170), fill=(90, 90, 90), width=2)
    return Page(kind="table", mode="RGB", bits=8, rows=image.tobytes())


def photo() -> Page:
    """Clouds of every size, a few hard edges, and the noise of a sensor: a photograph."""
    rng = np.random.default_rng(3)
    light = _clouds(rng)
    # The colours of a photograph go together, most of it is light and shade.
    clouds = np.stack([light + _clouds(rng) * np.float32(0.3) for _ in range(3)], axis=2)
    shapes = Image.new("RGB", (WIDTH_PX, HEIGHT_PX), (120, 130, 140))
    draw = ImageDraw.Draw(shapes)
    for _ in range(40):
        left, top = rng.integers(0, WIDTH_PX - 400), rng.integers(0, HEIGHT_PX - 400)
        right, bottom = left + rng.integers(60, 400), top + rng.integers(60, 400)
        color = (int(rng.integers(40, 215)), int(rng.integers(40, 215)), int(rng.integers(40, 215)))
        draw.ellipse((int(left), int(top), int(right), int(bottom)), fill=color)
    lens = np.asarray(shapes.filter(ImageFilter.GaussianBlur(1.2)), np.float32)
    return _colour("photo", lens + clouds + _noise(rng, 3))


def pattern() -> Page:
    """The colour pattern of SANE's test device at 300 dpi: ramps in cells of five pixels."""
    column, row = np.arange(WIDTH_PX), np.arange(HEIGHT_PX)
    ramp = (column // 5 % 256).astype(np.uint8)
    pixels = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
    for band in range(HEIGHT_PX // 5 + 1):
        lines = slice(band * 5, band * 5 + 5)
        pixels[lines, :, band // 2 % 3] = ramp if band % 2 == 0 else 255 - ramp
    pixels[row % 5 == 0] = 85
    pixels[:, column % 5 == 0] = 85
    return Page(kind="pattern", mode="RGB", bits=8, rows=pixels.tobytes())


def bw() -> Page:
    """The letter in black and white by a threshold, with a dithered picture in one corner."""
    rng = np.random.default_rng(4)
    gray = _letter(rng) + _noise(rng, 1)[:, :, 0] * 3
    page = Image.fromarray(np.where(gray < 150, 0, 255).astype(np.uint8)).convert("1")
    picture = Image.fromarray(np.clip(_clouds(rng)[:900, :900] + 128, 0, 255).astype(np.uint8))
    page.paste(picture.convert("1"), (1300, 2300))
    return Page(kind="bw", mode="1", bits=1, rows=page.tobytes())


def gray16() -> Page:
    """The letter in gray with samples of 16 bits; the lower ones are noise, as in a scanner."""
    rng = np.random.default_rng(5)
    samples = (_letter(rng) + _noise(rng, 1)[:, :, 0]) * 257
    rows = np.clip(samples, 0, 65535).astype(np.uint16).tobytes()
    return Page(kind="gray16", mode="L", bits=16, rows=rows)


KINDS: dict[str, Callable[[], Page]] = {
    "bw": bw,
    "pattern": pattern,
    "table": table,
    "gray16": gray16,
    "text": text,
    "photo": photo,
}
"""Every kind of page by its name, those that are soon compressed first."""


def _colour(kind: str, plane: Plane) -> Page:
    rows = np.clip(plane, 0, 255).astype(np.uint8).tobytes()
    return Page(kind=kind, mode="RGB", bits=8, rows=rows)


def _letter(rng: np.random.Generator) -> Plane:
    image = Image.new("L", (WIDTH_PX, HEIGHT_PX), PAPER)
    draw = ImageDraw.Draw(image)
    body, title = ImageFont.load_default(42), ImageFont.load_default(72)
    draw.text((250, 220), "Offer and invoice", fill=INK, font=title)
    for top in range(420, 3250, 62):
        if rng.random() < 0.9:  # the rest are the gaps between paragraphs
            draw.text((250, top), " ".join(rng.choice(LETTER.split(), 14)), fill=INK, font=body)
    askew = image.rotate(0.3, Image.Resampling.BICUBIC, fillcolor=PAPER)
    return np.asarray(askew.filter(ImageFilter.GaussianBlur(0.8)), np.float32)


def _clouds(rng: np.random.Generator) -> Plane:
    total = np.zeros((HEIGHT_PX, WIDTH_PX), np.float32)
    for cell_px in (4, 16, 64, 256):
        shape = (HEIGHT_PX // cell_px + 2, WIDTH_PX // cell_px + 2)
        grains = Image.fromarray(rng.standard_normal(shape, dtype=np.float32))
        soft = grains.resize((WIDTH_PX, HEIGHT_PX), Image.Resampling.BICUBIC)
        total += np.asarray(soft) * np.float32(3 * cell_px**0.5)
    return total


def _noise(rng: np.random.Generator, channels: int) -> Plane:
    grains = rng.standard_normal((HEIGHT_PX, WIDTH_PX, channels), dtype=np.float32)
    mixed = grains + np.roll(grains, 1, axis=1) * np.float32(NOISE_SHARED)
    return mixed * np.float32(NOISE / (1 + NOISE_SHARED**2) ** 0.5)
