"""A page drawn in strips, so that its memory does not grow with its resolution."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
from PIL import Image
from pypdfium2 import raw

from flatbed_pdf.reading.plan import PagePlan
from flatbed_pdf.reading.wishes import ReadWishes

STRIP_PIXELS = 8_000_000
"""A4 at 200 dpi in one strip, at 300 in two; each strip draws the page anew."""

_THRESHOLD = 128
_TO_BITS = [255 if sample >= _THRESHOLD else 0 for sample in range(256)]
_WHITE = (255, 255, 255, 255)


def draw_strips(page: Any, plan: PagePlan, wishes: ReadWishes) -> Iterator[bytes]:
    """The rows of a page as `PageWriter.write_rows` takes them, from the top, a strip at a time."""
    left, top, right, bottom = plan.box_px
    step = max(1, STRIP_PIXELS // (right - left))
    for start in range(top, bottom, step):
        size = right - left, min(step, bottom - start)
        rows = _draw(page, plan, wishes, place=(left, start), size=size)
        yield _to_bits(rows, size) if plan.mode == "1" else rows


def _draw(
    page: Any, plan: PagePlan, wishes: ReadWishes, *, place: tuple[int, int], size: tuple[int, int]
) -> bytes:
    is_color = plan.mode == "RGB"
    form = raw.FPDFBitmap_BGR if is_color else raw.FPDFBitmap_Gray
    bitmap = pdfium.PdfBitmap.new_native(*size, form, rev_byteorder=is_color)
    try:
        bitmap.fill_rect(_WHITE, 0, 0, *size)
        flags = raw.FPDF_REVERSE_BYTE_ORDER if is_color else raw.FPDF_GRAYSCALE
        flags |= raw.FPDF_ANNOT if wishes.has_annotations else 0
        where = (-place[0], -place[1], *plan.full_px, 0, flags)
        raw.FPDF_RenderPageBitmap(bitmap, page, *where)
        if page.formenv:
            raw.FPDF_FFLDraw(page.formenv, bitmap, page, *where)
        return _pack(bitmap, size[0] * (3 if is_color else 1))
    finally:
        bitmap.close()


def _pack(bitmap: Any, row_bytes: int) -> bytes:
    """The rows without what pdfium pads them with."""
    samples, step = memoryview(bitmap.buffer).cast("B"), bitmap.stride
    if step == row_bytes:
        return samples.tobytes()
    return b"".join(samples[at : at + row_bytes] for at in range(0, len(samples), step))


def _to_bits(rows: bytes, size: tuple[int, int]) -> bytes:
    return Image.frombytes("L", size, rows).point(_TO_BITS, "1").tobytes()
