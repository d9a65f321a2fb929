"""Dates from outside, and as a PDF has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flatbed.errors import InvalidInputError
from flatbed_pdf.writing.moments import read_moment, write_moment


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("D:20260131235958+01'30'", "D:20260131235958+01'30'"),
        ("D:20260131235958-0800", "D:20260131235958-08'00'"),
        ("D:20260131235958-08'00", "D:20260131235958-08'00'"),
        ("D:20260131235958Z", "D:20260131235958+00'00'"),
        ("D:20260131235958Z00'00'", "D:20260131235958+00'00'"),
        ("D:202601312359", "D:20260131235900"),
        ("D:20260131", "D:20260131000000"),
        ("D:2026", "D:20260101000000"),
        ("2026-01-31T23:59:58.250+01:30", "D:20260131235958+01'30'"),
        ("2026-01-31T23:59:58Z", "D:20260131235958+00'00'"),
        ("2026-01-31 23:59", "D:20260131235900"),
        ("2026-01-31", "D:20260131000000"),
        ("0987-01-31", "D:09870131000000"),
    ],
)
def test_dates_are_read_and_written(text: str, written: str) -> None:
    """In PDF's own form, whole or cut short, and by ISO 8601; some without a zone."""
    assert write_moment(read_moment(text, name="creation_date")) == written


def test_no_date_is_now() -> None:
    """In UTC: where the person is, is not in the file."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    found = read_moment("", name="creation_date")
    assert before <= found <= datetime.now(UTC)
    assert write_moment(found).endswith("+00'00'")


@pytest.mark.parametrize(
    "text",
    [
        *("yesterday", "D:", "D:20261301", "D:20260230", "D:20260131235960", "D:202601312"),
        *("D:20260131235958+25'00'", "20261301", "D:\u0662\u0660\u0662\u0666"),
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """The sentence names the setting and both forms."""
    with pytest.raises(InvalidInputError, match=r"creation_date is no date\. Write it as D:2026"):
        read_moment(text, name="creation_date")
