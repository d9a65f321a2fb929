"""Tests of options, on the test backend's options of every type."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.addon import Range
from flatbed.builtin.sane.options import Option, accepts, limits_of, nearest

from .sane_bench import SaneBench

_TESTING = ["enable-test-options", True]


@pytest.mark.sane
@pytest.mark.parametrize(
    ("name", "value", "taken", "is_inexact"),
    [
        ("bool-soft-select-soft-detect", True, True, False),
        ("int", -7, -7, False),
        ("int-constraint-range", 44, 44, False),
        ("int-constraint-word-list", 42, 42, False),
        ("int-constraint-array", [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6], False),
        ("fixed", -1.5, -1.5, False),
        ("fixed-constraint-word-list", 129.5, 129.5, False),
        ("string", "Grüße", "Grüße", False),
        ("string-constraint-string-list", "Second entry", "Second entry", False),
        ("int-constraint-range", 45, 46, True),
    ],
)
def test_write_takes_each_type(
    sane_bench: SaneBench, name: str, value: Any, taken: Any, *, is_inexact: bool
) -> None:
    """A value goes in and comes out as its own type; what the device changed is said."""
    answer = sane_bench.ask("use_options", writes=[_TESTING, [name, value]], reads=[name])

    assert answer["taken"][1] == {"value": taken, "is_inexact": is_inexact}
    assert answer["values"][name] == taken


@pytest.mark.sane
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("int", "7 apples"),
        ("int", [1, 2]),
        ("int", 1 << 40),
        ("fixed", None),
        ("int-constraint-array", [1, 2, 3]),
        ("string", 7),
        ("string", "x" * 5000),
        ("string-constraint-string-list", "Fourth entry"),
    ],
)
def test_write_of_another_type_is_an_unsupported_setting(
    sane_bench: SaneBench, name: str, value: Any
) -> None:
    """What does not fit an option never reaches the backend."""
    answer = sane_bench.ask("use_options", writes=[_TESTING, [name, value]])

    assert answer["taken"][1]["error"] == "unsupported_setting"
    assert answer["taken"][1]["details"] == {"option": name}


@pytest.mark.sane
def test_options_are_read_anew_when_the_device_says_so(sane_bench: SaneBench) -> None:
    """The backend refuses what was not read again after SANE_INFO_RELOAD_OPTIONS."""
    answer = sane_bench.ask(
        "use_options",
        writes=[["mode", "Color"], ["three-pass", True], ["three-pass-order", "BGR"]],
        reads=["three-pass-order"],
    )

    assert answer["values"] == {"three-pass-order": "BGR"}
    assert answer["options"]["three-pass-order"]["is_active"] is True


@pytest.mark.sane
def test_descriptors_are_told_in_units(sane_bench: SaneBench) -> None:
    """Ranges, lists and units come as numbers, not as SANE's words."""
    options = sane_bench.ask("use_options", writes=[])["options"]

    assert options["resolution"]["choices"] == {"minimum": 1.0, "maximum": 1200.0, "step": 1.0}
    assert (options["resolution"]["kind"], options["resolution"]["unit"]) == ("fixed", "dpi")
    assert options["depth"]["choices"] == [1, 8, 16]
    assert options["mode"]["choices"] == ["Gray", "Color"]
    assert options["tl-x"]["unit"] == "mm"
    assert options["three-pass"]["is_active"] is False
    assert options["bool-soft-detect"]["is_settable"] is False
    assert options["bool-hard-select"]["is_readable"] is False
    assert options["button"]["kind"] == "button"


def _number(choices: Any) -> Option:
    return Option(index=1, name="n", title="n", kind="int", choices=choices)


@pytest.mark.parametrize(
    ("choices", "number", "is_accepted"),
    [
        pytest.param((75, 150, 300), 150, True, id="in-list"),
        pytest.param((75, 150, 300), 200, False, id="not-in-list"),
        pytest.param(Range(minimum=50, maximum=1200), 333, True, id="in-range"),
        pytest.param(Range(minimum=50, maximum=1200), 49, False, id="below"),
        pytest.param(Range(minimum=50, maximum=1200), 1201, False, id="above"),
        pytest.param(Range(minimum=50, maximum=1200, step=25), 75, True, id="on-step"),
        pytest.param(Range(minimum=50, maximum=1200, step=25), 80, False, id="off-step"),
        pytest.param(None, 12345, True, id="anything"),
    ],
)
def test_accepts_knows_what_an_option_takes(
    choices: Any, number: int, *, is_accepted: bool
) -> None:
    """Lists, ranges with and without steps, and no bounds at all."""
    assert accepts(_number(choices), number) is is_accepted


@pytest.mark.parametrize(
    ("choices", "number", "found"),
    [
        pytest.param((1, 8, 16), 11, 8, id="list"),
        pytest.param(Range(minimum=0, maximum=200), 210, 200, id="above"),
        pytest.param(Range(minimum=5, maximum=200), -1, 5, id="below"),
        pytest.param(Range(minimum=5, maximum=200), 17.5, 17.5, id="inside"),
        pytest.param(None, 210, 210, id="anything"),
    ],
)
def test_nearest_stays_inside(choices: Any, number: float, found: float) -> None:
    """The nearest number that the option can take."""
    assert nearest(_number(choices), number) == found


def test_limits_of_a_list_are_its_ends() -> None:
    """Unordered lists have ends, too."""
    assert limits_of(_number((300, 75, 600))) == (75, 600)
    assert limits_of(_number(None)) is None
