"""Colour modes and bits of a sample: a device's mode and depth options."""

from __future__ import annotations

from collections.abc import Callable

from flatbed.addon.types import Color
from flatbed.builtin.sane.options import Option, OptionSet, accepts, limits_of, put
from flatbed.builtin.sane.words import match_deep_mode, match_mode

_MODE, _DEPTH = "mode", "depth"
HANDLED = (_MODE, _DEPTH)
"""Options that `ScanSettings.color` and `bits` stand for."""

_FALLBACKS: dict[Color, tuple[Color, ...]] = {
    "bw": ("gray", "color"),
    "gray": ("color", "bw"),
    "color": ("gray", "bw"),
}
_NAMES: dict[Color, str] = {"bw": "black and white", "gray": "gray", "color": "colour"}


def list_colors(options: OptionSet) -> list[Color]:
    """The colour modes, the present one first; may leave another one chosen."""
    mode = options.find(_MODE)
    if mode is None:
        return ["color"]
    present = options.read(_MODE)
    order: list[Color] = ["color", "gray", "bw"]
    found = [color for color in order if match_mode(_words(mode), color)]
    if "bw" not in found and "gray" in found and _has_one_bit_gray(options, mode):
        found.append("bw")
    return sorted(found, key=lambda color: match_mode(_words(mode), color) != present)


def list_bits(options: OptionSet) -> list[int]:
    """Bits of a sample in the present mode, of 8 and 16."""
    mode, depth = options.find(_MODE), options.find(_DEPTH)
    words = _words(mode) if mode else []
    is_deep = match_deep_mode(words, "color") or (depth and _deepest(depth) > 8)
    return [8, 16] if is_deep else [8]


def choose_color(
    options: OptionSet, color: Color, bits: int, *, warn: Callable[[str], None]
) -> None:
    """Choose a colour mode and bits of a sample, or the nearest that the device has."""
    chosen = _choose_mode(options, color, bits)
    if chosen == "gray" and color == "bw" and _choose_one_bit(options):
        return
    if chosen != color:
        warn(f"The scanner has no {_NAMES[color]}; the page comes in {_NAMES[chosen]}.")
    if chosen == "bw":
        _choose_one_bit(options)
    else:
        _choose_bits(options, chosen, bits, warn)


def _choose_mode(options: OptionSet, color: Color, bits: int) -> Color:
    mode = options.find(_MODE)
    if mode is None:
        return "color"
    for candidate in (color, *_FALLBACKS[color]):
        word = match_mode(_words(mode), candidate)
        if bits == 16:
            word = match_deep_mode(_words(mode), candidate) or word
        if word is not None:
            put(options, mode, word)
            return candidate
    return color


def _choose_one_bit(options: OptionSet) -> bool:
    depth = options.find(_DEPTH)
    if depth is None or not accepts(depth, 1):
        return False
    put(options, depth, 1)
    return True


def _choose_bits(options: OptionSet, color: Color, bits: int, warn: Callable[[str], None]) -> None:
    mode, depth = options.find(_MODE), options.find(_DEPTH)
    if depth is not None:
        # Scanners with 12 or 14 bits say so here, and send 16.
        offered = _deepest(depth) if bits == 16 else _shallowest(depth)
        put(options, depth, offered)
        is_met = bits == 8 or offered > 8
    else:
        deep = match_deep_mode(_words(mode), color) if mode else None
        is_met = bits == 8 or deep is not None
    if not is_met:
        warn("The scanner has no 16 bits a sample; the page comes with 8.")


def _deepest(depth: Option) -> int:
    limits = limits_of(depth)
    return 16 if limits is None or accepts(depth, 16) else int(limits[1])


def _shallowest(depth: Option) -> int:
    limits = limits_of(depth)
    if limits is None or accepts(depth, 8) or not isinstance(depth.choices, tuple):
        return 8
    return int(min((choice for choice in depth.choices if choice > 8), default=limits[1]))


def _has_one_bit_gray(options: OptionSet, mode: Option) -> bool:
    word = match_mode(_words(mode), "gray")
    if word is not None:
        put(options, mode, word)
    depth = options.find(_DEPTH)
    return depth is not None and accepts(depth, 1)


def _words(option: Option) -> list[str]:
    return [str(word) for word in option.choices] if isinstance(option.choices, tuple) else []
