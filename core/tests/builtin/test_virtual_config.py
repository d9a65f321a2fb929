"""The configuration of the virtual scanner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.builtin.virtual.config import read_config
from flatbed.errors import InvalidInputError

from .virtual_bench import config_of


def test_config_of_the_defaults_is_sample_pages_on_a4(tmp_path: Path) -> None:
    """What a person without any settings gets."""
    config = read_config(config_of(tmp_path))
    assert config.folder is None
    assert (config.sheets, config.paper_mm, config.bed_mm) == (10, (210, 297), (216.0, 356.0))
    assert config.names == ("Flatbed virtual scanner",)


def test_config_folder_begins_at_home(tmp_path: Path) -> None:
    """A tilde is what people write."""
    config = read_config(config_of(tmp_path, folder="~/Pages"))
    assert config.folder == Path.home() / "Pages"


def test_config_resolutions_are_put_in_order(tmp_path: Path) -> None:
    """Lists of resolutions are shown from the lowest on."""
    assert read_config(config_of(tmp_path, dpi=[300, 75, 150])).dpi == (75, 150, 300)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("names", []),
        ("sheets", -1),
        ("seconds_per_page", -0.5),
        ("dpi", []),
        ("dpi", [0, 300]),
        ("width_mm", 0.0),
        ("paper_mm", [210]),
        ("paper_mm", [210, 0]),
    ],
)
def test_config_value_without_sense_is_named(tmp_path: Path, key: str, value: Any) -> None:
    """The message says which key to correct."""
    with pytest.raises(InvalidInputError, match=f"'{key}'"):
        read_config(config_of(tmp_path, **{key: value}))
