"""One attempt at a job in the worker: claimed once, written down, ended whatever happens."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flatbed.addon import PageSink
from flatbed.errors import (
    DiskFaultError,
    DiskFullError,
    DriverCrashedError,
    FeederEmptyError,
    PaperJamError,
    ScanCanceledError,
    WrongStateError,
)
from flatbed.runtime import scanning
from flatbed.runtime.journal import JournalReader, JournalWriter, ScanEnd, lock_path
from flatbed.runtime.scanning import run_scan
from flatbed.runtime.sink import Spool
from flatbed.runtime.watch import CallWatch
from flatbed.system import FileLock, LastResort, ProcessIdentity, is_locked

LIMIT_S = 30
KEY = bytes(32)
Scan = Callable[[PageSink], None]

HANGING = """
import os, subprocess, sys
from pathlib import Path
from flatbed.runtime.scanning import run_scan
from flatbed.runtime.sink import Spool
from flatbed.runtime.watch import CallWatch, DeviceLimits

folder, never = sys.argv[1:]

def scan(out):
    # Holds the pipe to the test open as long as it lives.
    subprocess.Popen([sys.executable, "-c", "import sys; open(sys.argv[1]).read()", never])
    out.device_opened()
    with out.new_page(size_px=(10, 10), dpi=(300, 300), mode="L", bits=8) as page:
        page.write_rows(bytes(100))
    open(never).read()

limits = DeviceLimits(open_s=60, first_byte_s=0.1)
run_scan(Spool(folder=Path(folder), key=bytes(32)), CallWatch(limits), lambda: None, scan)
"""


def scan(
    folder: Path, what: Scan, *, attempt: int = 1, watch: CallWatch | None = None, **spool: Any
) -> ScanEnd:
    """Carry out a scan in this process."""
    made = Spool(folder=folder, key=KEY, attempt=attempt, **spool)
    return run_scan(made, watch or CallWatch(), lambda: None, what)


def feed(out: PageSink, sheets: int = 1) -> None:
    """Scan some small sheets."""
    for _ in range(sheets):
        with out.new_page(size_px=(10, 10), dpi=(300, 300), mode="L", bits=8) as page:
            page.write_rows(bytes(100))


def feed_and_raise(error: Exception, sheets: int = 1) -> Scan:
    """A scan that ends by an error after some sheets."""

    def what(out: PageSink) -> None:
        feed(out, sheets)
        raise error

    return what


def journal(folder: Path) -> list[tuple[str, Any]]:
    """What was written down: kinds of entries, and for ends how."""
    return [(each["type"], each.get("status")) for each in JournalReader(folder).read_new()]


@pytest.mark.parametrize(
    ("what", "status", "error"),
    [
        (feed, "completed", None),
        (lambda _: None, "completed", None),
        (feed_and_raise(FeederEmptyError()), "completed", None),
        (feed_and_raise(FeederEmptyError(), 0), "faulted", "feeder_empty"),
        (feed_and_raise(ScanCanceledError()), "canceled", None),
        (feed_and_raise(PaperJamError()), "faulted", "paper_jam"),
        (feed_and_raise(ZeroDivisionError("lamp")), "faulted", "driver_crashed"),
        (feed_and_raise(MemoryError()), "faulted", "out_of_memory"),
    ],
    ids=["well", "no page", "feeder done", "feeder empty", "cancel", "jam", "bug", "memory"],
)
def test_scan_ends_as_its_driver_did(
    tmp_path: Path, what: Scan, status: str, error: str | None
) -> None:
    """An empty feeder is a normal end after a first page; a driver's bug is a crash of it."""
    end = scan(tmp_path, what)
    assert (end.status, end.error and end.error["error"]) == (status, error)
    last = JournalReader(tmp_path).read_new()[-1]
    assert last == {"type": "end", "attempt": 1, "status": status, "error": end.error}


def test_crash_of_a_driver_is_told_with_its_cause(tmp_path: Path) -> None:
    """For the log and the driver's author; the person reads the sentence."""
    end = scan(tmp_path, feed_and_raise(ZeroDivisionError("the lamp " + "x" * 1000)))
    assert end.error is not None
    assert end.error["message"] == DriverCrashedError.sentence
    assert end.error["details"]["cause"].startswith("ZeroDivisionError: the lamp xxx")
    assert len(end.error["details"]["cause"]) == 500


