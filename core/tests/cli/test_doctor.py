"""`flatbed doctor`: what is right, what is not, and what to do."""

from __future__ import annotations

import json
import os
import socket
import urllib.request
from pathlib import Path

import pytest

from .home import LIMIT_S, Done, Home, RunningService


def scan(service: RunningService) -> None:
    """Scan four sheets into the service's buffer."""
    jobs = f"{service.url}/api/device/scanners/jobs"
    body = {"config": {"Resolution": 75, "IfFeederEnabled": True}}
    job = json.loads(_ask(jobs, json.dumps(body).encode()))["jobuid"]
    while _ask(f"{jobs}/{job}/next-page-info"):
        pass


def states(done: Done) -> dict[str, str]:
    """Each check with its state, as a person reads them."""
    heading, *lines = done.out.split("\n\n")[0].splitlines()
    start, end = heading.index("State"), heading.index("Found")
    return {line[:start].strip(): line[start:end].strip() for line in lines}


@pytest.fixture
def used(home: Home) -> Home:
    """A home whose service has stopped, with four pages."""
    with home.service() as service:
        scan(service)
    return home


def pages_of(home: Home) -> list[Path]:
    """The page files."""
    return sorted((home.data / "cache" / "pages").rglob("*.page"))


def test_doctor_before_the_first_start_makes_nothing(home: Home) -> None:
    """All is well, and the data folder is not there yet."""
    done = home.flatbed("doctor")
    assert (done.code, done.err) == (0, "")
    assert f"{home.data}, made at the first start" in done.out
    assert set(states(done).values()) == {"ok"}
    assert not home.data.exists()


def test_doctor_asks_the_running_service(home: Home) -> None:
    """Where it is, and how much it has; every byte read where that is wanted."""
    with home.service() as service:
        scan(service)
        done = home.flatbed("doctor", "--deep")
    assert (done.code, set(states(done).values())) == (0, {"ok"})
    assert f"runs at {service.url}" in done.out
    assert "4 pages, 0 documents, " in done.out
    assert "; every byte read" in done.out
    assert done.err == "Reading every stored file. Ctrl-C ends it.\n"


def test_doctor_looks_by_itself_where_no_service_runs(used: Home) -> None:
    """The same figures, and none is started for it."""
    done = used.flatbed("doctor")
    assert (done.code, done.err) == (0, "")
    assert "does not run" in done.out
    assert "4 pages, 0 documents, " in done.out


def test_doctor_names_damaged_pages(used: Home) -> None:
    """By eye the way out, by program everything."""
    half, gone = pages_of(used)[:2]
    os.truncate(half, half.stat().st_size // 2)
    gone.unlink()
    done = used.flatbed("doctor")
    assert done.code == 1
    assert [name for name, state in states(done).items() if state == "BAD"] == ["pages"]
    assert f"{half.stem} (wrong size), {gone.stem} (missing). Scan them again" in done.out
    (found,) = [each for each in used.flatbed("doctor", "--json").json if not each["ok"]]
    assert [each["uid"] for each in found["damaged"]] == [half.stem, gone.stem]


def test_doctor_deep_finds_what_the_fast_look_cannot(used: Home) -> None:
    """One bit, and nothing else of the file."""
    page = pages_of(used)[0]
    data = bytearray(page.read_bytes())
    data[99] ^= 1
    page.write_bytes(data)
    assert used.flatbed("doctor").code == 0
    done = used.flatbed("doctor", "--deep")
    assert done.code == 1
    assert f"{page.stem} (corrupt)" in done.out


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("garbage", "cannot be read (file is not a database). Nothing was deleted."),
        ("gone", "index.sqlite is not there. Nothing was deleted. Put back a copy"),
        ("key", "is missing. Nothing was deleted; put the file back"),
        ("other key", "The key of the stored pages is not the one"),
    ],
)
def test_doctor_says_why_pages_cannot_be_checked(used: Home, fault: str, sentence: str) -> None:
    """In the words of the service; what else there is is checked all the same."""
    index = used.data / "cache" / "index.sqlite"
    (key,) = (used.folder / "config" / "flatbed" / "keys").iterdir()
    if fault == "garbage":
        index.write_bytes(b"garbage" * 1000)
    elif fault == "gone":
        index.unlink()
    elif fault == "key":
        key.unlink()
    else:
        key.write_text("00" * 32)
    done = used.flatbed("doctor")
    assert done.code == 1
    assert (states(done)["pages"], states(done)["drivers"]) == ("BAD", "ok")
    assert sentence in done.out


