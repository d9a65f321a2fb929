"""One page as the picture that its PDF holds, compressed once."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from PIL import Image, ImageChops, features
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from flatbed.addon import PageFile
from flatbed.errors import InvalidInputError, TooBigError


class Compression(IntEnum):
    """How pages are compressed, by the numbers of the wire contract."""

    AUTO = 0
    FAX4 = 2
    LZW = 3
    JPEG = 5
    JPEG2000 = 6
    JBIG2 = 7


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A compressed page.

    Attributes:
        data: The bytes of its stream, in pieces.
        entries: What the dictionary of the stream says of them.
        version: The first one of PDF that has pictures like it.
    """

    data: Sequence[bytes | memoryview] = field(repr=False)
    entries: str
    version: str


_MOST_JPEG_PX = 65_500  # libjpeg's limit for both sides
_TO_BLACK_AND_WHITE = [0] * 128 + [255] * 128
_ROWS_PER_STRIP, _STRIP_OFFSETS, _STRIP_BYTES = 278, 273, 279
_PNG_HEAD_BYTES, _CHUNK_BYTES = 33, 12
_MOST_LEVELS = 6
# OpenJPEG was seen to take 45 bytes a pixel in one piece, and 13 in tiles.
_MOST_UNTILED_PX, _TILE_PX = 30_000_000, (1024, 1024)
# A scan loses at 80 about as much as by JPEG at 80: see the figures in the README.
_LEAST_DB, _DB_PER_STEP = 22.5, 0.2


def find_compression(number: int) -> Compression:
    """The compression with a number of the wire contract.

    Raises:
        InvalidInputError: If there is none, or no encoder for it on this machine.
    """
    try:
        found = Compression(number)
    except ValueError as error:
        known = ", ".join(str(int(each)) for each in Compression)
        raise InvalidInputError(
            f"There is no PDF compression {number}. Choose one of {known}."
        ) from error
    if found is Compression.JBIG2:
        raise InvalidInputError(
            "There is no encoder for JBIG2 here. Your pages are safe; choose FAX4, which loses"
            " nothing either."
        )
    if found is Compression.JPEG2000 and not features.check("jpg_2000"):
        raise InvalidInputError(
            "There is no encoder for JPEG 2000 here. Your pages are safe; choose JPEG."
        )
    return found


def make_picture(page: PageFile, *, compression: Compression, quality: int) -> Picture:
    """Compress one page.

    `AUTO` is FAX4 for one bit and JPEG for gray and colour, or lossless where a page is longer
    than a JPEG can be. `LZW` stands for lossless: deflated, as the page is stored, with all its
    bits. The others have 8 bits a sample at most; FAX4 turns gray and colour into black and white,
    with samples below 128 black; JPEG and JPEG 2000 turn one bit into gray.

    Args:
        page: A stored page.
        compression: What it shall become; see `find_compression`.
        quality: Of JPEG and JPEG 2000, 0 to 100; else without effect.

    Raises:
        TooBigError: If a side of the page is longer than a JPEG can have, or JPEG 2000 would need
            more memory than there is.
        PageCorruptError: If the file of the page is not what was written.
    """
    return _MAKERS[_choose(page, compression)](page, quality)


def _choose(page: PageFile, compression: Compression) -> Compression:
    if compression is not Compression.AUTO:
        return compression
    if page.mode == "1":
        return Compression.FAX4
    return Compression.JPEG if max(page.size_px) <= _MOST_JPEG_PX else Compression.LZW


def _make_jpeg(page: PageFile, quality: int) -> Picture:
    if max(page.size_px) > _MOST_JPEG_PX:
        raise TooBigError(
            f"A JPEG has at most {_MOST_JPEG_PX} pixels a side, this page has"
            f" {max(page.size_px)}. It is safe; choose another compression."
        )
    image = _to_gray(page.open())
    return _picture(image, "DCTDecode", _save(image, "JPEG", quality=quality), version="1.3")


