"""All that an add-on may import: hookspecs, types and errors.

Nothing here imports anything slow: a worker must start in a few hundredths of a second.
"""

from flatbed.addon.hookspecs import hookimpl
from flatbed.addon.types import (
    CORE_API,
    Barcode,
    Capabilities,
    DriverOption,
    PageFile,
    PageSink,
    PageWriter,
    Point,
    Range,
    Request,
    Response,
    Scanner,
    ScanSettings,
    Separator,
    SourcePage,
    StoredFile,
    TextLine,
    TextPage,
    TextWord,
)

__all__ = [
    "CORE_API",
    "Barcode",
    "Capabilities",
    "DriverOption",
    "PageFile",
    "PageSink",
    "PageWriter",
    "Point",
    "Range",
    "Request",
    "Response",
    "ScanSettings",
    "Scanner",
    "Separator",
    "SourcePage",
    "StoredFile",
    "TextLine",
    "TextPage",
    "TextWord",
    "hookimpl",
]
