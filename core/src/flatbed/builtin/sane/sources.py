"""Where the paper comes from: a device's source option, its duplex switch, its sensor."""

from __future__ import annotations

from collections.abc import Callable

from flatbed.addon.types import PaperSource
from flatbed.builtin.sane.options import Option, OptionSet, Value, put
from flatbed.builtin.sane.words import match_source, source_of

_SOURCES = ("source", "doc-source")
_DUPLEX_SWITCHES = ("adf-mode", "adf_mode", "duplex")
_PAPER_SENSORS = ("page-loaded", "adf-loaded")
HANDLED = (*_SOURCES, *_DUPLEX_SWITCHES)
"""Options that `ScanSettings.paper_source` stands for."""

_FALLBACKS: dict[PaperSource, tuple[PaperSource, ...]] = {
    "flatbed": ("feeder", "duplex"),
    "feeder": ("duplex", "flatbed"),
    "duplex": ("feeder", "flatbed"),
}
_NAMES: dict[PaperSource, str] = {
    "flatbed": "flatbed",
    "feeder": "feeder",
    "duplex": "duplex feeder",
}


def list_sources(options: OptionSet) -> list[PaperSource]:
    """The ways the paper comes in, the present one first; may leave another one chosen."""
    option = _source_option(options)
    if option is None:
        return _sources_without_choice(options)
    words = [str(options.read(option.name)), *_words(option)]
    found = list(dict.fromkeys(source for word in words if (source := source_of(word))))
    if "feeder" in found and "duplex" not in found:
        # The switch may be inactive until the feeder is chosen.
        _choose(options, option, "feeder")
        found += ["duplex"] if options.find(*_DUPLEX_SWITCHES) else []
    return found or ["flatbed"]


def choose_source(
    options: OptionSet, wanted: PaperSource, warn: Callable[[str], None]
) -> PaperSource:
    """Choose a source, or the nearest that the device has; returns the one that is chosen."""
    chosen = _choose_nearest(options, wanted)
    if chosen != wanted:
        warn(f"The scanner has no {_NAMES[wanted]}; its {_NAMES[chosen]} is used.")
    return chosen


def read_paper_sensor(options: OptionSet) -> bool | None:
    """Whether paper lies in the feeder; `None` where the device has no sensor for it."""
    sensor = options.find_sensor(*_PAPER_SENSORS)
    return bool(options.read(sensor.name)) if sensor else None


def _choose_nearest(options: OptionSet, wanted: PaperSource) -> PaperSource:
    option = _source_option(options)
    if option is None:
        present = _sources_without_choice(options)
        chosen = wanted if wanted in present else present[0]
        _switch_duplex(options, chosen)
        return chosen
    order = (wanted, *_FALLBACKS[wanted])
    return next((source for source in order if _choose(options, option, source)), "flatbed")


def _choose(options: OptionSet, option: Option, source: PaperSource) -> bool:
    word = match_source(_words(option), source)
    if word is not None:
        put(options, option, word)
        _switch_duplex(options, source)
        return True
    if source != "duplex" or not _choose(options, option, "feeder"):
        return False
    return _switch_duplex(options, "duplex")


def _sources_without_choice(options: OptionSet) -> list[PaperSource]:
    # A device without a choice is sheet-fed if it can tell that a sheet lies in it.
    if options.find_sensor(*_PAPER_SENSORS) is None:
        return ["flatbed"]
    return ["feeder", "duplex"] if options.find(*_DUPLEX_SWITCHES) else ["feeder"]


def _switch_duplex(options: OptionSet, source: PaperSource) -> bool:
    switch = options.find(*_DUPLEX_SWITCHES)
    value = _switch_value(switch, source) if switch else None
    if switch is None or value is None:
        return False
    put(options, switch, value)
    return True


def _switch_value(switch: Option, source: PaperSource) -> Value:
    if switch.kind == "bool":
        return source == "duplex"
    fitting = (
        word for word in _words(switch) if ("duplex" in word.lower()) == (source == "duplex")
    )
    return next(fitting, None)


def _source_option(options: OptionSet) -> Option | None:
    option = options.find(*_SOURCES)
    return option if option and _words(option) else None


def _words(option: Option) -> list[str]:
    return [str(word) for word in option.choices] if isinstance(option.choices, tuple) else []
