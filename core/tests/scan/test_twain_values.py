"""Setting capabilities by TWAIN number: what can be is wished for, the rest is told or fails."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.addon.types import Capabilities, Range
from flatbed.errors import UnsupportedSettingError
from flatbed.scan.request import CapabilitySet, CapabilityValue
from flatbed.scan.twain import LABELS
from flatbed.scan.twain_values import apply
from flatbed.scan.wishes import Wishes

OFFICE = Capabilities(
    sources=("flatbed", "feeder", "duplex"),
    colors=("gray", "color", "bw"),
    dpi=(75, 150),
    bits=(8, 16),
)
PLAIN = Capabilities(
    sources=("flatbed",), colors=("color",), dpi=Range(minimum=50, maximum=1200), bits=(8,)
)
READ_ONLY = (4099, 4101, 4114, 4369, 4370)


def after(number: int, value: Any, capabilities: Capabilities = OFFICE) -> Wishes:
    """The wishes after one capability was set."""
    wishes = Wishes()
    each = CapabilityValue(capability=number, curValue=value)
    apply(CapabilitySet(capabilities=[each]), capabilities, wishes)
    return wishes


@pytest.mark.parametrize(
    ("number", "value", "expected"),
    [
        (1, 5, Wishes(max_pages=5)),
        (1, -1, Wishes(max_pages=0)),
        (1, 100_000, Wishes(max_pages=100_000)),
        (257, 0, Wishes(color="bw")),
        (257, "TWPT_RGB", Wishes(color="color")),
        (257, {"value": 1, "label": "TWPT_GRAY"}, Wishes(color="gray")),
        (4098, True, Wishes(uses_feeder=True)),
        (4098, 0, Wishes(uses_feeder=False)),
        (4103, 1, Wishes()),
        (4115, 1, Wishes(is_duplex=True)),
        (4115, False, Wishes(is_duplex=False)),
        (4353, -1000, Wishes(brightness=-1000)),
        (4355, 12.5, Wishes(contrast=12.5)),
        (4376, 150, Wishes(dpi=150)),
        (4377, 75.0, Wishes(dpi=75)),
        (4386, 1, Wishes(page_size=1)),
        (4386, {"value": 11}, Wishes(page_size=11)),
        (4387, 0, Wishes(threshold=0)),
        (4387, 254.6, Wishes(threshold=255)),
        (4395, 1, Wishes(bits=8, color="bw")),
        (4395, 8, Wishes(bits=8)),
        (4395, 16, Wishes(bits=16)),
        (4395, 48, Wishes(bits=16)),
    ],
    ids=str,
)
def test_capability_that_can_be_set_becomes_a_wish(
    number: int, value: Any, expected: Wishes
) -> None:
    """By its bare value, or by the object that was read."""
    assert after(number, value) == expected


WRONG: dict[str, tuple[int, Any, Capabilities, str]] = {
    "count as text": (1, "5", OFFICE, "'5' is no number."),
    "count as bool": (1, True, OFFICE, "True is no number."),
    "count too large": (1, 1e300, OFFICE, "is not from -1 to 100000."),
    "count too small": (1, -2, OFFICE, "-2 is not from -1 to 100000."),
    "unknown colour": (257, 3, OFFICE, "The pixel type 3 is none of 0, 1, 2."),
    "colour as a list": (257, [1], OFFICE, "The pixel type [1]"),
    "feeder as text": (4098, "yes", OFFICE, "'yes' is neither true nor false."),
    "feeder that is not there": (4098, 1, PLAIN, "the scanner has no feeder."),
    "auto feed as 2": (4103, 2, OFFICE, "2 is neither true nor false."),
    "duplex that is not there": (4115, True, PLAIN, "the scanner has no duplex."),
    "brightness too high": (4353, 1000.1, OFFICE, "1000.1 is not from -1000 to 1000."),
    "contrast as null": (4355, None, OFFICE, "None is no number."),
    "resolution that is not there": (4376, 300, OFFICE, "no 300 dpi. Choose from 75, 150."),
    "resolution out of range": (4377, 49, PLAIN, "no 49 dpi. Choose from 50 to 1200."),
    "unknown size": (4386, 2, OFFICE, "The page size 2 is none of"),
    "threshold too high": (4387, 256, OFFICE, "256 is not from 0 to 255."),
    "depth that is not there": (4395, 48, PLAIN, "the scanner has no 48 bits a pixel."),
    "depth of no mode": (4395, 7, OFFICE, "the scanner has no 7 bits a pixel."),
    "unknown capability": (9999, 1, OFFICE, "the scanner does not know it."),
    "object without a value": (4376, {"label": "x"}, OFFICE, "None is no number."),
} | {f"read only {number}": (number, 1, OFFICE, "it can only be read.") for number in READ_ONLY}


@pytest.mark.parametrize(("number", "value", "capabilities", "words"), WRONG.values(), ids=WRONG)
def test_capability_that_cannot_be_set_is_ignored_aloud(
    number: int, value: Any, capabilities: Capabilities, words: str
) -> None:
    """`"exception": "ignore"`, the default: a warning of the job, and no wish."""
    wishes = after(number, value, capabilities)
    (warning,) = wishes.warnings
    assert warning.startswith(f"Capability {number} was ignored: ")
    assert words in warning
    wishes.warnings.clear()
    assert wishes == Wishes()


@pytest.mark.parametrize(("number", "value", "capabilities", "words"), WRONG.values(), ids=WRONG)
def test_capability_that_cannot_be_set_fails_where_the_caller_wants_that(
    number: int, value: Any, capabilities: Capabilities, words: str
) -> None:
    """400 / -1010, with the number and the reason."""
    each = CapabilityValue(capability=number, curValue=value)
    with pytest.raises(UnsupportedSettingError) as caught:
        apply(CapabilitySet(exception="fail", capabilities=[each]), capabilities, Wishes())
    assert f"The capability {number} cannot be set: " in caught.value.message
    assert words in caught.value.message


def test_capability_says_for_itself_whether_it_may_be_ignored() -> None:
    """Its own word wins over that of the set."""
    fails = CapabilityValue(capability=9999, curValue=1, exception="fail")
    ignored = CapabilityValue(capability=9999, curValue=1, exception="ignore")
    wishes = Wishes()
    apply(CapabilitySet(exception="fail", capabilities=[ignored]), OFFICE, wishes)
    assert len(wishes.warnings) == 1
    with pytest.raises(UnsupportedSettingError):
        apply(CapabilitySet(exception="ignore", capabilities=[fails]), OFFICE, wishes)


def test_capabilities_are_set_in_their_order() -> None:
    """Later wins, and one that is ignored takes nothing back."""
    values = [(4376, 75), (4376, 150), (4376, 300), (257, 1)]
    caps = [CapabilityValue(capability=number, curValue=value) for number, value in values]
    wishes = Wishes()
    apply(CapabilitySet(capabilities=caps), OFFICE, wishes)
    assert (wishes.dpi, wishes.color, len(wishes.warnings)) == (150, "gray", 1)


def test_every_capability_is_either_set_or_only_read() -> None:
    """None of the list is forgotten: each takes a value or says that it does not."""
    said = {number: after(number, 1).warnings for number in LABELS}
    read_only = {number for number, warnings in said.items() if "only be read" in str(warnings)}
    assert read_only == set(READ_ONLY)
