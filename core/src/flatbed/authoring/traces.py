"""The tracebacks of an add-on, which the core keeps to its log."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog


class Traces:
    """Takes the place of the log, and keeps the last traceback that was told."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(
        self, _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        self._last = str(event.get("trace") or self._last)
        raise structlog.DropEvent

    def take(self) -> str:
        """The last traceback, once."""
        last, self._last = self._last, ""
        return last


@contextmanager
def kept_traces() -> Iterator[Traces]:
    """Keep tracebacks, and log nothing, within the block."""
    before = structlog.get_config()
    traces = Traces()
    structlog.configure(processors=[traces])
    try:
        yield traces
    finally:
        structlog.configure(**before)
