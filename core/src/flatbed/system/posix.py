"""Whether this system has what POSIX has, and how its absence is told."""

from __future__ import annotations

import os

from flatbed.errors import UnsupportedSystemError

IS_POSIX = os.name == "posix"


def need_posix(what: str) -> None:
    """Refuse what this system lacks.

    Args:
        what: What is lacking, as the sentence names it.

    Raises:
        UnsupportedSystemError: On Windows.
    """
    if not IS_POSIX:
        raise UnsupportedSystemError.of(what)
