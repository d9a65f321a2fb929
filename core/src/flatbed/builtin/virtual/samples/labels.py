"""A goods receipt with barcodes: a parcel's label, articles, and the tags of their shelves."""

from __future__ import annotations

from flatbed.builtin.virtual.barcodes import code_39, code_128, ean_13, ean_13_text
from flatbed.builtin.virtual.samples.canvas import GRAY_INK, INK, Canvas

PARCEL = "FLB 0048 2210 7735 9016"
"""What the Code 128 symbol of the parcel says, without the blanks."""

ARTICLES = (
    ("201234567890", "Field notebook, squared, 96 pages", "B-07-114", "40"),
    ("204417003311", "Drawing pencil HB, box of 12", "B-07-115", "24"),
    ("209876500042", "Steel ruler, 30 cm, cork backed", "C-12-002", "15"),
)
"""First twelve digits for EAN-13, name, shelf for Code 39, pieces."""

_LEFT, _RIGHT = 20.0, 190.0
_CARD = (20.0, 44.0, 190.0, 132.0)
_TABLE_TOP = 156.0
_ROW = 36.0
_MODULE_MM = 0.339  # a whole pixel at 75 dpi, and near EAN-13's nominal width
_STRIPE = (236, 234, 228)
_PEN_INK = (30, 44, 122)


def draw(canvas: Canvas) -> None:
    """Draw the receipt on a blank sheet."""
    canvas.text((_LEFT, 28), "Goods receipt", pt=22, is_bold=True)
    canvas.text((_LEFT, 35), "Wenlow District Library, rear entrance", pt=10, ink=GRAY_INK)
    canvas.text((_RIGHT, 27), "No. 0882", pt=14, anchor="rs")
    canvas.text((_RIGHT, 33.5), "19 March 2026, 9:42", pt=10, ink=GRAY_INK, anchor="rs")
    _parcel(canvas)
    _table(canvas)
    _foot(canvas)


def _parcel(canvas: Canvas) -> None:
    left, top, right, bottom = _CARD
    canvas.frame(_CARD, width=0.5)
    canvas.fill((left, top, left + 30, top + 30), INK)
    canvas.text((left + 15, top + 22.5), "P", pt=58, ink=(250, 249, 245), anchor="ms", is_bold=True)
    canvas.rule((left, top + 30), (right, top + 30), width=0.5)
    canvas.text((left + 36, top + 12), "PARCEL 2 DAYS", pt=20, is_bold=True)
    canvas.text((left + 36, top + 21), "1 of 1      6.40 kg      38 x 29 x 18 cm", pt=11)
    canvas.rule((right - 40, top), (right - 40, top + 30), width=0.3)
    canvas.text((right - 20, top + 8), "ROUTE", pt=8, anchor="ms", ink=GRAY_INK)
    canvas.text((right - 20, top + 22), "WN 14", pt=24, anchor="ms", is_bold=True)
    _addresses(canvas, top + 37)
    canvas.rule((left, top + 58), (right, top + 58), width=0.3)
    modules = code_128(PARCEL.replace(" ", ""))
    step = 2 * _MODULE_MM
    width = len(modules) * step
    bars = canvas.bars(
        (105 - width / 2, top + 61), modules, module_mm=step, height=bottom - top - 69
    )
    canvas.text(((bars[0] + bars[2]) / 2, bottom - 2.2), PARCEL, pt=11, anchor="ms")


def _addresses(canvas: Canvas, y: float) -> None:
    sender = ("Harbour Street Stationers", "5 Harbour Street", "Port Ellery  PE1 3SB")
    receiver = ("Wenlow District Library", "22 Market Square", "Wenlow  WN1 1AA")
    canvas.text((24, y), "From", pt=7.5, ink=GRAY_INK)
    canvas.text((96, y), "To", pt=7.5, ink=GRAY_INK)
    for number, (from_line, to_line) in enumerate(zip(sender, receiver, strict=True)):
        canvas.text((24, y + 5.4 + 4.6 * number), from_line, pt=9)
        canvas.text((96, y + 5.8 + 5.4 * number), to_line, pt=12, is_bold=number == 0)


def _table(canvas: Canvas) -> None:
    canvas.text((_LEFT, _TABLE_TOP - 10.5), "Contents", pt=12, is_bold=True)
    canvas.fill((_LEFT, _TABLE_TOP - 7, _RIGHT, _TABLE_TOP), _STRIPE)
    for x, title in ((22.0, "Article"), (78.0, "Description"), (132.0, "Shelf")):
        canvas.text((x, _TABLE_TOP - 2.2), title, pt=9, is_bold=True)
    canvas.text((128, _TABLE_TOP - 2.2), "Pcs.", pt=9, anchor="rs", is_bold=True)
    for number, article in enumerate(ARTICLES):
        _row(canvas, _TABLE_TOP + _ROW * number, article)


def _row(canvas: Canvas, top: float, article: tuple[str, str, str, str]) -> None:
    digits, name, shelf, pieces = article
    _ean(canvas, (28.0, top + 5), digits)
    canvas.paragraph((78, top + 13), name, width=38, pt=10, leading=5)
    canvas.text((128, top + 13), pieces, pt=10, anchor="rs")
    bars = canvas.bars((135.0, top + 7), code_39(shelf), module_mm=_MODULE_MM, height=15)
    canvas.text(((bars[0] + bars[2]) / 2, top + 27), shelf, pt=10, anchor="ms")
    canvas.rule((_LEFT, top + _ROW), (_RIGHT, top + _ROW), width=0.2, ink=GRAY_INK)


def _ean(canvas: Canvas, at: tuple[float, float], digits: str) -> None:
    modules, text = ean_13(digits), ean_13_text(digits)
    guards = "".join(
        bit if at < 3 or 45 <= at < 50 or at >= 92 else "0" for at, bit in enumerate(modules)
    )
    left, _, right, bottom = canvas.bars(at, modules, module_mm=_MODULE_MM, height=20)
    canvas.bars((left, bottom), guards, module_mm=_MODULE_MM, height=2.2)
    step = (right - left) / 95
    for number, digit in enumerate(text):
        # The first stands before the bars, the others under their seven modules each.
        place = -5.5 if number == 0 else 6.5 + 7 * (number - 1) + (5 if number > 6 else 0)
        canvas.text((left + place * step, bottom + 3.4), digit, pt=8, anchor="ms")


def _foot(canvas: Canvas) -> None:
    canvas.text((_LEFT, 277), "Checked by", pt=8.5, ink=GRAY_INK)
    canvas.rule((40, 277.4), (92, 277.4), width=0.15)
    canvas.text((110, 277), "Complete and undamaged", pt=8.5, ink=GRAY_INK)
    canvas.frame((150, 273.4, 154, 277.4), width=0.25)
    with canvas.pen((40, 266, 94, 282), _PEN_INK) as pen:
        pen.curve([(44, 276), (47, 265), (50, 269), (47, 278)], (0.5, 0.35))
        pen.curve([(47, 278), (50, 271), (53, 271), (53, 276)], (0.35, 0.5))
        pen.curve([(53, 276), (58, 269), (60, 279), (74, 272)], (0.5, 0.3))
    with canvas.pen((148, 268, 158, 280), _PEN_INK) as pen:
        pen.line([(150.6, 275), (151.8, 276.8), (155.4, 271.2)], 0.55)
