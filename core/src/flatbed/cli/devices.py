"""`flatbed devices`: the scanners that are there."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated

import typer

from flatbed.cli import output
from flatbed.cli.addons import loading_faults
from flatbed.cli.client import Scanner
from flatbed.cli.interrupts import run_interruptible
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.cli.scanner_choice import NO_SCANNER, Kind, id_of, kind_of
from flatbed.cli.service_link import ServiceLink


def devices(
    *,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask all drivers anew, however long they take.")
    ] = False,
    kinds: Annotated[
        list[Kind] | None,
        typer.Option(
            "--type",
            help="Only scanners that are reached this way; may be given several times. Without"
            " it, all but escl and wifi-direct.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """List the scanners that are there.

    Asks the running service, or starts one for the moment.

    \b
    Examples:
      flatbed devices
      flatbed devices --refresh --type sane
      flatbed devices --json
    """
    config = load_config(config_file, data_dir)
    types = reduce(or_, (each.bit for each in kinds)) if kinds else None
    link = ServiceLink(config, config_file)
    found = run_interruptible(_list(link, types, is_fresh=refresh))
    if as_json:
        output.say_json([_to_wire(each) for each in found])
    elif found:
        rows = [(each.name, kind_of(each), id_of(each)) for each in found]
        output.say_table(("Name", "Kind", "Id"), rows)
    else:
        output.remark(NO_SCANNER)
        for fault in loading_faults(config):
            output.remark(f"Note: {fault}", "dim")


async def _list(link: ServiceLink, types: int | None, *, is_fresh: bool) -> list[Scanner]:
    async with link:
        # A service that was just started knows no scanner yet.
        wants_all = is_fresh or link.is_own
        return await link.client.scanners(types, refresh="true" if wants_all else "false")


def _to_wire(scanner: Scanner) -> dict[str, str | int]:
    return {
        "name": scanner.name,
        "kind": kind_of(scanner),
        "id": id_of(scanner),
        "type": scanner.type,
        "device": scanner.device,
    }
