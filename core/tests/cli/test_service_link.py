"""The service that a command talks to: found, started for the moment, found again."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from flatbed.cli import service_link
from flatbed.cli.failures import ServiceUnavailableError
from flatbed.cli.service_link import find_service
from flatbed.errors import FolderError
from flatbed.ports import Ports, write_lock
from flatbed.system import FileLock, is_locked

from .home import LIMIT_S, Home

SCAN = ("scan", "--source", "feeder", "--dpi", "75")
SLOW = [f"slow@{page}!#1" for page in range(1, 5)]
"""A second for each page."""

STUCK: dict[str, Any] = {
    "ADDONS__VIRTUAL__FAULTS": ["slow@2!#1"],
    "ADDONS__VIRTUAL__SECONDS_PER_PAGE": 0.5,
}
"""Five seconds for the second page: time to interrupt it."""


def _sheets_fed(home: Home) -> int:
    (ledger,) = home.data.rglob("ledger.jsonl")
    return sum("fed" in json.loads(line) for line in ledger.read_text().splitlines())


async def test_find_service_where_none_is_finds_none(tmp_path: Path) -> None:
    """Whether there is no folder yet, or an old file without its lock."""
    assert await find_service(tmp_path / "never") is None
    with FileLock(tmp_path / "port.lock") as lock:
        write_lock(lock, Ports(port=1, status_port=2))
    assert await find_service(tmp_path) is None


@pytest.mark.parametrize("text", ["", '{"pid": 1}', "former"], ids=["empty", "torn", "former"])
async def test_find_service_that_does_not_get_ready_is_an_error(
    office: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """One that starts has the lock before its ports; until then those of another stand there."""
    monkeypatch.setattr(service_link, "_STARTING_S", 0.3)
    with FileLock(tmp_path / "port.lock") as lock:
        former = json.loads((office.data / "port.lock").read_text()) | {"started": 1}
        lock.write(json.dumps(former) if text == "former" else text)
        with pytest.raises(ServiceUnavailableError):
            await find_service(tmp_path)


async def test_find_service_in_what_is_no_folder_is_an_error(tmp_path: Path) -> None:
    """The person named a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError):
        await find_service(tmp_path / "file")


def test_scan_without_a_service_starts_one_and_ends_it(home: Home) -> None:
    """Nothing is left, and the data folder is free."""
    done = home.flatbed(*SCAN, "-o", "page.jpg")
    assert (done.code, done.out) == (0, "Saved 4 pages as page-001.jpg to page-004.jpg.\n")
    assert done.err.splitlines()[0] == "Scanning with Flatbed virtual scanner."
    assert home.left_running() == []
    assert not is_locked(home.data / "port.lock")


def test_scans_at_once_without_a_service_both_end_well(home: Home) -> None:
    """One starts it, the other uses it, and takes its scan along when the first one ends it."""
    names = ["Quick", "Slow"]
    home.set(
        ADDONS__VIRTUAL__NAMES=names, ADDONS__VIRTUAL__FAULTS=[f"{each[:-2]}#2" for each in SLOW]
    )
    slow, quick = (
        home.start(*SCAN, "--device", name, "-o", f"{name}.jpg") for name in reversed(names)
    )
    with slow, quick:
        assert quick.communicate(timeout=LIMIT_S)[0] == (
            "Saved 4 pages as Quick-001.jpg to Quick-004.jpg.\n"
        )
        assert slow.communicate(timeout=LIMIT_S)[0] == (
            "Saved 4 pages as Slow-001.jpg to Slow-004.jpg.\n"
        )
    assert (quick.returncode, slow.returncode) == (0, 0)


def test_scan_goes_on_when_the_service_is_started_again(home: Home) -> None:
    """By whoever looks after it; every page comes once."""
    home.set(ADDONS__VIRTUAL__FAULTS=SLOW)
    with home.service() as first, home.start(*SCAN, "-o", "page.jpg") as scan:
        assert scan.stderr is not None
        assert [scan.stderr.readline() for _ in range(2)][1] == "Page 1 scanned.\n"
        # On a busy machine it would start one of its own before the second is there.
        scan.send_signal(signal.SIGSTOP)
        first.end(signal.SIGKILL)
        with home.service() as second:
            scan.send_signal(signal.SIGCONT)
            out, err = scan.communicate(timeout=LIMIT_S)
            assert second.process.poll() is None
    assert (scan.returncode, out) == (0, "Saved 4 pages as page-001.jpg to page-004.jpg.\n")
    assert err == "Page 2 scanned.\nPage 3 scanned.\nPage 4 scanned.\n"
    assert len({(home.work / name).read_bytes() for name in home.files()}) == 4


