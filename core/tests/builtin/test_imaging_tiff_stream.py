"""TIFFs of many pages in a stream without a way back: every page reads back as it was."""

from __future__ import annotations

import io
import random
import tracemalloc
from collections.abc import Iterator
from typing import IO, Any, cast

import pytest
from PIL import Image

from flatbed.builtin.imaging.tiff import TiffWriter, write_tiff
from flatbed.builtin.imaging.tiff_compression import Compression
from flatbed.errors import InvalidInputError

LOSSLESS = [0, 1, 5, 8, 32773]
FAX = [2, 3, 4]
DPI = (300, 150)


class Forward:
    """A stream that can only be written to."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: Any) -> int:
        """Take it all."""
        self.data += data
        return len(data)


class Nowhere:
    """A stream that keeps nothing."""

    def write(self, data: Any) -> int:
        """Throw it away."""
        return len(data)


def noise(mode: str, size: tuple[int, int], seed: int = 1) -> Image.Image:
    """A page that is like no other."""
    samples = size[0] * size[1] * (3 if mode == "RGB" else 1)
    pixels = random.Random(seed).randbytes(samples)
    if mode == "1":
        return Image.frombytes("L", size, pixels).point([0] * 128 + [255] * 128, "1")
    return Image.frombytes(mode, size, pixels)


def write(*pages: Image.Image, compression: int, quality: int = 80) -> Any:
    """The file of some pages, opened."""
    stream = Forward()
    write_tiff(
        ((page, DPI) for page in pages),
        cast("IO[bytes]", stream),
        compression=compression,
        quality=quality,
    )
    return Image.open(io.BytesIO(bytes(stream.data)))


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("compression", LOSSLESS)
@pytest.mark.parametrize("size", [(1, 1), (37, 53), (700, 400)])
def test_lossless_page_keeps_every_pixel(
    compression: int, mode: str, size: tuple[int, int]
) -> None:
    """In its own mode, with its resolution."""
    page = noise(mode, size)
    found = write(page, compression=compression)
    found.load()
    assert (found.mode, found.size) == (mode, size)
    assert found.tobytes() == page.tobytes()
    assert [float(each) for each in found.info["dpi"]] == [300, 150]
    expected = compression or (4 if mode == "1" else 8)
    assert found.tag_v2[259] == expected


@pytest.mark.parametrize("compression", FAX)
@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_fax_is_black_and_white(compression: int, mode: str) -> None:
    """Gray and colour are split in the middle."""
    page = noise(mode, (64, 40))
    found = write(page, compression=compression)
    found.load()
    split = page.convert("L").point([0] * 128 + [255] * 128, "1")
    assert (found.mode, found.tag_v2[259]) == ("1", compression)
    assert found.tobytes() == split.tobytes()


@pytest.mark.parametrize(("mode", "expected"), [("1", "L"), ("L", "L"), ("RGB", "RGB")])
def test_jpeg_looks_like_the_page(mode: str, expected: str) -> None:
    """One bit becomes gray; the colours are not mixed up."""
    page = Image.new("RGB", (160, 120), (250, 30, 20))
    page.paste((20, 40, 240), (0, 60, 160, 120))
    page = page.convert(mode)
    found = write(page, compression=7, quality=95)
    found.load()
    assert found.tag_v2[259] == 7
    shown, wanted = found.convert(expected), page.convert(expected)
    for at in ((80, 20), (80, 100)):
        pair = zip(_samples(shown, at), _samples(wanted, at), strict=True)
        assert max(abs(ours - theirs) for ours, theirs in pair) < 12


def _samples(image: Image.Image, at: tuple[int, int]) -> tuple[int, ...]:
    found = image.getpixel(at)
    return found if isinstance(found, tuple) else (int(found or 0),)


def test_pages_of_any_mode_and_size_follow_each_other() -> None:
    """Each with its number; odd lengths do not shift what follows."""
    pages = [noise("L", (33, 7), 1), noise("1", (9, 5), 2), noise("RGB", (21, 40), 3)]
    found = write(*pages, compression=0)
    assert found.n_frames == 3
    for number, page in enumerate(pages):
        found.seek(number)
        assert (found.mode, found.size, found.tag_v2[297][0]) == (page.mode, page.size, number)
        assert found.tobytes() == page.tobytes()


def test_memory_holds_a_page_or_two_however_many_there_are() -> None:
    """200 pages of a megabyte."""

    def pages() -> Iterator[tuple[Image.Image, tuple[float, float]]]:
        for seed in range(200):
            yield noise("RGB", (500, 700), seed), DPI

    tracemalloc.start()
    try:
        write_tiff(pages(), cast("IO[bytes]", Nowhere()), compression=1)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20


@pytest.mark.parametrize("compression", [-1, 6, 9, 34712])
def test_compression_that_there_is_not_is_an_error(compression: int) -> None:
    """The sentence says which there are."""
    with pytest.raises(InvalidInputError, match="Choose one of 0, 1, 2, 3, 4, 5, 7, 8, 32773"):
        write(noise("L", (2, 2)), compression=compression)


def test_file_without_a_page_is_an_error() -> None:
    """And nothing is written."""
    stream = Forward()
    with pytest.raises(InvalidInputError, match="no page"):
        write_tiff([], cast("IO[bytes]", stream), compression=0)
    assert stream.data == b""


def test_page_after_the_last_is_a_mistake() -> None:
    """The directory before says that there is none."""
    writer, page = TiffWriter(cast("IO[bytes]", Forward())), noise("L", (2, 2))
    writer.add(page, dpi=DPI, compression=Compression.NONE, is_last=True)
    with pytest.raises(ValueError, match="last page"):
        writer.add(page, dpi=DPI, compression=Compression.NONE, is_last=True)
