"""What hooks of add-ons found, as it goes over the wire."""

from __future__ import annotations

from typing import Any

import msgspec

from flatbed.addon.types import Barcode
from flatbed.http.barcodes import to_contract


def shape(hook: str, value: Any, *, page_number: int = 0) -> Any:
    """The answer for what one call of a hook found.

    Args:
        hook: Its name.
        value: What it returned: checked already, JSON values.
        page_number: The page's place among those of the request, from 0.
    """
    if hook == "read_barcodes":
        barcodes = msgspec.convert(value, list[Barcode])
        return to_contract(barcodes, page_number=page_number)
    return value
