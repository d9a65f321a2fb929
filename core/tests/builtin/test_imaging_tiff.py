"""TIFFs of many pages in a stream without a way back: pixels, tags, offsets, memory."""

from __future__ import annotations

import gc
import io
import struct
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
import pytest
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import TiffImageFile

from flatbed.addon.frames import read_file, unwrap_key
from flatbed.builtin.imaging import tiff, tiff_compression
from flatbed.builtin.imaging.tiff import TiffWriter, write_tiff
from flatbed.builtin.imaging.tiff_compression import Compression
from flatbed.errors import InvalidInputError, TooBigError
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch

DPI = (300.0, 150.5)
LOSSLESS = {"none": 1, "lzw": 5, "deflate": 8, "packbits": 32773}
FAX = {"rle": 2, "fax3": 3, "fax4": 4}


class OnlyWrite:
    """A stream with nothing but `write`, as a spooled file is in the end."""

    def __init__(self) -> None:
        self.data = bytearray()

    def write(self, data: Any) -> int:
        """Keep it."""
        self.data += data
        return len(data)


class Drain:
    """Throws bytes away, and counts them."""

    def __init__(self) -> None:
        self.size = 0

    def write(self, data: Any) -> int:
        """Count it."""
        self.size += len(data)
        return len(data)


