"""The check of the storage: what is damaged is named, what is whole is not, nothing is deleted."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from flatbed.addon.frames import FrameWriter, new_key, wrap_key
from flatbed.errors import WrongStateError
from flatbed.storage.consistency import Damage, StorageCheck
from flatbed.storage.documents import Documents
from flatbed.storage.index import Index, IndexDamagedError
from flatbed.storage.stored_page import StoredPage

from .desk import ORIGIN, Desk, noise


@pytest.fixture
def check(desk: Desk) -> StorageCheck:
    """The check of the desk's folder."""
    return StorageCheck(desk.folder, desk.master_key)


def path_of(desk: Desk, page: StoredPage, kind: str = "page") -> Path:
    """Where a file of a page lies."""
    return desk.folder / "pages" / page.uid[:2] / f"{page.uid}.{kind}"


def everything(folder: Path) -> dict[str, bytes]:
    """All files of the buffer with what is in them."""
    return {str(path): path.read_bytes() for path in (folder / "pages").rglob("*.*")}


def flip(path: Path, offset: int) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1
    path.write_bytes(data)


async def test_fast_check_of_whole_pages_finds_nothing(desk: Desk, check: StorageCheck) -> None:
    """Pages and bytes are counted."""
    await desk.fill("job", noise(1), noise(2), noise(3))
    report = check.fast()
    assert (report.pages, report.documents, report.damaged) == (3, 0, [])
    assert (report.unknown_files, report.unknown_bytes, report.index_fault) == (0, 0, None)
    assert report.bytes == sum(len(data) for data in everything(desk.folder).values())
    assert (report.is_deep, report.is_complete) == (False, True)


