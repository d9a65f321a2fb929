"""The pages of a TIFF, compressed: strips and the tags that say how to read them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from isal import isal_zlib
from PIL import ImageChops
from PIL.Image import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2, TiffImageFile

from flatbed.errors import InvalidInputError, TooBigError


class Compression(IntEnum):
    """How strips are compressed: numbers of the tag Compression, and 0 for the page's own best."""

    AUTO = 0
    NONE = 1
    RLE = 2
    FAX3 = 3
    FAX4 = 4
    LZW = 5
    JPEG = 7
    DEFLATE = 8
    PACKBITS = 32773


class Tag(IntEnum):
    """Tags of TIFF 6.0 that a page of ours may have."""

    NEW_SUBFILE_TYPE = 254
    IMAGE_WIDTH = 256
    IMAGE_LENGTH = 257
    BITS_PER_SAMPLE = 258
    COMPRESSION = 259
    PHOTOMETRIC_INTERPRETATION = 262
    FILL_ORDER = 266
    STRIP_OFFSETS = 273
    SAMPLES_PER_PIXEL = 277
    ROWS_PER_STRIP = 278
    STRIP_BYTE_COUNTS = 279
    X_RESOLUTION = 282
    Y_RESOLUTION = 283
    PLANAR_CONFIGURATION = 284
    T4_OPTIONS = 292
    T6_OPTIONS = 293
    RESOLUTION_UNIT = 296
    PAGE_NUMBER = 297
    SOFTWARE = 305
    YCBCR_SUBSAMPLING = 530
    REFERENCE_BLACK_WHITE = 532


Tags = dict[Tag, tuple[int, ...]]
"""Values by tag; a rational is two numbers, text is its bytes."""

_FAX = {Compression.RLE, Compression.FAX3, Compression.FAX4}
_CODECS = {
    Compression.NONE: "raw",
    Compression.RLE: "tiff_ccitt",
    Compression.FAX3: "group3",
    Compression.FAX4: "group4",
    Compression.LZW: "tiff_lzw",
    Compression.PACKBITS: "packbits",
}
# What the codec decides. Everything else is said here, so no tag with an offset slips through.
_OF_THE_CODEC = (Tag.ROWS_PER_STRIP, Tag.FILL_ORDER, Tag.T4_OPTIONS, Tag.T6_OPTIONS)
_BITS = {"1": (1,), "L": (8,), "RGB": (8, 8, 8)}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR = 0, 1, 2, 6
_TO_BLACK_AND_WHITE = [0] * 128 + [255] * 128
# libjpeg's limit for both sides.
_MOST_JPEG_PX = 65_500
# The greatest multiple of 16, the height of a block with halved chroma, within that limit.
_JPEG_STRIP_ROWS = 65_488
_DEFLATE_STRIP_BYTES = 256 << 10
# As page files have it: docs/decisions/0001.
_DEFLATE_LEVEL = 1


@dataclass(frozen=True, kw_only=True)
class CompressedPage:
    """One page, ready to be put anywhere in a file.

    Attributes:
        tags: What to say about it, except where the strips lie and which page it is.
        strips: From the top; read-only views that keep the compressed page in memory.
    """

    tags: Tags
    strips: Sequence[memoryview]


def compress_page(image: Image, *, compression: Compression, quality: int) -> CompressedPage:
    """Compress one page.

    `Compression.AUTO` is FAX4 for one bit, and DEFLATE for gray and colour, an eighth smaller than
    LZW on scans and quicker. No predictor: the noise of a scan makes it a loss.

    Args:
        image: Mode "1", "L" or "RGB". The fax codecs (RLE, FAX3, FAX4) turn gray and colour into
            black and white, with samples below 128 black; JPEG turns one bit into gray.
        compression: What the strips are to be.
        quality: Of a JPEG, 0 to 100; else without effect.

    Raises:
        InvalidInputError: If the mode or quality is none of these, or the page has no pixels.
        TooBigError: If the page is wider than a JPEG can be.
    """
    _check(image, quality)
    chosen = _choose(compression, image)
    fitted = _fit(image, chosen)
    if chosen is Compression.JPEG:
        return _compress_jpeg(fitted, quality)
    if chosen is Compression.DEFLATE:
        return _compress_deflate(fitted)
    if chosen in _FAX:
        return _compress_fax(fitted, chosen)
    return _compress(fitted, chosen)


def _check(image: Image, quality: int) -> None:
    if image.mode not in _BITS:
        raise InvalidInputError(f'A page of mode "{image.mode}" does not fit into a TIFF here.')
    if 0 in image.size:
        raise InvalidInputError("A page without pixels does not fit into a TIFF. Leave it out.")
    if not 0 <= quality <= 100:
        raise InvalidInputError(f"The quality {quality} is not between 0 and 100.")


def _choose(compression: Compression, image: Image) -> Compression:
    if compression is not Compression.AUTO:
        return compression
    return Compression.FAX4 if image.mode == "1" else Compression.DEFLATE


def _fit(image: Image, compression: Compression) -> Image:
    if compression in _FAX and image.mode != "1":
        return image.convert("L").point(_TO_BLACK_AND_WHITE, "1")
    if compression is Compression.JPEG and image.mode == "1":
        return image.convert("L")
    # Pillow hands tags of the file it came from to libtiff, as a predictor that nobody asked for.
    return image.copy() if isinstance(image, TiffImageFile) else image


