"""The sink: a page is whole, on the disk and written down, or nothing of it is left."""

from __future__ import annotations

import errno
import io
import os
import random
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flatbed import system
from flatbed.addon.frames import read_file, unwrap_key
from flatbed.errors import (
    DeviceFault,
    DiskFaultError,
    DiskFullError,
    EmptyPageError,
    InvalidInputError,
    ScanCanceledError,
)
from flatbed.runtime.journal import UnsyncedLineError
from flatbed.runtime.sink import Spool, SpoolPage, SpoolSink
from flatbed.runtime.watch import CallWatch, DeviceLimits

KEY = bytes(range(32))
Fault = Callable[[], None]


@dataclass
class Bench:
    """A spool folder with a sink, and what the sink reports."""

    folder: Path
    watch: CallWatch = field(default_factory=CallWatch)
    entries: list[dict[str, Any]] = field(default_factory=list)
    sinks: list[SpoolSink] = field(default_factory=list)

    def sink(self, **spool: Any) -> SpoolSink:
        """A sink into the folder."""
        made = SpoolSink(
            Spool(folder=self.folder, key=KEY, **spool), self.watch, self.entries.append
        )
        self.sinks.append(made)
        return made

    def files(self) -> list[str]:
        """The kinds of the files in the folder."""
        return sorted(path.suffix for path in self.folder.iterdir())

    def read(self, entry: dict[str, Any], kind: str = "page") -> bytes:
        """A file of a page, opened as the main process does it."""
        uid = entry["uid"]
        key = unwrap_key(bytes.fromhex(entry["key"]), by=KEY, uid=uid)
        return read_file(self.folder / f"{uid}.{kind}", key, uid, kind)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A bench whose threads end with the test."""
    folder = tmp_path / "spool"
    folder.mkdir()
    bench = Bench(folder)
    yield bench
    for sink in bench.sinks:
        sink.close()


def new_page(sink: SpoolSink, height: int | None = 10) -> SpoolPage:
    """A gray page of 100 pixels a row."""
    return sink.new_page(size_px=(100, height), dpi=(300, 300), mode="L", bits=8)


def write_page(sink: SpoolSink, rows: bytes = bytes(1000)) -> None:
    """A whole page."""
    with new_page(sink, len(rows) // 100) as page:
        page.write_rows(rows)


def noise(size: int) -> bytes:
    """Bytes that do not compress, the same each time."""
    return random.Random(7).randbytes(size)


def path_of(file: int) -> str:
    """Where an open file lies."""
    return str(Path(f"/proc/self/fd/{file}").readlink())


def fail_nth(
    monkeypatch: pytest.MonkeyPatch, name: str, nth: int, number: int, *, suffix: str = ""
) -> list[int]:
    """Let the n-th call of a function of `os` fail; counts the calls."""
    real, calls = getattr(os, name), list[int]()

    def call(file: Any, *arguments: Any, **options: Any) -> Any:
        path = str(file) if name == "open" else path_of(file)
        if path.endswith(suffix):
            calls.append(1)
            if len(calls) == nth:
                raise OSError(number, os.strerror(number))
        return real(file, *arguments, **options)

    monkeypatch.setattr(os, name, call)
    return calls


def test_finished_page_is_reported_with_all_that_main_needs(bench: Bench) -> None:
    """Its id, place, shape, size, tag and wrapped key; and its thumbnail."""
    write_page(bench.sink())
    (entry,) = bench.entries
    uid = entry["uid"]
    page, thumbnail = (bench.folder / f"{uid}.{kind}" for kind in ("page", "thumbnail"))
    assert len(bytes.fromhex(uid)) == 16
    assert len(bytes.fromhex(entry.pop("key"))) == 12 + 32 + 16
    assert entry == {
        "type": "page",
        "uid": uid,
        "ordinal": 0,
        "size_px": (100, 10),
        "dpi": (300, 300),
        "mode": "L",
        "bits": 8,
        "size": page.stat().st_size,
        "tag": page.read_bytes()[-16:].hex(),
        "thumbnail": {
            "size": thumbnail.stat().st_size,
            "tag": thumbnail.read_bytes()[-16:].hex(),
        },
    }


def test_page_of_a_file_is_reported_with_its_number_there(bench: Bench) -> None:
    """A page that shows none says nothing of it, as every scanned one."""
    sink = bench.sink()
    for number in (7, 0):
        with sink.new_page(
            size_px=(100, 1), dpi=(300, 300), mode="L", bits=8, source_page=number
        ) as page:
            page.write_rows(bytes(100))
    assert [entry.get("source_page") for entry in bench.entries] == [7, None]


def test_finished_page_opens_with_its_wrapped_key_only(bench: Bench) -> None:
    """The picture and its thumbnail, each under a key of its own."""
    rows = noise(1000)
    write_page(bench.sink(), rows)
    (entry,) = bench.entries
    assert Image.open(io.BytesIO(bench.read(entry))).tobytes() == rows
    assert Image.open(io.BytesIO(bench.read(entry, "thumbnail"))).format == "JPEG"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in bench.folder.iterdir()}
    assert modes == {0o600}


def test_pages_have_ids_and_keys_of_their_own_and_count_on(bench: Bench) -> None:
    """Also in a second attempt: the pages before it keep their places."""
    sink = bench.sink(pages=7, attempt=2)
    assert (sink.pages, sink.attempt) == (7, 2)
    write_page(sink)
    write_page(sink)
    first, second = bench.entries
    assert (first["ordinal"], second["ordinal"], sink.pages) == (7, 8, 9)
    assert first["uid"] != second["uid"]
    uids = [entry["uid"] for entry in (first, second)]
    keys = [unwrap_key(bytes.fromhex(e["key"]), by=KEY, uid=e["uid"]) for e in (first, second)]
    assert len(set(uids)) == len(set(keys)) == 2


def test_page_is_on_the_disk_before_it_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the file, then the folder's entry, then the journal speaks of it."""
    steps: list[str] = []
    real = os.fsync

    def fsync(file: int) -> None:
        steps.append("sync " + Path(path_of(file)).suffix)
        real(file)

    monkeypatch.setattr(os, "fsync", fsync)
    spool = Spool(folder=tmp_path, key=KEY)
    sink = SpoolSink(spool, CallWatch(), lambda entry: steps.append("report " + entry["type"]))
    write_page(sink)
    sink.close()
    assert steps == ["sync .page", "sync ", "report page"]


