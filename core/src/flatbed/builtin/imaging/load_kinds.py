"""What kind of picture a file is: its first bytes decide, whatever the caller declared."""

from __future__ import annotations

from typing import IO

from flatbed.errors import DocumentTypeError, InvalidInputError

ACCEPTED = "JPEG, PNG, TIFF, BMP, WebP and GIF"

_KINDS = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    # Pillow does not read the big-endian sort of BigTIFF.
    *((opening, "TIFF") for opening in (b"II*\0", b"MM\0*", b"II+\0")),
    (b"BM", "BMP"),
    *((opening, "GIF") for opening in (b"GIF87a", b"GIF89a")),
)
"""How files begin, and Pillow's name of the format; a WebP is told by two places."""

_MEDIA_TYPES = {
    "JPEG": ("image/jpeg", "image/jpg", "image/pjpeg"),
    "PNG": ("image/png", "image/x-png", "image/apng"),
    "TIFF": ("image/tiff", "image/tif", "image/x-tiff"),
    "BMP": ("image/bmp", "image/x-bmp", "image/x-ms-bmp"),
    "WEBP": ("image/webp",),
    "GIF": ("image/gif",),
}
"""What such files are called, the registered name first."""

_UNKNOWN = ("", "application/octet-stream")
_OPENING_BYTES = 16
_PDF = b"%PDF-"


def find_kind(stream: IO[bytes], media_type: str = "") -> str:
    """Pillow's name of the format that a stream at its start holds; leaves it at the start.

    Args:
        stream: The file; it can seek.
        media_type: What the caller says it is; empty or `application/octet-stream` for unknown.

    Raises:
        DocumentTypeError: For a PDF.
        InvalidInputError: If it is no picture that is read here, or not what the caller says.
    """
    opening = stream.read(_OPENING_BYTES)
    stream.seek(0)
    kind = _kind_of(opening)
    declared = media_type.partition(";")[0].strip().lower()
    if declared not in (*_UNKNOWN, *_MEDIA_TYPES[kind]):
        raise InvalidInputError(
            f"The file is not what it says: it was declared as another type than"
            f" {_MEDIA_TYPES[kind][0]}, which it is. Send it with that type."
        )
    return kind


def _kind_of(opening: bytes) -> str:
    if opening.startswith(b"RIFF") and opening[8:12] == b"WEBP":
        return "WEBP"
    for start, kind in _KINDS:
        if opening.startswith(start):
            return kind
    if opening.startswith(_PDF):
        raise DocumentTypeError(
            "Reading application/pdf needs the add-on 'pdf'."
            " Install it with: pip install flatbed-pdf"
        )
    raise InvalidInputError(f"The file is no picture that can be read. Send {ACCEPTED} files.")
