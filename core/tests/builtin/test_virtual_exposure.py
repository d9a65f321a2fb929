"""What the sensor makes of a sheet: area, tone, mode and bits."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from PIL import Image

from flatbed.addon import ScanSettings
from flatbed.builtin.virtual.exposure import Exposure, expose, paper_px
from flatbed.errors import DeviceInvalidError

BED = (216.0, 356.0)
INCH = ScanSettings(color="gray", dpi=100)
"""100 dpi: one inch is 100 pixels."""


def _ramp() -> Image.Image:
    """A sheet of 256 x 4 pixels, from black to white."""
    return Image.frombytes("L", (256, 4), bytes(range(256)) * 4)


@pytest.mark.parametrize(
    ("dpi", "size"),
    [(75, (620, 877)), (200, (1654, 2339)), (300, (2480, 3508)), (600, (4961, 7016))],
)
def test_paper_px_of_a4_is_physically_right(dpi: int, size: tuple[int, int]) -> None:
    """210 x 297 mm, to the nearest pixel."""
    assert paper_px((210, 297), dpi) == size


def test_expose_without_an_area_gives_exactly_the_paper() -> None:
    """The scanner finds the paper's edges."""
    assert expose(_ramp(), INCH, BED).image.size == (256, 4)


def test_expose_area_inside_is_cut_out() -> None:
    """An inch wide, from the pixel where it begins."""
    sheet = Image.new("L", (300, 300), 200)
    sheet.putpixel((100, 50), 7)
    settings = ScanSettings(color="gray", dpi=100, area_mm=(25.4, 12.7, 25.4, 12.7))
    image = expose(sheet, settings, BED).image
    assert image.size == (100, 50)
    assert (image.getpixel((0, 0)), image.getpixel((1, 0))) == (7, 200)


def test_expose_area_beyond_the_paper_shows_the_lid() -> None:
    """The bed is larger than the paper on it."""
    settings = ScanSettings(dpi=100, area_mm=(0, 0, 50.8, 25.4))
    image = expose(Image.new("RGB", (100, 100), (1, 2, 3)), settings, BED).image
    assert image.size == (200, 100)
    assert (image.getpixel((99, 99)), image.getpixel((100, 0))) == ((1, 2, 3), (232, 232, 232))


def test_expose_area_beyond_the_bed_is_cut_at_its_edge() -> None:
    """216 mm are 850 pixels; no more is there."""
    settings = ScanSettings(color="gray", dpi=100, area_mm=(0, 0, 500, 25.4))
    assert expose(_ramp(), settings, BED).image.size == (850, 100)


@pytest.mark.parametrize("area", [(216, 0, 10, 10), (0, 0, 0, 10), (0, 400, 10, 10)])
def test_expose_area_beside_the_bed_is_refused(area: tuple[float, float, float, float]) -> None:
    """A page without pixels is no page."""
    with pytest.raises(DeviceInvalidError):
        expose(_ramp(), ScanSettings(color="gray", dpi=100, area_mm=area), BED)


@pytest.mark.parametrize(
    ("settings", "samples"),
    [
        ({}, [0, 100, 128, 255]),
        ({"brightness": 1000}, [255, 255, 255, 255]),
        ({"brightness": -1000}, [0, 0, 0, 0]),
        ({"brightness": 200}, [51, 151, 179, 255]),
        ({"contrast": -1000}, [128, 128, 128, 128]),
        ({"contrast": 1000}, [0, 16, 128, 255]),
        ({"contrast": -500}, [64, 114, 128, 192]),
    ],
    ids=["plain", "brightest", "darkest", "brighter", "flat", "steepest", "flatter"],
)
def test_expose_brightness_and_contrast_move_the_tones(
    settings: dict[str, Any], samples: list[int]
) -> None:
    """Samples that were 0, 100, 128 and 255."""
    image = expose(_ramp(), ScanSettings(color="gray", dpi=100, **settings), BED).image
    assert [image.getpixel((x, 0)) for x in (0, 100, 128, 255)] == samples


def test_expose_tone_reaches_every_channel() -> None:
    """Colour is moved as gray is."""
    settings = ScanSettings(dpi=100, brightness=200)
    image = expose(Image.new("RGB", (10, 10), (0, 100, 128)), settings, BED).image
    assert image.getpixel((0, 0)) == (51, 151, 179)


@pytest.mark.parametrize(("threshold", "first_white"), [(None, 128), (1, 1), (200, 200), (0, 0)])
def test_expose_bw_is_black_below_the_threshold(threshold: int | None, first_white: int) -> None:
    """One bit a pixel; a set bit is white, leftmost in the highest bit."""
    settings = ScanSettings(color="bw", dpi=100, threshold=threshold)
    exposure = expose(_ramp(), settings, BED)
    bits = "".join(f"{byte:08b}" for byte in exposure.rows(0, 1))
    assert (exposure.mode, exposure.bits, exposure.row_bytes) == ("1", 1, 32)
    assert bits == "0" * first_white + "1" * (256 - first_white)


def test_expose_bw_ignores_16_bits() -> None:
    """Bits are said for gray and colour only."""
    assert expose(_ramp(), ScanSettings(color="bw", dpi=100, bits=16), BED).bits == 1


@pytest.mark.parametrize(
    ("mode", "bits", "row_bytes"), [("1", 1, 2), ("L", 8, 10), ("L", 16, 20), ("RGB", 8, 30)]
)
def test_exposure_rows_are_whole_and_without_padding(mode: str, bits: Any, row_bytes: int) -> None:
    """Ten pixels wide, three of four rows."""
    exposure = Exposure(Image.new(mode, (10, 4)), bits)
    assert exposure.row_bytes == row_bytes
    assert len(exposure.rows(1, 4)) == 3 * row_bytes


def test_exposure_with_16_bits_keeps_the_8_and_uses_the_others() -> None:
    """The high byte is the sample; the low one differs from it, and never by more than 63."""
    data = Exposure(_ramp(), 16).rows(0, 4)
    samples = [int.from_bytes(data[at : at + 2], sys.byteorder) for at in range(0, len(data), 2)]
    assert [sample >> 8 for sample in samples] == list(range(256)) * 4
    assert all((sample & 0xFF) ^ (sample >> 8) < 64 for sample in samples)
    assert len(set(samples)) > 900


def test_exposure_with_16_bits_is_the_same_in_every_process() -> None:
    """Tests compare pages bit for bit."""
    data = Exposure(Image.new("L", (8, 1), 0), 16).rows(0, 1)
    samples = [int.from_bytes(data[at : at + 2], sys.byteorder) for at in range(0, 16, 2)]
    assert samples == [43, 1, 12, 28, 47, 56, 30, 56]
