"""A page's thumbnail, and on request its JPEG, made from the strips while they are in memory."""

from __future__ import annotations

from typing import cast

from PIL import Image

from flatbed import system
from flatbed.addon.pixels import RAW_MODES
from flatbed.addon.types import Bits, Mode, Rows

# Registers the JPEG writer now, where a worker has time, and not at its first page.
Image.preinit()

THUMBNAIL_PX = 320
"""Longest side of a thumbnail."""

THUMBNAIL_QUALITY = 80
MEDIA_TYPE = "image/jpeg"

# The reduced strips keep this many pixels on the longer side for the last, smooth step.
_REDUCED_PX = 2 * THUMBNAIL_PX

# Narrower rows than this leave no room to skip any without losing thin lines.
_SKIP_FROM = 4


class StripScaler:
    """Shrinks the strips of one page and joins them into a thumbnail.

    Attributes:
        block_rows: Strips must have a multiple of that many rows, the last one excepted.
    """

    def __init__(self, width_px: int, height_px: int, *, mode: Mode, bits: Bits) -> None:
        self._width = width_px
        self._raw_mode = RAW_MODES[mode, bits]
        self._mode = "RGB" if mode == "RGB" else "L"
        self._factor = max(1, max(width_px, height_px) // _REDUCED_PX)
        self._skip = 2 if self._factor >= _SKIP_FROM else 1
        self.block_rows = self._factor // self._skip * self._skip or 1
        self._vertical = max(1, self.block_rows // self._skip)

    def shrink(self, rows: Rows, count: int) -> Image.Image:
        """A strip of `count` rows, reduced.

        Args:
            rows: Each row is led by its filter byte; a spare row and a byte stand behind the last,
                because rows are stepped over two at a time from the first sample on.
            count: How many rows, at least one.
        """
        return self._decode(rows, count, self._skip).reduce((self._factor, self._vertical))

    def decode(self, rows: Rows, count: int) -> Image.Image:
        """The strip in full size, 8 bits a sample."""
        return self._decode(rows, count, 1)

    def thumbnail(self, strips: list[Image.Image], size_px: tuple[int, int]) -> bytes:
        """The JPEG of the whole page, `THUMBNAIL_PX` on the longer side."""
        page = join(strips)
        scale = THUMBNAIL_PX / max(size_px)
        size = (max(1, round(size_px[0] * scale)), max(1, round(size_px[1] * scale)))
        # A thumbnail is never larger than its page.
        size = min(size, size_px)
        return encode_jpeg(page.resize(size, Image.Resampling.BOX), quality=THUMBNAIL_QUALITY)

    def _decode(self, rows: Rows, count: int, skip: int) -> Image.Image:
        stride = len(rows) // (count + 1)
        size = (self._width, -(-count // skip))
        raw = "1" if self._raw_mode == "1" else self._mode
        # Pillow takes every buffer; its annotation names fewer.
        pixels = cast("bytes", memoryview(rows)[1:])
        image = Image.frombuffer(raw, size, pixels, "raw", self._raw_mode, stride * skip, 1)
        return image.convert("L") if raw == "1" else image


def join(strips: list[Image.Image]) -> Image.Image:
    """Strips of one width, stacked top to bottom."""
    page = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    top = 0
    for strip in strips:
        page.paste(strip, (0, top))
        top += strip.height
    return page


def encode_jpeg(
    image: Image.Image, *, quality: int, dpi: tuple[float, float] | None = None
) -> bytes:
    """A JPEG file; `quality` 0 to 100."""
    with system.memory_file() as file:
        image.save(file, "JPEG", quality=quality, **({"dpi": dpi} if dpi else {}))
        file.seek(0)
        return file.read()
