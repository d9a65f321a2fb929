"""`flatbed origins`: which websites may scan, and the person's last word on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeAlias
from urllib.parse import quote

import msgspec
import typer

from flatbed.cli import output
from flatbed.cli.client import ServiceClient
from flatbed.cli.interrupts import run_interruptible
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.cli.service_link import ServiceLink, open_client

app = typer.Typer(no_args_is_help=True, help="Websites: which of them may use the scanner.")

_ORIGINS = "/api/origins"
_ANSWER_S = 60.0
_NOTHING = (
    "Nothing was decided about any website yet. A page that wants to scan asks, and"
    " flatbed origins allow lets one in before it does."
)
_WORDS = {
    "once": "allowed until Flatbed stops",
    "always": "allowed",
    "blocked": "blocked",
    "configured": "allowed by the configuration",
}

Origins: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        metavar="ORIGIN",
        help="As browsers write it: scheme, host, and a port where there is one.",
        show_default=False,
    ),
]


class OriginEntry(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A website as the service lists it; the moments as ISO 8601 in UTC."""

    origin: str
    state: str
    name: str | None = None
    since: str | None = None
    last_used: str | None = None


class OriginClient(ServiceClient):
    """The grants of one service; see `ServiceClient` for what is raised."""

    async def origins(self) -> list[OriginEntry]:
        """All of them, by their spelling."""
        return await self._ask("GET", _ORIGINS, list[OriginEntry])

    async def decide(self, origin: str, state: Literal["always", "blocked"]) -> OriginEntry:
        """Let one in, or block it."""
        body = {"origin": origin, "state": state}
        return await self._ask("POST", _ORIGINS, OriginEntry, body=body)

    async def revoke(self, origin: str) -> None:
        """Forget what was decided about one."""
        await self._fetch("DELETE", f"{_ORIGINS}/{quote(origin, safe='')}", timeout_s=_ANSWER_S)


@app.command("list")
def list_origins(
    *, as_json: AsJson = False, config_file: ConfigFile = None, data_dir: DataDir = None
) -> None:
    """List the websites that are allowed or blocked.

    The name is what a page said of itself; only the origin is certain.

    \b
    Examples:
      flatbed origins list
      flatbed origins list --json
    """
    found = run_interruptible(_list(_link(config_file, data_dir)))
    if as_json:
        output.say_json(found)
    elif found:
        rows = [_row(each) for each in found]
        output.say_table(("Origin", "State", "Name", "Since", "Last used"), rows)
    else:
        output.remark(_NOTHING)


@app.command()
def allow(origins: Origins, *, config_file: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Let websites use the scanner, until that is revoked.

    A page that asks at this moment is let in at once.

    \b
    Examples:
      flatbed origins allow https://scan.example
      flatbed origins allow http://localhost:8080 https://office.example
    """
    link = _link(config_file, data_dir)
    run_interruptible(_decide(link, origins, "always"))


@app.command()
def block(origins: Origins, *, config_file: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Keep websites out; they cannot even ask any more.

    \b
    Examples:
      flatbed origins block https://pushy.example
    """
    link = _link(config_file, data_dir)
    run_interruptible(_decide(link, origins, "blocked"))


@app.command()
def revoke(origins: Origins, *, config_file: ConfigFile = None, data_dir: DataDir = None) -> None:
    """Take permissions back, or blocks: the websites have to ask again.

    What is being scanned for them is scanned to its end.

    \b
    Examples:
      flatbed origins revoke https://scan.example
    """
    run_interruptible(_revoke(_link(config_file, data_dir), origins))


async def _list(link: ServiceLink) -> list[OriginEntry]:
    async with open_client(link, OriginClient) as client:
        return await client.origins()


async def _decide(
    link: ServiceLink, origins: Sequence[str], state: Literal["always", "blocked"]
) -> None:
    async with open_client(link, OriginClient) as client:
        for origin in origins:
            entry = await client.decide(origin, state)
            output.say(f"{entry.origin} is {_word(entry)}.")


async def _revoke(link: ServiceLink, origins: Sequence[str]) -> None:
    async with open_client(link, OriginClient) as client:
        for origin in origins:
            await client.revoke(origin)
            output.say(f"{origin} has to ask again.")


def _link(config_file: Path | None, data_dir: Path | None) -> ServiceLink:
    return ServiceLink(load_config(config_file, data_dir), config_file)


def _word(entry: OriginEntry) -> str:
    return _WORDS.get(entry.state, entry.state)


def _row(entry: OriginEntry) -> tuple[str, ...]:
    since, used = (_minute(moment) for moment in (entry.since, entry.last_used))
    return entry.origin, _word(entry), entry.name or "", since, used


def _minute(moment: str | None) -> str:
    """A moment as the clock on the wall has it; the seconds are of no use in a list."""
    if moment is None:
        return ""
    return f"{datetime.fromisoformat(moment).astimezone():%Y-%m-%d %H:%M}"
