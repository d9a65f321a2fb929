"""`flatbed convert`: a file's pages in a file of another kind."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.cli.conversion import ConversionOrder, JsonAnswer, convert_file
from flatbed.cli.document_export import ExportOrder, PageSelection
from flatbed.cli.file_options import Force, OutputFile, Pages, Password, Quality
from flatbed.cli.interrupts import run_interruptible
from flatbed.cli.options import AsJson, ConfigFile, DataDir, load_config
from flatbed.cli.page_files import Target
from flatbed.cli.reports import PlainReport, choose_report
from flatbed.cli.service_link import ServiceLink
from flatbed.editing.uploads import MAX_FILE_BYTES
from flatbed.errors import TooBigError


def convert(  # noqa: PLR0913 - an argument for each option
    source: Annotated[
        Path,
        typer.Argument(
            metavar="IN",
            help="JPEG, PNG, TIFF, BMP, WebP or GIF, whatever its name; PDF where an add-on reads"
            " it.",
            show_default=False,
        ),
    ],
    *,
    path: OutputFile,
    dpi: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=10_000,
            help="Dots per inch of a file that does not say its own; without it, 200.",
            show_default=False,
        ),
    ] = None,
    pages: Pages = None,
    quality: Quality = None,
    force: Force = False,
    password: Password = None,
    as_json: AsJson = False,
    config_file: ConfigFile = None,
    data_dir: DataDir = None,
) -> None:
    """Write a file's pages into files of another kind.

    All files appear, whole, or none. IN stays as it is, and nothing stays in the service.

    \b
    Examples:
      flatbed convert letter.tiff -o letter.pdf
      flatbed convert letter.tiff -o page.png --pages 1-3,7
      flatbed convert photo.png -o photo.jpg --dpi 300 --quality 90
      flatbed convert secret.pdf -o page.png --password-file secret.txt
    """
    target = Target(path, overwrites=force)
    if quality is not None and target.media_type == "image/png":
        raise typer.BadParameter("a PNG loses nothing.", param_hint="'--quality'")
    settings = {} if quality is None else {"quality": quality}
    export = ExportOrder(target=target, pages=pages or PageSelection(), settings=settings)
    link = ServiceLink(load_config(config_file, data_dir), config_file)
    target.check()
    order = ConversionOrder(
        source=source, content=_read(source), dpi=dpi, password=password, export=export
    )
    run_interruptible(convert_file(link, order, JsonAnswer if as_json else _report))


def _report() -> PlainReport:
    return choose_report(0, as_json=False)


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        message = f"'{source}' cannot be read: {error.strerror}."
        raise typer.BadParameter(message, param_hint="'IN'") from error
    if not content:
        raise typer.BadParameter(f"'{source}' is empty.", param_hint="'IN'")
    if len(content) > MAX_FILE_BYTES:
        raise TooBigError(f"{source} has more than {MAX_FILE_BYTES >> 20} MB. Split it first.")
    return content
