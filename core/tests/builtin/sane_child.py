"""One use of a driver for SANE in a process of its own: a request on stdin, an answer on stdout.

libsane serves one job a process, and its test backend hangs now and then, so that no test calls it
by itself.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flatbed.addon import ScanSettings
from flatbed.addon.testing import MemorySink
from flatbed.builtin import pyinsane2, sane
from flatbed.builtin.sane import libsane
from flatbed.builtin.sane.options import DeviceOptions
from flatbed.builtin.sane.reader import PageReader
from flatbed.errors import FlatbedError

DRIVERS: dict[str, Any] = {"sane": sane, "pyinsane2": pyinsane2}


def scan(request: dict[str, Any]) -> dict[str, Any]:
    """Scan with the hook."""
    sink = MemorySink(**request.get("sink", {}))
    settings = ScanSettings(**request.get("settings", {}))
    acquire_pages = _driver(request).acquire_pages
    return _record(sink, lambda: acquire_pages(scanner_id="test:0", settings=settings, out=sink))


def scan_raw(request: dict[str, Any]) -> dict[str, Any]:
    """Scan one page after setting nothing but the named options."""
    sink = MemorySink()

    def read() -> None:
        with libsane.open_device("test:0") as device:
            options = DeviceOptions(device)
            for name, value in request["options"].items():
                options.write(name, value)
            PageReader(device, sink).read_page((100.0, 100.0))

    return _record(sink, read)


def scan_and_terminate(request: dict[str, Any]) -> dict[str, Any]:
    """Scan, then send SIGTERM to this process, which handles it."""
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    answer = scan(request)
    os.kill(os.getpid(), signal.SIGTERM)
    return answer | {"heard": heard}


def use_options(request: dict[str, Any]) -> dict[str, Any]:
    """Write options in turn, and say what became of them."""
    with libsane.open_device("test:0") as device:
        options = DeviceOptions(device)
        taken = [_write(options, name, value) for name, value in request["writes"]]
        return {
            "taken": taken,
            "values": {name: options.read(name) for name in request.get("reads", ())},
            "options": {option.name: asdict(option) for option in options},
        }


def list_scanners(request: dict[str, Any]) -> dict[str, Any]:
    """List with the hook, after starting with a configuration."""
    driver = _driver(request)
    driver.start(config=request.get("config", {}))
    return {"scanners": [asdict(scanner) for scanner in driver.list_scanners()]}


def get_capabilities(request: dict[str, Any]) -> dict[str, Any]:
    """Ask with the hook."""
    name = request.get("name", "test:0")
    return asdict(_driver(request).get_capabilities(scanner_id=name))


def describe_environment(request: dict[str, Any]) -> dict[str, Any]:
    """Ask with the hook."""
    return dict(_driver(request).describe_environment())


def _driver(request: dict[str, Any]) -> Any:
    return DRIVERS[request.get("driver", "sane")]


def _write(options: DeviceOptions, name: str, value: Any) -> dict[str, Any]:
    try:
        return asdict(options.write(name, value))
    except FlatbedError as error:
        return error.to_wire()


def _record(sink: MemorySink, work: Callable[[], None]) -> dict[str, Any]:
    error = None
    try:
        work()
    except FlatbedError as raised:
        error = raised.to_wire()
    pages = [
        asdict(page) | {"rows": base64.b64encode(page.rows).decode()} for page in sink.finished
    ]
    return {
        "pages": pages,
        "warnings": sink.warnings,
        "discarded": sink.discarded,
        "is_open": sink.is_open,
        "error": error,
    }


ACTIONS = {
    action.__name__: action
    for action in (
        scan,
        scan_raw,
        scan_and_terminate,
        use_options,
        list_scanners,
        get_capabilities,
        describe_environment,
    )
}

if __name__ == "__main__":
    wanted = json.load(sys.stdin)
    try:
        result = ACTIONS[wanted["action"]](wanted)
    except FlatbedError as failure:
        result = {"error": failure.to_wire()}
    json.dump(result, sys.stdout)
