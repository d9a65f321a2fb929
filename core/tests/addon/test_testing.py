"""The sink that add-ons are tested with behaves as the real one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from flatbed.addon.testing import MemorySink
from flatbed.errors import EmptyPageError, ScanCanceledError

if TYPE_CHECKING:
    from flatbed.addon import PageSink


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
