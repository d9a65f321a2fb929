"""Whose things are: an origin's, or those of one subject that the origin's page has named."""

from __future__ import annotations

import hashlib

# No origin has it: browsers send scheme, host and port alone.
_MARK = "#"
_DIGITS = 32


def owner_of(origin: str, subject: str | None) -> str:
    """The owner of what is made under a subject of an origin; the origin itself without one.

    The subject cannot be read from it: it may be a person's name, and owners are kept and logged.
    """
    if subject is None:
        return origin
    digest = hashlib.sha256(subject.encode()).hexdigest()
    return f"{origin}{_MARK}{digest[:_DIGITS]}"


def origin_of(owner: str) -> str:
    """The origin of an owner, for people to read and for limits that all its subjects share."""
    return owner.partition(_MARK)[0]