def test_pages_stand_in_the_journal_before_the_end(tmp_path: Path) -> None:
    """The JPEG of the last one too, which is made behind it."""
    scan(tmp_path, lambda out: feed(out, 2), wants_jpeg=True)
    kinds = [kind for kind, _ in journal(tmp_path)]
    assert sorted(kinds) == ["end", "page", "page", "variant", "variant"]
    assert kinds[-1] == "end"


def test_main_is_woken_for_every_entry(tmp_path: Path) -> None:
    """It reads the journal then, and what it reads is whole."""
    seen: list[int] = []
    reader = JournalReader(tmp_path)
    run_scan(
        Spool(folder=tmp_path, key=KEY),
        CallWatch(),
        lambda: seen.append(len(reader.read_new())),
        lambda out: feed(out, 3),
    )
    assert seen == [1, 1, 1, 1]


def test_scan_holds_a_lock_that_names_its_process(tmp_path: Path) -> None:
    """By it a restarted main process knows the scan goes on, and whom to signal."""
    path = lock_path(tmp_path, 3)
    found: list[Any] = []

    def what(_: PageSink) -> None:
        found.append(is_locked(path))
        found.append(ProcessIdentity.from_wire(json.loads(path.read_text())))

    scan(tmp_path, what, attempt=3)
    assert found == [True, ProcessIdentity.current()]
    assert not is_locked(path)
    assert path.name == "worker-3.lock"


def test_attempt_is_scanned_once_however_many_workers_begin_it(tmp_path: Path) -> None:
    """Paper moves once: not while another scans, nor after it ended, well or not."""
    fed: list[int] = []

    def what(_: PageSink) -> None:
        fed.append(1)
        with pytest.raises(WrongStateError):
            scan(tmp_path, lambda _: fed.append(2))

    scan(tmp_path, what)
    with pytest.raises(WrongStateError):
        scan(tmp_path, lambda _: fed.append(3))
    assert fed == [1]
    assert journal(tmp_path) == [("end", "completed")]


def test_worker_that_came_too_late_holds_no_lock(tmp_path: Path) -> None:
    """Whoever looks would wait for the end of a scan that does not go on."""
    path = lock_path(tmp_path, 1)
    with FileLock(path) as first:
        first.write("{}")
    with pytest.raises(WrongStateError):
        scan(tmp_path, feed)
    assert not is_locked(path)


def test_next_attempt_goes_on_in_the_same_journal(tmp_path: Path) -> None:
    """With a lock of its own and ordinals that count on."""
    scan(tmp_path, feed_and_raise(PaperJamError()))
    scan(tmp_path, feed, attempt=2, pages=1)
    entries = JournalReader(tmp_path).read_new()
    assert [entry["attempt"] for entry in entries if entry["type"] == "end"] == [1, 2]
    assert [entry["ordinal"] for entry in entries if entry["type"] == "page"] == [0, 1]


