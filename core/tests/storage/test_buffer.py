"""The page buffer: adopted once, whole, in the right order; and nobody else's."""

from __future__ import annotations

import io
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flatbed.addon.frames import new_key
from flatbed.errors import PageCorruptError, PageNotFoundError
from flatbed.storage.buffer import PageBuffer

from .desk import ORIGIN, OTHER, Desk, noise

LIMIT_S = 30


async def test_adopted_page_is_a_page_of_its_job(desk: Desk) -> None:
    """With all that is known of it; its file has left the spool."""
    (page,) = await desk.fill("job", noise(1))
    assert (page.job_uid, page.origin, page.ordinal) == ("job", ORIGIN, 0)
    assert (page.size_px, page.dpi, page.mode, page.bits) == ((10, 20), (300, 150), "L", 8)
    assert (page.has_jpeg, page.is_handed_out, page.is_info_handed_out) == (False, False, False)
    assert desk.pixels(page) == noise(1)
    assert (desk.folder / "pages" / page.uid[:2] / f"{page.uid}.page").exists()
    assert list(desk.spool("job").iterdir()) == []


async def test_adopted_page_has_its_thumbnail_beside_it(desk: Desk) -> None:
    """It can be made again, but not for nothing."""
    (page,) = await desk.fill("job", noise(1))
    assert desk.buffer.has(page, "thumbnail")
    with desk.buffer.open(page, "thumbnail") as reader:
        assert Image.open(io.BytesIO(b"".join(reader))).size == (10, 20)


async def test_adopted_pages_keep_their_order_and_are_told_in_it(desk: Desk) -> None:
    """One event a page, in the transaction that makes it one."""
    pages = await desk.fill("job", noise(1), noise(2), noise(3))
    assert [desk.pixels(page) for page in pages] == [noise(1), noise(2), noise(3)]
    assert desk.told() == [
        ("page.added", "job", {"page": page.uid, "ordinal": number, "size_px": [10, 20]})
        for number, page in enumerate(pages)
    ]
    assert desk.buffer.count_of("job") == 3


async def test_adopt_wakes_whoever_waits_for_events(desk: Desk) -> None:
    """The browser shows the thumbnail at once."""
    changed = desk.events.watch()
    await desk.fill("job", noise(1))
    assert changed.is_set()


async def test_adopting_twice_doubles_nothing(desk: Desk) -> None:
    """A restarted main reads the whole journal again."""
    entries = desk.scan("job", noise(1), noise(2))
    await desk.adopt("job", entries[:1])
    await desk.adopt("job", entries)
    await desk.adopt("job", entries)
    pages = desk.buffer.pages_of("job")
    assert [desk.pixels(page) for page in pages] == [noise(1), noise(2)]
    assert len(desk.told()) == 2


async def test_adopting_that_was_cut_off_after_the_rename_is_done_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is in its place, the index does not know it: kill -9 between the two."""
    entries = desk.scan("job", noise(1))

    def insert(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(desk.buffer, "_insert", insert)
        with pytest.raises(sqlite3.OperationalError):
            await desk.adopt("job", entries)
    assert desk.buffer.pages_of("job") == []
    assert desk.files() == [".page", ".thumbnail"]
    assert list(desk.spool("job").iterdir()) == []
    await desk.adopt("job", entries)
    (page,) = desk.buffer.pages_of("job")
    assert desk.pixels(page) == noise(1)


async def test_page_is_committed_after_its_file_is_in_its_place_for_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rename, sync of the folder, commit: in that order, before the acknowledgement."""
    entries = desk.scan("job", noise(1))
    steps: list[str] = []
    real_rename, real_sync = os.rename, os.fsync

    def rename(source: Any, target: Any) -> None:
        steps.append(f"rename {Path(target).suffix}")
        real_rename(source, target)

    def fsync(file: int) -> None:
        name = Path(f"/proc/self/fd/{file}").readlink().name
        steps.append("sync pages" if name == "pages" else "sync folder")
        real_sync(file)

    traced = [""]

    def trace(statement: str) -> None:
        # What a trigger does is traced as the statement that set it off.
        if statement != traced[-1]:
            steps.append(statement.split(maxsplit=1)[0])
        traced.append(statement)

    monkeypatch.setattr(os, "rename", rename)
    monkeypatch.setattr(os, "fsync", fsync)
    desk.index._writer.set_trace_callback(trace)
    await desk.adopt("job", entries)
    assert steps == [
        "BEGIN",
        "sync pages",
        "rename .page",
        "rename .thumbnail",
        "sync folder",
        "INSERT",
        "INSERT",
        "COMMIT",
    ]


