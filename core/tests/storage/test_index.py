"""The index: whole transactions, on the disk when they return; damage is said, nothing deleted."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flatbed import system
from flatbed.errors import DiskFaultError, DiskFullError, FolderError, WrongStateError
from flatbed.storage.index import Index, IndexDamagedError, open_copy
from flatbed.storage.reserve import Reserve
from flatbed.storage.schema import SCHEMAS

LIMIT_S = 30
SCANNER = "INSERT INTO scanners (uid, name, driver) VALUES (?, 'Office', 'sane')"
COUNT = "SELECT count(*) AS n FROM scanners"
DYING = """
import asyncio, os, signal, sys
from pathlib import Path
from flatbed.storage.index import Index

async def main():
    index = Index(Path(sys.argv[1]))
    for number in range(5):
        await index.write(lambda c: c.execute(sys.argv[2], (str(number),)))
        print(number, flush=True)
    await index.write(lambda c: (c.execute(sys.argv[2], ("x",)), os.kill(os.getpid(), 9)))

asyncio.run(main())
"""


def count(index: Index) -> int:
    """How many scanners are known."""
    return int(index.read(COUNT)[0]["n"])


async def add(index: Index, uid: str) -> None:
    """Add a scanner."""
    await index.write(lambda write: write.execute(SCANNER, (uid,)))


async def test_write_is_seen_by_reads_as_soon_as_it_returns(index: Index) -> None:
    """And gives what the change gave."""
    assert count(index) == 0
    result = await index.write(lambda write: write.execute(SCANNER, ("a",)).rowcount)
    assert (result, count(index)) == (1, 1)
    assert index.read("SELECT uid, name FROM scanners WHERE uid = ?", "a")[0]["name"] == "Office"


async def test_write_that_fails_changes_nothing(index: Index) -> None:
    """Whatever it did before, and whatever it raised; the next one goes through."""

    def change(write: sqlite3.Connection) -> None:
        write.execute(SCANNER, ("a",))
        raise ValueError("lamp")

    with pytest.raises(ValueError, match="lamp"):
        await index.write(change)
    with pytest.raises(sqlite3.IntegrityError):
        await index.write(lambda write: [write.execute(SCANNER, ("b",)) for _ in "12"])
    assert count(index) == 0
    await add(index, "c")
    assert count(index) == 1


async def test_write_is_not_seen_before_it_is_committed(index: Index) -> None:
    """Nobody acts on a page that could be rolled back."""
    seen: list[int] = []

    def change(write: sqlite3.Connection) -> None:
        write.execute(SCANNER, ("a",))
        seen.append(count(index))

    await index.write(change)
    assert (seen, count(index)) == ([0], 1)


async def test_writes_from_many_tasks_go_one_after_the_other(index: Index) -> None:
    """One writer: none is lost, none waits for a lock."""
    await asyncio.gather(*(add(index, str(number)) for number in range(50)))
    assert count(index) == 50


async def test_write_whose_caller_is_gone_is_whole_all_the_same(index: Index) -> None:
    """A client that hangs up leaves no half of anything."""
    task = asyncio.create_task(add(index, "a"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await add(index, "b")
    assert count(index) in (1, 2)


def test_reads_cannot_write(index: Index) -> None:
    """Only the one writer does."""
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        index.read("DELETE FROM scanners")


async def test_index_is_there_again_after_it_was_closed(tmp_path: Path) -> None:
    """With what was written."""
    index = Index(tmp_path / "i.sqlite")
    await add(index, "a")
    index.close()
    again = Index(tmp_path / "i.sqlite")
    assert count(again) == 1
    again.close()


def test_index_waits_for_the_disk_at_every_commit(index: Index) -> None:
    """WAL with synchronous FULL: what was acknowledged survives a cut of the power."""
    for connection in (index._writer, index._reader):
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert connection.execute("PRAGMA synchronous").fetchone()[0] == 2


def test_index_of_a_process_that_was_killed_has_what_it_acknowledged(tmp_path: Path) -> None:
    """kill -9 in the middle of the sixth transaction: five are there, the sixth is not."""
    path = tmp_path / "i.sqlite"
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(path), SCANNER],
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert done.stdout.split() == ["0", "1", "2", "3", "4"]
    index = Index(path)
    uids = [row["uid"] for row in index.read("SELECT uid FROM scanners ORDER BY uid")]
    index.close()
    assert uids == ["0", "1", "2", "3", "4"]


def test_index_of_a_newer_flatbed_is_left_alone(tmp_path: Path) -> None:
    """Going back to an older version loses nothing."""
    path = tmp_path / "i.sqlite"
    Index(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(IndexDamagedError, match=r"newer Flatbed\..* update this one") as caught:
        Index(path)
    assert caught.value.name == "index_damaged"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "data",
    [b"this is no database, and long enough to be looked at " * 100, b"SQLite format 3\x00" * 99],
    ids=["text", "header alone"],
)
def test_index_that_is_no_database_is_damaged_and_left_alone(tmp_path: Path, data: bytes) -> None:
    """The sentence says what to do; the page files are still there."""
    path = tmp_path / "i.sqlite"
    path.write_bytes(data)
    with pytest.raises(IndexDamagedError, match=r"Nothing was deleted\. Put back a copy"):
        Index(path)
    assert path.read_bytes() == data


async def test_index_with_a_torn_page_says_so_where_it_is_read(tmp_path: Path) -> None:
    """Damage in the middle is found by the query that meets it, not at the start."""
    path = tmp_path / "i.sqlite"
    index = Index(path)
    await asyncio.gather(*(add(index, f"{number:04}" * 50) for number in range(300)))
    index.close()
    with path.open("r+b") as file:
        file.seek(-4096 * 20, os.SEEK_END)
        file.write(b"\xff" * 4096 * 20)
    index = Index(path)
    with pytest.raises(IndexDamagedError, match="cannot be read"):
        index.read("SELECT * FROM scanners ORDER BY name, uid")
    with pytest.raises(IndexDamagedError, match="cannot be read"):
        await index.write(lambda write: write.execute("UPDATE scanners SET name = 'x'"))
    index.close()


async def test_index_whose_log_was_cut_has_what_came_before(tmp_path: Path) -> None:
    """Half a transaction at the end of the log is none."""
    path, copy = tmp_path / "i.sqlite", tmp_path / "copy.sqlite"
    index = Index(path)
    await add(index, "a")
    whole = (tmp_path / "i.sqlite-wal").stat().st_size
    await add(index, "b")
    for end in ("", "-wal"):
        Path(f"{copy}{end}").write_bytes(Path(f"{path}{end}").read_bytes())
    index.close()
    os.truncate(f"{copy}-wal", whole + 100)
    again = Index(copy)
    assert [row["uid"] for row in again.read("SELECT uid FROM scanners")] == ["a"]
    again.close()


def test_index_in_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    """With the path, and not that the index was damaged."""
    with pytest.raises(FolderError, match=str(tmp_path / "none")):
        Index(tmp_path / "none" / "i.sqlite")


async def test_write_without_room_is_a_full_disk_and_changes_nothing(index: Index) -> None:
    """SQLite's own limit stands for a disk: the same error, and reads go on."""
    await add(index, "a")
    pages = index.read("PRAGMA page_count")[0][0]
    index._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFullError):
        await index.write(
            lambda write: [write.execute(SCANNER, (f"{n}" * 900,)) for n in range(99)]
        )
    assert count(index) == 1
    index._writer.execute("PRAGMA max_page_count = 100000")
    await add(index, "b")
    assert count(index) == 2


