"""What an author of an add-on does first, on a machine that has nothing but the core's wheel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from core.tests.authoring.uv import build_core, needs_uv, run_uv

LIMIT_S = 100
READY = "Flatbed is ready at "
SETTINGS = {
    "FLATBED_ADDONS__VIRTUAL__ENABLED": "true",
    "FLATBED_ADDONS__SANE__ENABLED": "false",
    # Machines that test are small.
    "FLATBED_DISK_START_MIN_MB": "0",
    "FLATBED_DISK_START_PERCENT": "0",
    "FLATBED_DISK_SHEET_MIN_MB": "0",
}


class FreshMachine:
    """An environment with the core's wheel and its dependencies, a home, and an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.work.mkdir()
        self._scripts = folder / "environment" / "bin"
        run_uv("venv", "--python", sys.executable, folder / "environment")
        wheel = build_core(folder / "wheels")
        run_uv("pip", "install", "--python", self._scripts / "python", wheel)
        kept = ("HOME", "LANG", "TMPDIR")
        self._environment = {
            **{name: text for name, text in os.environ.items() if name in kept},
            **{name: text for name, text in os.environ.items() if name.startswith("PIP_")},
            "PATH": f"{self._scripts}:{os.environ['PATH']}",
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "share"),
            "FLATBED_DATA_DIR": str(folder / "data"),
            **SETTINGS,
        }

    def run(self, *command: str) -> str:
        """Run a command in the folder; what it printed."""
        done = subprocess.run(
            command,
            cwd=self.work,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        return done.stdout

    @contextmanager
    def service(self) -> Iterator[str]:
        """A service; its address."""
        command = ["flatbed", "run", "--port=0", "--status-port=0", "--until-stdin-closes"]
        with subprocess.Popen(
            [str(self._scripts / command[0]), *command[1:]],
            cwd=self.work,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                assert process.stdout is not None
                line = process.stdout.readline()
                assert line.startswith(READY), line
                yield f"{line.removeprefix(READY).strip()}/api"
            finally:
                process.terminate()
                process.wait(LIMIT_S)

    def curl(self, url: str, body: dict[str, Any] | None = None) -> Any:
        """Ask with curl; the JSON of the answer."""
        data = [] if body is None else ["--data", json.dumps(body)]
        return json.loads(self.run("curl", "--silent", "--show-error", "--fail", *data, url))


@pytest.fixture
def machine(tmp_path: Path) -> FreshMachine:
    """A fresh machine."""
    return FreshMachine(tmp_path)


@needs_uv
@pytest.mark.timeout(400)
def test_author_makes_checks_installs_and_calls_an_addon(machine: FreshMachine) -> None:
    """From an empty folder to an answer of its operation and of its route."""
    machine.run("flatbed", "addons", "new", "hello")
    assert [each.name for each in machine.work.iterdir()] == ["hello"]
    assert "hello 0.1.0: All is well." in machine.run("flatbed", "addons", "check", "hello")
    assert "Installed hello 0.1.0" in machine.run("flatbed", "addons", "install", "hello")
    rows = json.loads(machine.run("flatbed", "addons", "list", "--json"))
    (row,) = [row for row in rows if row["name"] == "hello"]
    assert (row["version"], row["enabled"], row["error"]) == ("0.1.0", True, None)
    assert row["brings"]["operations"] == ["measure-ink"]
    with machine.service() as api:
        scan = {"config": {"PixelType": 1, "Resolution": 100, "XferCount": 1}}
        job = machine.curl(f"{api}/device/scanners/jobs", scan)["jobuid"]
        page = machine.curl(f"{api}/device/scanners/jobs/{job}/next-page-info")
        found = machine.curl(f"{api}/process/measure-ink", {"source": page["url"]})
        assert 0 < found["ink"] < 0.5
        assert machine.curl(f"{api}/addons/hello/hello/Ada") == {"text": "Hello, Ada!"}
        (told,) = [each for each in machine.curl(f"{api}/addons") if each["name"] == "hello"]
        assert [each["version"] for each in told["versions"]] == ["0.1.0"]
