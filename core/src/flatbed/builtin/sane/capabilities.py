"""What a device can do, found by looking at its options in each source and mode."""

from __future__ import annotations

from collections.abc import Sequence

from flatbed.addon.types import Capabilities, DriverOption, PaperSource, Range
from flatbed.builtin.sane import colors, geometry, sources
from flatbed.builtin.sane.options import Option, OptionSet
from flatbed.builtin.sane.settings import RESOLUTIONS, read_dpi

_TONES = ("brightness", "contrast", "threshold")
_HANDLED = {*sources.HANDLED, *colors.HANDLED, *geometry.HANDLED, *RESOLUTIONS, *_TONES}
_DEFAULT_DPI = (300.0, 300.0)


def read_capabilities(options: OptionSet) -> Capabilities:
    """Say what a freshly opened device can do; nothing moves, and its settings are lost.

    The driver's own options come as they are in the device's default source and mode; buttons and
    arrays, such as gamma tables, are left out.

    Raises:
        DeviceFault: If the device refuses to be asked.
    """
    own = _list_own(options)
    bits = colors.list_bits(options)
    has_tone = {name: options.find(name) is not None for name in _TONES}
    dpi = _list_dpi(options)
    found_sources = sources.list_sources(options)
    areas = _measure(options, found_sources)
    found_colors = colors.list_colors(options)
    return Capabilities(
        sources=found_sources,
        colors=found_colors,
        dpi=dpi,
        areas_mm=areas,
        bits=bits,
        has_brightness=has_tone["brightness"],
        has_contrast=has_tone["contrast"],
        has_threshold="bw" in found_colors and _has_threshold(options),
        is_feeder_loaded=sources.read_paper_sensor(options),
        options=own,
    )


def _list_own(options: OptionSet) -> list[DriverOption]:
    return [
        DriverOption(
            name=option.name,
            title=option.title,
            value=options.read(option.name) if option.is_readable else None,
            choices=option.choices,
            unit=option.unit,
        )
        for option in options
        if _is_own(option)
    ]


def _is_own(option: Option) -> bool:
    is_usable = option.is_active and option.is_settable and not option.is_array
    return is_usable and option.kind != "button" and option.name not in _HANDLED


def _list_dpi(options: OptionSet) -> Sequence[int] | Range:
    option = options.find(*RESOLUTIONS)
    if option is None:
        return (int(read_dpi(options, _DEFAULT_DPI)[0]),)
    if isinstance(option.choices, Range):
        return option.choices
    return [round(choice) for choice in option.choices or _DEFAULT_DPI[:1]]


def _measure(options: OptionSet, found: Sequence[PaperSource]) -> dict[str, tuple[float, float]]:
    areas: dict[str, tuple[float, float]] = {}
    # The default source last, so that what is asked after this is asked of it.
    for source in reversed(found):
        sources.choose_source(options, source, _keep_quiet)
        largest = geometry.read_largest_mm(options, read_dpi(options, _DEFAULT_DPI))
        areas |= {source: largest} if largest else {}
    return {source: areas[source] for source in found if source in areas}


def _has_threshold(options: OptionSet) -> bool:
    colors.choose_color(options, "bw", 8, warn=_keep_quiet)
    return options.find("threshold") is not None


def _keep_quiet(sentence: str) -> None:
    """Fall-backs are no news where one only looks."""
