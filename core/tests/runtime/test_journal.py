"""The journal: each finished thing once, whatever happened while it was written."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from flatbed.runtime.journal import (
    FILE_NAME,
    JournalReader,
    JournalWriter,
    ScanEnd,
    UnsyncedLineError,
    lock_path,
)


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """The file, as the first entry of a scan left it."""
    writer = JournalWriter(tmp_path)
    writer.append({"type": "page", "uid": "a"})
    writer.close()
    return tmp_path / FILE_NAME


def test_reader_gives_each_entry_once(tmp_path: Path) -> None:
    """It is asked again and again while the scan goes on."""
    reader, writer = JournalReader(tmp_path), JournalWriter(tmp_path)
    assert reader.read_new() == []
    writer.append({"type": "page", "uid": "a"})
    writer.append({"type": "page", "uid": "b"})
    assert reader.read_new() == [{"type": "page", "uid": "a"}, {"type": "page", "uid": "b"}]
    assert reader.read_new() == []
    writer.append({"type": "end"})
    assert reader.read_new() == [{"type": "end"}]


def test_reader_of_a_restarted_process_begins_at_the_beginning(journal: Path) -> None:
    """Adopting twice does no harm; missing one would."""
    assert JournalReader(journal.parent).read_new() == [{"type": "page", "uid": "a"}]


def test_reader_of_a_folder_without_a_journal_has_nothing(tmp_path: Path) -> None:
    """The worker has not begun."""
    assert JournalReader(tmp_path).read_new() == []


@pytest.mark.parametrize("torn", [b"{", b'{"type": "pa', b'{"type": "page"}'], ids=repr)
def test_line_without_its_end_does_not_count_yet(journal: Path, torn: bytes) -> None:
    """It is being written; once it is whole it is read whole."""
    reader = JournalReader(journal.parent)
    reader.read_new()
    with journal.open("ab") as file:
        file.write(torn)
        file.flush()
        assert reader.read_new() == []
        file.write(b'\n{"type": "end"}\n')
    assert reader.read_new()[-1] == {"type": "end"}


def test_torn_line_of_a_first_attempt_spoils_nothing_of_the_second(journal: Path) -> None:
    """The machine stopped in the middle of a line; the job goes on in the same journal."""
    with journal.open("ab") as file:
        file.write(b'{"type": "page", "uid": "b", "si')
    reader = JournalReader(journal.parent)
    assert reader.read_new() == [{"type": "page", "uid": "a"}]
    second = JournalWriter(journal.parent)
    second.append({"type": "page", "uid": "c"})
    assert reader.read_new() == [{"type": "page", "uid": "c"}]
    assert JournalReader(journal.parent).read_new() == [
        {"type": "page", "uid": "a"},
        {"type": "page", "uid": "c"},
    ]


@pytest.mark.parametrize(
    "line",
    [b"not json", b"\xff\xfe", b"[1, 2]", b'"text"', b"{}", b'{"uid": "a"}', b'{"type": 7}', b""],
    ids=repr,
)
def test_line_that_is_no_entry_is_passed_over(journal: Path, line: bytes) -> None:
    """The lines around it count."""
    with journal.open("ab") as file:
        file.write(line + b'\n{"type": "end"}\n')
    assert JournalReader(journal.parent).read_new() == [
        {"type": "page", "uid": "a"},
        {"type": "end"},
    ]


def test_entry_with_line_breaks_and_other_letters_is_one_line(tmp_path: Path) -> None:
    """Messages of devices hold anything."""
    message = "Papier\nhängt\r\n\x85\u2028fest"
    JournalWriter(tmp_path).append({"type": "warning", "message": message})
    assert (tmp_path / FILE_NAME).read_bytes().count(b"\n") == 1
    assert JournalReader(tmp_path).read_new() == [{"type": "warning", "message": message}]


def test_append_waits_until_the_line_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page counts from then on, so it must not be lost any more."""
    steps: list[str] = []
    real_write, real_sync = os.write, os.fsync

    def write(file: int, data: bytes) -> int:
        steps.append("write")
        return real_write(file, data[:10])

    def fsync(file: int) -> None:
        steps.append("sync")
        real_sync(file)

    writer = JournalWriter(tmp_path)
    monkeypatch.setattr(os, "write", write)
    monkeypatch.setattr(os, "fsync", fsync)
    writer.append({"type": "page", "uid": "aaaa"})
    assert steps == ["write", "write", "write", "sync"]
    assert JournalReader(tmp_path).read_new() == [{"type": "page", "uid": "aaaa"}]


def test_append_that_found_no_room_leaves_no_half_line(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next entry, which says that the disk is full, must be readable."""
    writer = JournalWriter(journal.parent)
    real, room = os.write, [12]

    def write(file: int, data: bytes) -> int:
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data[: room.pop()])

    monkeypatch.setattr(os, "write", write)
    with pytest.raises(OSError, match="No space"):
        writer.append({"type": "page", "uid": "b"})
    monkeypatch.undo()
    writer.append({"type": "end"})
    assert JournalReader(journal.parent).read_new() == [
        {"type": "page", "uid": "a"},
        {"type": "end"},
    ]


def test_journal_is_for_its_owner_alone_and_no_link(tmp_path: Path) -> None:
    """It holds the wrapped keys of pages."""
    JournalWriter(tmp_path).close()
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    other = tmp_path / "other"
    other.mkdir()
    (other / FILE_NAME).symlink_to(tmp_path / FILE_NAME)
    with pytest.raises(OSError, match="symbolic links"):
        JournalWriter(other)


def test_end_of_an_attempt_is_an_entry_with_its_number() -> None:
    """Ends of several attempts stand in one journal, each attempt has a lock of its own."""
    assert ScanEnd("faulted", {"error": "paper_jam"}).to_entry(3) == {
        "type": "end",
        "attempt": 3,
        "status": "faulted",
        "error": {"error": "paper_jam"},
    }
    assert lock_path(Path("/spool/job"), 3) == Path("/spool/job/worker-3.lock")


def test_append_on_a_full_disk_takes_the_room_set_aside(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that says so has room of its own, once."""
    spare = journal.with_name("journal.spare")
    writer = JournalWriter(journal.parent)
    assert spare.stat().st_blocks * 512 >= 64 << 10
    real = os.write

    def write(file: int, data: bytes) -> int:
        if spare.exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    monkeypatch.setattr(os, "write", write)
    writer.append({"type": "end"})
    assert not spare.exists()
    assert JournalReader(journal.parent).read_new() == [
        {"type": "page", "uid": "a"},
        {"type": "end"},
    ]


def test_line_whose_sync_failed_stays_and_is_told_apart(
    journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Main may have read it: what it tells of must not be taken back."""
    writer = JournalWriter(journal.parent)

    def fsync(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(UnsyncedLineError, match="Input/output"):
            writer.append({"type": "page", "uid": "b"})
    writer.append({"type": "end"})
    assert [each.get("uid") for each in JournalReader(journal.parent).read_new()] == [
        *("a", "b", None)
    ]


def test_torn_line_that_lacks_its_newline_only_never_counts(journal: Path) -> None:
    """It was no page when the worker died, so its sheet was scanned again."""
    with journal.open("ab") as file:
        file.write(b'{"type": "page", "uid": "b"}')
    JournalWriter(journal.parent).append({"type": "end"})
    assert JournalReader(journal.parent).read_new() == [
        {"type": "page", "uid": "a"},
        {"type": "end"},
    ]
