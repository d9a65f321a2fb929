"""Tests of reading pages: what a device may do, and what SANE's test backend does."""

from __future__ import annotations

import ctypes
import re
import signal
from pathlib import Path
from typing import Any, cast

import pytest

from flatbed.addon.testing import MemorySink
from flatbed.builtin.sane.libsane import Device, Parameters
from flatbed.builtin.sane.reader import PageReader
from flatbed.builtin.sane.status import error_of
from flatbed.errors import DeviceFault, EmptyPageError, PaperJamError, ScanCanceledError

from .sane_bench import SaneBench

GRAY, RED, GREEN, BLUE = 0, 2, 3, 4
JAMMED, IO_ERROR = 6, 9


class ScriptedDevice:
    """A device that sends what a test says: bytes, or a status that breaks the frame off."""

    def __init__(self, *frames: tuple[Parameters, list[bytes | int]]) -> None:
        self._frames = list(frames)
        self._parameters: Parameters | None = None
        self._parts: list[bytes | int] = []

    def start(self) -> None:
        self._parameters, parts = self._frames.pop(0)
        self._parts = list(parts)

    def parameters(self) -> Parameters:
        assert self._parameters is not None
        return self._parameters

    def read_into(self, address: int, limit: int) -> int | None:
        if not self._parts:
            return None
        part = self._parts.pop(0)
        if isinstance(part, int):
            raise error_of(part)
        assert len(part) <= limit
        ctypes.memmove(address, part, len(part))
        return len(part)


def _frame(
    kind: int, width: int, *parts: bytes | int, lines: int = 2
) -> tuple[Parameters, list[bytes | int]]:
    parameters = Parameters(
        format=kind,
        is_last_frame=kind in (GRAY, BLUE),
        bytes_per_line=width,
        pixels_per_line=width,
        lines=lines,
        depth=8,
    )
    return parameters, list(parts)


class CountingSink(MemorySink):
    """A sink that notes how many bytes each call of `write_rows` brought, and takes empty pages."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    def new_page(self, **_: Any) -> Any:
        return self

    def __enter__(self) -> CountingSink:
        return self

    def __exit__(self, *_: object) -> None:
        self.pages += 1

    def write_rows(self, rows: Any) -> None:
        self.calls.append(len(rows))


def _read(device: ScriptedDevice, sink: MemorySink) -> None:
    PageReader(cast("Device", device), sink).read_page((300.0, 300.0))


def test_read_page_gathers_whole_rows() -> None:
    """Reads end anywhere; rows do not."""
    sink = MemorySink()

    _read(ScriptedDevice(_frame(GRAY, 3, b"a", b"bcd", b"", b"ef")), sink)

    [page] = sink.finished
    assert (page.size_px, page.dpi, page.rows) == ((3, 2), (300.0, 300.0), b"abcdef")
    assert sink.warnings == []


def test_read_page_takes_lines_longer_than_its_buffer() -> None:
    """One line of a wide scan may be larger than what is read at once."""
    sink = MemorySink()
    part = bytes(range(256)) * 2048
    device = ScriptedDevice(_frame(GRAY, 3 * len(part), *[part] * 6))

    _read(device, sink)

    assert sink.finished[0].rows == part * 6


def test_read_page_keeps_rows_apart_over_many_reads() -> None:
    """What is left of a row moves to the front of the buffer, byte for byte."""
    sink = MemorySink()
    picture = bytes(number % 251 for number in range(700 * 3000))
    parts = [picture[start : start + 65536] for start in range(0, len(picture), 65536)]

    _read(ScriptedDevice(_frame(GRAY, 700, *parts, lines=3000)), sink)

    assert sink.finished[0].rows == picture


def test_read_page_leaves_a_cut_row_out() -> None:
    """A page that ends inside a row is kept, and it is said."""
    sink = MemorySink()

    _read(ScriptedDevice(_frame(GRAY, 3, b"abcd")), sink)

    assert sink.finished[0].rows == b"abc"
    assert sink.warnings == ["The scanner broke off inside a row; this row is left out."]


def test_read_page_leaves_surplus_rows_out() -> None:
    """More rows than announced cost a warning, not the page."""
    sink = MemorySink()

    _read(ScriptedDevice(_frame(GRAY, 2, b"aabbccddee", lines=2)), sink)

    assert (sink.finished[0].size_px, sink.finished[0].rows) == ((2, 2), b"aabb")
    assert sink.warnings == ["The scanner sent 3 rows more than announced; they are left out."]


@pytest.mark.parametrize(
    "device",
    [
        pytest.param(ScriptedDevice(_frame(GRAY, 3)), id="nothing"),
        pytest.param(ScriptedDevice(_frame(GRAY, 3, b"ab")), id="part-of-a-row"),
        pytest.param(
            ScriptedDevice(_frame(RED, 3, b"abc"), _frame(GREEN, 3), _frame(BLUE, 3)),
            id="two-empty-passes",
        ),
    ],
)
def test_read_page_without_rows_is_an_empty_page(device: ScriptedDevice) -> None:
    """A page without a row is never passed off as one, whatever the sink makes of it."""
    with pytest.raises(EmptyPageError):
        _read(device, CountingSink())


def test_fault_inside_a_page_discards_it() -> None:
    """Half a page in a jam is no page."""
    sink = MemorySink()

    with pytest.raises(PaperJamError):
        _read(ScriptedDevice(_frame(GRAY, 2, b"aa", JAMMED)), sink)

    assert (sink.finished, sink.discarded) == ([], 1)


def test_fault_of_an_interrupted_read_is_the_cancel() -> None:
    """A signal breaks a read off, which the backend reports as an I/O error."""

    class InterruptedDevice(ScriptedDevice):
        def read_into(self, address: int, limit: int) -> int | None:
            sink.is_canceled = True
            return super().read_into(address, limit)

    sink = MemorySink()

    with pytest.raises(ScanCanceledError):
        _read(InterruptedDevice(_frame(GRAY, 2, IO_ERROR)), sink)


def test_cancel_is_heard_between_reads() -> None:
    """A slow device brings less than a row at a time."""

    class SlowDevice(ScriptedDevice):
        def read_into(self, address: int, limit: int) -> int | None:
            assert not sink.is_canceled
            sink.is_canceled = True
            return super().read_into(address, limit)

    sink = MemorySink()

    with pytest.raises(ScanCanceledError):
        _read(SlowDevice(_frame(GRAY, 2, b"a", b"a", b"bb")), sink)


def test_slow_rows_are_handed_on_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The core holds a device to a limit between rows, however few they are."""
    clock = iter(range(100))
    monkeypatch.setattr("flatbed.builtin.sane.reader.time.monotonic", lambda: next(clock))
    sink = CountingSink()

    _read(ScriptedDevice(_frame(GRAY, 2, b"aab", b"b", b"cc", lines=3)), sink)

    assert sink.calls == [2, 2, 2]


