"""A home folder of its own with the real command line in it, and a terminal to run it in."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from flatbed.cli.app import run_app

from ..warm import WarmProcess

FLATBED = Path(sys.executable).with_name("flatbed")
SETTINGS = {
    "ADDONS__VIRTUAL__ENABLED": True,
    "ADDONS__VIRTUAL__SHEETS": 4,
    "ADDONS__SANE__ENABLED": False,
    "ADDONS__PDF__ENABLED": False,
    "DISK_START_MIN_MB": 50,
    "DISK_START_PERCENT": 0,
    "DISK_SHEET_MIN_MB": 20,
}
LIMIT_S = 60
READY = "Flatbed is ready at "


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The standard output as one JSON value."""
        return json.loads(self.out)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The standard output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


class Home:
    """A user of one's own: settings, data and a folder to work in.

    Args:
        folder: Empty; all of it lies below.
        settings: By the names of `FLATBED_` variables; lists and numbers as in TOML.
    """

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder, self.data, self.work = folder, folder / "data", folder / "work"
        self.work.mkdir()
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "share"),
            "FLATBED_DATA_DIR": str(self.data),
            "TERM": "xterm",
            "COLUMNS": "80",
            "LANG": "C.UTF-8",
        }
        self.set(**{**SETTINGS, **settings})
        self._terminals: list[Terminal] = []

    def set(self, **settings: Any) -> None:
        """Change settings for the commands to come."""
        for name, value in settings.items():
            self.environment[f"FLATBED_{name}"] = value if type(value) is str else json.dumps(value)

    def flatbed(self, *args: str, stdin: str | None = None) -> Done:
        """Run a command to its end."""
        with TemporaryDirectory(prefix="flatbed-streams-") as folder:
            streams = [Path(folder) / name for name in ("in", "out", "err")]
            for stream, text in zip(streams, (stdin or "", "", ""), strict=True):
                stream.write_text(text, encoding="utf-8")
            code = self._run(args, streams)
            out, err = (stream.read_text(encoding="utf-8") for stream in streams[1:])
        return Done(code, out, err)

    def _run(self, args: Sequence[str], streams: Sequence[Path]) -> int:
        with ExitStack() as stack:
            files = [stack.enter_context(stream.open("r+b")) for stream in streams]
            process = WarmProcess(
                run_app,
                ["flatbed", *args],
                environment=self.environment,
                folder=self.work,
                streams=[file.fileno() for file in files],
            )
        return process.wait(LIMIT_S)

    def start(self, *args: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """Begin a command."""
        return subprocess.Popen(
            [FLATBED, *args],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment,
            cwd=self.work,
        )

    @contextmanager
    def service(self, *args: str) -> Iterator[RunningService]:
        """A service for as long as the context."""
        with self.start("run", "--port=0", "--status-port=0", *args) as process:
            try:
                yield RunningService(process)
            finally:
                process.send_signal(signal.SIGCONT)
                process.terminate()
                process.communicate(timeout=LIMIT_S)

    def terminal(self, *args: str) -> Terminal:
        """Begin a command at a terminal."""
        self._terminals.append(Terminal([str(FLATBED), *args], self.environment, self.work))
        return self._terminals[-1]

    def close_terminals(self) -> None:
        """End what a failed test left at its terminals."""
        for each in self._terminals:
            each.close()
        self._terminals.clear()

    def ask(self, verb: str, job: str, body: dict[str, Any]) -> None:
        """Let another program ask the service something about a job."""
        lock = json.loads((self.data / "port.lock").read_text())
        url = f"http://127.0.0.1:{lock['port']}/api/device/scanners/jobs/{job}"
        request = urllib.request.Request(url, json.dumps(body).encode(), method=verb)
        urllib.request.urlopen(request, timeout=LIMIT_S).close()

    def files(self) -> list[str]:
        """What stands in the folder where commands run."""
        return sorted(each.name for each in self.work.iterdir())

    def left_running(self) -> list[str]:
        """The command lines that still run in this home a while after the last command."""
        _, alive = psutil.wait_procs([*self._processes()], timeout=15)
        return [" ".join(each.cmdline()) for each in alive]

    def _processes(self) -> Iterator[psutil.Process]:
        for each in psutil.process_iter(["cmdline"]):
            if any(str(self.folder) in part for part in each.info["cmdline"] or []):
                yield each


class RunningService:
    """A service that has said where it is.

    Attributes:
        url: Its address.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith(READY), (line, process.stderr and process.stderr.read())
        self.url = line.removeprefix(READY).strip()

    @property
    def port(self) -> int:
        """Of the interface."""
        return int(self.url.rpartition(":")[2])

    def end(self, number: signal.Signals) -> Done:
        """Send a signal, and wait for the end."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=LIMIT_S)
        return Done(self.process.returncode, out, err)


class Terminal:
    """A command at a terminal of 80 columns: what it shows, and keys for it."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], folder: Path) -> None:
        self.pid, self._descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(command[0], list(command), environment)  # noqa: S606
        self._shown = b""
        self._read_to = 0
        self._code: int | None = None
        self._deadline = time.monotonic() + LIMIT_S

    def wait_for(self, text: str) -> None:
        """Wait until a text is shown that was not there at the last call."""
        while text.encode() not in self._shown[self._read_to :]:
            assert self._read(), f"ended without {text!r}: {self._shown!r}"
        self._read_to = len(self._shown)

    @property
    def events(self) -> list[dict[str, Any]]:
        """The JSON lines that were shown so far."""
        return [json.loads(line) for line in self._shown.decode().splitlines()]

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._descriptor, keys.encode())

    def close(self) -> int:
        """Close the window, as it were, if it is still open; the exit code."""
        if self._code is None:
            os.close(self._descriptor)
            self._code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self._code

    def wait(self) -> Done:
        """Wait for the end; of a line that changed only the last text is in `out`."""
        while self._read():
            pass
        return Done(self.close(), settled(self._shown.decode()), "")

    def _read(self) -> bool:
        left = self._deadline - time.monotonic()
        assert select.select([self._descriptor], [], [], max(0, left))[0], self._shown
        try:
            piece = os.read(self._descriptor, 4096)
        except OSError:  # Linux's way to say that the other end is closed
            return False
        self._shown += piece
        return bool(piece)


def settled(shown: str) -> str:
    """What stays on a terminal: lines that were taken back are gone, and so are colours."""
    lines: list[str] = []
    plain = re.sub(r"\x1b\[(\?25[hl]|[0-9;]*m)", "", shown.replace("\r\n", "\n"))
    for line in plain.split("\n"):
        while line.startswith(("\r\x1b[1A\x1b[2K", "\x1b[1A\x1b[2K")):
            line = line.partition("\x1b[2K")[2]  # noqa: PLW2901
            lines.pop()
        lines.append(line.rpartition("\x1b[2K")[2])
    return "\n".join(lines)
