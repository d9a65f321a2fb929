"""A typed letter: letterhead, address, four paragraphs, a signature."""

from __future__ import annotations

from flatbed.builtin.virtual.samples.canvas import GRAY_INK, INK, Canvas

_BLUE = (32, 62, 110)
_PEN_INK = (30, 44, 122)
_LEFT, _RIGHT = 25.0, 187.0
_LEADING = 5.3

_SENDER = ("14 Quayside Terrace", "Port Ellery  PE4 2LQ", "office@lindqvist-hale.example")
_ADDRESSEE = (
    "Mrs. Marion Achterberg",
    "Fieldgate House",
    "3 Orchard Lane",
    "Upper Wenlow  WN7 5AB",
)
_BODY = """
Thank you for your letter of 2 March, and for sending the older plans of the garden along with
it. They were of more use to us than anything the land registry could offer, and we return the
originals with this letter by registered post.

Our two surveyors spent the afternoon of 9 March on the site. The wall between your orchard and
the lane was measured from three fixed stations. It follows the line of the plan of 1931 within
four centimetres over its whole length of 86.40 metres. The only exception is the corner at the
old gate, where the wall leans outwards by 11 centimetres at its top. We recommend that a mason
looks at this part before the next winter.

The hedge that Mr. Calloway mentions stands wholly on your side. Its roots do not reach the
drain, which runs 2.70 metres further east than the drawing of 1974 shows. The corrected course
is marked in red on sheet 2 of the enclosed plan. No change to the entry in the land registry is
necessary.

Please check the spelling of all names on the plan, sign both copies in the box at the lower
right, and send one of them back to us before the end of April. Our invoice follows once the
plan is signed. If anything is unclear, simply telephone; the number above is answered on
weekdays between eight and four.
"""
_FOOTER = (
    ("Lindqvist & Hale", "Land surveyors", "Established 1962"),
    ("Telephone 555 0142", "Fax 555 0143", "Mon to Fri, 8 to 16 h"),
    ("Harbour Savings Bank", "Account 20 4417 0098", "Reference 26-0317"),
)


def draw(canvas: Canvas) -> None:
    """Draw the letter on a blank sheet."""
    _letterhead(canvas)
    _address(canvas)
    y = 112.0
    canvas.text(
        (_LEFT, y), "Boundary wall at Fieldgate House, survey of 9 March", pt=10.5, is_bold=True
    )
    y += 2.1 * _LEADING
    canvas.text((_LEFT, y), "Dear Mrs. Achterberg,", pt=10.5)
    y += 1.7 * _LEADING
    for paragraph in _BODY.split("\n\n"):
        y = canvas.paragraph((_LEFT, y), paragraph, width=_RIGHT - _LEFT, pt=10.5, leading=_LEADING)
        y += 0.55 * _LEADING
    _closing(canvas, y + 1)
    _footer(canvas)
    _folds(canvas)


def _letterhead(canvas: Canvas) -> None:
    with canvas.pen((_LEFT - 1, 17, _LEFT + 17, 35), _BLUE) as pen:
        centre = (_LEFT + 8, 26.0)
        pen.arc(centre, 7.4, 0.7)
        pen.shape([(_LEFT + 8, 19.5), (_LEFT + 10.1, 26), (_LEFT + 8, 26)])
        pen.shape([(_LEFT + 8, 32.5), (_LEFT + 5.9, 26), (_LEFT + 8, 26)])
        pen.line([(_LEFT + 8, 19.5), (_LEFT + 5.9, 26), (_LEFT + 8, 32.5)], 0.3)
        pen.line([(_LEFT + 8, 19.5), (_LEFT + 10.1, 26), (_LEFT + 8, 32.5)], 0.3)
        pen.line([(_LEFT + 1.6, 26), (_LEFT + 4.4, 26)], 0.4)
        pen.line([(_LEFT + 11.6, 26), (_LEFT + 14.4, 26)], 0.4)
    canvas.spaced((_LEFT + 20, 26), "LINDQVIST & HALE", pt=17, gap_mm=0.9, ink=_BLUE, is_bold=True)
    canvas.spaced(
        (_LEFT + 20.2, 32), "LAND SURVEYORS AND MAPMAKERS", pt=7.5, gap_mm=0.62, ink=GRAY_INK
    )
    for number, line in enumerate(_SENDER):
        canvas.text((_RIGHT, 23 + 4.4 * number), line, pt=8, ink=GRAY_INK, anchor="rs")
    canvas.rule((_LEFT, 39), (_RIGHT, 39), width=0.35, ink=_BLUE)


