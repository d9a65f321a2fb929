"""`flatbed doctor`: what works, what does not, and what to do about it."""

from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from flatbed import system
from flatbed.cli import output
from flatbed.cli.client import ServiceClient
from flatbed.cli.diagnoses import (
    Finding,
    look_at_addons,
    look_at_disk,
    look_at_folder,
    look_at_ports,
    look_at_storage,
    of_error,
)
from flatbed.cli.failures import ExitCode
from flatbed.cli.interrupts import run_interruptible
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.cli.service_link import find_service
from flatbed.config import Config
from flatbed.errors import FlatbedError
from flatbed.storage.consistency import StorageCheck, StorageReport
from flatbed.storage.file_list import list_files
from flatbed.storage.index import INDEX, open_copy
from flatbed.storage.keys import read_master_key
from flatbed.storage.leftovers import check_master_key


def doctor(
    *,
    deep: Annotated[
        bool,
        typer.Option("--deep", help="Read every stored file to its end, however long it takes."),
    ] = False,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Check folders, disk, stored pages, add-ons and ports, and say what to do.

    Asks the running service about what is stored, or looks by itself. Changes nothing. Ends with 1
    when something is wrong.

    \b
    Examples:
      flatbed doctor
      flatbed doctor --deep
      flatbed doctor --json
    """
    config = load_config(config_file, data_dir)
    if deep:
        output.remark("Reading every stored file. Ctrl-C ends it.", "dim")
    findings = run_interruptible(_examine(config, is_deep=deep))
    if as_json:
        output.say_json(findings)
    else:
        output.say_table(("Check", "State", "Found"), [_row(each) for each in findings])
        for each in findings:
            if each.advice:
                output.say(f"\n{each.check}: {each.advice}")
    if not all(each.ok for each in findings):
        raise typer.Exit(ExitCode.ERROR)


def _row(finding: Finding) -> tuple[str, str, str]:
    return (finding.check, "ok" if finding.ok else "BAD", finding.found)


async def _examine(config: Config, *, is_deep: bool) -> list[Finding]:
    url: str | None = None
    try:
        url = await find_service(config.data_dir)
        service = Finding(check="service", found=f"runs at {url}" if url else "does not run")
    except FlatbedError as error:
        service = of_error("service", "cannot be asked", error)
    findings = [service, look_at_folder(config.data_dir), look_at_disk(config)]
    if service.ok:
        findings += await _examine_storage(config.data_dir, url, is_deep=is_deep)
    return [*findings, *look_at_addons(config), look_at_ports(config)]


async def _examine_storage(data: Path, url: str | None, *, is_deep: bool) -> list[Finding]:
    if url is None and not (data / INDEX).exists() and not list_files(data / "cache" / "pages"):
        return [Finding(check="pages", found="none yet")]
    try:
        report = await (_look(data, is_deep=is_deep) if url is None else _ask(url, is_deep=is_deep))
    except FlatbedError as error:
        return [of_error("pages", "cannot be checked", error)]
    return list(look_at_storage(data, report))


async def _ask(url: str, *, is_deep: bool) -> StorageReport:
    client = ServiceClient(url)
    try:
        return await client.check_storage(is_deep=is_deep)
    finally:
        client.close()


async def _look(data: Path, *, is_deep: bool) -> StorageReport:
    """Check the storage without a service."""
    key = read_master_key(data, system.user_config_folder())
    check = StorageCheck(data / "cache", key)
    try:
        report = await asyncio.to_thread(check.deep if is_deep else check.fast)
    finally:
        # Ctrl-C leaves the thread where it is.
        check.close()
    with closing(open_copy(data / INDEX)) as index:
        check_master_key(lambda query: index.execute(query).fetchall(), key)
    return report
