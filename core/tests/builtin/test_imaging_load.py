"""Picture files from outside: what becomes of their pixels, and what of files that are a trap."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from flatbed.addon import StoredFile
from flatbed.addon.frames import FrameWriter, new_key
from flatbed.addon.testing import MemoryPage, MemorySink
from flatbed.builtin.imaging import load_rows
from flatbed.builtin.imaging.load import load_document, load_pages
from flatbed.errors import (
    DiskFullError,
    InvalidInputError,
    PageCorruptError,
    ScanCanceledError,
    TooBigError,
)

RED, BLUE, WHITE, BLACK = (255, 0, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)
LITTLE_BANDS = 40  # pixels; so that pages of a few rows are written in several bands


@pytest.fixture(autouse=True)
def several_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write the small pages of these tests in more than one band."""
    monkeypatch.setattr(load_rows, "BAND_PIXELS", LITTLE_BANDS)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The file of a picture."""
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def load(data: bytes, **settings: Any) -> list[MemoryPage]:
    """The pages of a file."""
    sink = MemorySink()
    answer = load_pages(io.BytesIO(data), settings, sink)
    assert answer == {"pages": len(sink.finished)}
    assert sink.discarded == 0
    return sink.finished


def load_one(data: bytes, **settings: Any) -> MemoryPage:
    """The page of a file that has one."""
    (page,) = load(data, **settings)
    return page


def opened(page: MemoryPage) -> Image.Image:
    """A page of at most 8 bits as a picture."""
    return Image.frombytes(page.mode, page.size_px, page.rows)


def color_at(page: MemoryPage, place: tuple[int, int]) -> tuple[int, ...]:
    """One pixel of an RGB page."""
    found = opened(page).getpixel(place)
    assert isinstance(found, tuple)
    return found


def pixels(page: MemoryPage) -> list[Any]:
    """A page's pixels, row by row."""
    return list(opened(page).get_flattened_data())


