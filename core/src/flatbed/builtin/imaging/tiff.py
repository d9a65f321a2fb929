"""A TIFF of many pages, written forward only: one page in memory, however many there are."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import IO

from PIL.Image import Image

from flatbed.builtin.imaging.tiff_compression import (
    CompressedPage,
    Compression,
    Tag,
    Tags,
    compress_page,
)
from flatbed.errors import InvalidInputError, TooBigError

# Offsets have 32 bits.
_MOST_BYTES = 0xFFFF_FFFF
# PageNumber has 16 bits and begins at 0; older readers count pages with as many.
_MOST_PAGES = 0x1_0000
_HEADER = b"II*\0" + struct.pack("<I", 8)

# Field types of TIFF 6.0: number, format of one value's parts, and how many parts it has.
_ASCII, _SHORT, _LONG, _RATIONAL = (2, "B", 1), (3, "H", 1), (4, "I", 1), (5, "I", 2)
_TYPES = dict.fromkeys(Tag, _SHORT) | {
    Tag.NEW_SUBFILE_TYPE: _LONG,
    Tag.IMAGE_WIDTH: _LONG,
    Tag.IMAGE_LENGTH: _LONG,
    Tag.STRIP_OFFSETS: _LONG,
    Tag.ROWS_PER_STRIP: _LONG,
    Tag.STRIP_BYTE_COUNTS: _LONG,
    Tag.X_RESOLUTION: _RATIONAL,
    Tag.Y_RESOLUTION: _RATIONAL,
    Tag.T4_OPTIONS: _LONG,
    Tag.T6_OPTIONS: _LONG,
    Tag.SOFTWARE: _ASCII,
    Tag.REFERENCE_BLACK_WHITE: _RATIONAL,
}
_PAGE_OF_SEVERAL, _INCH = 2, 2


def write_tiff(
    images: Iterable[tuple[Image, tuple[float, float]]],
    stream: IO[bytes],
    *,
    compression: int,
    quality: int = 80,
) -> None:
    """Write pages into one TIFF.

    A page is let go before the next one is taken from `images`, so that a generator which opens
    pages has one open at a time; beside it there are the compressed strips of two.

    Args:
        images: Pages with their (horizontal, vertical) dots per inch; see `compress_page`.
        stream: Only its `write` is used; it takes all that it is given.
        compression: A number of `Compression`.
        quality: Of a JPEG, 0 to 100.

    Raises:
        InvalidInputError: If there is no page, or one that no TIFF has, or no such compression.
        TooBigError: If the file would pass 4 GiB; what is in the stream then is no whole file.
    """
    pages = _compressed(images, find_compression(compression), quality)
    page = next(pages, None)
    if page is None:
        raise InvalidInputError("There is no page for the TIFF. Choose at least one.")
    writer = TiffWriter(stream)
    for following in pages:
        writer.add_compressed(page, is_last=False)
        page = following
    writer.add_compressed(page, is_last=True)


def find_compression(number: int) -> Compression:
    """The compression with a number of the wire contract, or `InvalidInputError`."""
    try:
        return Compression(number)
    except ValueError as error:
        known = ", ".join(str(int(each)) for each in Compression)
        raise InvalidInputError(
            f"There is no TIFF compression {number}. Choose one of {known}."
        ) from error


class TiffWriter:
    """A classic little-endian TIFF that grows page by page in a stream without a way back.

    The directory of a page stands before its strips, so that all offsets in it, that of the next
    page's directory as well, are known when it is written.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        """Begin a file in a stream of which only `write` is used; it takes all it is given."""
        self._stream = stream
        self._position = self._pages = 0
        self._is_complete = False

    def add(
        self,
        image: Image,
        *,
        dpi: tuple[float, float],
        compression: Compression,
        quality: int = 80,
        is_last: bool,
    ) -> None:
        """Compress a page and write it; see `compress_page` and `add_compressed`.

        Args:
            image: Mode "1", "L" or "RGB".
            dpi: (horizontal, vertical) dots per inch, kept to a ten-thousandth.
            compression: May be another one for each page.
            quality: Of a JPEG, 0 to 100.
            is_last: No page follows.
        """
        page = compress_page(image, compression=compression, quality=quality)
        self.add_compressed(with_dpi(page, dpi), is_last=is_last)

    def add_compressed(self, page: CompressedPage, *, is_last: bool) -> None:
        """Write a page that has its resolution already; see `with_dpi`.

        Raises:
            TooBigError: If the file would pass 4 GiB or 65,536 pages. Nothing of this page is
                written then, but the file is not whole.
            ValueError: If the last page was written before.
        """
        if self._is_complete:
            raise ValueError("the last page of this TIFF is written")
        _check_count(self._pages)
        opening = b"" if self._position else _HEADER
        numbered = page.tags | _number(self._pages)
        directory, end = _lay_out(
            numbered, page.strips, at=self._position + len(opening), is_last=is_last
        )
        self._stream.write(opening + directory)
        for strip in page.strips:
            self._stream.write(strip)
        self._stream.write(_padding(page.strips))
        self._position, self._pages, self._is_complete = end, self._pages + 1, is_last


