"""A child process with pipes, which is left running when this process ends.

asyncio's own subprocesses are killed with their event loop; a scan must go on.
"""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

from flatbed import system

# More than the messages of a page; a worker that floods its pipe waits, main does not grow.
_BUFFER_BYTES = 1 << 20


class Child:
    """One process in a session of its own.

    Attributes:
        identity: Which process.
        mark: By which what it started is found, see `flatbed.system.WORKER_MARK`.
        output: What it writes to its standard output.
        ended: Done once the process is gone and reaped.
    """

    def __init__(self, process: subprocess.Popen[bytes], mark: str) -> None:
        loop = asyncio.get_running_loop()
        self.identity = system.ProcessIdentity.of(process.pid)
        self.mark = mark
        self.output = asyncio.StreamReader(_BUFFER_BYTES)
        self.ended: asyncio.Future[None] = loop.create_future()
        self._process = process
        self._input: asyncio.WriteTransport | None = None
        self._reading: asyncio.ReadTransport | None = None
        threading.Thread(target=self._reap, args=(loop,), daemon=True, name="reaper").start()

    @classmethod
    async def start(cls, command: Sequence[str], environment: dict[str, str]) -> Child:
        """Start a program; its standard error is not kept."""
        process = subprocess.Popen(  # noqa: ASYNC220 - asyncio's own would be killed with the loop
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,
        )
        child = cls(process, environment.get(system.WORKER_MARK, ""))
        await child._connect()
        return child

    def write(self, data: bytes) -> None:
        """Send bytes to its standard input; nothing if it is closed."""
        if self._input is not None and not self._input.is_closing():
            self._input.write(data)

    def close_input(self) -> None:
        """Let the process see the end of its standard input."""
        if self._input is not None:
            self._input.close()

    def kill(self) -> None:
        """End the process and its children at once, also those that left its group."""
        system.kill_family(self.identity, self.mark)

    def release(self) -> None:
        """Close the pipes without touching the process."""
        self.close_input()
        if self._reading is not None:
            self._reading.close()

    async def wait(self, timeout_s: float) -> bool:
        """Wait for its end; whether it came in time."""
        done, _ = await asyncio.wait([self.ended], timeout=timeout_s)
        return bool(done)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        protocol = asyncio.StreamReaderProtocol(self.output)
        self._reading, _ = await loop.connect_read_pipe(lambda: protocol, self._process.stdout)
        self._input, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, self._process.stdin)

    def _reap(self, loop: asyncio.AbstractEventLoop) -> None:
        self._process.wait()
        try:
            loop.call_soon_threadsafe(self._say_ended)
        except RuntimeError:
            return  # the loop was closed meanwhile: nobody waits any more

    def _say_ended(self, *_: Any) -> None:
        if not self.ended.done():
            self.ended.set_result(None)