def _make_jpeg2000(page: PageFile, quality: int) -> Picture:
    image = _to_gray(page.open())
    options: dict[str, Any] = {"num_resolutions": min(_MOST_LEVELS, min(image.size).bit_length())}
    if image.width * image.height > _MOST_UNTILED_PX:
        options["tile_size"] = _TILE_PX
    if quality < 100:
        options |= {"irreversible": True, "quality_mode": "dB"}
        options["quality_layers"] = [_LEAST_DB + _DB_PER_STEP * quality]
    try:
        data = _save(image, "JPEG2000", **options)
    except OSError as error:
        # The one thing that OpenJPEG misses here is memory, and it does not say so.
        raise TooBigError(
            "The page is too large for JPEG 2000 here. It is safe; choose JPEG."
        ) from error
    return _picture(image, "JPXDecode", data, version="1.5")


def _make_fax(page: PageFile, _: int) -> Picture:
    image = _to_black_and_white(page.open())
    width, height = image.size
    # Fax codes are made for paper that is 0.
    tiff = _save(
        ImageChops.invert(image),
        "TIFF",
        compression="group4",
        tiffinfo={_ROWS_PER_STRIP: height},
    )
    how = f"/DecodeParms << /K -1 /Columns {width} /Rows {height} >>"
    return _picture(image, "CCITTFaxDecode", _only_strip(tiff), version="1.3", how=how)


def _make_lossless(page: PageFile, _: int) -> Picture:
    """The very rows that are stored: a PNG and a PDF hold them in the same way."""
    colors = 3 if page.mode == "RGB" else 1
    how = (
        f"/DecodeParms << /Predictor 15 /Colors {colors}"
        f" /BitsPerComponent {page.bits} /Columns {page.size_px[0]} >>"
    )
    return Picture(
        data=list(_deflated(page.read())),
        entries=_entries(page.size_px, page.mode, page.bits, f"/Filter /FlateDecode {how}"),
        # Samples of 16 bits came with it.
        version="1.5" if page.bits == 16 else "1.3",
    )


def _picture(
    image: Image.Image, codec: str, data: bytes | memoryview, *, version: str, how: str = ""
) -> Picture:
    bits = 1 if image.mode == "1" else 8
    entries = _entries(image.size, image.mode, bits, f"/Filter /{codec} {how}")
    return Picture(data=[data], entries=entries, version=version)


def _entries(size_px: tuple[int, int], mode: str, bits: int, how: str) -> str:
    color = "DeviceRGB" if mode == "RGB" else "DeviceGray"
    return (
        f"/Width {size_px[0]} /Height {size_px[1]} /ColorSpace /{color}"
        f" /BitsPerComponent {bits} {how}"
    )


_MAKERS: dict[Compression, Callable[[PageFile, int], Picture]] = {
    Compression.FAX4: _make_fax,
    Compression.LZW: _make_lossless,
    Compression.JPEG: _make_jpeg,
    Compression.JPEG2000: _make_jpeg2000,
}


def _to_gray(image: Image.Image) -> Image.Image:
    return image.convert("L") if image.mode == "1" else image


def _to_black_and_white(image: Image.Image) -> Image.Image:
    if image.mode == "1":
        return image
    return image.convert("L").point(_TO_BLACK_AND_WHITE, "1")


def _only_strip(tiff: bytes) -> memoryview:
    """The strip of such a TIFF; `Image.open` would refuse a page for its size."""
    file = io.BytesIO(tiff)
    directory = ImageFileDirectory_v2(file.read(8))
    file.seek(directory.next)
    directory.load(file)
    # A picture in a PDF is one strip, which is what was asked for.
    (offset,), (size,) = directory[_STRIP_OFFSETS], directory[_STRIP_BYTES]
    return memoryview(tiff)[offset : offset + size]


def _save(image: Image.Image, kind: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _deflated(png: bytes) -> Iterator[memoryview]:
    view, at = memoryview(png), _PNG_HEAD_BYTES
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        if kind == b"IDAT":
            yield view[at + 8 : at + 8 + length]
        at += length + _CHUNK_BYTES
