"""The ways to turn the rows of a page into a file without loss, and back into an image."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, cast

import zstandard
from isal import isal_zlib
from PIL import Image
from zlib_ng import zlib_ng

from pages import DPI, Page
from png_strips import (
    RAW_DEFLATE,
    STRIP_BYTES,
    Deflate,
    Filter,
    png,
    raw_strips,
    sub,
    unfiltered,
    up,
)

Write = Callable[[bytes], object]
Encode = Callable[[Page, Write], None]
Decode = Callable[[bytes, Page], Image.Image]
ToPng = Callable[[bytes, Page], Iterable[bytes]]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One codec, with its settings.

    Attributes:
        name: As the table shows it.
        encode: Writes the pieces of a file as they become ready.
        decode: The file back to an image.
        to_png: The file to the pieces of a PNG, or `None` where it is one.
    """

    name: str
    encode: Encode
    decode: Decode
    to_png: ToPng | None = None


@dataclass(frozen=True)
class Outlet:
    """As much of a file as Pillow needs to write into."""

    write: Write

    def flush(self) -> None:
        """Nothing is held back."""


def pillow_png(level: int) -> Encode:
    """Pillow's own PNG, which chooses a filter for each row."""

    def encode(page: Page, write: Write) -> None:
        image = image_of(page, page.rows)
        image.save(cast("IO[bytes]", Outlet(write)), "PNG", compress_level=level, dpi=(DPI, DPI))

    return encode


def strip_png(rows: Filter, deflate: Deflate, strip_bytes: int = STRIP_BYTES) -> Encode:
    """A PNG of strips, deflated as the rows come."""

    def encode(page: Page, write: Write) -> None:
        for piece in png(page, rows(page, strip_bytes), deflate):
            write(piece)

    return encode


def zstd(level: int, rows: Filter) -> Encode:
    """Zstandard over the rows: not a PNG."""

    def encode(page: Page, write: Write) -> None:
        stream = zstandard.ZstdCompressor(level=level).compressobj()
        for strip in rows(page, STRIP_BYTES):
            write(stream.compress(strip))
        write(stream.flush())

    return encode


def bare(page: Page, write: Write) -> None:
    """The rows as they came: not a PNG."""
    for strip in bare_strips(page, STRIP_BYTES):
        write(strip)


def bare_strips(page: Page, strip_bytes: int) -> Iterator[bytes]:
    """The rows without anything between them, cut anywhere."""
    for start in range(0, len(page.rows), strip_bytes):
        yield page.rows[start : start + strip_bytes]


def bare_to_png(data: bytes, page: Page) -> Iterable[bytes]:
    """Bare rows through the chosen codec."""
    return png(page, up(replace(page, rows=data), STRIP_BYTES), isal(1))


def zstd_to_png(data: bytes, page: Page) -> Iterable[bytes]:
    """Bare rows out of Zstandard through the chosen codec."""
    return bare_to_png(_unzstd(data), page)


def filtered_zstd_to_png(data: bytes, page: Page) -> Iterable[bytes]:
    """Rows that are filtered already, out of Zstandard: only the deflating is left."""
    return png(page, _strips(_unzstd(data)), isal(1))


def open_png(data: bytes, _: Page) -> Image.Image:
    """Decode by Pillow, as any reader would."""
    image = Image.open(io.BytesIO(data), formats=["PNG"])
    image.load()
    return image


def open_bare(data: bytes, page: Page) -> Image.Image:
    """Bare rows as an image."""
    return image_of(page, data)


def open_zstd(data: bytes, page: Page) -> Image.Image:
    """Bare rows out of Zstandard as an image."""
    return open_bare(_unzstd(data), page)


def open_filtered_zstd(data: bytes, page: Page) -> Image.Image:
    """Filtered rows out of Zstandard, the filter undone by Pillow's decoder."""
    return open_png(b"".join(png(page, _strips(_unzstd(data)), stored())), page)


def _unzstd(data: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _strips(data: bytes) -> Iterator[bytes]:
    return (data[start : start + STRIP_BYTES] for start in range(0, len(data), STRIP_BYTES))


def image_of(page: Page, rows: bytes) -> Image.Image:
    """A Pillow image of a page's pixels."""
    return Image.frombytes(page.pillow_mode, (page.width_px, page.height_px), rows)


def isal(level: int) -> Deflate:
    """Intel's ISA-L, a deflater for each strip."""
    return raw_strips(lambda: isal_zlib.compressobj(level, isal_zlib.DEFLATED, RAW_DEFLATE))


def stored() -> Deflate:
    """Deflate's own way of leaving data as it is."""
    return _zlib(0)


def _zlib(level: int) -> Deflate:
    return raw_strips(lambda: zlib.compressobj(level, zlib.DEFLATED, RAW_DEFLATE))


def _zlib_ng(level: int, strategy: int = zlib_ng.Z_DEFAULT_STRATEGY) -> Deflate:
    return raw_strips(
        lambda: zlib_ng.compressobj(level, zlib_ng.DEFLATED, RAW_DEFLATE, 8, strategy)
    )


def _of_strips(name: str, rows: Filter, deflate: Deflate) -> Candidate:
    return Candidate(name=name, encode=strip_png(rows, deflate), decode=open_png)


CANDIDATES = (
    Candidate(name="Pillow PNG 1", encode=pillow_png(1), decode=open_png),
    Candidate(name="Pillow PNG 6", encode=pillow_png(6), decode=open_png),
    _of_strips("isal 0, None", unfiltered, isal(0)),
    _of_strips("isal 1, None", unfiltered, isal(1)),
    _of_strips("isal 2, None", unfiltered, isal(2)),
    _of_strips("isal 1, Up", up, isal(1)),
    _of_strips("isal 2, Up", up, isal(2)),
    _of_strips("isal 1, Sub", sub, isal(1)),
    _of_strips("zlib 1, None", unfiltered, _zlib(1)),
    _of_strips("zlib 1, Up", up, _zlib(1)),
    _of_strips("zlib-ng 1, None", unfiltered, _zlib_ng(1)),
    _of_strips("zlib-ng 2, Up", up, _zlib_ng(2)),
    _of_strips("zlib-ng Huffman, Up", up, _zlib_ng(1, zlib_ng.Z_HUFFMAN_ONLY)),
    _of_strips("stored, None", unfiltered, stored()),
    Candidate(
        name="zstd 1, Up",
        encode=zstd(1, up),
        decode=open_filtered_zstd,
        to_png=filtered_zstd_to_png,
    ),
    Candidate(
        name="zstd 1, bare rows",
        encode=zstd(1, bare_strips),
        decode=open_zstd,
        to_png=zstd_to_png,
    ),
    Candidate(name="bare rows", encode=bare, decode=open_bare, to_png=bare_to_png),
)
"""All codecs that are compared; the peer, Pillow, comes first."""
