"""`flatbed config`: the settings that hold."""

from __future__ import annotations

from typing import Any

import typer

from flatbed.cli import output
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.config import AllowedOrigin
from flatbed.config.table import LOG_LEVELS

app = typer.Typer(no_args_is_help=True, help="Settings: what holds, and where it comes from.")

_LEVEL_NAMES = {level: name for name, level in LOG_LEVELS.items() if isinstance(name, str)}


@app.command()
def show(
    *, as_json: AsJson = False, config_file: ConfigFile = None, data_dir: DataDir = None
) -> None:
    """Print every setting with its value and its source.

    docs/settings.md says what each of them does; so does --json, as help.

    \b
    Examples:
      flatbed config show
      flatbed config show --config try.toml
      flatbed config show --json
    """
    rows = load_config(config_file, data_dir).explain()
    if as_json:
        output.say_json([{**row._asdict(), "value": _plain(row.value)} for row in rows])
    else:
        output.say_table(
            ("Setting", "Value", "From"),
            [(row.key, _text(row.key, row.value), row.source) for row in rows],
        )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, AllowedOrigin):
        return {"origin": value.origin, "compat": value.is_compat}
    return value


def _text(key: str, value: Any) -> str:
    if key == "log_level":
        return _LEVEL_NAMES[value]
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ", ".join(_text("", each) for each in value) or "none"
    if isinstance(value, AllowedOrigin):
        return f"{value.origin} (compat)" if value.is_compat else value.origin
    return "none" if value in (None, "") else str(value)
