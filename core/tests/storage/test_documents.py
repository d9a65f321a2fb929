"""Documents: pages that outlive their jobs, and steps that lead back and forth across restarts."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from pathlib import Path

import pytest

from flatbed.errors import (
    DocumentNotFoundError,
    InvalidInputError,
    NameTakenError,
    PageNotFoundError,
    WrongPasswordError,
    WrongStateError,
)
from flatbed.storage import document_rows
from flatbed.storage.document import Document
from flatbed.storage.documents import Documents
from flatbed.storage.events import LOCAL, EventLog
from flatbed.storage.index import Index

from .desk import ORIGIN, OTHER, Desk, noise


class Archive:
    """Documents over a buffer, restarted at will.

    Attributes:
        documents: What is tested.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.documents = self._open()

    def _open(self) -> Documents:
        desk = self.desk
        return Documents(desk.index, desk.events, desk.buffer, desk.master_key)

    def restart(self) -> None:
        """Start anew with what is on the disk."""
        desk = self.desk
        desk.index.close()
        desk.index = Index(desk.folder / "index.sqlite")
        desk.events = EventLog(desk.index)
        desk.buffer = type(desk.buffer)(
            desk.folder / "pages", desk.index, desk.events, desk.master_key
        )
        self.documents = self._open()

    async def filled(self, *seeds: int, password: str | None = None) -> Document:
        """A document with pages of these seeds."""
        document = await self.documents.create(ORIGIN, password=password)
        for seed in seeds:
            document = await self.add(document, seed, password=password)
        return document

    async def add(
        self, document: Document, seed: int, *, at: int | None = None, password: str | None = None
    ) -> Document:
        """Scan a page in a job of its own and put it in."""
        (page,) = await self.desk.fill(f"job {seed}", noise(seed))
        key = await self.documents.unlock(document, password)
        return await self.documents.insert(document, key, [page], at=at)

    async def seeds(self, document: Document, password: str | None = None) -> list[int]:
        """Whose pixels its pages have."""
        key = await self.documents.unlock(document, password)
        known = {noise(seed): seed for seed in range(100)}
        opened = (self.documents.pages.get(document, key, page).original for page in document.order)
        return [known[self.desk.pixels(page)] for page in opened]

    def get(self, document: Document) -> Document:
        """The document as it is now."""
        return self.documents.get(document.uid, origin=ORIGIN)


@pytest.fixture
def archive(desk: Desk) -> Archive:
    """No documents yet."""
    return Archive(desk)


async def test_document_outlives_its_jobs_and_a_restart(archive: Archive) -> None:
    """The file of a page stays as long as anybody needs it."""
    document = await archive.filled(1, 2, 3)
    for seed in (1, 2, 3):
        await archive.desk.buffer.delete_job_pages(f"job {seed}")
    archive.restart()
    assert await archive.seeds(archive.get(document)) == [1, 2, 3]


async def test_new_document_is_empty(archive: Archive) -> None:
    """And has nothing to take back."""
    document = await archive.documents.create(ORIGIN, name="Invoices")
    assert (document.order, document.name, document.metadata) == ((), "Invoices", None)
    assert (document.can_undo, document.can_redo) == (False, False)
    for step in (archive.documents.undo, archive.documents.redo):
        with pytest.raises(WrongStateError, match="There is nothing to"):
            await step(document)


@pytest.mark.parametrize(
    ("at", "expected"),
    [(0, [3, 1, 2]), (1, [1, 3, 2]), (2, [1, 2, 3]), (None, [1, 2, 3]), (7, [1, 2, 3])],
)
async def test_page_is_put_where_it_belongs(
    archive: Archive, at: int | None, expected: list[int]
) -> None:
    """At the end where there is no such place."""
    document = await archive.add(await archive.filled(1, 2), 3, at=at)
    assert await archive.seeds(document) == expected


