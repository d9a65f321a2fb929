"""Patch codes: the four thick bars on the sheets that part a batch.

Sizes and types are those of Kodak's "Patch Code Information", A-61599 of October 2006, which gives
the edges of each bar from the leading edge on: four bars, two of them 0.20 inch wide and two 0.08,
with spaces of 0.08 between, together 0.80 inch; the bars are at least 0.75 inch long (2 for older
scanners), parallel to the edge, and 0.25 inch clear of it and of other print. The fields of the
document for type 1, say, end at 0.20, 0.28, 0.48, 0.56, 0.64, 0.72 and 0.80 inch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from flatbed.addon import Barcode, Point
from flatbed_barcode.formats import PATCH_CODE
from flatbed_barcode.geometry import Corners
from flatbed_barcode.patch_lines import TYPES, UNITS, Hit, find_runs
from flatbed_barcode.view import View

_WORK_DPI = 80
_DARK_PAPER = 90
_INK = 0.62
"""Of the paper's tone around: below is ink."""
_PAPER_FACTOR, _PAPER_INCH = 4, 0.3
"""Where the tone of the paper is looked for: wider than the widest bar."""
_LOWEST_DPI, _HIGHEST_DPI = 50, 2400
_LONG_SIDE_INCH = 11.7
"""Of a page whose resolution cannot be true."""

Scale = tuple[float, float]


@dataclass(frozen=True)
class _Mask:
    """The ink of a view, small.

    Attributes:
        image: 0 is ink, 255 paper.
        scale: (horizontal, vertical) pixels of the view to one of it.
        dpi: (horizontal, vertical).
    """

    image: Image.Image
    scale: Scale
    dpi: Scale


@dataclass(frozen=True)
class _Place:
    """How a patch lies on the page.

    Attributes:
        corners: From the left or upper end of the first bar on the page, along that bar first.
        is_level: Its bars run from left to right.
        is_forward: Its first bar is the upper, or the left, one.
    """

    corners: Corners
    is_level: bool
    is_forward: bool


def find(view: View) -> list[Barcode]:
    """The patch codes of a view, in any quarter turn, askew by up to some 5 degrees.

    Types 1 and 6, and 3 and T, are each other upside down. A patch is read from the nearest edge
    of the page that its bars are parallel to, as feeders do with the leading edge: print it there.
    """
    mask = _ink_mask(view)
    level = find_runs(mask.image.transpose(Image.Transpose.TRANSPOSE), mask.dpi[::-1])
    standing = find_runs(mask.image, mask.dpi)
    return [_barcode(run, _level_place(run, view, mask)) for run in level] + [
        _barcode(run, _standing_place(run, view, mask)) for run in standing
    ]


def _ink_mask(view: View) -> _Mask:
    dpi = _believed(view)
    factors = (max(1, round(dpi[0] / _WORK_DPI)), max(1, round(dpi[1] / _WORK_DPI)))
    gray = view.image.reduce(factors) if factors != (1, 1) else view.image
    if 1 in factors and not any(gray.histogram()[1:255]):
        gray = gray.filter(ImageFilter.BoxBlur(1))  # the dots of a dithered page
    paper = _lightest(gray.reduce(_PAPER_FACTOR), _PAPER_INCH * dpi[0] / factors[0] / _PAPER_FACTOR)
    limit = paper.point([0 if tone < _DARK_PAPER else int(_INK * tone) for tone in range(256)])
    wide = (limit.width * _PAPER_FACTOR, limit.height * _PAPER_FACTOR)
    limit = limit.resize(wide, Image.Resampling.NEAREST).crop((0, 0, *gray.size))
    light = ImageChops.subtract(gray, limit, 1, 1).point([0] + [255] * 255)
    scale = (float(factors[0]), float(factors[1]))
    return _Mask(light, scale, (dpi[0] / scale[0], dpi[1] / scale[1]))


def _lightest(image: Image.Image, window: float) -> Image.Image:
    """The lightest tone in a square around each pixel, by doubling: a rank filter takes 48 ms."""
    for across, down in ((1, 0), (0, 1)):
        covered = 1
        while covered < window:
            shifted = ImageChops.offset(image, -covered * across, -covered * down)
            image = ImageChops.lighter(image, shifted)
            covered *= 2
        image = ImageChops.offset(image, covered // 2 * across, covered // 2 * down)
    return image


def _believed(view: View) -> Scale:
    if all(_LOWEST_DPI <= each <= _HIGHEST_DPI for each in view.dpi):
        return view.dpi
    guessed = max(view.image.size) / _LONG_SIDE_INCH
    return guessed, guessed


def _level_place(run: Sequence[Hit], view: View, mask: _Mask) -> _Place:
    corners = _on_page([(x, y) for x, y in _outline(run)], view, mask)
    is_forward = corners[0][1] <= view.page_px[1] - corners[2][1]
    return _Place(corners, is_level=True, is_forward=is_forward)


def _standing_place(run: Sequence[Hit], view: View, mask: _Mask) -> _Place:
    corners = _on_page([(x, y) for y, x in _outline(run)], view, mask)
    is_forward = corners[0][0] <= view.page_px[0] - corners[2][0]
    return _Place(corners, is_level=False, is_forward=is_forward)


def _outline(run: Sequence[Hit]) -> list[Point]:
    """(place along the bars, place across them) of the ends of the first edge, then of the last."""
    head, tail = run[0], run[-1]
    return [
        (head.row, head.start),
        (tail.row, tail.start),
        (tail.row, tail.end),
        (head.row, head.end),
    ]


def _on_page(points: Sequence[Point], view: View, mask: _Mask) -> Corners:
    first, second, third, fourth = ((x * mask.scale[0], y * mask.scale[1]) for x, y in points)
    return view.on_page((first, second, third, fourth))


def _barcode(run: Sequence[Hit], place: _Place) -> Barcode:
    bars = run[0].bars if place.is_forward else run[0].bars[::-1]
    kind = TYPES[bars]
    first, _, _, fourth = place.corners
    return Barcode(
        format=PATCH_CODE,
        text=kind,
        raw=kind.encode().hex(),
        corners=_turned(place),
        confidence=round(sum(hit.fit for hit in run) / len(run), 3),
        module_px=round(max(abs(first[0] - fourth[0]), abs(first[1] - fourth[1])) / UNITS, 2),
    )


def _turned(place: _Place) -> Corners:
    """From where the first bar begins on the left, with that bar held on top."""
    head, tail, tail_end, head_end = place.corners
    if place.is_level:
        return place.corners if place.is_forward else (tail_end, head_end, head, tail)
    # Bars that stand: their left end is the lower one if the first bar is on the page's left.
    if place.is_forward:
        return tail, head, head_end, tail_end
    return head_end, tail_end, tail, head
