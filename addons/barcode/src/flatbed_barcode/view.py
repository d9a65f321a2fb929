"""The part of a page that readers look at: gray, bounded in size, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image

from flatbed.addon import Point
from flatbed.errors import InvalidInputError
from flatbed_barcode.geometry import Corners, moved

MOST_PX = 80_000_000
"""Beyond this a view is made smaller: zxing takes three bytes and 16 ns for each pixel, and an A3
page has 70 million at 600 dpi, where the narrowest printed bar is still 4 pixels wide."""

_BAND_PX = 16_000_000
"""Pixels that are made gray at a time, so that a color page is not in memory twice."""


@dataclass(frozen=True)
class View:
    """A gray picture of a part of a page.

    Attributes:
        image: Of mode `L`.
        dpi: (horizontal, vertical) dots per inch of the view.
        page_px: (width, height) of the whole page.
        origin: Its top left corner in page pixels.
        scale: (horizontal, vertical) page pixels to one of its own.
    """

    image: Image.Image
    dpi: tuple[float, float]
    page_px: tuple[int, int]
    origin: Point = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)

    def on_page(self, corners: Corners) -> Corners:
        """Corners of the view in page pixels."""
        return moved(corners, scale=self.scale, by=self.origin)

    def with_image(self, image: Image.Image) -> View:
        """The same place with another picture of the same size."""
        return replace(self, image=image)

    def part(self, box: tuple[int, int, int, int], *, times: int) -> View:
        """A box of the view, `times` as large."""
        image = self.image.crop(box)
        if times > 1:
            size = (image.width * times, image.height * times)
            image = image.resize(size, Image.Resampling.BICUBIC)
        across, down = self.scale
        return replace(
            self,
            image=image,
            dpi=(self.dpi[0] * times, self.dpi[1] * times),
            origin=(self.origin[0] + box[0] * across, self.origin[1] + box[1] * down),
            scale=(across / times, down / times),
        )

    def whole(self, *, times: int) -> View:
        """All of it, `times` as large."""
        return self.part((0, 0, *self.image.size), times=times)


def view_of(
    image: Image.Image,
    dpi: tuple[float, float],
    region: tuple[int, ...] | list[int] = (),
    *,
    most_px: int = MOST_PX,
) -> View:
    """A page, or a region of it, as a view of at most `most_px` pixels.

    Args:
        image: Of mode `1`, `L` or `RGB`.
        dpi: (horizontal, vertical).
        region: Left, top, right, bottom in page pixels; what is beyond the page is cut off.
        most_px: See `MOST_PX`.

    Raises:
        InvalidInputError: If the region is none, or has no pixel on the page.
    """
    left, top, right, bottom = _box_of(region, image.size)
    factor = 1
    while (right - left) * (bottom - top) > most_px * factor * factor:
        factor += 1
    gray = _gray(image, (left, top, right, bottom), factor)
    return View(
        gray,
        (dpi[0] / factor, dpi[1] / factor),
        image.size,
        (float(left), float(top)),
        (float(factor), float(factor)),
    )


def _box_of(region: tuple[int, ...] | list[int], size: tuple[int, int]) -> tuple[int, ...]:
    if not region:
        return 0, 0, *size
    if len(region) != 4:
        raise InvalidInputError("'region' must be left, top, right, bottom in pixels, or empty.")
    left, top = max(0, region[0]), max(0, region[1])
    right, bottom = min(size[0], region[2]), min(size[1], region[3])
    if left >= right or top >= bottom:
        raise InvalidInputError(
            f"The region {list(region)} has no pixels on the page, which is {size[0]} x {size[1]}."
        )
    return left, top, right, bottom


def _gray(image: Image.Image, box: tuple[int, ...], factor: int) -> Image.Image:
    left, top, right, bottom = box
    if image.mode == "L" and factor == 1 and box == (0, 0, *image.size):
        return image
    width, height = -(-(right - left) // factor), -(-(bottom - top) // factor)
    gray = Image.new("L", (width, height))
    rows = max(1, _BAND_PX // (right - left) // factor) * factor
    for start in range(top, bottom, rows):
        band = image.crop((left, start, right, min(start + rows, bottom))).convert("L")
        gray.paste(band.reduce(factor) if factor > 1 else band, (0, (start - top) // factor))
    return gray
