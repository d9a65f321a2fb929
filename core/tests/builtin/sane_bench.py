"""SANE's test backend, used from processes of its own, and devices that nobody has here."""

from __future__ import annotations

import base64
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import pytest

from flatbed.builtin.sane.options import Kind, Option, Taken, Value

LIMIT_S = 10
_FUTEX = {"x86_64": 202, "aarch64": 98}
_CHILD = Path(__file__).with_name("sane_child.py")


@dataclass(frozen=True)
class Picture:
    """What scanimage made: raw samples below a PNM header."""

    magic: str
    size_px: tuple[int, int]
    samples: bytes


class SaneBench:
    """The test backend with a configuration of its own.

    The backend kills its reader thread wherever that is, which then takes a lock along and leaves
    its process waiting, about once in a hundred broken-off pages. Nothing is tried twice: such a
    test is reported as an expected failure, and every other way to hang fails.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.configure_backends("test")
        self._environment = os.environ | {"SANE_CONFIG_DIR": str(folder)}

    def configure_backends(self, *names: str) -> None:
        """Write dll.conf: the backends that there are."""
        (self._folder / "dll.conf").write_text("\n".join(names) + "\n")

    def configure(self, *lines: str) -> None:
        """Write the backend's test.conf."""
        (self._folder / "test.conf").write_text("\n".join(lines) + "\n")

    def ask(self, action: str, *, python: str = sys.executable, **request: Any) -> dict[str, Any]:
        """Let a fresh process do one of the actions of sane_child.py."""
        text = json.dumps({"action": action} | request)
        done = self.run([python, str(_CHILD)], text.encode())
        assert done.returncode == 0, done.stderr.decode()
        answer: dict[str, Any] = json.loads(done.stdout)
        for page in answer.get("pages", ()):
            page["rows"] = base64.b64decode(page["rows"])
        return answer

    def trace(self, action: str, **request: Any) -> list[str]:
        """The calls that one of the actions made to the backend."""
        text = json.dumps({"action": action} | request)
        self._environment["SANE_DEBUG_TEST"] = "2"
        done = self.run([sys.executable, str(_CHILD)], text.encode())
        assert done.returncode == 0, done.stderr.decode()
        return re.findall(r"\[test\] (sane_\w+):? ?", done.stderr.decode())

    def scanimage(self, **options: Any) -> Picture:
        """What scanimage makes with the same options."""
        flags = [
            f"-{name}{value}" if len(name) == 1 else f"--{name.replace('_', '-')}={value}"
            for name, value in options.items()
        ]
        done = self.run(["scanimage", "-d", "test:0", "--format=pnm", *flags])
        assert done.returncode == 0, done.stderr.decode()
        magic, _, size, rest = done.stdout.split(b"\n", 3)
        if magic != b"P4":
            _, rest = rest.split(b"\n", 1)
        width, height = size.split()
        return Picture(magic.decode(), (int(width), int(height)), rest)

    def run(self, command: list[str], text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a program with the bench's backend and a time limit."""
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=pipe, env=self._environment
        ) as process:
            try:
                output, errors = process.communicate(text, timeout=LIMIT_S)
            except subprocess.TimeoutExpired:
                is_in_lock = _waits_for_a_lock(process.pid)
                process.kill()
                _say_hung(command[0], is_in_lock=is_in_lock)
        return subprocess.CompletedProcess(command, process.returncode, output, errors)


def _waits_for_a_lock(pid: int) -> bool:
    """Whether the process's main thread is in the kernel's wait for a lock, a futex."""
    path = Path(f"/proc/{pid}/syscall")
    return path.exists() and path.read_text().split()[0] == str(_FUTEX.get(platform.machine()))


def _say_hung(program: str, *, is_in_lock: bool) -> NoReturn:
    sentence = f"{program} hung for {LIMIT_S} s in SANE's test backend"
    if is_in_lock:
        pytest.xfail(f"{sentence}, waiting for a lock of a reader thread that was killed.")
    pytest.fail(f"{sentence}.")


class ImaginaryOptions:
    """The options of a device that nobody has here.

    Args:
        values: By name: a value, its choices (a list, a range or `None`) and, if any, its unit.
        active_when: By name: the option and the value that bring it to life.
    """

    def __init__(
        self,
        values: dict[str, tuple[Any, ...]],
        *,
        active_when: dict[str, tuple[str, Value]] | None = None,
    ) -> None:
        self._described = {name: (*parts, "", "")[:3] for name, parts in values.items()}
        self._values = {name: parts[0] for name, parts in values.items()}
        self._active_when = active_when or {}
        self.written: list[tuple[str, Value]] = []

    def __iter__(self) -> Iterator[Option]:
        return iter([self._option(name) for name in self._values])

    def find(self, *names: str) -> Option | None:
        known = (self._option(name) for name in names if name in self._values)
        return next((option for option in known if option.is_active), None)

    find_sensor = find

    def read(self, name: str) -> Value:
        value: Value = self._values[name]
        return value

    def write(self, name: str, value: Value) -> Taken:
        self.written.append((name, value))
        self._values[name] = value
        return Taken(value=value)

    def _option(self, name: str) -> Option:
        _, choices, unit = self._described[name]
        kinds: dict[type, Kind] = {bool: "bool", int: "int", float: "fixed", str: "string"}
        cause, needed = self._active_when.get(name, ("", None))
        return Option(
            index=0,
            name=name,
            title=name,
            kind=kinds[type(self._values[name])],
            unit=unit,
            choices=tuple(choices) if isinstance(choices, list) else choices or None,
            is_active=not cause or self._values[cause] == needed,
        )
