"""The hook that reads barcodes."""

from __future__ import annotations

import importlib.metadata
from typing import Any

from flatbed.addon import Barcode, PageFile, hookimpl
from flatbed_barcode import formats


@hookimpl
def read_barcodes(page: PageFile, settings: dict[str, Any]) -> list[Barcode]:
    """The barcodes of a page, in reading order; see the README for the settings."""
    wanted = formats.parse(settings.get("formats") or ())
    from flatbed_barcode.passes import read_view  # noqa: PLC0415 - Pillow, not at the start
    from flatbed_barcode.view import view_of  # noqa: PLC0415 - likewise

    view = view_of(page.open(), page.dpi, settings.get("region") or ())
    found = read_view(view, wanted, settings.get("effort") or "balance")
    return found[: settings.get("most") or None]


@hookimpl
def describe_environment() -> dict[str, str]:
    """The versions of the two readers."""
    from flatbed_barcode import zbar  # noqa: PLC0415 - Pillow, as above

    return {"zxing-cpp": importlib.metadata.version("zxing-cpp"), "zbar": zbar.version()}
