"""What kind of file something is: its first bytes decide, whatever anybody declared."""

from __future__ import annotations

OPENING_BYTES = 1024
"""So much of a file is looked at; a PDF may have other bytes before its header."""

_OPENINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    # The big-endian sort of BigTIFF is read by none of the libraries.
    *((opening, "image/tiff") for opening in (b"II*\0", b"MM\0*", b"II+\0")),
    (b"BM", "image/bmp"),
    *((opening, "image/gif") for opening in (b"GIF87a", b"GIF89a")),
)
"""How files begin; a WebP and a PDF are told in other ways."""


def sniff(opening: bytes) -> str:
    """The media type of a file; empty where it is none of those that are known here.

    Args:
        opening: Its first `OPENING_BYTES`, or all of a shorter file.
    """
    if opening.startswith(b"RIFF") and opening[8:12] == b"WEBP":
        return "image/webp"
    for start, media_type in _OPENINGS:
        if opening.startswith(start):
            return media_type
    return "application/pdf" if b"%PDF-" in opening[:OPENING_BYTES] else ""
