"""Thumbnails made from strips look like what Pillow makes of the whole page."""

from __future__ import annotations

import io
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from flatbed.addon.frames import FrameWriter
from flatbed.addon.types import Bits, Mode
from flatbed.runtime.strips import PageShape, StripPipeline
from flatbed.runtime.thumbnail import MEDIA_TYPE, encode_jpeg, join

DPI = (300.0, 300.0)


def thumbnail_of(image: Image.Image, *, bits: Bits | None = None, height: int | None = 0) -> bytes:
    """The thumbnail file of a page; a height of `None` is not told beforehand."""
    mode: Mode = image.mode  # type: ignore[assignment]
    depth: Bits = bits or (1 if mode == "1" else 8)
    rows = image.tobytes()
    if depth == 16:
        rows = bytes(byte for sample in rows for byte in (sample, sample))
    size = (image.width, image.height if height == 0 else height)
    with ThreadPoolExecutor(2) as pool, tempfile.TemporaryDirectory() as folder:
        file = FrameWriter(Path(folder, "a.page"), key=bytes(32), uid="a", kind="page")
        shape = PageShape(size_px=size, dpi=DPI, mode=mode, bits=depth)
        pipeline = StripPipeline(shape, file, pool, wants_jpeg=False)
        pipeline.add(rows)
        pipeline.finish()
        file.close()
        return pipeline.thumbnail()


def opened(file: bytes) -> Image.Image:
    """A JPEG as an image."""
    image = Image.open(io.BytesIO(file), formats=["JPEG"])
    image.load()
    return image


def by_pillow(image: Image.Image) -> Image.Image:
    """Pillow's own thumbnail of the whole page."""
    copy = image.convert("L") if image.mode == "1" else image.copy()
    copy.thumbnail((320, 320), reducing_gap=2)
    return copy