def test_doctor_tells_of_files_that_an_index_that_was_lost_knew(used: Home) -> None:
    """They are kept, and it says how to get rid of them."""
    for path in (used.data / "cache").glob("index.sqlite*"):
        path.unlink()
    with used.service():
        pass
    done = used.flatbed("doctor")
    assert done.code == 1
    assert states(done)["unknown files"] == "BAD"
    assert "They are kept: the index may have been lost." in done.out
    assert len(pages_of(used)) == 4


def test_doctor_tells_of_kept_scans(used: Home) -> None:
    """Whose jobs stood in an index that was lost."""
    (used.data / "cache" / "kept" / ("0" * 32)).mkdir(parents=True)
    done = used.flatbed("doctor")
    assert done.code == 1
    assert states(done)["kept scans"] == "BAD"


def test_doctor_tells_of_a_folder_that_others_may_enter(used: Home) -> None:
    """With the command that mends it."""
    used.data.chmod(0o755)
    done = used.flatbed("doctor")
    assert done.code == 1
    assert done.out.endswith(f"\ndata folder: chmod 700 {used.data}\n")


@pytest.mark.root
@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize(
    ("part", "advice"),
    [
        ("", "Run Flatbed as the user whose folder it is, or choose another with --data-dir."),
        ("cache/index.sqlite", "Make it yours: chown -R 0 "),
    ],
    ids=["folder", "part"],
)
def test_doctor_tells_of_what_belongs_to_another_user(used: Home, part: str, advice: str) -> None:
    """Who looks into somebody else's folder is not told to take it away from them."""
    os.chown(used.data / part, 65534, 65534)
    done = used.flatbed("doctor")
    assert (done.code, states(done)["data folder"]) == (1, "BAD")
    assert f"data folder: {advice}" in done.out


def test_doctor_tells_what_a_scan_would_lack(home: Home) -> None:
    """The limits of the settings, on the disk as it is."""
    home.set(DISK_START_MIN_MB=1 << 30, DISK_START_MAX_MB=1 << 30)
    done = home.flatbed("doctor")
    assert (done.code, states(done)["disk"]) == (1, "BAD")
    assert "disk: Free some space" in done.out


def test_doctor_names_addons_that_are_broken(home: Home) -> None:
    """With its reason; without it there is no driver left here."""
    home.set(ADDONS__VIRTUAL__SHEETS="many")
    done = home.flatbed("doctor")
    assert done.code == 1
    assert states(done)["add-on virtual"] == "BAD"
    assert "'sheets' must be int" in done.out


def test_doctor_tells_of_ports_that_are_taken(home: Home) -> None:
    """So near the last port there is but one group."""
    home.set(PORT=65501, STATUS_PORT=65502)
    with socket.create_server(("127.0.0.1", 65501)):
        done = home.flatbed("doctor")
    assert (done.code, states(done)["ports"]) == (1, "BAD")
    assert "Choose others with --port and --status-port." in done.out


def test_doctor_with_something_else_in_the_place_of_the_folder(home: Home) -> None:
    """No traceback."""
    home.data.write_text("")
    done = home.flatbed("doctor")
    assert done.code == 1
    assert "cannot be used (Not a directory)" in done.out
    assert done.err == ""


def _ask(url: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(url, body, method="POST" if body else "GET")
    with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
        return bytes(answer.read())