def drawn(mode: str, size: tuple[int, int] = (203, 301)) -> Image.Image:
    """White paper with black and colour on it, nothing in between, and no symmetry."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((10, 20, size[0] // 2, size[1] // 3), fill="black")
    draw.ellipse((size[0] // 3, size[1] // 2, size[0] - 9, size[1] - 30), fill=(200, 30, 40))
    draw.line((0, size[1] - 1, size[0] - 1, 0), fill=(20, 30, 120), width=3)
    return image.convert(mode, dither=Image.Dither.NONE) if mode == "1" else image.convert(mode)


def noise(seed: int, size: tuple[int, int] = (500, 700)) -> Image.Image:
    """A page that nothing makes smaller."""
    samples = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(samples)


def write(
    *images: Image.Image, compression: int, quality: int = 80, dpi: tuple[float, float] = DPI
) -> bytes:
    """The file of some pages, from a stream that only has `write`."""
    stream = OnlyWrite()
    write_tiff(
        ((image, dpi) for image in images),
        cast("IO[bytes]", stream),
        compression=compression,
        quality=quality,
    )
    return bytes(stream.data)


def frames(data: bytes) -> Iterator[TiffImageFile]:
    """All frames of a file, each loaded."""
    file = Image.open(io.BytesIO(data))
    assert isinstance(file, TiffImageFile)
    for index in range(file.n_frames):
        file.seek(index)
        file.load()
        yield file


def only_frame(data: bytes) -> TiffImageFile:
    """The frame of a file that has one."""
    file = next(frames(data))
    assert file.n_frames == 1
    return file


def directories(data: bytes) -> list[dict[int, tuple[int, int, bytes]]]:
    """Type, count and bytes by tag for each page, read without Pillow; checks the structure."""
    assert data[:4] == b"II*\0"
    found = []
    (at,) = struct.unpack_from("<I", data, 4)
    while at:
        assert at % 2 == 0
        (count,) = struct.unpack_from("<H", data, at)
        entries = [struct.unpack_from("<HHI4s", data, at + 2 + 12 * i) for i in range(count)]
        assert [entry[0] for entry in entries] == sorted({entry[0] for entry in entries})
        found.append({tag: (kind, n, _value(data, kind, n, raw)) for tag, kind, n, raw in entries})
        (at,) = struct.unpack_from("<I", data, at + 2 + 12 * count)
    return found


def _value(data: bytes, kind: int, count: int, raw: bytes) -> bytes:
    size = {2: 1, 3: 2, 4: 4, 5: 8}[kind] * count
    if size <= 4:
        return raw[:size]
    (at,) = struct.unpack("<I", raw)
    assert at % 2 == 0
    assert at + size <= len(data)
    return data[at : at + size]


def numbers(entry: tuple[int, int, bytes]) -> tuple[int, ...]:
    """The values of an entry of whole numbers, or the halves of its rationals."""
    code, size = {2: ("B", 1), 3: ("H", 2), 4: ("I", 4), 5: ("I", 4)}[entry[0]]
    return struct.unpack(f"<{len(entry[2]) // size}{code}", entry[2])


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("compression", LOSSLESS.values(), ids=LOSSLESS)
def test_lossless_page_keeps_pixels_mode_and_dpi(compression: int, mode: str) -> None:
    """What was drawn comes back as it was, under the compression that was asked for."""
    image = drawn(mode)
    frame = only_frame(write(image, compression=compression))
    assert frame.tag_v2[259] == compression
    assert (frame.mode, frame.size, frame.info["dpi"]) == (mode, (203, 301), DPI)
    assert frame.tobytes() == image.tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize("compression", FAX.values(), ids=FAX)
def test_fax_page_is_black_and_white(compression: int, mode: str) -> None:
    """Every page gets one bit, and white is 0, as fax machines have it."""
    frame = only_frame(write(drawn(mode), compression=compression))
    assert frame.tag_v2[259] == compression
    assert (frame.tag_v2[262], frame.tag_v2[266]) == (0, 1)
    assert (frame.mode, frame.size, frame.info["dpi"]) == ("1", (203, 301), DPI)
    assert frame.tobytes() == drawn("1").tobytes()


@pytest.mark.parametrize("compression", FAX.values(), ids=FAX)
def test_fax_of_gray_cuts_at_128(compression: int) -> None:
    """127 is black, 128 is white."""
    gray = Image.linear_gradient("L")
    frame = only_frame(write(gray, compression=compression))
    rows = np.asarray(frame)
    assert not rows[:128].any()
    assert rows[128:].all()


@pytest.mark.parametrize(
    ("mode", "read_as", "photometric"), [("1", "L", 1), ("L", "L", 1), ("RGB", "RGB", 6)]
)
def test_jpeg_page_comes_back_near(mode: str, read_as: str, photometric: int) -> None:
    """One bit goes by way of gray, colour as luma and chroma."""
    image = drawn(mode)
    frame = only_frame(write(image, compression=7, quality=90))
    assert (frame.tag_v2[259], frame.tag_v2[262]) == (7, photometric)
    assert (frame.mode, frame.size, frame.info["dpi"]) == (read_as, (203, 301), DPI)
    off = np.asarray(frame, dtype=int) - np.asarray(image.convert(read_as), dtype=int)
    assert np.abs(off).mean() < 4


def test_jpeg_of_colour_says_how_its_chroma_is_halved() -> None:
    """Readers that do not look into the JPEG need it from the tags."""
    (page,) = directories(write(drawn("RGB"), compression=7))
    assert numbers(page[530]) == (2, 2)
    assert numbers(page[532]) == (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1)


def test_jpeg_of_lower_quality_is_smaller() -> None:
    """The quality reaches the encoder."""
    sizes = [len(write(noise(1), compression=7, quality=each)) for each in (0, 50, 100)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_jpeg_takes_no_comment_along() -> None:
    """What somebody wrote into the file a page came from is not in ours."""
    image = drawn("RGB")
    image.info["comment"] = b"for nobody else"
    assert b"nobody" not in write(image, compression=7)


def test_tall_jpeg_is_cut_into_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is taller than a JPEG can be is several, without a seam."""
    monkeypatch.setattr(tiff_compression, "_JPEG_STRIP_ROWS", 64)
    image = drawn("RGB")
    data = write(image, compression=7, quality=95)
    assert numbers(directories(data)[0][278]) == (64,)
    assert directories(data)[0][273][1] == 5
    off = np.asarray(only_frame(data), dtype=int) - np.asarray(image, dtype=int)
    assert np.abs(off).mean() < 4


