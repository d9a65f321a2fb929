"""Pages that are one scanned picture and nothing else, which keep its own pixels."""

from __future__ import annotations

from typing import Any

import pypdfium2 as pdfium
from pypdfium2 import raw

from flatbed.addon.types import Mode
from flatbed_pdf.reading.plan import PagePlan, is_within_budget
from flatbed_pdf.reading.wishes import ReadWishes

_KINDS: dict[tuple[int, int], Mode] = {
    (1, raw.FPDF_COLORSPACE_DEVICEGRAY): "1",
    (8, raw.FPDF_COLORSPACE_DEVICEGRAY): "L",
    (24, raw.FPDF_COLORSPACE_DEVICERGB): "RGB",
}
"""By bits of a pixel and color space; all others would be converted."""

_LOSSLESS: dict[Mode, tuple[Mode, ...]] = {"RGB": ("1", "L", "RGB"), "L": ("1", "L"), "1": ("1",)}
"""Modes that are handed out where another one is wished for, because nothing gets lost."""

_MOST_OFF_PX = 0.1
_INSET_PX = 0.05
_LEAST_DPI, _MOST_DPI = 1, 10_000
_PT = 72


def keep_pixels(page: Any, plan: PagePlan, wishes: ReadWishes) -> PagePlan | None:
    """The plan that draws each pixel of a page's only picture once; `None` for other pages.

    The picture is moved within its own pixels on the opened page: pdfium draws every pixel that an
    edge touches, and an edge that is off by the last bit of a float would cost one more column.
    """
    picture = _find_picture(page, wishes)
    if picture is None:
        return None
    kind = picture.get_metadata()
    mode = _KINDS.get((kind.bits_per_pixel, kind.colorspace))
    size_px = int(kind.width), int(kind.height)
    if mode not in _LOSSLESS[wishes.mode] or not min(size_px) or not is_within_budget(size_px):
        return None
    if not _covers(page, picture, size_px):
        return None
    width_pt, height_pt = (each * plan.unit for each in page.get_size())
    dpi = round(size_px[0] * _PT / width_pt, 2), round(size_px[1] * _PT / height_pt, 2)
    if not all(_LEAST_DPI <= each <= _MOST_DPI for each in dpi):
        return None
    _inset(picture, size_px)
    return PagePlan(
        number=plan.number,
        full_px=size_px,
        box_px=(0, 0, *size_px),
        dpi=dpi,
        mode=mode,
        unit=plan.unit,
    )


def _find_picture(page: Any, wishes: ReadWishes) -> Any:
    if wishes.region is not None or page.get_rotation() or raw.FPDFPage_CountObjects(page) != 1:
        return None
    if (wishes.has_forms or wishes.has_annotations) and raw.FPDFPage_GetAnnotCount(page):
        return None
    (found,) = page.get_objects(max_depth=1)
    if found.type != raw.FPDF_PAGEOBJ_IMAGE:
        return None
    clip = raw.FPDFPageObj_GetClipPath(found)
    return None if clip and raw.FPDFClipPath_CountPaths(clip) > 0 else found


def _covers(page: Any, picture: Any, size_px: tuple[int, int]) -> bool:
    left, bottom, right, top = page.get_bbox()
    a, b, c, d, e, f = picture.get_matrix().get()
    width_px, height_px = size_px
    if b or c or a <= 0 or d <= 0:
        return False
    off_px = (
        *((e - left) * width_px / a, (e + a - right) * width_px / a),
        *((f - bottom) * height_px / d, (f + d - top) * height_px / d),
    )
    return all(abs(each) < _MOST_OFF_PX for each in off_px)


def _inset(picture: Any, size_px: tuple[int, int]) -> None:
    a, _, _, d, e, f = picture.get_matrix().get()
    x, y = a / size_px[0] * _INSET_PX, d / size_px[1] * _INSET_PX
    picture.set_matrix(pdfium.PdfMatrix(a - 2 * x, 0, 0, d - 2 * y, e + x, f + y))
