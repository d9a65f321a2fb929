"""A real service for benchmarks: started on free ports over a folder of its own, and measured."""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

JOBS = "/api/device/scanners/jobs"
_READY = "Flatbed is ready at "


class DeviceHung(Exception):  # noqa: N818 - what happened, and no fault of ours
    """The device hung, as libsane's test device can: docs/decisions/0004."""


@dataclass
class LiveService:
    """A running service and one connection to it."""

    process: subprocess.Popen[str]
    port: int
    connection: http.client.HTTPConnection

    def ask(self, verb: str, path: str, body: Any = None) -> Any:
        """A request with a JSON body and its JSON answer; fails on an error."""
        self.connection.request(verb, path, json.dumps(body) if body is not None else None)
        answer = self.connection.getresponse()
        data = answer.read()
        assert answer.status < 300, (verb, path, answer.status, data)
        return json.loads(data) if data else None

    def fetch(self, path: str) -> int:
        """Read an answer and throw it away; its size in bytes.

        Raises:
            DeviceHung: If no page came: a job without any is one whose device hung.
        """
        self.connection.request("GET", path)
        answer = self.connection.getresponse()
        if answer.status == 204:
            answer.read()
            raise DeviceHung("no page came within the limit")
        assert answer.status == 200, (path, answer.status, answer.read())
        buffer, size = bytearray(1 << 20), 0
        while count := answer.readinto(buffer):
            size += count
        return size

    def scanner(self, part: str) -> str:
        """The `device` of the scanner whose name holds a part."""
        found = self.ask("GET", "/api/device/scanners")
        return str(next(each["device"] for each in found if part in each["name"]))

    def start_job(self, device: str, **body: Any) -> str:
        """Create a running job; its id."""
        return str(self.ask("POST", JOBS, {"device": device, **body})["jobuid"])

    def wait_for_pages(self, job: str) -> None:
        """Wait until a job is completed, by its pages: asking for its state costs the scan time.

        Raises:
            DeviceHung: If its device did.
        """
        while self.ask("GET", f"{JOBS}/{job}/next-page-info") is not None:
            pass
        state = self.ask("GET", f"{JOBS}/{job}")
        if state["error"] and state["error"]["error"] == "device_hung":
            raise DeviceHung(state["message"])
        assert state["status"] == "completed", state

    def workers(self) -> list[psutil.Process]:
        """Its worker processes."""
        return psutil.Process(self.process.pid).children()

    def peak_mb(self) -> float:
        """The most memory that the main process ever had."""
        return _peak_mb(self.process.pid)


@contextmanager
def live_service(folder: Path, **environment: str) -> Iterator[LiveService]:
    """A service over a folder, ended and with its workers gone afterwards."""
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "FLATBED_LOG_LEVEL": "error"}
    process = subprocess.Popen(
        [*_command(), "--data-dir", str(folder / "data"), "--port", "0", "--status-port", "0"],
        env=os.environ | own | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith(_READY), line
    port = int(line.rpartition(":")[2])
    try:
        yield LiveService(process, port, http.client.HTTPConnection("127.0.0.1", port))
    finally:
        process.terminate()
        process.wait(10)


def peak_mb_of(processes: list[psutil.Process]) -> float:
    """The most memory that any of some processes ever had."""
    return max((_peak_mb(each.pid) for each in processes), default=0)


def _command() -> list[str]:
    return [sys.executable, "-m", "flatbed.cli", "run"]


def _peak_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except (FileNotFoundError, ProcessLookupError):
        return 0
    line = next((each for each in status.splitlines() if each.startswith("VmHWM")), "0 0")
    return int(line.split()[1]) / 1024
