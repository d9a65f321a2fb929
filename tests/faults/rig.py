"""A real service that is killed and started again, and the truth about what its scanner fed."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from PIL import Image

JOBS = "/api/device/scanners/jobs"
SCANNER = "Flatbed virtual scanner"
READY = "Flatbed is ready at "

_START_S = 20
_END_S = 90
_LOOK_S = 0.02
_QUIET = {
    # What is killed on purpose is no reason to let a driver rest.
    "FLATBED_BREAKER_CRASHES": "1000",
    "FLATBED_BREAKER_WINDOW_S": "0.1",
    "FLATBED_LOG_LEVEL": "error",
    "FLATBED_DISK_START_MIN_MB": "64",
    "FLATBED_DISK_START_PERCENT": "0",
    "FLATBED_DISK_SHEET_MIN_MB": "32",
}


@dataclass
class Rig:
    """One data folder and the service over it.

    Attributes:
        folder: Holds data and configuration.
        environment: Settings of the service and its add-ons.
        restarts_s: How long each start took until the service answered.
        wrapper: A program that the service is started through.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    restarts_s: list[float] = field(default_factory=list)
    wrapper: list[str] = field(default_factory=list)
    process: subprocess.Popen[str] | None = None
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def start(self) -> None:
        """Start the service and wait until it answers."""
        began = time.monotonic()
        command = [*self.wrapper, sys.executable, "-m", "flatbed.cli", "run"]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(self.data), "--port", "0", "--status-port", "0"],
            env=os.environ | _QUIET | self._folders() | self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith(READY), line
        self.client.base_url = httpx.URL(line.removeprefix(READY).strip())
        self.ask("GET", "/api/hello")
        self.restarts_s.append(time.monotonic() - began)

    def kill(self) -> None:
        """kill -9 the main process, and nobody else."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(_START_S)

    def stop(self) -> None:
        """End the service and what is left of its workers."""
        if self.process is not None:
            # By its lock and not by `process`, which may be a program that it was started through.
            os.kill(json.loads((self.data / "port.lock").read_text())["pid"], signal.SIGTERM)
            self.process.wait(_START_S)
        for worker in self.workers():
            worker.kill()

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """A request with JSON both ways."""
        answer = self.client.request(verb, path, json=body)
        assert answer.status_code < 300, (verb, path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def scan(self, scanner: str, *, on_fault: str = "fault", **config: Any) -> str:
        """Start a feeder scan; the job's id."""
        whole = {"PixelType": 1, "Resolution": 75, "IfFeederEnabled": True, **config}
        body = {"device": scanner, "config": whole, "onFault": on_fault}
        return str(self.ask("POST", JOBS, body)["jobuid"])

    def wait_for_end(self, job: str) -> dict[str, Any]:
        """Wait until a job has ended; how."""
        until = time.monotonic() + _END_S
        while time.monotonic() < until:
            state: dict[str, Any] = self.ask("GET", f"{JOBS}/{job}")
            if state["status"] not in ("pending", "running"):
                return state
            time.sleep(_LOOK_S)
        raise AssertionError(f"the job did not end within {_END_S} s: {state}")

    def digests(self, job: str) -> list[str]:
        """SHA-256 of the pixels of each page of a job, in order, as it is handed out."""
        count = self.ask("GET", f"{JOBS}/{job}")["pages"]
        return [self._digest(f"{JOBS}/{job}/content?page={each}") for each in range(count)]

    def workers(self) -> list[psutil.Process]:
        """The workers over this folder, whoever their parent is now."""
        return [each for each in psutil.process_iter(["cmdline"]) if self._is_worker(each)]

    def scan_worker(self) -> psutil.Process | None:
        """The worker that is scanning: the one that a job's lock file names."""
        for lock in (self.data / "cache" / "spool").glob("*/worker-*.lock"):
            found = _process_of(lock)
            if found is not None:
                return found
        return None

    def wait_for(self, find: Callable[[], Any]) -> Any:
        """Wait until there is something; within limits."""
        until = time.monotonic() + _START_S
        while time.monotonic() < until:
            found = find()
            if found:
                return found
            time.sleep(_LOOK_S / 10)
        raise AssertionError("nothing came")

    def ledger(self) -> Ledger:
        """The truth, from now on."""
        return Ledger(self._ledger_path)

    def ledger_of_all(self) -> Ledger:
        """The truth, from the beginning."""
        return Ledger(self._ledger_path, offset=0)

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def _ledger_path(self) -> Path:
        return self.data / "cache" / "state" / "virtual" / "ledger.jsonl"

    def _folders(self) -> dict[str, str]:
        # No backends: looking for network scanners takes seconds, and none is wanted here.
        sane = self.folder / "sane.d"
        sane.mkdir(parents=True, exist_ok=True)
        (sane / "dll.conf").touch()
        return {"XDG_CONFIG_HOME": str(self.folder / "config"), "SANE_CONFIG_DIR": str(sane)}

    def _digest(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        image = Image.open(io.BytesIO(answer.content))
        return hashlib.sha256(image.tobytes()).hexdigest()

    def _is_worker(self, process: psutil.Process) -> bool:
        command = process.info["cmdline"] or []
        is_ours = any(str(self.data) in each for each in command)
        return is_ours and "flatbed.runtime.worker" in command


class Ledger:
    """What the virtual scanner says it did since this was made."""

    def __init__(self, path: Path, offset: int | None = None) -> None:
        self._path = path
        end = path.stat().st_size if path.exists() else 0
        self._offset = end if offset is None else offset

    def fed(self) -> int:
        """How many sheets were drawn in."""
        return sum("fed" in each for each in self._entries())

    def delivered(self) -> list[str]:
        """SHA-256 of the pixels of each page that the driver handed over, in order."""
        return [each["sha256"] for each in self._entries() if "sha256" in each]

    def _entries(self) -> list[dict[str, Any]]:
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            return [json.loads(line) for line in file]


def spread(seconds: list[float]) -> str:
    """The median and the most of some times, in words."""
    return f"{statistics.median(seconds):.2f} s (median), {max(seconds):.2f} s (most)"


def _process_of(lock: Path) -> psutil.Process | None:
    try:
        return psutil.Process(json.loads(lock.read_text("utf-8"))["pid"])
    except (OSError, ValueError, psutil.NoSuchProcess):
        return None
