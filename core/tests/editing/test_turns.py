"""Pages that were only turned: what they came from is turned in their place."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flatbed.editing.editor import Editor
from flatbed.editing.turns import quarter_turns
from flatbed.runtime.discovery import discover
from flatbed.runtime.operations import Operations
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry
from flatbed.storage.document import Document
from flatbed.storage.events import EventLog
from flatbed.storage.history import Edit
from flatbed.storage.index import Index
from flatbed.storage.stored_page import StoredPage

from ..made_addons import worker_site, write_addon
from ..storage.desk import Desk
from ..storage.library import Library

TURNING = """
@hookimpl
def process_page(operation, page, settings, out):
    with out.new_page(size_px=page.size_px, dpi=page.dpi, mode=page.mode, bits=page.bits) as new:
        new.write_image(page.open())
"""
ANGLE = {"angle": {"type": "float"}}
FLIP: Edit = {"op": "flip"}
CROP: Edit = {"op": "crop", "box": [0, 0, 5, 5]}


def turn(angle: Any, **more: Any) -> Edit:
    """A turn clockwise."""
    return {"op": "rotate", "angle": angle} | more


class Table:
    """A document of one page that came from a file, and what edits it."""

    def __init__(self, folder: Path) -> None:
        self.index = Index(folder / "index.sqlite")
        events = EventLog(self.index)
        self.library = Library(Desk(folder, self.index, events))
        made = write_addon(folder / "made", TURNING, edits={"rotate": {"settings": ANGLE}})
        self.registry = Registry([discover({}).get("imaging"), made])
        self.pools = Pools(worker_site(folder))
        operations = Operations(self.registry, self.pools, folder / "scratch")
        buffer = self.library.desk.buffer
        self.editor = Editor(self.library.documents, buffer, operations, self.registry)

    async def show(self, document: Document) -> StoredPage:
        """The document's page as it now looks."""
        documents = self.library.documents
        key = await documents.unlock(document, None)
        page = documents.pages.get(document, key, document.order[0])
        return await self.editor.show(document, key, page)

    async def turn_of(self, document: Document) -> int | None:
        """By how much a worker turns what the page came from; `None` if it came from nothing."""
        source = self.library.desk.buffer.for_worker(await self.show(document)).source
        return None if source is None else source.turn

    async def edit(self, document: Document, *edits: Edit, wanted: str = "imaging") -> None:
        """Edit the document's page."""
        key = await self.library.documents.unlock(document, None)
        choice = self.registry.choose([wanted])
        for each in edits:
            await self.editor.edit(document, key, document.order[0], each, choice=choice)


@pytest.fixture
async def table(tmp_path: Path) -> AsyncIterator[Table]:
    """A table whose workers end with the test."""
    table = Table(tmp_path)
    yield table
    await table.pools.close()
    table.index.close()


@pytest.fixture
async def document(table: Table) -> Document:
    """A page of 10 by 20 pixels that shows the third one of a file."""
    return await table.library.load(await table.library.create(), 3)


@pytest.mark.parametrize(
    ("edits", "degrees"),
    [
        ([], 0),
        ([turn(90)], 90),
        ([turn(90.0), turn(90)], 180),
        ([turn(270), turn(90)], 0),
        ([turn(-90)], 270),
        ([turn(450)], 90),
        ([turn(0)], 0),
        ([turn(90), turn(90 * 2.0**60)], 90),
        ([turn(45)], None),
        ([turn(45), turn(45)], None),
        ([turn(90), FLIP], None),
        ([FLIP, FLIP], None),
        ([CROP, turn(90)], None),
        ([turn(90, addon="made")], None),
        ([turn("90")], None),
        ([turn(None)], None),
        ([{"op": "rotate"}], None),
        ([turn(float("nan"))], None),
        ([turn(float("inf"))], None),
    ],
    ids=str,
)
def test_only_quarter_turns_of_the_core_are_quarter_turns(
    edits: list[Edit], degrees: int | None
) -> None:
    """What an add-on calls by the same name may do anything."""
    assert quarter_turns(edits) == degrees


@pytest.mark.parametrize(
    ("edits", "degrees"),
    [
        ([], 0),
        ([turn(90)], 90),
        ([turn(270), turn(90)], 0),
        ([turn(-180)], 180),
        ([turn(45)], None),
        ([CROP], None),
        ([turn(90), CROP], None),
    ],
    ids=str,
)
async def test_page_that_was_only_turned_has_its_source_turned(
    table: Table, document: Document, edits: list[Edit], degrees: int | None
) -> None:
    """Also when its look has been made before; whatever else was done, it has none."""
    await table.edit(document, *edits)
    assert [await table.turn_of(document) for _ in range(2)] == [degrees, degrees]


async def test_turned_page_looks_turned_and_comes_from_the_same_page(
    table: Table, document: Document
) -> None:
    """Who cannot copy the one takes the other."""
    before = await table.show(document)
    await table.edit(document, turn(90))
    shown = await table.show(document)
    assert (before.size_px, shown.size_px) == ((10, 20), (20, 10))
    assert before.source is not None
    assert shown.source == before.source.turned(90)
    assert (shown.source.number, shown.source.turn) == (3, 90)


async def test_turn_by_an_addon_leaves_no_source(table: Table, document: Document) -> None:
    """Of the same name as the core's; nobody knows what it does."""
    await table.edit(document, turn(90), wanted="made")
    assert await table.turn_of(document) is None


async def test_undo_and_redo_of_a_turn_turn_the_source(table: Table, document: Document) -> None:
    """And of a crop after it: then it came from nothing, and from the file again."""
    documents = table.library.documents
    await table.edit(document, turn(90), CROP)
    found = []
    for step in (documents.undo, documents.undo, documents.redo, documents.redo):
        document = await step(document)
        found.append(await table.turn_of(document))
    assert found == [90, 0, 90, None]


async def test_copy_of_a_turned_page_is_turned(table: Table, document: Document) -> None:
    """In another document; the source of its original is as it was loaded."""
    await table.edit(document, turn(90))
    copy = await table.library.copy(document, 0, await table.library.create())
    await table.library.documents.delete(document)
    assert await table.turn_of(copy) == 90
    await table.edit(copy, turn(180))
    assert await table.turn_of(copy) == 270
