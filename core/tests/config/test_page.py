"""The documentation of the settings and the table say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flatbed.config import Config, settings_page
from flatbed.config.layers import Setting, read_file
from flatbed.config.table import SETTINGS

PAGE = Path(__file__).parents[3] / "docs" / "settings.md"


def test_settings_page_is_up_to_date() -> None:
    """`make docs` was run after the last change of the table."""
    assert PAGE.read_text("utf-8") == settings_page()


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_setting_has_help_and_an_example_that_works(setting: Setting, tmp_path: Path) -> None:
    """What the page shows can be pasted into a file, and sets that very setting."""
    (tmp_path / "c.toml").write_text(setting.example)
    assert {entry.path[0] for entry in read_file(tmp_path / "c.toml", SETTINGS)} == {setting.key}
    assert setting.help.endswith(".")


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=list(SETTINGS))
def test_setting_with_a_unit_says_so_in_its_name(setting: Setting) -> None:
    """A number of seconds, hours, MiB or percent cannot be mistaken for another."""
    ending = re.search(r"_(s|h|days|mb|percent|calls|crashes|pages)$", setting.key)
    units = {"s": "s", "h": "h", "mb": "MiB", "percent": "%", "calls": "calls"}
    units |= {"crashes": "crashes", "days": "days", "pages": "pages"}
    assert setting.unit == (units[ending[1]] if ending else "")


def test_config_of_the_table_takes_its_own_defaults() -> None:
    """Every default is a value that its own kind accepts, but for those made by the system."""
    config = Config()
    for key in ("port", "page_s", "disk_start_percent", "log_format", "log_level", "recycle_calls"):
        assert SETTINGS[key].kind.check(getattr(config, key)) == getattr(config, key)
