"""What on a page is ink: darker than its surroundings, and no shadow, border or photograph."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter

_AROUND_PX = 12
"""Wider than the strokes of text on an overview of 1000 pixels, narrower than shadows."""
_PALEST = 14
"""How many tones below its surroundings ink begins: above a scanner's noise, below pencil."""
_GAIN = 6
"""Makes all ink from about 55 tones on alike, so that a border does not outweigh text."""
_CELL_PX = 8


def ink_map(gray: Image.Image) -> Image.Image:
    """How much ink there is at each place.

    Args:
        gray: Of mode `L`, some 1000 pixels long.

    Returns:
        As large, of mode `L`: 0 is paper, 255 surely ink. Solid dark areas of three cells and
        more, which are borders, beds and photographs, count as paper, their rims too.
    """
    depth = ImageChops.subtract(gray.filter(ImageFilter.BoxBlur(_AROUND_PX)), gray)
    ink = depth.point([min(255, max(0, (tone - _PALEST) * _GAIN)) for tone in range(256)])
    ink.paste(0, (0, 0), _solid_areas(gray))
    return ink


def paper_tone(gray: Image.Image) -> int:
    """The tone that a tenth of all pixels reach: paper, however gray, and not its highlights."""
    counts = gray.histogram()
    lighter, limit = 0, sum(counts) / 10
    for tone in range(255, 0, -1):
        lighter += counts[tone]
        if lighter >= limit:
            return tone
    return 0


def _solid_areas(gray: Image.Image) -> Image.Image:
    """A mask of mode `L`, 255 on and next to what is dark without a gap."""
    half = paper_tone(gray) // 2
    cells = gray.reduce(_CELL_PX).filter(ImageFilter.MaxFilter(3))
    solid = cells.point([255] * half + [0] * (256 - half)).filter(ImageFilter.MaxFilter(5))
    size = (solid.width * _CELL_PX, solid.height * _CELL_PX)
    return solid.resize(size, Image.Resampling.NEAREST).crop((0, 0, *gray.size))