@pytest.mark.root
@pytest.mark.skipif(system.own_uid() != 0, reason="only root can mount a small disk")
def test_write_on_a_full_disk_is_named_and_changes_nothing(tmp_path: Path) -> None:
    """A real one of 1 MB; when there is room again it goes on."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        asyncio.run(fill_and_free(disk))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


async def fill_and_free(disk: Path) -> None:
    """Write before, while and after a disk is full."""
    index = Index(disk / "i.sqlite")
    await add(index, "a")
    filler = disk / "filler"
    filler.write_bytes(bytes(system.free_bytes(disk)))
    with pytest.raises(DiskFullError):
        await index.write(
            lambda write: [write.execute(SCANNER, (f"{n}" * 900,)) for n in range(99)]
        )
    assert count(index) == 1
    filler.unlink()
    await add(index, "b")
    assert count(index) == 2
    index.close()


async def test_index_of_an_older_flatbed_is_brought_up(tmp_path: Path) -> None:
    """With all that is in it; what came since is there, and empty."""
    path = tmp_path / "i.sqlite"
    with sqlite3.connect(path, isolation_level=None) as connection:
        for statement in SCHEMAS[0].split(";"):
            connection.execute(statement)
        connection.execute(SCANNER, ("a",))
        connection.execute("PRAGMA user_version = 1")
    index = Index(path)
    assert count(index) == 1
    assert index.read("SELECT count(*) AS n FROM documents")[0]["n"] == 0
    index.close()
    again = Index(path)
    assert count(again) == 1
    again.close()


@pytest.mark.parametrize("is_there", [True, False], ids=["emptied", "gone"])
async def test_log_without_its_index_is_left_alone(tmp_path: Path, *, is_there: bool) -> None:
    """SQLite would take the index for a new one, and delete the log with what is in it."""
    path, log = tmp_path / "i.sqlite", tmp_path / "i.sqlite-wal"
    index = Index(path)
    await add(index, "a")
    data = log.read_bytes()
    index.close()
    log.write_bytes(data)
    path.write_bytes(b"") if is_there else path.unlink()
    with pytest.raises(IndexDamagedError, match=r"its log is not"):
        Index(path)
    assert log.read_bytes() == data


@pytest.mark.root
@pytest.mark.skipif(system.own_uid() != 0, reason="only root can become another user")
def test_index_that_may_not_be_written_says_so(tmp_path: Path) -> None:
    """Not that it is damaged: nobody shall move it away."""
    path = tmp_path / "i.sqlite"
    Index(path).close()
    opening = (
        "import os, sys; from pathlib import Path; from flatbed.storage.index import Index;"
        " os.chdir(sys.argv[1]); os.setuid(65534); Index(Path('i.sqlite'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", opening, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "FolderError: The index i.sqlite cannot be used" in done.stderr
    assert "make the file and its folder yours" in done.stderr


def test_copy_of_an_older_index_is_not_brought_up(tmp_path: Path) -> None:
    """It only reads; the service does that when it starts."""
    path = tmp_path / "i.sqlite"
    Index(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(WrongStateError, match=r"older Flatbed\. Start the service once"):
        open_copy(path)


def test_copy_reads_what_was_committed_and_writes_nothing(index: Index, tmp_path: Path) -> None:
    """Beside a writer that goes on."""
    index._writer.execute(SCANNER, ("a",))
    copy = open_copy(tmp_path / "index.sqlite")
    assert copy.execute(COUNT).fetchone()["n"] == 1
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        copy.execute("DELETE FROM scanners")
    copy.close()


def test_index_keeps_its_log_when_others_look_after_a_copy(index: Index, tmp_path: Path) -> None:
    """The next process that opens and closes it does not take itself for the last."""
    path = tmp_path / "index.sqlite"
    open_copy(path).close()
    look = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute(sys.argv[2]); c.close()"
    )
    for _ in range(2):
        subprocess.run([sys.executable, "-c", look, str(path), COUNT], check=True)
    index._writer.execute(SCANNER, ("a",))
    after = sqlite3.connect(path)
    assert after.execute(COUNT).fetchone() == (1,)
    after.close()


class MadeReserve(Reserve):
    """A reserve whose room is that of SQLite's own limit."""

    def __init__(self, index: Index) -> None:
        self.index, self.given = index, list[str]()

    def give_up(self) -> bool:
        """All of it."""
        return self._free("all")

    def give_up_part(self) -> bool:
        """A part of it."""
        return self._free("part")

    def _free(self, what: str) -> bool:
        self.given.append(what)
        self.index._writer.execute("PRAGMA max_page_count = 100000")
        return True


