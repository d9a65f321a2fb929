"""The hook: page by page into an encrypted draft, and the draft into the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flatbed.addon import PageFile, PageSink, hookimpl
from flatbed_pdf.writing.draft import Draft
from flatbed_pdf.writing.finish import finish
from flatbed_pdf.writing.originals import MEDIA_TYPE, Originals
from flatbed_pdf.writing.paper import lay_out
from flatbed_pdf.writing.pictures import make_picture
from flatbed_pdf.writing.scratch import Scratch
from flatbed_pdf.writing.wishes import Wishes, read_wishes

_DAMAGED = "A PDF that pages came from is damaged: these pages are saved as pictures."


@hookimpl
def save_document(pages: Sequence[PageFile], settings: dict[str, Any], out: PageSink) -> None:
    """Write pages into one PDF; see the manifest for the settings. One is in memory at a time.

    A page that came from a PDF and was not edited since is copied from there, as it is; if it was
    turned by quarters, the copy is turned. As pictures come all pages where a compression, a paper
    or a standard is wanted.

    Raises:
        InvalidInputError: For a setting that cannot be.
        TooBigError: If a page is larger than what it shall become can hold, or the files that
            pages are copied from are, together.
        DiskFullError: If there is no room for the draft or the file.
    """
    wishes, originals = read_wishes(settings), Originals()
    with Scratch() as scratch:
        with scratch.write() as stream:
            draft = Draft(stream)
            for index, page in enumerate(pages):
                out.check_canceled()
                if wishes.takes_copies and originals.takes(page.source):
                    originals.add(index, page.source)
                else:
                    _add(draft, page, wishes)
                out.progress(index + 1, len(pages))
            draft.finish()
        if originals.damaged:
            out.warn(_DAMAGED)
        with out.new_file(MEDIA_TYPE) as file:
            finish(
                scratch.read(),
                wishes,
                file,
                originals=originals,
                least_version=draft.version,
                check_canceled=out.check_canceled,
            )


def _add(draft: Draft, page: PageFile, wishes: Wishes) -> None:
    picture = make_picture(page, compression=wishes.compression, quality=wishes.quality)
    draft.add(picture, lay_out(page.size_px, page.dpi, wishes.paper_pt))
