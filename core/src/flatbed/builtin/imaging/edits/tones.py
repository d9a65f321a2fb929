"""Edits that change tones and leave every pixel where it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PIL import Image, ImageFilter

from flatbed.builtin.imaging.edits.picture import BLACK, WHITE, Picture, split_at
from flatbed.builtin.imaging.edits.values import box_within, number, rgb, whole
from flatbed.errors import InvalidInputError

MIDDLE = 128
_WINDOW_INCH = 1 / 4
"""Larger than the strokes of text and smaller than what a shadow takes to change."""
_MARGIN = 16
"""How far below the mean of its window a sample must be: more than noise, less than pencil."""
_METHODS = ("fixed", "adaptive")


def grayscale(picture: Picture) -> Picture:
    """Take the colours away; `RGB` becomes `L` by the luma of ITU-R BT.601, others stay."""
    return picture.with_image(as_gray(picture.image)) if picture.image.mode == "RGB" else picture


def black_white(picture: Picture, *, method: Any = "fixed", threshold: Any = MIDDLE) -> Picture:
    """Make a page of one bit, without dither; a page of mode `1` stays as it is.

    Args:
        method: `fixed` makes samples below the threshold black. `adaptive` compares each with
            the mean of a quarter inch around it, so that shadows and coloured paper become white.
        threshold: 0 to 255. For `adaptive`, samples below half of it are black wherever they
            are, so that areas wider than the window do not become hollow; 0 turns this off.

    Raises:
        InvalidInputError: If the method is unknown or the threshold out of range.
    """
    limit = whole("threshold", threshold, minimum=0, maximum=255)
    if method not in _METHODS:
        raise InvalidInputError(f"'method' must be fixed or adaptive, not {method!r:.60}.")
    if picture.image.mode == "1":
        return picture
    gray = as_gray(picture.image)
    if method == "fixed":
        return picture.with_image(split_at(gray, limit))
    return picture.with_image(split_around(gray, picture.dpi, floor=limit // 2))


def invert(picture: Picture) -> Picture:
    """Make a negative: black becomes white, and each colour the one across from it."""
    return picture.with_image(negative(picture.image))


def brightness(picture: Picture, *, value: Any) -> Picture:
    """Add the same to every sample.

    Args:
        value: -1000 (all black) to 1000 (all white), as for a scan.

    Raises:
        InvalidInputError: If it is out of range, or the page has one bit and thus no tones.
    """
    shift = number("value", value, minimum=-1000, maximum=1000) / 1000 * 255
    return _with_tones(picture, "brightness", lambda sample: sample + shift)


def contrast(picture: Picture, *, value: Any) -> Picture:
    """Pull tones apart around middle gray, 128.

    Args:
        value: -1000 (all middle gray) to 1000 (four times as far apart), as for a scan.

    Raises:
        InvalidInputError: If it is out of range, or the page has one bit and thus no tones.
    """
    checked = number("value", value, minimum=-1000, maximum=1000)
    steepness = 1 + checked / 1000 * (3 if checked > 0 else 1)
    return _with_tones(picture, "contrast", lambda tone: (tone - MIDDLE) * steepness + MIDDLE)


def gamma(picture: Picture, *, value: Any) -> Picture:
    """Bend the line between black and white, which stay: 255 * (sample / 255) ** (1 / value).

    Args:
        value: 0.1 to 10; above 1 makes the middle lighter, below 1 darker.

    Raises:
        InvalidInputError: If it is out of range, or the page has one bit and thus no tones.
    """
    power = 1 / number("value", value, minimum=0.1, maximum=10)
    return _with_tones(picture, "gamma", lambda sample: 255 * (sample / 255) ** power)


def erase(picture: Picture, *, box: Any, color: Any = (WHITE, WHITE, WHITE)) -> Picture:
    """Fill a box with one colour.

    Args:
        box: (left, top, right, bottom) in page pixels, right and bottom just outside.
        color: [red, green, blue], 0 to 255. A page of mode `L` takes its luma, one of mode `1`
            black where that is below 128.

    Raises:
        InvalidInputError: If the box is empty or reaches beyond the page, or it is no colour.
    """
    image = picture.image
    place, paint = box_within(image.size, box), Image.new("RGB", (1, 1), rgb(color))
    patch = split_at(as_gray(paint), MIDDLE) if image.mode == "1" else paint.convert(image.mode)
    result = image.copy()
    result.paste(patch.resize((place[2] - place[0], place[3] - place[1])), place)
    return picture.with_image(result)


def as_gray(image: Image.Image) -> Image.Image:
    """The image in mode `L`."""
    return image if image.mode == "L" else image.convert("L")


def negative(image: Image.Image) -> Image.Image:
    """The image with each sample's complement, in its own mode."""
    return _map(image, lambda sample: 255 - sample)


def split_around(gray: Image.Image, dpi: tuple[float, float], *, floor: int) -> Image.Image:
    """An `L` image as mode `1`, each sample by those around it.

    Args:
        gray: The image.
        dpi: (horizontal, vertical), which say how large the window is.
        floor: Samples below are black; others where they are clearly darker than their window.
    """
    mean = gray.filter(ImageFilter.BoxBlur(_radius_px(dpi)))
    # (255 - sample + mean) / 2, which is above its middle by half of what the sample is darker.
    depth = Image.blend(negative(gray), mean, 0.5)
    still_paper = (255 + _MARGIN) // 2
    result = depth.point([WHITE] * (still_paper + 1) + [BLACK] * (255 - still_paper), "1")
    result.paste(BLACK, (0, 0), gray.point([WHITE] * floor + [BLACK] * (256 - floor), "1"))
    return result


def _radius_px(dpi: tuple[float, float]) -> tuple[float, float]:
    return max(1.0, dpi[0] * _WINDOW_INCH / 2), max(1.0, dpi[1] * _WINDOW_INCH / 2)


def _with_tones(picture: Picture, edit: str, tone: Callable[[int], float]) -> Picture:
    if picture.image.mode == "1":
        raise InvalidInputError(
            f"This page is black and white and has no tones for '{edit}'. "
            "Use it before 'black-white', or scan in gray."
        )
    return picture.with_image(_map(picture.image, tone))


def _map(image: Image.Image, tone: Callable[[int], float]) -> Image.Image:
    table = [max(0, min(255, round(tone(sample)))) for sample in range(256)]
    return image.point(table * len(image.getbands()))
