"""What the caller wants of a PDF that is read, checked before it is opened."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from flatbed.addon.types import Mode
from flatbed.errors import InvalidInputError

Region: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom) in millimetres from the top left of the page as it is shown."""

MODES: Mapping[str, Mode] = {"color": "RGB", "gray": "L", "bw": "1"}

_TYPES = ("", "application/octet-stream", "application/pdf", "application/x-pdf")
_SPAN = re.compile(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", re.ASCII)
_LEAST_DPI, _MOST_DPI = 1, 10_000


@dataclass(frozen=True, kw_only=True)
class ReadWishes:
    """What pages shall become.

    Attributes:
        dpi: Dots per inch, both ways.
        mode: `1`, `L` or `RGB`.
        spans: First and last numbers of pages, from 1; empty for all.
        region: What of each page; `None` for all of it.
        has_forms: Form fields are drawn.
        has_annotations: Notes, stamps and the like are drawn.
        password: That opens the file.
    """

    dpi: float
    mode: Mode
    spans: tuple[tuple[int, int], ...]
    region: Region | None
    has_forms: bool
    has_annotations: bool
    password: str = field(repr=False)

    @property
    def show_all(self) -> bool:
        """Pages look as the file has them: in their colors, whole, with all that is on them."""
        is_whole = self.region is None and self.mode == "RGB"
        return is_whole and self.has_forms and self.has_annotations


def read_wishes(settings: Mapping[str, Any]) -> ReadWishes:
    """Settings by the manifest's names, all there, of the right types.

    Raises:
        InvalidInputError: For a value that cannot be.
    """
    _check_type(settings.get("media_type", ""))
    return ReadWishes(
        dpi=_check_dpi(settings["dpi"]),
        mode=_find_mode(settings["color"]),
        spans=_read_spans(settings["page_range"]),
        region=_read_region(settings["region"]),
        has_forms=settings["forms"],
        has_annotations=settings["annotations"],
        password=settings["password"],
    )


def _check_type(declared: str) -> None:
    if declared.partition(";")[0].strip().lower() not in _TYPES:
        raise InvalidInputError(
            "The file is a PDF and was declared as another type."
            " Send it with the type application/pdf."
        )


def _check_dpi(dpi: float) -> float:
    if not _LEAST_DPI <= dpi <= _MOST_DPI:
        raise InvalidInputError(f"The dpi is not between {_LEAST_DPI} and {_MOST_DPI}.")
    return float(dpi)


def _find_mode(color: str) -> Mode:
    if color not in MODES:
        raise InvalidInputError(f"There is no such color. Choose one of {', '.join(MODES)}.")
    return MODES[color]


def _read_spans(text: str) -> tuple[tuple[int, int], ...]:
    if not text.strip():
        return ()
    return tuple(_read_span(part) for part in text.split(","))


def _read_span(part: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(part)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
    if not 1 <= first <= last:
        raise InvalidInputError("The page range cannot be read. Write it as 1-3,7.")
    return first, last


def _read_region(region: list[float]) -> Region | None:
    if not region:
        return None
    if len(region) != 4 or not all(math.isfinite(each) and each >= 0 for each in region):
        raise InvalidInputError(
            "The region is not left, top, right and bottom in millimetres from the page's top left."
        )
    left, top, right, bottom = region
    if left >= right or top >= bottom:
        raise InvalidInputError("The region has no area: right and bottom must be the larger ones.")
    return left, top, right, bottom
