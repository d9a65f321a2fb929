"""A document into documents: every page in one of them, or none of them made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from flatbed.addon.types import Separator
from flatbed.editing.splitting import Part, Splitter, find_parts
from flatbed.errors import DiskFullError, PageNotFoundError
from flatbed.storage.document import Document
from flatbed.storage.documents import Documents
from flatbed.storage.events import EventLog
from flatbed.storage.index import Index

from ..storage.desk import ORIGIN, Desk, noise

SHEET = Separator(name="")
A, B = Separator(name="A"), Separator(name="B")


class Shelf:
    """Documents of one data folder, and what splits them."""

    def __init__(self, folder: Path) -> None:
        self.index = Index(folder / "index.sqlite")
        events = EventLog(self.index)
        self.desk = Desk(folder, self.index, events)
        self.documents = Documents(self.index, events, self.desk.buffer, self.desk.master_key)
        self.splitter = Splitter(self.documents)

    async def fill(self, count: int, password: str | None = None) -> tuple[Document, bytes]:
        """A document of so many pages, and its key."""
        pages = await self.desk.fill("job", *(noise(seed) for seed in range(count)))
        made = await self.documents.create(ORIGIN, name="Pile", password=password)
        key = await self.documents.unlock(made, password)
        return await self.documents.insert(made, key, pages), key

    async def pixels(self, document: Document, password: str | None = None) -> list[bytes]:
        """What is on the pages of a document."""
        key = await self.documents.unlock(document, password)
        found = [self.documents.pages.get(document, key, uid) for uid in document.order]
        return [self.desk.pixels(page.original) for page in found]

    def names(self) -> list[str | None]:
        """Of all documents, by name."""
        return sorted((each.name for each in self.documents.list(ORIGIN)), key=str)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty shelf."""
    shelf = Shelf(tmp_path)
    yield shelf
    shelf.index.close()


@pytest.mark.parametrize(
    ("separators", "parts"),
    [
        ([None, None, None], [("", "abc")]),
        ([None, A, None], [("", "a"), ("A", "c")]),
        ([A, None, B], [("A", "b")]),
        ([A, B, None], [("B", "c")]),
        ([None, Separator(name="A", page="first"), None], [("", "a"), ("A", "bc")]),
        ([Separator(name="A", page="first"), None, None], [("A", "abc")]),
        ([None, Separator(name="A", page="last"), None], [("", "ab"), ("A", "c")]),
        ([SHEET, SHEET, SHEET], []),
        ([Separator(name="\x00 a\nb \x7f"), None, None], [("a b", "bc")]),
        ([Separator(name="n" * 300), None, None], [("n" * 200, "bc")]),
    ],
)
def test_find_parts_deals_every_page_out_once(
    separators: Sequence[Separator | None], parts: list[tuple[str, str]]
) -> None:
    """A separator's page is left out, or the first of its part, or the last of the one before."""
    wanted = [Part(name, list(pages)) for name, pages in parts]
    assert find_parts("abc", separators) == wanted


async def test_split_makes_a_document_of_each_part_and_leaves_the_first_alone(
    shelf: Shelf,
) -> None:
    """Named by the separators, without the separators' pages."""
    pile, key = await shelf.fill(5)
    made = await shelf.splitter.split(pile, key, [A, None, None, B, None])
    assert [each.name for each in made] == ["A", "B"]
    assert [await shelf.pixels(each) for each in made] == [[noise(1), noise(2)], [noise(4)]]
    assert await shelf.pixels(shelf.documents.get(pile.uid, origin=ORIGIN)) == [
        noise(seed) for seed in range(5)
    ]


async def test_split_gives_a_name_that_is_taken_a_number(shelf: Shelf) -> None:
    """Two parts with one code, and a document that was there before; all stay."""
    await shelf.documents.create(ORIGIN, name="A")
    pile, key = await shelf.fill(4)
    made = await shelf.splitter.split(pile, key, [A, None, A, None])
    assert [each.name for each in made] == ["A (2)", "A (3)"]


async def test_split_keeps_parts_without_a_name_nameless(shelf: Shelf) -> None:
    """What stands before the first separator has no name either."""
    pile, key = await shelf.fill(3)
    made = await shelf.splitter.split(pile, key, [None, SHEET, None])
    assert [each.name for each in made] == [None, None]


async def test_split_locks_the_parts_with_the_password_it_is_given(shelf: Shelf) -> None:
    """A document with a password does not leave open ones behind."""
    pile, key = await shelf.fill(2, password="word")
    (made,) = await shelf.splitter.split(pile, key, [A, None], password="word")
    assert made.locked_key.salt is not None
    assert await shelf.pixels(made, "word") == [noise(1)]


async def test_split_that_fails_on_the_way_leaves_no_part_behind(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk after the first part; and a page that is gone."""
    pile, key = await shelf.fill(4)
    insert, calls = shelf.documents.insert, list[int]()

    async def fail_second(*args: object, **more: object) -> Document:
        calls.append(1)
        if len(calls) == 2:
            raise DiskFullError
        return await insert(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(shelf.documents, "insert", fail_second)
    with pytest.raises(DiskFullError):
        await shelf.splitter.split(pile, key, [A, None, B, None])
    assert shelf.names() == ["Pile"]
    monkeypatch.undo()
    await shelf.documents.delete(pile)
    with pytest.raises(PageNotFoundError):
        await shelf.splitter.split(pile, key, [A, None, B, None])
    assert shelf.names() == []
