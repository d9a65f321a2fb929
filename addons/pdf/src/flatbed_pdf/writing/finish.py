"""A draft into the PDF that was asked for, read from the disk while it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, BinaryIO, cast

import pikepdf

from flatbed_pdf.writing.originals import Originals
from flatbed_pdf.writing.properties import describe
from flatbed_pdf.writing.standards import claim
from flatbed_pdf.writing.wishes import Wishes

_STANDARD_VERSION = "1.7"
_OBJECT_STREAMS_VERSION = "1.5"


def finish(
    draft: IO[bytes],
    wishes: Wishes,
    stream: IO[bytes],
    *,
    originals: Originals,
    least_version: str,
    check_canceled: Callable[[], None],
) -> None:
    """Write a draft and what is copied, with properties, in its version, encrypted if wanted.

    Pictures come from one file: what pikepdf copies from others, it keeps in memory.

    Args:
        draft: Can seek; qpdf reads a picture when it writes it.
        wishes: What the file shall say.
        stream: Only its `write` is used.
        originals: Pages that are not in the draft.
        least_version: The first one of PDF that has pages like those.
        check_canceled: Called again and again; what it raises ends the writing.
    """
    mode = pikepdf.ObjectStreamMode
    source = cast("BinaryIO", draft)
    with (
        pikepdf.open(source, access_mode=pikepdf.AccessMode.stream) as pdf,
        originals.put_into(pdf, check_canceled) as copied_version,
    ):
        version = max(wishes.version or _STANDARD_VERSION, least_version, copied_version)
        has_object_streams = version >= _OBJECT_STREAMS_VERSION
        describe(pdf, wishes.properties)
        if wishes.standard is not None:
            claim(pdf, wishes.standard)
        pdf.save(
            cast("BinaryIO", stream),
            min_version=version,
            # qpdf raises it to the first one with such a lock; forced, it would leave the lock out.
            force_version="" if wishes.lock else version,
            encryption=wishes.lock.encryption if wishes.lock else None,
            object_stream_mode=mode.generate if has_object_streams else mode.disable,
            # What is copied stays byte for byte; what is drawn is compressed already.
            compress_streams=False,
            progress=lambda _: check_canceled(),
        )
