"""The sink that add-ons are tested with behaves as the real one does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from flatbed.addon.testing import Answer, MemorySink, StoredOutput
from flatbed.errors import EmptyPageError, ScanCanceledError
from flatbed.runtime.sink import Spool, SpoolSink
from flatbed.runtime.watch import CallWatch

if TYPE_CHECKING:
    from flatbed.addon import PageSink

KEY = bytes(range(32))


def test_memory_sink_is_a_page_sink() -> None:
    """For the type checker: a new method of the seam is missing here."""
    sink: PageSink = MemorySink()
    assert sink.pages == 0


def test_memory_sink_keeps_a_finished_page() -> None:
    """Its height is that of the rows that came."""
    sink = MemorySink()
    with sink.new_page(size_px=(3, None), dpi=(300, 300), mode="L", bits=8) as page:
        page.write_rows(b"abcdef")
        page.write_rows(memoryview(b"ghi"))
    (kept,) = sink.finished
    assert (kept.size_px, kept.rows, sink.pages) == ((3, 3), b"abcdefghi", 1)


@pytest.mark.parametrize(
    ("mode", "bits", "row_bytes"),
    [("1", 1, 2), ("L", 8, 9), ("L", 16, 18), ("RGB", 8, 27), ("RGB", 16, 54)],
)
def test_memory_sink_takes_whole_rows_of_every_shape_only(
    mode: str, bits: int, row_bytes: int
) -> None:
    """Nine pixels a row; a driver that cuts one is told so in its own tests."""
    sink = MemorySink()
    shape = {"mode": mode, "bits": bits}
    page = sink.new_page(size_px=(9, 1), dpi=(300, 300), **shape)  # type: ignore[arg-type]
    page.write_rows(bytes(row_bytes))
    with pytest.raises(ValueError, match="whole rows"):
        page.write_rows(bytes(row_bytes - 1))


def test_memory_sink_takes_an_image() -> None:
    """As rows."""
    sink = MemorySink()
    with sink.new_page(size_px=(2, 1), dpi=(300, 300), mode="RGB", bits=8) as page:
        page.write_image(Image.new("RGB", (2, 1), (1, 2, 3)))
    assert sink.finished[0].rows == bytes([1, 2, 3, 1, 2, 3])


def test_memory_sink_throws_away_a_page_that_ended_by_an_error() -> None:
    """And lets the error through."""
    sink = MemorySink()
    with (
        pytest.raises(RuntimeError, match="lamp"),
        sink.new_page(size_px=(3, 1), dpi=(300, 300), mode="L", bits=8) as page,
    ):
        page.write_rows(b"abc")
        raise RuntimeError("lamp")
    assert (sink.finished, sink.discarded, sink.pages) == ([], 1, 0)


def test_memory_sink_takes_no_page_without_rows() -> None:
    """SANE ends a page by EOF without an error: never passed off as a page."""
    sink = MemorySink()
    with (
        pytest.raises(EmptyPageError),
        sink.new_page(size_px=(3, 1), dpi=(300, 300), mode="L", bits=8),
    ):
        pass
    assert (sink.finished, sink.discarded) == ([], 1)


def test_memory_sink_cancels_after_the_rows_that_were_asked_for() -> None:
    """In the middle of a page, as a person would; and begins no other."""
    sink = MemorySink(cancel_after_rows=2)
    with (
        pytest.raises(ScanCanceledError),
        sink.new_page(size_px=(3, None), dpi=(300, 300), mode="L", bits=8) as page,
    ):
        page.write_rows(b"abc")
        page.write_rows(b"def")
    assert sink.discarded == 1
    with pytest.raises(ScanCanceledError):
        sink.new_page(size_px=(3, None), dpi=(300, 300), mode="L", bits=8)
    with pytest.raises(ScanCanceledError):
        sink.before_sheet()


def test_memory_sink_keeps_which_page_of_a_file_a_page_shows() -> None:
    """None, where the reader says nothing."""
    sink = MemorySink()
    for number in ({"source_page": 3}, {}):
        with sink.new_page(size_px=(1, 1), dpi=(72, 72), mode="L", bits=8, **number) as page:
            page.write_rows(b"a")
    assert [page.source_page for page in sink.finished] == [3, 0]


def entries_of(folder: Path, *numbers: int, files: tuple[bytes, ...]) -> list[dict[str, Any]]:
    """What a reader's sink says of the files that it keeps, and of pages by their numbers there."""
    entries: list[dict[str, Any]] = []
    sink = SpoolSink(Spool(folder=folder, key=KEY), CallWatch(), entries.append)
    for data in files:
        with sink.new_file("application/pdf") as file:
            file.write(data)
    for number in numbers:
        with sink.new_page(
            size_px=(1, 1), dpi=(72, 72), mode="L", bits=8, source_page=number
        ) as page:
            page.write_rows(b"a")
    sink.close()
    return entries


def test_answer_gives_pages_with_what_they_came_from(tmp_path: Path) -> None:
    """As the service would, so that a page can be given to what saves it."""
    entries = entries_of(tmp_path, 2, 0, 1, files=(b"a letter",))
    answer = Answer.of(None, entries, tmp_path, KEY)
    sources = [page.source for page in answer.pages]
    found = [each and (each.media_type, each.number, each.turn) for each in sources]
    assert found == [("application/pdf", 2, 0), None, ("application/pdf", 1, 0)]
    assert sources[0] is not None
    with sources[0].file.open() as stream:
        assert stream.read() == b"a letter"
    assert answer.file == StoredOutput(media_type="application/pdf", data=b"a letter")


@pytest.mark.parametrize("files", [(), (b"one", b"two")], ids=["none", "two"])
def test_answer_has_no_sources_where_no_one_file_was_kept(
    files: tuple[bytes, ...], tmp_path: Path
) -> None:
    """The service refuses two, and knows of no file without one."""
    answer = Answer.of(None, entries_of(tmp_path, 1, files=files), tmp_path, KEY)
    assert [page.source for page in answer.pages] == [None]


def test_memory_sink_keeps_files_warnings_and_gives_commands() -> None:
    """The rest of what a driver or an encoder does with a sink."""
    sink = MemorySink()
    sink.commands.append({"capture": 1})
    sink.device_opened()
    sink.warn("The threshold was left alone.")
    with sink.new_file("application/pdf") as file:
        file.write(b"%PDF")
    assert sink.is_open
    assert sink.warnings == ["The threshold was left alone."]
    assert sink.files == [("application/pdf", b"%PDF")]
    assert (sink.next_command(), sink.next_command()) == ({"capture": 1}, None)
