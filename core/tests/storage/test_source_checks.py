"""The check of the storage and files that pages came from: known and read, never a lost page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flatbed.storage.consistency import Damage, StorageCheck

from .desk import Desk
from .library import Library
from .test_consistency import everything, flip


@pytest.fixture
def library(desk: Desk) -> Library:
    """No documents yet."""
    return Library(desk)


@pytest.fixture
def check(desk: Desk) -> StorageCheck:
    """The check of the desk's folder."""
    return StorageCheck(desk.folder, desk.master_key)


def only_file(desk: Desk) -> Path:
    """The one file that is no page."""
    (path,) = (desk.folder / "pages").rglob("*.file")
    return path


def damage_of(path: Path, reason: str) -> Damage:
    """What is told of a file that pages came from."""
    return Damage(uid=path.stem, kind="file", reason=reason, is_replaceable=True)  # type: ignore[arg-type]


async def test_whole_files_are_known_and_no_pages(library: Library, check: StorageCheck) -> None:
    """Their bytes are counted, in two documents once."""
    document = await library.load(await library.create(), 1, 2)
    await library.copy(document, 0, await library.create())
    size = sum(len(data) for data in everything(library.desk.folder).values())
    for report in (check.fast(), check.deep()):
        assert (report.pages, report.documents, report.bytes) == (2, 2, size)
        assert (report.damaged, report.unknown_files, report.locked) == ([], 0, 0)
        assert (report.index_fault, report.is_complete) == (None, True)


@pytest.mark.parametrize("reason", ["missing", "wrong_size", "corrupt"])
async def test_damaged_file_is_told_and_no_page_is_lost(
    library: Library, check: StorageCheck, reason: str
) -> None:
    """One flipped bit is found by who reads it; nothing is deleted."""
    await library.load(await library.create(), 1, 2)
    path = only_file(library.desk)
    if reason == "missing":
        path.unlink()
    elif reason == "wrong_size":
        os.truncate(path, 50)
    else:
        flip(path, 20)
    before = everything(library.desk.folder)
    assert check.fast().damaged == ([] if reason == "corrupt" else [damage_of(path, reason)])
    report = check.deep()
    assert (report.damaged, report.lost, report.pages) == ([damage_of(path, reason)], [], 2)
    assert everything(library.desk.folder) == before


async def test_file_of_pages_behind_a_password_is_not_read(
    library: Library, check: StorageCheck
) -> None:
    """The page counts as locked, once; the size of the file is known all the same."""
    document = await library.load(await library.create(), 1)
    locked = await library.copy(document, 0, await library.create(password="secret"), "secret")
    assert check.deep().locked == 0
    await library.documents.delete(document)
    path = only_file(library.desk)
    flip(path, 20)
    report = check.deep()
    assert (report.locked, report.damaged, report.pages) == (1, [], 1)
    os.truncate(path, 50)
    assert check.deep().damaged == [damage_of(path, "wrong_size")]
    assert (await library.page(locked, 0, "secret")).source is not None


async def test_one_open_document_is_enough_to_read_a_file(
    library: Library, check: StorageCheck
) -> None:
    """Whichever of its pages opens it; another of them has a key that is damaged."""
    document = await library.load(await library.create(), 1, 2)
    change = (
        "UPDATE document_pages SET record = json_set(record, '$.source.key', '00') WHERE uid = ?"
    )
    await library.desk.index.write(lambda write: write.execute(change, (document.order[0],)))
    flip(only_file(library.desk), 20)
    assert check.deep().damaged == [damage_of(only_file(library.desk), "corrupt")]


RECORDS = {
    "a key that does not open": "json_set(record, '$.source.key', '{}')".format("00" * 60),
    "a key that is no hex": "json_set(record, '$.source.key', 'no hex')",
    "no key": "json_remove(record, '$.source.key')",
    "no source": "json_remove(record, '$.source')",
    "no JSON": "'no JSON'",
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS.keys())
async def test_check_goes_on_over_a_record_that_is_damaged(
    library: Library, check: StorageCheck, record: str
) -> None:
    """What else is damaged is told; the file itself may be read or not."""
    await library.load(await library.create(), 1)
    whole = await library.load(await library.create(), 1, files=(b"another",))
    change = f"UPDATE document_pages SET record = {record} WHERE document_uid != ?"  # noqa: S608
    await library.desk.index.write(lambda write: write.execute(change, (whole.uid,)))
    page = await library.page(whole)
    (library.desk.folder / "pages" / page.uid[:2] / f"{page.uid}.page").unlink()
    missing = Damage(uid=page.uid, kind="page", reason="missing")
    assert check.fast().lost == [missing]
    report = check.deep()
    assert (report.lost, report.is_complete, report.pages) == ([missing], True, 2)
    assert report.unknown_files == 0
