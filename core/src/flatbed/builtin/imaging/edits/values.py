"""Values of edits as they come from outside, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flatbed.errors import InvalidInputError

Box = tuple[int, int, int, int]
"""(left, top, right, bottom) in page pixels; right and bottom are the first that are outside."""


def number(
    name: str, value: Any, *, minimum: float = -math.inf, maximum: float = math.inf
) -> float:
    """A finite number within limits, both included.

    Raises:
        InvalidInputError: If it is none, or beyond a limit; a truth value is no number.
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_finite(value):
        raise InvalidInputError(f"'{name}' must be a number, not {value!r:.60}.")
    if value < minimum:
        raise InvalidInputError(f"'{name}' must be at least {minimum:g}, not {value:g}.")
    if value > maximum:
        raise InvalidInputError(f"'{name}' must be at most {maximum:g}, not {value:g}.")
    return value


def whole(name: str, value: Any, *, minimum: float = -math.inf, maximum: float = math.inf) -> int:
    """A whole number within limits, both included; 10.0 is one.

    Raises:
        InvalidInputError: If it is none, or beyond a limit.
    """
    checked = number(name, value, minimum=minimum, maximum=maximum)
    if checked != int(checked):
        raise InvalidInputError(f"'{name}' must be a whole number, not {checked:g}. Round it.")
    return int(checked)


def box_within(size_px: tuple[int, int], value: Any) -> Box:
    """A box with at least one pixel that lies wholly on a page of (width, height) pixels.

    Raises:
        InvalidInputError: If it is no box, empty, or reaches beyond the page.
    """
    left, top, right, bottom = _wholes("box", value, ("left", "top", "right", "bottom"))
    if left >= right or top >= bottom:
        raise InvalidInputError(
            f"The box {[left, top, right, bottom]} has no pixels. "
            "Its right must be above its left, its bottom above its top."
        )
    if left < 0 or top < 0 or right > size_px[0] or bottom > size_px[1]:
        raise InvalidInputError(
            f"The box {[left, top, right, bottom]} reaches beyond the page, which is "
            f"{size_px[0]} x {size_px[1]} pixels. Choose a box within it."
        )
    return left, top, right, bottom


def rgb(value: Any) -> tuple[int, int, int]:
    """A colour of three samples.

    Raises:
        InvalidInputError: If it is not three whole numbers from 0 to 255.
    """
    red, green, blue = (
        whole("color", sample, minimum=0, maximum=255)
        for sample in _wholes("color", value, ("red", "green", "blue"))
    )
    return red, green, blue


def resolution(value: Any) -> tuple[float, float]:
    """(horizontal, vertical) dots per inch, from one number for both or from two.

    Raises:
        InvalidInputError: If they are not from 1 to 65535, the most that a JPEG can say.
    """
    both = value if _is_list(value) else (value,)
    if len(both) == 1:
        both = (*both, *both)
    if len(both) != 2:
        raise InvalidInputError(f"'dpi' must be one number or two, not {value!r:.60}.")
    horizontal, vertical = (number("dpi", each, minimum=1, maximum=65535) for each in both)
    return horizontal, vertical


def _wholes(name: str, value: Any, parts: tuple[str, ...]) -> list[int]:
    if not _is_list(value) or len(value) != len(parts):
        raise InvalidInputError(f"'{name}' must be [{', '.join(parts)}], not {value!r:.60}.")
    return [whole(f"{name}.{part}", each) for part, each in zip(parts, value, strict=True)]


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def _is_finite(value: float) -> bool:
    # math.isfinite cannot take an integer of hundreds of digits.
    return abs(value) < 2**63 if isinstance(value, int) else math.isfinite(value)
