"""The log: one line an event, for people or as JSON, its level changed while the service runs."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

ERRORS, EVENTS, EVERYTHING = 0, 1, 30
"""The levels of the wire contract."""

_LEVELS = {ERRORS: logging.ERROR, EVENTS: logging.INFO, EVERYTHING: logging.DEBUG}
_METHODS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "exception": logging.ERROR,
}
_FILE_BYTES = 5 << 20
_FILES_KEPT = 3


class LogLevel:
    """The level in force; loggers ask it for every line."""

    def __init__(self, level: int = EVENTS) -> None:
        self.level = level

    def get(self) -> int:
        """The level, one of the contract's."""
        return self.level

    def set(self, level: int) -> None:
        """Log from now on at this level."""
        self.level = level

    def drop_below(
        self, _: Any, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """A structlog processor that keeps what the level asks for."""
        if _METHODS.get(method, logging.ERROR) < _LEVELS[self.level]:
            raise structlog.DropEvent
        return event


def configure(level: LogLevel, *, style: str, file: Path | None) -> None:
    """Log to the standard error and, where one is given, to a file that is kept small.

    Args:
        level: In force now and later.
        style: `text` or `json`.
        file: Rotated at 5 MiB, three old ones are kept.
    """
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    if file is not None:
        handlers.append(RotatingFileHandler(file, maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT))
    logging.basicConfig(level=logging.DEBUG, format="%(message)s", handlers=handlers, force=True)
    for noisy in ("asyncio", "tornado.access", "tornado.general"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    renderer: Any = structlog.processors.JSONRenderer()
    if style == "text":
        renderer = structlog.dev.ConsoleRenderer(
            colors=False, exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[
            level.drop_below,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info if style == "json" else _unchanged,
            renderer,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def _unchanged(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return event
