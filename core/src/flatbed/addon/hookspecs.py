"""Every hook that an add-on can implement.

All arguments are passed by keyword; an implementation names the ones that it needs. Every hook
runs in a worker process of the add-on, one call at a time, with the deadline and the memory limit
of the add-on's manifest; the main process never imports an add-on. Hooks may raise the errors of
`flatbed.errors`; anything else reaches the caller as a crash of the add-on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pluggy

from flatbed.addon.types import (
    Barcode,
    Capabilities,
    PageFile,
    PageSink,
    Request,
    Scanner,
    ScanSettings,
    Separator,
    StoredFile,
    TextPage,
)

hookspec = pluggy.HookspecMarker("flatbed")
hookimpl = pluggy.HookimplMarker("flatbed")

# mypy takes a body of nothing but a docstring for an unfinished function.
# mypy: disable-error-code="empty-body"


@hookspec
def start(config: dict[str, Any]) -> None:
    """Get ready in a new worker, before its first call.

    Processes that are to serve several calls are started here; a call that leaves others behind is
    the last one of its worker, which takes them along.

    Args:
        config: The add-on's own settings, by the manifest's `[config]` table, defaults filled in.
    """


@hookspec
def stop() -> None:
    """Let go of everything; the worker ends after this. Not called when a worker is killed."""


@hookspec(firstresult=True)
def describe_environment() -> dict[str, str]:
    """Name what the add-on found on this machine, as `{"tesseract": "5.3.0"}`."""


@hookspec(firstresult=True)
def list_scanners() -> Sequence[Scanner]:
    """List the devices that can be opened now.

    May take long (networks are searched): the caller shows its last list after 5 s and gives the
    call up after 30 s, both settings.

    Raises:
        DeviceFault: If the driver itself does not work; no devices are an empty list.
    """


@hookspec(firstresult=True)
def get_capabilities(scanner_id: str) -> Capabilities:
    """Open a device and say what it can do; nothing may move.

    Args:
        scanner_id: `Scanner.id` of a listed device.

    Raises:
        DeviceFault: If it cannot be opened.
    """


@hookspec(firstresult=True)
def acquire_pages(scanner_id: str, settings: ScanSettings, out: PageSink) -> None:
    """Scan pages into `out` until the sheets, or `settings.max_pages`, are done.

    Runs in a process of its own that outlives the main process. One page at a time: leave the
    `with` of a page before the next sheet is fed, so that a page is safe before paper moves.

    Args:
        scanner_id: `Scanner.id` of a listed device.
        settings: Fits the device's capabilities as far as they were known.
        out: Where pages go. Call `out.device_opened()` once the device is open, and
            `out.before_sheet()` before each sheet is fed.

    Raises:
        FeederEmptyError: When a feeder has no (more) sheets; a normal end after a first page.
        DeviceFault: Whatever else the device says; finished pages are safe.
        ScanCanceledError: As `out` raised it; the device must be released on the way out.
    """


@hookspec(firstresult=True)
def preview_frames(scanner_id: str, settings: ScanSettings, out: PageSink) -> Iterator[bytes]:
    """Yield JPEG frames until the call is cancelled; `out.next_command` brings captures.

    Args:
        scanner_id: `Scanner.id` of a listed camera.
        settings: As for `acquire_pages`.
        out: Where captured pages go.
    """


@hookspec(firstresult=True)
def read_barcodes(page: PageFile, settings: dict[str, Any]) -> Sequence[Barcode]:
    """Find and decode the barcodes on one page, in reading order.

    Args:
        page: The page; read only.
        settings: By the manifest's settings of the operation, checked, defaults filled in.
    """


@hookspec(firstresult=True)
def find_separator(page: PageFile, settings: dict[str, Any]) -> Separator | None:
    """Say whether another document begins at a page; the core then makes the documents.

    Called for each page of a document, for several at once in as many workers, so nothing may be
    concluded from the pages before.

    Args:
        page: The page; read only.
        settings: By the manifest's settings of the operation, checked, defaults filled in.
    """


@hookspec(firstresult=True)
def recognize_text(page: PageFile, settings: dict[str, Any]) -> TextPage:
    """Read the text on one page.

    Args:
        page: The page; read only.
        settings: By the manifest's settings of the operation, checked, defaults filled in.
    """


@hookspec(firstresult=True)
def process_page(operation: str, page: PageFile, settings: dict[str, Any], out: PageSink) -> Any:
    """Carry out one of the add-on's operations on one page.

    Args:
        operation: Its name in the manifest, as `check-blank`.
        page: The page; read only. A changed page goes into `out`.
        settings: By the manifest's settings of the operation, checked, defaults filled in.
        out: For new pages or files.

    Returns:
        Any JSON value; it is the answer where nothing went into `out`.
    """


@hookspec(firstresult=True)
def load_document(file: StoredFile, settings: dict[str, Any], out: PageSink) -> Any:
    """Read a file from outside into pages.

    A reader that can write its pages back unchanged keeps the file by one `out.new_file`, as it
    may be read without a password, and says of each page where it stands there (`source_page`).
    Whoever saves a page that was not edited gets it as `PageFile.source`.

    Args:
        file: The encrypted copy, read through `open()`; nothing about it is to be trusted.
        settings: By the manifest's settings, with `media_type` and `dpi`.
        out: One new page for each page of the file, and at most one file.

    Raises:
        InvalidInputError: If the file is not what it says.
        TooBigError: If its pixels or pages are beyond the limits, before any are decoded.
    """


@hookspec(firstresult=True)
def save_document(pages: Sequence[PageFile], settings: dict[str, Any], out: PageSink) -> Any:
    """Write pages into one file through `out.new_file`.

    A page that has a `source` of a type that the add-on knows can be taken from there.

    Args:
        pages: In the order of the file; at least one.
        settings: With `media_type`, and what the manifest's operation declares.
        out: Takes exactly one file.
    """


@hookspec(firstresult=True)
def upload_file(
    file: str,
    destination: dict[str, Any],
    settings: dict[str, Any],
    progress: Callable[[int, int], None],
) -> dict[str, Any]:
    """Send one file to a destination whose scheme the manifest's `[destinations]` names.

    Args:
        file: Path of the file.
        destination: `url` and credentials; never logged.
        settings: By the manifest's settings.
        progress: Called with (bytes sent, bytes in all).
    """


@hookspec(firstresult=True)
def handle_request(request: Request, out: PageSink) -> Any:
    """Answer a request to a route that the manifest's `[routes]` table declares.

    Args:
        request: Checked by the core: the caller may be here, the route and the method are declared.
        out: For a file as the answer.

    Returns:
        Any JSON value, or a `Response` where the status matters.
    """
