"""The settings by which a page counts as blank."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PIL import Image

from flatbed.addon.looking import blank
from flatbed.addon.looking.overview import Dpi
from flatbed.builtin.imaging.edits.values import whole


def is_blank(image: Image.Image, dpi: Dpi, settings: Mapping[str, Any]) -> bool:
    """Tell whether a page has nothing on it, as `flatbed.addon.looking.blank` does.

    Args:
        image: Of mode `1`, `L` or `RGB`.
        dpi: (horizontal, vertical) dots per inch.
        settings: `minBlockHeight` and `maxBlockHeight` in page pixels; lower blocks are specks,
            higher ones borders. 0 or none for what suits the page. Other settings are ignored.

    Raises:
        InvalidInputError: If one of the two is no whole number of 0 or more.
    """
    least = whole("minBlockHeight", settings.get("minBlockHeight") or 0, minimum=0)
    most = whole("maxBlockHeight", settings.get("maxBlockHeight") or 0, minimum=0)
    return blank.is_blank(image, dpi, lowest_px=least, highest_px=most)
