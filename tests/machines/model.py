"""Documents as plain lists, pages as plain rows of samples: what the service has to agree with.

Nothing here is shared with the service. A document is its pages and every state that undo or redo
leads to, each as a whole; an edit is computed sample by sample.
"""

from __future__ import annotations

import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeAlias

from PIL import Image, ImageSequence

STEPS_KEPT = 500
"""So many steps back, as docs/http-api.md says."""

Json: TypeAlias = dict[str, Any]
Box: TypeAlias = tuple[int, int, int, int]

# Size, mode and resolution of each drawing: no side like another, so that every turn shows.
_SHEETS: Sequence[tuple[tuple[int, int], str, tuple[int, int]]] = (
    ((24, 17), "L", (100, 100)),
    ((19, 30), "1", (200, 100)),
    ((9, 5), "L", (50, 75)),
    ((33, 12), "1", (150, 150)),
    ((16, 16), "L", (300, 300)),
)
DRAWINGS = len(_SHEETS)


@dataclass(frozen=True)
class Picture:
    """What a page looks like.

    Attributes:
        rows: From the top, a byte a sample; 0 and 255 in mode `1`.
        mode: `1` or `L`.
        dpi: (horizontal, vertical).
    """

    rows: tuple[bytes, ...]
    mode: str
    dpi: tuple[int, int]

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return len(self.rows[0]), len(self.rows)


@dataclass(frozen=True)
class Page:
    """A page of a document: its uid, the number of its drawing, its edits as JSON texts."""

    uid: str
    drawing: int
    edits: tuple[str, ...] = ()

    def look(self) -> Picture:
        """What the edits make of the drawing."""
        return look(self.drawing, self.edits)

    def facts(self) -> Json:
        """What the service has to say of it."""
        seen = self.look()
        edits = [json.loads(edit) for edit in self.edits]
        return {"size_px": seen.size_px, "dpi": seen.dpi, "mode": seen.mode, "edits": edits}


State: TypeAlias = tuple[Page, ...]


@dataclass(frozen=True)
class PlainDocument:
    """A document; every change gives another, and leaves this one as it was.

    Attributes:
        pages: As they are now.
        past: Where undo leads, the next at the end.
        future: Where redo leads, the next at the end.
        metadata: As it was sent last.
    """

    uid: str
    has_password: bool = False
    pages: State = ()
    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()
    metadata: str | Mapping[str, Any] | None = None

    @property
    def order(self) -> list[str]:
        """The uids of its pages."""
        return [page.uid for page in self.pages]

    def facts(self) -> Json:
        """What the service has to say of it."""
        return {
            "pages": self.order,
            "canUndo": bool(self.past),
            "canRedo": bool(self.future),
            "metadata": self.metadata,
        }

    def uids_ever(self) -> set[str]:
        """Of the pages that it has, had, or can have again."""
        states = (self.pages, *self.past, *self.future)
        return {page.uid for state in states for page in state}

    def step(self, pages: Sequence[Page]) -> PlainDocument:
        """Do something that can be undone."""
        past = (*self.past, self.pages)[-STEPS_KEPT:]
        return replace(self, pages=tuple(pages), past=past, future=())

    def undo(self) -> PlainDocument:
        """Back to the state before."""
        *past, pages = self.past
        return replace(self, pages=pages, past=tuple(past), future=(*self.future, self.pages))

    def redo(self) -> PlainDocument:
        """Forth again."""
        *future, pages = self.future
        return replace(self, pages=pages, past=(*self.past, self.pages), future=tuple(future))

    def insert(self, at: int, pages: Sequence[Page]) -> PlainDocument:
        """Pages come in; the first of them stands at `at`."""
        return self.step((*self.pages[:at], *pages, *self.pages[at:]))

    def remove(self, at: int) -> PlainDocument:
        """A page goes out."""
        return self.step((*self.pages[:at], *self.pages[at + 1 :]))

    def edit(self, at: int, edits: Sequence[str]) -> PlainDocument:
        """A page has these edits now."""
        changed = replace(self.pages[at], edits=tuple(edits))
        return self.step((*self.pages[:at], changed, *self.pages[at + 1 :]))


Shelf: TypeAlias = Mapping[str, PlainDocument]
"""All documents, by their uids."""


def drawn(number: int) -> Picture:
    """A drawing: noise, so that no two places look alike."""
    size, mode, dpi = _SHEETS[number]
    samples = random.Random(number).randbytes(size[0] * size[1])
    if mode == "1":
        samples = bytes(255 if sample > 127 else 0 for sample in samples)
    rows = [samples[at : at + size[0]] for at in range(0, len(samples), size[0])]
    return Picture(tuple(rows), mode, dpi)


@lru_cache(maxsize=4096)
def look(number: int, edits: tuple[str, ...]) -> Picture:
    """A drawing after some edits."""
    if not edits:
        return drawn(number)
    return edited(look(number, edits[:-1]), **json.loads(edits[-1]))


def edited(picture: Picture, op: str, **settings: Any) -> Picture:
    """A picture after one edit."""
    rows = picture.rows
    if op == "rotate":
        for _ in range(settings["angle"] // 90):
            rows = tuple(bytes(column) for column in zip(*rows[::-1], strict=True))
        dpi = picture.dpi if settings["angle"] % 180 == 0 else picture.dpi[::-1]
        return Picture(rows, picture.mode, dpi)
    if op == "flip":
        return replace(picture, rows=rows[::-1])
    if op == "mirror":
        return replace(picture, rows=tuple(row[::-1] for row in rows))
    if op == "invert":
        return replace(picture, rows=tuple(bytes(255 - sample for sample in row) for row in rows))
    left, top, right, bottom = settings["box"]
    if op == "crop":
        return replace(picture, rows=tuple(row[left:right] for row in rows[top:bottom]))
    assert op == "erase"
    blank = b"\xff" * (right - left)
    wiped = [row[:left] + blank + row[right:] for row in rows[top:bottom]]
    return replace(picture, rows=(*rows[:top], *wiped, *rows[bottom:]))


def read(data: bytes) -> list[Picture]:
    """The pictures in a file."""
    with Image.open(io.BytesIO(data)) as image:
        return [_read(frame) for frame in ImageSequence.Iterator(image)]


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of the picture in a file."""
    with Image.open(io.BytesIO(data)) as image:
        return image.size


def png_of(number: int) -> bytes:
    """A drawing as a file."""
    stream = io.BytesIO()
    _image(number).save(stream, "PNG", dpi=drawn(number).dpi)
    return stream.getvalue()


def tiff_of(numbers: Sequence[int]) -> bytes:
    """Several drawings as one file."""
    first, *more = [_image(number) for number in numbers]
    stream = io.BytesIO()
    first.save(stream, "TIFF", save_all=True, append_images=more, compression="raw")
    return stream.getvalue()


def _image(number: int) -> Image.Image:
    picture = drawn(number)
    image = Image.frombytes("L", picture.size_px, b"".join(picture.rows)).convert(picture.mode)
    image.encoderinfo = {"dpi": picture.dpi}  # of each page of a TIFF by itself
    return image


def _read(image: Image.Image) -> Picture:
    width = image.width
    samples = image.convert("L").tobytes()
    rows = [samples[at : at + width] for at in range(0, len(samples), width)]
    horizontal, vertical = image.info["dpi"]
    return Picture(tuple(rows), image.mode, (round(horizontal), round(vertical)))
