"""A folder of images as paper, also while somebody is changing it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flatbed.addon import ScanSettings
from flatbed.addon.testing import MemorySink, MemoryWriter
from flatbed.builtin.virtual.folder import list_images, read_image
from flatbed.errors import DeviceFault

from .virtual_bench import DUPLEX, FLATBED, VirtualBench, config_of, shades_of, write_images

A4_PX = (331, 468)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three images: 10, 20 and 30 gray."""
    path = tmp_path / "pages"
    write_images(path, a=10, b=20, c=30)
    return path


@pytest.fixture
def bench(tmp_path: Path, folder: Path) -> VirtualBench:
    """A scanner with that folder, and more sheets than it has images."""
    state = tmp_path / "state"
    return VirtualBench(state, config_of(state, folder=str(folder)))


@dataclass
class _ActingSink(MemorySink):
    """Does something to the folder when so many pages are safe."""

    acts: dict[int, Callable[[], None]] = field(default_factory=dict)

    def new_page(self, **about: Any) -> MemoryWriter:
        sink = self

        class Writer(MemoryWriter):
            def __exit__(self, *error: Any) -> None:
                super().__exit__(*error)
                sink.acts.pop(sink.pages, lambda: None)()

        return Writer(self, about["size_px"], about["dpi"], about["mode"], about["bits"])


def test_folder_gives_its_images_by_name(bench: VirtualBench) -> None:
    """No more than there are, and unchanged: they have the paper's size already."""
    sink = MemorySink()
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 20, 30]
    assert sink.finished[0].rows == bytes([10]) * (331 * 468)


def test_folder_gives_no_more_than_the_sheets(bench: VirtualBench) -> None:
    """Two sheets in the tray, three images."""
    bench.config["sheets"] = 2
    sink = MemorySink()
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 20]


def test_folder_in_duplex_has_two_images_a_sheet(bench: VirtualBench) -> None:
    """An odd number leaves the last back blank."""
    sink = MemorySink()
    assert bench.scan_to_fault(sink, DUPLEX) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 20, 30, 255]
    assert bench.fed() == [1, 2]


def test_folder_on_the_flatbed_is_its_first_image(bench: VirtualBench) -> None:
    """Nothing is fed."""
    assert shades_of(bench.scan(MemorySink(), FLATBED).finished) == [10]


def test_image_added_while_scanning_is_scanned(bench: VirtualBench, folder: Path) -> None:
    """Also one that sorts between the last and the next."""
    sink = _ActingSink(
        acts={1: lambda: write_images(folder, aa=15), 4: lambda: write_images(folder, d=40)}
    )
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 15, 20, 30, 40]


def test_image_added_before_the_last_one_doubles_nothing(bench: VirtualBench, folder: Path) -> None:
    """Places in the list move; names do not."""
    sink = _ActingSink(acts={2: lambda: write_images(folder, _first=1)})
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 20, 30]


def test_images_taken_away_while_scanning_are_left_out(bench: VirtualBench, folder: Path) -> None:
    """Also the one that was scanned last."""

    def take_away() -> None:
        for name in ("a.png", "b.png"):
            (folder / name).unlink()

    sink = _ActingSink(acts={1: take_away})
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 30]


def test_image_replaced_while_scanning_is_the_new_one(bench: VirtualBench, folder: Path) -> None:
    """Nothing of a folder is kept in memory."""
    sink = _ActingSink(acts={1: lambda: write_images(folder, b=99)})
    bench.scan_to_fault(sink)
    assert shades_of(sink.finished) == [10, 99, 30]


def test_jam_with_a_folder_brings_the_same_image_again(bench: VirtualBench) -> None:
    """Sheet 2 is image b, in both attempts."""
    bench.config["faults"] = ["jam@2"]
    sink = MemorySink()
    assert bench.scan_to_fault(sink) == "paper_jam"
    sink.attempt = 2
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 20, 30]
    assert bench.fed() == [1, 2, 2, 3]


