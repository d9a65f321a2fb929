"""`flatbed addons new`: an add-on to begin from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.authoring.new_project import make_project
from flatbed.cli import output


def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Of the add-on, as hello or read-stamps.")
    ],
    *,
    folder: Annotated[
        Path,
        typer.Option("--folder", metavar="FOLDER", help="Where its own folder is made."),
    ] = Path(),
) -> None:
    """Make a folder NAME with an add-on in it that works: an operation, an edit and a route.

    \b
    Examples:
      flatbed addons new hello
      flatbed addons new read-stamps --folder ~/projects
    """
    made = make_project(name, folder)
    output.say(f"Made {made}: a working add-on, with tests. Next:")
    output.say(_NEXT.format(folder=made, name=name))


_NEXT = """
  flatbed addons check {folder}
  flatbed addons install {folder}
  flatbed run
  curl http://127.0.0.1:18622/api/addons/{name}/hello/Ada

Its code is in {folder}/src, what it declares in addon.toml beside the code. To run its tests:

  pip install pytest
  cd {folder} && pytest"""
