"""Texts that a PDF can hold."""

from __future__ import annotations

import re

# What XML 1.0 has no place for, and so XMP neither.
_NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def is_text(value: str) -> bool:
    """Whether it has no control characters and no halves of characters."""
    return _NO_TEXT.search(value) is None
