"""An add-on that behaves among the others, and notes which process imports it."""

from __future__ import annotations

import os
from pathlib import Path

from flatbed.addon import hookimpl

with Path(__file__).with_name("imported.txt").open("a") as notes:
    notes.write(f"{os.getpid()}\n")


@hookimpl
def describe_environment() -> dict[str, str]:
    """Which file system it sees."""
    return {"separator": os.sep}


@hookimpl
def process_page() -> dict[str, int]:
    """The process that it runs in."""
    return {"pid": os.getpid()}
