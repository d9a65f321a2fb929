"""The names of the edits, and how one is carried out by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from flatbed.builtin.imaging.edits.cleaning import clean_background, despeckle
from flatbed.builtin.imaging.edits.geometry import change_dpi, crop, flip, mirror, resize, rotate
from flatbed.builtin.imaging.edits.picture import Picture, require_room
from flatbed.builtin.imaging.edits.straightening import auto_crop, deskew
from flatbed.builtin.imaging.edits.tones import (
    black_white,
    brightness,
    contrast,
    erase,
    gamma,
    grayscale,
    invert,
)
from flatbed.errors import InvalidInputError

EDITS: Mapping[str, Callable[..., Picture]] = {
    "rotate": rotate,
    "flip": flip,
    "mirror": mirror,
    "crop": crop,
    "resize": resize,
    "change-dpi": change_dpi,
    "grayscale": grayscale,
    "black-white": black_white,
    "invert": invert,
    "brightness": brightness,
    "contrast": contrast,
    "gamma": gamma,
    "erase": erase,
    "despeckle": despeckle,
    "clean-background": clean_background,
    "deskew": deskew,
    "auto-crop": auto_crop,
}
"""What each edit is called, and its function of a picture and, by keyword, its settings."""

# These look at the size of their result themselves, or make no pixels.
_OWN_SIZE = frozenset({"crop", "resize", "change-dpi"})


def apply_edit(picture: Picture, op: str, settings: Mapping[str, Any]) -> Picture:
    """Carry out one edit; the picture that is given stays as it is.

    Args:
        picture: The page before.
        op: A name in `EDITS`.
        settings: By the edit's function, from outside and unchecked.

    Raises:
        InvalidInputError: If there is no such edit, or a setting is unknown, missing or wrong.
        TooBigError: If the result would have more than `picture.MAX_PIXELS`.
    """
    edit = EDITS.get(op)
    if edit is None:
        raise InvalidInputError(f"There is no edit {op!r:.60}. There are: {', '.join(EDITS)}.")
    _check_names(op, edit, settings)
    if op not in _OWN_SIZE:
        require_room(picture.image.size)
    return edit(picture, **settings)


def _check_names(op: str, edit: Callable[..., Picture], settings: Mapping[str, Any]) -> None:
    _, *parameters = inspect.signature(edit).parameters.values()
    known = {each.name for each in parameters}
    unknown = [name for name in settings if name not in known]
    if unknown:
        has = f"It has: {', '.join(sorted(known))}." if known else "It has none."
        raise InvalidInputError(f"'{op}' has no setting {unknown[0]!r:.60}. {has}")
    needed = [each.name for each in parameters if each.default is each.empty]
    missing = [name for name in needed if name not in settings]
    if missing:
        raise InvalidInputError(f"'{op}' needs a value for '{missing[0]}'. Send one.")
