"""Values to try operations with."""

from __future__ import annotations

from typing import Any

import pytest

from flatbed.authoring.sample_settings import sample_settings
from flatbed.runtime.manifest import Setting

KNOWN: dict[str, tuple[Setting, Any]] = {
    "example": (Setting(type="list[int]", example=[0, 0, 9, 9]), [0, 0, 9, 9]),
    "example beside a default": (Setting(type="int", default=0, example=5), 5),
    "first choice": (Setting(type="str", choices=["a", "b"]), "a"),
    "off": (Setting(type="bool"), False),
    "minimum": (Setting(type="int", minimum=2, maximum=8), 2),
    "maximum": (Setting(type="float", maximum=8), 8.0),
}


@pytest.mark.parametrize(("setting", "value"), KNOWN.values(), ids=KNOWN)
def test_setting_is_tried_with_what_it_says_of_itself(setting: Setting, value: Any) -> None:
    """An example before all else."""
    assert sample_settings({"it": setting}) == ({"it": value}, [])


def test_setting_with_a_default_is_left_to_it() -> None:
    """Most callers do."""
    assert sample_settings({"it": Setting(type="int", default=3)}) == ({}, [])


@pytest.mark.parametrize("kind", ["str", "int", "list[str]"])
def test_setting_that_says_nothing_is_named(kind: Any) -> None:
    """Nobody can guess it."""
    assert sample_settings({"it": Setting(type=kind)}) == ({}, ["it"])
