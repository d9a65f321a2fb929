"""What a picture file from outside may cost, and the names of what goes wrong in reading one."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image, ImageFile

from flatbed.errors import InvalidInputError, TooBigError

MAX_PIXELS = 100_000_000
"""Of one page: an A4 page at 1200 dpi has 139 million, one at 1000 dpi 97."""

MAX_SIDE_PX = 65_500
"""Of one page: the most of a JPEG, so that every page can be asked for as one; others get slow."""

MAX_PAGES = 2_000
MAX_BYTES = 200 << 20
MAX_RAW_BYTES = 8 << 30
"""Of all pages decoded, as `load` counts them: some 300 color pages of A4 at 300 dpi, or 2,000 of
one bit. What is beyond would take minutes, and a file can be made to say anything."""

FREE_RAW_BYTES = 1 << 30
"""Of all pages decoded, whatever the file's size: a hundred empty fax pages are next to nothing."""

MAX_RATIO = 200
"""Beyond that, so many times the file's bytes, as `load` counts them: text in Group 4 has some 60
to 130, photographs far less."""

MAX_RUN_BYTES = 32 << 20
"""Of a BMP in runs, which Pillow reads in Python: such files are as old as they are small."""

_DAMAGED = (
    *(ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, struct.error, zlib.error),
)
"""All that Pillow has been seen to raise for files that are not as they should be."""


@dataclass(frozen=True, kw_only=True)
class LoadLimits:
    """The budget of one file.

    Attributes:
        max_pixels: Of one page.
        max_pages: Of the file.
        max_bytes: Of the file.
        max_raw_bytes: Of all its pages, decoded.
    """

    max_pixels: int = MAX_PIXELS
    max_pages: int = MAX_PAGES
    max_bytes: int = MAX_BYTES
    max_raw_bytes: int = MAX_RAW_BYTES

    @classmethod
    def of(cls, settings: dict[str, Any]) -> LoadLimits:
        """The budget that settings of the same names change."""
        return cls(
            max_pixels=settings.get("max_pixels", MAX_PIXELS),
            max_pages=settings.get("max_pages", MAX_PAGES),
            max_bytes=settings.get("max_bytes", MAX_BYTES),
            max_raw_bytes=settings.get("max_raw_bytes", MAX_RAW_BYTES),
        )

    def check_bytes(self, stream: IO[bytes]) -> int:
        """How long a stream is, which can seek; leaves it at the start.

        Raises:
            TooBigError: If it is too long.
        """
        size = stream.seek(0, 2)
        stream.seek(0)
        if size > self.max_bytes:
            raise TooBigError(
                f"The file has {size >> 20} MiB; {self.max_bytes >> 20} are allowed."
                " Split it, or raise the limit in the configuration."
            )
        return size

    def check_page(self, size_px: tuple[int, int]) -> None:
        """Raise `TooBigError` if a page of (width, height) has too many pixels, or is too long."""
        if size_px[0] * size_px[1] > self.max_pixels:
            raise self.too_many_pixels(f"A page of {size_px[0]} x {size_px[1]} pixels")
        if max(size_px) > MAX_SIDE_PX:
            raise TooBigError(
                f"A page of {size_px[0]} x {size_px[1]} pixels is too long;"
                f" {MAX_SIDE_PX} pixels are the most. Cut it into several."
            )

    def check_pages(self, count: int) -> None:
        """Raise `TooBigError` if `count` pages are too many."""
        if count > self.max_pages:
            raise TooBigError(
                f"The file has more than {self.max_pages} pages."
                " Split it, or raise the limit in the configuration."
            )

    def check_raw(self, count: int, *, file_bytes: int) -> None:
        """Raise `TooBigError` if `count` decoded bytes are too many, or too many for the file."""
        if count > self.max_raw_bytes:
            raise TooBigError(
                f"The file's pages have more than {self.max_raw_bytes >> 20} MiB of pixels."
                " Split it, or raise the limit in the configuration."
            )
        if count > max(FREE_RAW_BYTES, MAX_RATIO * file_bytes):
            raise TooBigError(
                f"The file's pages have {count >> 20} MiB of pixels, far more than such a file"
                " holds. Split it."
            )

    def check_runs(self, image: ImageFile.ImageFile, *, file_bytes: int) -> None:
        """Raise `TooBigError` if an opened BMP is packed in more runs than can be read in time."""
        if file_bytes > MAX_RUN_BYTES and any(tile.codec_name == "bmp_rle" for tile in image.tile):
            raise TooBigError(
                f"A BMP in runs may have {MAX_RUN_BYTES >> 20} MiB. Save it as PNG first."
            )

    def too_many_pixels(self, what: str = "A page") -> TooBigError:
        """The error for a page beyond the limit; the sentence begins with `what`."""
        return TooBigError(
            f"{what} is too big: {self.max_pixels} pixels are allowed."
            " Send it smaller, or raise the limit in the configuration."
        )


@contextmanager
def reading(limits: LoadLimits) -> Iterator[None]:
    """Give what goes wrong while a file is read its name; for the reading alone, not the writing.

    Inside, Pillow holds the same budget: some of its readers learn late how large a picture is,
    and that of WebP takes the memory while it opens.

    Raises:
        TooBigError: If a picture has more pixels than the budget.
        InvalidInputError: If the file is damaged. A `MemoryError` passes.
    """
    before = Image.MAX_IMAGE_PIXELS
    # Pillow warns beyond this number and refuses beyond the double of it.
    Image.MAX_IMAGE_PIXELS = -(-limits.max_pixels // 2)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise limits.too_many_pixels() from error
    except _DAMAGED as error:
        raise InvalidInputError(
            "The file is damaged or not whole. Send it again, or save it anew first."
        ) from error
    finally:
        Image.MAX_IMAGE_PIXELS = before