@pytest.mark.parametrize("damage", ["missing", "short", "long", "changed"])
async def test_page_whose_file_is_not_the_one_that_was_written_is_none(
    desk: Desk, damage: str
) -> None:
    """Those around it are adopted; no bad page is acknowledged."""
    entries = desk.scan("job", noise(1), noise(2), noise(3))
    path = desk.spool("job") / f"{entries[1]['uid']}.page"
    data = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        changed = {"short": data[:-1], "long": data + b"x", "changed": data[:-1] + b"x"}
        path.write_bytes(changed[damage])
    await desk.adopt("job", entries)
    pages = desk.buffer.pages_of("job")
    assert [desk.pixels(page) for page in pages] == [noise(1), noise(3)]
    assert [page.ordinal for page in pages] == [0, 2]
    assert len(desk.told()) == 2


async def test_next_page_of_a_job_gets_a_place_that_nobody_has(desk: Desk) -> None:
    """Also where one was lost: two pages of one place would be one page less."""
    assert desk.buffer.next_ordinal_of("job") == 0
    entries = desk.scan("job", noise(1), noise(2), noise(3))
    (desk.spool("job") / f"{entries[0]['uid']}.page").unlink()
    await desk.adopt("job", entries)
    assert (desk.buffer.count_of("job"), desk.buffer.next_ordinal_of("job")) == (2, 3)
    await desk.adopt("job", desk.scan("job", noise(4), pages=3, attempt=2))
    pages = desk.buffer.pages_of("job")
    assert [desk.pixels(page) for page in pages] == [noise(2), noise(3), noise(4)]


async def test_page_without_its_thumbnail_is_a_page(desk: Desk) -> None:
    """The thumbnail can be made again."""
    entries = desk.scan("job", noise(1))
    (desk.spool("job") / f"{entries[0]['uid']}.thumbnail").unlink()
    await desk.adopt("job", entries)
    (page,) = desk.buffer.pages_of("job")
    assert desk.pixels(page) == noise(1)
    assert not desk.buffer.has(page, "thumbnail")
    with pytest.raises(PageCorruptError, match=r"The thumbnail of page .* cannot be read"):
        desk.buffer.open(page, "thumbnail")


async def test_entries_that_are_wrong_harm_no_others(desk: Desk, tmp_path: Path) -> None:
    """A page with a path for its id, one under a foreign key, one without half its facts."""
    good, other = desk.scan("job", noise(1), noise(2))
    outside = tmp_path / "spool" / "x.page"
    outside.write_bytes(b"not yours")
    wrong = [
        good | {"uid": "../x"},
        good | {"uid": "f" * 32, "key": "00" * 60},
        {"type": "page", "uid": "e" * 32},
        {"type": "variant", "kind": "jpeg", "page": "../x"},
        {"type": "nonsense"},
    ]
    await desk.adopt("job", [*wrong, good, *wrong, other])
    assert [desk.pixels(page) for page in desk.buffer.pages_of("job")] == [noise(1), noise(2)]
    assert outside.read_bytes() == b"not yours"


async def test_jpeg_is_known_once_it_is_there(desk: Desk) -> None:
    """It comes a moment after its page."""
    page_entry, variant = desk.scan("job", noise(1), wants_jpeg=True)
    await desk.adopt("job", [page_entry])
    assert not desk.buffer.pages_of("job")[0].has_jpeg
    await desk.adopt("job", [variant])
    (page,) = desk.buffer.pages_of("job")
    assert page.has_jpeg
    with desk.buffer.open(page, "jpeg") as reader:
        assert Image.open(io.BytesIO(b"".join(reader))).format == "JPEG"


