"""What is kept of a PDF beside the pages that are drawn of it: the file, without its password."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from typing import IO, BinaryIO, cast

import pikepdf

from flatbed.addon import PageSink
from flatbed_pdf.reading.opening import Document
from flatbed_pdf.reading.plan import PagePlan
from flatbed_pdf.reading.source import Source
from flatbed_pdf.reading.structure import open_again
from flatbed_pdf.reading.wishes import ReadWishes

MEDIA_TYPE = "application/pdf"

_CHUNK_BYTES = 1 << 20
_MOST_OFF_PT = 1.0

_NOT_KEPT = "The PDF is damaged: pages are kept as pictures, without text that can be selected."


def keep_file(
    source: Source,
    document: Document,
    plans: Sequence[PagePlan],
    *,
    wishes: ReadWishes,
    out: PageSink,
) -> frozenset[int]:
    """Keep the file beside its pages, where these show all that it shows.

    Args:
        source: The file.
        document: The same as pdfium sees it.
        plans: The pages that will be drawn.
        wishes: A page that is drawn without its colors, notes or margins is another page.
        out: Takes the file.

    Returns:
        The numbers of the pages, from 1, that qpdf, which will write them, and pdfium, which draws
        them, find at the same place of the file.

    Raises:
        PageCorruptError: If the encrypted copy is not what was written.
    """
    if not wishes.show_all:
        return frozenset()
    found = source.look(lambda stream: _keep(stream, document, plans, out))
    if len(found) < len({plan.number for plan in plans}):
        out.warn(_NOT_KEPT)
    return found


def _keep(
    stream: IO[bytes], document: Document, plans: Sequence[PagePlan], out: PageSink
) -> frozenset[int]:
    try:
        with open_again(stream, document.password, search=True) as pdf:
            found = _find_same(pdf, document, plans)
            if found:
                _write(pdf, stream, out)
            return found
    except pikepdf.PikepdfError:
        return frozenset()


def _find_same(pdf: pikepdf.Pdf, document: Document, plans: Sequence[PagePlan]) -> frozenset[int]:
    if len(pdf.pages) != len(document):
        return frozenset()
    numbers = {plan.number for plan in plans}
    return frozenset(
        number
        for number in numbers
        if _is_same(_size_of(pdf.pages[number - 1]), document.get_page_size(number - 1))
    )


def _is_same(size_pt: tuple[float, float] | None, other_pt: tuple[float, float]) -> bool:
    return size_pt is not None and all(
        abs(one - other) < _MOST_OFF_PT for one, other in zip(size_pt, other_pt, strict=True)
    )


def _size_of(page: pikepdf.Page) -> tuple[float, float] | None:
    """(width, height) in points of a page as it is shown; `None` where it does not say."""
    try:
        boxes = [_sort(box) for box in (page.mediabox, page.cropbox)]
    except (ValueError, TypeError, AttributeError, KeyError):
        return None
    left, bottom = (max(box[side] for box in boxes) for side in (0, 1))
    right, top = (min(box[side] for box in boxes) for side in (2, 3))
    size = (right - left, top - bottom)
    return size[::-1] if page.rotation % 180 else size


def _sort(box: pikepdf.Array) -> tuple[float, float, float, float]:
    """Left, bottom, right, top of a box, whose corners may stand in any order."""
    x1, y1, x2, y2 = (float(each) for each in box.as_list())
    return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def _write(pdf: pikepdf.Pdf, stream: IO[bytes], out: PageSink) -> None:
    with out.new_file(MEDIA_TYPE) as file:
        if pdf.is_encrypted:
            # Streams stay as they are within: only the lock comes off.
            pdf.save(
                cast("BinaryIO", file),
                encryption=False,
                compress_streams=False,
                progress=lambda _: out.check_canceled(),
            )
            return
        stream.seek(0)
        shutil.copyfileobj(stream, file, _CHUNK_BYTES)
