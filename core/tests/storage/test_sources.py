"""Files that pages came from: kept once, readable for every copy, gone with the last of them."""

from __future__ import annotations

import json

import pytest

from flatbed.errors import PageCorruptError, WorkerCrashedError
from flatbed.storage import document_rows
from flatbed.storage.leftovers import delete_dropped
from flatbed.storage.quota import Quota, QuotaLimits, Usage

from .desk import ORIGIN, OTHER, Desk
from .library import FILE, MEDIA_TYPE, Library


@pytest.fixture
def library(desk: Desk) -> Library:
    """No documents yet."""
    return Library(desk)


async def test_file_comes_in_once_for_all_pages_of_a_load(library: Library) -> None:
    """Encrypted; each page knows which of its pages it shows."""
    document = await library.load(await library.create(), 1, 2, 3)
    assert library.desk.files() == [".file", *[".page"] * 3, *[".thumbnail"] * 3]
    sources = [(await library.given(document, place)).source for place in range(3)]
    found = [each and (each.media_type, each.number, each.turn) for each in sources]
    assert found == [(MEDIA_TYPE, 1, 0), (MEDIA_TYPE, 2, 0), (MEDIA_TYPE, 3, 0)]
    assert [await library.content(document, place) for place in range(3)] == [FILE] * 3
    (path,) = (library.desk.folder / "pages").rglob("*.file")
    assert b"letter" not in path.read_bytes()


async def test_source_is_there_after_a_restart(library: Library) -> None:
    """The index and the file are all that it takes."""
    document = await library.load(await library.create(), 4)
    library.restart()
    document = library.documents.get(document.uid, origin=ORIGIN)
    assert await library.content(document) == FILE
    assert await delete_dropped(library.desk.index, library.desk.buffer) == 0
    assert await library.content(document) == FILE


async def test_index_has_no_plain_key_of_a_file(library: Library) -> None:
    """The key of each page wraps it, so that whoever has a page has what it came from."""
    document = await library.load(await library.create(), 1, 2)
    source = (await library.page(document)).source
    assert source is not None
    rows = library.desk.index.read("SELECT source, record FROM document_pages ORDER BY rowid")
    assert [row["source"] for row in rows] == [source.uid] * 2
    records = [json.loads(row["record"])["source"] for row in rows]
    assert records[0].pop("key") != records[1].pop("key")
    (path,) = (library.desk.folder / "pages").rglob("*.file")
    data = path.read_bytes()
    facts = {"media_type": MEDIA_TYPE, "uid": source.uid, "tag": data[-16:].hex()}
    assert records[0] == facts | {"size": len(data), "number": 1}
    assert records[1] == facts | {"size": len(data), "number": 2}
    assert source.key.hex() not in "".join(row["record"] for row in rows)
    assert str(source.key) not in repr(source)


async def test_page_that_shows_no_page_of_the_file_has_no_source(library: Library) -> None:
    """Its neighbours have."""
    document = await library.load(await library.create(), 1, 0, 3)
    sources = [(await library.given(document, place)).source for place in range(3)]
    assert [each and each.number for each in sources] == [1, None, 3]


async def test_page_from_a_file_that_was_not_kept_has_no_source(library: Library) -> None:
    """A reader can say anything."""
    document = await library.load(await library.create(), 1, 2, files=())
    assert library.count_files() == 0
    given = [await library.given(document, place) for place in range(2)]
    assert [each.source for each in given] == [None, None]


async def test_copies_have_the_file_until_the_last_of_them_is_gone(library: Library) -> None:
    """In another document, in one with a password, and twice in the same."""
    first = await library.load(await library.create(), 1, 2)
    second, locked = await library.create(), await library.create(password="secret")
    second = await library.copy(first, 1, second)
    second = await library.copy(second, 0, second)
    locked = await library.copy(first, 1, locked, "secret")
    assert library.count_files() == 1
    await library.documents.delete(first)
    assert [await library.content(second, place) for place in range(2)] == [FILE, FILE]
    await library.documents.delete(second)
    library.restart()
    given = await library.given(locked, 0, "secret")
    assert given.source is not None
    assert given.source.number == 2
    assert await library.content(locked, 0, "secret") == FILE
    await library.documents.delete(locked)
    assert library.desk.files() == []


async def test_each_load_has_a_file_of_its_own(library: Library) -> None:
    """Also of the same bytes; the one goes without the other."""
    first = await library.load(await library.create(), 1)
    second = await library.load(await library.create(), 1, files=(b"another",))
    assert library.count_files() == 2
    await library.documents.delete(first)
    assert library.count_files() == 1
    assert await library.content(second) == b"another"


