"""Capabilities by TWAIN number, as clients of the documented interface read them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from flatbed.addon.types import Capabilities, Range
from flatbed.scan.twain import LABELS, describe
from flatbed.scan.wishes import Wishes

OFFICE = Capabilities(
    sources=("flatbed", "feeder", "duplex"),
    colors=("gray", "color", "bw"),
    dpi=(300, 75, 150),
    areas_mm={"flatbed": (215.9, 297.0), "feeder": (216.0, 355.6)},
    bits=(8, 16),
    is_feeder_loaded=True,
)
PLAIN = Capabilities(
    sources=("flatbed",), colors=("color",), dpi=Range(minimum=50, maximum=1200, step=25)
)
SHEETS = Capabilities(sources=("feeder",))
GET, GET_SET = {"value": 7, "label": "TWQC_GET"}, {"value": 31, "label": "TWQC_GET, TWQC_SET"}
BOOL, FIX32 = {"value": 6, "label": "TWTY_BOOL"}, {"value": 7, "label": "TWTY_FIX32"}
INT16, UINT16 = {"value": 1, "label": "TWTY_INT16"}, {"value": 4, "label": "TWTY_UINT16"}
ONE = {"value": 5, "label": "TWON_ONEVALUE"}
CHOICE = {"value": 4, "label": "TWON_ENUMERATION"}
SPAN = {"value": 6, "label": "TWON_RANGE"}


def told(number: int, capabilities: Capabilities = OFFICE, **wished: Any) -> dict[str, Any]:
    """One capability as it goes over the wire, without its head."""
    (found,) = describe(capabilities, Wishes(**wished), [number])
    wire: dict[str, Any] = msgspec.to_builtins(found)
    assert wire.pop("capability") == {"value": number, "label": LABELS[number]}
    return wire


def one(kind: dict[str, Any], now: Any, default: Any, query: dict[str, Any]) -> dict[str, Any]:
    """A single value."""
    return {
        "conType": ONE,
        "valueType": kind,
        "query": query,
        "curValue": now,
        "defaultValue": default,
    }


def choice(kind: dict[str, Any], choices: list[Any], now: int, default: int) -> dict[str, Any]:
    """An enumeration, by the places of its values."""
    return {
        "conType": CHOICE,
        "valueType": kind,
        "query": GET_SET,
        "curValue": choices[now],
        "defaultValue": choices[default],
        "enums": choices,
        "curIndex": now,
        "defIndex": default,
    }


def span(low: float, high: float, step: float, now: float, default: float) -> dict[str, Any]:
    """A range."""
    return {
        "conType": SPAN,
        "valueType": FIX32,
        "query": GET_SET,
        "curValue": now,
        "defaultValue": default,
        "minValue": low,
        "maxValue": high,
        "stepSize": step,
    }


def pixel(*numbers: int) -> list[dict[str, Any]]:
    """Pixel types with their names."""
    names = ["TWPT_BW", "TWPT_GRAY", "TWPT_RGB"]
    return [{"value": number, "label": names[number]} for number in numbers]


def size(*numbers: int) -> list[dict[str, Any]]:
    """Page sizes with their names."""
    names = {0: "TWSS_NONE", 1: "TWSS_A4", 3: "TWSS_USLETTER", 4: "TWSS_USLEGAL", 5: "TWSS_A5"}
    names |= {11: "TWSS_A3", 13: "TWSS_A6"}
    return [{"value": number, "label": names[number]} for number in numbers]


NONE, DUPLEX = {"value": 0, "label": "TWDX_NONE"}, {"value": 1, "label": "TWDX_1PASSDUPLEX"}

TOLD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "1": (told(1), one(INT16, -1, -1, GET_SET)),
    "1 of 5 pages": (told(1, max_pages=5), one(INT16, 5, -1, GET_SET)),
    "257": (told(257), choice(UINT16, pixel(0, 1, 2), 1, 1)),
    "257 in colour": (told(257, color="color"), choice(UINT16, pixel(0, 1, 2), 2, 1)),
    "257 of one": (told(257, PLAIN), choice(UINT16, pixel(2), 0, 0)),
    "4098": (told(4098), choice(BOOL, [0, 1], 0, 0)),
    "4098 wished": (told(4098, uses_feeder=True), choice(BOOL, [0, 1], 1, 0)),
    "4098 without a feeder": (told(4098, PLAIN), choice(BOOL, [0], 0, 0)),
    "4098 of a feeder alone": (told(4098, SHEETS), choice(BOOL, [1], 0, 0)),
    "4099": (told(4099), one(BOOL, 1, 0, GET)),
    "4099 not known": (told(4099, PLAIN), one(BOOL, 0, 0, GET)),
    "4103": (told(4103), one(BOOL, 1, 1, GET_SET)),
    "4114": (told(4114), one(UINT16, DUPLEX, DUPLEX, GET)),
    "4114 without duplex": (told(4114, PLAIN), one(UINT16, NONE, NONE, GET)),
    "4115": (told(4115), choice(BOOL, [0, 1], 0, 0)),
    "4115 wished": (told(4115, is_duplex=True), choice(BOOL, [0, 1], 1, 0)),
    "4115 without duplex": (told(4115, PLAIN), choice(BOOL, [0], 0, 0)),
    "4353": (told(4353), span(-1000, 1000, 1, 0, 0)),
    "4353 wished": (told(4353, brightness=-250.0), span(-1000, 1000, 1, -250, 0)),
    "4355 wished": (told(4355, contrast=30.0), span(-1000, 1000, 1, 30, 0)),
    "4369": (told(4369), one(FIX32, 8.5039, 8.5039, GET)),
    "4370": (told(4370), one(FIX32, 14.0, 14.0, GET)),
    "4369 not known": (told(4369, PLAIN), one(FIX32, 0, 0, GET)),
    "4376": (told(4376), choice(FIX32, [75, 150, 300], 1, 1)),
    "4376 wished": (told(4376, dpi=300.0), choice(FIX32, [75, 150, 300], 2, 1)),
    "4377 of a range": (told(4377, PLAIN), span(50, 1200, 25, 200, 200)),
    "4377 of any": (
        told(4377, Capabilities(dpi=Range(minimum=50, maximum=100)), dpi=60.0),
        span(50, 100, 1, 60, 100),
    ),
    "4386": (told(4386), choice(UINT16, size(0, 1, 3, 4, 5, 13), 0, 0)),
    "4386 wished": (told(4386, page_size=4), choice(UINT16, size(0, 1, 3, 4, 5, 13), 3, 0)),
    "4386 of any bed": (told(4386, PLAIN), choice(UINT16, size(0, 1, 3, 4, 5, 11, 13), 0, 0)),
    "4387": (told(4387), span(0, 255, 1, 128, 128)),
    "4387 wished": (told(4387, threshold=0), span(0, 255, 1, 0, 128)),
    "4395": (told(4395), choice(UINT16, [1, 8, 16, 24, 48], 1, 1)),
    "4395 in colour": (told(4395, color="color"), choice(UINT16, [1, 8, 16, 24, 48], 3, 3)),
    "4395 of 16 bit": (told(4395, bits=16), choice(UINT16, [1, 8, 16, 24, 48], 2, 1)),
    "4395 of one bit": (told(4395, color="bw", bits=16), choice(UINT16, [1, 8, 16, 24, 48], 0, 0)),
    "4395 of one": (told(4395, PLAIN), choice(UINT16, [24], 0, 0)),
}


@pytest.mark.parametrize(("found", "expected"), TOLD.values(), ids=TOLD.keys())
def test_capability_is_told_as_the_contract_has_it(
    found: dict[str, Any], expected: dict[str, Any]
) -> None:
    """What it is now by the wishes of the job, what it is by itself, what it can be."""
    assert found == expected


def test_supported_capabilities_are_an_array_of_all() -> None:
    """4101, by number and name."""
    wire = told(4101)
    assert wire["conType"] == {"value": 3, "label": "TWON_ARRAY"}
    assert wire["query"] == GET
    assert wire["curValue"] == [
        {"value": number, "label": label} for number, label in LABELS.items()
    ]
    assert {"value": 4376, "label": "ICAP_XRESOLUTION"} in wire["curValue"]


def test_describe_without_numbers_tells_all_in_the_order_of_the_contract() -> None:
    """The capabilities that come first."""
    numbers = [each.capability.value for each in describe(OFFICE, Wishes())]
    assert numbers == [
        *(1, 257, 4098, 4099, 4101, 4103, 4114, 4115, 4353, 4355),
        *(4369, 4370, 4376, 4377, 4386, 4387, 4395),
    ]


def test_describe_with_numbers_tells_those_in_their_order_and_no_unknown_ones() -> None:
    """`?caps=4376,9999,257`."""
    found = describe(OFFICE, Wishes(), [4376, 9999, 257])
    assert [each.capability.value for each in found] == [4376, 257]


def test_value_that_is_none_of_the_choices_points_at_the_first() -> None:
    """A wish that will fall back: an A3 on a small bed, colour where there is none."""
    wire = told(4386, page_size=11)
    assert wire["curValue"] == {"value": 11, "label": "TWSS_A3"}
    assert wire["curIndex"] == 0
