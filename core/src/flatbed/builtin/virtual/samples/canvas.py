"""A sheet of paper to draw on in millimetres and points, whatever its resolution."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from PIL import Image, ImageDraw, ImageOps

from flatbed.builtin.virtual.samples.lettering import MM_PER_PT, render, width_mm, wrap
from flatbed.builtin.virtual.samples.pen import Pen

Color = tuple[int, int, int]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""(left, top, right, bottom)."""

INK: Color = (38, 38, 42)
GRAY_INK: Color = (86, 86, 92)
PAPER: Color = (250, 249, 245)
_BAR_INK: Color = (24, 24, 26)
_SHADOW: Color = (96, 94, 90)

LAYOUT_MM = (210.0, 297.0)
_MM_PER_INCH = 25.4
_GRAIN_PX = 256
_GRAIN_SEED = 297
_BOLD = 0.028  # of the size: how far a bold stroke reaches beyond a regular one


class Canvas:
    """One side of a sheet.

    Every page is laid out for A4 and scaled to the paper. Coordinates are millimetres from the
    layout's top left, sizes of letters are points.
    """

    def __init__(self, image: Image.Image, paper_mm: Point, dpi: int) -> None:
        """Draw on an image of mode `RGB` or `L`, the whole paper at `dpi`."""
        self.image = image
        self._draw = ImageDraw.Draw(image)
        fit = min(paper_mm[0] / LAYOUT_MM[0], paper_mm[1] / LAYOUT_MM[1])
        self._scale = dpi / _MM_PER_INCH * fit
        self._left_mm = (paper_mm[0] / fit - LAYOUT_MM[0]) / 2

    @classmethod
    def fresh(cls, mode: str, size_px: tuple[int, int], paper_mm: Point, dpi: int) -> Canvas:
        """A blank sheet: off-white, with the grain of paper and the shadow of its edge."""
        canvas = cls(_blank_paper(mode, size_px), paper_mm, dpi)
        canvas._shade_edges()
        return canvas

    def to_px(self, length_mm: float) -> float:
        """A length in pixels."""
        return length_mm * self._scale

    def at(self, point_mm: Point) -> Point:
        """A place in pixels from the image's top left."""
        return (point_mm[0] + self._left_mm) * self._scale, point_mm[1] * self._scale

    def box_px(self, box_mm: Box) -> tuple[int, int, int, int]:
        """A box in whole pixels."""
        left, top = self.at(box_mm[:2])
        right, bottom = self.at(box_mm[2:])
        return round(left), round(top), round(right), round(bottom)

    def text(
        self,
        at_mm: Point,
        text: str,
        *,
        pt: float = 10,
        ink: Color = INK,
        anchor: str = "ls",
        is_bold: bool = False,
    ) -> None:
        """Write one line; `at_mm` is the baseline's left end, or what Pillow's `anchor` says."""
        size = self.to_px(pt * MM_PER_PT)
        stroke = size * _BOLD if is_bold else 0
        line = render(text, self.at(at_mm), size_px=size, anchor=anchor, stroke=stroke)
        self.image.paste(self._tint(ink), line.corner_px, line.mask)

    def spaced(
        self,
        at_mm: Point,
        text: str,
        *,
        pt: float,
        gap_mm: float,
        ink: Color = INK,
        is_bold: bool = False,
    ) -> float:
        """Write one line with its letters apart, and return where it ends in millimetres."""
        x_mm = at_mm[0]
        for letter in text:
            self.text((x_mm, at_mm[1]), letter, pt=pt, ink=ink, is_bold=is_bold)
            x_mm += width_mm(letter, pt) + gap_mm
        return x_mm - gap_mm

    def paragraph(
        self,
        at_mm: Point,
        text: str,
        *,
        width: float,
        pt: float = 10,
        leading: float = 5.0,
        ink: Color = INK,
    ) -> float:
        """Write lines no wider than `width` mm, and return the next baseline in millimetres."""
        y_mm = at_mm[1]
        for line in wrap(text, width, pt):
            self.text((at_mm[0], y_mm), line, pt=pt, ink=ink)
            y_mm += leading
        return y_mm

    def fill(self, box_mm: Box, ink: Color) -> None:
        """Fill a box."""
        left, top, right, bottom = self.box_px(box_mm)
        self._draw.rectangle(
            (left, top, max(left, right - 1), max(top, bottom - 1)), fill=self._tint(ink)
        )

    def rule(self, start_mm: Point, end_mm: Point, *, width: float = 0.2, ink: Color = INK) -> None:
        """Draw a horizontal or vertical line, `width` mm thick, one pixel at least."""
        thick = max(1, round(self.to_px(width)))
        left, top, right, bottom = self.box_px((*start_mm, *end_mm))
        if right - left >= bottom - top:
            self._draw.rectangle((left, top, right, top + thick - 1), fill=self._tint(ink))
        else:
            self._draw.rectangle((left, top, left + thick - 1, bottom), fill=self._tint(ink))

    def frame(self, box_mm: Box, *, width: float = 0.2, ink: Color = INK) -> None:
        """Draw the outline of a box."""
        left, top, right, bottom = box_mm
        for start, end in (
            ((left, top), (right, top)),
            ((left, bottom), (right, bottom)),
            ((left, top), (left, bottom)),
            ((right, top), (right, bottom)),
        ):
            self.rule(start, end, width=width, ink=ink)

    @contextmanager
    def pen(self, box_mm: Box, ink: Color = INK) -> Iterator[Pen]:
        """Lend a pen for smooth lines inside a box; what it drew is inked at the end."""
        left, top, right, bottom = self.box_px(box_mm)
        origin = self.at((0, 0))
        pen = Pen((right - left, bottom - top), (origin[0] - left, origin[1] - top), self._scale)
        yield pen
        self.image.paste(self._tint(ink), (left, top), pen.mask())

    def turned(
        self,
        centre_mm: Point,
        text: str,
        *,
        degrees: float,
        pt: float,
        ink: Color = INK,
        is_bold: bool = False,
    ) -> None:
        """Write one line turned counter-clockwise around its middle."""
        size = self.to_px(pt * MM_PER_PT)
        stroke = size * _BOLD if is_bold else 0
        mask = render(text, (0, 0), size_px=size, anchor="mm", stroke=stroke).mask
        turned = mask.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        x, y = self.at(centre_mm)
        corner = round(x - turned.width / 2), round(y - turned.height / 2)
        self.image.paste(self._tint(ink), corner, turned)

    def bars(self, at_mm: Point, modules: str, *, module_mm: float, height: float) -> Box:
        """Draw a barcode's modules, each the same whole number of pixels wide.

        Returns:
            Where the bars stand, in millimetres: other than asked by what the pixels make of it.
        """
        step = max(1, round(self.to_px(module_mm)))
        left, top, _, bottom = self.box_px((*at_mm, at_mm[0], at_mm[1] + height))
        last = max(top, bottom - 1)
        for number, module in enumerate(modules):
            if module == "1":
                x = left + number * step
                self._draw.rectangle((x, top, x + step - 1, last), fill=self._tint(_BAR_INK))
        right_mm = at_mm[0] + len(modules) * step / self._scale
        return at_mm[0], at_mm[1], right_mm, at_mm[1] + height

    def place(self, picture: Image.Image, box_mm: Box) -> None:
        """Put a picture into a box, pulled to its size."""
        left, top, right, bottom = self.box_px(box_mm)
        size = max(1, right - left), max(1, bottom - top)
        fitted = picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2)
        self.image.paste(fitted.convert(self.image.mode), (left, top))

    def _tint(self, ink: Color) -> Color | int:
        if self.image.mode == "RGB":
            return ink
        return round(0.299 * ink[0] + 0.587 * ink[1] + 0.114 * ink[2])

    def _shade_edges(self) -> None:
        # The paper lifts a little off the glass where its edge is.
        width, height = self.image.size
        deep = max(2, round(self.to_px(2.2)))
        fade = ImageOps.flip(Image.linear_gradient("L")).point([each // 9 for each in range(256)])
        across, down = fade.resize((width, deep)), fade.rotate(90).resize((deep, height))
        self.image.paste(self._tint(_SHADOW), (0, 0), across)
        self.image.paste(self._tint(_SHADOW), (0, 0), down)


def _blank_paper(mode: str, size_px: tuple[int, int]) -> Image.Image:
    paper, tile = Image.new(mode, size_px), _grain().convert(mode)
    for top in range(0, size_px[1], _GRAIN_PX):
        for left in range(0, size_px[0], _GRAIN_PX):
            paper.paste(tile, (left, top))
    return paper


@lru_cache(maxsize=1)
def _grain() -> Image.Image:
    # Seeded, and nothing secret: a test must find the same page again.
    chance = random.Random(_GRAIN_SEED)  # noqa: S311
    size = (_GRAIN_PX, _GRAIN_PX)
    fine = Image.frombytes("L", size, chance.randbytes(_GRAIN_PX * _GRAIN_PX))
    coarse = Image.frombytes("L", (32, 32), chance.randbytes(32 * 32)).resize(size)
    noise = Image.blend(fine, coarse, 0.4)
    bands = [noise.point([round(top - 5 + each / 46) for each in range(256)]) for top in PAPER]
    return Image.merge("RGB", bands)
