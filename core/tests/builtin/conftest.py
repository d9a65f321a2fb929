"""SANE's test backend, driven from processes of its own, and devices that nobody has here."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from flatbed.addon import Range
from flatbed.builtin.sane.options import Kind, Option, Taken, Value

LIMIT_S = 20
_CHILD = Path(__file__).with_name("sane_child.py")


@dataclass(frozen=True)
class Picture:
    """What scanimage made: raw samples below a PNM header."""

    magic: str
    size_px: tuple[int, int]
    samples: bytes


class SaneBench:
    """The test backend with a configuration of its own.

    Nothing is ever tried twice: where the backend hangs, the test fails and says so.
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
        done = self._run([python, str(_CHILD)], text.encode())
        assert done.returncode == 0, done.stderr.decode()
        answer: dict[str, Any] = json.loads(done.stdout)
        for page in answer.get("pages", ()):
            page["rows"] = base64.b64decode(page["rows"])
        return answer

    def scanimage(self, **options: Any) -> Picture:
        """What scanimage makes with the same options."""
        flags = [
            f"-{name}{value}" if len(name) == 1 else f"--{name.replace('_', '-')}={value}"
            for name, value in options.items()
        ]
        done = self._run(["scanimage", "-d", "test:0", "--format=pnm", *flags], b"")
        assert done.returncode == 0, done.stderr.decode()
        magic, _, size, rest = done.stdout.split(b"\n", 3)
        if magic != b"P4":
            _, rest = rest.split(b"\n", 1)
        width, height = size.split()
        return Picture(magic.decode(), (int(width), int(height)), rest)

    def _run(self, command: list[str], text: bytes) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                command,
                input=text,
                capture_output=True,
                timeout=LIMIT_S,
                env=self._environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            pytest.fail(f"{command[0]} hung for {LIMIT_S} s in SANE's test backend.")


@pytest.fixture
def sane_bench(tmp_path: Path) -> SaneBench:
    """SANE's test backend; the test is skipped where SANE is not installed."""
    if shutil.which("scanimage") is None:
        pytest.skip("scanimage and libsane are not installed (apt install sane-utils)")
    return SaneBench(tmp_path)


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


@pytest.fixture
def imagine() -> Callable[..., ImaginaryOptions]:
    """Makes the options of a device that nobody has here."""
    return ImaginaryOptions


@pytest.fixture
def any_dpi() -> Range:
    """A resolution from 75 to 1200 dpi."""
    return Range(minimum=75, maximum=1200, step=1)