def test_jpeg_wider_than_can_be_is_too_big() -> None:
    """Said in words before anything is written."""
    stream = OnlyWrite()
    pages = [(Image.new("L", (65_501, 1)), DPI)]
    with pytest.raises(TooBigError, match="65500 pixels wide, this page has 65501"):
        write_tiff(pages, cast("IO[bytes]", stream), compression=7)
    assert stream.data == b""


@pytest.mark.parametrize(("mode", "chosen"), [("1", 4), ("L", 8), ("RGB", 8)])
def test_auto_takes_fax_for_one_bit_and_deflate_for_more(mode: str, chosen: int) -> None:
    """Without loss, whatever the page is."""
    frame = only_frame(write(drawn(mode), compression=0))
    assert frame.tag_v2[259] == chosen
    assert frame.tobytes() == drawn(mode).tobytes()


def test_three_pages_of_three_kinds_in_one_file() -> None:
    """Sizes, modes and resolutions are each page's own."""
    stream = OnlyWrite()
    images = [drawn("1", (203, 301)), drawn("RGB", (640, 401)), drawn("L", (90, 77))]
    dpis = [(600.0, 600.0), (299.97, 300.0), (75.0, 100.0)]
    write_tiff(zip(images, dpis, strict=True), cast("IO[bytes]", stream), compression=0, quality=80)
    read = [
        (frame.mode, frame.size, frame.info["dpi"], frame.tobytes())
        for frame in frames(bytes(stream.data))
    ]
    assert read == [
        ("1", (203, 301), (600, 600), images[0].tobytes()),
        ("RGB", (640, 401), (299.97, 300), images[1].tobytes()),
        ("L", (90, 77), (75, 100), images[2].tobytes()),
    ]


def test_each_page_has_its_own_compression() -> None:
    """`add` takes it for each page, and the last page ends the chain."""
    stream = OnlyWrite()
    writer = TiffWriter(cast("IO[bytes]", stream))
    every = [each for each in Compression if each is not Compression.AUTO]
    for each in every:
        is_last = each is every[-1]
        writer.add(drawn("1"), dpi=DPI, compression=each, is_last=is_last)
    written = [frame.tag_v2[259] for frame in frames(bytes(stream.data))]
    assert written == [1, 2, 3, 4, 5, 7, 8, 32773]


def test_pages_are_numbered_from_0() -> None:
    """As TIFF 6.0 wants it, with 0 for a total that is not known."""
    data = write(*[drawn("L")] * 3, compression=5)
    assert [numbers(page[297]) for page in directories(data)] == [(0, 0), (1, 0), (2, 0)]


@pytest.mark.parametrize(
    ("mode", "bits", "photometric"), [("1", (1,), 1), ("L", (8,), 1), ("RGB", (8, 8, 8), 2)]
)
def test_page_says_all_that_a_reader_needs(
    mode: str, bits: tuple[int, ...], photometric: int
) -> None:
    """No tag is left to a default, and none besides is there."""
    (page,) = directories(write(drawn(mode), compression=1))
    strip = numbers(page.pop(273)), numbers(page.pop(279))
    assert len(strip[0]) == len(strip[1]) == 1
    assert {tag: numbers(entry) for tag, entry in page.items()} == {
        254: (2,),
        256: (203,),
        257: (301,),
        258: bits,
        259: (1,),
        262: (photometric,),
        277: (len(bits),),
        278: (301,),
        282: (300, 1),
        283: (301, 2),
        284: (1,),
        296: (2,),
        297: (0, 0),
        305: tuple(b"Flatbed\0"),
    }


