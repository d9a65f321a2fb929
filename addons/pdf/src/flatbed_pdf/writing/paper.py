"""Sizes of pages: as they were scanned, or of a paper with the picture in its middle."""

from __future__ import annotations

from typing import TypeAlias

from flatbed.errors import InvalidInputError

Size: TypeAlias = tuple[float, float]
"""(width, height)."""

Layout: TypeAlias = tuple[float, float, float, float]
"""Width and height of the page, then of the picture in its middle, in points of 1/72 inch."""

AS_SCANNED, CUSTOM = 0, 1

# Sides that every viewer takes: ISO 32000-1, annex C.
_LEAST_PT, _MOST_PT = 3.0, 14_400.0
_PT_PER_INCH, _MM_PER_INCH = 72, 25.4
_PAPERS_MM = {2: (210.0, 297.0), 4: (297.0, 420.0), 6: (215.9, 279.4), 8: (215.9, 355.6)}


def find_paper(page_type: int, *, custom_mm: Size) -> Size | None:
    """The (width, height) in points of a page type of the wire contract; `None` for as scanned.

    Args:
        page_type: Its number.
        custom_mm: The size of type 1; else without effect.

    Raises:
        InvalidInputError: If there is no such type, or a custom page has no size.
    """
    if page_type == AS_SCANNED:
        return None
    if page_type == CUSTOM:
        return _check_custom(_to_points(custom_mm))
    upright = _PAPERS_MM.get(page_type - page_type % 2)
    if upright is None:
        raise InvalidInputError(f"There is no page type {page_type}. Choose one from 0 to 9.")
    width, height = _to_points(upright)
    return (height, width) if page_type % 2 else (width, height)


def lay_out(size_px: tuple[int, int], dpi: Size, paper_pt: Size | None) -> Layout:
    """Where a picture comes on its page.

    It keeps the size that it was scanned in; one that is larger than the paper is made smaller.

    Args:
        size_px: Of the picture.
        dpi: (horizontal, vertical) dots per inch.
        paper_pt: The page; `None` for one that fits the picture.
    """
    width, height = (px / each * _PT_PER_INCH for px, each in zip(size_px, dpi, strict=True))
    if paper_pt is None:
        return max(width, _LEAST_PT), max(height, _LEAST_PT), width, height
    scale = min(1.0, paper_pt[0] / width, paper_pt[1] / height)
    return *paper_pt, width * scale, height * scale


def _to_points(size_mm: Size) -> Size:
    width, height = (each / _MM_PER_INCH * _PT_PER_INCH for each in size_mm)
    return width, height


def _check_custom(size_pt: Size) -> Size:
    if not all(_LEAST_PT <= each <= _MOST_PT for each in size_pt):
        raise InvalidInputError(
            "A custom page needs page_width_mm and page_height_mm, each from 2 to 5080."
        )
    return size_pt