def drawn(mode: str, size: tuple[int, int] = (30, 20)) -> Image.Image:
    """A picture with another color in every corner."""
    image = Image.new("RGB", size, (250, 250, 250))
    width, height = size
    image.paste((200, 30, 40), (0, 0, width // 3, height // 2))
    image.paste((20, 160, 60), (width // 2, 0, width, height // 3))
    image.paste((10, 20, 90), (0, height * 3 // 4, width // 2, height))
    return image.convert(mode, dither=Image.Dither.NONE)


def quarters() -> Image.Image:
    """2 x 3 pixels, each another gray."""
    return Image.frombytes("L", (2, 3), bytes([10, 20, 30, 40, 50, 60]))


def chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I4s", len(data), kind) + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, bits: int, color: int, deflated: bytes) -> bytes:
    """A PNG of given header and data."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", deflated) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def tiff_directory(entries: list[tuple[int, int, int, int]], following: int) -> bytes:
    """A directory of little-endian (tag, type, count, value) entries."""
    parts = [struct.pack("<HHLL", *entry) for entry in entries]
    return struct.pack("<H", len(parts)) + b"".join(parts) + struct.pack("<L", following)


def tiny_frame(size: int = 1, *, chunks: int = 1) -> list[tuple[int, int, int, int]]:
    """The entries of a square gray page whose pixel data stand at offset 8."""
    return [
        *((256, 4, 1, size), (257, 4, 1, size), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
        *((273, 4, chunks, 8), (277, 3, 1, 1), (278, 4, 1, size), (279, 4, 1, 1)),
    ]


def tiff_chain(frames: int, last_points_to: int = 0) -> bytes:
    """A TIFF of many pages of one pixel, whose last directory points where one says."""
    length = len(tiff_directory(tiny_frame(), 0))
    starts = [16 + number * length for number in range(frames)]
    following = [*starts[1:], last_points_to]
    body = b"".join(tiff_directory(tiny_frame(), place) for place in following)
    return b"II*\0" + struct.pack("<L", 16) + bytes(8) + body


def big_tiff(width: int, height: int, samples: bytes) -> bytes:
    """A little-endian BigTIFF of one gray page."""
    entries = [
        *((256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1)),
        *((262, 3, 1, 1), (273, 16, 1, 16), (277, 3, 1, 1)),
        (279, 16, 1, len(samples)),
    ]
    body = b"".join(struct.pack("<HHQQ", *entry) for entry in entries)
    opening = b"II+\0" + struct.pack("<HHQ", 8, 0, 16 + len(samples))
    return opening + samples + struct.pack("<Q", len(entries)) + body + struct.pack("<Q", 0)


LOSSLESS = [
    ("PNG", "1", {}),
    ("PNG", "L", {}),
    ("PNG", "RGB", {}),
    ("TIFF", "1", {}),
    ("TIFF", "1", {"compression": "group4"}),
    ("TIFF", "L", {"compression": "tiff_lzw"}),
    ("TIFF", "RGB", {"compression": "tiff_adobe_deflate"}),
    ("BMP", "1", {}),
    ("BMP", "RGB", {}),
    ("WEBP", "RGB", {"lossless": True}),
]


@pytest.mark.parametrize(("kind", "mode", "options"), LOSSLESS)
def test_lossless_picture_keeps_every_pixel(kind: str, mode: str, options: Any) -> None:
    """Mode, size and pixels of a page are those of the picture."""
    image = drawn(mode)
    page = load_one(saved(image, kind, **options))
    assert (page.size_px, page.mode, page.bits) == ((30, 20), mode, 1 if mode == "1" else 8)
    assert page.rows == image.tobytes()


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_jpeg_comes_close_to_its_picture(mode: str) -> None:
    """A page of a JPEG has its mode, and its pixels up to what JPEG loses."""
    image = drawn(mode, (64, 48))
    page = load_one(saved(image, "JPEG", quality=95))
    assert (page.size_px, page.mode, page.bits) == ((64, 48), mode, 8)
    apart = np.abs(np.asarray(opened(page), int) - np.asarray(image, int))
    assert apart.mean() < 4


def test_gray_bmp_and_gray_gif_become_gray_pages() -> None:
    """A palette of grays is no color."""
    image = Image.linear_gradient("L").resize((16, 16))
    for kind in ("BMP", "GIF"):
        page = load_one(saved(image, kind))
        assert (page.mode, page.rows) == ("L", image.tobytes())


def test_gif_becomes_rgb() -> None:
    """The colors of a palette come out as they are."""
    image = Image.new("RGB", (2, 1), RED)
    image.putpixel((1, 0), BLUE)
    page = load_one(saved(image.quantize(4), "GIF"))
    assert (page.mode, pixels(page)) == ("RGB", [RED, BLUE])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_moving_picture_gives_its_first_frame(kind: str) -> None:
    """Only the first picture of an animation is a page."""
    frames = [Image.new("RGB", (4, 4), color) for color in (RED, BLUE, WHITE)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert pixels(load_one(data)) == [RED] * 16


def test_jpeg_of_several_pictures_gives_the_first() -> None:
    """A phone's JPEG with a second picture behind it is one page."""
    first, second = Image.new("L", (16, 16), 40), Image.new("L", (16, 16), 200)
    data = saved(first, "MPO", save_all=True, append_images=[second])
    assert pixels(load_one(data, media_type="image/jpeg")) == [40] * 256


def test_every_page_of_a_tiff_is_one_whatever_its_kind() -> None:
    """Modes, sizes and resolutions change from page to page."""
    images = [drawn("1", (30, 20)), drawn("RGB", (8, 9)), drawn("L", (7, 33)), drawn("1", (9, 9))]
    images.append(Image.frombytes("I;16", (2, 1), b"\x01\x02\x03\x04"))
    for number, image in enumerate(images):
        image.encoderinfo = {"dpi": (100 + number, 200), "compression": None}
    data = saved(images[0], "TIFF", save_all=True, append_images=images[1:], dpi=(100, 200))
    pages = load(data, media_type="image/tiff")
    assert [page.size_px for page in pages] == [(30, 20), (8, 9), (7, 33), (9, 9), (2, 1)]
    assert [page.mode for page in pages] == ["1", "RGB", "L", "1", "L"]
    assert [page.bits for page in pages] == [1, 8, 8, 1, 16]
    assert [page.dpi[0] for page in pages] == [100, 101, 102, 103, 104]
    assert [page.rows for page in pages[:4]] == [image.tobytes() for image in images[:4]]


def stored(folder: Path, data: bytes) -> StoredFile:
    """An encrypted copy, as a worker gets it."""
    key, uid = new_key(), "f" * 32
    writer = FrameWriter(folder / "copy.file", key=key, uid=uid, kind="file")
    writer.write(data)
    writer.finish()
    return StoredFile(uid=uid, path=str(folder / "copy.file"), key=key.hex())


def test_compressed_tiff_pages_come_from_an_encrypted_copy_too(tmp_path: Path) -> None:
    """A stream without a descriptor takes another way through the decoder."""
    images = [drawn("RGB", (30, 20)), drawn("RGB", (20, 30))]
    data = saved(
        *(images[0], "TIFF"), compression="tiff_lzw", save_all=True, append_images=images[1:]
    )
    sink, file = MemorySink(), stored(tmp_path, data)
    assert load_document(file, {"media_type": "", "dpi": 200}, sink) == {"pages": 2}
    assert [page.rows for page in sink.finished] == [image.tobytes() for image in images]


class Sealed(io.BufferedReader):
    """A stream that can seek and has no descriptor, as one over an encrypted file."""

    def fileno(self) -> int:
        """Refuse, as such a stream does."""
        raise io.UnsupportedOperation

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self.taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        """Count what is read."""
        data = super().read(size)
        self.taken += len(data)
        return data


def test_stream_without_descriptor_is_not_read_anew_for_each_page() -> None:
    """Twenty compressed pages cost about one reading of the file."""
    rng = np.random.default_rng(1)
    images = [Image.fromarray(rng.integers(0, 255, (40, 40), np.uint8)) for _ in range(20)]
    data = saved(images[0], "TIFF", compression="tiff_lzw", save_all=True, append_images=images[1:])
    sink, stream = MemorySink(), Sealed(data)
    load_pages(stream, {}, sink)
    assert [page.rows for page in sink.finished] == [image.tobytes() for image in images]
    assert stream.taken < 2 * len(data)
    assert not stream.closed


def test_big_tiff_is_read() -> None:
    """The 64 bit sister of TIFF."""
    page = load_one(big_tiff(2, 3, bytes([10, 20, 30, 40, 50, 60])))
    assert (page.size_px, page.rows) == ((2, 3), bytes([10, 20, 30, 40, 50, 60]))


TURNED = {
    1: ((2, 3), [10, 20, 30, 40, 50, 60]),
    2: ((2, 3), [20, 10, 40, 30, 60, 50]),
    3: ((2, 3), [60, 50, 40, 30, 20, 10]),
    4: ((2, 3), [50, 60, 30, 40, 10, 20]),
    5: ((3, 2), [10, 30, 50, 20, 40, 60]),
    6: ((3, 2), [50, 30, 10, 60, 40, 20]),
    7: ((3, 2), [60, 40, 20, 50, 30, 10]),
    8: ((3, 2), [20, 40, 60, 10, 30, 50]),
}
"""`quarters` by its orientation, set upright."""


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "TIFF deflated"])
@pytest.mark.parametrize("band_pixels", [1, 4, 100])
def test_page_stands_upright(
    orientation: int, kind: str, band_pixels: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All eight ways to hold a camera, in bands of any height; the resolution turns along."""
    monkeypatch.setattr(load_rows, "BAND_PIXELS", band_pixels)
    exif = Image.Exif()
    exif[0x0112] = orientation
    name, _, deflated = kind.partition(" ")
    options = {"compression": "tiff_adobe_deflate"} if deflated else {}
    page = load_one(saved(quarters(), name, exif=exif, dpi=(100, 300), **options))
    size, grays = TURNED[orientation]
    assert (page.size_px, list(page.rows)) == (size, grays)
    assert page.dpi == ((300, 100) if orientation in (5, 6, 7, 8) else (100, 300))


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_orientation_of_jpeg_and_webp_is_heeded(kind: str) -> None:
    """A picture of black left and white right half, turned a quarter clockwise."""
    image = Image.new("RGB", (32, 16), "white")
    image.paste("black", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = 6
    page = load_one(saved(image, kind, exif=exif, quality=95))
    assert page.size_px == (16, 32)
    assert max(color_at(page, (8, 4))) < 20
    assert min(color_at(page, (8, 28))) > 235


def test_orientation_that_is_none_leaves_the_page() -> None:
    """There are eight ways; nine is nonsense."""
    exif = Image.Exif()
    exif[0x0112] = 9
    assert list(load_one(saved(quarters(), "PNG", exif=exif)).rows) == [10, 20, 30, 40, 50, 60]


def test_damaged_exif_does_not_cost_the_picture() -> None:
    """A whole picture with nonsense for metadata is read as it stands."""
    data = saved(quarters(), "PNG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    assert load_one(data).size_px == (2, 3)


def test_alpha_lies_over_white() -> None:
    """Transparent is white, half transparent half of it."""
    image = Image.new("RGBA", (3, 1), (0, 0, 0, 0))
    image.putpixel((1, 0), (255, 0, 0, 255))
    image.putpixel((2, 0), (0, 0, 0, 128))
    for kind, options in (("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True, "exact": True})):
        page = load_one(saved(image, kind, **options))
        assert (page.mode, pixels(page)) == ("RGB", [WHITE, RED, (127, 127, 127)])


def test_gray_with_alpha_stays_gray() -> None:
    """Gray over white is gray."""
    image = Image.frombytes("LA", (3, 1), bytes([0, 0, 90, 255, 0, 128]))
    page = load_one(saved(image, "PNG"))
    assert (page.mode, list(page.rows)) == ("L", [255, 90, 127])


@pytest.mark.parametrize(
    ("mode", "clear", "expected"),
    [
        ("1", 0, ("L", [255, 255])),
        ("L", 0, ("L", [255, 255])),
        ("RGB", BLACK, ("RGB", [WHITE, WHITE])),
    ],
)
def test_color_that_counts_as_transparent_is_white(mode: str, clear: Any, expected: Any) -> None:
    """A PNG may name one color as transparent."""
    image = Image.new("RGB", (2, 1), "white")
    image.putpixel((0, 0), BLACK)
    page = load_one(saved(image.convert(mode), "PNG", transparency=clear))
    assert (page.mode, pixels(page)) == expected


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_transparent_entry_of_a_palette_is_white(kind: str) -> None:
    """A palette with one color of glass."""
    image = Image.frombytes("P", (3, 1), bytes([0, 1, 2]))
    image.putpalette([*RED, *BLUE, 9, 9, 9])
    page = load_one(saved(image, kind, transparency=1))
    assert (page.mode, pixels(page)) == ("RGB", [RED, WHITE, (9, 9, 9)])


@pytest.mark.parametrize("kind", ["TIFF", "JPEG"])
def test_cmyk_becomes_rgb(kind: str) -> None:
    """Printer's inks: no ink is white, all of cyan takes the red away."""
    image = Image.new("CMYK", (32, 16), (0, 0, 0, 0))
    image.paste((255, 0, 0, 0), (0, 0, 16, 16))
    options = {"quality": 100} if kind == "JPEG" else {}
    page = load_one(saved(image, kind, **options))
    assert page.mode == "RGB"
    assert np.abs(np.subtract(color_at(page, (4, 8)), (0, 255, 255))).max() <= 3
    assert np.abs(np.subtract(color_at(page, (28, 8)), (255, 255, 255))).max() <= 3


def test_lab_becomes_rgb() -> None:
    """A TIFF in Lab: full lightness without color is white."""
    page = load_one(saved(Image.new("LAB", (2, 2), (255, 128, 128)), "TIFF"))
    assert page.mode == "RGB"
    assert min(color_at(page, (0, 0))) > 250


SAMPLES = [0, 1, 258, 40_000, 65_535, 32_768]


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("PNG", "I;16", {}),
        ("TIFF", "I;16", {}),
        ("TIFF", "I;16", {"compression": "tiff_lzw"}),
        ("TIFF", "I;16B", {}),
        ("TIFF", "I;16B", {"compression": "tiff_adobe_deflate"}),
    ],
)
def test_gray_of_16_bits_keeps_them(kind: str, mode: str, options: Any) -> None:
    """Samples come in the machine's byte order, whatever the file's."""
    order = ">" if mode.endswith("B") else "<"
    image = Image.frombytes(mode, (2, 3), struct.pack(f"{order}6H", *SAMPLES))
    page = load_one(saved(image, kind, **options))
    assert (page.size_px, page.mode, page.bits) == ((2, 3), "L", 16)
    assert list(struct.unpack("=6H", page.rows)) == SAMPLES


def test_gray_of_16_bits_is_turned_too() -> None:
    """Depth and orientation at once."""
    exif = Image.Exif()
    exif[0x0112] = 3
    image = Image.frombytes("I;16", (2, 3), struct.pack("<6H", *SAMPLES))
    page = load_one(saved(image, "PNG", exif=exif))
    assert list(struct.unpack("=6H", page.rows)) == SAMPLES[::-1]


def deep_tiff(bits: int, photometric: int, data: bytes) -> bytes:
    """A little-endian gray TIFF of 2 x 1 samples."""
    entries = [
        *((256, 3, 1, 2), (257, 3, 1, 1), (258, 3, 1, bits), (259, 3, 1, 1)),
        *((262, 3, 1, photometric), (273, 4, 1, 8), (277, 3, 1, 1), (279, 4, 1, len(data))),
    ]
    start = 8 + len(data)
    return b"II*\0" + struct.pack("<L", start) + data + tiff_directory(entries, 0)


def test_gray_whose_zero_is_white_is_inverted() -> None:
    """The other way to count gray, at 16 bits."""
    page = load_one(deep_tiff(16, 0, struct.pack("<2H", 0, 65_000)))
    assert list(struct.unpack("=2H", page.rows)) == [65_535, 535]


def test_gray_of_12_bits_fills_the_range() -> None:
    """White of 12 bits is white of 16."""
    page = load_one(deep_tiff(12, 1, b"\xff\xf0\x00\x00"))
    assert list(struct.unpack("=2H", page.rows)) == [65_535, 0]


def test_transparent_color_of_16_bits_is_warned_of() -> None:
    """It stays what it is, and the job says so."""
    header = struct.pack(">IIBBBBB", 1, 1, 16, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"tRNS", b"\0\5")
    data = parts + chunk(b"IDAT", zlib.compress(b"\0\0\5")) + chunk(b"IEND", b"")
    sink = MemorySink()
    load_pages(io.BytesIO(b"\x89PNG\r\n\x1a\n" + data), {}, sink)
    assert sink.finished[0].rows == struct.pack("=H", 5)
    assert sink.warnings == [
        "A transparent color was kept: gray pages of 16 bits have none.",
    ]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_samples_without_a_known_white_are_refused(mode: str) -> None:
    """Nobody can tell what is white in 32 bits."""
    with pytest.raises(InvalidInputError, match="8 or 16 bits"):
        load(saved(Image.new(mode, (2, 2)), "TIFF"))


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [
        ("PNG", (300, 300), (300, 300)),
        ("PNG", (150, 75), (150.01, 75.01)),
        ("PNG", None, (222, 222)),
        ("JPEG", (300, 150), (300, 150)),
        ("JPEG", (1, 1), (222, 222)),
        ("JPEG", None, (222, 222)),
        ("BMP", (300, 300), (300, 300)),
        ("TIFF", (300, 200), (300, 200)),
        ("TIFF", (0, 300), (222, 222)),
        ("TIFF", (300, 0.5), (222, 222)),
        ("TIFF", (10_000, 10_000), (10_000, 10_000)),
        ("TIFF", (10_001, 300), (222, 222)),
        ("TIFF", None, (222, 222)),
        ("GIF", None, (222, 222)),
        ("WEBP", None, (222, 222)),
    ],
)
def test_resolution_is_the_files_or_the_callers(kind: str, said: Any, expected: Any) -> None:
    """Both directions; none and nonsense give way to what the caller sets."""
    options = {} if said is None else {"dpi": said}
    page = load_one(saved(Image.new("L", (4, 4)), kind, **options), dpi=222)
    assert page.dpi == pytest.approx(expected, abs=0.011)


def test_resolution_without_any_is_200() -> None:
    """Neither file nor caller say one."""
    assert load_one(saved(Image.new("L", (4, 4)), "PNG")).dpi == (200, 200)


def test_resolution_of_a_tiff_in_centimeters() -> None:
    """118.11 in a centimeter are 300 in an inch."""
    data = saved(
        Image.new("L", (4, 4)), "TIFF", resolution_unit="cm", x_resolution=118.11, y_resolution=50
    )
    assert load_one(data).dpi == pytest.approx((300, 127), abs=0.01)


def test_page_without_resolution_does_not_take_that_of_the_page_before() -> None:
    """The second of two pages says that its unit is none."""
    entries = [*tiny_frame(), (282, 5, 1, 8), (283, 5, 1, 8), (296, 3, 1, 2)]
    second = 16 + len(tiff_directory(entries, 0))
    bare = [*tiny_frame(), (296, 3, 1, 1)]
    ratio = struct.pack("<LL", 300, 1)
    body = tiff_directory(entries, second) + tiff_directory(bare, 0)
    pages = load(b"II*\0" + struct.pack("<L", 16) + ratio + body, dpi=150)
    assert [page.dpi for page in pages] == [(300, 300), (150, 150)]


def test_bomb_is_refused_before_it_is_decoded() -> None:
    """30,000 x 30,000 pixels in some 100 kB take no memory to speak of."""
    deflater = zlib.compressobj(9)
    row = bytes(1 + 3_750)
    deflated = b"".join(deflater.compress(row * 1_000) for _ in range(30)) + deflater.flush()
    data = png(30_000, 30_000, bits=1, color=0, deflated=deflated)
    assert len(data) < 150_000
    sink = MemorySink()
    tracemalloc.start()
    try:
        with pytest.raises(TooBigError, match="100000000 pixels are allowed"):
            load_pages(io.BytesIO(data), {}, sink)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert (sink.finished, sink.discarded) == ([], 0)


def test_pixels_are_allowed_to_the_last_of_the_budget() -> None:
    """The limit itself is within, and beyond Pillow's own limit is no warning or error."""
    data = saved(Image.new("1", (33, 3)), "PNG")
    assert load_one(data, max_pixels=99).size_px == (33, 3)
    with pytest.raises(TooBigError, match="98 pixels are allowed"):
        load(data, max_pixels=98)


def test_page_beyond_pillows_own_limit_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the budget counts, and Pillow's own number is back afterwards."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    data = saved(drawn("L"), "PNG")
    assert load_one(data).size_px == (30, 20)
    with pytest.raises(TooBigError):
        load(data, max_pixels=100)
    assert Image.MAX_IMAGE_PIXELS == 10


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF"])
@pytest.mark.parametrize("max_pixels", [599, 100])
def test_every_kind_is_held_to_the_pixels(kind: str, max_pixels: int) -> None:
    """A picture of 600 pixels against smaller budgets, a little and a lot."""
    sink = MemorySink()
    with pytest.raises(TooBigError, match=f"{max_pixels} pixels are allowed"):
        load_pages(io.BytesIO(saved(drawn("RGB"), kind)), {"max_pixels": max_pixels}, sink)
    assert sink.finished == []


def test_last_page_too_large_stops_the_first() -> None:
    """Every page is measured before one is decoded."""
    images = [drawn("L", (5, 5)), drawn("L", (5, 5)), drawn("L", (50, 50))]
    data = saved(images[0], "TIFF", save_all=True, append_images=images[1:])
    sink = MemorySink()
    with pytest.raises(TooBigError, match="50 x 50"):
        load_pages(io.BytesIO(data), {"max_pixels": 1_000}, sink)
    assert sink.finished == []


def test_file_beyond_its_bytes_is_refused() -> None:
    """The length is looked at before the content."""
    with pytest.raises(TooBigError, match="0 are allowed"):
        load(bytes(1_000), max_bytes=999)


def test_five_thousand_pages_are_refused_at_the_budget() -> None:
    """Nobody counts further than the first page too many."""
    with pytest.raises(TooBigError, match="more than 2000 pages"):
        load(tiff_chain(5_000))


def test_pages_are_allowed_to_the_last_of_the_budget() -> None:
    """As many as allowed are read; one more is not."""
    assert len(load(tiff_chain(20), max_pages=20)) == 20
    with pytest.raises(TooBigError, match="more than 19 pages"):
        load(tiff_chain(20), max_pages=19)


@pytest.mark.parametrize("frames", [1, 3])
def test_circle_of_pages_is_refused(frames: int) -> None:
    """The last directory points to the first, or the only one to itself."""
    with pytest.raises(InvalidInputError, match="in a circle"):
        load(tiff_chain(frames, last_points_to=16))


def test_directory_larger_than_any_is_refused() -> None:
    """Entries are parsed in Python, so none has thousands of them."""
    data = b"II*\0" + struct.pack("<L", 8) + tiff_directory([(700, 1, 1, 0)] * 5_000, 0)
    with pytest.raises(InvalidInputError, match="a directory of 5000 entries"):
        load(data)


def test_big_directory_is_not_believed() -> None:
    """A BigTIFF that claims more entries than there are bytes in the world."""
    data = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, 1 << 62)
    with pytest.raises(InvalidInputError, match="entries"):
        load(data)


def test_page_of_a_million_strips_is_refused() -> None:
    """Each strip would cost memory before a pixel is there."""
    data = tiff_directory(tiny_frame(chunks=1_000_000), 0)
    with pytest.raises(InvalidInputError, match="1000000 strips"):
        load(b"II*\0" + struct.pack("<L", 8) + data)


def noise() -> Image.Image:
    """A picture that compresses badly, so that half of its file is half of its pixels."""
    samples = np.random.default_rng(7).integers(0, 255, (120, 100, 3), np.uint8)
    return Image.fromarray(samples)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("WEBP", {"lossless": True}),
        ("GIF", {}),
    ],
)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9])
def test_file_cut_off_leaves_no_page(kind: str, options: Any, kept: float) -> None:
    """At whatever place it was cut."""
    data = saved(noise(), kind, **options)
    sink = MemorySink()
    with pytest.raises(InvalidInputError, match="damaged"):
        load_pages(io.BytesIO(data[: int(len(data) * kept)]), {}, sink)
    assert sink.finished == []