async def test_removed_page_needs_the_file_as_long_as_undo_brings_it_back(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the history has forgotten it, the file goes."""
    monkeypatch.setattr(document_rows, "STEPS_KEPT", 2)
    document = await library.load(await library.create(), 1)
    document = await library.documents.remove(document, document.order[0])
    assert library.count_files() == 1
    document = await library.documents.undo(document)
    assert await library.content(document) == FILE
    document = await library.documents.redo(document)
    document = await library.load(document, 0, files=())
    assert library.count_files() == 1
    document = await library.load(document, 0, files=())
    assert library.count_files() == 0
    assert len(document.order) == 2


async def test_file_of_a_load_that_was_taken_back_goes_with_the_next_step(
    library: Library,
) -> None:
    """Redo could bring it back until then."""
    document = await library.load(await library.create(), 1, 2)
    document = await library.documents.undo(document)
    assert library.count_files() == 1
    document = await library.load(document, 1, files=(b"another",))
    assert library.count_files() == 1
    assert await library.content(document) == b"another"


async def test_load_that_is_cut_off_before_it_is_written_down_leaves_nothing(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the rename and the commit: nobody has the keys."""
    desk, document = library.desk, await library.create()

    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(library.documents.pages, "add", fail)
        with pytest.raises(RuntimeError, match="killed"):
            await library.load(document, 1, 2)
    assert library.count_files() == 1
    assert await delete_dropped(desk.index, desk.buffer) == 3
    assert desk.files() == []


async def test_file_that_a_crash_left_after_its_pages_goes_at_the_next_start(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the commit and the unlink; one that another document needs stays."""
    desk = library.desk
    gone, kept = [await library.load(await library.create(), 1) for _ in range(2)]
    copy = await library.copy(kept, 0, await library.create())
    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer.files, "delete", lambda _: None)
        await library.documents.delete(gone)
        await library.documents.delete(kept)
    assert library.count_files() == 2
    # A page and a file; of the other document nothing has gone.
    assert await delete_dropped(desk.index, desk.buffer) == 2
    assert desk.files() == [".file", ".page", ".thumbnail"]
    assert desk.index.read("SELECT * FROM dropped") == []
    assert await library.content(copy) == FILE


async def test_page_whose_file_is_lost_is_a_page_all_the_same(library: Library) -> None:
    """It came from nothing that can be had."""
    document = await library.load(await library.create(), 1)
    (path,) = (library.desk.folder / "pages").rglob("*.file")
    path.unlink()
    assert (await library.given(document)).source is None
    assert len(library.desk.pixels(await library.page(document))) == 200
    document = await library.copy(document, 0, document)
    assert (await library.given(document, 1)).source is None


@pytest.mark.parametrize("key", ["00" * 60, "00", "", "no hex"])
async def test_page_whose_key_to_the_file_is_damaged_is_a_page_all_the_same(
    library: Library, key: str
) -> None:
    """Without a source, also as a copy."""
    document = await library.load(await library.create(), 1)
    await damage(library, key)
    assert (await library.given(document)).source is None
    assert len(library.desk.pixels(await library.page(document))) == 200
    document = await library.copy(document, 0, document)
    assert (await library.given(document, 1)).source is None
    await library.documents.delete(document)
    assert library.desk.files() == []


async def damage(library: Library, key: str) -> None:
    """Let another key to its file stand in the record of every page."""
    change = "UPDATE document_pages SET record = json_set(record, '$.source.key', ?)"
    await library.desk.index.write(lambda write: write.execute(change, (key,)))


async def test_reader_that_keeps_two_files_changes_nothing(library: Library) -> None:
    """Which of them would a page be from?"""
    desk = library.desk
    document = await library.load(await library.create(), 0, files=())
    with pytest.raises(WorkerCrashedError, match="did not write the one file"):
        await library.load(document, 1, 2, files=(FILE, FILE))
    found = library.documents.get(document.uid, origin=ORIGIN)
    assert found == document
    assert desk.files() == [".page", ".thumbnail"]


@pytest.mark.parametrize("how", ["gone", "cut", "changed"])
async def test_file_that_is_not_as_its_reader_said_changes_nothing(
    library: Library, how: str
) -> None:
    """The pages before it go at the next start."""
    desk, document = library.desk, await library.create()
    written = library.read(1, 2)
    (path,) = written.folder.glob("*.file")
    data = path.read_bytes()
    path.unlink() if how == "gone" else path.write_bytes(data[:-1] + bytes(how == "changed"))
    with pytest.raises(PageCorruptError):
        await library.documents.insert_new(
            document, await library.documents.unlock(document, None), written
        )
    assert library.documents.get(document.uid, origin=ORIGIN) == document
    await delete_dropped(desk.index, desk.buffer)
    assert desk.files() == []


async def test_file_that_no_page_shows_is_not_kept(library: Library) -> None:
    """Nobody would ever ask for it."""
    await library.load(await library.create(), 0)
    assert library.desk.files() == [".page", ".thumbnail"]


async def test_edit_brings_no_source_in(library: Library) -> None:
    """Only what was loaded came from a file; what an edit says of one is left out."""
    document = await library.load(await library.create(), 1)
    key = await library.documents.unlock(document, None)
    pages = library.documents.pages
    page = pages.get(document, key, document.order[0])
    edits = ({"op": "flip"},)
    written = library.read(1, files=(b"of the edit",))
    made = await pages.keep_rendition(document, key, page, edits, written=written)
    found = pages.find_rendition(document, key, page, edits)
    assert found is not None
    assert (made.source, found.source) == (None, None)


async def test_file_counts_once_for_each_origin_that_has_it(library: Library) -> None:
    """Beside the pages, as bytes and as no page; no more once the last of them has gone."""
    quota = Quota(library.desk.index, QuotaLimits())
    document = await library.load(await library.create(), 1, 2)
    pages = [await library.page(document, place) for place in range(2)]
    (path,) = (library.desk.folder / "pages").rglob("*.file")
    whole = Usage(2, sum(page.size for page in pages) + path.stat().st_size)
    assert quota.usage_of(ORIGIN) == whole
    again = await library.copy(document, 0, await library.create())
    other = await library.copy(document, 1, await library.create(origin=OTHER))
    assert quota.usage_of(ORIGIN) == whole
    assert quota.usage_of(OTHER) == Usage(1, pages[1].size + path.stat().st_size)
    await library.documents.delete(document)
    assert quota.usage_of(ORIGIN) == Usage(1, pages[0].size + path.stat().st_size)
    await library.documents.delete(again)
    assert quota.usage_of(ORIGIN) == Usage(0, 0)
    await library.documents.delete(other)
    assert quota.usage_of(OTHER) == Usage(0, 0)
