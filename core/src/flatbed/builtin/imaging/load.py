"""Picture files from outside into pages: the header first, then the budget, then the pixels."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import IO, Any

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from flatbed.addon import PageSink, StoredFile, hookimpl
from flatbed.builtin.imaging.load_jpeg import check_segments
from flatbed.builtin.imaging.load_kinds import find_kind
from flatbed.builtin.imaging.load_limits import LoadLimits, reading
from flatbed.builtin.imaging.load_rows import DecodedPage, is_lying, read_orientation
from flatbed.builtin.imaging.load_tiff import count_frames

DEFAULT_DPI = 200
"""For files that do not say; a fax page has it, and a phone's picture of a page comes near."""

_LEAST_DPI, _MOST_DPI = 1, 10_000  # 1 stands in files whose writer did not know
_LENGTH, _BITS_PER_SAMPLE, _PHOTOMETRIC = 257, 258, 262
_WHITE_IS_ZERO = 0
_MOST_OF_16_BITS = (1 << 16) - 1
# A pixel of one bit takes longer than an eighth of another.
_SAMPLE_BYTES = {"1": 2 / 5, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "LA": 2, "RGB": 3}
_MOST_BYTES = 4
"""Of one pixel as it is decoded, by Pillow's mode."""


@hookimpl
def load_document(file: StoredFile, settings: dict[str, Any], out: PageSink) -> dict[str, int]:
    """Read a picture file into pages; see `load_pages`."""
    with file.open() as stream:
        return load_pages(stream, settings, out)


def load_pages(stream: IO[bytes], settings: dict[str, Any], out: PageSink) -> dict[str, int]:
    """Read a JPEG, PNG, TIFF, BMP, WebP or GIF file into pages.

    Every page of a TIFF becomes one; of a moving GIF, PNG or WebP, and of a JPEG of several
    pictures, only the first picture does. Pages stand upright by the file's orientation, and on
    white where the file is transparent. One bit stays one bit and gray of 16 bits stays so (without
    a color that counts as transparent); all else becomes gray or RGB of 8 bits. Color profiles are
    not applied. Everything about size is checked before any pixel is decoded; a page that turns
    out damaged only then leaves the pages before it in `out`.

    Args:
        stream: The file; it can seek. It is not closed.
        settings: `media_type` as declared, empty for unknown; `dpi` where the file says none or
            nonsense; see `LoadLimits` for those that change the budget.
        out: Gets a page at a time, in the order of the file.

    Returns:
        `pages`: how many there were.

    Raises:
        InvalidInputError: If the file is not what it says, damaged, or no such picture.
        TooBigError: If bytes, pages, the pixels of a page or all pages together are beyond the
            budget.
        ScanCanceledError: If it was cancelled between two pages.
    """
    limits = LoadLimits.of(settings)
    file_bytes = limits.check_bytes(stream)
    kind = find_kind(stream, settings.get("media_type", ""))
    image, count = _open(stream, kind, limits, file_bytes=file_bytes)
    _measure(image, count, limits, file_bytes=file_bytes)
    for number in range(count):
        out.check_canceled()
        _load_page(image, number, settings, out)
    return {"pages": count}


def _open(
    stream: IO[bytes], kind: str, limits: LoadLimits, *, file_bytes: int
) -> tuple[Image.Image, int]:
    with reading(limits):
        if kind == "JPEG":
            check_segments(stream)
        if kind != "TIFF":
            image = Image.open(stream, formats=(kind,))
            limits.check_runs(image, file_bytes=file_bytes)
            return image, 1
        count = count_frames(stream, limits)
        return Image.open(_for_libtiff(stream, count), formats=(kind,)), count


def _for_libtiff(stream: IO[bytes], count: int) -> IO[bytes]:
    # Pillow reads a stream without a descriptor into memory as a whole, anew for every page.
    if count == 1 or isinstance(stream, io.BytesIO) or _has_descriptor(stream):
        return stream
    stream.seek(0)
    return io.BytesIO(stream.read())


def _has_descriptor(stream: IO[bytes]) -> bool:
    try:
        return stream.fileno() >= 0
    except (AttributeError, OSError):
        return False


def _measure(image: Image.Image, count: int, limits: LoadLimits, *, file_bytes: int) -> None:
    """Check the size of every page by its header, and that of all together."""
    raw_bytes = 0
    for number in range(count):
        if number:
            with reading(limits):
                image.seek(number)
        limits.check_page(image.size)
        raw_bytes += round(image.width * image.height * _SAMPLE_BYTES.get(image.mode, _MOST_BYTES))
        limits.check_raw(raw_bytes, file_bytes=file_bytes)


def _load_page(image: Image.Image, number: int, settings: dict[str, Any], out: PageSink) -> None:
    limits = LoadLimits.of(settings)
    with reading(limits):
        dpi, picture = _decode(image, number, settings.get("dpi", DEFAULT_DPI))
        size, mode, bits = picture.size_px, picture.mode, picture.bits
        bands = picture.bands()
    limits.check_page(size)
    with out.new_page(size_px=size, dpi=dpi, mode=mode, bits=bits) as page:
        for rows in _guarded(bands, limits):
            page.write_rows(rows)
    if bits == 16 and "transparency" in image.info:
        out.warn("A transparent color was kept: gray pages of 16 bits have none.")


def _guarded(bands: Iterator[bytes], limits: LoadLimits) -> Iterator[bytes]:
    """The same bands; only what goes wrong in making them gets its name here."""
    while True:
        with reading(limits):
            rows = next(bands, None)
        if rows is None:
            return
        yield rows


def _decode(
    image: Image.Image, number: int, fallback_dpi: float
) -> tuple[tuple[float, float], DecodedPage]:
    if isinstance(image, TiffImageFile):
        return _decode_frame(image, number, fallback_dpi)
    image.load()
    # Only now: the orientation of a PNG may stand behind its pixels.
    orientation = read_orientation(image)
    return _dpi(image, orientation, fallback_dpi), DecodedPage(image, orientation)


def _decode_frame(
    image: TiffImageFile, number: int, fallback_dpi: float
) -> tuple[tuple[float, float], DecodedPage]:
    if image.tell() != number:
        # Pillow keeps the resolution of the page before where a page has none.
        image.info.pop("dpi", None)
        image.seek(number)
    # Pillow sets a TIFF upright while it decodes, and forgets how it stood.
    orientation = read_orientation(image)
    bits = image.tag_v2.get(_BITS_PER_SAMPLE, (1,))[0]
    is_negative = image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    if max(tile.extents[3] for tile in image.tile if tile.extents) < image.tag_v2[_LENGTH]:
        # Pillow would leave the rest black.
        raise EOFError("strips are missing")
    image.load()
    scale = _MOST_OF_16_BITS / ((1 << bits) - 1)
    dpi = _dpi(image, orientation, fallback_dpi)
    return dpi, DecodedPage(image, scale=scale, is_negative=is_negative)


def _dpi(image: Image.Image, orientation: int, fallback_dpi: float) -> tuple[float, float]:
    try:
        # Fractions of a file can have a zero below; they become not-a-number.
        across, down = (round(float(each), 2) for each in image.info["dpi"])
    except (ArithmeticError, LookupError, TypeError, ValueError):
        return fallback_dpi, fallback_dpi
    if not all(_LEAST_DPI < each <= _MOST_DPI for each in (across, down)):
        return fallback_dpi, fallback_dpi
    return (down, across) if is_lying(orientation) else (across, down)
