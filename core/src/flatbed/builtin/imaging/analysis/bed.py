"""What lies on the glass: a sheet, or photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageStat

from flatbed.addon.looking.blocks import Block, find_blocks
from flatbed.addon.looking.overview import Dpi, Overview, look
from flatbed.builtin.imaging.analysis.outline import (
    Corners,
    in_reading_order,
    is_inside,
    rectangle,
    shrunk,
    sides,
)

Tone = tuple[int, ...]

_LONGEST_PX = 600
_RIM = 60
"""One part in so many at each side shows the bed, where it is to be seen."""
_ALIKE = 4
_FAINTEST, _STRONGEST = 5, 48
"""Within these lies how many tones something must differ from the bed."""
_CLEAN = 0.0004
"""The share of the bed that dust may take beside a sheet; a caption takes more."""
_MOST_PIECES = 12
_MIXED_PX = 0.5
"""How much of the outline is half bed, since the faintest trace of an object is one."""
_OPENING_PX = 5
"""Shadow lines and what else is thinner is no part of a sheet."""


@dataclass(frozen=True)
class _Object:
    """Something on the bed, as a rectangle in pixels of the overview.

    Attributes:
        corners: Of the rectangle.
        size: (width, height) of it.
        straight: The share of its worst side that is straight.
        fill: The share of the rectangle that the object covers.
        tinted: The share of the object that differs from the bed by itself, not as what is
            enclosed by an outline.
        outline: By how many tones its rim differs from the bed.
        is_border: Whether it is black and at the edge of a lighter bed, as a scanner's frame.
    """

    corners: Corners
    size: tuple[float, float]
    straight: float
    fill: float
    tinted: float
    outline: float
    is_border: bool


@dataclass(frozen=True)
class _Bed:
    """What differs from one tone that may be the bed's."""

    filled: Image.Image
    objects: list[_Object]


def find_sheet(image: Image.Image, *, dpi: Dpi = (1, 1)) -> Corners | None:
    """Find the one sheet on a dark or light bed.

    Args:
        image: Of mode `1`, `L` or `RGB`.
        dpi: (horizontal, vertical), by which right angles are right on paper.

    Returns:
        Its corners, clockwise from the one that is top left when it is turned straight; None
        where no edges can be told, other things lie or stand beside it, or it fills the page.
    """
    view = look(image, _LONGEST_PX, dpi=dpi, in_color=True)
    found = [each for tone in _bed_tones(view.image) for each in _sheets(view.image, tone)]
    if not found:
        return None
    return _on_page(max(found, key=_area).corners, view)


def find_photos(image: Image.Image, *, dpi: Dpi = (1, 1)) -> list[Corners]:
    """Find the photos or sheets that lie apart on a dark or light bed, each turned as it may be.

    Returns:
        Their corners as of `find_sheet`, in reading order; none on an empty bed, and none where
        the page shows no bed.
    """
    view = look(image, _LONGEST_PX, dpi=dpi, in_color=True)
    choices = [_photos(view.image, tone) for tone in _bed_tones(view.image)]
    best = max(choices, key=lambda each: sum(map(_area, each)), default=[])
    return in_reading_order([_on_page(each.corners, view) for each in best])


def _bed_tones(image: Image.Image) -> list[Tone]:
    """The tones along the four sides that a bed may have, without those that are alike."""
    tones: list[Tone] = []
    for box in _rims(image):
        tone = tuple(ImageStat.Stat(image.crop(box)).median)
        if _is_of_a_bed(tone) and all(_distance(tone, known) > _ALIKE for known in tones):
            tones.append(tone)
    return tones


def _is_of_a_bed(tone: Tone) -> bool:
    """Whether it is as gray as lids are, and dark or light: skies and books are not."""
    return max(tone) - min(tone) <= 24 and (max(tone) <= 100 or min(tone) >= 180)


