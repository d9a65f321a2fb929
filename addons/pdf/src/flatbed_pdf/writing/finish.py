"""A draft into the PDF that was asked for, read from the disk while it is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, BinaryIO, cast

import pikepdf

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
    least_version: str,
    check_canceled: Callable[[], None],
) -> None:
    """Write a draft with its properties, in its version, and encrypted if that is wanted.

    One file comes from one file: what pikepdf copies from others, it keeps in memory.

    Args:
        draft: Can seek; qpdf reads a picture when it writes it.
        wishes: What the file shall say.
        stream: Only its `write` is used.
        least_version: The first one of PDF that has pages like those.
        check_canceled: Called again and again; what it raises ends the writing.
    """
    version = max(wishes.version or _STANDARD_VERSION, least_version)
    lock = _lock(wishes.password)
    has_object_streams = version >= _OBJECT_STREAMS_VERSION
    mode = pikepdf.ObjectStreamMode
    source = cast("BinaryIO", draft)
    with pikepdf.open(source, access_mode=pikepdf.AccessMode.stream) as pdf:
        describe(pdf, wishes.properties)
        if wishes.standard is not None:
            claim(pdf, wishes.standard)
        pdf.save(
            cast("BinaryIO", stream),
            min_version=version,
            # qpdf raises it to the first one with such a lock; forced, it would leave the lock out.
            force_version="" if lock else version,
            encryption=lock,
            object_stream_mode=mode.generate if has_object_streams else mode.disable,
            progress=lambda _: check_canceled(),
        )


def _lock(password: str) -> pikepdf.Encryption | None:
    if not password:
        return None
    # Whoever can open the file may do everything with it.
    allowed = pikepdf.Permissions(modify_assembly=True)
    return pikepdf.Encryption(user=password, owner=password, R=6, allow=allowed)