def test_page_that_ended_by_an_error_leaves_nothing(bench: Bench) -> None:
    """And the error goes on to the driver."""
    sink = bench.sink()
    with pytest.raises(RuntimeError, match="lamp"), new_page(sink) as page:
        page.write_rows(bytes(500))
        raise RuntimeError("lamp")
    assert (bench.files(), bench.entries, sink.pages) == ([], [], 0)
    write_page(sink)
    assert bench.entries[0]["ordinal"] == 0


def test_page_without_rows_is_none(bench: Bench) -> None:
    """SANE ends a page by EOF without an error: never passed off as a page."""
    with pytest.raises(EmptyPageError), new_page(bench.sink()):
        pass
    assert (bench.files(), bench.entries) == ([], [])


@pytest.mark.parametrize("size", [1100, 150], ids=["more rows than said", "part of a row"])
def test_page_with_wrong_rows_leaves_nothing(bench: Bench, size: int) -> None:
    """A picture that is almost right is none."""
    with pytest.raises(DeviceFault), new_page(bench.sink()) as page:
        page.write_rows(bytes(size))
    assert (bench.files(), bench.entries) == ([], [])


@pytest.mark.parametrize("dpi", [(-1.0, 300.0), (300.0, 0.0), (float("nan"), 1.0)], ids=str)
def test_page_that_cannot_begin_leaves_nothing(bench: Bench, dpi: tuple[float, float]) -> None:
    """A driver with a wrong resolution: there is no block to leave yet."""
    with pytest.raises(InvalidInputError):
        bench.sink().new_page(size_px=(100, 10), dpi=dpi, mode="L", bits=8)
    assert bench.files() == []


def test_page_shorter_than_said_is_kept_with_a_warning(bench: Bench) -> None:
    """A short sheet is a page; a driver that lost rows is worth a sentence."""
    sink = bench.sink()
    write_page(sink)
    with new_page(sink, 100) as page:
        page.write_rows(bytes(4200))
    _, entry, warning = bench.entries
    assert entry["size_px"] == (100, 42)
    assert warning == {"type": "warning", "message": "Page 2 ended after 42 of 100 rows."}


