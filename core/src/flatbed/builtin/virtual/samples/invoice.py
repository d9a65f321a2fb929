"""An invoice: letterhead, a table of items, totals, a rubber stamp."""

from __future__ import annotations

import math

from flatbed.builtin.virtual.samples.canvas import GRAY_INK, INK, Canvas

_GREEN = (24, 92, 78)
_STRIPE = (232, 240, 236)
_WHITE = (252, 252, 250)
_STAMP = (186, 44, 48)
_LEFT, _RIGHT = 20.0, 190.0
_TABLE_TOP = 108.0
_ROW = 8.2

# Position, description, quantity, unit price in cents.
_ITEMS = (
    ("A-1041", "Copy paper A4, 80 g, white, box of 5 reams", 12, 2390),
    ("A-1077", "Copy paper A3, 80 g, white, ream", 4, 1180),
    ("F-2210", "Lever arch file, 80 mm, dark blue", 30, 285),
    ("F-2216", "Dividers A to Z, card, full set", 30, 164),
    ("P-3302", "Ball pen, black, medium, box of 50", 2, 1895),
    ("P-3340", "Highlighter, yellow, box of 10", 5, 740),
    ("E-4008", "Window envelope DL, box of 500", 3, 2160),
    ("E-4031", "Padded envelope 240 x 340 mm, box of 100", 1, 3420),
    ("T-5120", "Toner cartridge HL-4, black, 8,000 pages", 2, 8950),
    ("S-9001", "Delivery to the second floor", 1, 1500),
)
_VAT_PERCENT = 20
_COLUMNS = (("No.", 22.0, "l"), ("Article", 31.0, "l"), ("Description", 49.0, "l"))
_NUMBER_COLUMNS = (("Quantity", 139.0), ("Unit price", 163.0), ("Amount", 188.0))
_DETAILS = (
    ("Invoice number", "2026-0417"),
    ("Invoice date", "17 March 2026"),
    ("Customer number", "10 338"),
    ("Delivered on", "13 March 2026"),
    ("Due date", "16 April 2026"),
)
_CUSTOMER = (
    "Wenlow District Library",
    "Accounts department",
    "22 Market Square",
    "Wenlow  WN1 1AA",
)
_TERMS = (
    "Please pay within 30 days to Harbour Savings Bank, account 20 4417 0098, and give the invoice "
    "number as the reference. Goods remain our property until they are paid in full. Complaints "
    "can only be considered within 14 days of delivery."
)


def draw(canvas: Canvas) -> None:
    """Draw the invoice on a blank sheet."""
    _letterhead(canvas)
    _parties(canvas)
    bottom = _table(canvas)
    _totals(canvas, bottom)
    _terms(canvas)
    _stamp(canvas)


def _letterhead(canvas: Canvas) -> None:
    canvas.fill((0, 16, 12, 38), _GREEN)
    canvas.text((_LEFT, 26), "Harbour Street", pt=20, ink=_GREEN, is_bold=True)
    canvas.text((_LEFT, 34.4), "Stationers", pt=20, ink=_GREEN)
    canvas.text((_RIGHT, 30), "INVOICE", pt=30, ink=_GREEN, anchor="rs")
    canvas.text(
        (_RIGHT, 36.6), "5 Harbour Street, Port Ellery PE1 3SB", pt=8, ink=GRAY_INK, anchor="rs"
    )
    canvas.text(
        (_RIGHT, 40.6),
        "Telephone 555 0177, sales@harbour-street.example",
        pt=8,
        ink=GRAY_INK,
        anchor="rs",
    )


def _parties(canvas: Canvas) -> None:
    canvas.spaced((_LEFT, 58), "INVOICE TO", pt=7.5, gap_mm=0.35, ink=_GREEN)
    for number, line in enumerate(_CUSTOMER):
        canvas.text((_LEFT, 64.5 + 5.4 * number), line, pt=10.5, is_bold=number == 0)
    canvas.fill((118, 52, _RIGHT, 89), _STRIPE)
    for number, (label, value) in enumerate(_DETAILS):
        y = 59.4 + 6.3 * number
        canvas.text((122, y), label, pt=9, ink=GRAY_INK)
        canvas.text((_RIGHT - 4, y), value, pt=9.5, anchor="rs")
    canvas.text(
        (_LEFT, 99), "Thank you for your order of 10 March. We delivered as follows:", pt=10
    )