async def test_jpeg_that_did_not_survive_is_not_there(desk: Desk) -> None:
    """It is not waited for on the disk: after a cut of the power it is made from the page."""
    page_entry, variant = desk.scan("job", noise(1), wants_jpeg=True)
    path = desk.spool("job") / f"{page_entry['uid']}.jpeg"
    path.write_bytes(bytes(path.stat().st_size))
    await desk.adopt("job", [page_entry, variant])
    (page,) = desk.buffer.pages_of("job")
    assert (page.has_jpeg, desk.buffer.has(page, "jpeg")) == (False, False)
    assert desk.pixels(page) == noise(1)


async def test_page_is_given_to_its_own_origin_only(desk: Desk) -> None:
    """Another cannot tell it from one that there never was; `None` stands for any."""
    (page,) = await desk.fill("job", noise(1))
    assert desk.buffer.get(page.uid, origin=ORIGIN) == page
    assert desk.buffer.get(page.uid, origin=None) == page
    for uid, origin in ((page.uid, OTHER), ("0" * 32, ORIGIN), ("../x", ORIGIN)):
        with pytest.raises(PageNotFoundError) as caught:
            desk.buffer.get(uid, origin=origin)
        assert caught.value.message == PageNotFoundError.sentence


async def test_worker_gets_the_path_and_the_key_of_exactly_one_page(desk: Desk) -> None:
    """With them it opens that page, and no other."""
    first, second = await desk.fill("job", noise(1), noise(2))
    file, other = desk.buffer.for_worker(first), desk.buffer.for_worker(second)
    assert file.open().tobytes() == noise(1)
    assert (file.uid, file.size_px, file.dpi, file.mode, file.bits) == (
        first.uid,
        (10, 20),
        (300, 150),
        "L",
        8,
    )
    assert file.key != other.key


async def test_page_opens_with_the_master_key_of_its_data_folder_only(desk: Desk) -> None:
    """The keys in the index are of no use without it."""
    (page,) = await desk.fill("job", noise(1))
    stranger = PageBuffer(desk.folder / "pages", desk.index, desk.events, new_key())
    with pytest.raises(PageCorruptError):
        stranger.open(page)
    assert desk.key("job").hex() not in page.key.hex()


async def test_page_whose_file_is_gone_is_corrupt_and_named(desk: Desk) -> None:
    """Somebody deleted it by hand."""
    (page,) = await desk.fill("job", noise(1))
    (desk.folder / "pages" / page.uid[:2] / f"{page.uid}.page").unlink()
    with pytest.raises(PageCorruptError, match=f"The page of page {page.uid} cannot be read"):
        desk.buffer.open(page)


@pytest.mark.parametrize(
    ("column", "marks"),
    [("handed_out", (True, False)), ("info_handed_out", (False, True))],
)
async def test_marks_of_both_cursors_are_kept(
    desk: Desk, column: str, marks: tuple[bool, bool]
) -> None:
    """Each on its own, for one page only, and over a restart."""
    pages = await desk.fill("job", noise(1), noise(2))
    await desk.buffer.mark_handed_out(pages[0].uid, column=column)
    again = PageBuffer(desk.folder / "pages", desk.index, desk.events, desk.master_key)
    found = again.pages_of("job")
    assert [(page.is_handed_out, page.is_info_handed_out) for page in found] == [
        marks,
        (False, False),
    ]


async def test_delete_of_a_jobs_pages_leaves_none_of_their_files(desk: Desk) -> None:
    """Those of other jobs stay."""
    await desk.adopt("job", desk.scan("job", noise(1), noise(2), wants_jpeg=True))
    (kept,) = await desk.fill("other", noise(3))
    assert len(desk.files()) == 8
    await desk.buffer.delete_job_pages("job")
    assert desk.buffer.pages_of("job") == []
    assert desk.files() == [".page", ".thumbnail"]
    assert desk.pixels(kept) == noise(3)
    await desk.buffer.delete_job_pages("job")


async def test_delete_takes_the_keys_before_the_files(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in between, what is left can be opened by nobody."""
    await desk.fill("job", noise(1))

    def unlink(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(Path, "unlink", unlink)
    with pytest.raises(RuntimeError, match="killed"):
        await desk.buffer.delete_job_pages("job")
    assert desk.index.read("SELECT * FROM pages") == []
