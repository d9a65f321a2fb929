"""`flatbed run`: the service."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal, TypeAlias

import typer

from flatbed.cli.interrupts import run_to_end
from flatbed.cli.options import ConfigFile, DataDir
from flatbed.config import AllowedOrigin, Config
from flatbed.config.layers import check
from flatbed.config.table import SETTINGS
from flatbed.errors import InvalidInputError

LogLevel: TypeAlias = Literal["error", "info", "debug"]


def _port(help_text: str) -> Any:
    return typer.Option(min=0, max=65535, metavar="PORT", help=help_text, show_default=False)


def _check_origins(origins: list[str] | None) -> list[str] | None:
    for each in origins or []:
        try:
            check(("allowed_origins",), [each], source="--allow-origin", settings=SETTINGS)
        except InvalidInputError as error:
            raise typer.BadParameter(error.message) from error
    return origins


def run(  # noqa: PLR0913 - an argument for each option
    *,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
    port: Annotated[
        int | None,
        _port("Of the interface; 0 takes any free one. Without it, that of the settings."),
    ] = None,
    tls_port: Annotated[
        int | None, _port("The same with https. Closed: certificates come later.")
    ] = None,
    status_port: Annotated[
        int | None,
        _port("Of the status page; 0 takes any free one. Without it, that of the settings."),
    ] = None,
    status_tls_port: Annotated[
        int | None, _port("The same with https. Closed: certificates come later.")
    ] = None,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ORIGIN",
            help="Let the pages of this web origin scan, beside those of the settings; may be"
            " given several times.",
            callback=_check_origins,
            show_default=False,
        ),
    ] = None,
    log_level: Annotated[
        LogLevel | None,
        typer.Option(
            help="How much is logged. Without it, that of the settings.", show_default=False
        ),
    ] = None,
    until_stdin_closes: Annotated[bool, typer.Option("--until-stdin-closes", hidden=True)] = False,
) -> None:
    """Start the service, and keep it running until Ctrl-C or SIGTERM.

    Prints one line on the standard output once it is ready, with its address. The log goes to the
    standard error, and to log/flatbed.log in the data folder. A scan that runs when the service
    ends is finished all the same; its pages are there at the next start.

    \b
    Examples:
      flatbed run
      flatbed run --port 0 --status-port 0
      flatbed run --allow-origin https://scan.example
    """
    flags = {
        "data_dir": data_dir,
        "port": port,
        "tls_port": tls_port,
        "status_port": status_port,
        "status_tls_port": status_tls_port,
        "log_level": log_level,
    }
    config = _allow(allow_origin or [], Config.load(config_file, flags=flags))
    # Loaded late: it is most of the program, and a mistake above should show at once.
    from flatbed.cli.serving import serve, serve_caller  # noqa: PLC0415

    run_to_end(serve_caller(config) if until_stdin_closes else serve(config))


def _allow(origins: list[str], config: Config) -> Config:
    known = {each.origin for each in config.allowed_origins}
    new = [AllowedOrigin(each) for each in dict.fromkeys(origins) if each not in known]
    return replace(config, allowed_origins=(*config.allowed_origins, *new))
