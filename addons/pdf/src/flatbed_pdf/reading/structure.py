"""What pdfium does not tell of a file before it acts on it: units of pages, and a form's size."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, cast

import pikepdf

MAX_FIELDS = 100_000
"""Of one form, as pdfium walks it: a field that stands in two places is two of them."""

_MOST_NODES = 20_000  # of a page tree: half a second of work; pages behind them have no unit
OWN_ERRORS = (pikepdf.PikepdfError, AttributeError, KeyError, RuntimeError, TypeError, ValueError)
"""What pikepdf raises for a file that is not as it should be."""


@dataclass(frozen=True, kw_only=True)
class Structure:
    """What the objects of a file say.

    Attributes:
        units: Of pages by number from 1: points in one unit of their coordinates, where not 1.
        fields: Of its form, at most one more than are allowed; 0 if nobody asked.
    """

    units: Mapping[int, float] = field(default_factory=dict)
    fields: int = 0


def read_structure(stream: IO[bytes], password: str, *, pages: int, with_fields: bool) -> Structure:
    """Look into a file that pdfium has opened.

    A damaged file is searched from end to end only where it has a form: pdfium would walk it.

    Args:
        stream: The file; can seek, and is elsewhere afterwards.
        password: That opened it; empty for a file without one.
        pages: How many pdfium found. Where others stand in the tree, no unit is believed.
        with_fields: Count those of the form.

    Returns:
        An empty one for a file that cannot be read in this way.
    """
    try:
        with open_again(stream, password, search=with_fields) as pdf:
            fields = _count_fields(pdf) if with_fields else 0
            return Structure(units=_read_units(pdf, pages), fields=fields)
    except OWN_ERRORS:
        return Structure()


def open_again(stream: IO[bytes], password: str, *, search: bool) -> pikepdf.Pdf:
    """A file that pdfium has opened, as qpdf sees it.

    Args:
        stream: The file; can seek.
        password: That opened it; empty for a file without one.
        search: A damaged file is searched from end to end.

    Raises:
        One of `OWN_ERRORS`: If it cannot be read in this way.
    """
    # Before AES-256 a password was no Unicode (ISO 32000-1, 7.6.3.3).
    older = password.encode("latin-1", "replace")
    try:
        return _open(stream, password.encode(), search=search)
    except pikepdf.PasswordError:
        if password.isascii():
            raise
        return _open(stream, older, search=search)


def _open(stream: IO[bytes], password: bytes, *, search: bool) -> pikepdf.Pdf:
    stream.seek(0)
    return pikepdf.open(
        cast("BinaryIO", stream),
        password=password,
        access_mode=pikepdf.AccessMode.stream,
        attempt_recovery=search,
        inherit_page_attributes=False,
    )


def _read_units(pdf: pikepdf.Pdf, pages: int) -> dict[int, float]:
    units: dict[int, float] = {}
    number = 0
    for seen, node in enumerate(_walk(pdf.Root.get("/Pages"))):
        if seen == _MOST_NODES:
            return units
        if "/Kids" in node:
            continue
        number += 1
        unit = _to_unit(node.get("/UserUnit"))
        if unit != 1:
            units[number] = unit
    return units if number == pages else {}


def _to_unit(value: Any) -> float:
    try:
        unit = float(value)
    except (TypeError, ValueError):
        return 1.0
    return unit if 0 < unit < math.inf else 1.0


def _count_fields(pdf: pikepdf.Pdf) -> int:
    form = pdf.Root.get("/AcroForm")
    roots = form.get("/Fields") if isinstance(form, pikepdf.Dictionary) else None
    count = 0
    for root in _items(roots):
        for _ in _walk(root):
            count += 1
            if count > MAX_FIELDS:
                return count
    return count


def _walk(root: Any) -> Iterator[pikepdf.Dictionary]:
    """Every dictionary from a root on, before those below it; endless where there is a loop."""
    rows = [iter((root,))]
    while rows:
        node = next(rows[-1], None)
        if node is None:
            rows.pop()
        elif isinstance(node, pikepdf.Dictionary):
            yield node
            rows.append(_items(node.get("/Kids")))


def _items(array: Any) -> Iterator[Any]:
    """Of an array one by one: one of millions takes no memory."""
    if isinstance(array, pikepdf.Array):
        for place in range(len(array)):
            item = array[place]
            yield False if item is None else item