def _rims(image: Image.Image) -> list[tuple[int, int, int, int]]:
    width, height = image.size
    rim = max(1, min(image.size) // _RIM)
    return [
        (0, 0, width, rim),
        (0, height - rim, width, height),
        (0, 0, rim, height),
        (width - rim, 0, width, height),
    ]


def _distance(one: Tone, other: Tone) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def _difference(image: Image.Image, tone: Tone) -> Image.Image:
    """By how much each pixel differs from a tone, in the band where it does most."""
    bed = Image.new(image.mode, image.size, tone if len(tone) > 1 else tone[0])
    bands = ImageChops.difference(image, bed).split()
    result = bands[0]
    for band in bands[1:]:
        result = ImageChops.lighter(result, band)
    return result


def _sheets(image: Image.Image, tone: Tone) -> list[_Object]:
    """The one sheet there is on a bed of this tone, or none."""
    return _only_sheet(image, _take_apart(image, tone, _fill_solid)) or [
        # As white as the lid, only the shadow of its edges tells.
        each
        for each in _only_sheet(image, _take_apart(image, tone, _fill_outlined))
        if each.tinted < 0.5
    ]


def _only_sheet(image: Image.Image, bed: _Bed) -> list[_Object]:
    pixels = image.width * image.height
    large = [each for each in bed.objects if _area(each) >= 0.03 * pixels]
    if len(large) != 1 or not _is_sheet(large[0], pixels):
        return []
    return large if _spilled(bed.filled, large[0]) <= _CLEAN * pixels else []


def _photos(image: Image.Image, tone: Tone) -> list[_Object]:
    bed = _take_apart(image, tone, _fill_solid)
    pixels = image.width * image.height
    if _pieces_beside(bed) > _MOST_PIECES:
        return []
    return [
        each
        for each in bed.objects
        if 0.008 * pixels <= _area(each) <= 0.985 * pixels
        and min(each.size) >= 0.05 * min(image.size)
        and each.fill >= 0.8
        and each.straight >= 0.4
        and each.tinted >= 0.4
        and not each.is_border
    ]


def _is_sheet(candidate: _Object, pixels: int) -> bool:
    if candidate.fill < 0.9 or candidate.straight < 0.5 or candidate.is_border:
        return False
    if _area(candidate) > 0.985 * pixels:
        return False
    # A white sheet on a white bed is only a faint line around; a printed frame is a dark one.
    return candidate.tinted >= 0.8 or candidate.outline <= 70


def _take_apart(image: Image.Image, tone: Tone, fill: Callable[[Image.Image], Image.Image]) -> _Bed:
    difference = _difference(image, tone)
    limit = _threshold(difference)
    raw = difference.point([0] * limit + [255] * (256 - limit))
    filled = fill(raw)
    solid = filled.filter(ImageFilter.MinFilter(_OPENING_PX))
    solid = solid.filter(ImageFilter.MaxFilter(_OPENING_PX))
    least = max(16, 0.006 * image.width * image.height)
    objects = [
        _measure(block, image, difference, raw)
        for block in find_blocks(solid)
        if block.area >= least
    ]
    return _Bed(filled, objects)


def _threshold(difference: Image.Image) -> int:
    """From the noise of the bed, as the rim with the least difference shows it."""
    noise = min(ImageStat.Stat(difference.crop(box)).median[0] for box in _rims(difference))
    return round(min(max(_FAINTEST, 3 * noise + 3), _STRONGEST))


def _fill_solid(raw: Image.Image) -> Image.Image:
    """Without the bed's specks."""
    return _fill(raw.filter(ImageFilter.MedianFilter(3)))


def _fill_outlined(raw: Image.Image) -> Image.Image:
    """With lines wider by a pixel meanwhile, so that the bed does not leak in through them."""
    return _fill(raw.filter(ImageFilter.MaxFilter(3))).filter(ImageFilter.MinFilter(3))


def _fill(raw: Image.Image) -> Image.Image:
    """The mask with all set that the bed outside does not reach."""
    width, height = raw.size
    filled = bytearray(b"\xff" * (width * height))
    for block in find_blocks(ImageChops.invert(raw)):
        left, top, right, bottom = block.box
        if left == 0 or top == 0 or right == width or bottom == height:
            for y, start, end in block.runs:
                filled[y * width + start : y * width + end] = bytes(end - start)
    return Image.frombytes("L", raw.size, bytes(filled))


def _measure(
    block: Block, image: Image.Image, difference: Image.Image, raw: Image.Image
) -> _Object:
    corners, straight = rectangle(block)
    size = sides(corners)
    own = Image.new("L", image.size)
    for y, left, right in block.runs:
        own.paste(255, (left, y, right, y + 1))
    inner = own.filter(ImageFilter.MinFilter(7))
    rim = ImageChops.subtract(own, inner)
    return _Object(
        corners,
        size,
        straight=straight,
        fill=block.area / max(1.0, size[0] * size[1]),
        tinted=ImageStat.Stat(raw, inner if inner.getbbox() else own).mean[0] / 255,
        outline=ImageStat.Stat(difference, rim).mean[0],
        is_border=_is_border(block.box, image, difference, own),
    )


def _is_border(
    box: tuple[int, int, int, int], image: Image.Image, difference: Image.Image, own: Image.Image
) -> bool:
    """Whether it is as a scanner's edge: along a whole side, and black on a lighter bed."""
    at_edge = box[0] == 0 or box[1] == 0 or box[2] == image.width or box[3] == image.height
    is_black = ImageStat.Stat(image.convert("L"), own).median[0] < 70
    return at_edge and is_black and ImageStat.Stat(difference, own).median[0] > 60


def _spilled(filled: Image.Image, sheet: _Object) -> int:
    """How many pixels are set well beside the sheet, and not at the edge of the bed."""
    width, height = filled.size
    edge = max(2, min(filled.size) // 40)
    count = 0
    for y, left, right in (run for block in find_blocks(filled) for run in block.runs):
        if edge <= y < height - edge:
            inside = range(max(left, edge), min(right, width - edge))
            count += sum(not is_inside((x, y), sheet.corners, edge) for x in inside)
    return count


def _pieces_beside(bed: _Bed) -> int:
    """How many letters or the like stand beside what is on the bed, which make it a page."""
    width, height = bed.filled.size
    edge = max(2, min(bed.filled.size) // 40)
    boxes = [block.box for block in find_blocks(bed.filled) if block.area >= 6]
    return sum(
        edge <= left
        and edge <= top
        and right <= width - edge
        and bottom <= height - edge
        and not any(is_inside((left, top), each.corners, edge) for each in bed.objects)
        for left, top, right, bottom in boxes
    )


def _area(each: _Object) -> float:
    return each.size[0] * each.size[1]


def _on_page(corners: Corners, view: Overview) -> Corners:
    across, down = view.scale
    first, second, third, fourth = ((x * across, y * down) for x, y in shrunk(corners, _MIXED_PX))
    return first, second, third, fourth