def _address(canvas: Canvas) -> None:
    canvas.text(
        (_LEFT, 54), "Lindqvist & Hale, 14 Quayside Terrace, Port Ellery", pt=6.5, ink=GRAY_INK
    )
    canvas.rule((_LEFT, 55.4), (_LEFT + 52.5, 55.4), width=0.1, ink=GRAY_INK)
    for number, line in enumerate(_ADDRESSEE):
        canvas.text((_LEFT, 62 + 5.2 * number), line, pt=10.5)
    for number, (label, value) in enumerate(
        (
            ("Our reference", "26-0317 / MH"),
            ("Your letter", "2 March 2026"),
            ("Date", "16 March 2026"),
        )
    ):
        y = 62 + 5.2 * number
        canvas.text((134, y), label, pt=8.5, ink=GRAY_INK)
        canvas.text((159, y), value, pt=9.5)


def _closing(canvas: Canvas, y: float) -> None:
    canvas.text((_LEFT, y), "Yours sincerely,", pt=10.5)
    _signature(canvas, _LEFT, y + 3)
    canvas.text((_LEFT, y + 24), "Margaret Hale", pt=10.5)
    canvas.text((_LEFT, y + 29), "Chartered surveyor", pt=8.5, ink=GRAY_INK)
    canvas.text((134, y + 24), "Enclosed: plan in 2 copies,", pt=8.5, ink=GRAY_INK)
    canvas.text((134, y + 28.4), "originals of 1931 and 1974", pt=8.5, ink=GRAY_INK)


def _signature(canvas: Canvas, x: float, y: float) -> None:
    strokes = (
        ((1, 13), (4, 4), (7, -1), (7.5, 3)),
        ((7.5, 3), (8, 8), (6.6, 12), (7.4, 12)),
        ((7.4, 12), (9, 12), (12, 0), (13.6, 1.4)),
        ((13.6, 1.4), (15, 3), (11.8, 12.6), (13.6, 12.6)),
        ((13.6, 12.6), (16, 12.6), (16.8, 8), (18.6, 8.4)),
        ((18.6, 8.4), (20, 9), (16.6, 12.8), (18.8, 12.6)),
        ((18.8, 12.6), (21, 12.2), (21.2, 8.6), (22, 9)),
        ((22, 9), (23, 9.6), (22.4, 12), (24.4, 11)),
        ((28.5, 1), (27, 5), (26.6, 10), (26.2, 14.4)),
        ((25.2, 8.6), (28, 7), (31.4, 6.6), (34, 6.4)),
        ((35.6, 0.4), (34, 6), (33, 11), (33.6, 13.8)),
        ((33.6, 13.8), (35, 14), (36.4, 9.4), (38, 9.8)),
        ((38, 9.8), (39, 10.4), (36.4, 13.6), (38.4, 13.4)),
        ((38.4, 13.4), (42, 12), (43.6, 2), (42.4, 2)),
        ((42.4, 2), (41, 2.4), (40.6, 12.6), (42.8, 12.8)),
        ((42.8, 12.8), (46, 12.4), (47, 8.6), (45.6, 9)),
        ((45.6, 9), (43.4, 10.4), (48, 15), (58, 9.4)),
        ((2, 16.6), (18, 14.6), (38, 17.4), (55, 14.8)),
    )
    with canvas.pen((x - 2, y - 3, x + 62, y + 20), _PEN_INK) as pen:
        for number, stroke in enumerate(strokes):
            thin, thick = 0.34, 0.62
            widths = (thin, thick) if number % 2 else (thick, thin)
            pen.curve([(x + dx, y + dy) for dx, dy in stroke], widths)


def _footer(canvas: Canvas) -> None:
    canvas.rule((_LEFT, 276.5), (_RIGHT, 276.5), width=0.15, ink=GRAY_INK)
    for column, lines in enumerate(_FOOTER):
        for number, line in enumerate(lines):
            canvas.text((_LEFT + 62 * column, 281 + 3.6 * number), line, pt=7, ink=GRAY_INK)


def _folds(canvas: Canvas) -> None:
    # It came in an envelope: two creases, one light and one dark edge each.
    for y in (99.0, 198.0):
        canvas.rule((0, y), (210, y), width=0.15, ink=(243, 242, 237))
        canvas.rule((0, y + 0.2), (210, y + 0.2), width=0.15, ink=(253, 253, 250))
    canvas.rule((0, 148.5), (4, 148.5), width=0.1, ink=INK)
