"""What a call of an add-on left: pages and files, by what its sink said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.addon.frames import new_key
from flatbed.errors import WorkerCrashedError
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch


def outcome(folder: Path, *, pages: int = 0, files: int = 0) -> Outcome:
    """What a call left that wrote so much."""
    key, entries = new_key(), list[dict[str, Any]]()
    sink = SpoolSink(Spool(folder=folder, key=key), CallWatch(), entries.append)
    for number in range(pages):
        with sink.new_page(size_px=(4, 2), dpi=(72, 36), mode="L", bits=8) as page:
            page.write_rows(bytes([number]) * 8)
    for number in range(files):
        with sink.new_file("text/plain") as stream:
            stream.write(b"letter %d" % number)
    sink.close()
    return Outcome(value={"n": pages}, folder=folder, key=key, entries=entries)


def test_one_page_is_there_for_the_next_call(tmp_path: Path) -> None:
    """With its size, its resolution and its key."""
    page = outcome(tmp_path, pages=1).page
    assert (page.size_px, page.dpi, page.mode, page.bits) == ((4, 2), (72, 36), "L", 8)
    assert page.open().tobytes() == bytes(8)


def test_one_file_can_be_read(tmp_path: Path) -> None:
    """Decrypted by the key of the call."""
    with outcome(tmp_path, files=1).open_file() as reader:
        assert b"".join(reader) == b"letter 0"


@pytest.mark.parametrize("count", [0, 2])
def test_not_one_is_a_fault_of_the_add_on(tmp_path: Path, count: int) -> None:
    """None, or more than were asked for."""
    left = outcome(tmp_path, pages=count, files=count)
    assert (len(left.pages), len(left.files)) == (count, count)
    with pytest.raises(WorkerCrashedError, match="the one page"):
        _ = left.page
    with pytest.raises(WorkerCrashedError, match="the one file"):
        left.open_file()


def test_file_that_was_never_written_is_a_fault_of_the_add_on(tmp_path: Path) -> None:
    """An add-on can say anything, and nothing that it says becomes a path elsewhere."""
    left = outcome(tmp_path, files=1)
    (tmp_path / f"{left.files[0]['uid']}.file").unlink()
    with pytest.raises(WorkerCrashedError, match="the one file"):
        left.open_file()
