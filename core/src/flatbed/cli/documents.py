"""`flatbed documents`: what is kept, to look at, to get out, and to delete."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import typer

from flatbed.cli import output
from flatbed.cli.document_access import delete_documents, list_all, read_document, save_document
from flatbed.cli.document_choice import shorten
from flatbed.cli.document_client import DocumentEntry, DocumentFacts
from flatbed.cli.document_export import COMPRESSIONS, ExportOrder, PageSelection
from flatbed.cli.failures import ExitCode
from flatbed.cli.file_options import Force, OutputFile, Pages, Password, Quality
from flatbed.cli.interrupts import run_interruptible
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.cli.page_files import Target
from flatbed.cli.prompts import has_terminal
from flatbed.cli.reports import choose_report
from flatbed.cli.service_link import ServiceLink

app = typer.Typer(
    no_args_is_help=True, help="Documents: pages that web pages and programs have kept."
)

_NO_DOCUMENT = (
    "There are no documents yet. Web pages and programs make them of pages that they scan;"
    " flatbed scan writes files instead."
)


Wanted: TypeAlias = Annotated[
    str,
    typer.Argument(
        metavar="DOCUMENT", help="Its name, its uid, or the beginning of it.", show_default=False
    ),
]
Compression: TypeAlias = Literal[
    "auto", "none", "rle", "fax3", "fax4", "lzw", "jpeg", "deflate", "packbits"
]


@app.command("list")
def list_documents(
    *,
    origin: Annotated[
        str | None,
        typer.Option(
            metavar="ORIGIN",
            help="Only those of this web origin, such as https://scan.example; local for those"
            " of programs.",
            show_default=False,
        ),
    ] = None,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """List the documents, oldest first.

    Each command takes a document's name, or its uid as it stands here. Whose it is: the web origin
    that made it, or local for programs.

    \b
    Examples:
      flatbed documents list
      flatbed documents list --origin https://scan.example
      flatbed documents list --json
    """
    there = run_interruptible(list_all(_link(config_file, data_dir)))
    found = [each for each in there if origin in (None, each.origin)]
    if as_json:
        output.say_json(found)
    elif found:
        short = shorten(there)
        output.say_table(
            ("Name", "Uid", "Pages", "Whose", "Password"),
            [_row(each, short[each.uid]) for each in found],
        )
    else:
        output.remark(f"There are no documents of {origin}." if there else _NO_DOCUMENT)


_COLORS = {"1": "bw", "L": "gray", "RGB": "color"}


@app.command()
def show(
    document: Wanted,
    *,
    password: Password = None,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Show what a document is, and its pages.

    \b
    Examples:
      flatbed documents show Letters
      flatbed documents show 3f2a91c0 --json
      flatbed documents show Letters --password-file secret.txt
    """
    link = _link(config_file, data_dir)
    entry, facts = run_interruptible(read_document(link, document, password))
    if as_json:
        output.say_json(_to_wire(entry, facts))
        return
    for heading, value in _facts(entry, facts):
        output.say(f"{heading:<11}{value}")
    if facts.pages:
        rows = [(str(at), *_page_row(page)) for at, page in enumerate(facts.pages, start=1)]
        output.say("")
        output.say_table(("Page", "Paper", "Pixels", "Dpi", "Color", "Edits", "Uid"), rows)


@app.command()
def export(  # noqa: PLR0913 - an argument for each option
    document: Wanted,
    *,
    path: OutputFile,
    pages: Pages = None,
    quality: Quality = None,
    compression: Annotated[
        Compression | None,
        typer.Option(
            help="Of a TIFF's pages; without it, auto: what suits each.", show_default=False
        ),
    ] = None,
    force: Force = False,
    password: Password = None,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Write a document's pages into files.

    All files appear, whole, or none. The document stays as it is.

    \b
    Examples:
      flatbed documents export Letters -o letters.tiff
      flatbed documents export Letters --pages 1-3,7 -o letter.jpg --quality 90
      flatbed documents export 3f2a91c0 -o fax.tiff --compression fax4
    """
    target = Target(path, overwrites=force)
    if compression is not None and target.media_type != "image/tiff":
        raise typer.BadParameter("it is for .tiff only.", param_hint="'--compression'")
    if quality is not None and target.media_type == "image/png":
        raise typer.BadParameter("a PNG loses nothing.", param_hint="'--quality'")
    order = ExportOrder(
        target=target,
        pages=pages or PageSelection(),
        settings=_given(quality=quality, compression=compression and COMPRESSIONS[compression]),
    )
    link = _link(config_file, data_dir)
    target.check()
    report = choose_report(0, as_json=False)
    run_interruptible(save_document(link, document, password, order=order, report=report))


@app.command()
def delete(
    documents: Annotated[
        list[str],
        typer.Argument(
            metavar="DOCUMENT",
            help="Names, uids, or the beginnings of uids.",
            show_default=False,
        ),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Delete documents with their pages and their history.

    Asks first. It cannot be undone. No password is needed: somebody may have forgotten it.

    \b
    Examples:
      flatbed documents delete Letters
      flatbed documents delete --yes 3f2a91c0 77ab0d12
    """
    if not yes and not has_terminal():
        raise typer.BadParameter(
            "without it, there must be a terminal to ask at. Nothing was deleted.",
            param_hint="'--yes'",
        )
    link = _link(config_file, data_dir)
    if not run_interruptible(delete_documents(link, documents, asks=not yes)):
        output.remark("Nothing was deleted.")
        raise typer.Exit(ExitCode.ERROR)


def _link(config_file: Path | None, data_dir: Path | None) -> ServiceLink:
    return ServiceLink(load_config(config_file, data_dir), config_file)


def _row(entry: DocumentEntry, short: str) -> tuple[str, ...]:
    has_password = "yes" if entry.has_password else "no"
    return entry.name or "", short, str(entry.pages), entry.origin, has_password


def _facts(entry: DocumentEntry, facts: DocumentFacts) -> list[tuple[str, str]]:
    metadata = facts.metadata
    if metadata is not None and not isinstance(metadata, str):
        metadata = msgspec.json.encode(metadata).decode()
    rows = [
        ("Name", facts.name),
        ("Uid", facts.uid),
        ("Whose", entry.origin),
        ("Password", "yes" if entry.has_password else "no"),
        ("Pages", str(len(facts.pages))),
        ("Metadata", metadata),
    ]
    return [(heading, value) for heading, value in rows if value]


def _page_row(page: dict[str, Any]) -> tuple[str, ...]:
    (width, height), dpi = page["size_px"], page["dpi"]
    paper = f"{width / dpi[0] * 25.4:.0f} x {height / dpi[1] * 25.4:.0f} mm"
    resolution = f"{dpi[0]:g}" if dpi[0] == dpi[1] else f"{dpi[0]:g} x {dpi[1]:g}"
    edits = ", ".join(edit["op"] for edit in page.get("edits", ()))
    color = _COLORS[page["mode"]]
    return paper, f"{width} x {height}", resolution, color, edits or "-", str(page["uid"])[:12]


def _to_wire(entry: DocumentEntry, facts: DocumentFacts) -> dict[str, Any]:
    both = {"origin": entry.origin, "hasPassword": entry.has_password}
    wire: dict[str, Any] = msgspec.to_builtins(facts)
    return wire | both


def _given(**values: int | None) -> dict[str, int]:
    return {name: value for name, value in values.items() if value is not None}