def test_tiff_with_its_pixels_cut_off_leaves_no_page() -> None:
    """The directory stands first and is whole; the pixels behind it are not all there."""
    data = b"II*\0" + struct.pack("<L", 8) + tiff_directory(tiny_frame(200), 0) + bytes(5_000)
    with pytest.raises(InvalidInputError, match="damaged"):
        load(data)


def test_tiff_with_strips_missing_leaves_no_page() -> None:
    """Its directory names the first of two strips only; nobody makes up the rest."""
    entries = [entry for entry in tiny_frame(20) if entry[0] != 278]
    entries.insert(7, (278, 4, 1, 10))
    data = b"II*\0" + struct.pack("<L", 508) + bytes(500) + tiff_directory(entries, 0)
    with pytest.raises(InvalidInputError, match="damaged"):
        load(data)


def test_pages_before_a_damaged_one_stay() -> None:
    """The third of three pages is broken; two are whole."""
    images = [noise(), noise(), noise()]
    data = bytearray(
        saved(images[0], "TIFF", compression="jpeg", save_all=True, append_images=images[1:])
    )
    with Image.open(io.BytesIO(data)) as image:
        image.seek(2)
        (start, *_) = image.tag_v2[273]  # type: ignore[attr-defined]
    data[start : start + 400] = bytes(400)
    sink = MemorySink()
    with pytest.raises(InvalidInputError, match="damaged"):
        load_pages(io.BytesIO(bytes(data)), {}, sink)
    assert len(sink.finished) == 2


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "WEBP", "GIF"])
def test_changed_bytes_raise_nothing_without_a_name(kind: str, seed: int) -> None:
    """Whatever stands in the header, there is a page or an error of ours."""
    whole, rng = saved(drawn("RGB"), kind), np.random.default_rng(seed)
    for _ in range(60):
        data = bytearray(whole)
        for place in rng.integers(2, len(data), 4):
            data[place] = rng.integers(0, 256)
        sink = MemorySink()
        try:
            load_pages(io.BytesIO(bytes(data)), {"max_pixels": 100_000}, sink)
        except (InvalidInputError, TooBigError):
            assert sink.finished == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"A letter, with kind regards.",
        b"<!doctype html><title>No</title>",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"%!PS-Adobe-3.0",
    ],
    ids=["empty", "one-byte", "text", "html", "wave", "postscript"],
)
@pytest.mark.parametrize("media_type", ["", "image/png"])
def test_what_is_no_picture_is_refused(data: bytes, media_type: str) -> None:
    """The sentence says what is accepted, whatever the file was called."""
    with pytest.raises(
        InvalidInputError, match="Send JPEG, PNG, TIFF, BMP, WebP and GIF"
    ) as caught:
        load(data, media_type=media_type)
    assert caught.value.name == "invalid_input"


