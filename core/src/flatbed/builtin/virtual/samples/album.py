"""The sample pages, each drawn once for a resolution and then only numbered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from PIL import Image

from flatbed.builtin.virtual.exposure import paper_px
from flatbed.builtin.virtual.samples import back, drawing, invoice, labels, letter, photo
from flatbed.builtin.virtual.samples.canvas import Canvas

FRONTS: tuple[Callable[[Canvas], None], ...] = (
    letter.draw,
    invoice.draw,
    photo.draw,
    labels.draw,
    drawing.draw,
)
"""Sheet 1 is the first, sheet 6 the first again."""

_LIMIT_BYTES = 320 << 20  # ten sides of A4 at 300 dpi in colour; two at 600
_NUMBER_AT_MM = (9.0, 9.5)
_NUMBER_INK = (70, 62, 120)

Key = tuple[int, str, int, str]


class SampleAlbum:
    """Draws sample pages and keeps the ones that were asked for last."""

    def __init__(self, paper_mm: tuple[float, float]) -> None:
        """Draw for paper of this (width, height)."""
        self._paper_mm = paper_mm
        self._drawn: OrderedDict[Key, Image.Image] = OrderedDict()

    def page(self, sheet: int, side: str, *, dpi: int, mode: str) -> Image.Image:
        """One side of one sheet, with its number printed on it.

        Args:
            sheet: From 1.
            side: `front` or `back`.
            dpi: Dots per inch.
            mode: `RGB` or `L`.

        Returns:
            An image of its own.
        """
        image = self._base(sheet, side, dpi, mode).copy()
        canvas = Canvas(image, self._paper_mm, dpi)
        canvas.text(_NUMBER_AT_MM, f"Sheet {sheet}, {side}", pt=9, ink=_NUMBER_INK)
        return image

    def _base(self, sheet: int, side: str, dpi: int, mode: str) -> Image.Image:
        key = ((sheet - 1) % len(FRONTS), side, dpi, mode)
        if key not in self._drawn:
            drawn = self._draw(key)
            self._make_room(drawn)
            self._drawn[key] = drawn
        self._drawn.move_to_end(key)
        return self._drawn[key]

    def _draw(self, key: Key) -> Image.Image:
        kind, side, dpi, mode = key
        canvas = Canvas.fresh(mode, paper_px(self._paper_mm, dpi), self._paper_mm, dpi)
        if side == "front":
            FRONTS[kind](canvas)
        else:
            back.draw(canvas, self._base(kind + 1, "front", dpi, mode))
        return canvas.image

    def _make_room(self, coming: Image.Image) -> None:
        while self._drawn and self._size_bytes() + _image_bytes(coming) > _LIMIT_BYTES:
            self._drawn.popitem(last=False)

    def _size_bytes(self) -> int:
        return sum(_image_bytes(each) for each in self._drawn.values())


def _image_bytes(image: Image.Image) -> int:
    # Pillow keeps a colour pixel in four bytes.
    return image.width * image.height * (4 if image.mode == "RGB" else 1)
