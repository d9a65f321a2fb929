"""Edits that move pixels: turn, flip, cut, scale; and the statement of their resolution."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image

from flatbed.builtin.imaging.edits.picture import (
    WHITE,
    Picture,
    back_to_mode,
    require_room,
    through_gray,
)
from flatbed.builtin.imaging.edits.values import box_within, number, resolution, whole
from flatbed.errors import InvalidInputError

_QUARTERS = {
    90: Image.Transpose.ROTATE_270,  # Pillow counts against the clock
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
# Below this many pixels, a side is not longer but its sine inexact.
_HAIR_PX = 1e-6


def rotate(picture: Picture, *, angle: Any) -> Picture:
    """Turn the page around its middle.

    Multiples of 90 move pixels without any loss and swap the resolutions with the sides. Other
    angles turn the paper, not the grid: where the resolutions differ, right angles on paper stay
    right. The page grows to hold its corners, what is new is white, samples are bicubic, and one
    bit is split at 128 again.

    Args:
        angle: Degrees clockwise, any finite number.

    Raises:
        InvalidInputError: If the angle is no number.
        TooBigError: If the page would grow too large.
    """
    turn = number("angle", angle) % 360
    if turn % 90 == 0:
        return _turn_quarters(picture, int(turn) % 360)
    return _turn_freely(picture, math.radians(turn))


def flip(picture: Picture) -> Picture:
    """Swap top and bottom."""
    return picture.with_image(picture.image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))


def mirror(picture: Picture) -> Picture:
    """Swap left and right."""
    return picture.with_image(picture.image.transpose(Image.Transpose.FLIP_LEFT_RIGHT))


def crop(picture: Picture, *, box: Any) -> Picture:
    """Keep what lies in a box.

    Args:
        box: (left, top, right, bottom) in page pixels, right and bottom just outside.

    Raises:
        InvalidInputError: If the box is empty or reaches beyond the page.
        TooBigError: If even the box is too large.
    """
    left, top, right, bottom = box_within(picture.image.size, box)
    require_room((right - left, bottom - top))
    return picture.with_image(picture.image.crop((left, top, right, bottom)))


def resize(picture: Picture, *, width: Any = 0, height: Any = 0) -> Picture:
    """Scale to a number of pixels; the paper keeps its size, so the resolution changes.

    Args:
        width: In pixels; 0 follows from the height.
        height: In pixels; 0 follows from the width.

    Raises:
        InvalidInputError: If both are 0, or one is negative or no whole number.
        TooBigError: If the page would be too large.
    """
    size = _wanted_size(
        picture.image.size, whole("width", width, minimum=0), whole("height", height, minimum=0)
    )
    require_room(size)
    if size == picture.image.size:
        return picture
    scaled = through_gray(picture.image).resize(size, Image.Resampling.LANCZOS)
    horizontal = picture.dpi[0] * size[0] / picture.image.width
    vertical = picture.dpi[1] * size[1] / picture.image.height
    return Picture(back_to_mode(scaled, picture.image.mode), (horizontal, vertical))


def change_dpi(picture: Picture, *, dpi: Any) -> Picture:
    """Say another resolution and change no pixel: the paper gets larger or smaller.

    Args:
        dpi: Dots per inch from 1 to 65535: one number, or [horizontal, vertical].

    Raises:
        InvalidInputError: If it is something else.
    """
    return Picture(picture.image, resolution(dpi))


def _turn_quarters(picture: Picture, turn: int) -> Picture:
    if turn == 0:
        return picture
    turned = picture.image.transpose(_QUARTERS[turn])
    horizontal, vertical = picture.dpi
    return Picture(turned, (horizontal, vertical) if turn == 180 else (vertical, horizontal))


def _turn_freely(picture: Picture, radians: float) -> Picture:
    image = picture.image
    # A step to the right and a step down are not the same length on paper.
    across = math.sin(radians) * picture.dpi[0] / picture.dpi[1]
    down = math.sin(radians) * picture.dpi[1] / picture.dpi[0]
    size = (
        _side(image.width * math.cos(radians), image.height * across),
        _side(image.height * math.cos(radians), image.width * down),
    )
    require_room(size)
    turned = through_gray(image).transform(
        size,
        Image.Transform.AFFINE,
        _backwards(image.size, size, (math.cos(radians), across, down)),
        resample=Image.Resampling.BICUBIC,
        fillcolor=(WHITE,) * 3 if image.mode == "RGB" else WHITE,
    )
    return picture.with_image(back_to_mode(turned, image.mode))


def _side(one: float, other: float) -> int:
    return math.ceil(abs(one) + abs(other) - _HAIR_PX)


def _backwards(
    old: tuple[int, int], new: tuple[int, int], turn: tuple[float, float, float]
) -> tuple[float, ...]:
    """Pillow's six numbers: from a place on the new page to where it was, middle on middle."""
    cosine, across, down = turn
    return (
        cosine,
        across,
        old[0] / 2 - cosine * new[0] / 2 - across * new[1] / 2,
        -down,
        cosine,
        old[1] / 2 + down * new[0] / 2 - cosine * new[1] / 2,
    )


def _wanted_size(old: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    if width == 0 and height == 0:
        raise InvalidInputError("A page of 0 x 0 pixels cannot be. Say 'width', 'height' or both.")
    return (
        width or max(1, round(old[0] * height / old[1])),
        height or max(1, round(old[1] * width / old[0])),
    )
