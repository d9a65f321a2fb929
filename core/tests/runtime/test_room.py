"""The wait for room between sheets: told, heard, bounded, and off the device's clock."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from flatbed import system
from flatbed.errors import DiskFaultError, DiskFullError, ScanCanceledError
from flatbed.runtime import room as room_module
from flatbed.runtime.room import RoomWait, disk_named, no_room_named
from flatbed.runtime.watch import CallWatch, DeviceLimits

MIB = 1 << 20


class Disk:
    """A disk whose free space is asked for, and changes from one look to the next."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *free_mb: int) -> None:
        self._free_mb = list(free_mb)
        monkeypatch.setattr(system, "free_bytes", self._free)
        monkeypatch.setattr(room_module, "_LOOK_S", 0)

    def _free(self, _: Path) -> int:
        return (self._free_mb.pop(0) if len(self._free_mb) > 1 else self._free_mb[0]) * MIB


def wait(folder: Path, watch: CallWatch | None = None, **more: Any) -> list[dict[str, Any]]:
    """Wait for 10 MiB; what was told."""
    told: list[dict[str, Any]] = []
    given: dict[str, Any] = {"limit_s": 60, "tell": told.append} | more
    RoomWait(folder, 10 * MIB, watch=watch or CallWatch(), **given).wait()
    return told


def test_wait_where_there_is_room_says_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between any two sheets."""
    Disk(monkeypatch, 10)
    assert wait(tmp_path) == []


def test_wait_goes_on_as_soon_as_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told when it begins and when it is over."""
    Disk(monkeypatch, 9, 3, 9, 10)
    assert wait(tmp_path) == [{"type": "waiting", "needed_bytes": 10 * MIB}, {"type": "waited"}]


def test_wait_ends_at_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what is free and what is needed."""
    Disk(monkeypatch, 3)
    with pytest.raises(DiskFullError) as caught:
        wait(tmp_path, limit_s=0.001)
    assert caught.value.message == (
        "Only 3 MB of the 10 MB that a sheet needs are free. Free some space, then continue."
    )


def test_wait_without_a_limit_does_not_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told of a wait that is none."""
    Disk(monkeypatch, 3)
    told: list[dict[str, Any]] = []
    with pytest.raises(DiskFullError):
        wait(tmp_path, limit_s=0, tell=told.append)
    assert told == []


def test_wait_hears_a_cancel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At its next look."""
    Disk(monkeypatch, 3)
    watch = CallWatch()
    with pytest.raises(ScanCanceledError):
        wait(tmp_path, watch, tell=lambda _: watch.cancel())


def test_wait_that_cannot_be_told_is_a_fault_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person who hears nothing would not know what to do."""
    Disk(monkeypatch, 3)

    def tell(_: dict[str, Any]) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(DiskFaultError):
        wait(tmp_path, tell=tell)


def test_wait_is_not_the_devices_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its limits stand still meanwhile, and run on afterwards."""
    Disk(monkeypatch, 3, 10)
    watch = CallWatch(DeviceLimits(open_s=0))
    assert watch.overdue() == "open the device"
    seen: list[str | None] = []
    wait(tmp_path, watch, tell=lambda _: seen.append(watch.overdue()))
    assert seen == [None, None]
    assert watch.remaining_s() <= 0


@pytest.mark.parametrize(
    ("number", "by_disk", "by_addon"),
    [
        (errno.ENOSPC, DiskFullError, DiskFullError),
        (errno.EDQUOT, DiskFullError, DiskFullError),
        (errno.EIO, DiskFaultError, OSError),
    ],
)
def test_failed_call_is_named_by_its_number(
    number: int, by_disk: type[Exception], by_addon: type[Exception]
) -> None:
    """Of an add-on's own errors only the full disk is surely ours."""
    with pytest.raises(by_disk) as caught, disk_named():
        raise OSError(number, "failed")
    assert type(caught.value) is by_disk
    with pytest.raises(by_addon) as caught, no_room_named():
        raise OSError(number, "failed")
    assert type(caught.value) is by_addon
