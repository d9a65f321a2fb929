"""Patch codes on the lines across them: where four bars of the right widths stand in a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

TYPES: Mapping[str, str] = {
    "WWNN": "1",
    "WNNW": "2",
    "WNWN": "3",
    "NWWN": "4",
    "NNWW": "6",
    "NWNW": "T",
}
"""Wide and narrow bars from the leading edge on."""

UNITS, _WIDE_UNITS = 10, 2.5
"""Narrow bars in the whole (two wide and two narrow bars, three spaces), and in a wide one."""
_SMALLEST_INCH, _LARGEST_INCH = 0.055, 0.12
"""Of a narrow bar: from a copy at two thirds to one at one and a half."""
_NARROW, _SPACE, _WIDE = (0.55, 1.6), (0.45, 1.5), (1.9, 3.15)
"""In units of a narrow bar: print that spreads, and thresholds, widen bars and narrow spaces."""
_CLEAR_UNITS, _FEWEST_CLEAR = 2.8, 1.2
"""Of paper before and after the bars, less where the page ends; print must be 0.25 inch away."""
_INK_BYTE = b"\x00"
_SHORTEST_INCH = 0.6
_STEP_INCH = 0.075
"""Between lines that are looked at."""
_STEEPEST = 0.12
"""How far bars may climb: 6.8 degrees."""
_MOST_GAPS = 3
_FEWEST = 0.8
"""The share of the lines across a patch that must show it."""


@dataclass(frozen=True)
class Hit:
    """A patch as one line across it shows it, in pixels of the mask.

    Attributes:
        line: Its number among the lines that are looked at.
        row: Where that line is.
        start: Where the first bar begins on it.
        end: Where the last bar ends.
        bars: Wide and narrow, as in `TYPES`.
        fit: 1 if all bars have just their nominal widths, less if not.
    """

    line: int
    row: int
    start: int
    end: int
    bars: str
    fit: float


def find_runs(mask: Image.Image, dpi: tuple[float, float]) -> list[list[Hit]]:
    """The patches whose bars stand upright in a mask, each as the lines across it.

    Args:
        mask: Of mode `L`, 0 is ink and 255 paper.
        dpi: (horizontal, vertical).
    """
    step = max(1, round(dpi[1] * _STEP_INCH))
    chains = _chains(_hits(mask, dpi[0], step))
    return [chain for chain in chains if _is_whole(chain, _SHORTEST_INCH * dpi[1], step)]


def _hits(mask: Image.Image, dpi: float, step: int) -> list[Hit]:
    """Every place where a row of the mask looks as if it crossed a patch."""
    # One pixel that is neither ink nor paper after each row keeps rows apart.
    width, data = mask.width + 1, mask.tobytes()
    rows = b"\x80".join(
        data[y * mask.width : (y + 1) * mask.width] for y in range(0, mask.height, step)
    )
    found = []
    for match in _pattern(dpi).finditer(rows):
        line, start = divmod(match.start() + 1, width)
        hit = _hit((line, line * step), start, [len(run) for run in match.groups()])
        if hit is not None and _is_clear(rows[line * width : (line + 1) * width - 1], hit):
            found.append(hit)
    return found


@lru_cache(maxsize=8)
def _pattern(dpi: float) -> re.Pattern[bytes]:
    """Four runs of ink with paper around and between, of about the widths of a patch."""
    small, large = _SMALLEST_INCH * dpi, _LARGEST_INCH * dpi
    bar = rb"(\x00{%d,%d})" % (small * _NARROW[0], large * _WIDE[1] + 1)
    space = rb"(\xff{%d,%d})" % (max(1, small * _SPACE[0]), large * _SPACE[1] + 1)
    clear = rb"\xff{%d}" % max(1, small * _FEWEST_CLEAR)
    runs = space.join([bar] * 4)
    # Ahead only, so that a mark right before a patch does not use up its first bars.
    # The two bytes at its start are what the search is fast for.
    return re.compile(rb"\xff(?=\x00)(?<=%s)(?=%s%s)" % (clear, runs, clear))


def _hit(at: tuple[int, int], start: int, runs: Sequence[int]) -> Hit | None:
    unit = sum(runs) / UNITS
    bars, spaces = runs[::2], runs[1::2]
    if not all(_SPACE[0] <= space / unit <= _SPACE[1] for space in spaces):
        return None
    kinds, off = "", 0.0
    for bar in bars:
        wide = _WIDE[0] <= bar / unit <= _WIDE[1]
        if not wide and not _NARROW[0] <= bar / unit <= _NARROW[1]:
            return None
        kinds += "W" if wide else "N"
        off += abs(bar / unit - (_WIDE_UNITS if wide else 1))
    if kinds not in TYPES:
        return None
    return Hit(*at, start, start + sum(runs), kinds, 1 - off / UNITS)


def _is_clear(row: bytes, hit: Hit) -> bool:
    """Whether there is as much paper around as the print of a patch needs, or the page ends."""
    clear = int(_CLEAR_UNITS * (hit.end - hit.start) / UNITS)
    return _INK_BYTE not in row[max(0, hit.start - clear) : hit.start] + row[hit.end :][:clear]


def _chains(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Hits of one type that follow each other from line to line."""
    chains: list[list[Hit]] = []
    near: list[list[Hit]] = []
    for hit in hits:
        near = [chain for chain in near if hit.line - chain[-1].line <= _MOST_GAPS]
        own = next((chain for chain in near if _follows(hit, chain[-1])), None)
        if own is None:
            own = []
            chains.append(own)
            near.append(own)
        own.append(hit)
    return chains


def _follows(hit: Hit, last: Hit) -> bool:
    lines = hit.line - last.line
    slack = _STEEPEST * (hit.row - last.row) + 2
    return (
        hit.bars == last.bars
        and 1 <= lines <= _MOST_GAPS
        and abs(hit.start - last.start) <= slack
        and abs(hit.end - last.end) <= slack
    )


def _is_whole(chain: Sequence[Hit], shortest: float, step: int) -> bool:
    lines = chain[-1].line - chain[0].line + 1
    return lines * step >= shortest and len(chain) >= _FEWEST * lines
