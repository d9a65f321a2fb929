"""From a sheet of paper to what the scanner's sensor makes of it: area, tone, mode, bits."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from flatbed.addon.types import Bits, Mode, ScanSettings
from flatbed.errors import DeviceInvalidError

MM_PER_INCH = 25.4
_LID = 232  # the gray of the lid's underside, where no paper lies
_THRESHOLD = 128
_DARKEST_SHIFT = 255
_NOISE_SEED = 16


@dataclass(frozen=True)
class Exposure:
    """One side of a sheet as pixels.

    Attributes:
        image: Of mode `1`, `L` or `RGB`.
        bits: Of one sample: 1, 8 or 16.
    """

    image: Image.Image
    bits: Bits

    @property
    def mode(self) -> Mode:
        """As `PageSink.new_page` takes it."""
        return self.image.mode  # type: ignore[return-value] # only made by `expose`

    @property
    def row_bytes(self) -> int:
        """Bytes of one row as `rows` gives it."""
        samples = self.image.width * len(self.image.getbands())
        return (samples * self.bits + 7) // 8

    def rows(self, top: int, bottom: int) -> bytes:
        """The rows from `top` to before `bottom`, as `PageWriter.write_rows` takes them."""
        data = self.image.crop((0, top, self.image.width, bottom)).tobytes()
        return _to_16_bits(data) if self.bits == 16 else data


def paper_px(paper_mm: tuple[float, float], dpi: int) -> tuple[int, int]:
    """(width, height) in pixels of a sheet of paper."""
    return _to_px(paper_mm[0], dpi), _to_px(paper_mm[1], dpi)


def drawing_mode(settings: ScanSettings) -> str:
    """The mode in which a sheet has to be drawn: `RGB`, or `L` for everything without colour."""
    return "RGB" if settings.color == "color" else "L"


def expose(sheet: Image.Image, settings: ScanSettings, bed_mm: tuple[float, float]) -> Exposure:
    """Scan a sheet that lies at the bed's top left.

    Args:
        sheet: Of mode `RGB` or `L`, at the settings' resolution.
        settings: Without an area, exactly the paper is scanned.
        bed_mm: (width, height) of the bed; an area beyond it is cut.

    Raises:
        DeviceInvalidError: If nothing of the area lies on the bed.
    """
    image = _crop(sheet, settings, bed_mm)
    if settings.brightness or settings.contrast:
        table = [_tone(sample, settings) for sample in range(256)]
        image = image.point(table * len(image.getbands()))
    if settings.color != "bw":
        return Exposure(image, 16 if settings.bits == 16 else 8)
    threshold = _THRESHOLD if settings.threshold is None else settings.threshold
    return Exposure(image.point(_each_sample(lambda sample: sample >= threshold), "1"), 1)


def _crop(sheet: Image.Image, settings: ScanSettings, bed_mm: tuple[float, float]) -> Image.Image:
    if settings.area_mm is None:
        return sheet
    left, top, width, height = settings.area_mm
    right, bottom = min(left + width, bed_mm[0]), min(top + height, bed_mm[1])
    left_px, top_px = _to_px(max(left, 0), settings.dpi), _to_px(max(top, 0), settings.dpi)
    # From the size in millimetres, not from two rounded edges: A4 is as wide wherever it begins.
    size = paper_px((right - max(left, 0), bottom - max(top, 0)), settings.dpi)
    if min(size) < 1:
        raise DeviceInvalidError("Nothing of this area lies on the scanner's bed. Choose another.")
    image = Image.new(sheet.mode, size, (_LID,) * len(sheet.getbands()))
    image.paste(sheet, (-left_px, -top_px))
    return image


def _to_px(length_mm: float, dpi: int) -> int:
    return round(length_mm * dpi / MM_PER_INCH)


def _tone(sample: int, settings: ScanSettings) -> int:
    # Contrast turns the line around middle gray: flat at -1000, four times as steep at 1000.
    steepness = 1 + settings.contrast / 1000 * (3 if settings.contrast > 0 else 1)
    shift = settings.brightness / 1000 * _DARKEST_SHIFT
    return max(0, min(255, round((sample - 128) * steepness + 128 + shift)))


def _each_sample(is_white: Callable[[int], bool]) -> list[int]:
    return [255 if is_white(sample) else 0 for sample in range(256)]


def _to_16_bits(data: bytes) -> bytes:
    """Each sample times 257, the low six bits by noise that is the same in every run."""
    noise = _noise(len(data))
    low = int.from_bytes(data, "big") ^ int.from_bytes(noise, "big")
    samples = bytearray(2 * len(data))
    high_at = 1 if sys.byteorder == "little" else 0
    samples[high_at::2] = data
    samples[1 - high_at :: 2] = low.to_bytes(len(data), "big")
    return bytes(samples)


@lru_cache(maxsize=2)
def _noise(length: int) -> bytes:
    # Seeded, and nothing secret: a test must find the same samples again.
    random_bytes = random.Random(_NOISE_SEED).randbytes(length)  # noqa: S311
    return random_bytes.translate(bytes(sample & 0x3F for sample in range(256)))
