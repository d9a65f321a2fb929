"""Rows on their way into a page file: every picture comes out as it went in, in little memory."""

from __future__ import annotations

import io
import random
import sys
import tracemalloc
from array import array
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from flatbed.addon.frames import FrameWriter, read_file
from flatbed.addon.types import Bits, Mode, Rows
from flatbed.errors import DeviceFault, InvalidInputError, TooBigError
from flatbed.runtime.strips import PageShape, StripPipeline
from flatbed.runtime.thumbnail import encode_jpeg

KEY = bytes(32)
UID = "a" * 32
MIB = 1 << 20


def shape(width: int, height: int | None, *, mode: Mode = "L", bits: Bits = 8) -> PageShape:
    """The shape of a page at 300 dpi."""
    return PageShape(size_px=(width, height), dpi=(300, 300), mode=mode, bits=bits)


@dataclass
class Bench:
    """Pages in the making, and what was made."""

    folder: Path
    pool: ThreadPoolExecutor

    def begin(self, wanted: PageShape, *, wants_jpeg: bool = False) -> StripPipeline:
        """A page that waits for its rows."""
        self.file = FrameWriter(self.folder / "a.page", key=KEY, uid=UID, kind="page")
        return StripPipeline(wanted, self.file, self.pool, wants_jpeg=wants_jpeg)

    def end(self, pipeline: StripPipeline) -> tuple[PageShape, bytes]:
        """The finished page's shape and its PNG."""
        found = pipeline.finish()
        self.file.finish()
        return found, read_file(self.folder / "a.page", KEY, UID, "page")

    def make(self, wanted: PageShape, *pieces: Rows) -> Image.Image:
        """The picture of a page that came in pieces."""
        pipeline = self.begin(wanted)
        for piece in pieces:
            pipeline.add(piece)
        image = Image.open(io.BytesIO(self.end(pipeline)[1]))
        image.load()
        return image


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A folder and two compressing threads."""
    with ThreadPoolExecutor(2) as pool:
        bench = Bench(tmp_path, pool)
        yield bench
        bench.file.close()


def noise(size: int) -> bytes:
    """Bytes that do not compress, the same each time."""
    return random.Random(7).randbytes(size)


@pytest.mark.parametrize(
    ("width", "mode", "bits", "row_bytes"),
    [
        (1, "1", 1, 1),
        (8, "1", 1, 1),
        (9, "1", 1, 2),
        (9, "L", 8, 9),
        (9, "L", 16, 18),
        (9, "RGB", 8, 27),
        (9, "RGB", 16, 54),
    ],
)
def test_row_bytes_of_a_shape(width: int, mode: Mode, bits: Bits, row_bytes: int) -> None:
    """One bit pixels share bytes, and a row ends on a whole one."""
    assert shape(width, 1, mode=mode, bits=bits).row_bytes == row_bytes


@pytest.mark.parametrize(("width", "height"), [(0, 5), (-1, 5), (5, 0), (5, -1), (0, None)])
def test_shape_without_pixels_cannot_be(width: int, height: int | None) -> None:
    """A driver that takes a scanner's word for it is told so."""
    with pytest.raises(InvalidInputError):
        shape(width, height)


@pytest.mark.parametrize(
    ("mode", "bits"), [("1", 8), ("1", 16), ("L", 1), ("RGB", 1), ("CMYK", 8), ("L", 4)]
)
def test_shape_of_an_unknown_kind_cannot_be(mode: Mode, bits: Bits) -> None:
    """Five kinds of pages, no others."""
    with pytest.raises(InvalidInputError):
        shape(5, 5, mode=mode, bits=bits)


def test_shape_beyond_the_budget_of_a_page_is_too_big() -> None:
    """400 million pixels: before a byte of them is scanned."""
    assert shape(20_000, 20_000, mode="1", bits=1).most_rows == 20_000
    with pytest.raises(TooBigError):
        shape(20_000, 20_001, mode="1", bits=1)


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 8), ("L", 16), ("RGB", 8), ("RGB", 16)])
def test_page_of_several_strips_comes_out_as_it_went_in(
    bench: Bench, mode: Mode, bits: Bits
) -> None:
    """Some megabytes in pieces that end nowhere in particular."""
    wanted = shape(1000, 1201, mode=mode, bits=bits)
    rows = noise(wanted.row_bytes * 1201)
    cut = wanted.row_bytes * 333
    image = bench.make(wanted, rows[:cut], rows[cut : 2 * cut], b"", rows[2 * cut :])
    assert image.size == (1000, 1201)
    assert_same(image, wanted, rows)