def with_dpi(page: CompressedPage, dpi: tuple[float, float]) -> CompressedPage:
    """The page with its (horizontal, vertical) dots per inch, or `InvalidInputError`."""
    horizontal, vertical = (_ratio(each) for each in dpi)
    resolution: Tags = {
        Tag.X_RESOLUTION: horizontal,
        Tag.Y_RESOLUTION: vertical,
        Tag.RESOLUTION_UNIT: (_INCH,),
    }
    return CompressedPage(tags=page.tags | resolution, strips=page.strips)


def _compressed(
    images: Iterable[tuple[Image, tuple[float, float]]], compression: Compression, quality: int
) -> Iterator[CompressedPage]:
    for image, dpi in images:
        yield with_dpi(compress_page(image, compression=compression, quality=quality), dpi)
        # The loop would hold it until after the next one is there.
        del image


def _ratio(dpi: float) -> tuple[int, int]:
    if not 0.001 <= dpi <= 100_000:
        raise InvalidInputError(f"A page of {dpi:g} dpi cannot be in a TIFF.")
    ratio = Fraction(dpi).limit_denominator(10_000)
    return ratio.numerator, ratio.denominator


def _number(page: int) -> Tags:
    return {
        Tag.NEW_SUBFILE_TYPE: (_PAGE_OF_SEVERAL,),
        # 0 for a number of pages that is not known yet.
        Tag.PAGE_NUMBER: (page, 0),
        Tag.SOFTWARE: tuple(b"Flatbed\0"),
    }


def _check_count(pages: int) -> None:
    if pages >= _MOST_PAGES:
        raise TooBigError(
            f"A TIFF has at most {_MOST_PAGES} pages. Your pages are safe; spread them over "
            "several files."
        )


def _lay_out(
    tags: Tags, strips: Sequence[memoryview], *, at: int, is_last: bool
) -> tuple[bytes, int]:
    """The directory of a page that begins at an offset, and the offset where the page ends."""
    sizes = tuple(len(strip) for strip in strips)
    placed = tags | {Tag.STRIP_OFFSETS: sizes, Tag.STRIP_BYTE_COUNTS: sizes}
    # Its length does not depend on the offsets in it.
    start = at + len(_directory(placed, at=0, following=0))
    *offsets, strips_end = accumulate(sizes, initial=start)
    end = strips_end + len(_padding(strips))
    if end > _MOST_BYTES:
        raise TooBigError(
            "The TIFF would pass 4 GiB, the most one can have. Your pages are safe; choose a "
            "stronger compression, or spread them over several files."
        )
    placed[Tag.STRIP_OFFSETS] = tuple(offsets)
    return _directory(placed, at=at, following=0 if is_last else end), end


def _directory(tags: Tags, *, at: int, following: int) -> bytes:
    """An image file directory for an offset, with the values that lie behind its entries."""
    entries, values = bytearray(), bytearray()
    values_at = at + 2 + 12 * len(tags) + 4
    for tag in sorted(tags):
        number, code, parts = _TYPES[tag]
        data = struct.pack(f"<{len(tags[tag])}{code}", *tags[tag])
        entries += struct.pack("<HHI", tag, number, len(tags[tag]) // parts)
        if len(data) <= 4:
            entries += data.ljust(4, b"\0")
        else:
            entries += struct.pack("<I", values_at + len(values))
            # Values begin at even offsets.
            values += data + bytes(len(data) % 2)
    return struct.pack("<H", len(tags)) + entries + struct.pack("<I", following) + values


def _padding(strips: Sequence[memoryview]) -> bytes:
    """What lets the next directory begin at an even offset, as it has to."""
    return bytes(sum(len(strip) for strip in strips) % 2)
