"""How many pixels each page will have, known of all pages before any is drawn."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pypdfium2 import raw

from flatbed.addon.types import Mode
from flatbed.errors import InvalidInputError, TooBigError
from flatbed_pdf.reading.opening import Document, damaged_page
from flatbed_pdf.reading.wishes import ReadWishes, Region

MAX_PIXELS = 100_000_000
"""Of one page: an A4 page at 1200 dpi has 139 million, one at 1000 dpi 97."""

MAX_SIDE_PX = 65_500
"""Of one page: the most of a JPEG, so that every page can be asked for as one."""

MAX_PAGES = 2_000

MAX_ALL_PIXELS = 20_000_000_000
"""Of all pages of one load: 2,000 of A4 at 300 dpi have 17.4 thousand million."""

_MOST_FULL_PX = 1_000_000  # pdfium counts in 1/256 pixels of 32 bits
_PT, _MM = 72, 25.4  # of one inch

Box: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True, kw_only=True)
class PagePlan:
    """How one page is drawn.

    Attributes:
        number: From 1.
        full_px: (width, height) of the whole page.
        box_px: Left, top, right, bottom of what becomes the new page, within the whole one.
        dpi: (horizontal, vertical).
        mode: `1`, `L` or `RGB`.
        unit: Points in one unit of the page's coordinates (`UserUnit`).
    """

    number: int
    full_px: tuple[int, int]
    box_px: Box
    dpi: tuple[float, float]
    mode: Mode
    unit: float = 1

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height) of the new page."""
        left, top, right, bottom = self.box_px
        return right - left, bottom - top


def is_within_budget(size_px: tuple[int, int]) -> bool:
    """Whether a page of (width, height) may be made."""
    return size_px[0] * size_px[1] <= MAX_PIXELS and max(size_px) <= MAX_SIDE_PX


def plan_pages(document: Document, wishes: ReadWishes) -> list[PagePlan]:
    """The wished pages in their order, each within the budget; nothing is drawn.

    Raises:
        InvalidInputError: If there is no such page, or the region is outside it.
        TooBigError: If the pages, the pixels of one or those of all are too many.
    """
    count = len(document)
    spans = wishes.spans or ((1, count),)
    if sum(last - first + 1 for first, last in spans) > MAX_PAGES:
        raise TooBigError(f"These are more than {MAX_PAGES} pages. Choose fewer by the page range.")
    plans = list(_plan(document, wishes, spans=spans, count=count))
    _check_sum(plans)
    return plans


def _check_sum(plans: Sequence[PagePlan]) -> None:
    pixels = sum(width * height for width, height in (plan.size_px for plan in plans))
    if pixels <= MAX_ALL_PIXELS:
        return
    fitting = math.floor(plans[0].dpi[0] * math.sqrt(MAX_ALL_PIXELS / pixels))
    lower = f", or read them at {fitting - 1} dpi" if fitting > 1 else ""
    raise TooBigError(
        f"The pages would have {pixels} pixels in all; {MAX_ALL_PIXELS} are allowed."
        f" Choose fewer by the page range{lower}."
    )


def _plan(
    document: Document, wishes: ReadWishes, *, spans: tuple[tuple[int, int], ...], count: int
) -> Iterator[PagePlan]:
    for first, last in spans:
        if last > count:
            raise InvalidInputError(f"The PDF has {count} pages; there is no page {last}.")
        for number in range(first, last + 1):
            yield _plan_page(number, document, wishes)


def _measure(document: Document, number: int) -> tuple[float, float]:
    """(width, height) in its own units of a page as it is shown, by crop box and rotation."""
    size = raw.FS_SIZEF()
    if not raw.FPDF_GetPageSizeByIndexF(document, number - 1, ctypes.byref(size)):
        raise damaged_page(number)
    width, height = float(size.width), float(size.height)
    if not (0 < width < math.inf and 0 < height < math.inf):
        raise damaged_page(number)
    return width, height


def _plan_page(number: int, document: Document, wishes: ReadWishes) -> PagePlan:
    dpi, unit = wishes.dpi, document.structure.units.get(number, 1.0)
    width, height = _measure(document, number)
    full_px = _to_px(width * unit, dpi), _to_px(height * unit, dpi)
    plan = PagePlan(
        number=number,
        full_px=full_px,
        box_px=_find_box(full_px, wishes.region, dpi),
        dpi=(dpi, dpi),
        mode=wishes.mode,
        unit=unit,
    )
    if min(plan.size_px) <= 0:
        raise InvalidInputError(f"The region lies outside page {number}. Choose one on the page.")
    if not is_within_budget(plan.size_px) or max(full_px) > _MOST_FULL_PX:
        raise _too_big(plan)
    return plan


def _to_px(length_pt: float, dpi: float) -> int:
    # No more than a number that nothing is drawn at: the product may be endless.
    return max(1, round(min(length_pt / _PT * dpi, 1e12)))


def _find_box(full_px: tuple[int, int], region: Region | None, dpi: float) -> Box:
    if region is None:
        return 0, 0, *full_px
    left, top, right, bottom = (round(min(each / _MM * dpi, 1e9)) for each in region)
    return left, top, min(max(right, left + 1), full_px[0]), min(max(bottom, top + 1), full_px[1])


def _too_big(plan: PagePlan) -> TooBigError:
    width, height = plan.size_px
    fitting = _find_dpi(plan)
    way_out = f"Read it at {fitting} dpi." if fitting else "No resolution is low enough for it."
    return TooBigError(
        f"Page {plan.number} would have {width} x {height} pixels; {MAX_PIXELS} are allowed,"
        f" {MAX_SIDE_PX} a side. {way_out}"
    )


def _find_dpi(plan: PagePlan) -> int:
    """The most whole dots per inch at which a page fits; 0 for none."""
    width, height = plan.size_px
    share = min(
        math.sqrt(MAX_PIXELS / (width * height)),
        MAX_SIDE_PX / max(width, height),
        _MOST_FULL_PX / max(plan.full_px),
    )
    # What is rounded up must fit too.
    return max(0, math.floor(plan.dpi[0] * share * (1 - 1 / MAX_SIDE_PX)))
