"""JPEGs in bands: what is joined is one picture that every decoder reads."""

from __future__ import annotations

import io
import random

import pytest
from PIL import Image

from flatbed.runtime import jpeg
from flatbed.runtime.thumbnail import encode_jpeg


def page(mode: str, width: int, height: int) -> Image.Image:
    """A page of noise."""
    samples = 3 if mode == "RGB" else 1
    return Image.frombytes(
        mode, (width, height), random.Random(5).randbytes(samples * width * height)
    )


def bands_of(image: Image.Image, rows: int) -> list[bytes]:
    """The bands of a page."""
    boxes = [
        (0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)
    ]
    return [jpeg.encode_band(image.crop(box), dpi=(300, 200)) for box in boxes]


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("size", [(1, 1), (17, 49), (333, 200), (640, 64)])
@pytest.mark.parametrize("rows", [16, 48])
def test_joined_bands_are_the_picture_encoded_in_one_go(
    mode: str, size: tuple[int, int], rows: int
) -> None:
    """Sizes that are no multiple of a unit too; more than eight bands use every marker."""
    image = page(mode, *size)
    joined = Image.open(io.BytesIO(jpeg.join_bands(bands_of(image, rows), height_px=size[1])))
    whole = Image.open(io.BytesIO(encode_jpeg(image, quality=85)))
    assert (joined.size, joined.info["dpi"]) == (size, (300, 200))
    assert joined.tobytes() == whole.tobytes()


def test_restart_markers_count_to_eight_and_begin_again() -> None:
    """A decoder that lost its place finds it again by them."""
    joined = jpeg.join_bands(bands_of(page("L", 16, 160), 16), height_px=160)
    found = [joined[at + 1] - 0xD0 for at in range(len(joined) - 1) if _is_restart(joined, at)]
    assert found == [0, 1, 2, 3, 4, 5, 6, 7, 0]


def _is_restart(data: bytes, at: int) -> bool:
    return data[at] == 0xFF and 0xD0 <= data[at + 1] <= 0xD7


@pytest.mark.parametrize(
    ("size_px", "band_rows", "can"),
    [
        ((2480, 3508), 64, True),
        ((65_000, 65_000), 16, True),
        ((65_001, 16), 16, False),
        ((16, 65_001), 16, False),
        ((65_000, 128), 64, True),
        ((65_000, 128), 128, False),
    ],
)
def test_can_hold_keeps_to_what_the_format_counts_in_two_bytes(
    size_px: tuple[int, int], band_rows: int, *, can: bool
) -> None:
    """Sides, and units of eight pixels in a band."""
    assert jpeg.can_hold(size_px, band_rows) is can


def test_band_that_is_no_jpeg_is_an_error() -> None:
    """Rather than a picture that nobody can open."""
    with pytest.raises(ValueError, match="no scan"):
        jpeg.join_bands([b"\xff\xd8\xff\xe0\x00\x04ab"], height_px=1)
