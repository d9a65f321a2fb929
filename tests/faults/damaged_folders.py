"""F15: data folders that are damaged, or not ours to use, and what the service makes of them."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tests.faults.rig import JOBS, Rig

PAGES = 3
NOBODY = 65534
"""The user without rights that every system has."""

_LIMIT_S = 30

# What a service writes anew at each start, or SQLite keeps for itself.
_OF_THE_RUN = ("port.lock", "log/", "cache/state", "cache/reserve", "index.sqlite-shm")

Damage = Callable[["Folder"], None]


@dataclass(frozen=True)
class Refusal:
    """How a service ended that did not start."""

    code: int
    sentence: str


@dataclass
class Folder:
    """A data folder with one job of three pages, whose service was killed."""

    rig: Rig
    job: str
    pages: list[Path]
    digests: list[str]

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.rig.data

    @property
    def index(self) -> Path:
        """Its index."""
        return self.data / "cache" / "index.sqlite"

    @property
    def log(self) -> Path:
        """What SQLite has committed and not put into the index yet."""
        return self.data / "cache" / "index.sqlite-wal"

    @property
    def key(self) -> Path:
        """The master key."""
        (path,) = (self.rig.folder / "config" / "flatbed" / "keys").iterdir()
        return path

    def listing(self) -> dict[str, str]:
        """Every file but those of the run, with its digest."""
        return {
            name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
            and not (name := str(path.relative_to(self.data))).startswith(_OF_THE_RUN)
            and not name.endswith(_OF_THE_RUN)
        }

    def stored(self) -> dict[str, str]:
        """The files of pages."""
        return {name: each for name, each in self.listing().items() if "cache/pages/" in name}


def fill(folder: Path) -> Folder:
    """Scan three sheets, then kill the service so that the log of its index stays."""
    rig = Rig(folder, {"FLATBED_ADDONS__VIRTUAL__SHEETS": str(PAGES)})
    rig.environment["FLATBED_LOG_LEVEL"] = "info"
    rig.start()
    job = rig.scan("Flatbed virtual scanner")
    assert rig.wait_for_end(job)["status"] == "completed"
    digests = rig.digests(job)
    uids = [rig.ask("GET", f"{JOBS}/{job}/next-page-info")["imageuid"] for _ in range(PAGES)]
    rig.kill()
    for worker in rig.workers():
        worker.kill()
    pages = [rig.data / "cache" / "pages" / uid[:2] / f"{uid}.page" for uid in uids]
    return Folder(rig, job, pages, digests)


def refuse(folder: Folder, *, wrapper: tuple[str, ...] = ()) -> Refusal:
    """Start the service where it cannot; its exit code, and the one line that it says why."""
    command = [sys.executable, "-m", "flatbed.cli", "run", "--data-dir", str(folder.data)]
    done = subprocess.run(
        [*wrapper, *command, "--port=0", "--status-port=0"],
        env=os.environ | folder.rig.environment | folder.rig._folders(),
        cwd="/",
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    assert done.stdout == "", done.stdout
    assert "Traceback" not in done.stderr, done.stderr
    return Refusal(done.returncode, done.stderr.strip().splitlines()[-1])


def garble_index(folder: Folder) -> None:
    """Something else in its place."""
    folder.index.write_bytes(b"This is no index. " * 999)


def garble_index_behind_header(folder: Folder) -> None:
    """All of it but the first bytes, with no log that could make it whole."""
    checkpoint(folder)
    data = folder.index.read_bytes()
    folder.index.write_bytes(data[:100] + os.urandom(len(data) - 100))


def empty_index(folder: Folder) -> None:
    """A file system's way after a crash."""
    os.truncate(folder.index, 0)


def cut_index(folder: Folder) -> None:
    """The second half is gone."""
    checkpoint(folder)
    os.truncate(folder.index, folder.index.stat().st_size // 8192 * 4096)


def age_index(folder: Folder) -> None:
    """One that a newer version wrote."""
    with closing(sqlite3.connect(folder.index)) as index:
        index.execute("PRAGMA user_version = 99")


def cut_log(folder: Folder) -> None:
    """The second half is gone."""
    os.truncate(folder.log, folder.log.stat().st_size // 2)


def empty_log(folder: Folder) -> None:
    """All of it is gone, and with it all that was committed since the last checkpoint."""
    os.truncate(folder.log, 0)


def garble_log(folder: Folder) -> None:
    """Something else in its place."""
    folder.log.write_bytes(os.urandom(folder.log.stat().st_size))


def lose_index(folder: Folder) -> None:
    """As the sentence about a damaged one says."""
    for path in folder.index.parent.glob("index.sqlite*"):
        path.unlink()


def halve_page(folder: Folder) -> None:
    """The second of three."""
    os.truncate(folder.pages[1], folder.pages[1].stat().st_size // 2)


def lose_page(folder: Folder) -> None:
    """The second of three."""
    folder.pages[1].unlink()


def lose_key(folder: Folder) -> None:
    """Master key."""
    folder.key.unlink()


def swap_key(folder: Folder) -> None:
    """That of another folder."""
    # Whoever opens and closes an index puts its log into it; this is about the rest.
    checkpoint(folder)
    folder.key.write_text("5a" * 32)


def lose_id(folder: Folder) -> None:
    """What names the key."""
    (folder.data / "id").unlink()


def checkpoint(folder: Folder) -> None:
    """Let the index have all that is in its log."""
    with closing(sqlite3.connect(folder.index)) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
