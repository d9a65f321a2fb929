"""A service as a process of its own: configured by FLATBED_* variables, ended by SIGTERM.

Ends too when whoever started it is gone, which its standard input tells.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from flatbed import logs
from flatbed.config import Config
from flatbed.logs import LogLevel
from flatbed.service import Service

READY = "Flatbed is ready at "


async def serve() -> None:
    """Run the service of the configured data folder until it is told to stop."""
    config = Config.load()
    level = LogLevel(config.log_level)
    logs.configure(level, style=config.log_format, file=None)
    service = Service(config, level)
    await service.start()
    sys.stdout.write(f"{READY}{service.url}\n")
    sys.stdout.flush()
    await _wait_for_the_end()
    await service.stop()


async def _wait_for_the_end() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)
    await stop.wait()
    loop.remove_reader(sys.stdin.fileno())


if __name__ == "__main__":
    asyncio.run(serve())
