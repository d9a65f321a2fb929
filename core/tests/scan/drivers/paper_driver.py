"""A driver without a device: what it does stands in `script.json`, which tests write.

`list`, `capabilities` and `scans` (one for each attempt) are lists of steps; a step is a list of a
function's name below, without `do_`, and its arguments. What it did it appends to `notes`.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path
from typing import Any

from flatbed import errors
from flatbed.addon import PageSink, ScanSettings, hookimpl
from flatbed.errors import ScanCanceledError

_folder = Path()
_lines: list[int] = []


@hookimpl
def start(config: dict[str, Any]) -> None:
    """Find the script."""
    global _folder  # noqa: PLW0603 - a worker has one driver
    _folder = Path(config["folder"])


@hookimpl
def list_scanners() -> Any:
    """What the script says, true or not."""
    script = _read_script()
    _note("list")
    _carry_out(script.get("list", []))
    return script.get("scanners", [{"id": "paper:0", "name": "Office"}])


@hookimpl
def get_capabilities(scanner_id: str) -> Any:
    """What the script says, true or not."""
    script = _read_script()
    _note(f"capabilities of {scanner_id}")
    _carry_out(script.get("ask", []))
    return script.get("capabilities", {"sources": ["feeder"], "dpi": [150, 300]})


@hookimpl
def acquire_pages(scanner_id: str, settings: ScanSettings, out: PageSink) -> None:
    """The steps of this attempt."""
    _note(f"scan {out.attempt} on {scanner_id} at {settings.dpi} dpi")
    _carry_out(_read_script()["scans"][out.attempt - 1], out)


def _read_script() -> dict[str, Any]:
    script: dict[str, Any] = json.loads((_folder / "script.json").read_text())
    return script


def _note(text: str) -> None:
    with (_folder / "notes").open("a") as notes:
        notes.write(text + "\n")


def _carry_out(steps: list[list[Any]], *out: PageSink) -> None:
    for name, *arguments in steps:
        globals()[f"do_{name}"](*out, *arguments)


def do_open(out: PageSink) -> None:
    """Say that the device is open."""
    out.device_opened()


def do_page(out: PageSink, value: int = 0) -> None:
    """Feed a sheet whose pixels are all of one value."""
    with out.new_page(size_px=(4, 3), dpi=(300, 300), mode="L", bits=8) as page:
        _note("fed")
        page.write_rows(bytes([value]) * 12)


def do_half_a_page(out: PageSink, gate: str) -> None:
    """Feed a sheet and stop at a gate in its middle."""
    with out.new_page(size_px=(4, 3), dpi=(300, 300), mode="L", bits=8) as page:
        _note("fed")
        page.write_rows(bytes(8))
        _stop_at(gate)
        page.write_rows(bytes(4))


def do_obey_in_a_page(out: PageSink, gate: str) -> None:
    """Feed a sheet, come to a gate in its middle, and wait for a cancel there."""
    with out.new_page(size_px=(4, 3), dpi=(300, 300), mode="L", bits=8) as page:
        page.write_rows(bytes(8))
        _visit(gate)
        do_obey(out)


def do_warn(out: PageSink, message: str) -> None:
    """Say something that is no fault."""
    out.warn(message)


def do_raise(*arguments: Any) -> None:
    """Raise an error of the tree by its class's name."""
    raise getattr(errors, arguments[-1])


def do_bug(*_: Any) -> None:
    """Fail as drivers do."""
    raise ZeroDivisionError("the lamp")


def do_exit(*_: Any) -> None:
    """Die without a word."""
    os._exit(1)


def do_gate(*arguments: Any) -> None:
    """Come to a gate and wait until it is opened."""
    _stop_at(arguments[-1])


def do_visit(*arguments: Any) -> None:
    """Come to a gate and go on."""
    _visit(arguments[-1])


def do_obey(out: PageSink) -> None:
    """Wait for a cancel, and hear it."""
    while True:
        out.check_canceled()
        out.next_command(0.01)


def do_hang(*_: Any) -> None:
    """Hear nothing any more."""
    threading.Event().wait()


def do_hear_sigterm(*_: Any) -> None:
    """Hear a SIGTERM from now on, even where nothing else is heard."""

    def end(*_: object) -> None:
        raise ScanCanceledError

    signal.signal(signal.SIGTERM, end)


def do_ignore_sigterm(*_: Any) -> None:
    """Hear not even a SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def do_hold(*arguments: Any) -> None:
    """Hold a life line as long as the process lives."""
    _lines.append(os.open(arguments[-1], os.O_WRONLY))


def _visit(gate: str) -> None:
    with Path(f"{gate}.here").open("wb", buffering=0) as here:
        here.write(b"x")


def _stop_at(gate: str) -> None:
    _visit(gate)
    with Path(f"{gate}.go").open("rb", buffering=0) as go:
        go.read(1)
