"""Pages as Pillow images: every mode that a page can have, and none that it cannot."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from flatbed.addon.pixels import OWN_PAGE_PIXELS, open_png
from flatbed.addon.types import Bits, Mode
from flatbed.errors import PageCorruptError
from flatbed.runtime import png


def page_png(size_px: tuple[int, int], *, mode: Mode, bits: Bits, rows: bytes) -> bytes:
    """A page's file as the sink makes it; each row begins with its filter byte."""
    strip = png.deflate_strip(rows)
    return b"".join(
        [
            png.opening(size_px, dpi=(300, 300), mode=mode, bits=bits),
            *png.strip_chunk(strip, is_first=True),
            png.closing(strip.adler),
        ]
    )


def test_open_png_of_one_bit_keeps_it() -> None:
    """A set bit is white."""
    image = open_png(page_png((10, 1), mode="1", bits=1, rows=b"\x00\xf0\x40"))
    assert image.mode == "1"
    assert [image.getpixel((x, 0)) for x in range(10)] == [255] * 4 + [0] * 5 + [255]


def test_open_png_of_gray_has_its_samples() -> None:
    """8 bits stay as they are."""
    image = open_png(page_png((3, 1), mode="L", bits=8, rows=bytes([0, 1, 128, 255])))
    assert (image.mode, image.tobytes()) == ("L", bytes([1, 128, 255]))


def test_open_png_of_color_has_its_samples() -> None:
    """Red, green, blue."""
    image = open_png(page_png((1, 2), mode="RGB", bits=8, rows=bytes([0, 9, 8, 7, 0, 6, 5, 4])))
    assert (image.mode, image.tobytes()) == ("RGB", bytes([9, 8, 7, 6, 5, 4]))


@pytest.mark.parametrize(
    ("sample", "reduced"),
    [(0x0000, 0), (0xFFFF, 255), (0x8080, 128), (0x0101, 1), (0xFEFE, 254)],
    ids=hex,
)
def test_open_png_of_16_bit_gray_is_scaled_and_not_clipped(sample: int, reduced: int) -> None:
    """Pillow's own conversion makes everything above 255 white."""
    rows = b"\x00" + struct.pack(">HH", sample, sample)
    image = open_png(page_png((2, 1), mode="L", bits=16, rows=rows))
    assert (image.mode, list(image.tobytes())) == ("L", [reduced, reduced])


def test_open_png_of_16_bit_color_is_scaled() -> None:
    """8 bits a sample at most come out."""
    rows = b"\x00" + struct.pack(">HHH", 0xFFFF, 0x8080, 0x0000)
    image = open_png(page_png((1, 1), mode="RGB", bits=16, rows=rows))
    assert (image.mode, image.tobytes()) == ("RGB", bytes([255, 128, 0]))


def test_open_png_beyond_any_page_of_ours_is_refused_before_it_is_decoded() -> None:
    """By its header: the pixels of this one are not even there."""
    header = png.opening((20_001, 20_000), dpi=(300, 300), mode="1", bits=1)
    with pytest.raises(PageCorruptError, match="larger than any"):
        open_png(header + png.closing(1))


def test_open_png_of_an_a3_page_at_1200_dpi_is_no_bomb(monkeypatch: pytest.MonkeyPatch) -> None:
    """278 million pixels are legitimate, and above Pillow's own limits, which do not hold here."""
    assert OWN_PAGE_PIXELS > 14_031 * 19_843
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1)
    image = open_png(page_png((3, 1), mode="L", bits=8, rows=bytes([0, 1, 128, 255])))
    assert image.size == (3, 1)


def test_open_png_undoes_filter_up() -> None:
    """The second row holds what it has more than the first, modulo 256."""
    image = open_png(page_png((3, 2), mode="L", bits=8, rows=bytes([0, 1, 2, 250, 2, 9, 9, 9])))
    assert image.tobytes() == bytes([1, 2, 250, 10, 11, 3])


def test_open_png_gives_the_high_byte_of_filtered_samples_of_16_bits() -> None:
    """Pillow's own conversion would clip them."""
    rows = bytes([0, 0x12, 0x34, 2, 0x10, 0])
    assert open_png(page_png((1, 2), mode="L", bits=16, rows=rows)).tobytes() == b"\x12\x22"


def damaged() -> dict[str, bytes]:
    """Files that are no page."""
    good = page_png((3, 1), mode="L", bits=8, rows=bytes([0, 1, 128, 255]))
    jpeg = io.BytesIO()
    Image.new("L", (3, 1)).save(jpeg, "JPEG")
    return {
        "nothing": b"",
        "text": b"not a picture",
        "a JPEG": jpeg.getvalue(),
        "half a header": good[:20],
        "cut in its pixels": good[:-40],
        "cut in a chunk": good[: -1 - 12 - 12],
        "no pixels": good[:62] + good[-12:],
        "a row too few": page_png((3, 2), mode="L", bits=8, rows=bytes(4)),
        "a row too many": page_png((3, 1), mode="L", bits=8, rows=bytes(8)),
        "a palette": page_png((3, 1), mode="L", bits=8, rows=bytes(4)).replace(
            b"\x08\x00\x00\x00\x00", b"\x08\x03\x00\x00\x00", 1
        ),
    }


@pytest.mark.parametrize("data", damaged().values(), ids=damaged().keys())
def test_open_png_of_what_is_no_page_is_a_corrupt_page(data: bytes) -> None:
    """Whatever Pillow raises for it, the caller hears of a damaged page."""
    with pytest.raises(PageCorruptError):
        open_png(data)
