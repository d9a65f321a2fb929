"""An add-on that finds more than anybody can carry."""

from __future__ import annotations

from typing import Any

from flatbed.addon import hookimpl


@hookimpl
def process_page(operation: str) -> Any:
    """A hundred megabytes of text, or five million small things."""
    if operation == "find-much":
        return "much " * (20 << 20)
    return [[]] * 5_000_000