@pytest.mark.parametrize(
    ("kind", "expected"), [("write", []), ("write_at_need", ["all"]), ("write_state", ["part"])]
)
async def test_reserve_is_given_up_for_what_must_work(
    index: Index, kind: str, expected: list[str]
) -> None:
    """Deletes get all of it, states a part, all else nothing; the change is made once."""
    await add(index, "a")
    index._reserve = reserve = MadeReserve(index)
    pages = index.read("PRAGMA page_count")[0][0]
    index._writer.execute(f"PRAGMA max_page_count = {pages}")

    def change(write: sqlite3.Connection) -> None:
        for n in range(99):
            write.execute(SCANNER, (f"{n}" * 900,))

    if expected:
        await getattr(index, kind)(change)
        assert count(index) == 100
    else:
        with pytest.raises(DiskFullError):
            await getattr(index, kind)(change)
    assert reserve.given == expected


async def test_write_at_need_without_a_reserve_is_a_full_disk(index: Index, tmp_path: Path) -> None:
    """One that was given up already is none."""
    index._reserve = Reserve(tmp_path / "reserve", 1 << 20)

    def change(_: sqlite3.Connection) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskFullError):
        await index.write_at_need(change)


@pytest.mark.parametrize(
    ("number", "kind"), [(errno.EIO, DiskFaultError), (errno.EDQUOT, DiskFullError)]
)
async def test_file_call_that_fails_in_a_change_is_named(
    index: Index, number: int, kind: type[Exception]
) -> None:
    """Pages are moved in the transaction that tells of them; nothing is committed."""

    def change(write: sqlite3.Connection) -> None:
        write.execute(SCANNER, ("a",))
        raise OSError(number, "failed")

    with pytest.raises(kind) as caught:
        await index.write(change)
    assert type(caught.value) is kind
    assert count(index) == 0
    await add(index, "b")
