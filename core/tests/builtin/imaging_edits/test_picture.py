"""What is a page for the edits, and what is none."""

from __future__ import annotations

import pytest
from PIL import Image

from flatbed.builtin.imaging.edits import Picture
from flatbed.errors import InvalidInputError


@pytest.mark.parametrize(
    ("mode", "size", "dpi", "says"),
    [
        ("CMYK", (2, 2), (300, 300), "mode CMYK is no page"),
        ("RGBA", (2, 2), (300, 300), "mode RGBA is no page"),
        ("L", (0, 2), (300, 300), "without pixels"),
        ("L", (2, 2), (0, 300), "0 x 300 dpi cannot be"),
        ("L", (2, 2), (300, -1), "300 x -1 dpi cannot be"),
        ("L", (2, 2), (float("nan"), 300), "nan x 300 dpi cannot be"),
    ],
    ids=["CMYK", "RGBA", "empty", "no dpi", "negative dpi", "nan"],
)
def test_a_picture_that_is_no_page_is_refused(
    mode: str, size: tuple[int, int], dpi: tuple[float, float], says: str
) -> None:
    """When it is made, before any edit."""
    with pytest.raises(InvalidInputError, match=says):
        Picture(Image.new(mode, size), dpi)
