"""Pages as Pillow images."""

from __future__ import annotations

import io

from PIL import Image

from flatbed.errors import PageCorruptError

OWN_PAGE_PIXELS = 400_000_000
"""An A3 page at 1200 dpi has 278 million; beyond this no scanner of ours goes."""


def open_png(data: bytes) -> Image.Image:
    """A page's PNG as an image of mode `1`, `L` or `RGB`; 16 bit samples are reduced to 8.

    Raises:
        PageCorruptError: If it is no PNG, or larger than any page of ours.
    """
    image = Image.open(io.BytesIO(data), formats=["PNG"])
    if image.width * image.height > OWN_PAGE_PIXELS:
        raise PageCorruptError("A page is larger than any that was scanned.")
    try:
        image.load()
    except (OSError, SyntaxError) as error:
        raise PageCorruptError from error
    return _to_eight_bit(image)


def _to_eight_bit(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # Pillow clips a 16 bit gray picture when it converts it; the high byte is what is wanted.
        samples = image.convert("I").point(lambda value: value / 257)
        return samples.convert("L")
    return image
