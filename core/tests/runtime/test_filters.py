"""Filter Up: what it makes of rows, and where it is worth it."""

from __future__ import annotations

import random

import pytest

from flatbed.runtime.filters import filter_up, gains_by_up

STRIDE = 4


def test_filter_up_leaves_the_first_row_and_subtracts_it_from_the_next() -> None:
    """Modulo 256; the lead bytes name the filter of each row."""
    rows = bytearray([0, 1, 2, 250, 0, 10, 11, 3, 0, 10, 11, 4])
    first, rest = filter_up(memoryview(rows), STRIDE)
    assert first == bytes([0, 1, 2, 250])
    assert rest == bytes([2, 9, 9, 9, 2, 0, 0, 1])


def test_filter_up_leaves_the_rows_as_they_were() -> None:
    """The scaler reads them afterwards, and the next strip is put into the same buffer."""
    rows = bytearray(range(200)) * 2
    rows[::STRIDE] = bytes(100)
    before = bytes(rows)
    filter_up(memoryview(rows), STRIDE)
    assert bytes(rows) == before


def smooth(rows: int, stride: int) -> bytearray:
    """Rows that differ little from the ones above them, and much within."""
    noise = random.Random(1)
    row = bytes(noise.randrange(256) for _ in range(stride - 1))
    return bytearray(b"".join(b"\0" + row for _ in range(rows)))


def noisy(rows: int, stride: int) -> bytearray:
    """Nothing of one row can be guessed from another."""
    noise = random.Random(2)
    return bytearray(
        b"".join(b"\0" + bytes(noise.randrange(64) for _ in range(stride - 1)) for _ in range(rows))
    )


@pytest.mark.parametrize(
    ("rows", "is_worth_it"),
    [
        (smooth(20, 3000), True),
        (noisy(20, 3000), False),
        (smooth(4, 3000), False),
    ],
    ids=["like the row above", "noise", "too few rows to tell"],
)
def test_gains_by_up_tells_where_rows_repeat(rows: bytearray, *, is_worth_it: bool) -> None:
    """Only where the sample gets smaller by more than it costs to undo."""
    assert gains_by_up(memoryview(rows), 3000) is is_worth_it
