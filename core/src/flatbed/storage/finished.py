"""What a scan's journal says is finished, checked before it is believed.

The journal is written where a driver runs: nothing of its making may become a path, and no line of
it may keep the others from being adopted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
import structlog
from msgspec import Meta

from flatbed.addon.types import Bits, Mode

log = structlog.get_logger("flatbed.buffer")

Uid = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Hex = Annotated[str, Meta(pattern=r"^([0-9a-f]{2})+\Z")]
Pixels = Annotated[int, Meta(ge=1)]


class FinishedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file by its size in bytes and the tag of its last frame."""

    size: Annotated[int, Meta(ge=1)]
    tag: Hex


class FinishedPage(FinishedFile, frozen=True, kw_only=True):
    """A page: where it belongs, what it is, its wrapped key, and its thumbnail.

    `source_page` is the number of the page in the file that its reader keeps beside it; 0 for none.
    """

    uid: Uid
    ordinal: Annotated[int, Meta(ge=0)]
    size_px: tuple[Pixels, Pixels]
    dpi: tuple[float, float]
    mode: Mode
    bits: Bits
    key: Hex
    thumbnail: FinishedFile
    source_page: Annotated[int, Meta(ge=0)] = 0


class FinishedVariant(FinishedFile, frozen=True, kw_only=True):
    """Another form of a page that is there already."""

    page: Uid
    kind: Literal["jpeg"]


T = TypeVar("T", FinishedPage, FinishedVariant)


def read_pages(entries: Iterable[dict[str, Any]]) -> list[FinishedPage]:
    """The pages among the entries of a journal."""
    return _read(entries, "page", FinishedPage)


def read_variants(entries: Iterable[dict[str, Any]]) -> list[FinishedVariant]:
    """The other forms of pages among the entries of a journal."""
    return _read(entries, "variant", FinishedVariant)


def _read(entries: Iterable[dict[str, Any]], name: str, kind: type[T]) -> list[T]:
    found = []
    for entry in entries:
        if entry.get("type") != name:
            continue
        try:
            found.append(msgspec.convert(entry, kind))
        except (msgspec.ValidationError, UnicodeError) as error:
            log.warning("journal entry refused", kind=name, error=str(error))
    return found
