"""Edits that look at the page first: turn its text straight, and cut it out of the bed."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from flatbed.builtin.imaging.analysis.bed import find_sheet
from flatbed.builtin.imaging.analysis.outline import Corners, sides
from flatbed.builtin.imaging.analysis.skew import find_skew
from flatbed.builtin.imaging.edits.geometry import rotate
from flatbed.builtin.imaging.edits.picture import (
    WHITE,
    Picture,
    back_to_mode,
    require_room,
    through_gray,
)
from flatbed.errors import InvalidInputError

_HAIR_DEGREES = 0.05
"""Turned by less, a page would lose sharpness and gain nothing."""
_SIZES = ("keep", "grow")


def deskew(picture: Picture, *, size: Any = "keep") -> Picture:
    """Turn the page around its middle so that its text is straight, by `find_skew`.

    What is new is white. A page of which no skew can be told stays as it is, to the pixel.

    Args:
        size: `keep` leaves the page as large as it was, so that slivers of its corners go and
            its paper size stays; `grow` holds all of it.

    Raises:
        InvalidInputError: If the size is something else.
        TooBigError: If the page would grow too large.
    """
    if size not in _SIZES:
        raise InvalidInputError(f"'size' must be keep or grow, not {size!r:.60}.")
    skew = find_skew(picture.image, dpi=picture.dpi)
    if abs(skew) < _HAIR_DEGREES:
        return picture
    if size == "grow":
        return rotate(picture, angle=-skew)
    width, height = picture.image.size
    return _take(picture, (width, height), _around_middle(picture, math.radians(skew)))


def auto_crop(picture: Picture, *, straighten: Any = True) -> Picture:
    """Keep the sheet and not the bed around it, by `find_sheet`.

    A page on which no sheet's edges can be told stays as it is, to the pixel.

    Args:
        straighten: Whether a turned sheet is cut out straight; else the upright box around it is.

    Raises:
        InvalidInputError: If it is neither true nor false.
    """
    if not isinstance(straighten, bool):
        raise InvalidInputError(f"'straighten' must be true or false, not {straighten!r:.60}.")
    corners = find_sheet(picture.image, dpi=picture.dpi)
    if corners is None:
        return picture
    return cut_out(picture, corners) if straighten else _box_around(picture, corners)


def cut_out(picture: Picture, corners: Corners) -> Picture:
    """Make a page of a turned rectangle; one that is straight keeps its samples as they are.

    Args:
        picture: The page.
        corners: Of a rectangle on paper, clockwise from the one that becomes the top left, in
            pixels. What lies beyond the page is white.

    Raises:
        TooBigError: If the result would be too large.
    """
    (left, top), (right, level), _, (lower, bottom) = corners
    if max(abs(level - top), abs(lower - left)) < 1:
        return _box_around(picture, corners)
    horizontal, vertical = picture.dpi
    width, height = sides(_scaled(corners, 1 / horizontal, 1 / vertical))
    size = (max(1, round(width * horizontal)), max(1, round(height * vertical)))
    step_right = (right - left) / size[0], (level - top) / size[0]
    step_down = (lower - left) / size[1], (bottom - top) / size[1]
    return _take(
        picture, size, (step_right[0], step_down[0], left, step_right[1], step_down[1], top)
    )


def _scaled(corners: Corners, across: float, down: float) -> Corners:
    first, second, third, fourth = ((x * across, y * down) for x, y in corners)
    return first, second, third, fourth


def _box_around(picture: Picture, corners: Corners) -> Picture:
    width, height = picture.image.size
    across, down = [x for x, _ in corners], [y for _, y in corners]
    left, right = max(0, round(min(across))), min(width, round(max(across)))
    top, bottom = max(0, round(min(down))), min(height, round(max(down)))
    box = (left, top, max(left + 1, right), max(top + 1, bottom))
    return picture.with_image(picture.image.crop(box))


def _around_middle(picture: Picture, skew: float) -> tuple[float, ...]:
    """Pillow's six numbers for a turn on paper: from a place on the new page to the old one."""
    width, height = picture.image.size
    cosine = math.cos(skew)
    across = math.sin(skew) * picture.dpi[0] / picture.dpi[1]
    down = math.sin(skew) * picture.dpi[1] / picture.dpi[0]
    return (
        cosine,
        -across,
        (width - cosine * width + across * height) / 2,
        down,
        cosine,
        (height - down * width - cosine * height) / 2,
    )


def _take(picture: Picture, size: tuple[int, int], places: tuple[float, ...]) -> Picture:
    require_room(size)
    image = picture.image
    taken = through_gray(image).transform(
        size,
        Image.Transform.AFFINE,
        places,
        resample=Image.Resampling.BICUBIC,
        fillcolor=(WHITE,) * 3 if image.mode == "RGB" else WHITE,
    )
    return picture.with_image(back_to_mode(taken, image.mode))