def test_quick_rows_are_gathered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call for each read would cost more than the read."""
    monkeypatch.setattr("flatbed.builtin.sane.reader.time.monotonic", lambda: 7.0)
    sink = CountingSink()
    parts = [bytes(65536)] * 20

    _read(ScriptedDevice(_frame(GRAY, 65536, *parts, lines=20)), sink)

    assert sink.calls == [524288, 524288, 262144]


def test_reads_without_bytes_are_paused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that answers at once with nothing must not keep the processor busy."""
    pauses: list[float] = []
    monkeypatch.setattr("flatbed.builtin.sane.reader.time.sleep", pauses.append)

    _read(ScriptedDevice(_frame(GRAY, 1, b"", b"a", b"", b"b")), MemorySink())

    assert pauses == [0.005, 0.005]


def test_canceled_job_feeds_no_sheet() -> None:
    """Between pages a cancel is heard before paper moves."""
    sink = MemorySink(is_canceled=True)

    with pytest.raises(ScanCanceledError):
        _read(ScriptedDevice(), sink)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(_frame(RED, 2, b"bb"), id="red-again"),
        pytest.param(_frame(GRAY, 2, b"bb"), id="gray-between"),
        pytest.param(_frame(GREEN, 3, b"bbb"), id="wider"),
    ],
)
def test_passes_that_do_not_fit_are_a_fault(second: Any) -> None:
    """Channels that do not belong together are no page."""
    sink = MemorySink()

    with pytest.raises(DeviceFault, match="do not fit together"):
        _read(ScriptedDevice(_frame(RED, 2, b"aa"), second), sink)

    assert sink.discarded == 1


def test_passes_show_signs_of_life() -> None:
    """The core holds a device to a limit between rows, and rows come after the last pass only."""
    sink = CountingSink()

    _read(ScriptedDevice(*(_frame(kind, 1, b"a", lines=1) for kind in (BLUE, RED, GREEN))), sink)

    assert sink.calls == [0, 0, 0, 3]


def test_sigterm_is_put_back_during_the_page() -> None:
    """A reader thread may set SIGTERM to its default after the page has begun."""

    class ThreadedDevice(ScriptedDevice):
        def read_into(self, address: int, limit: int) -> int | None:
            if not sink.calls:
                ctypes.CDLL(None).signal(signal.SIGTERM, 0)
            return super().read_into(address, limit)

    sink = CountingSink()
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        _read(ThreadedDevice(_frame(GRAY, 600000, bytes(600000), lines=1)), sink)
        caught = re.search(r"SigCgt:\s*([0-9a-f]+)", Path("/proc/self/status").read_text())
    finally:
        signal.signal(signal.SIGTERM, before)

    assert caught is not None
    assert int(caught[1], 16) >> (signal.SIGTERM - 1) & 1 == 1


@pytest.mark.sane
def test_sigterm_reaches_the_process_after_a_scan(sane_bench: SaneBench) -> None:
    """The backend's reader thread sets SIGTERM to its default, which would kill the worker."""
    answer = sane_bench.ask("scan_and_terminate", settings={"area_mm": (0, 0, 20, 20), "dpi": 75})

    assert len(answer["pages"]) == 1
    assert answer["heard"] == [15]
