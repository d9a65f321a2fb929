"""Moments as the contract writes them: ISO 8601 in UTC, to the millisecond."""

from __future__ import annotations

from datetime import UTC, datetime


def to_text(moment: float) -> str:
    """Seconds of Unix time as text."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")


def to_text_if_any(moment: float | None) -> str | None:
    """The same, where it may not have come yet."""
    return None if moment is None else to_text(moment)
