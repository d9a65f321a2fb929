"""The hook: page by page into an encrypted draft, and the draft into the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flatbed.addon import PageFile, PageSink, hookimpl
from flatbed_pdf.writing.draft import Draft
from flatbed_pdf.writing.finish import finish
from flatbed_pdf.writing.paper import lay_out
from flatbed_pdf.writing.pictures import make_picture
from flatbed_pdf.writing.scratch import Scratch
from flatbed_pdf.writing.wishes import Wishes, read_wishes

MEDIA_TYPE = "application/pdf"


@hookimpl
def save_document(pages: Sequence[PageFile], settings: dict[str, Any], out: PageSink) -> None:
    """Write pages into one PDF; see the manifest for the settings. One is in memory at a time.

    Raises:
        InvalidInputError: For a setting that cannot be.
        TooBigError: If a page is larger than what it shall become can hold.
        DiskFullError: If there is no room for the draft or the file.
    """
    wishes = read_wishes(settings)
    with Scratch() as scratch:
        with scratch.write() as stream:
            draft = Draft(stream)
            for done, page in enumerate(pages, 1):
                out.check_canceled()
                _add(draft, page, wishes)
                out.progress(done, len(pages))
            draft.finish()
        with out.new_file(MEDIA_TYPE) as file:
            finish(
                scratch.read(),
                wishes,
                file,
                least_version=draft.version,
                check_canceled=out.check_canceled,
            )


def _add(draft: Draft, page: PageFile, wishes: Wishes) -> None:
    picture = make_picture(page, compression=wishes.compression, quality=wishes.quality)
    draft.add(picture, lay_out(page.size_px, page.dpi, wishes.paper_pt))