def test_page_of_unknown_height_is_as_long_as_its_rows(bench: Bench) -> None:
    """Without a warning: nobody said otherwise."""
    with new_page(bench.sink(), None) as page:
        for _ in range(5):
            page.write_rows(bytes(300))
    (entry,) = bench.entries
    assert entry["size_px"] == (100, 15)
    assert Image.open(io.BytesIO(bench.read(entry))).size == (100, 15)


def test_page_takes_an_image_as_rows(bench: Bench) -> None:
    """What process_page hooks hand over."""
    image = Image.effect_noise((100, 10), 80)
    with new_page(bench.sink()) as page:
        page.write_image(image)
    assert Image.open(io.BytesIO(bench.read(bench.entries[0]))).tobytes() == image.tobytes()


def test_cancel_between_rows_ends_the_page_and_begins_no_other(bench: Bench) -> None:
    """The driver hears it at its next rows, wherever it is."""
    sink = bench.sink()
    sink.check_canceled()
    with pytest.raises(ScanCanceledError), new_page(sink) as page:
        page.write_rows(bytes(500))
        bench.watch.cancel()
        page.write_rows(bytes(500))
    with pytest.raises(ScanCanceledError):
        new_page(sink)
    with pytest.raises(ScanCanceledError):
        sink.check_canceled()
    assert (bench.files(), bench.entries) == ([], [])


def test_sink_keeps_the_limits_of_the_device_by_what_happens(bench: Bench) -> None:
    """Each event begins another phase: the limit of 0 s is overdue in the one that has it."""
    bench.watch = CallWatch(DeviceLimits(open_s=0, page_s=0, between_bytes_s=0))
    sink = bench.sink()
    assert bench.watch.overdue() == "open the device"
    sink.device_opened()
    assert bench.watch.overdue() is None
    with new_page(sink) as page:
        assert bench.watch.overdue() == "scan a page"
        page.write_rows(bytes(1000))
        assert bench.watch.overdue() == "send the rest of a page"
    assert bench.watch.overdue() is None


def test_sink_hands_on_warnings_and_commands(bench: Bench) -> None:
    """What drivers and cameras use beside pages."""
    sink = bench.sink()
    bench.watch.add_command({"capture": 1})
    sink.warn("The threshold was left alone.")
    assert bench.entries == [{"type": "warning", "message": "The threshold was left alone."}]
    assert (sink.next_command(), sink.next_command()) == ({"capture": 1}, None)


def test_sheet_is_asked_for_before_it_is_fed(bench: Bench) -> None:
    """Nothing happens while there is room; a cancel or a full disk keeps it in the feeder."""
    sink = bench.sink()
    sink.before_sheet()
    with pytest.raises(DiskFullError):
        bench.sink(sheet_floor_bytes=1 << 60).before_sheet()
    bench.watch.cancel()
    with pytest.raises(ScanCanceledError):
        sink.before_sheet()
    assert (bench.files(), bench.entries) == ([], [])


def test_page_below_the_floor_of_the_disk_is_not_begun(bench: Bench) -> None:
    """No sheet is fed that could not be kept."""
    free_mb = system.free_bytes(bench.folder) >> 20
    with pytest.raises(DiskFullError, match="that a sheet needs are free") as caught:
        new_page(bench.sink(sheet_floor_bytes=1 << 60))
    assert abs(int(caught.value.message.split()[1]) - free_mb) < 1024
    assert bench.files() == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EIO], ids=os.strerror)
@pytest.mark.parametrize(
    ("name", "suffix", "nth"),
    [
        ("open", ".page", 1),
        ("pwrite", ".page", 1),
        ("pwrite", ".page", 2),
        ("pwrite", ".page", 3),
        ("pwrite", ".page", 4),
        ("fsync", ".page", 1),
        ("open", ".thumbnail", 1),
        ("pwrite", ".thumbnail", 1),
        ("pwrite", ".thumbnail", 2),
        ("fsync", "spool", 1),
    ],
)
def test_page_whose_file_cannot_be_written_is_named_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, name: str, suffix: str, nth: int, number: int
) -> None:
    """A full disk or quota is one thing, a broken disk another; neither leaves half a page."""
    calls = fail_nth(monkeypatch, name, nth, number, suffix=suffix)
    sink = bench.sink()
    with pytest.raises(DiskFaultError if number == errno.EIO else DiskFullError):
        write_page(sink, noise(2_500_000))
    assert len(calls) == nth
    assert (bench.files(), bench.entries, sink.pages) == ([], [], 0)
    write_page(sink)
    assert [entry["type"] for entry in bench.entries] == ["page"]


