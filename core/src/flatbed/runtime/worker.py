"""The child: loads one add-on and runs its hooks, one call at a time, until it is told to stop.

Started as `python -m flatbed.runtime.worker`; talks over its standard input and output, which are
moved away first, because libraries print. The main thread runs the hooks; a second one listens.
"""

from __future__ import annotations

import argparse
import faulthandler
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pluggy

from flatbed import system
from flatbed.addon import hookspecs
from flatbed.addon.types import PageFile, Request, Response, ScanSettings, SourcePage, StoredFile
from flatbed.errors import (
    AddonMemoryError,
    AddonUnloadableError,
    FlatbedError,
    ResultInvalidError,
    WorkerCrashedError,
    from_wire,
)
from flatbed.runtime import chatter, protocol
from flatbed.runtime.watch import CallWatch, DeviceLimits

_SCANNING_HOOKS = {"acquire_pages", "preview_frames"}
_OPTIONAL_HOOKS = {"describe_environment"}


class Pipe:
    """The worker's end of the pipe to the main process, which may be gone."""

    def __init__(self, output: IO[bytes]) -> None:
        self._output = output
        self._lock = threading.Lock()
        self._is_broken = False

    def send(self, message: protocol.Message, body: bytes = b"") -> None:
        """Send a message; nothing if the main process is gone."""
        self.write(protocol.pack(message, body))

    def write(self, data: bytes) -> None:
        """Send bytes that are no message: the mark that messages begin after."""
        with self._lock:
            if self._is_broken:
                return
            try:
                self._output.write(data)
                self._output.flush()
            except OSError:
                self._is_broken = True


@dataclass(frozen=True)
class _Call:
    id: int
    hook: str
    arguments: dict[str, Any]
    out: dict[str, Any] | None
    watch: CallWatch

    @property
    def is_scan(self) -> bool:
        return self.out is not None and bool(self.out.get("is_job"))