@pytest.mark.parametrize("compression", [*LOSSLESS.values(), *FAX.values(), 7])
def test_strips_lie_one_behind_the_other_inside_the_file(compression: int) -> None:
    """Every offset was moved: strips fill the room between a page's directory and the next."""
    data = write(noise(1), noise(2, (300, 501)), compression=compression)
    pages = directories(data)
    (second,) = struct.unpack_from("<I", data, 8 + 2 + 12 * len(pages[0]))
    ends = [second, len(data)]
    for page, end in zip(pages, ends, strict=True):
        offsets, sizes = numbers(page[273]), numbers(page[279])
        assert list(offsets[1:]) == [
            offset + size for offset, size in zip(offsets[:-1], sizes[:-1], strict=True)
        ]
        assert end - (offsets[-1] + sizes[-1]) in (0, 1)


def test_page_of_many_strips_keeps_its_pixels() -> None:
    """More offsets than one, which then lie outside the entry."""
    image = noise(3)
    data = write(image, noise(4), compression=5)
    assert directories(data)[1][273][1] > 10
    assert next(frames(data)).tobytes() == image.tobytes()


def test_page_from_a_tiff_takes_none_of_its_tags_along(tmp_path: Path) -> None:
    """A predictor or a description of the file it came from does not get into ours."""
    drawn("RGB").save(tmp_path / "in.tif", compression="tiff_lzw", tiffinfo={317: 2, 270: "of old"})
    with Image.open(tmp_path / "in.tif") as image:
        data = write(image, compression=5)
    assert not {270, 317} & directories(data)[0].keys()
    assert only_frame(data).tobytes() == drawn("RGB").tobytes()


def test_a_page_is_let_go_before_the_next_is_opened() -> None:
    """A generator that opens pages has one open at a time."""
    alive: list[weakref.ref[Image.Image]] = []

    def opened() -> Iterator[tuple[Image.Image, tuple[float, float]]]:
        for seed in range(4):
            gc.collect()
            assert [each() for each in alive] == [None] * seed
            yield tracked(seed), DPI

    def tracked(seed: int) -> Image.Image:
        image = noise(seed, (50, 40))
        alive.append(weakref.ref(image))
        return image

    drain = Drain()
    write_tiff(opened(), cast("IO[bytes]", drain), compression=8, quality=80)
    assert len(alive) == 4


def test_200_pages_take_the_memory_of_a_few() -> None:
    """The peak does not grow with the number of pages."""
    drain = Drain()
    page_bytes = 500 * 700 * 3
    pages = ((noise(seed), DPI) for seed in range(200))
    tracemalloc.start()
    try:
        write_tiff(pages, cast("IO[bytes]", drain), compression=5, quality=80)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert drain.size > 200 * page_bytes
    assert peak < 6 * page_bytes


@pytest.mark.parametrize("compression", [-1, 6, 9, 34712])
def test_unknown_compression_is_refused(compression: int) -> None:
    """By number, with those that there are, and with nothing written."""
    stream = OnlyWrite()
    with pytest.raises(InvalidInputError, match=rf"no TIFF compression {compression}\. Choose"):
        write_tiff([(drawn("L"), DPI)], cast("IO[bytes]", stream), compression=compression)
    assert stream.data == b""


def test_no_page_is_refused() -> None:
    """A TIFF without a page is none."""
    stream = OnlyWrite()
    with pytest.raises(InvalidInputError, match="no page for the TIFF"):
        write_tiff([], cast("IO[bytes]", stream), compression=0, quality=80)
    assert stream.data == b""


@pytest.mark.parametrize(
    ("image", "quality", "dpi", "words"),
    [
        (Image.new("CMYK", (4, 4)), 80, DPI, 'mode "CMYK"'),
        (Image.new("L", (0, 4)), 80, DPI, "without pixels"),
        (Image.new("L", (4, 4)), 101, DPI, "quality 101"),
        (Image.new("L", (4, 4)), -1, DPI, "quality -1"),
        (Image.new("L", (4, 4)), 80, (0.0, 300.0), "0 dpi"),
        (Image.new("L", (4, 4)), 80, (300.0, float("nan")), "nan dpi"),
        (Image.new("L", (4, 4)), 80, (float("inf"), 300.0), "inf dpi"),
    ],
    ids=["mode", "empty", "quality-high", "quality-low", "dpi-0", "dpi-nan", "dpi-inf"],
)
def test_bad_page_is_refused(
    image: Image.Image, quality: int, dpi: tuple[float, float], words: str
) -> None:
    """In words that name what is wrong."""
    with pytest.raises(InvalidInputError, match=words):
        write(image, compression=0, quality=quality, dpi=dpi)