@pytest.mark.root
@pytest.mark.skipif(system.own_uid() != 0, reason="only root can mount a small disk")
def test_disk_that_runs_full_keeps_the_pages_before(bench: Bench) -> None:
    """A real one of 3 MB: the second page does not fit, the first is whole, a small one fits."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(bench.folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine mounts nothing")
    try:
        sink = bench.sink()
        write_page(sink, noise(1_500_000))
        with pytest.raises(DiskFullError):
            write_page(sink, noise(2_500_000))
        write_page(sink)
        first, last = bench.entries
        assert Image.open(io.BytesIO(bench.read(first))).tobytes() == noise(1_500_000)
        assert (last["ordinal"], len(bench.files())) == (1, 4)
    finally:
        subprocess.run(["umount", str(bench.folder)], check=True)


def test_page_that_cannot_be_written_down_leaves_nothing(bench: Bench) -> None:
    """A page that no journal knows is no page; its sheet is fed again."""

    def report(_: dict[str, Any]) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    sink = SpoolSink(Spool(folder=bench.folder, key=KEY), CallWatch(), report)
    with pytest.raises(DiskFullError):
        write_page(sink)
    sink.close()
    assert (bench.files(), sink.pages) == ([], 0)


def test_page_that_was_written_down_stays_whatever_follows(bench: Bench) -> None:
    """The warning after it finds no room: the page counts already."""

    def report(entry: dict[str, Any]) -> None:
        if entry["type"] == "warning":
            raise OSError(errno.ENOSPC, "No space left on device")
        bench.entries.append(entry)

    sink = SpoolSink(Spool(folder=bench.folder, key=KEY), CallWatch(), report)
    with pytest.raises(DiskFullError), new_page(sink, 100) as page:
        page.write_rows(bytes(1000))
    sink.close()
    assert sink.pages == 1
    assert Image.open(io.BytesIO(bench.read(bench.entries[0]))).size == (100, 10)


def test_jpeg_is_made_where_the_job_wants_it(bench: Bench) -> None:
    """Behind the page, with its resolution, so that one who waits for it decodes nothing."""
    sink = bench.sink(wants_jpeg=True)
    image = Image.linear_gradient("L").resize((100, 50))
    with new_page(sink, 50) as page:
        page.write_image(image)
    sink.close()
    entry, variant = bench.entries
    path = bench.folder / f"{entry['uid']}.jpeg"
    assert variant == {
        "type": "variant",
        "kind": "jpeg",
        "page": entry["uid"],
        "size": path.stat().st_size,
        "tag": path.read_bytes()[-16:].hex(),
    }
    jpeg = Image.open(io.BytesIO(bench.read(entry, "jpeg")))
    assert (jpeg.format, jpeg.size, jpeg.info["dpi"]) == ("JPEG", (100, 50), (300, 300))
    assert max(abs(a - b) for a, b in zip(jpeg.tobytes(), image.tobytes(), strict=True)) < 8


def test_jpeg_is_not_made_where_nobody_asked(bench: Bench) -> None:
    """It costs as much as the page."""
    sink = bench.sink()
    write_page(sink)
    sink.close()
    assert bench.files() == [".page", ".thumbnail"]


def test_jpeg_that_finds_no_room_takes_no_page_along(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told at the next page, which is written down by then: both pages stay."""
    fail_nth(monkeypatch, "open", 1, errno.ENOSPC, suffix=".jpeg")
    sink = bench.sink(wants_jpeg=True)
    write_page(sink)
    with pytest.raises(DiskFullError):
        write_page(sink)
    assert [entry["type"] for entry in bench.entries] == ["page", "page"]
    assert [len(bench.read(entry)) > 100 for entry in bench.entries] == [True, True]
    with pytest.raises(DiskFullError):
        bench.sinks.pop().close()


