"""PDFs whose pages are one picture: its own pixels, or drawn like any other."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from PIL import Image

from flatbed.addon import PageFile
from flatbed.addon.testing import MemorySink

from .made_pdfs import pictured

Settings = dict[str, Any]
Load = Callable[..., MemorySink]


@pytest.mark.parametrize(
    ("mode", "size_px"),
    [("1", (1241, 33)), ("L", (763, 129)), ("RGB", (1237, 97)), ("RGB", (1, 1))],
)
@pytest.mark.parametrize("strip", [8_000_000, 5_000])
def test_page_of_one_picture_keeps_its_pixels(
    load: Load, monkeypatch: pytest.MonkeyPatch, mode: str, size_px: tuple[int, int], strip: int
) -> None:
    """Bit for bit, with its own resolution and mode, whatever was wished for."""
    monkeypatch.setattr("flatbed_pdf.reading.strips.STRIP_PIXELS", strip)
    noise = random.Random(1).randbytes(size_px[0] * size_px[1] * 3)
    data = Image.frombytes("RGB", size_px, noise).convert(mode).tobytes()
    (page,) = load(pictured(size_px, mode, data), dpi=72.0).finished
    assert (page.size_px, page.mode, page.dpi) == (size_px, mode, (150, 150))
    assert page.rows == data


@pytest.mark.parametrize(
    ("settings", "extra", "size_px"),
    [
        ({"color": "bw"}, b"", (48, 24)),
        ({"region": [0.0, 0.0, 12.7, 12.7]}, b"", (36, 24)),
        ({}, b"0 0 m 9 9 l S", (48, 24)),
    ],
    ids=["other color", "region", "line on it"],
)
def test_other_pages_with_a_picture_are_drawn(
    load: Load, settings: Settings, extra: bytes, size_px: tuple[int, int]
) -> None:
    """At the wished resolution."""
    data = pictured((100, 50), "L", bytes(5000), extra=extra)
    (page,) = load(data, dpi=72.0, **settings).finished
    assert (page.size_px, page.dpi) == (size_px, (72, 72))


def test_picture_with_negative_decode_is_as_it_is_shown(load: Load) -> None:
    """Black samples that the file declares white."""
    data = pictured((100, 50), "L", bytes(5000), image=b"/Decode [1 0]")
    assert load(data).finished[0].rows == b"\xff" * 5000


def test_our_own_files_come_back_bit_for_bit(
    load: Load, save: Callable[..., bytes], store_image: Callable[..., PageFile]
) -> None:
    """All modes, odd sizes and resolutions, without loss."""
    noise = Image.frombytes("RGB", (413, 291), random.Random(4).randbytes(413 * 291 * 3))
    images = [noise.convert(mode) for mode in ("1", "L", "RGB")]
    pages: Sequence[PageFile] = [store_image(image, (300, 203)) for image in images]
    out = load(save(pages, compression=3, password="a"), password="a", dpi=72.0)
    assert [page.mode for page in out.finished] == ["1", "L", "RGB"]
    assert [page.rows for page in out.finished] == [image.tobytes() for image in images]
    assert {page.dpi for page in out.finished} == {(300, 203)}
