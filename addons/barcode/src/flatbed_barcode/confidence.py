"""How sure a reading is: no probability, but an order that is the same for all symbologies.

Neither reader says how sure it is, so this tells how well a wrong reading would have been noticed:
symbols that correct errors have 0.9, and up to 1 by how much of the correction was left unused;
bars with a check that the symbology demands 0.9, those without 0.7. Of zbar, few scan lines that
agree make it less, down to half. Two readings that agree halve what is missing to 1.
"""

from __future__ import annotations

CORRECTED = frozenset({"Aztec", "Data Matrix", "MaxiCode", "PDF417", "QR Code", "SQCode"})
"""Families with error correction."""
UNCHECKED = frozenset({"Codabar", "Code 39", "EAN-2", "EAN-5", "ITF"})
"""Families without a check digit, or with one that is optional and so cannot be relied on."""

_WITH_CHECK, _WITHOUT_CHECK = 0.9, 0.7
_ENOUGH_LINES = 40


def of_zxing(family: str, unused_correction: float | None) -> float:
    """Of zxing's symbologies.

    Args:
        family: As `QR Code`, the family of the variant.
        unused_correction: 0 to 1 where it is known.
    """
    if family in CORRECTED:
        unused = 0.5 if unused_correction is None else unused_correction
        return round(_WITH_CHECK + 0.1 * min(1.0, max(0.0, unused)), 3)
    return _WITHOUT_CHECK if family in UNCHECKED else _WITH_CHECK


def of_zbar(family: str, lines: int) -> float:
    """Of zbar's: `lines` is how many of its scan lines read the same."""
    full = of_zxing(family, None)
    if family in CORRECTED:
        return full
    return round(full * (0.5 + 0.5 * min(1.0, lines / _ENOUGH_LINES)), 3)


def of_two(one: float, other: float) -> float:
    """Of two readings of one symbol that agree."""
    best = max(one, other)
    return round(best + (1 - best) / 2, 3)
