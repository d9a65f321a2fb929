"""What kind of file something is, by its first bytes."""

from __future__ import annotations

import pytest

from flatbed.addon.media_types import OPENING_BYTES, sniff


@pytest.mark.parametrize(
    ("opening", "media_type"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"II*\x00\x08\x00", "image/tiff"),
        (b"MM\x00*\x00\x00", "image/tiff"),
        (b"II+\x00\x08\x00", "image/tiff"),
        (b"BM\x36\x00", "image/bmp"),
        (b"GIF87a\x01", "image/gif"),
        (b"GIF89a\x01", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\xef\xbb\xbf  %PDF-1.4", "application/pdf"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"MM+\x00", ""),
        (b"P5 10 10 255 ", ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_file_is_told_by_how_it_begins(opening: bytes, media_type: str) -> None:
    """And not by what anybody says of it."""
    assert sniff(opening) == media_type


def test_pdf_header_far_into_a_file_is_none() -> None:
    """What only mentions one is something else."""
    assert sniff(b"x" * OPENING_BYTES + b"%PDF-1.7") == ""
