"""A service as a process of its own: configured by FLATBED_* variables, ended by SIGTERM.

Ends too when whoever started it is gone, which its standard input tells.
"""

from __future__ import annotations

import asyncio
import signal
import sys

import structlog

from flatbed import logs
from flatbed.config import Config
from flatbed.errors import FlatbedError
from flatbed.logs import LogLevel
from flatbed.service import Service

READY = "Flatbed is ready at "


async def start() -> Service | None:
    """Start the service of the configured data folder; None if it says why it cannot."""
    config = Config.load()
    level = LogLevel(config.log_level)
    logs.configure(level, style=config.log_format, file=None)
    service = Service(config, level)
    try:
        await service.start()
    except FlatbedError as error:
        structlog.get_logger().error("not started", error=error.name, sentence=error.message)
        return None
    return service


async def wait_for_the_end() -> None:
    """Wait until somebody wants the process to end."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)
    await stop.wait()
    loop.remove_reader(sys.stdin.fileno())


async def serve() -> None:
    """Run the service until its end."""
    service = await start()
    if service is not None:
        print(f"{READY}{service.url}", flush=True)
        await wait_for_the_end()
        await service.stop()


def main() -> None:
    """The program."""
    asyncio.run(serve())


if __name__ == "__main__":
    main()