def test_scan_goes_on_by_itself_when_the_service_stays_away(home: Home) -> None:
    """With a service of its own on the same folder, which takes the running scan up."""
    home.set(ADDONS__VIRTUAL__FAULTS=SLOW)
    with home.service() as service, home.start(*SCAN, "-o", "page.jpg") as scan:
        assert scan.stderr is not None
        assert [scan.stderr.readline() for _ in range(2)][1] == "Page 1 scanned.\n"
        service.end(signal.SIGTERM)
        out, _ = scan.communicate(timeout=LIMIT_S)
    assert (scan.returncode, out) == (0, "Saved 4 pages as page-001.jpg to page-004.jpg.\n")
    assert _sheets_fed(home) == 4


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_scan_that_is_interrupted_keeps_its_pages_and_leaves_nothing(
    home: Home, number: signal.Signals
) -> None:
    """The feeder stops, and so does the service that was started for it."""
    home.set(**STUCK)
    with home.start(*SCAN, "-o", "page.jpg") as scan:
        assert scan.stderr is not None
        assert [scan.stderr.readline() for _ in range(2)][1] == "Page 1 scanned.\n"
        scan.send_signal(number)
        out, err = scan.communicate(timeout=LIMIT_S)
    assert (scan.returncode, out) == (130, "Saved 1 page as page.jpg.\n")
    assert err == "Canceling.\nCanceled.\n"
    assert home.files() == ["page.jpg"]
    assert home.left_running() == []
    assert _sheets_fed(home) == 2


def test_scan_that_is_killed_leaves_nothing_running(home: Home) -> None:
    """Not even the feeder: its service hears that nobody waits any more."""
    home.set(**STUCK)
    with home.start(*SCAN, "-o", "page.jpg") as scan:
        assert scan.stderr is not None
        assert [scan.stderr.readline() for _ in range(2)][1] == "Page 1 scanned.\n"
        scan.kill()
    assert home.left_running() == []
    assert _sheets_fed(home) == 2


def test_scan_that_is_interrupted_twice_ends_at_once(home: Home) -> None:
    """A person who presses Ctrl-C again does not want to wait, here for a service that hangs."""
    home.set(ADDONS__VIRTUAL__FAULTS=SLOW)
    with home.service() as service:
        terminal = home.terminal(*SCAN, "-o", "page.jpg")
        terminal.wait_for("Scanning page 2")
        service.process.send_signal(signal.SIGSTOP)
        terminal.press("\x03")
        terminal.wait_for("Canceling")
        terminal.press("\x03")
        done = terminal.wait()
        service.process.send_signal(signal.SIGCONT)
    assert done.code == 130
    assert "Note: What was scanned is kept; save it with: flatbed scan --job " in done.out


def test_scan_that_is_interrupted_at_the_terminal_keeps_its_pages(home: Home) -> None:
    """The key reaches this command, and not the service that was started for it."""
    home.set(**STUCK)
    terminal = home.terminal(*SCAN, "-o", "page.jpg")
    terminal.wait_for("Scanning page 2")
    terminal.press("\x03")
    done = terminal.wait()
    assert done.code == 130
    assert done.out.endswith("Canceled.\nSaved 1 page as page.jpg.\n")
    assert home.left_running() == []
    log = (home.data / "log" / "flatbed.log").read_text()
    assert log.count("service started") == 1


def test_scan_that_is_interrupted_before_its_job_just_ends(home: Home) -> None:
    """While the service for it starts."""
    terminal = home.terminal(*SCAN, "-o", "page.jpg")
    terminal.wait_for("Looking for the scanner")
    terminal.press("\x03")
    assert terminal.wait().code == 130
    assert home.files() == []
    assert home.left_running() == []


def test_scan_whose_terminal_is_closed_leaves_nothing_running(home: Home) -> None:
    """The page that came is kept all the same."""
    home.set(**STUCK)
    terminal = home.terminal(*SCAN, "-o", "page.jpg")
    terminal.wait_for("Scanning page 2")
    terminal.close()
    assert home.left_running() == []
    assert home.files() == ["page.jpg"]


async def test_devices_that_is_interrupted_leaves_nothing_running(home: Home) -> None:
    """A driver that hangs is no reason to wait."""
    home.set(ADDONS__VIRTUAL__FAULTS=["hang_list"])
    with home.start("devices") as devices:
        async with asyncio.timeout(LIMIT_S):
            # Its own service is another process; nothing wakes us when that is ready.
            while await find_service(home.data) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        devices.send_signal(signal.SIGINT)
        assert devices.communicate(timeout=LIMIT_S) == ("", "")
    assert devices.returncode == 130
    assert home.left_running() == []