def test_scan_whose_journal_breaks_gives_its_lock_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would hear of its end, so at least everybody sees it."""

    def append(_: JournalWriter, entry: dict[str, Any]) -> None:
        raise OSError(errno.EIO, f"no {entry['type']}")

    monkeypatch.setattr(JournalWriter, "append", append)
    with pytest.raises(DiskFaultError) as caught:
        scan(tmp_path, feed)
    assert caught.value.details == {"cause": "no end"}
    assert not is_locked(lock_path(tmp_path, 1))


@pytest.mark.parametrize(
    ("what", "number", "expected"),
    [
        (feed, errno.ENOSPC, "disk_full"),
        (feed, errno.EIO, "disk_error"),
        (feed_and_raise(PaperJamError()), errno.ENOSPC, "paper_jam"),
        (feed_and_raise(ScanCanceledError()), errno.ENOSPC, None),
    ],
    ids=["full", "broken", "after a jam", "after a cancel"],
)
def test_jpeg_that_fails_ends_only_a_scan_that_went_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: Scan, number: int, expected: str | None
) -> None:
    """What the device said comes first: that is what the person can do something about."""
    real = os.open

    def open_file(path: Any, *arguments: Any) -> int:
        if str(path).endswith(".jpeg"):
            raise OSError(number, os.strerror(number))
        return real(path, *arguments)

    monkeypatch.setattr(os, "open", open_file)
    end = scan(tmp_path, what, wants_jpeg=True)
    assert (end.error and end.error["error"]) == expected
    assert journal(tmp_path)[-1] == ("end", end.status)


def test_disk_that_is_full_between_sheets_ends_the_scan_pausable(tmp_path: Path) -> None:
    """The pages before it are safe; a person frees some space."""
    end = scan(tmp_path, feed, sheet_floor_bytes=1 << 60)
    assert end.error is not None
    assert end.error["error"] == DiskFullError.name


def test_device_that_hangs_ends_its_process_and_all_of_its_group(tmp_path: Path) -> None:
    """Its thread is stuck in the driver: the page before it is safe, the end says what hung."""
    never = tmp_path / "never"
    os.mkfifo(never)
    process = subprocess.Popen(
        [sys.executable, "-c", HANGING, str(tmp_path), str(never)],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        # The end of the pipe: the child of the scan, which has it too, is gone as well.
        assert process.communicate(timeout=LIMIT_S)[0] == b""
    assert process.returncode == -signal.SIGKILL
    entries = JournalReader(tmp_path).read_new()
    assert [entry["type"] for entry in entries] == ["page", "end"]
    assert entries[1]["error"]["error"] == "device_hung"
    assert entries[1]["error"]["message"] == (
        "The scanner took too long to begin a page. Switch it off and on, then scan again."
    )
    assert not is_locked(lock_path(tmp_path, 1))


def test_device_that_hangs_ends_its_process_also_when_nothing_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that stays would hold the scanner for ever."""
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "killpg", lambda group, number: killed.append((group, number)))
    watch = CallWatch()
    monkeypatch.setattr(watch, "overdue", lambda: "scan a page")

    def end_hung(_: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    class Ended:
        def wait(self, _: float) -> bool:
            return False

    with pytest.raises(OSError, match="No space"):
        scanning._keep_limits(watch, LastResort(), Ended(), end_hung)  # type: ignore[arg-type]
    assert killed == [(0, signal.SIGKILL)]


@pytest.mark.parametrize(
    ("first", "ended_by"),
    [
        ("import faulthandler; faulthandler.enable()", signal.SIGABRT),
        ("import signal; signal.signal(signal.SIGABRT, signal.SIG_IGN)", signal.SIGKILL),
    ],
    ids=["writes down where", "ignores it"],
)
def test_scan_that_holds_the_interpreter_is_ended_all_the_same(
    tmp_path: Path, first: str, ended_by: signal.Signals
) -> None:
    """A driver stuck in the C library lets no thread of ours run, so none could end it."""
    code = (
        f"{first}\n"
        "import ctypes, pathlib, sys\n"
        "from flatbed.runtime.scanning import run_scan\n"
        "from flatbed.runtime.sink import Spool\n"
        "from flatbed.runtime.watch import CallWatch, DeviceLimits\n"
        "spool = Spool(folder=pathlib.Path(sys.argv[1]), key=bytes(32))\n"
        "stuck = lambda out: ctypes.PyDLL(None).sleep(1000)\n"
        "run_scan(spool, CallWatch(DeviceLimits(open_s=0.2)), lambda: None, stuck)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    assert done.returncode == -ended_by
    assert ("in _scan_to_end" in done.stderr) == (ended_by == signal.SIGABRT)


@pytest.mark.parametrize("step", ["fsync", "write"])
def test_scan_that_cannot_be_claimed_has_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Nobody holds the lock, nothing was scanned, and the same attempt can be made again."""
    kinds = {"fsync": "fsync", "write": "pwrite"}

    def fail(*_: Any) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, kinds[step], fail)
        with pytest.raises(DiskFullError):
            scan(tmp_path, feed)
    assert not is_locked(lock_path(tmp_path, 1))
    assert scan(tmp_path, feed).status == "completed"


def test_driver_that_finds_no_room_for_its_own_files_has_not_crashed(tmp_path: Path) -> None:
    """It is the disk that is full, whoever writes."""

    def what(_: PageSink) -> None:
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    end = scan(tmp_path, what)
    assert end.error is not None
    assert end.error["error"] == "disk_full"
