"""Files that are small and would take minutes: each is refused before a pixel is decoded."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from flatbed.addon.testing import MemorySink
from flatbed.builtin.imaging.load import load_pages
from flatbed.errors import FlatbedError, InvalidInputError, TooBigError

END_OF_IMAGE = b"\xff\xd9"
EMPTY_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
COMMENT = b"\xff\xfe\x00\x03a"


def saved(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    """The file of a gray picture."""
    stream = io.BytesIO()
    Image.new("L", size, 200).save(stream, kind)
    return stream.getvalue()


def load(data: bytes) -> int:
    """How many pages a file has become."""
    sink = MemorySink()
    try:
        return load_pages(io.BytesIO(data), {}, sink)["pages"]
    except FlatbedError:
        assert sink.finished == []
        raise


def with_segments(between: bytes) -> bytes:
    """A JPEG with more bytes behind its first two."""
    whole = saved("JPEG")
    return whole[:2] + between + whole[2:]


def tiff(entries: list[tuple[int, int, int, int]], *, pages: int = 1, body: bytes) -> bytes:
    """A little-endian TIFF: the body at 8, then the same directory so many times."""
    size = 6 + 12 * len(entries)
    packed = b"".join(struct.pack("<HHLL", *entry) for entry in entries)
    start = 8 + len(body)
    places = [*(start + size * each for each in range(1, pages)), 0]
    head = struct.pack("<H", len(entries)) + packed
    directories = b"".join(head + struct.pack("<L", place) for place in places)
    return b"II*\0" + struct.pack("<L", start) + body + directories


def gray_frame(width: int, height: int, length: int) -> list[tuple[int, int, int, int]]:
    """The entries of a page in one strip of so many bytes at 8."""
    return [
        *[(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1)],
        *[(262, 3, 1, 1), (273, 4, 1, 8), (277, 3, 1, 1), (278, 4, 1, height)],
        (279, 4, 1, length),
    ]


def test_jpeg_of_many_scans_is_refused() -> None:
    """Each costs as much as a whole picture; the picture itself has one."""
    whole = saved("JPEG")
    data = whole[:-2] + EMPTY_SCAN * 100 + END_OF_IMAGE
    with pytest.raises(InvalidInputError, match="more than 100 scans"):
        load(data)


def test_scans_behind_the_end_of_a_jpeg_do_not_count() -> None:
    """A telephone's JPEG has a film there, in which anything can stand."""
    assert load(saved("JPEG") + EMPTY_SCAN * 200) == 1


def test_scans_within_a_segment_of_a_jpeg_do_not_count() -> None:
    """A comment is no scan, whatever it says."""
    comment = EMPTY_SCAN * 200
    assert load(with_segments(b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment)) == 1


def test_jpeg_of_many_segments_is_refused() -> None:
    """A few hundred are read, as those of a large color profile."""
    assert load(with_segments(COMMENT * 400)) == 1
    with pytest.raises(InvalidInputError, match="no picture where it should begin"):
        load(with_segments(COMMENT * 500))


def test_jpeg_of_bytes_that_fill_up_is_refused() -> None:
    """A thousand are as good as one; a megabyte would be read one by one."""
    assert load(with_segments(b"\xff" * 1_000)) == 1
    with pytest.raises(InvalidInputError, match="no picture where it should begin"):
        load(with_segments(b"\xff" * (1 << 20)))


def test_tiff_whose_pages_share_a_strip_is_refused() -> None:
    """Two may, which some writers do with equal pages; forty may not."""
    entries = gray_frame(400, 400, 160_000)
    assert load(tiff(entries, pages=2, body=bytes(160_000))) == 2
    with pytest.raises(InvalidInputError, match="share their bytes many times over"):
        load(tiff(entries, pages=40, body=bytes(160_000)))


def test_tiff_whose_tags_share_their_bytes_is_refused() -> None:
    """Each would be a copy in memory."""
    more = [(40_000 + number, 7, 100_000, 8) for number in range(40)]
    with pytest.raises(InvalidInputError, match="share their bytes many times over"):
        load(tiff([*gray_frame(8, 8, 64), *more], body=bytes(100_000)))


def test_tag_of_more_numbers_than_any_palette_is_refused() -> None:
    """Each number would be an object; bytes are none."""
    body = bytes(600_000)
    entries = gray_frame(8, 8, 64)
    assert load(tiff([*entries, (700, 1, 600_000, 8)], body=body)) == 1
    with pytest.raises(InvalidInputError, match="a tag of 300000 numbers"):
        load(tiff([*entries, (320, 3, 300_000, 8)], body=body))


def test_byte_count_beyond_the_file_counts_as_the_file() -> None:
    """Some writers say too much of the only strip."""
    assert load(tiff(gray_frame(8, 8, 1 << 30), body=bytes(64))) == 1


def test_pages_of_far_more_pixels_than_such_a_file_has_are_refused() -> None:
    """Eleven pages of 100 megapixels, whose strips are a byte each."""
    entries = gray_frame(10_000, 10_000, 1)
    with pytest.raises(TooBigError, match="far more than such a file holds"):
        load(tiff(entries, pages=11, body=b"\0"))


@pytest.mark.parametrize("size", [(65_501, 1), (1, 65_501)], ids=["wide", "high"])
def test_page_longer_than_any_jpeg_is_refused(size: tuple[int, int]) -> None:
    """65,500 pixels are the most."""
    with pytest.raises(TooBigError, match="65500 pixels are the most"):
        load(saved("PNG", size))


def test_page_as_long_as_a_jpeg_can_be_is_read() -> None:
    """The limit itself is within."""
    assert load(saved("PNG", (1, 65_500))) == 1


def test_bmp_of_many_runs_is_refused() -> None:
    """Its runs would be read one by one, for a minute."""
    shape = struct.pack("<LllHHLLllLL", 40, 900, 900, 1, 8, 1, 0, 0, 0, 0, 0)
    head = b"BM" + struct.pack("<LLL", 0, 0, 1078) + shape + bytes(1024)
    with pytest.raises(TooBigError, match="A BMP in runs may have 32 MiB"):
        load(head + bytes(33 << 20))
