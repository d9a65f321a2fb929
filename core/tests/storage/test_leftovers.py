"""What a crash left: deleted where the index knows that it was to be, else kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from flatbed.addon.frames import new_key
from flatbed.errors import KeyLostError
from flatbed.runtime.outcome import Outcome
from flatbed.storage.consistency import StorageCheck
from flatbed.storage.documents import Documents
from flatbed.storage.leftovers import StorageCare, check_master_key, delete_dropped

from .desk import ORIGIN, Desk, noise

JOB = "INSERT INTO jobs (uid, origin, status, record, key) VALUES (?, 'o', 'running', '{}', x'00')"


def care_of(desk: Desk) -> StorageCare:
    """The care of the desk's folder."""
    check = StorageCheck(desk.folder, desk.master_key)
    return StorageCare(desk.index, desk.buffer, check, desk.folder)


def leave_files(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the service be killed before it deletes a file."""
    monkeypatch.setattr(desk.buffer.files, "delete", lambda _: None)


async def test_files_of_deleted_pages_go_at_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the commit and the unlink; the other job's page stays."""
    await desk.fill("gone", noise(1), noise(2))
    await desk.fill("kept", noise(3))
    with monkeypatch.context() as patch:
        leave_files(desk, patch)
        await desk.buffer.delete_job_pages("gone")
    assert len(desk.files()) == 6
    assert await delete_dropped(desk.index, desk.buffer) == 2
    assert desk.files() == [".page", ".thumbnail"]
    assert desk.index.read("SELECT * FROM dropped") == []
    assert await delete_dropped(desk.index, desk.buffer) == 0


async def test_files_stay_that_the_index_never_heard_of(desk: Desk) -> None:
    """An empty index beside a full folder: the index was lost, not the pages."""
    await desk.fill("job", noise(1))
    await desk.index.write(lambda write: write.execute("DELETE FROM pages"))
    await desk.index.write(lambda write: write.execute("DELETE FROM dropped"))
    await care_of(desk).look_round()
    assert desk.files() == [".page", ".thumbnail"]


async def test_page_of_a_deleted_job_stays_while_a_document_has_it(desk: Desk) -> None:
    """It is deleted with the last one that has it, whoever was killed in between."""
    documents = Documents(desk.index, desk.events, desk.buffer, desk.master_key)
    (page,) = await desk.fill("job", noise(1))
    document = await documents.create(ORIGIN)
    await documents.insert(document, await documents.unlock(document, None), [page])
    await desk.buffer.delete_job_pages("job")
    assert await delete_dropped(desk.index, desk.buffer) == 0
    assert desk.files() == [".page", ".thumbnail"]
    await desk.index.write(lambda write: write.execute("DELETE FROM document_pages"))
    assert await delete_dropped(desk.index, desk.buffer) == 1
    assert desk.files() == []


async def test_file_that_cannot_be_deleted_is_tried_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is read-only today."""
    await desk.fill("job", noise(1))
    with monkeypatch.context() as patch:
        leave_files(desk, patch)
        await desk.buffer.delete_job_pages("job")
        await delete_dropped(desk.index, desk.buffer)
    assert len(desk.files()) == 2
    await delete_dropped(desk.index, desk.buffer)
    assert desk.files() == []


async def test_scan_of_an_unknown_job_is_set_aside(desk: Desk) -> None:
    """Its job stood in the index that was lost; those of known and of deleted jobs are left."""
    await desk.index.write(lambda write: [write.execute(JOB, (uid,)) for uid in ("known", "gone")])
    await desk.index.write(lambda write: write.execute("DELETE FROM jobs WHERE uid = 'gone'"))
    for job in ("known", "gone", "lost"):
        (desk.spool(job) / "journal.jsonl").write_text(job)
    ended: list[Path] = []
    care_of(desk).set_unknown_aside(ended.append)
    assert ended == [desk.folder / "spool" / "lost"]
    assert names(desk.folder / "spool") == ["gone", "known"]
    assert (desk.folder / "kept" / "lost" / "journal.jsonl").read_text() == "lost"


async def test_scan_that_is_set_aside_replaces_no_other(desk: Desk) -> None:
    """The same index was lost twice."""
    for text in ("first", "second"):
        (desk.spool("lost") / "journal.jsonl").write_text(text)
        care_of(desk).set_unknown_aside(lambda _: None)
    kept = desk.folder / "kept"
    assert names(kept) == ["lost", "lost-2"]
    assert (kept / "lost" / "journal.jsonl").read_text() == "first"


def test_set_aside_without_a_spool_makes_nothing(desk: Desk) -> None:
    """The first start of all."""
    care_of(desk).set_unknown_aside(lambda _: None)
    assert not (desk.folder / "kept").exists()


async def test_master_key_of_another_folder_is_refused(desk: Desk) -> None:
    """Before any job is asked for its own key; the right one is let in."""
    check_master_key(desk.index.read, new_key())  # nothing is there to be opened
    await desk.fill("job", noise(1))
    check_master_key(desk.index.read, desk.master_key)
    with pytest.raises(KeyLostError, match="not the one that they were stored with"):
        check_master_key(desk.index.read, new_key())


async def test_one_damaged_key_is_no_lost_master_key(desk: Desk) -> None:
    """That page is lost, the others are not."""
    first, _ = await desk.fill("job", noise(1), noise(2))
    await desk.index.write(
        lambda write: write.execute("UPDATE pages SET key = x'00' WHERE uid = ?", (first.uid,))
    )
    check_master_key(desk.index.read, desk.master_key)


def names(folder: Path) -> list[str]:
    """The names in a folder."""
    found: Iterable[Path] = folder.iterdir()
    return sorted(each.name for each in found)


async def test_pages_that_were_moved_in_and_never_written_down_go_at_the_next_start(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the rename and the commit: nobody has their keys."""
    documents = Documents(desk.index, desk.events, desk.buffer, desk.master_key)
    document = await documents.create(ORIGIN)
    entries = desk.scan("load", noise(1), noise(2))
    written = Outcome(value=None, folder=desk.spool("load"), key=desk.key("load"), entries=entries)

    def fail(*_: object, **__: object) -> str:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(documents.pages, "add", fail)
        with pytest.raises(RuntimeError, match="killed"):
            await documents.insert_new(document, await documents.unlock(document, None), written)
    assert desk.files() == [".page", ".page", ".thumbnail", ".thumbnail"]
    assert await delete_dropped(desk.index, desk.buffer) == 2
    assert desk.files() == []


async def test_pages_that_were_moved_in_and_written_down_stay(desk: Desk) -> None:
    """They were announced as nobody's, and are somebody's now."""
    documents = Documents(desk.index, desk.events, desk.buffer, desk.master_key)
    document = await documents.create(ORIGIN)
    written = Outcome(
        value=None,
        folder=desk.spool("load"),
        key=desk.key("load"),
        entries=desk.scan("load", noise(1)),
    )
    await documents.insert_new(document, await documents.unlock(document, None), written)
    assert await delete_dropped(desk.index, desk.buffer) == 0
    assert desk.files() == [".page", ".thumbnail"]
    assert desk.index.read("SELECT * FROM dropped") == []
