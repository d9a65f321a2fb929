"""What an edit takes and gives, and how large it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PIL import Image

from flatbed.errors import InvalidInputError, TooBigError

MAX_PIXELS = 100_000_000
"""The most that an edit may make; a colour page of it takes 400 MB in Pillow, twice in an edit."""

MODES = ("1", "L", "RGB")
WHITE, BLACK = 255, 0


@dataclass(frozen=True)
class Picture:
    """One page in memory.

    Attributes:
        image: Of mode `1`, `L` or `RGB`. Its own `info` says nothing here. Never changed by an
            edit; a result that has the same pixels may hold the very same image.
        dpi: (horizontal, vertical) dots per inch, above 0.

    Raises:
        InvalidInputError: If the mode, the size or the resolution is none of a page.
    """

    image: Image.Image
    dpi: tuple[float, float]

    def __post_init__(self) -> None:
        if self.image.mode not in MODES:
            raise InvalidInputError(
                f"A picture of mode {self.image.mode} is no page. Convert it to 1, L or RGB first."
            )
        if min(self.image.size) < 1:
            raise InvalidInputError("A picture without pixels cannot be edited. Send a page.")
        if not all(math.isfinite(each) and each > 0 for each in self.dpi):
            horizontal, vertical = self.dpi
            raise InvalidInputError(
                f"A page of {horizontal:g} x {vertical:g} dpi cannot be. Say a number above 0."
            )

    def with_image(self, image: Image.Image) -> Picture:
        """The same page with other pixels, as many to an inch."""
        return replace(self, image=image)


def require_room(size_px: tuple[int, int]) -> None:
    """Refuse a result of more than `MAX_PIXELS`, before it takes any memory.

    Raises:
        TooBigError: If (width, height) are too many pixels.
    """
    width, height = size_px
    if width * height > MAX_PIXELS:
        raise TooBigError(
            f"A page of {width} x {height} pixels is too big to be edited; "
            f"{MAX_PIXELS:,} are the most. Make it smaller first, or scan with fewer dpi.",
            width=width,
            height=height,
        )


def through_gray(image: Image.Image) -> Image.Image:
    """The image with tones between its own: `1` becomes `L`, others stay; see `back_to_mode`."""
    return image.convert("L") if image.mode == "1" else image


def back_to_mode(image: Image.Image, mode: str) -> Image.Image:
    """Undo `through_gray`: for mode `1`, samples below 128 become black and others white."""
    return split_at(image, 128) if mode == "1" else image


def split_at(gray: Image.Image, threshold: int) -> Image.Image:
    """An `L` image as mode `1`: black below the threshold, white from there on, no dither."""
    return gray.point([BLACK] * threshold + [WHITE] * (256 - threshold), "1")
