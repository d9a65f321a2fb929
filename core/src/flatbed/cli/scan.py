"""`flatbed scan`: the options, and what they mean in the words of the wire contract."""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal, TypeAlias

import typer

from flatbed.cli.file_options import Force, OutputFile
from flatbed.cli.options import ConfigFile, DataDir
from flatbed.cli.page_files import Target
from flatbed.cli.reports import choose_report
from flatbed.cli.scan_order import ScanOrder, carry_out

Source: TypeAlias = Literal["flatbed", "feeder", "duplex"]
Color: TypeAlias = Literal["bw", "gray", "color"]
PageSize: TypeAlias = Literal["a4", "letter", "legal", "a5", "a3", "a6", "max"]
OnFault: TypeAlias = Literal["fault", "pause"]

# The numbers of the wire contract.
_SOURCES = {
    "flatbed": {"IfFeederEnabled": False, "IfDuplexEnabled": False},
    "feeder": {"IfFeederEnabled": True, "IfDuplexEnabled": False},
    "duplex": {"IfFeederEnabled": True, "IfDuplexEnabled": True},
}
_COLORS = {"bw": 0, "gray": 1, "color": 2}
_PAGE_SIZES = {"max": 0, "a4": 1, "letter": 3, "legal": 4, "a5": 5, "a3": 11, "a6": 13}
_ALL_PAGES = -1


def _check_on_fault(value: OnFault) -> OnFault:
    if value == "pause" and not (sys.stdin and sys.stdin.isatty()):
        raise typer.BadParameter("to pause, there must be a terminal to ask at.")
    return value


def scan(  # noqa: PLR0913 - an argument for each option
    *,
    path: OutputFile,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Scanner by name, a part of it, or id. Without it, the last used one, else the"
            " first.",
            show_default=False,
        ),
    ] = None,
    source: Annotated[
        Source | None,
        typer.Option(
            help="Where the paper is. Without it, the glass where there is one.",
            show_default=False,
        ),
    ] = None,
    dpi: Annotated[
        int | None,
        typer.Option(min=1, max=19200, help="Dots per inch; without it, 200.", show_default=False),
    ] = None,
    color: Annotated[
        Color | None,
        typer.Option(help="Without it, what the scanner does best.", show_default=False),
    ] = None,
    page_size: Annotated[
        PageSize | None, typer.Option(help="The part to scan.", show_default=False)
    ] = None,
    pages: Annotated[
        int, typer.Option(min=0, max=100_000, help="Stop after so many; 0 for all there are.")
    ] = 0,
    on_fault: Annotated[
        OnFault,
        typer.Option(
            help="After a jam, an open cover and the like: end, or ask and go on.",
            callback=_check_on_fault,
        ),
    ] = "fault",
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            metavar="SECONDS",
            help="Give the scanner up when one step, such as a page, takes longer. Without it,"
            " the limits of the settings.",
            show_default=False,
        ),
    ] = None,
    force: Force = False,
    job: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="Save the pages of a job that is there already, in place of scanning.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON lines, for programs.")
    ] = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Scan pages into files.

    Uses the running service, or starts one for the moment. Ctrl-C cancels the scan and keeps the
    pages that came.

    \b
    Examples:
      flatbed scan -o page.jpg
      flatbed scan --source feeder -o page.jpg
      flatbed scan --source duplex --dpi 300 --color gray -o all.tiff
      flatbed scan --source feeder --on-fault pause -o page.png
    """
    config = {
        **_SOURCES.get(source or "", {}),
        **_given(Resolution=dpi),
        **_given(PixelType=color and _COLORS[color], PageSize=page_size and _PAGE_SIZES[page_size]),
        "XferCount": pages or _ALL_PAGES,
    }
    order = ScanOrder(
        target=Target(path, overwrites=force),
        device=device,
        request={"config": config, "onFault": on_fault, **_given(scannerFailureTimeout=timeout)},
        job=job,
        asks_at_pauses=on_fault == "pause",
    )
    report = choose_report(pages, as_json=as_json)
    raise typer.Exit(carry_out(order, report, config_file=config_file, data_dir=data_dir))


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
