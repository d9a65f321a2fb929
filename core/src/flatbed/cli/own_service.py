"""A service that one command starts for itself, and that ends with it, however it ends."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Self

from flatbed.cli.failures import ExitCode, ServiceUnavailableError
from flatbed.config import Config
from flatbed.ports import AlreadyRunningError

READY = "Flatbed is ready at "
"""What a service says on its standard output once it is, with its address."""

_START_S = 60.0
_STOP_S = 15.0


class OwnService:
    """A child process with a service on free ports.

    Attributes:
        url: Where it answers.
    """

    def __init__(self, process: Process, url: str) -> None:
        self._process = process
        self.url = url

    @classmethod
    async def start(cls, config: Config, config_file: Path | None) -> Self:
        """Start it and wait until it answers.

        Raises:
            AlreadyRunningError: If another service has taken the data folder meanwhile.
            ServiceUnavailableError: With the service's own sentence, if it could not start.
        """
        with tempfile.TemporaryFile() as log:
            process = await _spawn(_arguments(config, config_file), log)
            try:
                url = await _wait_until_ready(process)
            except BaseException:
                await _end(process)
                raise
            if url is None:
                raise _failure(await process.wait(), log)
        return cls(process, url)

    def hold(self, job_uid: str) -> None:
        """Let the service cancel a job if this process ends without calling `stop`."""
        if self._process.stdin is not None:
            self._process.stdin.write(f"{job_uid}\n".encode())

    async def stop(self) -> None:
        """End it; scans that others began go on, and their pages are kept."""
        await _end(self._process)

    async def abandon(self) -> None:
        """End it as it would if this process died: the jobs that it holds are cancelled."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(_STOP_S):
                await self._process.wait()
        finally:
            await _end(self._process)


async def _spawn(arguments: list[str], log: IO[bytes]) -> Process:
    # In a session of its own: Ctrl-C is meant for us, and we end the service when we are done.
    return await asyncio.create_subprocess_exec(
        *arguments, stdin=PIPE, stdout=PIPE, stderr=log, start_new_session=True
    )


def _arguments(config: Config, config_file: Path | None) -> list[str]:
    command = [sys.executable, "-m", "flatbed.cli", "run", "--until-stdin-closes"]
    return [*command, *_options(config, config_file)]


def _options(config: Config, config_file: Path | None) -> Iterator[str]:
    yield f"--data-dir={config.data_dir}"
    yield from ("--port=0", "--status-port=0")
    if config_file is not None:
        yield f"--config={config_file}"


async def _wait_until_ready(process: Process) -> str | None:
    if process.stdout is None:
        return None
    try:
        async with asyncio.timeout(_START_S):
            line = await process.stdout.readline()
    except TimeoutError:
        raise ServiceUnavailableError from None
    text = line.decode().strip()
    return text.removeprefix(READY) if text.startswith(READY) else None


def _failure(status: int, log: IO[bytes]) -> Exception:
    log.seek(0)
    lines = log.read().decode("utf-8", "replace").split("\n")
    said = [line for line in lines if line.strip()]
    if status == ExitCode.TRY_LATER:
        return AlreadyRunningError()
    return ServiceUnavailableError(said[-1] if said else None)


async def _end(process: Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except BaseException as error:
        with suppress(ProcessLookupError):
            process.kill()
        if not isinstance(error, TimeoutError):
            raise
        await process.wait()
