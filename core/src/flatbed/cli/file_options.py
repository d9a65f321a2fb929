"""Options of the commands that write pages into files, or open what has a password."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.cli.document_export import PageSelection
from flatbed.cli.page_files import MEDIA_TYPES


def _check_output(path: Path) -> Path:
    if path.suffix.lower() not in MEDIA_TYPES:
        raise typer.BadParameter(f"'{path}' does not end in {', '.join(MEDIA_TYPES)}.")
    return path


def _parse_pages(text: str) -> PageSelection:
    try:
        return PageSelection.parse(text)
    except ValueError as error:
        raise typer.BadParameter(f"'{text}' is not like 1-3,7 or 5-.") from error


def _read_password(path: str) -> str:
    try:
        password = Path(path).read_text("utf-8").partition("\n")[0].removesuffix("\r")
    except OSError as error:
        raise typer.BadParameter(f"'{path}' cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"'{path}' is not text in UTF-8.") from error
    if not password:
        raise typer.BadParameter(f"the first line of '{path}' is empty.")
    return password


OutputFile = Annotated[
    Path,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Where to: .jpg, .png, .tiff or .pdf. Several pages become FILE-001.jpg and so"
        " on, or one TIFF or PDF.",
        callback=_check_output,
        show_default=False,
    ),
]
Pages = Annotated[
    PageSelection | None,
    typer.Option(
        metavar="PAGES",
        help="Which pages, from 1, such as 1-3,7 or 5-; in this order. Without it, all.",
        parser=_parse_pages,
        show_default=False,
    ),
]
Quality = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=100,
        help="Of what is compressed as JPEG; without it, 80.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite files.")]
Password = Annotated[
    str | None,
    typer.Option(
        "--password-file",
        metavar="FILE",
        help="The password is the first line of this file. Without it, what has one asks at the"
        " terminal.",
        parser=_read_password,
        show_default=False,
    ),
]
