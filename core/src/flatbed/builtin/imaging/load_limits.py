"""What a picture file from outside may cost, and the names of what goes wrong in reading one."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from PIL import Image

from flatbed.errors import InvalidInputError, TooBigError

MAX_PIXELS = 100_000_000
"""Of one page: an A4 page at 1200 dpi has 139 million, one at 1000 dpi 97."""

MAX_PAGES = 2_000
MAX_BYTES = 200 << 20

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
    """

    max_pixels: int = MAX_PIXELS
    max_pages: int = MAX_PAGES
    max_bytes: int = MAX_BYTES

    @classmethod
    def of(cls, settings: dict[str, Any]) -> LoadLimits:
        """The budget that settings of the same names change."""
        return cls(
            max_pixels=settings.get("max_pixels", MAX_PIXELS),
            max_pages=settings.get("max_pages", MAX_PAGES),
            max_bytes=settings.get("max_bytes", MAX_BYTES),
        )

    def check_bytes(self, stream: IO[bytes]) -> None:
        """Raise `TooBigError` if a stream that can seek is too long; leaves it at the start."""
        size = stream.seek(0, 2)
        stream.seek(0)
        if size > self.max_bytes:
            raise TooBigError(
                f"The file has {size >> 20} MiB; {self.max_bytes >> 20} are allowed."
                " Split it, or raise the limit in the configuration."
            )

    def check_page(self, size_px: tuple[int, int]) -> None:
        """Raise `TooBigError` if a page of (width, height) has too many pixels."""
        if size_px[0] * size_px[1] > self.max_pixels:
            raise self.too_many_pixels(f"A page of {size_px[0]} x {size_px[1]} pixels")

    def check_pages(self, count: int) -> None:
        """Raise `TooBigError` if `count` pages are too many."""
        if count > self.max_pages:
            raise TooBigError(
                f"The file has more than {self.max_pages} pages."
                " Split it, or raise the limit in the configuration."
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
