"""Tests of libsane, mostly of what is not there."""

from __future__ import annotations

import re
from collections.abc import Iterator

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
