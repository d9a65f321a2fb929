"""Sample pages and files are what workers get: encrypted, and whole."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from flatbed.authoring.samples import PageMaker, SamplePages, sample_file
from flatbed.errors import InvalidInputError


@pytest.mark.parametrize(("mode", "bits"), [("1", 1), ("L", 8), ("RGB", 8)])
def test_sample_page_opens_in_its_mode(tmp_path: Path, mode: str, bits: int) -> None:
    """A5 at 100 dpi, and not in the clear on the disk."""
    page = SamplePages(PageMaker(tmp_path))[mode]
    assert (page.mode, page.bits, page.size_px, page.dpi) == (mode, bits, (583, 827), (100, 100))
    assert page.open().size == (583, 827)
    assert b"\x89PNG\r\n" not in Path(page.path).read_bytes()


def test_page_is_made_of_an_image(tmp_path: Path) -> None:
    """Pixel for pixel."""
    image = Image.new("L", (5, 4), 77)
    page = PageMaker(tmp_path).make(image, 200)
    assert page.open().tobytes() == b"\x4d" * 20
    assert page.dpi == (200, 200)


def test_image_of_another_mode_makes_no_page(tmp_path: Path) -> None:
    """The sentence says which there are."""
    with pytest.raises(InvalidInputError, match="1, L or RGB, not CMYK"):
        PageMaker(tmp_path).make(Image.new("CMYK", (5, 4)))


def test_file_is_what_it_was_made_of(tmp_path: Path) -> None:
    """Encrypted on the disk."""
    file = PageMaker(tmp_path).make_file(b"nobody reads this")
    with file.open() as stream:
        assert stream.read() == b"nobody reads this"
    assert b"nobody" not in Path(file.path).read_bytes()


def test_sample_file_is_a_picture_of_its_type() -> None:
    """Types that are not known have none."""
    data = sample_file("image/webp")
    assert data is not None
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("WEBP", (583, 827))
    assert sample_file("model/stl") is None
