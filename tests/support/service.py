"""A real service over a folder of its own: started, killed, started again, and gone at the end."""

from __future__ import annotations

import importlib
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil
from core.tests.warm import WarmProcess

from .client import ApiClient, fetch_document
from .events import EventStream
from .ledger import Ledger

LIMIT_S = 60
LAUNCHER = "tests.support.launcher"
_ROOT = Path(__file__).parents[2]
_READY = "Flatbed is ready at "
_WARM_COMMAND = [sys.executable, "-m"]

_SETTINGS: Mapping[str, object] = {
    "PORT": 0,
    "STATUS_PORT": 0,
    "LOG_LEVEL": "debug",
    "LOG_FORMAT": "json",
    # Machines that test are small.
    "DISK_START_MIN_MB": 0,
    "DISK_START_PERCENT": 0,
    "DISK_SHEET_MIN_MB": 0,
    # Crashes are ordered here; the rest after some of them has a test of its own.
    "BREAKER_CRASHES": 1000,
    "ADDONS__VIRTUAL__ENABLED": True,
}


@dataclass(frozen=True)
class LogLine:
    """One line of the service's log, as its JSON or as another's text."""

    level: str
    event: str
    facts: Mapping[str, Any]


class LiveService:
    """A service process, restartable over the same data and on the same ports.

    Args:
        folder: Takes the data, the configuration and the log.
        settings: By name in capitals, as after `FLATBED_`; lists as lists.
        backends: SANE's backends; none by default, so that no real scanner gets in.
        expected_errors: What may stand in its log as an error.
        launcher: The module to run.
        python: The interpreter of the environment that it runs in.
        prefix: What the command begins with, to run as another user; it becomes the service.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, object],
        *,
        backends: tuple[str, ...] = (),
        expected_errors: tuple[str, ...] = (),
        launcher: str = LAUNCHER,
        python: str = sys.executable,
        prefix: Sequence[str] = (),
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.url = ""
        self._expected_errors = expected_errors
        self._command = [*prefix, python, "-m", launcher]
        self._settings = {**_SETTINGS, "DATA_DIR": self.data, **settings}
        self._process: subprocess.Popen[bytes] | WarmProcess | None = None
        self._pipes: tuple[IO[bytes], IO[bytes]] | None = None
        self._document: dict[str, Any] | None = None
        self._clients: list[ApiClient] = []
        self._watch: EventStream | None = None
        _write_sane_config(folder / "sane.d", backends)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    @property
    def pid(self) -> int:
        """The main process."""
        assert self._process is not None
        return self._process.pid

    @property
    def document(self) -> dict[str, Any]:
        """Its OpenAPI document."""
        if self._document is None:
            self._document = fetch_document(self.url)
        return self._document

    @property
    def events(self) -> EventStream:
        """All its events since the service began, watched from the first use on."""
        if self._watch is None:
            self._watch = EventStream(f"{self.url}/api/events?after=0")
        return self._watch

    @property
    def ledger(self) -> Ledger:
        """What its virtual scanners fed and delivered."""
        return Ledger(self.data / "cache" / "state" / "virtual" / "ledger.jsonl")

    def configure(self, **settings: object) -> None:
        """Change settings, for the next start."""
        self._settings.update(settings)

    def start(self) -> LiveService:
        """Start it and wait until it answers."""
        self._close_pipes()
        (stdin, ours), (output, stdout) = os.pipe(), os.pipe()
        self._pipes = os.fdopen(ours, "wb"), os.fdopen(output, "rb")
        with (self.folder / "service.log").open("ab") as log:
            self._process = self._begin((stdin, stdout, log.fileno()))
        for end in (stdin, stdout):
            os.close(end)
        line = self.read_line()
        assert line.startswith(_READY), f"{line!r}; {self.read_log()[-5:]}"
        self.url = line.removeprefix(_READY).strip()
        return self

    def read_line(self) -> str:
        """The next line that the process prints; empty once it has ended."""
        assert self._pipes is not None
        return self._pipes[1].readline().decode()

    def client(self, origin: str | None = None, *, subject: str | None = None) -> ApiClient:
        """A caller: native, or a page of a web origin; every answer is held to the document."""
        client = ApiClient(
            self.url, self.document, lambda: self.events, origin=origin, subject=subject
        )
        self._clients.append(client)
        return client

    def close_clients(self) -> None:
        """Delete the jobs that callers created, and close their connections."""
        for client in self._clients:
            client.delete_jobs()
            client.close()
        self._clients.clear()

    def stop(self) -> int:
        """End it as a person would; its exit status."""
        return self._end(psutil.Process.terminate)

    def kill(self) -> None:
        """End the main process with SIGKILL; its workers are left as they are."""
        self._end(psutil.Process.kill)

    def restart(self) -> LiveService:
        """Start it again over the same data; clients of before go on where it has its ports."""
        before = self.url
        self.start()
        assert self.url == before, "the service came back on other ports"
        return self

    def workers(self) -> list[psutil.Process]:
        """The worker processes over this folder, also those that have lost their main."""
        return [each for each in psutil.process_iter() if self._is_worker(each)]

    def scanning_worker(self, job: str) -> psutil.Process:
        """The worker that is scanning a job, as its lock file names it."""
        (lock,) = (self.data / "cache" / "spool" / job).glob("worker-*.lock")
        return psutil.Process(json.loads(lock.read_text())["pid"])

    def stored_pages(self) -> set[Path]:
        """The files of pages, wherever they are."""
        return {path for path in self.stored_files() if path.suffix == ".page"}

    def stored_files(self) -> set[Path]:
        """The files of pages, finished or being scanned."""
        cache = self.data / "cache"
        folders = (cache / "pages", cache / "spool")
        return {path for folder in folders for path in folder.rglob("*") if path.is_file()}

    def age_events(self, *, hours: float) -> None:
        """Make all events older, while the service is stopped."""
        with closing(sqlite3.connect(self.data / "cache" / "index.sqlite")) as index, index:
            index.execute("UPDATE events SET at = at - ?", (hours * 3600,))

    def age_results(self, *, hours: float) -> None:
        """Make the results of all operations older, while the service is stopped."""
        with closing(sqlite3.connect(self.data / "cache" / "index.sqlite")) as index, index:
            index.execute("UPDATE results SET made_at = made_at - ?", (hours * 3600,))

    def age_starts(self, *, hours: float) -> None:
        """Make the keys of all starts older, while the service is stopped."""
        with closing(sqlite3.connect(self.data / "cache" / "index.sqlite")) as index, index:
            index.execute("UPDATE starts SET at = at - ?", (hours * 3600,))

    def age_process_jobs(self, *, hours: float) -> None:
        """Make all ended operations older, while the service is stopped."""
        with closing(sqlite3.connect(self.data / "cache" / "index.sqlite")) as index, index:
            index.execute("UPDATE process_jobs SET finished_at = finished_at - ?", (hours * 3600,))

    def stored_jobs(self) -> list[tuple[str, str]]:
        """The id and state of every job in the index, as committed."""
        with closing(sqlite3.connect(self.data / "cache" / "index.sqlite")) as index:
            return index.execute("SELECT uid, status FROM jobs ORDER BY uid").fetchall()

    def read_log(self) -> list[LogLine]:
        """The log so far, of all its processes."""
        lines = (self.folder / "service.log").read_text("utf-8", "replace").splitlines()
        return [_read_line(line) for line in lines]

    def close(self) -> None:
        """End everything, and fail over what the log says that nobody expected."""
        if self._process is not None and self._process.poll() is None:
            self.stop()
        self._kill_workers()
        self._close_pipes()
        for client in self._clients:
            client.close()
        self._assert_quiet_log()

    def _close_pipes(self) -> None:
        for pipe in self._pipes or ():
            pipe.close()
        self._pipes = None

    def _begin(self, streams: tuple[int, int, int]) -> subprocess.Popen[bytes] | WarmProcess:
        environment = self._environment()
        # Another interpreter, user or path of modules takes a start from nothing.
        if self._command[:2] == _WARM_COMMAND and "PYTHONPATH" not in environment:
            main = importlib.import_module(self._command[2]).main
            return WarmProcess(
                main, self._command[2:], environment=environment, folder=_ROOT, streams=streams
            )
        stdin, stdout, stderr = streams
        return subprocess.Popen(
            self._command, cwd=_ROOT, stdin=stdin, stdout=stdout, stderr=stderr, env=environment
        )

    def _environment(self) -> dict[str, str]:
        kept = {key: text for key, text in os.environ.items() if not key.startswith("FLATBED_")}
        own = {f"FLATBED_{key}": _to_text(value) for key, value in self._settings.items()}
        folders = {"XDG_CONFIG_HOME": self.folder / "config", "SANE_CONFIG_DIR": self._sane}
        return kept | own | {key: str(path) for key, path in folders.items()}

    @property
    def _sane(self) -> Path:
        return self.folder / "sane.d"

    def _end(self, how: Callable[[psutil.Process], None]) -> int:
        assert self._process is not None
        # One that has ended by itself may be gone for good.
        with suppress(psutil.NoSuchProcess):
            how(psutil.Process(self._process.pid))
        if self._watch is not None:
            self._watch.close()
            self._watch = None
        try:
            return self._process.wait(LIMIT_S)
        except subprocess.TimeoutExpired:
            psutil.Process(self.pid).kill()
            raise

    def _is_worker(self, process: psutil.Process) -> bool:
        try:
            return process.pid != self.pid and str(self.data) in " ".join(process.cmdline())
        except psutil.Error:
            return False

    def _kill_workers(self) -> None:
        found = self.workers()
        for process in found:
            for each in [*process.children(recursive=True), process]:
                each.kill()
        psutil.wait_procs(found, LIMIT_S)

    def _assert_quiet_log(self) -> None:
        loud = [line for line in self.read_log() if line.level in ("error", "critical", "text")]
        unexpected = [line for line in loud if line.event not in self._expected_errors]
        assert not unexpected, f"the service's log says: {unexpected}"


def _write_sane_config(folder: Path, backends: tuple[str, ...]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dll.conf").write_text("".join(f"{name}\n" for name in backends))


def _to_text(value: object) -> str:
    if isinstance(value, bool | list | tuple):
        return json.dumps(value)
    return str(value)


def _read_line(line: str) -> LogLine:
    try:
        facts = json.loads(line)
    except ValueError:
        # Not ours: a library's word, a traceback, a warning of asyncio.
        return LogLine("text", line, {})
    return LogLine(facts.pop("level"), facts.pop("event"), facts)