@pytest.mark.parametrize("media_type", ["", "application/pdf", "image/png"])
def test_pdf_is_no_picture(media_type: str) -> None:
    """Another add-on reads PDF; the core asks that one, or says which one it would be."""
    with pytest.raises(InvalidInputError, match="no picture that can be read"):
        load(b"%PDF-1.7\n", media_type=media_type)


@pytest.mark.parametrize("media_type", ["image/jpeg", "application/pdf", "text/html"])
def test_picture_declared_as_another_type_is_refused(media_type: str) -> None:
    """The content decides, and the caller hears of it."""
    with pytest.raises(InvalidInputError, match=r"not what it says.*image/png"):
        load(saved(quarters(), "PNG"), media_type=media_type)


@pytest.mark.parametrize(
    "media_type", ["image/png", "IMAGE/PNG; q=1", "", "application/octet-stream"]
)
def test_picture_declared_as_it_is_or_as_unknown_is_read(media_type: str) -> None:
    """Letter case and parameters do not matter."""
    assert load_one(saved(quarters(), "PNG"), media_type=media_type).size_px == (2, 3)


@pytest.mark.parametrize(
    "data",
    [
        png(0, 10, bits=8, color=0, deflated=zlib.compress(b"")),
        png(10, 0, bits=8, color=0, deflated=zlib.compress(b"")),
        b"II*\0" + struct.pack("<L", 8) + tiff_directory(tiny_frame(0), 0),
        b"II*\0" + struct.pack("<L", 0),
        b"GIF89a" + struct.pack("<HHBBB", 0, 0, 0, 0, 0) + b";",
        b"BM" + struct.pack("<LLLLllHH", 54, 0, 54, 40, 0, 0, 1, 24) + bytes(24),
    ],
    ids=["png-width", "png-height", "tiff", "tiff-no-page", "gif", "bmp"],
)
def test_picture_without_pixels_is_refused(data: bytes) -> None:
    """No width or no height is no page."""
    with pytest.raises(InvalidInputError, match="damaged"):
        load(data)