def test_jam_on_a_back_with_a_folder_brings_the_back_again(bench: VirtualBench) -> None:
    """Image b is the back of sheet 1."""
    bench.config["faults"] = ["jam@2"]
    sink = MemorySink()
    assert bench.scan_to_fault(sink, DUPLEX) == "paper_jam"
    sink.attempt = 2
    assert bench.scan_to_fault(sink, DUPLEX) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 20, 30, 255]


def test_broken_image_is_named_and_can_be_replaced(bench: VirtualBench, folder: Path) -> None:
    """The pages before are safe; the next attempt begins with the image that took its place."""
    (folder / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    sink = MemorySink()
    with pytest.raises(DeviceFault, match=r"'b\.png' .* is not a readable image"):
        bench.scan(sink)
    write_images(folder, b=21)
    sink.attempt = 2
    assert bench.scan_to_fault(sink) == "feeder_empty"
    assert shades_of(sink.finished) == [10, 21, 30]


def test_folder_that_is_not_there_is_named(bench: VirtualBench, tmp_path: Path) -> None:
    """A job says what to do; the list of devices is not touched by it."""
    bench.config["folder"] = str(tmp_path / "nowhere")
    assert len(bench.driver().list_scanners()) == 1
    with pytest.raises(DeviceFault, match="cannot be read"):
        bench.scan(MemorySink())


def test_folder_without_images_is_an_empty_feeder(bench: VirtualBench, folder: Path) -> None:
    """On the glass it is a fault with a way out."""
    for image in folder.iterdir():
        image.unlink()
    assert bench.scan_to_fault(MemorySink()) == "feeder_empty"
    with pytest.raises(DeviceFault, match="has no images"):
        bench.scan(MemorySink(), FLATBED)


def test_list_images_takes_images_only(tmp_path: Path) -> None:
    """By suffix, in any case; what is hidden stays so."""
    for name in (
        "b.JPG",
        "a.tiff",
        "c.webp",
        "d.bmp",
        "e.jpeg",
        "notes.txt",
        ".thumb.png",
        "f.pdf",
    ):
        (tmp_path / name).touch()
    assert list_images(tmp_path) == ["a.tiff", "b.JPG", "c.webp", "d.bmp", "e.jpeg"]


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "bmp", "webp"])
def test_read_image_knows_every_format(tmp_path: Path, suffix: str) -> None:
    """A flat colour survives all of them, nearly."""
    path = tmp_path / f"page.{suffix}"
    Image.new("RGB", A4_PX, (200, 100, 50)).save(path)
    found = read_image(path, size_px=A4_PX, mode="RGB").getpixel((100, 100))
    assert isinstance(found, tuple)
    assert all(abs(have - want) < 6 for have, want in zip(found, (200, 100, 50), strict=True))


@pytest.mark.parametrize("suffix", ["png", "jpg", "tiff", "bmp", "webp"])
@pytest.mark.parametrize("part", [0.0, 0.02, 0.5])
def test_read_image_of_half_a_file_is_a_device_fault(
    tmp_path: Path, suffix: str, part: float
) -> None:
    """Whatever the decoder says about it."""
    path, whole = tmp_path / f"page.{suffix}", BytesIO()
    Image.effect_noise((80, 80), 60).save(whole, {"jpg": "jpeg"}.get(suffix, suffix))
    path.write_bytes(whole.getvalue()[: int(len(whole.getvalue()) * part)])
    with pytest.raises(DeviceFault, match="not a readable image"):
        read_image(path, size_px=A4_PX, mode="L")


