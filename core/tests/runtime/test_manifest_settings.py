"""Settings: values held to their declaration, and those of a call, filled in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from flatbed.errors import InvalidInputError
from flatbed.runtime.manifest import (
    Operation,
    Setting,
    check_setting,
    fill_settings,
    read_settings,
)

from .manifest_texts import HEAD, read


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_setting_that_is_no_finite_number_is_refused(number: str) -> None:
    """TOML has them, JSON has not: the worker could not be told."""
    with pytest.raises(InvalidInputError, match="'speed' must be a finite number"):
        check_setting(Setting(type="float"), float(number), name="speed")


def test_setting_without_a_default_is_none_until_it_is_given(tmp_path: Path) -> None:
    """The add-on has to cope."""
    declared = read(tmp_path, HEAD + '[config]\nfolder = { type = "str" }\n').config
    assert fill_settings(declared, {}, of="x") == {"folder": None}


DECLARED = {
    "speed": Setting(type="int", default=3, minimum=1, maximum=9),
    "formats": Setting(type="list[str]", default=["QR"], choices=["QR", "EAN-13"]),
}


def test_fill_settings_takes_what_is_given_and_fills_in_the_rest() -> None:
    """A hook gets every setting that its manifest declares."""
    assert fill_settings(DECLARED, {"speed": 7}, of="x") == {"speed": 7, "formats": ["QR"]}
    assert fill_settings({}, {}, of="x") == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sped": 1}, "The add-on 'made' has no setting 'sped'. It has: formats, speed."),
        ({"speed": "7"}, "'speed' must be int"),
        ({"speed": True}, "'speed' must be int"),
        ({"speed": None}, "'speed' must be int"),
        ({"speed": 10}, "'speed' must be at most 9."),
        ({"speed": 0}, "'speed' must be at least 1."),
        ({"formats": ["PDF"]}, "'formats' must be one of ['QR', 'EAN-13'], not 'PDF'."),
        ({"formats": "QR"}, "'formats' must be list[str]"),
    ],
)
def test_fill_settings_refuses_what_is_not_declared_so(given: dict[str, Any], words: str) -> None:
    """By name, with what would be right."""
    with pytest.raises(InvalidInputError, match=re.escape(words)):
        fill_settings(DECLARED, given, of="The add-on 'made'")


def test_fill_settings_of_an_addon_without_settings_says_so() -> None:
    """Instead of a list of nothing."""
    with pytest.raises(InvalidInputError, match=re.escape("It has: none.")):
        fill_settings({}, {"speed": 1}, of="x")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("str", "a"),
        ("int", 3),
        ("float", 2.5),
        ("float", 2),
        ("bool", False),
        ("list[str]", ["a"]),
        ("list[int]", [1]),
        ("list[float]", [1, 2.5]),
    ],
)
def test_check_setting_takes_values_of_its_type(kind: Any, value: Any) -> None:
    """A whole number is a float too, as TOML and JSON write it."""
    assert check_setting(Setting(type=kind), value, name="x") == value


def test_range_of_words_is_no_range() -> None:
    """A limit that cannot be compared limits nothing."""
    setting = Setting(type="str", minimum=1, maximum=2)
    assert check_setting(setting, "abc", name="word") == "abc"
    flag = {"flag": Setting(type="bool", minimum=1)}
    assert fill_settings(flag, {"flag": False}, of="it") == {"flag": False}


def test_read_settings_takes_a_text_for_the_shorthand() -> None:
    """And refuses one where there is none; what has no value is left out."""
    settings = {
        "effort": Setting(type="str", choices=["speed", "balance"]),
        "most": Setting(type="int"),
    }
    declared = Operation(hook="read_barcodes", shorthand="effort", settings=settings)
    assert read_settings(declared, "speed", of="'x'") == {"effort": "speed"}
    assert read_settings(declared, {"most": 3}, of="'x'") == {"most": 3}
    with pytest.raises(InvalidInputError, match="must be one of"):
        read_settings(declared, "haste", of="'x'")
    with pytest.raises(InvalidInputError, match="are an object, not a text"):
        read_settings(Operation(hook="read_barcodes", settings=settings), "speed", of="'x'")