def _table(canvas: Canvas) -> float:
    canvas.fill((_LEFT, _TABLE_TOP, _RIGHT, _TABLE_TOP + _ROW), _GREEN)
    y = _TABLE_TOP + 5.5
    for title, x, _ in _COLUMNS:
        canvas.text((x, y), title, pt=9, ink=_WHITE, is_bold=True)
    for title, x in _NUMBER_COLUMNS:
        canvas.text((x, y), title, pt=9, ink=_WHITE, anchor="rs", is_bold=True)
    for number, item in enumerate(_ITEMS, start=1):
        _row(canvas, number, item)
    bottom = _TABLE_TOP + _ROW * (len(_ITEMS) + 1)
    canvas.rule((_LEFT, bottom), (_RIGHT, bottom), width=0.4, ink=_GREEN)
    return bottom


def _row(canvas: Canvas, number: int, item: tuple[str, str, int, int]) -> None:
    article, description, quantity, cents = item
    top = _TABLE_TOP + _ROW * number
    if number % 2 == 0:
        canvas.fill((_LEFT, top, _RIGHT, top + _ROW), _STRIPE)
    y = top + 5.5
    canvas.text((22, y), str(number), pt=9)
    canvas.text((31, y), article, pt=9)
    canvas.text((49, y), description, pt=9)
    cells = (str(quantity), _money(cents), _money(quantity * cents))
    for (_, x), text in zip(_NUMBER_COLUMNS, cells, strict=True):
        canvas.text((x, y), text, pt=9, anchor="rs")


def _totals(canvas: Canvas, top: float) -> None:
    net = sum(quantity * cents for _, _, quantity, cents in _ITEMS)
    vat = round(net * _VAT_PERCENT / 100)
    lines = (("Net amount", net), (f"VAT {_VAT_PERCENT} %", vat))
    for number, (label, cents) in enumerate(lines):
        y = top + 7.5 + 6.4 * number
        canvas.text((128, y), label, pt=9.5, ink=GRAY_INK)
        canvas.text((188, y), _money(cents), pt=9.5, anchor="rs")
    y = top + 25.5
    canvas.fill((125, y - 6.6, _RIGHT, y + 3.4), _GREEN)
    canvas.text((128, y), "Amount due, EUR", pt=11, ink=_WHITE, is_bold=True)
    canvas.text((188, y), _money(net + vat), pt=11, ink=_WHITE, anchor="rs", is_bold=True)


def _terms(canvas: Canvas) -> None:
    canvas.spaced((_LEFT, 246), "PAYMENT", pt=7.5, gap_mm=0.35, ink=_GREEN)
    canvas.paragraph((_LEFT, 251.5), _TERMS, width=118, pt=8.5, leading=4.5, ink=INK)
    canvas.rule((_LEFT, 277), (_RIGHT, 277), width=0.2, ink=_GREEN)
    canvas.text(
        (105, 282),
        "Harbour Street Stationers Ltd.   Registered in Port Ellery, no. 448 210   "
        "VAT no. 338 4417 02",
        pt=7,
        ink=GRAY_INK,
        anchor="ms",
    )


def _stamp(canvas: Canvas) -> None:
    # Pressed on by hand: a little askew, and not quite in the middle of anything.
    centre, degrees = (66.0, 224.0), 7.0
    with canvas.pen((34, 206, 98, 242), _STAMP) as pen:
        pen.line(_turned_box(centre, (27.0, 11.5), degrees), 0.9)
        pen.line(_turned_box(centre, (25.4, 9.9), degrees), 0.3)
    canvas.turned((66, 221.2), "RECEIVED", degrees=degrees, pt=20, ink=_STAMP, is_bold=True)
    canvas.turned((66.6, 229.4), "19 MAR 2026   No. 0882", degrees=degrees, pt=9, ink=_STAMP)


def _turned_box(
    centre: tuple[float, float], half: tuple[float, float], degrees: float
) -> list[tuple[float, float]]:
    """The outline of a box turned counter-clockwise, closed."""
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (1, -1)]
    return [
        (
            centre[0] + x * half[0] * cosine + y * half[1] * sine,
            centre[1] - x * half[0] * sine + y * half[1] * cosine,
        )
        for x, y in corners
    ]


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02}"