def test_read_image_of_another_format_is_refused(tmp_path: Path) -> None:
    """A suffix proves nothing, and fewer decoders are fewer holes."""
    path = tmp_path / "page.png"
    Image.new("L", (10, 10)).save(path, "gif")
    with pytest.raises(DeviceFault, match="not a readable image"):
        read_image(path, size_px=A4_PX, mode="L")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_read_image_of_too_many_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    """A file of some hundred bytes that says more than 100 million; nothing is decoded."""
    path, small = tmp_path / "bomb.png", BytesIO()
    Image.new("1", (8, 8)).save(small, "png")
    data = bytearray(small.getvalue())
    data[16:24] = struct.pack(">II", 12_000, 10_000)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    path.write_bytes(data)
    with pytest.raises(DeviceFault, match="too many pixels"):
        read_image(path, size_px=A4_PX, mode="L")


def test_read_image_of_another_shape_lies_in_the_middle(tmp_path: Path) -> None:
    """A square becomes as wide as the paper, with white above and below."""
    path = tmp_path / "square.png"
    Image.new("L", (50, 50), 0).save(path)
    page = read_image(path, size_px=(100, 140), mode="L")
    assert page.size == (100, 140)
    assert [page.getpixel((50, y)) for y in (19, 20, 119, 120)] == [255, 0, 0, 255]


def test_read_image_is_upright_as_the_camera_says(tmp_path: Path) -> None:
    """EXIF orientation 6: the file's left is the picture's top."""
    path, picture = tmp_path / "photo.jpg", Image.new("L", (140, 100), 255)
    picture.paste(0, (0, 0, 70, 100))
    exif = Image.Exif()
    exif[0x0112] = 6
    picture.save(path, exif=exif)
    page = read_image(path, size_px=(100, 140), mode="L")
    assert page.getpixel((50, 10)) == 0
    assert page.getpixel((50, 130)) == 255


def test_read_image_with_transparency_lies_on_white(tmp_path: Path) -> None:
    """Paper is white where nothing is printed."""
    path = tmp_path / "clear.png"
    Image.new("RGBA", A4_PX, (0, 0, 0, 0)).save(path)
    assert read_image(path, size_px=A4_PX, mode="RGB").getpixel((5, 5)) == (255, 255, 255)


def test_read_image_with_a_transparent_colour_has_no_dark_edges(tmp_path: Path) -> None:
    """A palette with black for nothing, made larger: white beside nothing is white."""
    path, half = tmp_path / "palette.png", Image.new("RGB", (10, 14), "black")
    half.paste("white", (5, 0, 10, 14))
    palette = half.quantize(2)
    palette.save(path, transparency=palette.getpixel((0, 0)))
    page = read_image(path, size_px=(100, 140), mode="L")
    assert set(page.tobytes()) == {255}


def test_read_image_with_16_bits_keeps_its_tones(tmp_path: Path) -> None:
    """Pillow's own conversion would make nearly all of it white."""
    path = tmp_path / "deep.png"
    Image.frombytes("I;16", (4, 1), struct.pack("<4H", 0, 25_700, 32_896, 65_535)).save(path)
    assert read_image(path, size_px=(4, 1), mode="L").tobytes() == bytes([0, 100, 128, 255])


@pytest.mark.parametrize("mode", ["1", "P", "CMYK", "LA"])
def test_read_image_of_any_mode_becomes_paper(tmp_path: Path, mode: str) -> None:
    """White in, white out, in colour and in gray."""
    path = tmp_path / ("page.tiff" if mode == "CMYK" else "page.png")
    white = Image.new("RGB", A4_PX, "white").convert("L" if mode == "LA" else "RGB").convert(mode)
    white.save(path)
    assert read_image(path, size_px=A4_PX, mode="RGB").getpixel((9, 9)) == (255, 255, 255)
    assert read_image(path, size_px=A4_PX, mode="L").getpixel((9, 9)) == 255


def test_folder_in_colour_keeps_it(bench: VirtualBench, folder: Path) -> None:
    """Gray is asked for in the other tests."""
    Image.new("RGB", A4_PX, (250, 0, 120)).save(folder / "a.png")
    settings = ScanSettings(dpi=40, color="color")
    (page,) = bench.scan(MemorySink(), settings).finished
    assert page.rows[:3] == bytes([250, 0, 120])
