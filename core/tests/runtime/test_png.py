"""PNG made strip by strip: every decoder must see one ordinary picture."""

from __future__ import annotations

import io
import itertools
import struct
import zlib
from dataclasses import dataclass

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from flatbed.addon.types import Bits, Mode
from flatbed.runtime import png

SHAPES: list[tuple[Mode, Bits]] = [("1", 1), ("L", 8), ("L", 16), ("RGB", 8), ("RGB", 16)]
DPI = (300.0, 300.0)


@dataclass(frozen=True)
class Chunk:
    """One chunk of a file, its checksum right."""

    kind: bytes
    data: bytes


def assemble(
    size_px: tuple[int, int], rows: bytes, *, mode: Mode, bits: Bits, cuts: list[int]
) -> bytes:
    """A file of rows that are cut into strips at some rows."""
    width, height = size_px
    stride = 1 + (width * (3 if mode == "RGB" else 1) * bits + 7) // 8
    filtered = b"".join(
        b"\x00" + rows[at : at + stride - 1] for at in range(0, len(rows), stride - 1)
    )
    edges = sorted({0, height, *(cut % (height + 1) for cut in cuts)})
    file = png.opening(size_px, dpi=DPI, mode=mode, bits=bits)
    adler = 1
    for number, (top, bottom) in enumerate(itertools.pairwise(edges)):
        strip = png.deflate_strip(filtered[top * stride : bottom * stride])
        file += b"".join(png.strip_chunk(strip, is_first=number == 0))
        adler = png.join_adler(adler, strip.adler, strip.length)
    return file + png.closing(adler)


def read_chunks(file: bytes) -> list[Chunk]:
    """The chunks of a file; a wrong checksum or length is an error."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(file):
        (length,) = struct.unpack_from(">I", file, at)
        kind, data = file[at + 4 : at + 8], file[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", file, at + 8 + length)
        assert zlib.crc32(kind + data) == checksum
        chunks.append(Chunk(kind, data))
        at += 12 + length
    return chunks


@given(first=st.binary(max_size=5000), second=st.binary(max_size=5000))
@example(first=b"", second=b"")
@example(first=b"", second=b"abc")
@example(first=b"\xff" * 5000, second=b"\xff" * 5000)
@settings(deadline=None)
def test_join_adler_is_the_sum_over_both(first: bytes, second: bytes) -> None:
    """As zlib works it out over the joined bytes."""
    joined = png.join_adler(zlib.adler32(first), zlib.adler32(second), len(second))
    assert joined == zlib.adler32(first + second)


def test_join_adler_of_runs_beyond_its_base_stays_right() -> None:
    """Lengths and sums above 65,521 wrap around."""
    first, second = b"\xff" * 70_000, bytes(range(256)) * 300
    joined = png.join_adler(zlib.adler32(first), zlib.adler32(second), len(second))
    assert joined == zlib.adler32(first + second)


@given(
    shape=st.sampled_from(SHAPES),
    width=st.integers(1, 70),
    height=st.integers(1, 40),
    cuts=st.lists(st.integers(0, 1000), max_size=5),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_strips_of_any_page_join_into_the_stream_of_one(
    shape: tuple[Mode, Bits], width: int, height: int, cuts: list[int], data: st.DataObject
) -> None:
    """zlib itself reads the joined strips, checksum included, to the bytes that went in."""
    mode, bits = shape
    row_bytes = (width * (3 if mode == "RGB" else 1) * bits + 7) // 8
    unit = data.draw(st.binary(min_size=1, max_size=200))
    rows = (unit * (row_bytes * height // len(unit) + 1))[: row_bytes * height]
    file = assemble((width, height), rows, mode=mode, bits=bits, cuts=cuts)
    chunks = read_chunks(file)
    stream = zlib.decompress(b"".join(each.data for each in chunks if each.kind == b"IDAT"))
    assert [stream[at] for at in range(0, len(stream), row_bytes + 1)] == [0] * height
    kept = [stream[at + 1 : at + 1 + row_bytes] for at in range(0, len(stream), row_bytes + 1)]
    assert b"".join(kept) == rows


@pytest.mark.parametrize("width", [1, 7, 8, 9, 31])
@pytest.mark.parametrize(("mode", "bits"), SHAPES, ids=[f"{mode}-{bits}" for mode, bits in SHAPES])
def test_page_opens_in_pillow_bit_for_bit(mode: Mode, bits: Bits, width: int) -> None:
    """Every mode and depth at odd widths, over several strips."""
    row_bytes = (width * (3 if mode == "RGB" else 1) * bits + 7) // 8
    rows = bytes((7 * at + at // 256) % 256 for at in range(row_bytes * 11))
    if bits == 1:
        # The padding of a row is no pixel; Pillow gives it back as 0.
        mask = 0xFF << (row_bytes * 8 - width) & 0xFF
        rows = b"".join(
            rows[at : at + row_bytes - 1] + bytes([rows[at + row_bytes - 1] & mask])
            for at in range(0, len(rows), row_bytes)
        )
    file = assemble((width, 11), rows, mode=mode, bits=bits, cuts=[3, 7])
    image = Image.open(io.BytesIO(file))
    assert image.size == (width, 11)
    assert samples_of(image) == (high_bytes(rows) if (mode, bits) == ("RGB", 16) else rows)


def samples_of(image: Image.Image) -> bytes:
    """An image's samples as a page has them: 16 bit ones with the high byte first."""
    if image.mode.startswith("I;16"):
        return image.tobytes("raw", "I;16B")
    return image.tobytes()


def high_bytes(rows: bytes) -> bytes:
    """All that Pillow keeps of 16 bit colour."""
    return rows[::2]


@pytest.mark.parametrize(
    ("mode", "bits", "color_type"),
    [("1", 1, 0), ("L", 8, 0), ("L", 16, 0), ("RGB", 8, 2), ("RGB", 16, 2)],
)
def test_opening_says_size_depth_and_resolution(mode: Mode, bits: Bits, color_type: int) -> None:
    """IHDR by the specification; pHYs in pixels a metre: 300 dpi are 11,811."""
    header, physical = read_chunks(png.opening((2480, 3508), dpi=(300, 150), mode=mode, bits=bits))
    assert header.kind == b"IHDR"
    assert struct.unpack(">IIBBBBB", header.data) == (2480, 3508, bits, color_type, 0, 0, 0)
    assert physical.kind == b"pHYs"
    assert struct.unpack(">IIB", physical.data) == (11811, 5906, 1)


def test_header_can_be_mended_in_its_place() -> None:
    """A page whose height was not known gets it at the end: same length, right checksum."""
    guess = png.opening((100, 150), dpi=DPI, mode="L", bits=8)
    mended = png.header((100, 77), mode="L", bits=8)
    at = png.HEADER_OFFSET
    file = guess[:at] + mended + guess[at + len(mended) :]
    assert struct.unpack(">II", read_chunks(file)[0].data[:8]) == (100, 77)


def test_deflate_strip_makes_paper_much_smaller() -> None:
    """White paper with a few lines: the pages that there are most of."""
    rows = b"".join(
        bytes([0]) + (b"\xff" * 2480 if row % 50 else bytes(2480)) for row in range(400)
    )
    assert len(png.deflate_strip(rows).data) < len(rows) // 50


def test_deflate_strip_ends_on_a_byte_so_that_the_next_can_follow() -> None:
    """The empty block of a sync flush; without it two strips cannot be joined."""
    assert png.deflate_strip(bytes(1000)).data.endswith(b"\x00\x00\xff\xff")