class Worker:
    """One add-on in this process."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._calls: queue.SimpleQueue[_Call | None] = queue.SimpleQueue()
        self._current: _Call | None = None
        self._own_children = set[int]()
        self._hooks = pluggy.PluginManager("flatbed")
        self._hooks.add_hookspecs(hookspecs)

    def load(self, module: str, config: dict[str, Any], preload: Sequence[str]) -> None:
        """Import the add-on, and what its first call will want, and let it get ready."""
        self._hooks.register(importlib.import_module(module))
        for name in preload:
            importlib.import_module(name)
        self._hooks.check_pending()
        self._hooks.hook.start(config=config)
        # What `start` started stays as long as the worker does.
        self._own_children = system.own_children()
        self._pipe.send({"type": "ready"})

    def run(self) -> None:
        """Carry out calls until there are no more."""
        while (call := self._calls.get()) is not None:
            self._answer(call)
        self._hooks.hook.stop()

    def listen(self, stream: IO[bytes]) -> None:
        """Take messages from main, in a thread of its own, until main closes the pipe or dies."""
        try:
            while (received := protocol.read(stream)) is not None:
                self._take(received[0])
        except Exception as error:  # noqa: BLE001 - the worker loop: deaf, it would wait for ever
            self._pipe.send({"type": "unloadable", **_describe(error)})
        if self._current is not None and not self._current.is_scan:
            # Nobody waits for the result, and the children of the call would go on without us.
            system.end_own_children()
            os.killpg(0, signal.SIGKILL)
        self._calls.put(None)

    def cancel(self, *_: object) -> None:
        """Ask the running call to end; also what SIGTERM does while a scan is running."""
        if self._current is not None:
            self._current.watch.cancel()

    def _take(self, message: protocol.Message) -> None:
        if message["type"] == "call":
            self._take_call(message)
        elif self._current is None or message["id"] != self._current.id:
            return  # the call has ended meanwhile
        elif message["type"] == "cancel":
            self._current.watch.cancel()
        elif message["type"] == "stop":
            self._current.watch.stop_feeding(from_wire(message["error"]))
        elif message["type"] == "command":
            self._current.watch.add_command(message["command"])

    def _take_call(self, message: protocol.Message) -> None:
        try:
            self._current = _to_call(message)
        except Exception as error:  # noqa: BLE001 - the worker loop: a call of another version
            self._pipe.send({"type": "crash", "id": message["id"], **_describe(error)})
        else:
            self._calls.put(self._current)

    def _answer(self, call: _Call) -> None:
        answer = self._try(call) | {"id": call.id}
        if system.own_children() - self._own_children:
            answer["has_left"] = True
        # The next call may come as soon as this one is answered.
        self._current = None
        try:
            self._pipe.send(answer)
        except (TypeError, ValueError, RecursionError) as error:
            told = _describe(error) | {"error": ResultInvalidError.name}
            self._pipe.send({"type": "crash", "id": call.id, **told})
        except (MemoryError, FlatbedError) as error:
            self._pipe.send({"type": "crash", "id": call.id, **_describe(error)})

    def _try(self, call: _Call) -> protocol.Message:
        try:
            value = self._carry_out(call)
            return {
                "type": "result",
                "value": _to_response(value) if call.hook == "handle_request" else value,
            }
        except FlatbedError as error:
            return {"type": "error", **error.to_wire()}
        except Exception as error:  # noqa: BLE001 - the worker loop: whatever an add-on does wrong
            return {"type": "crash", **_describe(error)}

    def _carry_out(self, call: _Call) -> Any:
        hook = getattr(self._hooks.hook, call.hook)
        if not hook.get_hookimpls():
            if call.hook in _OPTIONAL_HOOKS:
                return None
            raise LookupError(f"the manifest names {call.hook}, but there is no such hook")
        if call.out is None:
            return hook(**call.arguments)
        return self._call_with_sink(call, hook)

    def _call_with_sink(self, call: _Call, hook: Any) -> Any:
        # Codecs and ciphers are slow to load, and many calls need none.
        from flatbed.runtime.scanning import run_scan  # noqa: PLC0415
        from flatbed.runtime.sink import SpoolSink  # noqa: PLC0415

        spool = _to_spool(call.out or {})
        if call.is_scan:
            signal.signal(signal.SIGTERM, self.cancel)
            run_scan(spool, call.watch, self._wake, lambda out: hook(**call.arguments, out=out))
            return None
        sink = SpoolSink(
            spool,
            call.watch,
            lambda entry: self._pipe.send({"type": "item", "value": entry}),
            lambda done, total: self._pipe.send({"type": "progress", "value": [done, total]}),
        )
        value = hook(**call.arguments, out=sink)
        sink.close()
        return value

    def _wake(self) -> None:
        self._pipe.send({"type": "journal"})


def _to_call(message: protocol.Message) -> _Call:
    arguments, hook = dict(message["arguments"]), message["hook"]
    if "page" in arguments:
        arguments["page"] = _to_page(arguments["page"])
    if "pages" in arguments:
        arguments["pages"] = tuple(_to_page(each) for each in arguments["pages"])
    if hook == "load_document":
        arguments["file"] = protocol.build(StoredFile, arguments["file"])
    if hook == "handle_request":
        arguments["request"] = Request(**arguments["request"])
    if hook in _SCANNING_HOOKS:
        arguments["settings"] = protocol.build(ScanSettings, arguments["settings"])
    limits = (message.get("out") or {}).get("limits")
    watch = CallWatch(DeviceLimits(**limits) if limits else None)
    return _Call(message["id"], hook, arguments, message.get("out"), watch)


def _to_page(data: dict[str, Any]) -> PageFile:
    source = data.get("source")
    if source is not None:
        file = protocol.build(StoredFile, source["file"])
        source = protocol.build(SourcePage, source | {"file": file})
    return protocol.build(PageFile, data | {"source": source})


def _to_response(value: Any) -> Response:
    return value if isinstance(value, Response) else Response(value=value)


def _to_spool(out: dict[str, Any]) -> Any:
    from flatbed.runtime.sink import Spool  # noqa: PLC0415 - see above

    return Spool(
        folder=Path(out["folder"]),
        key=bytes.fromhex(out["key"]),
        sheet_floor_bytes=out.get("sheet_floor_bytes", 0),
        room_wait_s=out.get("room_wait_s", 0),
        wants_jpeg=out.get("wants_jpeg", False),
        pages=out.get("pages", 0),
        attempt=out.get("attempt", 1),
    )


def _describe(error: Exception) -> dict[str, Any]:
    trace = "".join(traceback.format_exception(error))[-4000:]
    text = f"{type(error).__name__}: {error}"[:500]
    return {"error": _name_of(error), "message": text, "trace": trace}


def _name_of(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return AddonMemoryError.name
    return error.name if isinstance(error, FlatbedError) else WorkerCrashedError.name


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", required=True, help="what the entry point names")
    parser.add_argument("--memory-mb", type=int, required=True, help="limit of its memory")
    parser.add_argument("--dump", type=Path, required=True, help="file for traces of a crash")
    parser.add_argument("--path", action="append", default=[], help="folder of modules")
    return parser.parse_args()


def main() -> None:
    """Run the worker; what the parent starts."""
    options = _parse_arguments()
    source, output, printed = chatter.move_standard_streams()
    pipe = Pipe(output)
    pipe.write(os.environ.get(system.WORKER_MARK, "").encode())
    chatter.forward(printed, lambda text: pipe.send({"type": "log", "text": text}))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    system.limit_memory(options.memory_mb)
    system.disable_core_dumps()
    system.adopt_orphans()
    with options.dump.open("wb") as dump:
        faulthandler.enable(dump)
        try:
            _work(pipe, source, options)
        finally:
            # Of a scan that outlived main nobody else knows.
            system.end_own_children()
    options.dump.unlink(missing_ok=True)


def _work(pipe: Pipe, source: IO[bytes], options: argparse.Namespace) -> None:
    sys.path[:0] = options.path
    started = protocol.read(source)
    if started is None:
        return
    worker = Worker(pipe)
    try:
        worker.load(options.module, started[0]["config"], started[0]["preload"])
    except Exception as error:  # noqa: BLE001 - the worker loop: an add-on that cannot be loaded
        told = _describe(error)
        if told["error"] == WorkerCrashedError.name:
            told["error"] = AddonUnloadableError.name
        pipe.send({"type": "unloadable", **told})
        return
    threading.Thread(target=worker.listen, args=(source,), daemon=True, name="listener").start()
    worker.run()


if __name__ == "__main__":
    main()
