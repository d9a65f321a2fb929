"""One page for each thing on the bed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flatbed.builtin.imaging.analysis.bed import find_photos
from flatbed.builtin.imaging.edits.picture import Picture, require_room
from flatbed.builtin.imaging.edits.straightening import cut_out
from flatbed.builtin.imaging.edits.values import whole


def split_photos(picture: Picture, settings: Mapping[str, Any]) -> list[Picture]:
    """Cut out the photos that lie apart on a bed, each straightened, in reading order.

    Args:
        picture: The whole bed.
        settings: `most`, how many pages to make at most, 1 to 100; 24 if it is not there. Others
            are ignored.

    Returns:
        One for each photo or sheet; none on an empty bed, or where the page shows no bed.

    Raises:
        InvalidInputError: If `most` is something else.
        TooBigError: If the page is too large to be edited.
    """
    most = whole("most", settings.get("most", 24), minimum=1, maximum=100)
    require_room(picture.image.size)
    found = find_photos(picture.image, dpi=picture.dpi)
    return [cut_out(picture, corners) for corners in found[:most]]
