"""The manifest of the imaging add-on says what its code takes."""

from __future__ import annotations

import inspect
from importlib import resources
from pathlib import Path

import pytest

from flatbed.builtin.imaging.edits.table import EDITS
from flatbed.builtin.imaging.process import OPERATIONS
from flatbed.runtime.manifest import read_manifest

MANIFEST = read_manifest(Path(str(resources.files("flatbed.builtin.imaging"))))


def test_everything_is_declared_and_every_declaration_is_there() -> None:
    """Neither can be forgotten; `encode` is the hook of documents."""
    assert set(MANIFEST.edits) == set(EDITS)
    assert set(MANIFEST.operations) == {*OPERATIONS, "encode"}


@pytest.mark.parametrize("op", EDITS)
def test_settings_and_defaults_of_an_edit_are_those_of_its_function(op: str) -> None:
    """A default stands in both places: for those who ask over HTTP, and for those who read code."""
    _, *parameters = inspect.signature(EDITS[op]).parameters.values()
    declared = {name: setting.default for name, setting in MANIFEST.edits[op].settings.items()}
    taken = {
        each.name: None
        if each.default is each.empty
        else list(each.default)
        if isinstance(each.default, tuple)
        else each.default
        for each in parameters
    }
    assert declared == taken
