"""The hook: the size of every page first, then the budget, then page by page."""

from __future__ import annotations

from typing import Any

from flatbed.addon import PageSink, StoredFile, hookimpl
from flatbed.addon.types import Bits
from flatbed_pdf.reading.keep import keep_file
from flatbed_pdf.reading.opening import has_xfa, open_page, open_pdf
from flatbed_pdf.reading.picture import keep_pixels
from flatbed_pdf.reading.plan import PagePlan, plan_pages
from flatbed_pdf.reading.source import Source
from flatbed_pdf.reading.strips import draw_strips
from flatbed_pdf.reading.wishes import ReadWishes, read_wishes


@hookimpl
def load_document(file: StoredFile, settings: dict[str, Any], out: PageSink) -> dict[str, int]:
    """Read a PDF into pages, and keep it beside them; see the manifest for the settings.

    Pages are drawn as they are shown, by crop box and rotation, on white. A page that is one
    picture and nothing else keeps the picture's own pixels and resolution. A page that turns out
    damaged only when it is drawn leaves the pages before it in `out`.

    Returns:
        `pages`: how many there were.

    Raises:
        InvalidInputError: For a setting that cannot be, and a file that is no PDF or damaged.
        WrongPasswordError: If the file has another password.
        TooBigError: If pages, or the pixels of one, are beyond the budget; none is drawn then.
        PageCorruptError: If the encrypted copy is not what was written.
        ScanCanceledError: If it was cancelled meanwhile.
    """
    wishes = read_wishes(settings)
    with file.open() as stream:
        source = Source(stream)
        with open_pdf(source, wishes) as document:
            plans = plan_pages(document, wishes)
            source.check()
            _warn(document, source, out)
            kept = keep_file(source, document, plans, wishes=wishes, out=out)
            for done, plan in enumerate(plans, 1):
                out.check_canceled()
                number = plan.number if plan.number in kept else 0
                _load_page(document, plan, wishes, source=source, out=out, source_page=number)
                out.progress(done, len(plans))
    return {"pages": len(plans)}


def _load_page(
    document: Any,
    plan: PagePlan,
    wishes: ReadWishes,
    *,
    source: Source,
    out: PageSink,
    source_page: int,
) -> None:
    with open_page(document, plan.number) as page:
        plan = keep_pixels(page, plan, wishes) or plan
        bits: Bits = 1 if plan.mode == "1" else 8
        with out.new_page(
            size_px=plan.size_px,
            dpi=plan.dpi,
            mode=plan.mode,
            bits=bits,
            source_page=source_page,
        ) as new:
            for rows in draw_strips(page, plan, wishes):
                source.check()
                out.check_canceled()
                new.write_rows(rows)


def _warn(document: Any, source: Source, out: PageSink) -> None:
    if not source.has_end:
        out.warn("The PDF has no end mark and may be cut short. Look whether all is there.")
    if has_xfa(document):
        out.warn("The PDF has an XFA form, which is not drawn. Pages show what stands in for it.")
