"""Tests of libsane, mostly of what is not there."""

from __future__ import annotations

import ctypes
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any, cast

import pytest

from flatbed.builtin.sane import libsane
from flatbed.errors import DeviceUnsupportedError

from .sane_bench import SaneBench


@pytest.fixture
def unloaded() -> Iterator[None]:
    """libsane is looked for anew in the test, and again after it."""
    libsane._load.cache_clear()
    yield
    libsane._load.cache_clear()


def test_missing_library_says_how_to_install_it(
    unloaded: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without libsane every hook says what to install."""
    monkeypatch.setattr(libsane, "LIBRARY", "libsane-that-is-not-there.so.1")

    with pytest.raises(DeviceUnsupportedError, match="apt install libsane1"):
        libsane.list_devices(local_only=True)


@pytest.mark.sane
def test_opening_an_unknown_device_says_that_it_is_offline(sane_bench: SaneBench) -> None:
    """SANE answers INVAL for a device that is not there, which means no wrong setting here."""
    answer = sane_bench.ask("get_capabilities", name="test:7")

    assert answer["error"]["error"] == "device_offline"


@pytest.mark.sane
def test_environment_names_the_version_of_sane(sane_bench: SaneBench) -> None:
    """The doctor can say which SANE is installed."""
    answer = sane_bench.ask("describe_environment")

    assert list(answer) == ["sane"]
    assert re.fullmatch(r"1\.\d+\.\d+", answer["sane"])


class _Library:
    """As libsane, as far as a frame that begins and ends at once needs it."""

    def sane_start(self, _: object) -> int:
        return 0

    def sane_read(self, *_: object) -> int:
        return 5

    def sane_cancel(self, _: object) -> None:
        return None


@pytest.mark.parametrize(
    ("reads", "is_long"),
    [pytest.param(0, True, id="just-begun"), pytest.param(1, False, id="ended")],
)
def test_cancel_lets_a_reader_thread_settle(
    monkeypatch: pytest.MonkeyPatch, reads: int, *, is_long: bool
) -> None:
    """A thread that has just begun may hold a lock; one that has ended holds none."""
    waits: list[float] = []
    monkeypatch.setattr("flatbed.builtin.sane.libsane.time.sleep", waits.append)
    device = libsane.Device(cast("Any", _Library()), ctypes.c_void_p())

    device.start()
    for _ in range(reads):
        assert device.read_into(0, 1) is None
    device.cancel()

    assert len(waits) == 1
    assert (0 < waits[0] <= 0.02) if is_long else waits == [0.0]


def test_unwinder_is_loaded_before_libsane(unloaded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled reader threads leave the loader locked now and then without it."""
    names: list[str | None] = []

    def open_library(name: str | None) -> None:
        names.append(name)
        raise OSError

    monkeypatch.setattr("ctypes.CDLL", open_library)

    with pytest.raises(DeviceUnsupportedError):
        libsane.read_version()

    # The first is the C library, which loads it.
    assert names == [None, "libsane.so.1"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_unwinder_is_there_afterwards() -> None:
    """In a process of its own: this one has loaded much already."""
    code = (
        "from flatbed.builtin.sane.threads import load_unwinder\n"
        "has_it = lambda: 'libgcc_s' in open('/proc/self/maps').read()\n"
        "before = has_it(); load_unwinder(); print(before, has_it())"
    )
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert said.split() == ["False", "True"]


@pytest.mark.sane
@pytest.mark.parametrize("status", ["Default", "SANE_STATUS_JAMMED"])
def test_device_is_released_whatever_happens(sane_bench: SaneBench, status: str) -> None:
    """The batch is ended, the device closed and SANE left, in this order."""
    settings = {"dpi": 75, "options": {"read-return-value": status}}

    calls = sane_bench.trace("scan", settings=settings)

    ends = [call for call in calls if call in ("sane_cancel", "sane_close", "sane_exit")]
    assert list(dict.fromkeys(ends)) == ["sane_cancel", "sane_close", "sane_exit"]
