"""Edits that only turn a page, so that what it came from can be turned in its place."""

from __future__ import annotations

from collections.abc import Iterable

from flatbed.storage.history import Edit

_QUARTER = 90


def quarter_turns(edits: Iterable[Edit]) -> int | None:
    """Degrees, from 0 to 270, by which some edits turn a page clockwise.

    Returns:
        `None` where an edit is anything but the core's own turn by quarters.
    """
    degrees = 0.0
    for edit in edits:
        angle = edit.get("angle")
        if edit["op"] != "rotate" or "addon" in edit or not isinstance(angle, int | float):
            return None
        if angle % _QUARTER:
            return None
        # Each by itself: beside a huge angle, a float has no room for a small one.
        degrees += angle % 360
    return int(degrees % 360)