def test_cancel_is_heard_between_pages() -> None:
    """The page that was whole stays, the next is not begun."""
    sink = MemorySink(cancel_after_rows=2)
    with pytest.raises(ScanCanceledError):
        load_pages(io.BytesIO(tiff_chain(5)), {}, sink)
    assert (len(sink.finished), sink.discarded) == (1, 1)


def test_fault_of_the_disk_keeps_its_name() -> None:
    """Only what goes wrong in the file is the file's fault."""

    class FullSink(MemorySink):
        def new_page(self, **_: Any) -> Any:
            raise DiskFullError

    with pytest.raises(DiskFullError):
        load_pages(io.BytesIO(tiff_chain(1)), {}, FullSink())


def test_raw_error_of_the_sink_is_not_blamed_on_the_file() -> None:
    """A fault of ours must not read as a damaged file."""

    class BrokenSink(MemorySink):
        def new_page(self, **_: Any) -> Any:
            raise ValueError("ours")

    with pytest.raises(ValueError, match="ours"):
        load_pages(io.BytesIO(tiff_chain(1)), {}, BrokenSink())


def test_copy_that_is_not_there_has_a_name(tmp_path: Path) -> None:
    """The file is the core's own, so its absence is not the caller's fault."""
    with pytest.raises(PageCorruptError, match="No such file"):
        load_document(StoredFile(uid="f", path=str(tmp_path / "none")), {}, MemorySink())


def test_pages_that_are_too_many_pixels_together_are_refused() -> None:
    """Two pages of 200 bytes each, decoded, are beyond 300."""
    page = Image.new("L", (20, 10))
    data = saved(page, "TIFF", save_all=True, append_images=[page])
    sink = MemorySink()
    with pytest.raises(TooBigError, match="MiB of pixels"):
        load_pages(io.BytesIO(data), {"max_raw_bytes": 300}, sink)
    assert sink.finished == []
    assert load_pages(io.BytesIO(data), {"max_raw_bytes": 400}, sink) == {"pages": 2}


def test_lack_of_memory_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker has its own sentence for it."""

    def fail(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(Image, "open", fail)
    with pytest.raises(MemoryError):
        load(saved(quarters(), "PNG"))
