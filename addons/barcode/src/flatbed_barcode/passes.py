"""Which readers look at a page, how often, and at which size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast

from PIL import Image, ImageFilter

from flatbed.addon import Barcode
from flatbed_barcode import first_pass, patch, second_pass
from flatbed_barcode.first_pass import Effort
from flatbed_barcode.formats import PATCH_CODE, Wanted
from flatbed_barcode.geometry import box_of, in_reading_order, overlap
from flatbed_barcode.joining import join_add_ons, merge
from flatbed_barcode.view import View

_SMALL_PX = 2_500_000
"""Up to here (A4 at 150 dpi has 2.2 million) a page is looked at again twice as large. On one of
200 dpi without any code that would take four times as long as all that came before."""
_TINY_PX = 1_000_000
"""Up to here all that helps with photos of single codes is tried; it costs a few milliseconds."""
_FINE_DPI = 450
"""From here on no printed module is too small to be read at the size it has."""
_TILE_PX, _TILE_STEP_PX = 1280, 960
"""Tiles overlap by 320 px, an inch at 300 dpi: a symbol is whole in one of them, or so large that
the pass over the page reads it."""
_FAINT = 40
"""Tones between the lightest and the darkest pixel of a tile with nothing on it."""
_SAME_BARS = 0.3
"""Of a patch or a code covered by the other."""

Pass = Callable[[View, Wanted], list[Barcode]]


def read_view(view: View, wanted: Wanted, effort: str) -> list[Barcode]:
    """All barcodes of a view, each once, in reading order.

    Args:
        view: What to look at.
        wanted: Symbologies.
        effort: `speed`: zxing once, without what is light on dark. `balance`: zxing, and where it
            finds nothing zbar, then both harder, until one does. `coverage`: all of them always,
            and what lies between twice as large.
    """
    codes = read_codes(view, wanted, effort) if wanted.has_codes else []
    patches = find_patches(view, codes) if wanted.has(PATCH_CODE) else []
    return in_reading_order([*patches, *codes])


def read_codes(view: View, wanted: Wanted, effort: str) -> list[Barcode]:
    """As `read_view`, without patch codes."""
    found = _READ[effort](view, wanted)
    return in_reading_order(merge(join_add_ons(merge(found))))


def find_patches(view: View, codes: Sequence[Barcode]) -> list[Barcode]:
    """The patch codes of a view that are not the bars of a code that was read."""
    boxes = [box_of(code.corners) for code in codes]
    return [
        each
        for each in patch.find(view)
        if all(overlap(box_of(each.corners), box) < _SAME_BARS for box in boxes)
    ]


def _read_fast(view: View, wanted: Wanted) -> list[Barcode]:
    return first_pass.read(view, wanted, Effort(invert=False))


def _read_until_found(view: View, wanted: Wanted) -> list[Barcode]:
    for each in _ladder(view):
        found = each(view, wanted)
        if found:
            return found
    return []


def _read_all(view: View, wanted: Wanted) -> list[Barcode]:
    found = [barcode for each in _ladder(view) for barcode in each(view, wanted)]
    for tile in _tiles(view):
        found += _first(tile, wanted)
        found += second_pass.read(tile, wanted)
    return found


_READ: dict[str, Pass] = {
    "speed": _read_fast,
    "balance": _read_until_found,
    "coverage": _read_all,
}


def _ladder(view: View) -> Iterator[Pass]:
    """The passes over a whole view, cheapest first."""
    yield _first
    yield second_pass.read
    pixels = view.image.width * view.image.height
    if pixels <= _SMALL_PX and max(view.dpi) < _FINE_DPI:
        yield _first_enlarged
    if pixels <= _TINY_PX:
        yield _first_sharpened
        yield _first_with_one_threshold
        yield _second_enlarged


def _first(view: View, wanted: Wanted) -> list[Barcode]:
    return first_pass.read(view, wanted, Effort())


def _first_enlarged(view: View, wanted: Wanted) -> list[Barcode]:
    return first_pass.read(view.whole(times=2), wanted, Effort(downscale=False))


def _first_sharpened(view: View, wanted: Wanted) -> list[Barcode]:
    sharp = view.with_image(view.image.filter(ImageFilter.UnsharpMask(3, 200, 0)))
    return first_pass.read(sharp, wanted, Effort())


def _first_with_one_threshold(view: View, wanted: Wanted) -> list[Barcode]:
    return first_pass.read(view.whole(times=2), wanted, Effort(one_threshold=True))


def _second_enlarged(view: View, wanted: Wanted) -> list[Barcode]:
    return second_pass.read(view.whole(times=2), wanted)


def _tiles(view: View) -> Iterator[View]:
    """Overlapping parts with anything on them, twice as large unless the view is fine enough."""
    width, height = view.image.size
    times = 1 if max(view.dpi) >= _FINE_DPI else 2
    if width * height <= _SMALL_PX and times == 2:
        return  # the ladder has it at this size already
    for top in _starts(height):
        for left in _starts(width):
            box = (left, top, min(left + _TILE_PX, width), min(top + _TILE_PX, height))
            if _has_ink(view.image.crop(box)):
                yield view.part(box, times=times)


def _starts(length: int) -> range:
    return range(0, max(1, length - _TILE_PX + _TILE_STEP_PX), _TILE_STEP_PX)


def _has_ink(image: Image.Image) -> bool:
    darkest, lightest = cast("tuple[float, float]", image.getextrema())  # of one band
    return lightest - darkest > _FAINT
