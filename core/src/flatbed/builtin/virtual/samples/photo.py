"""A magazine page with a large photograph: a mountain lake at dusk."""

from __future__ import annotations

from PIL import ImageChops

from flatbed.builtin.virtual.samples.canvas import GRAY_INK, Canvas
from flatbed.builtin.virtual.samples.scene import film_grain, lake_at_dusk

_PHOTO_MM = (15.0, 66.0, 195.0, 186.0)
_RUST = (150, 66, 34)
_LEFT_COLUMN = """
The path leaves the road behind the last farm and climbs through birches for an hour. Nobody
hurries here. The stones are wet until noon, and the best light comes late anyway, when the
walkers are back in the village and the wind has gone to sleep.

From the saddle you see the whole of the water for the first time: four miles of it, without a
house, a boat or a jetty. The way down is steep and in bad repair. Keep right of the stream,
where the old steps are.
"""
_RIGHT_COLUMN = """
We stayed three evenings to see the lake turn from green to copper and then, within minutes, to
slate. On the third, a heron crossed the whole length of it without a single beat of its wings.
Nobody said a word until it was gone.

The hut above the western shore sleeps twelve and is open from May to October. There is a stove
and usually dry wood; bring bread, candles and a warm coat. The warden, Mrs. Tolland, comes by
on Fridays and knows where the otters are.
"""


def draw(canvas: Canvas) -> None:
    """Draw the page on a blank sheet."""
    canvas.spaced((15, 24), "THE NORTHERN WALKER", pt=8.5, gap_mm=0.8, ink=_RUST, is_bold=True)
    canvas.text((195, 24), "Autumn   41", pt=8.5, ink=GRAY_INK, anchor="rs")
    canvas.rule((15, 27), (195, 27), width=0.3, ink=_RUST)
    canvas.text((15, 46), "An evening at Lake Orrin", pt=34, is_bold=True)
    canvas.paragraph(
        (15, 56),
        "Three hours on foot from the nearest road, and at dusk the quietest place there is.",
        width=170,
        pt=13,
        leading=6.4,
        ink=GRAY_INK,
    )
    _photograph(canvas)
    canvas.text((15, 191.5), "The western shore, twenty minutes after sunset.", pt=8, ink=GRAY_INK)
    for column, story in enumerate((_LEFT_COLUMN, _RIGHT_COLUMN)):
        y = 204.0
        for text in story.split("\n\n"):
            y = 2.4 + canvas.paragraph((15 + 93 * column, y), text, width=87, pt=10.5, leading=5.4)
    canvas.rule((15, 281), (195, 281), width=0.15, ink=GRAY_INK)
    canvas.text((105, 286), "41", pt=8.5, ink=GRAY_INK, anchor="ms")


def _photograph(canvas: Canvas) -> None:
    left, top, right, bottom = canvas.box_px(_PHOTO_MM)
    canvas.place(lake_at_dusk(), _PHOTO_MM)
    photo = canvas.image.crop((left, top, right, bottom))
    grain = film_grain(photo.size).convert(photo.mode)
    # Both halves of the grain: what is above middle gray lightens, what is below darkens.
    canvas.image.paste(ImageChops.add(photo, grain, 1, -128), (left, top))