def test_close_tells_of_a_jpeg_that_found_no_room(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the last page there is no other to tell it at."""
    fail_nth(monkeypatch, "open", 1, errno.ENOSPC, suffix=".jpeg")
    sink = bench.sink(wants_jpeg=True)
    write_page(sink)
    with pytest.raises(DiskFullError):
        sink.close()
    bench.sinks.clear()


def test_new_file_is_encrypted_and_reported(bench: Bench) -> None:
    """As save_document writes it: in any pieces, readable with its wrapped key."""
    with bench.sink().new_file("application/pdf") as stream:
        stream.write(b"%PDF")
        for _ in range(300):
            stream.write(noise(10_000))
    (entry,) = bench.entries
    assert (entry["type"], entry["media_type"]) == ("file", "application/pdf")
    path = bench.folder / f"{entry['uid']}.file"
    assert (entry["size"], entry["tag"]) == (path.stat().st_size, path.read_bytes()[-16:].hex())
    assert bench.read(entry, "file") == b"%PDF" + noise(10_000) * 300


def test_new_file_that_ended_by_an_error_leaves_nothing(bench: Bench) -> None:
    """Half a PDF helps nobody."""
    with pytest.raises(RuntimeError, match="font"), bench.sink().new_file("a/b") as stream:
        stream.write(noise(100_000))
        raise RuntimeError("font")
    assert (bench.files(), bench.entries) == ([], [])


@pytest.mark.parametrize("nth", [1, 2, 3])
def test_new_file_that_finds_no_room_is_named_and_leaves_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    """While it is written, or at its end."""
    fail_nth(monkeypatch, "pwrite", nth, errno.ENOSPC, suffix=".file")
    with pytest.raises(DiskFullError), bench.sink().new_file("a/b") as stream:
        stream.write(noise(2_500_000))
    assert (bench.files(), bench.entries) == ([], [])


def test_sheet_that_lost_its_room_is_to_be_put_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its driver has fed it: it is neither a page nor on the pile."""
    fail_nth(monkeypatch, "pwrite", 1, errno.ENOSPC, suffix=".page")
    sink = bench.sink()
    with pytest.raises(DiskFullError, match="put the last sheet back on the pile"):
        write_page(sink, noise(2_500_000))


def test_sheet_that_was_asked_for_is_taken_without_room(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on its way: there was room a moment ago, and perhaps it fits."""
    sink = bench.sink(sheet_floor_bytes=1000)
    sink.before_sheet()
    monkeypatch.setattr(system, "free_bytes", lambda _: 999)
    write_page(sink)
    assert [entry["type"] for entry in bench.entries] == ["page"]
    with pytest.raises(DiskFullError, match="that a sheet needs"):
        sink.before_sheet()


def test_wait_for_room_says_of_which_attempt_it_is(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Waits of earlier attempts stand in the same journal."""
    free = [999, 1000]
    monkeypatch.setattr(system, "free_bytes", lambda _: free.pop(0))
    bench.sink(sheet_floor_bytes=1000, room_wait_s=60, attempt=3).before_sheet()
    assert bench.entries == [
        {"type": "waiting", "needed_bytes": 1000, "attempt": 3},
        {"type": "waited", "attempt": 3},
    ]


def test_page_whose_line_was_not_synced_stays(bench: Bench) -> None:
    """Main may have it already; the scan ends, for the disk fails."""

    def report(entry: dict[str, Any]) -> None:
        bench.entries.append(entry)
        raise UnsyncedLineError(errno.EIO, "Input/output error")

    sink = SpoolSink(Spool(folder=bench.folder, key=KEY), CallWatch(), report)
    with pytest.raises(DiskFaultError):
        write_page(sink)
    sink.close()
    assert Image.open(io.BytesIO(bench.read(bench.entries[0]))).size == (100, 10)


def test_jpeg_that_finds_no_room_leaves_nothing_of_itself(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it would be in the way of what comes."""
    fail_nth(monkeypatch, "pwrite", 1, errno.ENOSPC, suffix=".jpeg")
    sink = bench.sink(wants_jpeg=True)
    write_page(sink)
    with pytest.raises(DiskFullError):
        sink.close()
    bench.sinks.clear()
    assert bench.files() == [".page", ".thumbnail"]
