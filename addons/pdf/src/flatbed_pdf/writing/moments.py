"""Dates as PDFs write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from flatbed.errors import InvalidInputError

# ISO 32000-1, 7.9.4: all but the year may be missing, from the end.
_PDF_DATE = re.compile(
    r"D:(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\d\d)?)?)?)?)?"
    r"(?:Z(?:00'?00'?)?|([+-])(\d\d)'?(?:(\d\d)'?)?)?",
    re.ASCII,
)
_BEGINNING = (1, 1, 1, 0, 0, 0)


def read_moment(text: str, *, name: str) -> datetime:
    """A date from PDF's own form or from ISO 8601; empty for now, in UTC.

    Args:
        text: As `D:20260131235959+01'00'`, shorter from the end, or `2026-01-31T23:59:59+01:00`.
        name: Of the setting, for the error.

    Raises:
        InvalidInputError: If it is neither, or no day that there is.
    """
    if not text:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = _PDF_DATE.fullmatch(text)
        return _from_pdf(found) if found else datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"The {name} is no date. Write it as D:20260131235959Z or as 2026-01-31T23:59:59Z."
        ) from error


def write_moment(moment: datetime) -> str:
    """A date in PDF's own form; without a zone where it has none."""
    offset = moment.utcoffset()
    # strftime leaves zeros out of early years.
    text = f"D:{moment.year:04}{moment:%m%d%H%M%S}"
    if offset is None:
        return text
    minutes = round(offset / timedelta(minutes=1))
    sign = "-" if minutes < 0 else "+"
    return f"{text}{sign}{abs(minutes) // 60:02}'{abs(minutes) % 60:02}'"


def _from_pdf(found: re.Match[str]) -> datetime:
    parts = [
        int(part) if part else least
        for part, least in zip(found.groups()[:6], _BEGINNING, strict=True)
    ]
    return datetime(*parts, tzinfo=_zone(found))  # type: ignore[arg-type,misc] # six numbers


def _zone(found: re.Match[str]) -> timezone | None:
    sign, hours, minutes = found.groups()[6:]
    if sign is None:
        return UTC if "Z" in found.group() else None
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset)
