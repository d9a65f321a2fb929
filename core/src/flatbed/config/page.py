"""The page of the documentation that lists every setting, made from the table."""

from __future__ import annotations

from collections.abc import Iterator

from flatbed.config.layers import Setting
from flatbed.config.table import SETTINGS

_INTRODUCTION = """\
# Settings

This page is made from the settings table by `make docs`; a test holds the two together.

A value comes from the last of these places that names it:

1. the default,
2. `/etc/flatbed/config.toml`, the machine's file,
3. `config.toml` in the user's configuration folder (`~/.config/flatbed/` on Linux), or the file
   that `--config` names,
4. the environment: `FLATBED_` and the setting in capitals, as `FLATBED_PORT=0`. Two underscores
   lead into a table: `FLATBED_ADDONS__VIRTUAL__SHEETS=20`, `FLATBED_DEFAULTS__RECOGNIZE_TEXT=ocr`.
   Lists are comma separated or written as in TOML; values for add-ons are read as TOML where they
   are TOML and as text where not,
5. the command line.

A setting that does not exist, or a value that does not fit, stops the service with a sentence that
names the place. `flatbed config show` prints what holds, and where each value came from.
"""


def settings_page() -> str:
    """The whole of `docs/settings.md`."""
    return _INTRODUCTION + "".join(_section(each) for each in SETTINGS.values())


def _section(setting: Setting) -> str:
    return "\n" + "\n".join(_lines(setting)) + "\n"


def _lines(setting: Setting) -> Iterator[str]:
    if setting.heading:
        yield f"## {setting.heading}\n"
    unit = f" {setting.unit}" if setting.unit else ""
    yield f"### `{setting.key}`\n"
    yield f"{setting.help}\n"
    yield f"Takes {setting.kind.label}{f' ({setting.unit})' if unit else ''}."
    yield f"Default: {setting.default}{unit}.\n"
    yield f"```toml\n{setting.example}\n```"
