"""One barcode for each symbol: add-ons joined to their codes, and what was read twice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from flatbed.addon import Barcode
from flatbed_barcode import confidence
from flatbed_barcode.formats import ADD_ONS
from flatbed_barcode.geometry import box_of, grown, overlap, side_lengths

_SAME_PLACE = 0.3
_RETAIL = ("EAN-13", "EAN-8", "UPC-A", "UPC-E", "ISBN")


def join_add_ons(found: Sequence[Barcode]) -> list[Barcode]:
    """Give EAN and UPC codes the add-ons to their right, and drop those that stand alone."""
    add_ons = [each for each in found if each.format in ADD_ONS]
    result = []
    for code in (each for each in found if each.format not in ADD_ONS):
        own = next((each for each in add_ons if _belongs(each, code)), None)
        result.append(code if own is None else _joined(code, own))
        add_ons = [each for each in add_ons if each is not own]
    return result


def merge(found: Sequence[Barcode]) -> list[Barcode]:
    """Make one of what is the same symbol; the first reading stays unless another says more.

    The same symbol is what covers the same place, also if the texts differ: two readers then
    disagree, and the surer one is believed.
    """
    kept: list[Barcode] = []
    for each in found:
        index = next((i for i, other in enumerate(kept) if _is_same(each, other)), None)
        if index is None:
            kept.append(each)
        else:
            kept[index] = _merged(kept[index], each)
    return kept


def code_text(barcode: Barcode) -> str:
    """The text without an add-on."""
    return barcode.text.partition(" ")[0] if "+" in barcode.format else barcode.text


def _merged(first: Barcode, second: Barcode) -> Barcode:
    if code_text(first) != code_text(second):
        return second if second.confidence > first.confidence else first
    fuller = second if "+" in second.format and "+" not in first.format else first
    if first.confidence == second.confidence and fuller is second:
        return second  # one reader's rows with and without the add-on
    return replace(fuller, confidence=confidence.of_two(first.confidence, second.confidence))


def _is_same(one: Barcode, other: Barcode) -> bool:
    first, second = box_of(one.corners), box_of(other.corners)
    if overlap(first, second) > _SAME_PLACE:
        return True
    if code_text(one) != code_text(other) or one.format.split("+")[0] != other.format.split("+")[0]:
        return False
    # Bars that are read in some rows with the add-on and in others without, or in two pieces.
    reach = min(side_lengths(one.corners)[1], side_lengths(other.corners)[1]) / 2 + 2
    return overlap(grown(first, reach), second) > 0 and _is_in_line(one, other)


def _is_in_line(one: Barcode, other: Barcode) -> bool:
    """Whether two pieces lie above each other, beginning at the same left end."""
    start, begin = one.corners[0], other.corners[0]
    wide = max(side_lengths(one.corners)[0], side_lengths(other.corners)[0], 1.0)
    angle = math.atan2(one.corners[1][1] - start[1], one.corners[1][0] - start[0])
    along = (begin[0] - start[0]) * math.cos(angle) + (begin[1] - start[1]) * math.sin(angle)
    return abs(along) < 0.1 * wide


def _belongs(add_on: Barcode, code: Barcode) -> bool:
    """Whether an add-on begins within a fifth of a code's width right of its end."""
    if code.format not in _RETAIL:
        return False
    wide, high = side_lengths(code.corners)
    start, end = code.corners[0], code.corners[1]
    unit = ((end[0] - start[0]) / max(wide, 1.0), (end[1] - start[1]) / max(wide, 1.0))
    left, top, right, bottom = box_of(add_on.corners)
    away = ((left + right) / 2 - end[0], (top + bottom) / 2 - end[1])
    along = away[0] * unit[0] + away[1] * unit[1]
    beside = away[1] * unit[0] - away[0] * unit[1]
    return 0 < along < 0.8 * wide and abs(beside) < 1.5 * max(high, 0.2 * wide)


def _joined(code: Barcode, add_on: Barcode) -> Barcode:
    first, _, _, fourth = code.corners
    _, second, third, _ = add_on.corners
    return replace(
        code,
        format=f"{code.format}+{len(add_on.text)}",
        text=f"{code.text} {add_on.text}",
        raw=code.raw + add_on.raw,
        corners=(first, second, third, fourth),
        confidence=min(code.confidence, add_on.confidence),
    )