def drawn_page(size: tuple[int, int], mode: Mode) -> Image.Image:
    """Something of everything: shading, blocks, lines of text, thin frames."""
    width, height = size
    page = Image.linear_gradient("L").resize(size).convert("RGB")
    draw = ImageDraw.Draw(page)
    draw.rectangle((width // 10, height // 10, width // 2, height // 4), fill=(200, 30, 60))
    draw.ellipse((width // 2, height // 2, width * 9 // 10, height * 9 // 10), fill=(20, 90, 160))
    for row in range(height // 3, height // 2, max(4, height // 60)):
        draw.line((width // 12, row, width * 3 // 4, row), fill=(0, 0, 0), width=height // 400 + 1)
    draw.rectangle((2, 2, width - 3, height - 3), outline=(0, 0, 0), width=max(2, width // 300))
    return page.convert(mode, dither=Image.Dither.NONE)


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
@pytest.mark.parametrize(
    "size", [(1240, 1754), (2480, 3508), (3508, 2480), (700, 500)], ids=lambda size: f"{size}"
)
def test_thumbnail_looks_like_the_page(size: tuple[int, int], mode: Mode) -> None:
    """At 150 and 300 dpi, upright and lying: the same as Pillow's but for smoothing and JPEG."""
    page = drawn_page(size, mode)
    ours, expected = opened(thumbnail_of(page)), by_pillow(page)
    assert abs(ours.width - expected.width) <= 1
    assert abs(ours.height - expected.height) <= 1
    difference = ImageChops.difference(ours, expected.resize(ours.size))
    assert max(ImageStat.Stat(difference).mean) < 6
    # Nothing is shifted, turned or missing: also the blurred pictures agree everywhere.
    coarse = difference.reduce(8)
    assert max(high for _, high in bands(coarse)) < 40


def bands(image: Image.Image) -> list[tuple[int, int]]:
    """Lowest and highest sample of each band."""
    return [band.getextrema() for band in image.split()]  # type: ignore[misc]


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_thumbnail_of_16_bit_samples_is_that_of_8(mode: Mode) -> None:
    """The high byte is what a screen shows."""
    page = drawn_page((400, 300), mode)
    wide, narrow = opened(thumbnail_of(page, bits=16)), opened(thumbnail_of(page))
    assert max(ImageStat.Stat(ImageChops.difference(wide, narrow)).mean) < 1


@pytest.mark.parametrize("said", [None, 3508], ids=["not told", "told too large"])
def test_thumbnail_of_a_page_of_another_height_than_thought_has_its_shape(
    said: int | None,
) -> None:
    """A receipt: much shorter than any guess, and not stretched."""
    page = drawn_page((1000, 600), "L")
    ours = opened(thumbnail_of(page, height=said))
    assert ours.size == (320, 192)
    difference = ImageChops.difference(ours, by_pillow(page))
    assert max(ImageStat.Stat(difference).mean) < 6


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((2480, 3508), (226, 320)),
        ((3508, 2480), (320, 226)),
        ((320, 320), (320, 320)),
        ((321, 10), (320, 10)),
        ((200, 100), (200, 100)),
        ((1, 1), (1, 1)),
        ((2, 1), (2, 1)),
        ((1, 5000), (1, 320)),
        ((5000, 1), (320, 1)),
        ((9, 7), (9, 7)),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["1", "RGB"])
def test_thumbnail_is_320_px_on_its_longer_side_and_never_larger_than_its_page(
    size: tuple[int, int], expected: tuple[int, int], mode: Mode
) -> None:
    """Strips of receipts and single pixels included."""
    assert opened(thumbnail_of(Image.new(mode, size))).size == expected


def test_thumbnail_has_gray_for_gray_and_color_for_color() -> None:
    """One bit pages get grays: that is what makes small text readable."""
    modes = [opened(thumbnail_of(drawn_page((900, 900), mode))).mode for mode in ("1", "L", "RGB")]
    assert modes == ["L", "L", "RGB"]


@pytest.mark.parametrize("size", [(1240, 1754), (2480, 3508)], ids=["150 dpi", "300 dpi"])
@pytest.mark.parametrize("mode", ["1", "L"])
def test_thumbnail_keeps_thin_lines(size: tuple[int, int], mode: Mode) -> None:
    """A form is nothing but lines: those of two pixels stay visible, wherever they lie."""
    page = Image.new("L", size, 255)
    draw = ImageDraw.Draw(page)
    places = range(101, size[0] - 100, 107)
    for place in places:
        draw.rectangle((0, place, size[0], place + 1), fill=0)
        draw.rectangle((place, 0, place + 1, size[1]), fill=0)
    ours = opened(thumbnail_of(page.convert(mode))).convert("L")
    scale = ours.height / size[1]
    for place in places:
        middle = round((place + 53) * scale)
        near = (round(place * scale) - 1, round(place * scale) + 2)
        assert darkest(ours.crop((near[0], middle, near[1], middle + 1))) < 235
        assert darkest(ours.crop((middle, near[0], middle + 1, near[1]))) < 235


def darkest(image: Image.Image) -> int:
    """The lowest sample."""
    low: int = image.getextrema()[0]  # type: ignore[assignment]
    return low


@pytest.mark.parametrize("white", [True, False])
def test_thumbnail_of_an_even_page_is_even(*, white: bool) -> None:
    """No seams between strips, no stray row at the end, for any last strip."""
    for height in (1753, 1754, 1755, 1756):
        page = Image.new("L", (1240, height), 255 if white else 0)
        assert opened(thumbnail_of(page)).getextrema() == ((255, 255) if white else (0, 0))


def test_join_stacks_strips_from_top_to_bottom() -> None:
    """Of one width and any heights."""
    strips = [Image.new("L", (3, height), height) for height in (1, 3, 2)]
    assert join(strips).tobytes() == bytes([1] * 3 + [3] * 9 + [2] * 6)


def test_encode_jpeg_says_the_resolution_where_one_is_given() -> None:
    """A page's JPEG prints in its own size; a thumbnail has none."""
    image = Image.new("RGB", (8, 8))
    assert opened(encode_jpeg(image, quality=85, dpi=(300.0, 300.0))).info["dpi"] == (300, 300)
    assert "dpi" not in opened(encode_jpeg(image, quality=85)).info
    assert MEDIA_TYPE == "image/jpeg"
