"""From what a caller asks for and what a device can do to the settings of a job."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from flatbed.addon.types import Bits, Capabilities, Color, PaperSource, Range, ScanSettings
from flatbed.errors import InvalidInputError, UnsupportedSettingError
from flatbed.scan.request import JobConfig, JobRequest

DEFAULT_DPI = 200

PAGE_SIZES_MM = {
    1: (210.0, 297.0),
    3: (215.9, 279.4),
    4: (215.9, 355.6),
    5: (148.0, 210.0),
    11: (297.0, 420.0),
    13: (105.0, 148.0),
}
"""Width and height by the number of the wire contract: A4, letter, legal, A5, A3, A6."""

PAGE_SIZE_NAMES = {1: "A4", 3: "letter", 4: "legal", 5: "A5", 11: "A3", 13: "A6"}
WHOLE_AREA = 0
COLORS: dict[int, Color] = {0: "bw", 1: "gray", 2: "color"}

_COLOR_NAMES = {"TWPT_BW": 0, "TWPT_GRAY": 1, "TWPT_RGB": 2}

# A bed of 215.9 mm that says 215 is still meant for letter paper.
_SIZE_TOLERANCE_MM = 2.0


@dataclass(kw_only=True)
class Wishes:
    """What was asked for so far; `None` leaves it to the device.

    The limits hold for snapshots, which a caller can make up.
    """

    color: Color | None = None
    dpi: Annotated[float, Meta(gt=0, le=19200)] | None = None
    uses_feeder: bool | None = None
    is_duplex: bool | None = None
    page_size: int | None = None
    max_pages: Annotated[int, Meta(ge=0, le=100_000)] | None = None
    brightness: Annotated[float, Meta(ge=-1000, le=1000)] | None = None
    contrast: Annotated[float, Meta(ge=-1000, le=1000)] | None = None
    threshold: Annotated[int, Meta(ge=0, le=255)] | None = None
    bits: Bits | None = None
    options: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def take_config(self, config: JobConfig) -> None:
        """Add the `config` of a job."""
        if config.PixelType is not None:
            self.color = read_color(config.PixelType)
        if config.PageSize is not None:
            self.page_size = read_page_size(config.PageSize)
        if config.XferCount is not None:
            self.max_pages = max(0, config.XferCount)
        self._take_given("dpi", config.Resolution)
        self._take_given("uses_feeder", config.IfFeederEnabled)
        self._take_given("is_duplex", config.IfDuplexEnabled)
        self._take_given("brightness", config.Brightness)
        self._take_given("contrast", config.Contrast)

    def take_snapshot(self, snapshot: Snapshot) -> None:
        """Add what `pack_settings` kept."""
        for name, value in asdict(snapshot.wishes).items():
            if value is not None and name != "warnings":
                setattr(self, name, value)

    def _take_given(self, name: str, value: Any) -> None:
        if value is not None:
            setattr(self, name, value)


@dataclass(frozen=True)
class Snapshot:
    """Settings of a pending job, for another one: opaque to callers."""

    wishes: Wishes


def pack_settings(wishes: Wishes) -> str:
    """The snapshot of a pending job's settings as base64."""
    plain = replace(wishes, warnings=[])
    return base64.b64encode(msgspec.json.encode(Snapshot(plain))).decode("ascii")


def unpack_settings(packed: str) -> Snapshot:
    """The snapshot that `pack_settings` made.

    Raises:
        InvalidInputError: If it is none.
    """
    try:
        snapshot = msgspec.json.decode(base64.b64decode(packed, validate=True), type=Snapshot)
        read_page_size(snapshot.wishes.page_size or WHOLE_AREA)
    except (binascii.Error, ValueError, msgspec.MsgspecError, InvalidInputError) as error:
        raise InvalidInputError("'settings' is no snapshot from .../scanner/settings.") from error
    return snapshot


def fit(wishes: Wishes, capabilities: Capabilities) -> tuple[ScanSettings, list[str]]:
    """The settings of a job, and a sentence for each wish that had to give way.

    Raises:
        UnsupportedSettingError: For a resolution that the device does not have.
    """
    warnings = list(wishes.warnings)
    source = _fit_source(wishes, capabilities, warnings)
    settings = ScanSettings(
        paper_source=source,
        color=_fit_color(wishes.color, capabilities, warnings),
        dpi=fit_dpi(wishes.dpi, capabilities.dpi),
        area_mm=_fit_area(wishes.page_size, capabilities.areas_mm.get(source), warnings),
        max_pages=wishes.max_pages or 0,
        brightness=_fit_level(
            "brightness", wishes.brightness, capabilities.has_brightness, warnings
        ),
        contrast=_fit_level("contrast", wishes.contrast, capabilities.has_contrast, warnings),
        threshold=wishes.threshold if capabilities.has_threshold else None,
        bits=_fit_bits(wishes.bits, capabilities, warnings),
        options=dict(wishes.options),
    )
    return settings, warnings


