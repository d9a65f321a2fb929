"""A service with an add-on that is installed nowhere, for its tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flatbed.addon.testing.seams import VIRTUAL_SCANNER
from flatbed.authoring.project import Project
from flatbed.errors import FlatbedError, InternalError, from_wire
from flatbed.runtime.entry_points import ENTRY_POINTS

_READY = "Flatbed is ready at "
_LOG = "service.log"
_ANSWER_S = 60
_STOP_S = 20
_SETTINGS: Mapping[str, Any] = {
    # Machines that test are small.
    "DISK_START_MIN_MB": 0,
    "DISK_START_PERCENT": 0,
    "DISK_SHEET_MIN_MB": 0,
    "ADDONS__VIRTUAL__ENABLED": True,
    "ADDONS__SANE__ENABLED": False,
}


class AddonService:
    """See `flatbed.addon.testing.LiveService`.

    Args:
        project: The add-on.
        folder: Empty; takes the data, the configuration and the log.
        config: Settings of the add-on.
    """

    def __init__(self, project: Project, folder: Path, config: Mapping[str, Any]) -> None:
        self._folder = folder
        installed = _install(project, folder / "installed")
        environment = _environment(project, folder, config)
        environment["PYTHONPATH"] = os.pathsep.join([str(installed), *project.addon.paths])
        self._log = (folder / _LOG).open("wb")
        command = [sys.executable, "-m", "flatbed.cli", "run", "--until-stdin-closes"]
        command += [f"--data-dir={folder / 'data'}", "--port=0", "--status-port=0"]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd=folder,
            env=environment,
        )
        self.url = f"{self._wait_until_ready()}/api"

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """See `LiveService`."""
        data = None if body is None else json.dumps(body).encode()
        answer = self._send(method, path, data)
        return json.loads(answer) if answer else None

    def fetch(self, path: str) -> bytes:
        """See `LiveService`."""
        return self._send("GET", path, None)

    def scan_page(self, scanner: str = VIRTUAL_SCANNER) -> str:
        """See `LiveService`."""
        config = {"PixelType": 2, "Resolution": 100, "XferCount": 1}
        scan = {"device": scanner, "config": config}
        job = self.ask("POST", "/device/scanners/jobs", scan)["jobuid"]
        page = self.ask("GET", f"/device/scanners/jobs/{job}/next-page-info")
        return str(page["url"])

    def close(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._log.close()

    def _wait_until_ready(self) -> str:
        line = self._process.stdout.readline().decode() if self._process.stdout else ""
        if not line.startswith(_READY):
            self.close()
            said = (self._folder / _LOG).read_text("utf-8", "replace")
            raise InternalError(f"The service did not start: {said}")
        return line.removeprefix(_READY).strip()

    def _send(self, method: str, path: str, data: bytes | None) -> bytes:
        request = urllib.request.Request(f"{self.url}{path}", data, method=method)  # noqa: S310 - ours
        try:
            with urllib.request.urlopen(request, timeout=_ANSWER_S) as answer:  # noqa: S310
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise _told(error.read()) from error


def _told(body: bytes) -> FlatbedError:
    try:
        return from_wire(json.loads(body))
    except (ValueError, AttributeError):
        return InternalError(f"The service answered {body[:200]!r}.")


def _install(project: Project, folder: Path) -> Path:
    """Metadata that say where the add-on is, as an installation would have left them."""
    addon = project.addon
    label = addon.distribution.replace("-", "_")
    info = folder / f"{label}-{addon.version}.dist-info"
    info.mkdir(parents=True)
    metadata = f"Metadata-Version: 2.1\nName: {addon.distribution}\nVersion: {addon.version}\n"
    (info / "METADATA").write_text(metadata, "utf-8")
    point = f"[{ENTRY_POINTS}]\n{addon.name} = {addon.module}\n"
    (info / "entry_points.txt").write_text(point, "utf-8")
    return folder


def _environment(project: Project, folder: Path, config: Mapping[str, Any]) -> dict[str, str]:
    table = project.addon.name.replace("-", "_").upper()
    own = {f"ADDONS__{table}__{key.upper()}": value for key, value in config.items()}
    settings = {**_SETTINGS, f"ADDONS__{table}__ENABLED": True, **own}
    kept = {name: text for name, text in os.environ.items() if not name.startswith("FLATBED_")}
    return {
        **kept,
        **{f"FLATBED_{name}": _to_text(value) for name, value in settings.items()},
        "XDG_CONFIG_HOME": str(folder / "config"),
        "XDG_DATA_HOME": str(folder / "share"),
    }


def _to_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
