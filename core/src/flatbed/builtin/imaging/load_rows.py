"""The pixels of an opened picture as a page takes them: upright, over white, band by band.

Only the picture as Pillow decoded it is ever there as a whole; what turns or converts it does so
with one band of the page at a time.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import ExifTags, Image

from flatbed.addon.types import Bits, Mode
from flatbed.errors import InvalidInputError

BAND_PIXELS = 1 << 20

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by its orientation (Exif 3.0, tag 274)."""

_LYING = (5, 6, 7, 8)
_FROM_THE_END = (3, 4, 7, 8)
_BROKEN_EXIF = (ArithmeticError, LookupError, OSError, SyntaxError, TypeError, ValueError)
_INVERTED = bytes(range(255, -1, -1))
_GRAY = ("L", "LA", "La")


@dataclass(frozen=True)
class DecodedPage:
    """A decoded picture and the way it is turned.

    Attributes:
        image: Pillow image of any mode, its pixels loaded, as it stands in the file.
        orientation: 1 to 8, as in Exif.
        scale: What 16 bit samples are multiplied by to fill their range.
        is_negative: 0 is white in 16 bit samples.
    """

    image: Image.Image
    orientation: int = 1
    scale: float = 1
    is_negative: bool = False

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of the upright page."""
        width, height = self.image.size
        return (height, width) if is_lying(self.orientation) else (width, height)

    @property
    def bits(self) -> Bits:
        """Bits of one sample of the page."""
        if self.image.mode.startswith("I;16"):
            return 16
        return 1 if self.mode == "1" else 8

    @property
    def mode(self) -> Mode:
        """Mode of the page.

        Raises:
            InvalidInputError: For samples of 32 bits, whose black and white nobody knows.
        """
        image = self.image
        if image.mode in ("I", "F"):
            raise InvalidInputError(
                "The picture has samples of 32 bits or with a sign. Save it with 8 or 16 bits."
            )
        if image.mode == "1" and not image.has_transparency_data:
            return "1"
        if image.mode in (*_GRAY, "1") or image.mode.startswith("I;16"):
            return "L"
        return "L" if _has_gray_palette(image) else "RGB"

    def bands(self) -> Iterator[bytes]:
        """The rows of the upright page, top to bottom, as `PageWriter.write_rows` takes them."""
        width, height = self.size_px
        step = max(1, BAND_PIXELS // width)
        for top in range(0, height, step):
            yield self._rows(self._upright(top, min(top + step, height)))

    def _upright(self, top: int, bottom: int) -> Image.Image:
        width, height = self.image.size
        lying, turn = is_lying(self.orientation), _TURNS.get(self.orientation)
        if self.orientation in _FROM_THE_END:
            end = width if lying else height
            top, bottom = end - bottom, end - top
        band = self.image.crop((top, 0, bottom, height) if lying else (0, top, width, bottom))
        return band if turn is None else band.transpose(turn)

    def _rows(self, band: Image.Image) -> bytes:
        if self.bits == 16:
            return self._deep_rows(band)
        if band.has_transparency_data:
            band = _over_white(band)
        return (band if band.mode == self.mode else band.convert(self.mode)).tobytes()

    def _deep_rows(self, band: Image.Image) -> bytes:
        if self.scale != 1:
            # Pillow cuts fractions off.
            band = band.point(lambda value: value * self.scale + 0.5)
        rows = band.tobytes()
        if (band.mode == "I;16B") != (sys.byteorder == "big"):
            samples = array("H", rows)
            samples.byteswap()
            rows = samples.tobytes()
        return rows.translate(_INVERTED) if self.is_negative else rows


def is_lying(orientation: int) -> bool:
    """Whether width and height change places when the picture is set upright."""
    return orientation in _LYING


def read_orientation(image: Image.Image) -> int:
    """The orientation that the file states, 1 to 8; 1 where it states none or nonsense."""
    try:
        stated = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _BROKEN_EXIF:
        # The picture itself may be whole.
        return 1
    return stated if stated in _TURNS else 1


def _has_gray_palette(image: Image.Image) -> bool:
    if image.mode not in ("P", "PA"):
        return False
    colors = image.getpalette("RGB") or []
    return colors[0::3] == colors[1::3] == colors[2::3]


def _over_white(band: Image.Image) -> Image.Image:
    colors = band if band.mode == "RGBA" else band.convert("RGBA")
    flat = Image.new("RGB", band.size, "white")
    flat.paste(colors, mask=colors.getchannel("A"))
    return flat
