"""The hook: the text that a page of a PDF has, word by word, where it stands on the page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pypdfium2 import raw

from flatbed.addon import PageFile, SourcePage, TextLine, TextPage, TextWord, hookimpl
from flatbed_pdf.reading.opening import Document, open_file, open_page
from flatbed_pdf.reading.source import Source

MEDIA_TYPE = "application/pdf"

Box: TypeAlias = tuple[float, float, float, float]
"""(left, top, right, bottom)."""

_HYPHEN = 0xFFFE
"""What pdfium makes of a hyphen at which a word was broken."""

_FINENESS = 16  # pdfium tells places in whole pixels


@dataclass(frozen=True)
class _Char:
    """A character and its box in the page's own units, without one where pdfium made it up."""

    text: str
    box: Box | None


@hookimpl
def recognize_text(page: PageFile, settings: dict[str, Any]) -> TextPage:  # noqa: ARG001
    """Read the text of a page that came from a PDF; a page that is only a picture has none.

    Lines come in the order of the file, boxes in the pixels of the page as it now looks, all with
    confidence 1: nothing is guessed.

    Raises:
        InvalidInputError: If the file cannot be read any more.
        PageCorruptError: If it is not what was stored.
    """
    source = page.source
    if source is None or source.media_type != MEDIA_TYPE:
        return TextPage(lines=())
    with source.file.open() as stream:
        kept = Source(stream)
        document = open_file(kept, "")
        try:
            lines = _read(document, source, page.size_px)
            kept.check()
        finally:
            document.close()
    return TextPage(lines=lines)


def _read(document: Document, source: SourcePage, size_px: tuple[int, int]) -> tuple[TextLine, ...]:
    with open_page(document, source.number) as page:
        text = page.get_textpage()
        try:
            lines = _split(_chars(text), "\r\n")
            place = _Placing(page, size_px, source.turn)
            found = (_to_line(line, place) for line in lines)
            return tuple(line for line in found if line is not None)
        finally:
            text.close()


def _chars(text: Any) -> Iterator[_Char]:
    edges = [ctypes.c_double() for _ in range(4)]
    left, right, bottom, top = edges
    for index in range(raw.FPDFText_CountChars(text)):
        code = raw.FPDFText_GetUnicode(text, index)
        letter = "-" if code == _HYPHEN else chr(code)
        has_box = raw.FPDFText_IsGenerated(text, index) != 1 and raw.FPDFText_GetCharBox(
            text, index, *(ctypes.byref(edge) for edge in edges)
        )
        box = (left.value, top.value, right.value, bottom.value) if has_box else None
        yield _Char(letter, box)


def _split(chars: Iterator[_Char], at: str | None) -> Iterator[list[_Char]]:
    """The runs of characters between those of `at`; `None` for any blank."""
    run: list[_Char] = []
    for char in chars:
        if char.text.isspace() if at is None else char.text in at:
            yield run
            run = []
        else:
            run.append(char)
    yield run


class _Placing:
    """Where on a page as it now looks a box is that the file tells of."""

    def __init__(self, page: Any, size_px: tuple[int, int], turn: int) -> None:
        self._page = page
        self._size_px = size_px
        self._view = (0, 0, *(side * _FINENESS for side in size_px), turn // 90)

    def shows(self, box: Box) -> bool:
        """Whether something of a box is on the page, in its pixels."""
        left, top, right, bottom = box
        return left < self._size_px[0] and top < self._size_px[1] and right > 0 and bottom > 0

    def __call__(self, box: Box) -> Box:
        left, top, right, bottom = box
        corners = [self._to_px(x, y) for x in (left, right) for y in (top, bottom)]
        across, down = zip(*corners, strict=True)
        return min(across), min(down), max(across), max(down)

    def _to_px(self, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(
            self._page, *self._view, x, y, ctypes.byref(across), ctypes.byref(down)
        )
        return across.value / _FINENESS, down.value / _FINENESS


def _to_line(chars: Sequence[_Char], place: _Placing) -> TextLine | None:
    words = [word for run in _split(iter(chars), None) if (word := _to_word(run, place))]
    if not words:
        return None
    return TextLine(words=tuple(words), box=_around([word.box for word in words]))


def _to_word(chars: Sequence[_Char], place: _Placing) -> TextWord | None:
    boxes = [char.box for char in chars if char.box is not None]
    letters = "".join(char.text for char in chars)
    # One beyond U+FFFF can come in two halves.
    text = letters.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if not boxes or not text:
        return None
    whole = _around([place(box) for box in boxes])
    return TextWord(text=text, box=whole, confidence=1.0) if place.shows(whole) else None


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
