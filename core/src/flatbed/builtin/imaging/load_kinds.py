"""What kind of picture a file is, and whether it is what the caller says."""

from __future__ import annotations

from typing import IO

from flatbed.addon.media_types import OPENING_BYTES, sniff
from flatbed.errors import InvalidInputError

ACCEPTED = "JPEG, PNG, TIFF, BMP, WebP and GIF"

_KINDS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
    "image/webp": "WEBP",
    "image/gif": "GIF",
}
"""Pillow's names of the formats."""

_OTHER_NAMES = {
    "image/jpeg": ("image/jpg", "image/pjpeg"),
    "image/png": ("image/x-png", "image/apng"),
    "image/tiff": ("image/tif", "image/x-tiff"),
    "image/bmp": ("image/x-bmp", "image/x-ms-bmp"),
}
"""What such files are called besides."""

_UNKNOWN = ("", "application/octet-stream")


def find_kind(stream: IO[bytes], media_type: str = "") -> str:
    """Pillow's name of the format that a stream at its start holds; leaves it at the start.

    Args:
        stream: The file; it can seek.
        media_type: What the caller says it is; empty or `application/octet-stream` for unknown.

    Raises:
        InvalidInputError: If it is no picture that is read here, or not what the caller says.
    """
    found = sniff(stream.read(OPENING_BYTES))
    stream.seek(0)
    if found not in _KINDS:
        raise InvalidInputError(f"The file is no picture that can be read. Send {ACCEPTED} files.")
    declared = media_type.partition(";")[0].strip().lower()
    if declared not in (*_UNKNOWN, found, *_OTHER_NAMES.get(found, ())):
        raise InvalidInputError(
            f"The file is not what it says: it was declared as another type than {found},"
            " which it is. Send it with that type."
        )
    return _KINDS[found]
