"""Whether there is anything on a page."""

from __future__ import annotations

from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter, ImageStat

from flatbed.addon.looking.blocks import Block, find_blocks
from flatbed.addon.looking.ink import paper_tone
from flatbed.addon.looking.overview import Dpi, look

_WORK_DPI = 100
_MAX_PX = 2000
_AROUND_PX = 12
_DARKEST_PAPER = 60
_PALEST, _PALEST_IN_NOISE = 20, 34
"""How many tones ink is below what is around it: less is what shines through from the back."""
_LOWEST_MM, _LOWEST_ALONE_MM = 1.3, 1.9
"""The letters of small print; and digits of 8 points, since lint on the glass stands alone."""
_MARGIN_MM = 4
_MUCH_INK = 0.03


def is_blank(image: Image.Image, dpi: Dpi, *, lowest_px: float = 0, highest_px: float = 0) -> bool:
    """Tell whether a page has nothing on it that somebody wrote, printed or drew.

    Ink is what is clearly darker than the quarter inch around, in blocks that touch. A block
    counts unless it is a speck, or a border or shadow: at the page's edge, long and thin as a
    fold or a streak, or as round and as large as a punch hole near an edge. Two low blocks beside
    each other are no specks but letters.

    Args:
        image: Of mode `1`, `L` or `RGB`.
        dpi: (horizontal, vertical) dots per inch.
        lowest_px: Lower blocks are specks; 0 for 1.9 mm, beside another 1.3 mm.
        highest_px: Higher blocks are borders; 0 for nine tenths of the page's height.
    """
    view = look(image, _longest_px(image, dpi), dpi=dpi)
    if paper_tone(view.image) < _DARKEST_PAPER:
        return False
    mm = dpi[1] / view.scale[1] / 25.4
    mask = _ink(view.image, mm)
    if _share(mask) > _MUCH_INK:
        return False
    low = lowest_px / view.scale[1] if lowest_px else _LOWEST_MM * mm
    high = highest_px / view.scale[1] if highest_px else 0.9 * mask.height
    blocks = [
        block
        for block in find_blocks(mask)
        if low <= _height(block) <= high and not _is_of_the_sheet(block, mask.size, mm)
    ]
    if lowest_px:
        return not blocks
    return not (
        any(_height(each) >= _LOWEST_ALONE_MM * mm for each in blocks) or _has_pair(blocks, mm)
    )


def _longest_px(image: Image.Image, dpi: Dpi) -> int:
    inches = max(image.width / dpi[0], image.height / dpi[1])
    return max(1, min(_MAX_PX, round(inches * _WORK_DPI)))


def _ink(gray: Image.Image, mm: float) -> Image.Image:
    """A mask of mode `L` of the page without its margin."""
    depth = ImageChops.subtract(gray.filter(ImageFilter.BoxBlur(_AROUND_PX)), gray)
    noise = ImageStat.Stat(depth).mean[0] / 0.4  # the mean of a bell curve's upper half
    palest = round(min(max(_PALEST, 4 * noise), _PALEST_IN_NOISE))
    mask = depth.point([0] * palest + [255] * (256 - palest))
    margin = min(round(_MARGIN_MM * mm), min(mask.size) // 4)
    return mask.crop((margin, margin, mask.width - margin, mask.height - margin))


def _share(mask: Image.Image) -> float:
    return ImageStat.Stat(mask).mean[0] / 255


def _height(block: Block) -> int:
    return block.runs[-1][0] + 1 - block.runs[0][0]


def _has_pair(blocks: list[Block], mm: float) -> bool:
    """Whether two stand side by side on a line."""
    boxes = sorted(block.box for block in blocks)
    return any(
        -2 <= right[0] - left[2] <= 1.5 * mm and abs(left[3] - right[3]) <= 0.6 * mm
        for left, right in pairwise(boxes)
    )


def _is_of_the_sheet(block: Block, size: tuple[int, int], mm: float) -> bool:
    left, top, right, bottom = block.box
    sides = sorted((right - left, bottom - top))
    is_thin = block.area / sides[1] <= 2 * mm
    if left == 0 or top == 0 or right == size[0] or bottom == size[1]:
        return is_thin or _clings_to_edge(block.box, size)
    is_long = sides[1] >= 0.25 * min(size)
    return (is_long and is_thin and sides[0] <= 2.5 * mm) or _is_hole(block, size, mm)


def _clings_to_edge(box: tuple[int, int, int, int], size: tuple[int, int]) -> bool:
    """Whether it reaches no further into the page than a twelfth of it, from the edge it is at."""
    left, top, right, bottom = box
    across, down = size[0] / 12, size[1] / 12
    return right <= across or left >= size[0] - across or bottom <= down or top >= size[1] - down


def _is_hole(block: Block, size: tuple[int, int], mm: float) -> bool:
    """Whether it is as round as a punch hole, as large, and as near to an edge."""
    left, top, right, bottom = block.box
    width, height = right - left, bottom - top
    if not (4 * mm <= min(width, height) and max(width, height) <= 9 * mm):
        return False
    from_edge = min(left, top, size[0] - right, size[1] - bottom)
    return (
        from_edge <= 16 * mm
        and max(width, height) <= 1.35 * min(width, height)
        and (_is_round(block, width, height))
    )


def _is_round(block: Block, width: int, height: int) -> bool:
    """Whether its outer outline is the ellipse that fits its box."""
    left = block.box[0]
    top = block.runs[0][0]
    deviation, rows = 0.0, 0
    for row in range(height):
        own = [run for run in block.runs if run[0] == top + row]
        if not own:
            return False
        across = 2 * (row + 0.5) / height - 1
        half = (1 - across * across) ** 0.5 * width / 2
        deviation += abs(own[0][1] - left - (width / 2 - half))
        deviation += abs(own[-1][2] - left - (width / 2 + half))
        rows += 1
    return deviation / (2 * rows) <= max(1.0, 0.06 * width)
