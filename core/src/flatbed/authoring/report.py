"""What `flatbed addons check` found, row by row."""

from __future__ import annotations

from typing import Literal

import msgspec

Result = Literal["ok", "failed", "skipped"]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at.

    Attributes:
        kind: `project`, `manifest`, `dependency`, `hook`, `start`, `environment`, `operation`,
            `edit`, `load`, `save` or `route`.
        name: Of the thing, as the manifest has it.
        note: What was found, or what is wrong.
        ms: How long it took, of several pages the slowest.
        memory_mb: The most memory that its worker has had so far.
        trace: The add-on's own traceback, where there is one.
    """

    kind: str
    name: str
    result: Result
    note: str = ""
    ms: float | None = None
    memory_mb: float | None = None
    trace: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All rows about one add-on; `ok` if none of them failed."""

    addon: str
    version: str
    core_api: str
    ok: bool
    checks: list[Row]


def failed(kind: str, name: str, note: str, trace: str = "") -> Row:
    """A row about something that is wrong."""
    return Row(kind=kind, name=name, result="failed", note=note, trace=trace)


def skipped(kind: str, name: str, note: str) -> Row:
    """A row about something that could not be tried."""
    return Row(kind=kind, name=name, result="skipped", note=note)