def fit_dpi(wanted: float | None, available: Sequence[int] | Range) -> int:
    """A resolution that the device has.

    Raises:
        UnsupportedSettingError: If `wanted` is not one of them.
    """
    if isinstance(available, Range):
        low, high = available.minimum, available.maximum
        if wanted is None:
            return round(min(max(DEFAULT_DPI, low), high))
        if not low <= wanted <= high:
            raise UnsupportedSettingError(
                f"The scanner has no {wanted:g} dpi. Choose from {low:g} to {high:g}."
            )
        return round(wanted)
    if wanted is None:
        return min(available, key=lambda dpi: abs(dpi - DEFAULT_DPI))
    if round(wanted) not in available:
        choices = ", ".join(str(dpi) for dpi in sorted(available))
        raise UnsupportedSettingError(f"The scanner has no {wanted:g} dpi. Choose from {choices}.")
    return round(wanted)


def collect(request: JobRequest) -> Wishes:
    """What a request asks for, without its `caps`: they come between `settings` and `config`."""
    wishes = Wishes()
    if request.settings:
        wishes.take_snapshot(unpack_settings(request.settings))
    return wishes


def read_color(value: Any) -> Color:
    """The colour mode of a pixel type, by number or name."""
    number = _COLOR_NAMES.get(value, value) if isinstance(value, str) else value
    if not isinstance(number, int) or isinstance(number, bool) or number not in COLORS:
        raise InvalidInputError(f"The pixel type {value!r} is none of 0, 1, 2.")
    return COLORS[number]


def read_page_size(value: Any) -> int:
    """The number of a page size that is known."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or (value != WHOLE_AREA and value not in PAGE_SIZES_MM):
        sizes = ", ".join(f"{number} {name}" for number, name in PAGE_SIZE_NAMES.items())
        raise InvalidInputError(f"The page size {value!r} is none of 0 whole area, {sizes}.")
    return int(value)


def _fit_source(wishes: Wishes, capabilities: Capabilities, warnings: list[str]) -> PaperSource:
    available = capabilities.sources or ("flatbed",)
    if wishes.is_duplex and wishes.uses_feeder is not False:
        if "duplex" in available:
            return "duplex"
        warnings.append("The scanner has no duplex; only front sides are scanned.")
    wanted: PaperSource = "feeder" if wishes.uses_feeder or wishes.is_duplex else "flatbed"
    if wishes.uses_feeder is None and not wishes.is_duplex:
        return "flatbed" if "flatbed" in available else available[0]
    if wanted in available:
        return wanted
    warnings.append(f"The scanner has no {wanted}; its {available[0]} is used.")
    return available[0]


def _fit_color(color: Color | None, capabilities: Capabilities, warnings: list[str]) -> Color:
    if color is None:
        return capabilities.colors[0]
    if color in capabilities.colors:
        return color
    warnings.append(f"The scanner has no {color} mode; {capabilities.colors[0]} is used.")
    return capabilities.colors[0]


def _fit_area(
    page_size: int | None, bed_mm: tuple[float, float] | None, warnings: list[str]
) -> tuple[float, float, float, float] | None:
    if page_size is None or page_size == WHOLE_AREA:
        return None
    width, height = PAGE_SIZES_MM[page_size]
    if bed_mm is None:
        return (0, 0, width, height)
    if width > bed_mm[0] + _SIZE_TOLERANCE_MM or height > bed_mm[1] + _SIZE_TOLERANCE_MM:
        name = PAGE_SIZE_NAMES[page_size]
        warnings.append(
            f"{name} does not fit; the scanner's {bed_mm[0]:g} x {bed_mm[1]:g} mm are scanned."
        )
        return None
    return (0, 0, min(width, bed_mm[0]), min(height, bed_mm[1]))


def _fit_level(name: str, wanted: float | None, is_there: object, warnings: list[str]) -> int:
    if not wanted:
        return 0
    if not is_there:
        warnings.append(f"The scanner has no {name}; its own is used.")
        return 0
    return round(wanted)


def _fit_bits(wanted: Bits | None, capabilities: Capabilities, warnings: list[str]) -> Bits:
    if wanted == 16 and 16 not in capabilities.bits:
        warnings.append("The scanner has no 16 bit samples; 8 bit are used.")
        return 8
    return 16 if wanted == 16 else 8
