"""The words that drivers use for colour modes and paper sources, matched to ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flatbed.addon.types import Color, PaperSource

# Best match first; from the backends of sane-backends 1.2, sane-airscan, brscan4, epkowa and hpaio.
_MODES: dict[Color, tuple[str, ...]] = {
    "bw": (
        r"line ?art",
        r"binary",
        r"black ?(&|and|/) ?white",
        r"mono(chrome)?",
        r"b/?w",
        r"halftone",
    ),
    "gray": (r"gr[ae]y(scale)?", r"true gr[ae]y", r"(8.bit|256 levels) gr[ae]y", r"gr[ae]y\b.*"),
    "color": (r"colou?r", r"rgb", r"(24.?bit|true|full) colou?r", r"colou?r (?!lineart|half).*"),
}
_DEEP_MODES: dict[Color, tuple[str, ...]] = {
    "bw": (),
    "gray": (r"16.?bits? gr[ae]y",),
    "color": (r"(48|16).?bits? colou?r",),
}
_DUPLEX = re.compile(r"duplex|both sides", re.IGNORECASE)
_FEEDER = re.compile(r"\badf\b|feeder", re.IGNORECASE)
_FLATBED = re.compile(r"flat ?bed|\bfb\b|platen|document table|normal|book", re.IGNORECASE)
# Backs alone, cards and film are neither of our sources.
_OTHER = re.compile(
    r"\b(back|rear|card|manual|tma|film|slides?|negatives?|transparency)\b", re.IGNORECASE
)


def match_mode(words: Sequence[str], color: Color) -> str | None:
    """The device's word for a colour mode with 8 bits a sample, or `None`."""
    return _first_match(words, _MODES[color])


def match_deep_mode(words: Sequence[str], color: Color) -> str | None:
    """The device's word for a colour mode of its own with 16 bits a sample, or `None`."""
    return _first_match(words, _DEEP_MODES[color])


def match_source(words: Sequence[str], source: PaperSource) -> str | None:
    """The device's word for a way that paper comes in, or `None`."""
    fitting = [word for word in words if source_of(word) == source]
    # Where there is a word for front sides, the bare "ADF" may well mean whatever was used last.
    return next((word for word in fitting if "front" in word.lower()), next(iter(fitting), None))


def source_of(word: str) -> PaperSource | None:
    """Which of our sources a device's word means, or `None` for film, cards and the like."""
    if _OTHER.search(word):
        return None
    if _DUPLEX.search(word):
        return "duplex"
    if _FEEDER.search(word):
        return "feeder"
    return "flatbed" if _FLATBED.search(word) else None


def _first_match(words: Sequence[str], patterns: Sequence[str]) -> str | None:
    for pattern in patterns:
        for word in words:
            if re.fullmatch(pattern, word.strip(), re.IGNORECASE):
                return word
    return None
