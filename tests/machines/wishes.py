"""What somebody may wish for with the documents there are: from numbers to a request.

The numbers are taken modulo what there is, so that what is drawn never depends on the service.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from tests.machines import deeds
from tests.machines.deeds import Deed
from tests.machines.model import DRAWINGS, Json, PlainDocument, Shelf
from tests.support.client import DOCUMENTS, PAGES

DOCUMENTS_MOST, PAGES_MOST = 3, 5

_PLAIN_EDITS = ("flip", "mirror", "invert")
_METADATA: Sequence[str | Json] = ("", "Ärger mit \"'", {}, {"year": [2026, None]})


class Wish(NamedTuple):
    """A kind of change, and four numbers: which document, which page, and two more."""

    kind: str
    which: int
    page: int
    more: int
    most: int

    def deed(self, shelf: Shelf) -> Deed:
        """The request; a bad one where there is nothing to change."""
        document = pick(shelf, self.which)
        if self.kind in _OF_PAGES and not document.pages:
            return vain(document, self.more)
        return _CHANGES[self.kind](self, shelf, document)

    def at(self, document: PlainDocument) -> int:
        """The place of a page."""
        return self.page % len(document.pages)

    def gap(self, document: PlainDocument) -> int:
        """A place to put something."""
        return self.page % (len(document.pages) + 1)


_Change: TypeAlias = Callable[[Wish, Shelf, PlainDocument], Deed]


def pick(shelf: Shelf, which: int) -> PlainDocument:
    """One of the documents."""
    return list(shelf.values())[which % len(shelf)]


def vain(document: PlainDocument, kind: int) -> Deed:
    """A bad request, which changes nothing."""
    bad = deeds.bad_requests(document)
    return bad[kind % len(bad)]


def _create(wish: Wish, shelf: Shelf, document: PlainDocument) -> Deed:
    if len(shelf) < DOCUMENTS_MOST:
        return deeds.create(has_password=wish.more % 3 == 0)
    return deeds.delete(document)


def _load(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    return _unless_full(document, deeds.load(document, wish.gap(document), [wish.more % DRAWINGS]))


def _load_many(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    drawings = [(wish.more + each) % DRAWINGS for each in range(2 + wish.most % 2)]
    return _unless_full(document, deeds.load(document, wish.gap(document), drawings))


def _copy(wish: Wish, shelf: Shelf, document: PlainDocument) -> Deed:
    """A page of any document, named in one of four ways."""
    source = pick(shelf, wish.more)
    if not source.pages:
        return vain(source, wish.most)
    index = wish.most % len(source.pages)
    page = source.pages[index]
    names = (
        page.uid,
        f"{PAGES}/{page.uid}/content",
        f"{DOCUMENTS}/{source.uid}/pages/{page.uid}",
        f"{DOCUMENTS}/{source.uid}/pages/{index}",
    )
    name = names[wish.most % 4]
    return _unless_full(document, deeds.copy(document, wish.gap(document), page, name))


def _remove(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    return deeds.remove(document, wish.at(document), by_place=wish.more % 2 == 0)


def _reorder(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    """Any other places, and now and then the same ones."""
    places = list(range(len(document.pages)))
    random.Random(wish.more).shuffle(places)
    return deeds.reorder(document, places)


def _rotate(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    angle = 90 * (1 + wish.more % 3)
    return deeds.edit(document, wish.at(document), {"op": "rotate", "angle": angle})


def _edit(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    return deeds.edit(document, wish.at(document), {"op": _PLAIN_EDITS[wish.more % 3]})


def _edit_box(wish: Wish, _: Shelf, document: PlainDocument) -> Deed:
    """A box of at least one sample."""
    at = wish.at(document)
    width, height = document.pages[at].look().size_px
    left, top = wish.more % width, wish.most % height
    right = left + 1 + wish.most % (width - left)
    bottom = top + 1 + wish.more % (height - top)
    op = ("crop", "erase")[wish.most % 2]
    return deeds.edit(document, at, {"op": op, "box": [left, top, right, bottom]})


def _unless_full(document: PlainDocument, deed: Deed) -> Deed:
    if len(document.pages) < PAGES_MOST:
        return deed
    return deeds.remove(document, 0, by_place=True)


_CHANGES: Mapping[str, _Change] = {
    "annotate": lambda wish, _, document: deeds.annotate(document, _METADATA[wish.more % 4]),
    "create": _create,
    "delete": lambda _wish, _shelf, document: deeds.delete(document),
    "load": _load,
    "load many": _load_many,
    "copy": _copy,
    "remove": _remove,
    "reorder": _reorder,
    "rotate": _rotate,
    "edit": _edit,
    "edit a box": _edit_box,
    "reset": lambda wish, _, document: deeds.reset(document, wish.at(document)),
    "undo": lambda _wish, _shelf, document: deeds.undo(document),
    "redo": lambda _wish, _shelf, document: deeds.redo(document),
    "try in vain": lambda wish, _, document: vain(document, wish.more),
}
_OF_PAGES = frozenset({"remove", "rotate", "edit", "edit a box", "reset"})

KINDS = (
    *_CHANGES,
    # What leads back and forth most of all, and what gives it something to lead to.
    *("undo",) * 5,
    *("redo",) * 3,
    *("load", "edit", "rotate", "edit a box", "edit a box", "copy", "remove", "reorder"),
)
