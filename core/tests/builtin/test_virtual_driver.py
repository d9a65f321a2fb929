"""Virtual devices: which there are, and which can be opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.addon.testing import MemorySink
from flatbed.builtin.virtual.driver import VirtualDriver
from flatbed.errors import (
    AccessDeniedError,
    DeviceBusyError,
    DeviceFault,
    DeviceInvalidError,
    DeviceOfflineError,
    InternalError,
)

from .virtual_bench import FLATBED, SMALL, VirtualBench, config_of, write_images


def _driver(tmp_path: Path, **changes: object) -> VirtualDriver:
    driver = VirtualDriver()
    driver.configure(config_of(tmp_path, names=["One", "Two"], **changes))
    return driver


def test_driver_before_its_start_says_so() -> None:
    """Hooks in the wrong order are the core's fault, and named."""
    with pytest.raises(InternalError):
        VirtualDriver().list_scanners()


@pytest.mark.parametrize(
    ("fault", "listed"),
    [("offline", []), ("offline#1", ["virtual:2"]), ("offline@2", ["virtual:1", "virtual:2"])],
)
def test_listing_leaves_out_what_is_switched_off(
    tmp_path: Path, fault: str, listed: list[str]
) -> None:
    """Without a page the device is not there at all."""
    scanners = _driver(tmp_path, faults=[fault]).list_scanners()
    assert [each.id for each in scanners] == listed


def test_device_that_is_switched_off_cannot_be_opened(tmp_path: Path) -> None:
    """Neither for its capabilities nor for a scan; the other one can."""
    driver = _driver(tmp_path, faults=["offline#2"])
    with pytest.raises(DeviceOfflineError):
        driver.get_capabilities("virtual:2")
    with pytest.raises(DeviceOfflineError):
        driver.acquire_pages("virtual:2", FLATBED, MemorySink())
    assert driver.get_capabilities("virtual:1").sources[0] == "flatbed"


@pytest.mark.parametrize(
    ("fault", "error"), [("busy", DeviceBusyError), ("access_denied", AccessDeniedError)]
)
def test_device_that_cannot_be_opened_is_listed_all_the_same(
    tmp_path: Path, fault: str, error: type[DeviceFault]
) -> None:
    """Another program holds it, or the system says no."""
    driver = _driver(tmp_path, faults=[fault])
    assert len(driver.list_scanners()) == 2
    with pytest.raises(error):
        driver.get_capabilities("virtual:1")


@pytest.mark.parametrize(
    "scanner_id", ["", "virtual", "virtual:0", "virtual:3", "sane:1", "virtual:x"]
)
def test_device_that_never_was_is_offline(tmp_path: Path, scanner_id: str) -> None:
    """A list may be older than the configuration."""
    with pytest.raises(DeviceOfflineError):
        _driver(tmp_path).get_capabilities(scanner_id)


def test_resolution_that_is_not_configured_is_refused(tmp_path: Path) -> None:
    """As a device does that is asked for what it cannot do."""
    driver = _driver(tmp_path, dpi=[75])
    out = MemorySink()
    with pytest.raises(DeviceInvalidError):
        driver.acquire_pages("virtual:1", SMALL, out)
    assert not out.is_open


@pytest.mark.parametrize(("sheets", "is_loaded"), [(1, True), (0, False)])
def test_feeder_is_loaded_when_it_has_sheets(tmp_path: Path, sheets: int, is_loaded: bool) -> None:  # noqa: FBT001 - a row of the table
    """Of sample pages."""
    found = _driver(tmp_path, sheets=sheets).get_capabilities("virtual:1")
    assert found.is_feeder_loaded is is_loaded


def test_feeder_is_loaded_when_its_folder_has_images(tmp_path: Path) -> None:
    """Looked up at every question, for people fill the folder while we run."""
    folder = tmp_path / "pages"
    folder.mkdir()
    driver = _driver(tmp_path, folder=str(folder))
    assert driver.get_capabilities("virtual:1").is_feeder_loaded is False
    write_images(folder, a=10)
    assert driver.get_capabilities("virtual:1").is_feeder_loaded is True


def test_state_of_two_devices_is_apart(tmp_path: Path) -> None:
    """A jam of the first does not touch the second's tray."""
    state = tmp_path / "state"
    bench = VirtualBench(
        state, config_of(state, names=["One", "Two"], sheets=2, faults=["jam@2#1"])
    )
    first, second = MemorySink(), MemorySink()
    assert bench.scan_to_fault(first) == "paper_jam"
    with pytest.raises(DeviceFault, match="feeder is empty"):
        bench.scan(second, device=2)
    assert (first.pages, second.pages) == (1, 2)
    assert sorted(each.name for each in state.iterdir()) == [
        "ledger.jsonl",
        "tray-1.json",
        "tray-2.json",
    ]
    assert state.stat().st_mode & 0o777 == 0o700
