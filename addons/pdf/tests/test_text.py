"""The text that pages of PDFs have, where it stands."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from flatbed.addon import PageFile
from flatbed.addon.testing import AddonWorker, MakePage, SamplePages
from flatbed.errors import PageCorruptError

PDF = "application/pdf"

ReadText = Callable[[PageFile], list[list[tuple[str, tuple[int, ...]]]]]


def written(drawing: bytes, **entries: Any) -> bytes:
    """A page of 200 x 300 points with Courier, whose letters are all 0.6 of its size wide."""
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier)
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(200, 300)).obj
        page.Resources = Dictionary(Font=Dictionary(F1=pdf.make_indirect(font)))
        page.Contents = pdf.make_stream(drawing)
        for name, value in entries.items():
            page[f"/{name}"] = value
        stream = io.BytesIO()
        pdf.save(stream)
    return stream.getvalue()


@pytest.fixture
def load(worker: AddonWorker, make_page: MakePage) -> Callable[..., PageFile]:
    """The one page of a file."""

    def load(data: bytes, **settings: Any) -> PageFile:
        (page,) = worker.load(make_page.file(data), PDF, **settings).pages
        return page

    return load


@pytest.fixture
def read_text(worker: AddonWorker) -> ReadText:
    """The lines of a page: their words with boxes in whole pixels."""

    def read_text(page: PageFile) -> list[list[tuple[str, tuple[int, ...]]]]:
        found = worker.process("read-text", page).value
        assert {word["confidence"] for line in found["lines"] for word in line["words"]} <= {1.0}
        return [
            [(word["text"], tuple(round(each) for each in word["box"])) for word in line["words"]]
            for line in found["lines"]
        ]

    return read_text


def most_off(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """The largest difference between two boxes, in pixels."""
    return max(abs(here - there) for here, there in zip(one, other, strict=True))


TWO_LINES = b"BT /F1 20 Tf 20 250 Td (AB CD) Tj 0 -50 Td (EF) Tj ET"


def test_words_stand_where_they_are_drawn(
    load: Callable[..., PageFile], read_text: ReadText
) -> None:
    """At 144 dpi a point is two pixels: the boxes are those of the letters themselves."""
    page = load(written(TWO_LINES), dpi=144.0)
    (first, second), (third,) = read_text(page)
    assert [first[0], second[0], third[0]] == ["AB", "CD", "EF"]
    picture = page.open().convert("L").point([255 if sample < 128 else 0 for sample in range(256)])
    for _, (left, top, right, bottom) in (first, second, third):
        around = (left - 6, top - 6, right + 6, bottom + 6)
        ink = picture.crop(around).getbbox()
        assert ink is not None
        drawn = (ink[0] + around[0], ink[1] + around[1], ink[2] + around[0], ink[3] + around[1])
        assert (
            max(abs(one - two) for one, two in zip(drawn, (left, top, right, bottom), strict=True))
            <= 3
        )


@pytest.mark.parametrize(
    ("turn", "size_px"), [(90, (300, 200)), (180, (200, 300)), (270, (300, 200))]
)
def test_boxes_turn_with_the_page(
    load: Callable[..., PageFile], read_text: ReadText, turn: int, size_px: tuple[int, int]
) -> None:
    """As the core hands a page over that was turned by quarters."""
    page = load(written(TWO_LINES), dpi=72.0)
    ((_, (left, top, right, bottom)), _), _ = read_text(page)
    assert page.source is not None
    source = replace(page.source, turn=turn)
    ((_, box), _), _ = read_text(replace(page, size_px=size_px, source=source))
    expected = {
        90: (300 - bottom, left, 300 - top, right),
        180: (200 - right, 300 - bottom, 200 - left, 300 - top),
        270: (top, 200 - right, bottom, 200 - left),
    }[turn]
    assert most_off(box, expected) <= 1


def test_page_is_read_as_it_is_shown(load: Callable[..., PageFile], read_text: ReadText) -> None:
    """By its crop box and its own rotation; what lies outside is not read."""
    crop = Array([10, 220, 110, 290])
    page = load(written(TWO_LINES, CropBox=crop, Rotate=90), dpi=72.0)
    assert page.size_px == (70, 100)
    (words,) = read_text(page)
    assert [word for word, _ in words] == ["AB", "CD"]
    left, top, right, bottom = words[0][1]
    assert 0 < left < right < 70
    assert 5 < top < bottom < 40


def test_letters_beyond_latin_are_whole(load: Callable[..., PageFile], read_text: ReadText) -> None:
    """By the font's own table of what its codes mean, beyond 16 bits too."""
    data = written(b"BT /F1 20 Tf 20 250 Td (ab) Tj ET")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        table = b"""begincmap 1 begincodespacerange <00> <ff> endcodespacerange
            2 beginbfchar <61> <0416> <62> <D83DDE00> endbfchar endcmap"""
        pdf.pages[0].obj.Resources.Font.F1.ToUnicode = pdf.make_stream(table)
        stream = io.BytesIO()
        pdf.save(stream)
    (((word, _),),) = read_text(load(stream.getvalue()))
    assert word == "Ж😀"


def test_picture_has_no_text(read_text: ReadText, pages: SamplePages) -> None:
    """Of a scanned page nothing is guessed."""
    assert read_text(pages["RGB"]) == []


def test_page_without_a_word_has_no_lines(
    load: Callable[..., PageFile], read_text: ReadText
) -> None:
    """Nor has a page of drawings, or of blanks."""
    assert read_text(load(written(b"0 0 50 50 re f BT /F1 9 Tf (  ) Tj ET"))) == []


def test_file_that_is_damaged_meanwhile_is_named(
    load: Callable[..., PageFile], worker: AddonWorker
) -> None:
    """It is not the add-on's fault, and the picture is still there."""
    page = load(written(TWO_LINES))
    assert page.source is not None
    Path(page.source.file.path).write_bytes(b"no longer what it was")
    with pytest.raises(PageCorruptError):
        worker.process("read-text", page)
