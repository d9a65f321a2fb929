"""The parent's end of one worker."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from flatbed import system
from flatbed.errors import (
    AddonMemoryError,
    FlatbedError,
    InternalError,
    ResultInvalidError,
    WorkerGarbledError,
)
from flatbed.runtime import faults, protocol
from flatbed.runtime.addons import Addon
from flatbed.runtime.allowance import Allowance
from flatbed.runtime.child import Child
from flatbed.runtime.typed_results import WrongResultError, is_progress

log = structlog.get_logger("flatbed.worker")

STOP_S = 2
"""How long a worker may take to end by itself."""

CANCEL_S = 2
"""How long a call that nobody waits for any more may take to end by itself."""

_DRAIN_S = 0.5
"""What a worker wrote before it died is read for that long; its children may hold the pipe open."""

_ANSWERS = {"result", "error", "crash"}
_PRINTED_CHARS = 16 << 10

OnItem = Callable[[dict[str, Any]], None]
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class WorkerSite:
    """Where workers live: folders of theirs, and the environment that they may see."""

    dump_folder: Path
    state_folder: Path
    environment: dict[str, str]


class WorkerProcess:
    """One worker, from its start to its end.

    Attributes:
        addon: What it runs.
        calls: How many calls it was given.
        is_spent: It should be given no further call: it has left processes behind, or no memory.
        has_answered: The last call that was begun has ended...
        failure: ... by this error, where it ended by one that has a name.
        on_journal: Called when the journal of its scan has grown.
    """

    def __init__(self, addon: Addon, child: Child, dump: Path) -> None:
        self.addon = addon
        self.calls = 0
        self.is_spent = False
        self.has_answered = False
        self.failure: FlatbedError | None = None
        self.on_journal: Callable[[], None] = lambda: None
        self._child, self._dump = child, dump
        self._result: asyncio.Future[Any] | None = None
        self._on_item: OnItem = lambda _: None
        self._on_progress: OnProgress = lambda *_: None
        self._error: FlatbedError | None = None
        self._is_killed = False
        self._is_loaded = False
        self._allowance = Allowance()
        self._receiver = asyncio.create_task(self._receive())
        self._receiver.add_done_callback(self._note_end_of_receiving)
        self._end = asyncio.create_task(self._wait_for_end())

    @classmethod
    async def start(
        cls, addon: Addon, site: WorkerSite, preload: Sequence[str] = ()
    ) -> WorkerProcess:
        """Start a worker; it gets ready while the first call is on its way.

        Args:
            addon: What it is to run.
            site: Where.
            preload: Modules that its first call will want.
        """
        dump = site.dump_folder / f"{addon.name}-{os.getpid()}-{os.urandom(4).hex()}.txt"
        state = system.own_folder(site.state_folder / addon.name)
        environment = {**site.environment, system.WORKER_MARK: secrets.token_hex(16)}
        worker = cls(addon, await Child.start(_command(addon, dump), environment), dump)
        config = {**addon.config, "state_dir": str(state)}
        worker._send({"type": "start", "config": config, "preload": list(preload)})
        return worker

    @property
    def identity(self) -> system.ProcessIdentity:
        """Its process."""
        return self._child.identity

    @property
    def is_alive(self) -> bool:
        """Whether the process is there and hears us."""
        # A killed process is there for a moment more, but takes no call.
        is_unfit = self._is_killed or self._error is not None
        return not (is_unfit or self._child.ended.done() or self._receiver.done())

    async def call(
        self,
        hook: str,
        arguments: dict[str, Any],
        *,
        timeout_s: float,
        out: dict[str, Any] | None = None,
        on_item: OnItem | None = None,
        on_progress: OnProgress | None = None,
    ) -> Any:
        """Run a hook and wait for its result.

        A caller that is cancelled asks the hook to end; one that does not hear it is killed.

        Args:
            hook: Its name.
            arguments: JSON values and types of the seam.
            timeout_s: Beyond this the worker and its children are killed.
            out: Where the hook's sink writes, see `flatbed.runtime.worker`.
            on_item: Takes what the sink finishes.
            on_progress: Takes how far the hook says that it is: done, of how many.

        Raises:
            WorkerTimeoutError: If it took too long.
            WorkerCrashedError: If the worker died, or the add-on raised something of its own.
            FlatbedError: As the hook raised it.
        """
        self._result = asyncio.get_running_loop().create_future()
        self._on_item = on_item or (lambda _: None)
        self._on_progress = on_progress or (lambda *_: None)
        if self._error is not None:
            raise self._error
        try:
            self.begin(hook, arguments, out=out)
            async with asyncio.timeout(timeout_s):
                return await self._result
        except TimeoutError as error:
            self.kill()
            raise faults.too_slow(self.addon, timeout_s) from error
        except asyncio.CancelledError:
            # Whoever waited is gone; what the hook does now is of no use to anybody.
            await self._end_call()
            raise
        finally:
            self._result = None

    def begin(
        self, hook: str, arguments: dict[str, Any], *, out: dict[str, Any] | None = None
    ) -> None:
        """Start a call without waiting for it: a scan tells by its journal how it goes."""
        self.calls += 1
        self.has_answered, self.failure = False, None
        message = {"type": "call", "id": self.calls, "hook": hook, "arguments": arguments}
        self._send(message | ({"out": out} if out else {}))

    def cancel_call(self) -> None:
        """Ask the running call to end."""
        self._send({"type": "cancel", "id": self.calls})

    def stop_feeding(self, why: FlatbedError) -> None:
        """Let the running scan finish its sheet, and end by an error before the next."""
        self._send({"type": "stop", "id": self.calls, "error": why.to_wire()})

    def send_command(self, command: dict[str, Any]) -> None:
        """Hand a command to the running call."""
        self._send({"type": "command", "id": self.calls, "command": command})

    async def _end_call(self) -> None:
        self._result = asyncio.get_running_loop().create_future()
        try:
            if not self.has_answered:
                self.cancel_call()
                await asyncio.wait([self._result], timeout=CANCEL_S)
        finally:
            if not self.has_answered:
                self.kill()
            elif self._result.done():
                self._result.exception()  # that of the cancel: nobody asks

    async def stop(self) -> None:
        """End the worker: by itself if it is idle, else by force."""
        self._child.close_input()
        if not await self._child.wait(STOP_S):
            self.kill()
            await self._child.wait(STOP_S)
        await asyncio.wait([self._end], timeout=STOP_S)

    def kill(self) -> None:
        """End the worker and its children at once."""
        self._is_killed = True
        self._child.kill()

    def detach(self) -> None:
        """Leave a scan to itself: it goes on when this process ends."""
        self._end.cancel()
        self._receiver.cancel()
        self._child.release()

    async def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the worker is gone and its last word was heard; whether it came in time."""
        done, _ = await asyncio.wait([self._end], timeout=timeout_s)
        return bool(done)

    @property
    def error(self) -> FlatbedError | None:
        """Why the worker cannot be used; `None` while it can."""
        return self._error

    def _send(self, message: protocol.Message) -> None:
        self._child.write(protocol.pack(message))

    async def _receive(self) -> None:
        try:
            if not await self._skip_to_mark():
                return
            while (received := await protocol.receive(self._child.output)) is not None:
                self._take(received[0])
        except WorkerGarbledError:
            self._cut_off(faults.fault(self.addon, WorkerGarbledError))
        except WrongResultError as error:
            self._cut_off(faults.fault(self.addon, ResultInvalidError, error))

    def _note_end_of_receiving(self, receiver: asyncio.Task[None]) -> None:
        """A fault of ours in taking a message must not leave the caller waiting."""
        if not receiver.cancelled() and (error := receiver.exception()) is not None:
            log.error("receiving ended", addon=self.addon.name, exc_info=error)
            self._cut_off(InternalError())

    async def _skip_to_mark(self) -> bool:
        """Leave out what was printed before the worker could move its pipe away."""
        try:
            await self._child.output.readuntil(self._child.mark.encode())
        except (EOFError, ConnectionError):
            return False
        except asyncio.LimitOverrunError as error:
            raise WorkerGarbledError from error
        return True

    def _cut_off(self, error: FlatbedError) -> None:
        self._error = error
        self.kill()

    async def _wait_for_end(self) -> None:
        await asyncio.wait([self._child.ended])
        await asyncio.wait([self._receiver], timeout=_DRAIN_S)
        self._receiver.cancel()
        self._child.release()
        self._fail(self._error or faults.crash(self.addon, is_loaded=self._is_loaded))
        self._is_killed = True
        # What it started would go on without it; looking for it takes a while.
        await asyncio.to_thread(self._child.kill)
        self._drop_empty_dump()

    def _take(self, message: protocol.Message) -> None:
        # Libraries of an add-on can get at the pipe: what is not ours must not end the receiving.
        kind, value = str(message.get("type")), message.get("value")
        if kind == "item" and isinstance(value, dict):
            self._on_item(value)  # counted there
            return
        self._allowance.spend()
        if kind == "progress" and is_progress(value):
            self._on_progress(*value)
        elif kind == "journal":
            self.on_journal()
        elif kind == "log":
            text = str(message.get("text"))[:_PRINTED_CHARS]
            log.debug("printed", addon=self.addon.name, text=text)
        elif kind == "ready":
            self._is_loaded = True
        elif kind == "unloadable":
            self._fail(self._told_fault(message))
        elif kind in _ANSWERS and message.get("id") == self.calls:
            self._take_answer(kind, message)

    def _take_answer(self, kind: str, message: protocol.Message) -> None:
        self.has_answered = True
        self.failure = faults.told_error(self.addon, message) if kind == "error" else None
        error = self._told_fault(message) if kind == "crash" else self.failure
        self.is_spent |= bool(message.get("has_left")) or isinstance(error, AddonMemoryError)
        if self._result is None or self._result.done():
            return
        if error is None:
            self._result.set_result(message.get("value"))
        else:
            self._result.set_exception(error)

    def _fail(self, error: FlatbedError) -> None:
        self._error = error
        if self._result is not None and not self._result.done():
            self._result.set_exception(error)

    def _told_fault(self, message: protocol.Message) -> FlatbedError:
        cause, trace = (str(message.get(key))[:4000] for key in ("message", "trace"))
        log.warning("addon failed", addon=self.addon.name, cause=cause, trace=trace)
        return faults.told_fault(self.addon, message)

    def _drop_empty_dump(self) -> None:
        try:
            if self._dump.stat().st_size == 0:
                self._dump.unlink()
        except FileNotFoundError:
            return


def _command(addon: Addon, dump: Path) -> list[str]:
    # What is sealed was compiled before; what a worker writes there would break the seal.
    options = ["-B"] if addon.seal is not None else []
    command = [sys.executable, *options, "-m", "flatbed.runtime.worker", "--module", addon.module]
    command += ["--memory-mb", str(addon.manifest.memory_mb), "--dump", str(dump)]
    for path in addon.paths:
        command += ["--path", path]
    return command