def assert_same(image: Image.Image, wanted: PageShape, rows: bytes) -> None:
    """Compare a picture with the rows that it was made of, as far as Pillow keeps them."""
    expected = rows if wanted.bits != 16 or sys.byteorder == "big" else swapped(rows)
    if wanted.mode == "RGB" and wanted.bits == 16:
        assert image.tobytes() == expected[::2]
    elif wanted.bits == 16:
        assert image.tobytes("raw", "I;16B") == expected
    else:
        assert image.tobytes() == expected


def swapped(rows: bytes) -> bytes:
    """16 bit samples in the other byte order."""
    samples = array("H", rows)
    samples.byteswap()
    return samples.tobytes()


def ramp(width_bytes: int, height: int) -> bytes:
    """Rows that do not compress by themselves, each one more than the one above it."""
    first = noise(width_bytes)
    shift = [bytes((value + row) & 0xFF for value in range(256)) for row in range(256)]
    return b"".join(first.translate(shift[row & 0xFF]) for row in range(height))


@pytest.mark.parametrize(("mode", "bits"), [("L", 8), ("L", 16), ("RGB", 8), ("RGB", 16)])
def test_page_of_smooth_and_noisy_parts_comes_out_as_it_went_in(
    bench: Bench, mode: Mode, bits: Bits
) -> None:
    """Some strips are filtered, some are not, and the change may come anywhere."""
    wanted = shape(1000, None, mode=mode, bits=bits)
    height = 5_000_000 // wanted.row_bytes
    smooth, rough = ramp(wanted.row_bytes, height), noise(wanted.row_bytes * height)
    pipeline = bench.begin(wanted)
    for part in (smooth, rough, smooth):
        pipeline.add(part)
    file = bench.end(pipeline)[1]
    # Most of the smooth parts is gone: that is what the filter is for.
    assert len(rough) < len(file) < len(rough) * 2.5
    assert_same(Image.open(io.BytesIO(file)), wanted, smooth + rough + smooth)


def test_rows_come_out_the_same_one_by_one_or_at_once(bench: Bench, tmp_path: Path) -> None:
    """The driver decides how much it reads."""
    rows = noise(100 * 700)
    at_once = bench.make(shape(100, 700), rows)
    (tmp_path / "a.page").unlink()
    one_by_one = bench.make(shape(100, 700), *(rows[at : at + 100] for at in range(0, 70000, 100)))
    assert at_once.tobytes() == one_by_one.tobytes() == rows


def test_rows_are_copied_so_that_the_buffer_can_be_used_again(bench: Bench) -> None:
    """A driver reads the next rows into the same memory while these are compressed."""
    pipeline = bench.begin(shape(100, None))
    buffer = bytearray(100 * 50)
    for value in (10, 20, 30):
        buffer[:] = bytes([value]) * len(buffer)
        pipeline.add(buffer)
    buffer[:] = bytes(len(buffer))
    image = Image.open(io.BytesIO(bench.end(pipeline)[1]))
    assert image.tobytes() == b"\x0a" * 5000 + b"\x14" * 5000 + b"\x1e" * 5000


def test_16_bit_samples_come_in_the_byte_order_of_the_machine(bench: Bench) -> None:
    """libsane gives them so; a PNG has the high byte first."""
    samples = array("H", [0x0102, 0xFFFE, 0x8000])
    image = bench.make(shape(3, 1, bits=16), samples.tobytes())
    assert [image.getpixel((x, 0)) for x in range(3)] == [0x0102, 0xFFFE, 0x8000]


def test_rows_in_a_buffer_of_samples_count_as_bytes(bench: Bench) -> None:
    """A memoryview of 16 bit samples has half as many elements as bytes."""
    samples = array("H", range(12))
    image = bench.make(shape(3, 4, bits=16), memoryview(samples))
    assert image.size == (3, 4)
    assert image.getpixel((2, 3)) == 11


def test_unknown_height_is_told_by_the_last_row(bench: Bench) -> None:
    """Hand scanners and feeders that look for the end of the sheet: the header is mended."""
    pipeline = bench.begin(shape(1000, None))
    for _ in range(3):
        pipeline.add(noise(1000 * 999))
    found, file = bench.end(pipeline)
    assert found.size_px == (1000, 2997)
    image = Image.open(io.BytesIO(file))
    assert image.size == (1000, 2997)
    assert image.tobytes() == noise(1000 * 999) * 3


def test_fewer_rows_than_said_make_a_shorter_page(bench: Bench) -> None:
    """The picture is as long as what came, and opens as that."""
    pipeline = bench.begin(shape(10, 100))
    pipeline.add(bytes(10 * 42))
    found, file = bench.end(pipeline)
    assert found.size_px == (10, 42)
    assert Image.open(io.BytesIO(file)).size == (10, 42)


