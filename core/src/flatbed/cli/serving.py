"""The service as a process: ready when it says so, and ended by a signal."""

from __future__ import annotations

import asyncio
import os
import sys

from flatbed import logs, system
from flatbed.cli.interrupts import let_interruptions_kill, on_interruption
from flatbed.cli.own_service import READY
from flatbed.config import Config
from flatbed.errors import FolderError
from flatbed.service import Service

_LOG_NAME = "flatbed.log"
_STDIN = 0


async def serve(config: Config) -> None:
    """Run the service until SIGINT, SIGTERM or SIGHUP; scans that run are left to their workers.

    Raises:
        FlatbedError: If it cannot start.
    """
    stop = asyncio.Event()
    on_interruption(stop.set)
    service = await _start(config)
    await stop.wait()
    await _stop(service)


async def serve_caller(config: Config) -> None:
    """The same for the process at the other end of the standard input, and not longer.

    Each line from it names a job that is cancelled if that process dies without ending us.
    """
    stop = asyncio.Event()
    on_interruption(stop.set)
    jobs = _Lines(stop)
    service = await _start(config)
    await stop.wait()
    if jobs.has_ended:
        for uid in jobs.lines:
            await service.cancel_job(uid)
    await _stop(service)


async def _start(config: Config) -> Service:
    level = logs.LogLevel(config.log_level)
    service = Service(config, level)
    _log_to(config, level)
    await service.start()
    _tell(f"{READY}{service.url}")
    return service


async def _stop(service: Service) -> None:
    # Whoever asks once more does not want to wait for connections and workers.
    let_interruptions_kill()
    await service.stop()


def _tell(line: str) -> None:
    try:
        print(line, flush=True)  # noqa: T201 - it minds that there may be no standard output
    except BrokenPipeError:
        # Python would try again, and complain, when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_to(config: Config, level: logs.LogLevel) -> None:
    folder = system.own_folder(config.data_dir / "log")
    try:
        logs.configure(level, style=config.log_format, file=folder / _LOG_NAME)
    except OSError as error:
        raise FolderError.of(folder, f"cannot be used ({error.strerror})") from error


class _Lines:
    """The lines of the standard input as they come.

    Attributes:
        has_ended: The other end was closed.
    """

    def __init__(self, ended: asyncio.Event) -> None:
        self._text = bytearray()
        self._ended = ended
        self.has_ended = False
        asyncio.get_running_loop().add_reader(_STDIN, self._take)

    @property
    def lines(self) -> list[str]:
        return self._text.decode("utf-8", "replace").split()

    def _take(self) -> None:
        piece = os.read(_STDIN, 4096)
        self._text += piece
        if not piece:
            asyncio.get_running_loop().remove_reader(_STDIN)
            self.has_ended = True
            self._ended.set()