def _compress_fax(image: Image, compression: Compression) -> CompressedPage:
    """Fax codes are made for paper that is 0, and some viewers take it for that unasked."""
    page = _compress(ImageChops.invert(image), compression)
    said: Tags = {Tag.PHOTOMETRIC_INTERPRETATION: (_WHITE_IS_ZERO,), Tag.FILL_ORDER: (1,)}
    return CompressedPage(tags=said | page.tags | _photometric(_WHITE_IS_ZERO), strips=page.strips)


def _compress(image: Image, compression: Compression) -> CompressedPage:
    file = io.BytesIO()
    image.save(file, "TIFF", compression=_CODECS[compression])
    directory = _read_directory(file)
    of_codec: Tags = {tag: _values(directory, tag) for tag in _OF_THE_CODEC if tag in directory}
    photometric = _photometric(_RGB if image.mode == "RGB" else _BLACK_IS_ZERO)
    return CompressedPage(
        tags=_describe(image, compression) | photometric | of_codec,
        strips=list(_strips(file, directory)),
    )


def _compress_deflate(image: Image) -> CompressedPage:
    """libtiff's own takes ten times as long, because Pillow cannot have it take a low level."""
    row_bytes = (image.width * sum(_BITS[image.mode]) + 7) // 8
    rows = max(_DEFLATE_STRIP_BYTES // row_bytes, 1)
    photometric = _photometric(_RGB if image.mode == "RGB" else _BLACK_IS_ZERO)
    said: Tags = {Tag.ROWS_PER_STRIP: (min(image.height, rows),)}
    return CompressedPage(
        tags=_describe(image, Compression.DEFLATE) | photometric | said,
        strips=[
            memoryview(isal_zlib.compress(band.tobytes(), _DEFLATE_LEVEL))
            for band in _bands(image, rows)
        ],
    )


def _compress_jpeg(image: Image, quality: int) -> CompressedPage:
    """Every strip is a JPEG of its own, as Technical Note 2 to TIFF 6.0 allows.

    libtiff's own would be a third bigger through Pillow, which cannot have it halve the chroma.
    """
    if image.width > _MOST_JPEG_PX:
        raise TooBigError(
            f"A JPEG is at most {_MOST_JPEG_PX} pixels wide, this page has {image.width}. "
            "Choose another compression."
        )
    rows: Tags = {Tag.ROWS_PER_STRIP: (min(image.height, _JPEG_STRIP_ROWS),)}
    return CompressedPage(
        tags=_describe(image, Compression.JPEG) | _describe_jpeg(image) | rows,
        strips=[_jpeg(band, quality) for band in _bands(image, _JPEG_STRIP_ROWS)],
    )


def _bands(image: Image, rows: int) -> Iterator[Image]:
    if image.height <= rows:
        yield image
        return
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _jpeg(image: Image, quality: int) -> memoryview:
    file = io.BytesIO()
    # libtiff does not read gray with the sampling factors of halved chroma.
    subsampling = "4:2:0" if image.mode == "RGB" else "4:4:4"
    # Without a comment Pillow takes that of the file which the page came from.
    image.save(file, "JPEG", quality=quality, subsampling=subsampling, comment=b"")
    return file.getbuffer().toreadonly()


def _describe(image: Image, compression: Compression) -> Tags:
    bits = _BITS[image.mode]
    return {
        Tag.IMAGE_WIDTH: (image.width,),
        Tag.IMAGE_LENGTH: (image.height,),
        Tag.BITS_PER_SAMPLE: bits,
        Tag.COMPRESSION: (compression,),
        Tag.SAMPLES_PER_PIXEL: (len(bits),),
        Tag.PLANAR_CONFIGURATION: (1,),
    }


def _describe_jpeg(image: Image) -> Tags:
    if image.mode == "L":
        return _photometric(_BLACK_IS_ZERO)
    # Luma from 0 to 255, both chromas from 128 to 255: the full range that JPEG has.
    full_range = (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1)
    subsampling: Tags = {Tag.YCBCR_SUBSAMPLING: (2, 2), Tag.REFERENCE_BLACK_WHITE: full_range}
    return _photometric(_YCBCR) | subsampling


def _photometric(value: int) -> Tags:
    return {Tag.PHOTOMETRIC_INTERPRETATION: (value,)}


def _read_directory(file: io.BytesIO) -> ImageFileDirectory_v2:
    """The directory alone; `Image.open` would refuse a page for its size."""
    file.seek(0)
    directory = ImageFileDirectory_v2(file.read(8))
    file.seek(directory.next)
    directory.load(file)
    return directory


def _strips(file: io.BytesIO, directory: ImageFileDirectory_v2) -> Iterator[memoryview]:
    whole = file.getbuffer().toreadonly()
    offsets, sizes = (_values(directory, tag) for tag in (Tag.STRIP_OFFSETS, Tag.STRIP_BYTE_COUNTS))
    for offset, size in zip(offsets, sizes, strict=True):
        yield whole[offset : offset + size]


def _values(directory: ImageFileDirectory_v2, tag: Tag) -> tuple[int, ...]:
    value = directory[tag]
    return tuple(value) if isinstance(value, tuple) else (int(value),)
