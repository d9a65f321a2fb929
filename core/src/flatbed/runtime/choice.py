"""Which add-ons may serve a request: those that its page asked for, or all that are installed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flatbed.runtime.addons import Addon

WANTED_MOST = 64
"""Add-ons that one session can ask for."""

_SPECIFIER = re.compile(r"\s*(?:[<>=!~]|$)")


@dataclass(frozen=True)
class Choice:
    """The add-ons that may serve a request.

    Attributes:
        addons: The enabled ones, in the order in which they are asked; what comes with the core
            is there for everybody. `None`: whatever is installed, the newest version of each.
    """

    addons: tuple[Addon, ...] | None = None


EVERYTHING = Choice()


def split_wanted(text: str) -> list[str]:
    """The add-ons of a header, as `barcode>=1.2,<2, ocr` is `["barcode>=1.2,<2", "ocr"]`."""
    wanted: list[str] = []
    for part in text.split(","):
        if wanted and _SPECIFIER.match(part):
            wanted[-1] += f",{part.strip()}" if part.strip() else ""
        elif part.strip():
            wanted.append(part.strip())
    return wanted
