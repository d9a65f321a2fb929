"""Applying `ScanSettings` to a device, in the order in which its options depend on each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flatbed.addon.types import PaperSource, Range, ScanSettings
from flatbed.builtin.sane.colors import choose_color
from flatbed.builtin.sane.geometry import choose_area
from flatbed.builtin.sane.options import Option, OptionSet, accepts, limits_of, nearest, put
from flatbed.builtin.sane.sources import choose_source
from flatbed.errors import UnsupportedSettingError

RESOLUTIONS = ("resolution", "scan-resolution", "x-resolution", "y-resolution")
"""Options that `ScanSettings.dpi` stands for; a device has one of them, or one a direction."""

Warn = Callable[[str], None]


@dataclass(frozen=True)
class Applied:
    """What a device took: where its paper comes from, and its (horizontal, vertical) dpi."""

    source: PaperSource
    dpi: tuple[float, float]


def apply_settings(options: OptionSet, settings: ScanSettings, *, warn: Warn) -> Applied:
    """Set everything that a job wants.

    Args:
        options: Of the device.
        settings: What is wanted.
        warn: Takes a sentence for each setting that fell back.

    Raises:
        UnsupportedSettingError: If the device cannot have the resolution, or the value of one of
            its own options.
        DeviceFault: If the device refuses.
    """
    waiting = _set_own(options, settings.options, warn)
    source = choose_source(options, settings.paper_source, warn)
    choose_color(options, settings.color, settings.bits, warn=warn)
    # Options that exist in one mode only come to life by the choice of it.
    for name in _set_own(options, waiting, warn):
        warn(f"The scanner has no option {name} with these settings; it was left out.")
    dpi = _set_dpi(options, settings.dpi, warn)
    choose_area(options, settings.area_mm, dpi, warn=warn)
    _set_tone(options, "brightness", settings.brightness, warn)
    _set_tone(options, "contrast", settings.contrast, warn)
    if settings.threshold is not None and settings.color == "bw":
        _set_threshold(options, settings.threshold, warn)
    return Applied(source, dpi)


def _set_own(options: OptionSet, values: Mapping[str, Any], warn: Warn) -> dict[str, Any]:
    """Set options by the driver's own names; returns those that are not there now."""
    waiting = {}
    for name, value in values.items():
        option = options.find(name)
        if option is None:
            waiting[name] = value
            continue
        taken = options.write(name, value)
        if taken.is_inexact:
            warn(f"The scanner made {taken.value} of {value} for its option {name}.")
    return waiting


def _set_dpi(options: OptionSet, dpi: int, warn: Warn) -> tuple[float, float]:
    found = [option for name in RESOLUTIONS if (option := options.find(name))]
    if not found:
        warn("The scanner does not let its resolution be chosen.")
        return float(dpi), float(dpi)
    for option in found:
        if not accepts(option, dpi):
            raise UnsupportedSettingError(
                f"The scanner does not have {dpi} dpi. Choose {_describe(option)} dpi.", dpi=dpi
            )
        # The options of the second direction may be new descriptors by now; names stay.
        put(options, option, dpi)
    return read_dpi(options, (float(dpi), float(dpi)))


def read_dpi(options: OptionSet, default: tuple[float, float]) -> tuple[float, float]:
    """The (horizontal, vertical) resolution now; `default` where the device does not tell."""
    both = options.find_sensor("resolution", "scan-resolution")
    across = options.find_sensor("x-resolution") or both
    down = options.find_sensor("y-resolution") or both or across
    if across is None or down is None:
        return default
    return _read_number(options, across), _read_number(options, down)


def _read_number(options: OptionSet, option: Option) -> float:
    value = options.read(option.name)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _describe(option: Option) -> str:
    if isinstance(option.choices, Range):
        limits = option.choices
        step = f" in steps of {limits.step:g}" if limits.step > 1 else ""
        return f"{limits.minimum:g} to {limits.maximum:g}{step}"
    return "one of " + ", ".join(f"{choice:g}" for choice in option.choices or ())


def _set_tone(options: OptionSet, name: str, thousandths: int, warn: Warn) -> None:
    """Move an option from its default towards one end of its range; 0 leaves it."""
    if thousandths == 0:
        return
    option = options.find(name)
    limits = limits_of(option) if option and option.kind in ("int", "fixed") else None
    if option is None or limits is None:
        warn(f"The scanner has no {name}; it was left as it is.")
        return
    default = _read_number(options, option)
    end = limits[1] if thousandths > 0 else limits[0]
    put(options, option, nearest(option, default + (end - default) * abs(thousandths) / 1000))


def _set_threshold(options: OptionSet, threshold: int, warn: Warn) -> None:
    option = options.find("threshold")
    limits = limits_of(option) if option else None
    if option is None or limits is None:
        warn("The scanner has no threshold; it decides by itself what is black.")
        return
    put(options, option, nearest(option, limits[0] + (limits[1] - limits[0]) * threshold / 255))
