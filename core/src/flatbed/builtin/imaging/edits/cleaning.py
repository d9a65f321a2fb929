"""Edits that take away what the paper's author did not write: specks, and the paper's own tone."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageFilter

from flatbed.builtin.imaging.edits.picture import BLACK, WHITE, Picture
from flatbed.builtin.imaging.edits.tones import MIDDLE, as_gray, negative, split_around
from flatbed.builtin.imaging.edits.values import number, whole

_PATCH_CELL_PX = 4
_CELLS_PER_INCH = 25
_TOLERANCE = 64
"""How far below the paper a sample still is paper, at full strength: a crease, not pencil."""
_NEVER_PAPER, _SURELY_LIGHT = 96, 160


def despeckle(picture: Picture, *, size_px: Any = 3) -> Picture:
    """Remove dark specks with nothing dark around them; strokes keep every pixel.

    A speck is all that fits into a square of up to `size_px` whose frame, one pixel wide, holds
    nothing dark. Dark means black in mode `1`, else clearly darker than the quarter inch around.
    What is closer than two such squares to something larger stays, since it may be a full stop or
    the dot of an i. A speck becomes white in mode `1`, else the tone of the paper around it.

    Args:
        size_px: 1 to 10.

    Raises:
        InvalidInputError: If it is something else.
    """
    size = whole("size_px", size_px, minimum=1, maximum=10)
    dark = _find_dark(picture)
    specks = _far_from_ink(dark, _find_specks(dark, size), size)
    result = picture.image.copy()
    if picture.image.mode == "1":
        result.paste(WHITE, (0, 0), specks)
    else:
        # With the pale rim that a scanner draws around everything.
        rim = specks.convert("L").filter(ImageFilter.MaxFilter(3))
        result.paste(_paper(picture.image, _PATCH_CELL_PX, window=5), (0, 0), rim)
    return picture.with_image(result)


def clean_background(picture: Picture, *, strength: Any = 50) -> Picture:
    """Make paper white: its colour, shadows and creases; ink keeps its samples.

    Paper is what is light and close to the lightest of about a third of an inch around. Meant for
    text and drawings: the light areas of a photograph become white too. A page of mode `1` stays.

    Args:
        strength: 0 (nothing changes) to 100; more takes darker stains for paper, then pencil.

    Raises:
        InvalidInputError: If it is out of range.
    """
    tolerance = number("strength", strength, minimum=0, maximum=100) / 100 * _TOLERANCE
    image = picture.image
    if image.mode == "1" or tolerance == 0:
        return picture
    paper = _paper(image, max(1, round(min(picture.dpi) / _CELLS_PER_INCH)), window=9)
    depth = Image.blend(negative(image), paper, 0.5)
    mask = as_gray(image).point([_lightness(sample) for sample in range(256)])
    for band in depth.split():
        closeness = band.point([_closeness(2 * half - 255, tolerance) for half in range(256)])
        # A product of masks, as Pillow's composite makes one.
        mask = Image.composite(mask, Image.new("L", image.size, BLACK), closeness)
    result = image.copy()
    result.paste((WHITE,) * 3 if image.mode == "RGB" else WHITE, (0, 0), mask)
    return picture.with_image(result)


def _find_dark(picture: Picture) -> Image.Image:
    """A mask of mode `1`, set where the page is dark."""
    if picture.image.mode == "1":
        return negative(picture.image)
    return negative(split_around(as_gray(picture.image), picture.dpi, floor=MIDDLE // 2))


def _find_specks(dark: Image.Image, largest: int) -> Image.Image:
    # Beyond the page's edges is paper, so that specks at them are found.
    margin = largest + 1
    wide = Image.new("1", (dark.width + 2 * margin, dark.height + 2 * margin), BLACK)
    wide.paste(dark, (margin, margin))
    specks = Image.new("1", dark.size, BLACK)
    # Each size by itself: close to text, a small square is free where a large one is not.
    for size in range(1, largest + 1):
        inner = _run(_run(negative(_frames(wide, size + 2)), (1, 0), size), (0, 1), size)
        # A square begins one pixel inside its frame.
        corner = margin - 1
        free = inner.crop((corner, corner, corner + dark.width, corner + dark.height))
        specks.paste(dark, (0, 0), free)
    return specks


def _far_from_ink(dark: Image.Image, specks: Image.Image, size: int) -> Image.Image:
    ink, far = dark.copy(), specks.copy()
    ink.paste(BLACK, (0, 0), specks)
    near = _both(specks, _grow(ink, 2 * size))
    # A speck of which some is near is near as a whole.
    far.paste(BLACK, (0, 0), _grow(near, size))
    return far


def _both(one: Image.Image, other: Image.Image) -> Image.Image:
    """A mask, set where both are."""
    result = Image.new("1", one.size, BLACK)
    result.paste(one, (0, 0), other)
    return result


def _grow(mask: Image.Image, margin: int) -> Image.Image:
    """The mask, set at up to `margin` pixels each way and aslant from where it was."""
    for step in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        mask = _run(mask, step, margin + 1)
    return mask


def _frames(dark: Image.Image, side: int) -> Image.Image:
    """A mask, set at the top left of each frame of `side` pixels that touches something dark."""
    across, down = _run(dark, (-1, 0), side), _run(dark, (0, -1), side)
    frames = across.copy()
    frames.paste(WHITE, (0, 1 - side), across)
    frames.paste(WHITE, (0, 0), down)
    frames.paste(WHITE, (1 - side, 0), down)
    return frames


def _run(mask: Image.Image, step: tuple[int, int], length: int) -> Image.Image:
    """The mask, set wherever it is at 0 to `length - 1` steps: each round doubles the reach."""
    reach = 1
    while reach < length:
        shift = min(reach, length - reach)
        longer = mask.copy()
        longer.paste(WHITE, (step[0] * shift, step[1] * shift), mask)
        mask, reach = longer, reach + shift
    return mask


def _paper(image: Image.Image, cell_px: int, *, window: int) -> Image.Image:
    """What the page would be without ink: the lighter tones of `window` cells each way."""
    lighter = ImageFilter.RankFilter(window, window * window * 3 // 4)
    return image.reduce(cell_px).filter(lighter).resize(image.size, Image.Resampling.BILINEAR)


def _lightness(sample: int) -> int:
    return _ramp((sample - _NEVER_PAPER) / (_SURELY_LIGHT - _NEVER_PAPER))


def _closeness(depth: int, tolerance: float) -> int:
    return _ramp(3 - 2 * depth / tolerance)


def _ramp(share: float) -> int:
    return round(255 * max(0.0, min(1.0, share)))
