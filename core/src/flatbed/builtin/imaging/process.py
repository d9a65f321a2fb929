"""Operations on one page: edits, whose result is a page again, and what only looks at it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from flatbed.addon import PageFile, PageSink, hookimpl
from flatbed.addon.types import Bits, Mode
from flatbed.builtin.imaging.analysis.bed import find_sheet
from flatbed.builtin.imaging.analysis.blank import is_blank
from flatbed.builtin.imaging.analysis.skew import find_skew
from flatbed.builtin.imaging.analysis.split import split_photos
from flatbed.builtin.imaging.edits.picture import Picture
from flatbed.builtin.imaging.edits.table import EDITS, apply_edit
from flatbed.errors import InternalError

_BITS: dict[Mode, Bits] = {"1": 1, "L": 8, "RGB": 8}


@hookimpl
def process_page(operation: str, page: PageFile, settings: dict[str, Any], out: PageSink) -> Any:
    """Carry out one of the manifest's edits or operations; made pages go into `out`."""
    picture = Picture(page.open(), page.dpi)
    if operation in EDITS:
        _write(apply_edit(picture, operation, settings), out)
        return None
    if operation not in OPERATIONS:
        raise InternalError(
            f"The manifest names {operation!r}, but the code has no such operation."
        )
    return OPERATIONS[operation](picture, settings, out)


def _check_blank(picture: Picture, settings: Mapping[str, Any], _: PageSink) -> dict[str, bool]:
    return {"result": is_blank(picture.image, picture.dpi, settings)}


def _inspect_page(picture: Picture, _: Mapping[str, Any], __: PageSink) -> dict[str, Any]:
    return {
        "isBlank": is_blank(picture.image, picture.dpi, {}),
        "angle": find_skew(picture.image, dpi=picture.dpi),
        "corners": find_sheet(picture.image, dpi=picture.dpi),
    }


def _split_photos(picture: Picture, settings: Mapping[str, Any], out: PageSink) -> Any:
    found = split_photos(picture, settings)
    for each in found:
        _write(each, out)
    return None if found else {"pages": []}


OPERATIONS: Mapping[str, Callable[[Picture, Mapping[str, Any], PageSink], Any]] = {
    "check-blank": _check_blank,
    "inspect-page": _inspect_page,
    "split-photos": _split_photos,
}
"""What is no edit: it finds something out, or makes several pages of one."""


def _write(picture: Picture, out: PageSink) -> None:
    mode = cast("Mode", picture.image.mode)  # no picture has another
    with out.new_page(
        size_px=picture.image.size, dpi=picture.dpi, mode=mode, bits=_BITS[mode]
    ) as page:
        page.write_image(picture.image)