def test_file_may_be_as_big_as_offsets_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte less room, and the last page is refused before any of it is written."""
    whole = write(drawn("L"), drawn("L"), compression=1)
    monkeypatch.setattr(tiff, "_MOST_BYTES", len(whole))
    assert write(drawn("L"), drawn("L"), compression=1) == whole
    monkeypatch.setattr(tiff, "_MOST_BYTES", len(whole) - 1)
    stream = OnlyWrite()
    with pytest.raises(TooBigError, match="pass 4 GiB"):
        write_tiff([(drawn("L"), DPI)] * 2, cast("IO[bytes]", stream), compression=1)
    (second,) = struct.unpack_from("<I", whole, 8 + 2 + 12 * len(directories(whole)[0]))
    assert stream.data == whole[:second]


def test_offsets_beyond_2_gib_are_right() -> None:
    """They have no sign."""
    stream = OnlyWrite()
    writer = TiffWriter(cast("IO[bytes]", stream))
    writer._position = 0xC000_0000
    writer.add(drawn("L"), dpi=DPI, compression=Compression.NONE, is_last=True)
    (count,) = struct.unpack_from("<H", stream.data, 0)
    entries = [struct.unpack_from("<HHII", stream.data, 2 + 12 * i) for i in range(count)]
    (offset,) = [value for tag, _, _, value in entries if tag == 273]
    assert bytes(stream.data[offset - 0xC000_0000 :])[: 203 * 301] == drawn("L").tobytes()


def test_file_at_4_gib_takes_no_page() -> None:
    """The limit is that of 32 bits."""
    stream = OnlyWrite()
    writer = TiffWriter(cast("IO[bytes]", stream))
    writer._position = 0xFFFF_FFF0
    with pytest.raises(TooBigError, match="spread them over several files"):
        writer.add(drawn("L"), dpi=DPI, compression=Compression.LZW, is_last=False)
    assert stream.data == b""


def test_more_pages_than_numbers_are_refused() -> None:
    """Page 65,536 would be the first without a number."""
    stream = OnlyWrite()
    writer = TiffWriter(cast("IO[bytes]", stream))
    writer._pages = 65_535
    writer.add(drawn("1"), dpi=DPI, compression=Compression.FAX4, is_last=False)
    with pytest.raises(TooBigError, match="at most 65536 pages"):
        writer.add(drawn("1"), dpi=DPI, compression=Compression.FAX4, is_last=True)


def test_page_behind_the_last_is_a_fault_of_the_caller() -> None:
    """Nothing would lead to it."""
    writer = TiffWriter(cast("IO[bytes]", Drain()))
    writer.add(drawn("1"), dpi=DPI, compression=Compression.FAX4, is_last=True)
    with pytest.raises(ValueError, match="last page"):
        writer.add(drawn("1"), dpi=DPI, compression=Compression.FAX4, is_last=True)


def test_spooled_file_takes_it(tmp_path: Path) -> None:
    """The stream of a worker's sink, encrypted and without a way back."""
    entries: list[dict[str, Any]] = []
    sink = SpoolSink(Spool(folder=tmp_path, key=bytes(32)), CallWatch(), entries.append)
    with sink.new_file("image/tiff") as stream:
        write_tiff([(drawn("RGB"), DPI), (drawn("1"), DPI)], stream, compression=0, quality=80)
    sink.close()
    uid = entries[0]["uid"]
    key = unwrap_key(bytes.fromhex(entries[0]["key"]), by=bytes(32), uid=uid)
    data = read_file(tmp_path / f"{uid}.file", key, uid, "file")
    assert [frame.mode for frame in frames(data)] == ["RGB", "1"]
