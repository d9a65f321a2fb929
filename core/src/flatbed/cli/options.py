"""Options that several commands have, and the configuration that they lead to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.config import Config

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Settings file in place of the user's.", show_default=False
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Where pages, documents and logs are kept.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]


def load_config(config_file: Path | None, data_dir: Path | None) -> Config:
    """The configuration that holds for a command with these two options.

    Raises:
        InvalidInputError: If something in it is unknown or wrong; says where.
    """
    return Config.load(config_file, flags={"data_dir": data_dir})
