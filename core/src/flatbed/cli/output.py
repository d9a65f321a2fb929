"""What goes to the terminal: answers to the standard output, all else to the standard error."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

BAD = "red"
"""The style of what went wrong."""

# Wider than any line, so that nothing is folded for a program that reads it.
_ENDLESS = 100_000


@functools.cache
def answers() -> Console:
    """The standard output."""
    width = None if sys.stdout.isatty() else _ENDLESS
    return Console(width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)


@functools.cache
def remarks() -> Console:
    """The standard error."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)


def say(text: str) -> None:
    """Print a line of the answer."""
    answers().print(clean(text))


def remark(text: str, style: str = "") -> None:
    """Print a line beside the answer."""
    remarks().print(clean(text), style=style)


def say_json(value: Any) -> None:
    """Print an answer for programs, indented."""
    encoded = msgspec.json.encode(value, enc_hook=str)
    answers().file.write(msgspec.json.format(encoded, indent=2).decode() + "\n")


def say_json_line(value: Any) -> None:
    """Print one JSON object of a stream, on a line of its own, at once."""
    answers().file.write(msgspec.json.encode(value, enc_hook=str).decode() + "\n")
    answers().file.flush()


def say_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below headings, aligned; not folded where it goes to a program."""
    table = Table(*headings, box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    console = answers()
    if console.is_terminal:
        console.print(table)
        return
    with console.capture() as capture:
        console.print(table)
    lines = capture.get().splitlines()
    console.file.write("".join(f"{line.rstrip()}\n" for line in lines))


def clean(text: str) -> str:
    """The text without what a terminal would obey: names come from devices and web pages."""
    return "".join(
        each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text
    )
