"""What workers answer: what fits its hook passes as it is, all else is named."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.runtime.typed_results import (
    WrongResultError,
    check_plain,
    check_result,
    is_plain,
    is_progress,
)

BARCODE = {
    "format": "EAN-13",
    "text": "4006381333931",
    "raw": "34303036",
    "corners": [[0, 0], [90.5, 0], [90.5, 40], [0, 40]],
    "confidence": 1,
}
WORD = {"text": "Hello", "box": [1, 2, 3, 4], "confidence": 0.5}
LINE = {"words": [WORD], "box": [1, 2, 3, 4]}
CAPABILITIES = {"sources": ["flatbed"], "dpi": {"minimum": 75, "maximum": 600, "step": 1}}

FITTING = [
    ("read_barcodes", []),
    ("read_barcodes", [BARCODE, BARCODE | {"module_px": 2.5, "raw": ""}]),
    ("recognize_text", {"lines": [LINE], "language": "en"}),
    ("recognize_text", {"lines": []}),
    ("find_separator", None),
    ("find_separator", {"name": "invoice", "page": "first"}),
    ("list_scanners", [{"id": "x", "name": "Lamp"}]),
    ("get_capabilities", CAPABILITIES),
    ("describe_environment", {"tesseract": "5.3.0"}),
    ("process_page", {"is_blank": True, "share": 0.5, "boxes": [[1, 2], None]}),
    ("save_document", None),
    ("load_document", {"pages": 3}),
    ("handle_request", {"value": [1], "status": 201}),
]


@pytest.mark.parametrize(("hook", "value"), FITTING, ids=[hook for hook, _ in FITTING])
def test_result_that_fits_passes_as_it_is(hook: str, value: Any) -> None:
    """Also what a newer add-on says beside: the caller gets what came over the pipe."""
    assert check_result(hook, value) is value


def test_environment_that_nobody_described_is_empty() -> None:
    """The hook is optional."""
    assert check_result("describe_environment", None) == {}


def nested(depth: int) -> list[Any]:
    """A list in a list in a list."""
    found: list[Any] = []
    for _ in range(depth - 1):
        found = [found]
    return found


UNFIT: dict[str, tuple[str, Any, str]] = {
    "no list": ("read_barcodes", None, "Expected `array`"),
    "no barcode": ("read_barcodes", ["4006381333931"], "Expected `object`"),
    "missing field": ("read_barcodes", [{"format": "EAN-13"}], "missing required field"),
    "three corners": ("read_barcodes", [BARCODE | {"corners": [[0, 0]] * 3}], "length 4"),
    "corner nowhere": (
        "read_barcodes",
        [BARCODE | {"corners": [[0, 0], [float("nan"), 0], [1, 1], [0, 1]]}],
        "not finite",
    ),
    "700 %": ("read_barcodes", [BARCODE | {"confidence": 7}], "confidence of 7"),
    "no hexadecimal": ("read_barcodes", [BARCODE | {"raw": "abc"}], "not hexadecimal"),
    "text for a number": ("read_barcodes", [BARCODE | {"confidence": "1"}], "Expected `float`"),
    "no text page": ("recognize_text", "Hello", "Expected `object`"),
    "endless box": (
        "recognize_text",
        {"lines": [LINE | {"box": [0, 0, float("inf"), 1]}]},
        "not finite",
    ),
    "word of -1 %": (
        "recognize_text",
        {"lines": [LINE | {"words": [WORD | {"confidence": -0.01}]}]},
        "confidence of -0.01",
    ),
    "unknown place": ("find_separator", {"page": "burn"}, "Invalid enum value 'burn'"),
    "long name": ("find_separator", {"name": "x" * 201}, "more than 200 characters"),
    "endless area": ("get_capabilities", {"areas_mm": {"flatbed": [1, float("inf")]}}, "finite"),
    "number as a fact": ("describe_environment", {"pid": 1}, "Expected `str`"),
    "long fact": ("describe_environment", {"x": "y" * 201}, "too long words"),
    "many facts": ("describe_environment", {str(n): "" for n in range(65)}, "too many"),
    "status of a fault": ("handle_request", {"status": 500}, "500 is no status of success"),
    "too deep": ("process_page", nested(65), "more than 64 deep"),
    "too large a number": ("process_page", {"n": [1 << 63]}, "more than 64 bits"),
    "too small a number": ("process_page", -(1 << 63) - 1, "more than 64 bits"),
    "not a number": ("save_document", [float("nan")], "not finite"),
}


@pytest.mark.parametrize(("hook", "value", "words"), UNFIT.values(), ids=UNFIT.keys())
def test_result_that_does_not_fit_is_refused_with_its_reason(
    hook: str, value: Any, words: str
) -> None:
    """So that the author of the add-on finds it."""
    with pytest.raises(WrongResultError, match=words):
        check_result(hook, value)


def test_plain_values_up_to_the_limits_pass() -> None:
    """64 lists in each other, the largest and the smallest whole numbers."""
    check_plain(nested(64))
    check_plain({"most": (1 << 63) - 1, "least": -(1 << 63), "yes": True, "none": None})
    assert is_plain("text")
    assert not is_plain(nested(65))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([0, 0], True),
        ([3, 7], True),
        ([1 << 53, 1 << 53], True),
        ([(1 << 53) + 1, 0], False),
        ([-1, 7], False),
        ([1, 2, 3], False),
        ([0.5, 1], False),
        ([True, 1], False),
        ("37", False),
        (None, False),
    ],
)
def test_progress_is_two_whole_numbers(value: Any, expected: bool) -> None:  # noqa: FBT001
    """Steps done, and of how many."""
    assert is_progress(value) is expected
