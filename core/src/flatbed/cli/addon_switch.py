"""`flatbed addons enable` and `disable`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from flatbed.cli import output
from flatbed.cli.addons import look_for_addons
from flatbed.cli.options import ConfigFile, DataDir, load_config
from flatbed.config import Config
from flatbed.installing.faults import SwitchedElsewhereError
from flatbed.installing.switching import switch
from flatbed.runtime.shelf import Shelf

Name: TypeAlias = Annotated[
    str, typer.Argument(metavar="NAME", help="The add-on's name.", show_default=False)
]

_WORDS = {True: "enabled", False: "disabled"}


def enable(name: Name, *, config_file: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Switch an add-on on, in all its versions.

    A running service sees it at once. Where the configuration has [addons.NAME] enabled, that
    decides, and it has to be changed there.

    \b
    Examples:
      flatbed addons enable hello
    """
    _switch(name, load_config(config_file, data_dir), is_on=True)


def disable(name: Name, *, config_file: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Switch an add-on off, in all its versions; it stays installed.

    A running service does not use it any more; what is running is finished. Where the configuration
    has [addons.NAME] enabled, that decides, and it has to be changed there.

    \b
    Examples:
      flatbed addons disable hello
    """
    _switch(name, load_config(config_file, data_dir), is_on=False)


def _switch(name: str, config: Config, *, is_on: bool) -> None:
    inventory = look_for_addons(config).inventory()
    configured = config.addons.get(name, {}).get("enabled")
    source = config.sources.get(("addons", name, "enabled"), "the configuration")
    if configured is not None and configured != is_on:
        raise SwitchedElsewhereError(
            f"'{name}' is {_WORDS[not is_on]} by {source}, which goes before this command. Nothing"
            " was changed; change it there.",
            source=source,
        )
    switch(name, is_on=is_on, shelf=Shelf(config.data_dir), inventory=inventory)
    also = "" if configured is None else f", also by {source}"
    output.say(f"'{name}' is {_WORDS[is_on]}{also}.")
    for broken in look_for_addons(config).broken:
        if is_on and broken.name == name:
            output.remark(
                f"{name} {broken.version} cannot be used. {broken.error.message}", output.BAD
            )
