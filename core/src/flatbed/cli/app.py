"""The commands put together, and the one place where an error becomes a sentence."""

from __future__ import annotations

from typing import Annotated

import typer

from flatbed.cli import addons, config, documents, origins, output
from flatbed.cli.addon_check import check
from flatbed.cli.addon_info import info
from flatbed.cli.addon_install import install, remove
from flatbed.cli.addon_new import new
from flatbed.cli.addon_switch import disable, enable
from flatbed.cli.convert import convert
from flatbed.cli.devices import devices
from flatbed.cli.doctor import doctor
from flatbed.cli.failures import exit_code
from flatbed.cli.run import run
from flatbed.cli.scan import scan
from flatbed.errors import FlatbedError
from flatbed.http.contract import core_version

_EPILOG = (
    "Exit codes: 0 done, 1 error, 2 wrong usage, 3 fault of the scanner, 69 service unavailable,"
    " 75 busy or taken, try again later, 130 interrupted."
)

app = typer.Typer(
    name="flatbed",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help: it can be copied, and reads well in a narrow window.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=_EPILOG,
)
app.command()(run)
app.command()(scan)
app.command()(convert)
app.command()(devices)
app.command()(doctor)
app.add_typer(documents.app, name="documents")
app.add_typer(origins.app, name="origins")
addons.app.command()(info)
addons.app.command()(install)
addons.app.command()(remove)
addons.app.command()(enable)
addons.app.command()(disable)
addons.app.command()(new)
addons.app.command()(check)
app.add_typer(addons.app, name="addons")
app.add_typer(config.app, name="config")


def _show_version(is_wanted: bool) -> None:  # noqa: FBT001 - typer hands it over so
    if is_wanted:
        output.say(f"flatbed {core_version()}")
        raise typer.Exit


@app.callback()
def flatbed(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """Scanners for web pages, programs and people: the local service, and commands that use it."""


def run_app() -> int:
    """Do what the arguments ask for.

    Returns:
        The exit code of an error that was told; all else ends by `SystemExit`.
    """
    try:
        app()
    except FlatbedError as error:
        output.remark(error.message, output.BAD)
        return exit_code(error)
    return 0