@pytest.mark.parametrize("pieces", [[101], [100, 1], [50, 51]], ids=str)
def test_more_rows_than_said_are_an_error(bench: Bench, pieces: list[int]) -> None:
    """Which of them would be the page is anybody's guess."""
    pipeline = bench.begin(shape(10, 100))
    with pytest.raises(DeviceFault, match="more rows"):
        for rows in pieces:
            pipeline.add(bytes(10 * rows))


def test_rows_of_unknown_number_end_at_the_budget_of_a_page(bench: Bench) -> None:
    """A driver that never stops fills no disk: 40,000 pixels a row leave 10,000 rows."""
    wanted = shape(40_000, None, mode="1", bits=1)
    assert wanted.most_rows == 10_000
    pipeline = bench.begin(wanted)
    pipeline.add(bytes(5000))
    with pytest.raises(DeviceFault, match="more rows"):
        pipeline.add(bytes(5000 * 10_000))


@pytest.mark.parametrize("size", [1, 29, 31, 45])
def test_part_of_a_row_is_an_error(bench: Bench, size: int) -> None:
    """Everything behind it would be shifted, and nobody would know why."""
    pipeline = bench.begin(shape(10, 5, mode="RGB"))
    with pytest.raises(DeviceFault, match="part of a row"):
        pipeline.add(bytes(size))


@pytest.mark.parametrize(
    ("wanted", "rows"),
    [
        (shape(500, None, mode="RGB"), 900),
        (shape(500, 1000, mode="L"), 700),
        (shape(2480, 200, mode="RGB"), 200),
        (shape(7, 9, mode="L"), 9),
    ],
    ids=["height unknown", "ended early", "several bands", "smaller than a band"],
)
def test_jpeg_is_the_one_that_the_whole_page_would_give(
    bench: Bench, wanted: PageShape, rows: int
) -> None:
    """Bands leave no seam: every pixel is as if the page had been encoded in one go."""
    pipeline = bench.begin(wanted, wants_jpeg=True)
    pixels = noise(wanted.row_bytes * rows)
    pipeline.add(pixels)
    bench.end(pipeline)
    whole = Image.frombytes(wanted.mode, (wanted.size_px[0], rows), pixels)
    expected = Image.open(io.BytesIO(encode_jpeg(whole, quality=85)))
    found = Image.open(io.BytesIO(pipeline.jpeg() or b""))
    assert (found.format, found.mode, found.size) == ("JPEG", wanted.mode, expected.size)
    assert found.info["dpi"] == (300, 300)
    assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 16), ("RGB", 16)])
def test_jpeg_of_other_samples_is_the_page_in_8_bits(bench: Bench, mode: Mode, bits: Bits) -> None:
    """Two halves, white above black."""
    wanted = shape(160, 400, mode=mode, bits=bits)
    pipeline = bench.begin(wanted, wants_jpeg=True)
    half = 200 * wanted.row_bytes
    pipeline.add(bytes([255]) * half + bytes(half))
    bench.end(pipeline)
    found = Image.open(io.BytesIO(pipeline.jpeg() or b"")).convert("L")
    assert found.size == (160, 400)
    assert (found.getpixel((80, 100)), found.getpixel((80, 300))) == (255, 0)


@pytest.mark.parametrize(
    "wanted",
    [shape(70_000, 16), shape(2, 70_000), shape(60_000, 64, mode="RGB", bits=16)],
    ids=["too wide for a JPEG", "too high for one", "its bands would be huge"],
)
def test_page_that_no_jpeg_can_be_made_of_meanwhile_has_none(
    bench: Bench, wanted: PageShape
) -> None:
    """The page itself is there; a JPEG is made of it when somebody asks, if that can be."""
    pipeline = bench.begin(wanted, wants_jpeg=True)
    pipeline.add(bytes(wanted.row_bytes * (wanted.size_px[1] or 0)))
    assert bench.end(pipeline)[0] == wanted
    assert pipeline.jpeg() is None


def test_jpeg_that_nobody_wants_is_not_made(bench: Bench) -> None:
    """It costs as much as the page."""
    pipeline = bench.begin(shape(500, 100))
    pipeline.add(bytes(500 * 100))
    bench.end(pipeline)
    assert pipeline.jpeg() is None


@pytest.mark.parametrize("content", [bytes, noise], ids=["blank", "noisy"])
def test_memory_stays_bounded_however_long_the_page(
    bench: Bench, content: Callable[[int], bytes]
) -> None:
    """A page of 64 MB holds some strips of 1 MB: the driver waits when compressing is slower."""
    rows = content(4000 * 500)
    pipeline = bench.begin(shape(4000, None))
    tracemalloc.start()
    try:
        for _ in range(32):
            pipeline.add(rows)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pipeline.rows == 16_000
    assert peak < 24 * MIB