async def test_every_step_leads_back_and_forth(archive: Archive) -> None:
    """Across a restart between any two of them."""
    documents = archive.documents
    document = await archive.filled(1, 2, 3)
    first, second, third = document.order
    document = await documents.reorder(document, [third, first, second])
    document = await documents.remove(document, first)
    (page,) = await archive.desk.fill("job 4", noise(4))
    key = await documents.unlock(document, None)
    document = await documents.replace(document, key, second, page)
    looks = [[3, 4], [3, 2], [3, 1, 2], [1, 2, 3], [1, 2], [1], []]
    assert await archive.seeds(document) == looks[0]
    for look in looks[1:]:
        document = await archive.documents.undo(document)
        archive.restart()
        assert await archive.seeds(archive.get(document)) == look
    assert (document.can_undo, document.can_redo) == (False, True)
    for look in reversed(looks[:-1]):
        document = await archive.documents.redo(document)
        archive.restart()
        assert await archive.seeds(archive.get(document)) == look
    assert (document.can_undo, document.can_redo) == (True, False)


async def test_new_step_makes_what_was_taken_back_impossible(archive: Archive) -> None:
    """And destroys the keys of pages that only it knew, and their files with the last of them."""
    document = await archive.filled(1, 2)
    document = await archive.documents.undo(document)
    await archive.desk.buffer.delete_job_pages("job 2")
    assert archive.desk.files().count(".page") == 2
    document = await archive.add(document, 3)
    assert (await archive.seeds(document), document.can_redo) == ([1, 3], False)
    assert archive.desk.files().count(".page") == 2
    rows = archive.desk.index.read("SELECT count(*) AS n FROM document_pages")
    assert rows[0]["n"] == 2


