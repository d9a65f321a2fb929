"""`flatbed addons check`: what an author asks before anybody installs it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flatbed.cli import output
from flatbed.cli.failures import ExitCode
from flatbed.cli.options import AsJson

if TYPE_CHECKING:
    from flatbed.authoring.report import Report, Row


def check(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of the add-on's project.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Try an add-on from its source: its declaration, then every call on sample pages.

    Nothing is installed. It ends with 1 if anything failed.

    \b
    Examples:
      flatbed addons check .
      flatbed addons check hello --json
    """
    # Pillow and the workers' side are for this command alone.
    from flatbed.authoring.examination import examine  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="flatbed-check-") as scratch:
        report = examine(folder, Path(scratch))
    if as_json:
        output.say_json(report)
    else:
        _say(report)
    if not report.ok:
        raise typer.Exit(ExitCode.ERROR)


def _say(report: Report) -> None:
    output.say_table(
        ("Kind", "Name", "Result", "ms", "MB", "Note"), [_cells(row) for row in report.checks]
    )
    told = set[str]()
    for row in report.checks:
        if row.trace and row.trace not in told:
            told.add(row.trace)
            output.say(f"\n{row.kind} {row.name}:\n{row.trace.rstrip()}")
    count = sum(row.result == "failed" for row in report.checks)
    verdict = "All is well." if report.ok else f"{count} of {len(report.checks)} failed."
    output.say(f"\n{report.addon} {report.version}: {verdict}")


def _cells(row: Row) -> tuple[str, ...]:
    return (row.kind, row.name, row.result, _number(row.ms), _number(row.memory_mb), row.note)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