async def test_fast_check_names_missing_and_cut_files_and_deletes_nothing(
    desk: Desk, check: StorageCheck
) -> None:
    """Half a file and none; the page between them is whole."""
    first, _, third = await desk.fill("job", noise(1), noise(2), noise(3))
    os.truncate(path_of(desk, first), first.size // 2)
    path_of(desk, third).unlink()
    before = everything(desk.folder)
    damaged = {each.uid: each for each in check.fast().damaged}
    assert damaged == {
        first.uid: Damage(uid=first.uid, kind="page", reason="wrong_size"),
        third.uid: Damage(uid=third.uid, kind="page", reason="missing"),
    }
    assert everything(desk.folder) == before
    assert desk.buffer.count_of("job") == 3


async def test_missing_thumbnail_is_no_damage(desk: Desk, check: StorageCheck) -> None:
    """It is made again."""
    (page,) = await desk.fill("job", noise(1))
    path_of(desk, page, "thumbnail").unlink()
    assert check.fast().damaged == []
    assert check.deep().damaged == []


@pytest.mark.parametrize(
    ("kind", "is_replaceable"), [("page", False), ("thumbnail", True)], ids=["page", "thumbnail"]
)
async def test_deep_check_finds_one_flipped_bit(
    desk: Desk, check: StorageCheck, *, kind: str, is_replaceable: bool
) -> None:
    """The name and the size are right, so the fast one cannot."""
    _, page = await desk.fill("job", noise(1), noise(2))
    flip(path_of(desk, page, kind), 20)
    assert check.fast().damaged == []
    (damage,) = check.deep().damaged
    assert damage == Damage(
        uid=page.uid, kind=kind, reason="corrupt", is_replaceable=is_replaceable
    )


async def test_page_of_a_document_is_checked_when_its_job_is_gone(
    desk: Desk, check: StorageCheck
) -> None:
    """By the document's key; where that has a password it is counted, and its size is known."""
    documents = Documents(desk.index, desk.events, desk.buffer, desk.master_key)
    pages = await desk.fill("job", noise(1), noise(2))
    for page, password in zip(pages, (None, "secret"), strict=True):
        document = await documents.create(ORIGIN, password=password)
        key = await documents.unlock(document, password)
        await documents.insert(document, key, [page])
    await desk.buffer.delete_job_pages("job")
    report = check.deep()
    assert (report.pages, report.documents, report.damaged, report.locked) == (2, 2, [], 1)
    flip(path_of(desk, pages[0]), 20)
    os.truncate(path_of(desk, pages[1]), 9)
    found = {each.uid: each.reason for each in check.deep().damaged}
    assert found == {pages[0].uid: "corrupt", pages[1].uid: "wrong_size"}


async def test_damaged_look_of_an_edited_page_can_be_made_again(
    desk: Desk, check: StorageCheck
) -> None:
    """It is told, but as nothing that was lost."""
    documents = Documents(desk.index, desk.events, desk.buffer, desk.master_key)
    document = await documents.create(ORIGIN)
    pages = await desk.fill("job", noise(1))
    document = await documents.insert(document, await documents.unlock(document, None), pages)
    uid = "ab" * 16
    row = (uid, document.order[0], "[]", '{"size": 5}', b"key", 0.0)
    await desk.index.write(
        lambda write: write.execute("INSERT INTO renditions VALUES (?, ?, ?, ?, ?, ?)", row)
    )
    report = check.fast()
    (damage,) = report.damaged
    assert damage == Damage(uid=uid, kind="page", reason="missing", is_replaceable=True)
    assert (report.lost, report.pages) == ([], 1)


async def test_files_that_no_row_knows_are_counted_and_kept(
    desk: Desk, check: StorageCheck
) -> None:
    """Only those that are named like ours; a stranger's file is none of our business."""
    await desk.fill("job", noise(1))
    await desk.index.write(lambda write: write.execute("DELETE FROM pages"))
    (shelf,) = (desk.folder / "pages").iterdir()
    (shelf / "notes.txt").write_text("mine")
    before = everything(desk.folder)
    report = check.fast()
    ours = [data for name, data in before.items() if not name.endswith(".txt")]
    assert (report.pages, report.unknown_files) == (0, 2)
    assert report.unknown_bytes == sum(len(data) for data in ours)
    assert everything(desk.folder) == before


async def test_page_that_is_not_adopted_yet_is_not_unknown(
    desk: Desk, check: StorageCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the rename and the commit: the journal still has it."""
    entries = desk.scan("job", noise(1))
    with (desk.spool("job") / "journal.jsonl").open("w") as journal:
        journal.writelines(json.dumps(entry) + "\n" for entry in entries)

    def fail(*_: object, **__: object) -> None:
        raise ValueError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.buffer), "_insert", fail)
        with pytest.raises(ValueError, match="killed"):
            await desk.adopt("job", entries)
    assert len(everything(desk.folder)) == 2
    assert check.fast().unknown_files == 0


async def test_check_while_pages_come_and_go_finds_no_damage(
    desk: Desk, check: StorageCheck
) -> None:
    """It has no lock on anything, and takes nothing that changes for a fault."""
    stop = threading.Event()

    def check_until_stopped() -> list[Damage]:
        found = []
        while not stop.is_set():
            found += check.deep().damaged
        return found

    checking = asyncio.create_task(asyncio.to_thread(check_until_stopped))
    for number in range(15):
        await desk.fill(f"job-{number}", noise(number), noise(number + 100))
        await desk.buffer.delete_job_pages(f"job-{number}")
    stop.set()
    assert await checking == []


async def test_deep_check_tells_how_far_it_is_and_can_be_stopped(
    desk: Desk, check: StorageCheck
) -> None:
    """After the second page of three; what was found until then is reported."""
    await desk.fill("job", noise(1), noise(2), noise(3))
    told: list[tuple[int, int]] = []
    stop = threading.Event()

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            stop.set()

    report = check.deep(progress=progress, stop=stop)
    assert told == [(1, 3), (2, 3)]
    assert (report.is_deep, report.is_complete) == (True, False)


async def test_second_deep_check_is_refused_while_one_goes_on(
    desk: Desk, check: StorageCheck
) -> None:
    """One disk; a fast one is let in."""
    await desk.fill("job", noise(1))
    refused: list[str] = []

    def progress(*_: int) -> None:
        assert check.fast().pages == 1
        with pytest.raises(WrongStateError, match="already"):
            check.deep()
        refused.append("yes")

    check.deep(progress=progress)
    assert refused == ["yes"]
    assert check.deep().is_complete


async def test_closed_check_ends_at_once(desk: Desk, check: StorageCheck) -> None:
    """The service stops; nobody waits for a disk to be read."""
    await desk.fill("job", noise(1))
    check.close()
    assert not check.deep().is_complete


async def test_check_leaves_the_log_of_the_index_free(desk: Desk, check: StorageCheck) -> None:
    """A query that stayed open for hours would keep it growing."""
    await desk.fill("job", noise(1), noise(2))
    blocked: list[int] = []

    def progress(*_: int) -> None:
        with closing(sqlite3.connect(desk.folder / "index.sqlite")) as other:
            blocked.append(other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])

    check.deep(progress=progress)
    assert blocked == [0, 0]


def test_check_without_an_index_says_so(tmp_path: Path) -> None:
    """And does not make one."""
    check = StorageCheck(tmp_path, new_key())
    with pytest.raises(IndexDamagedError, match="is not there"):
        check.fast()
    assert list(tmp_path.iterdir()) == []


def test_check_of_a_garbled_index_says_so(tmp_path: Path) -> None:
    """The same sentence as at a start."""
    (tmp_path / "index.sqlite").write_bytes(b"no index" * 1000)
    with pytest.raises(IndexDamagedError, match="Put back a copy"):
        StorageCheck(tmp_path, new_key()).fast()


async def test_torn_index_that_can_still_be_read_is_reported(
    desk: Desk, check: StorageCheck
) -> None:
    """SQLite's own check sees what no query of ours has met."""
    await desk.fill("job", noise(1))
    desk.index.read("PRAGMA wal_checkpoint(TRUNCATE)")
    root = desk.index.read("SELECT rootpage FROM sqlite_schema WHERE name = 'scanners'")[0][0]
    with (desk.folder / "index.sqlite").open("r+b") as file:
        file.seek(4096 * (root - 1))
        file.write(b"\xff" * 4096)
    report = check.fast()
    assert report.index_fault is not None
    assert (report.pages, report.damaged) == (1, [])


@pytest.fixture
def big(tmp_path: Path) -> Iterator[StorageCheck]:
    """10,000 pages with their thumbnails, one byte each."""
    index = Index(tmp_path / "index.sqlite")
    uids = [f"{number:08x}" * 4 for number in range(0, 10_000 * 429_000, 429_000)]
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as other, other:
        other.executemany(
            "INSERT INTO pages (uid, job_uid, origin, ordinal, record, key)"
            " VALUES (?, 'job', 'o', ?, '{\"size\": 1}', x'00')",
            [(uid, number) for number, uid in enumerate(uids)],
        )
    for shelf in {uid[:2] for uid in uids}:
        (tmp_path / "pages" / shelf).mkdir(parents=True)
    for uid in uids:
        for kind in ("page", "thumbnail"):
            (tmp_path / "pages" / uid[:2] / f"{uid}.{kind}").write_bytes(b"x")
    yield StorageCheck(tmp_path, new_key())
    index.close()


def test_fast_check_reads_no_page(
    big: StorageCheck, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """10,000 pages by one listing of each folder; how long it took is printed."""
    listed: list[object] = []
    scandir = os.scandir

    def list_folder(path: Path) -> object:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", list_folder)
    monkeypatch.setattr("flatbed.storage.consistency.FrameReader", None)
    began = time.perf_counter()
    report = big.fast()
    with capsys.disabled():
        print(f" {time.perf_counter() - began:.2f} s for 10,000 pages")
    assert (report.pages, report.bytes, report.damaged) == (10_000, 20_000, [])
    # The pages' folder, its 256 shelves, and the spool.
    assert len(listed) == 258


def test_deep_check_reads_a_file_of_many_frames(tmp_path: Path, desk: Desk) -> None:
    """A tag in the middle counts as much as the last one."""
    uid, key = "0d" * 16, new_key()
    path = tmp_path / "pages" / "0d" / f"{uid}.page"
    path.parent.mkdir(parents=True)
    writer = FrameWriter(path, key=key, uid=uid, kind="page")
    writer.write(bytes(3 << 20))
    size = writer.finish().size
    with closing(sqlite3.connect(tmp_path / "index.sqlite")) as other, other:
        other.execute(
            "INSERT INTO pages (uid, job_uid, origin, ordinal, record, key)"
            " VALUES (?, 'job', 'o', 0, ?, ?)",
            (uid, f'{{"size": {size}}}', wrap_key(key, by=desk.master_key, uid=uid)),
        )
    check = StorageCheck(tmp_path, desk.master_key)
    assert check.deep().damaged == []
    flip(path, size // 2)
    assert check.deep().damaged == [Damage(uid=uid, kind="page", reason="corrupt")]