async def test_oldest_steps_are_forgotten_with_what_only_they_knew(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not before: each of the last ones leads back."""
    monkeypatch.setattr(document_rows, "STEPS_KEPT", 3)
    document = await archive.filled(1, 2)
    document = await archive.documents.remove(document, document.order[0])
    await archive.desk.buffer.delete_job_pages("job 1")
    for seed in (3, 4):
        document = await archive.add(document, seed)
    assert archive.desk.files().count(".page") == 4
    document = await archive.add(document, 5)
    assert archive.desk.files().count(".page") == 4
    for _ in range(3):
        document = await archive.documents.undo(document)
    assert (await archive.seeds(document), document.can_undo) == ([2], False)


async def test_page_that_a_job_still_has_stays_when_its_document_goes(archive: Archive) -> None:
    """And the other way round; with the last of them the file goes."""
    document = await archive.filled(1)
    await archive.documents.delete(document)
    (page,) = archive.desk.buffer.pages_of("job 1")
    assert archive.desk.pixels(page) == noise(1)
    with pytest.raises(DocumentNotFoundError):
        archive.get(document)
    await archive.desk.buffer.delete_job_pages("job 1")
    assert archive.desk.files() == []


async def test_page_is_copied_between_documents(archive: Archive) -> None:
    """Each has its own key to it; one is deleted, the other stays."""
    first, second = await archive.filled(1), await archive.filled(2, password="secret")
    documents = archive.documents
    source = documents.pages.get(first, await documents.unlock(first, None), first.order[0])
    key = await documents.unlock(second, "secret")
    second = await documents.insert(second, key, [source])
    await documents.delete(first)
    await archive.desk.buffer.delete_job_pages("job 1")
    assert await archive.seeds(second, "secret") == [2, 1]


async def test_pages_of_a_document_with_a_password_need_it(archive: Archive) -> None:
    """The index by itself, with the master key, does not open them."""
    document = await archive.filled(1, password="secret")
    archive.restart()
    document = archive.get(document)
    for password in (None, "Secret"):
        with pytest.raises(WrongPasswordError):
            await archive.documents.unlock(document, password)
    assert await archive.seeds(document, "secret") == [1]


async def test_what_is_written_beside_a_change_stands_or_falls_with_it(archive: Archive) -> None:
    """It sees the document as the change leaves it; where it fails, nothing was changed."""
    seen: list[tuple[str, ...]] = []

    def look(_: sqlite3.Connection, document: Document) -> None:
        seen.append(document.order)

    def fail(_: sqlite3.Connection, document: Document) -> None:
        raise NameTakenError(uid=document.uid)

    documents = archive.documents
    document = await documents.create(ORIGIN, also=look)
    (page,) = await archive.desk.fill("job 1", noise(1))
    key = await documents.unlock(document, None)
    changed = await documents.insert(document, key, [page], also=look)
    changed = await documents.replace(changed, key, changed.order[0], page, also=look)
    assert seen[0] == ()
    assert (len(seen), seen[2]) == (3, changed.order)
    with pytest.raises(NameTakenError):
        await documents.insert(document, key, [page], also=fail)
    with pytest.raises(NameTakenError):
        await documents.create(ORIGIN, also=fail)
    assert archive.get(document) == changed
    assert documents.list(ORIGIN) == [changed]


async def test_document_of_another_origin_does_not_exist(archive: Archive) -> None:
    """For native programs all of them do."""
    document = await archive.filled(1)
    with pytest.raises(DocumentNotFoundError):
        archive.documents.get(document.uid, origin=OTHER)
    assert archive.documents.get(document.uid, origin=LOCAL) == document
    assert archive.documents.list(OTHER) == []
    assert archive.documents.list(ORIGIN) == archive.documents.list(LOCAL) == [document]


async def test_name_is_unique_within_its_origin(archive: Archive) -> None:
    """The error says which document has it."""
    document = await archive.documents.create(ORIGIN, name="Invoices")
    with pytest.raises(NameTakenError) as caught:
        await archive.documents.create(ORIGIN, name="Invoices")
    assert caught.value.details == {"uid": document.uid}
    other = await archive.documents.create(OTHER, name="Invoices")
    assert archive.documents.list(ORIGIN, name="Invoices") == [document]
    assert archive.documents.list(LOCAL, name="Invoices") == [document, other]
    assert archive.documents.list(ORIGIN, name="Letters") == []
    await archive.documents.delete(document)
    assert (await archive.documents.create(ORIGIN, name="Invoices")).uid != document.uid


async def test_order_that_is_none_changes_nothing(archive: Archive) -> None:
    """A page twice, one too few, one that is not there."""
    document = await archive.filled(1, 2)
    first, second = document.order
    for order in ([first, first], [first], [first, second, "x"], []):
        with pytest.raises(InvalidInputError, match="every page of the document once"):
            await archive.documents.reorder(document, order)
    assert archive.get(document) == document


async def test_page_that_is_not_there_is_an_error(archive: Archive) -> None:
    """Also one that was deleted while it was on its way in."""
    document = await archive.filled(1)
    with pytest.raises(PageNotFoundError):
        await archive.documents.remove(document, "x")
    (page,) = await archive.desk.fill("job 2", noise(2))
    await archive.desk.buffer.delete_job_pages("job 2")
    key = await archive.documents.unlock(document, None)
    with pytest.raises(PageNotFoundError):
        await archive.documents.insert(document, key, [page])
    with pytest.raises(PageNotFoundError):
        archive.documents.pages.get(document, key, "x")
    assert archive.get(document) == document


@pytest.mark.parametrize(("name", "place"), [("0", 0), ("1", 1), ("uid", 1)])
async def test_page_is_found_by_uid_or_place(archive: Archive, name: str, place: int) -> None:
    """Places count from 0."""
    document = await archive.filled(1, 2)
    wanted = document.order[1] if name == "uid" else name
    assert document.find(wanted) == document.order[place]
    for wrong in ("2", "-1", "", "x", "²", "0" * 32, "9" * 5000):
        with pytest.raises(PageNotFoundError):
            document.find(wrong)


async def test_step_on_a_document_that_was_deleted_meanwhile_says_so(archive: Archive) -> None:
    """Another tab was quicker."""
    document = await archive.filled(1)
    await archive.documents.delete(document)
    with pytest.raises(DocumentNotFoundError):
        await archive.documents.undo(document)
    with pytest.raises(DocumentNotFoundError):
        await archive.documents.set_metadata(document, "{}")


async def test_steps_of_two_tabs_do_not_get_lost(archive: Archive) -> None:
    """Both saw the document as it was before."""
    document = await archive.documents.create(ORIGIN)
    await asyncio.gather(*(archive.add(document, seed) for seed in range(5)))
    assert sorted(await archive.seeds(archive.get(document))) == [0, 1, 2, 3, 4]


async def test_changes_are_told_to_the_origin(archive: Archive) -> None:
    """How many pages there are, so that another tab looks again."""
    document = await archive.filled(1)
    await archive.documents.delete(document)
    told = [
        (kind, data.get("pages"))
        for kind, subject, data in archive.desk.told()
        if subject == document.uid
    ]
    assert told == [("document.changed", 0), ("document.changed", 1), ("document.deleted", None)]


class Afternoon:
    """Somebody at a document, and plain lists of every look that it has had."""

    def __init__(self, archive: Archive, document: Document, seed: int) -> None:
        self._archive, self._document = archive, document
        self._chance = random.Random(seed)
        self._made = 0
        self._now = 0
        self._looks: list[list[int]] = [[]]

    @property
    def look(self) -> list[int]:
        """The pages as they are to be."""
        return self._looks[self._now]

    async def act(self) -> None:
        """Do anything."""
        acts = [
            self._add,
            self._add,
            self._remove,
            self._reorder,
            self._undo,
            self._undo,
            self._redo,
        ]
        await self._chance.choice(acts)()
        if self._chance.random() < 0.2:
            self._archive.restart()

    async def _add(self) -> None:
        look = self.look.copy()
        at = self._chance.randint(0, len(look))
        await self._archive.add(self._document, self._made, at=at)
        look.insert(at, self._made)
        self._made += 1
        self._remember(look)

    async def _remove(self) -> None:
        if self.look:
            look = self.look.copy()
            at = self._chance.randrange(len(look))
            del look[at]
            order = self._archive.get(self._document).order
            await self._archive.documents.remove(self._document, order[at])
            self._remember(look)

    async def _reorder(self) -> None:
        places = self._chance.sample(range(len(self.look)), len(self.look))
        order = self._archive.get(self._document).order
        await self._archive.documents.reorder(self._document, [order[each] for each in places])
        self._remember([self.look[each] for each in places])

    async def _undo(self) -> None:
        if self._now:
            self._now -= 1
            await self._archive.documents.undo(self._document)

    async def _redo(self) -> None:
        if self._now + 1 < len(self._looks):
            self._now += 1
            await self._archive.documents.redo(self._document)

    def _remember(self, look: list[int]) -> None:
        self._looks[self._now + 1 :] = [look]
        self._now += 1


@pytest.mark.parametrize("seed", range(4))
async def test_long_afternoon_agrees_with_plain_lists(archive: Archive, seed: int) -> None:
    """Random steps, undo, redo and restarts."""
    document = await archive.documents.create(ORIGIN)
    afternoon = Afternoon(archive, document, seed)
    for _ in range(60):
        await afternoon.act()
        assert await archive.seeds(archive.get(document)) == afternoon.look


async def test_deleting_a_document_destroys_the_keys_of_its_pages(archive: Archive) -> None:
    """No byte of them is left in the index, or in what SQLite keeps beside it."""
    document = await archive.filled(1)
    await archive.desk.buffer.delete_job_pages("job 1")
    rows = archive.desk.index.read("SELECT key FROM document_pages")
    wrapped = bytes(rows[0]["key"])
    assert any(wrapped in file.read_bytes() for file in index_files(archive))
    await archive.documents.delete(archive.get(document))
    assert not any(wrapped in file.read_bytes() for file in index_files(archive))


def index_files(archive: Archive) -> list[Path]:
    """The index, and what lies beside it."""
    return sorted(archive.desk.folder.glob("index.sqlite*"))
