"""Pages that were read from PDFs and not changed since: copied, and not drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TypeGuard, cast

import pikepdf

from flatbed.addon.types import SourcePage
from flatbed.errors import InvalidInputError, PageCorruptError, TooBigError
from flatbed_pdf.writing.layers import merge_layers

MEDIA_TYPE = "application/pdf"
MOST_BYTES = 1 << 30
"""Of all files that pages are copied from: what is copied, pikepdf keeps in memory."""

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class _Place:
    """Where a copied page comes, from 0, and which one it is."""

    index: int
    page: SourcePage


class Originals:
    """The pages of one file that are copied from others.

    Attributes:
        damaged: The uids of kept files that are not what was written.
    """

    def __init__(self) -> None:
        self.damaged: set[str] = set()
        self._places: list[_Place] = []
        self._sizes: dict[str, int] = {}

    def takes(self, source: SourcePage | None) -> TypeGuard[SourcePage]:
        """Whether a page can be copied: it is of a PDF, and the kept file is whole.

        Raises:
            TooBigError: If the files are too large together.
        """
        if source is None or source.media_type != MEDIA_TYPE or source.file.uid in self.damaged:
            return False
        if source.file.uid not in self._sizes:
            try:
                self._sizes[source.file.uid] = _read_through(source)
            except PageCorruptError:
                self.damaged.add(source.file.uid)
                return False
        if sum(self._sizes.values()) > MOST_BYTES:
            raise TooBigError(
                f"The pages come from PDFs of more than {MOST_BYTES >> 20} MiB. Save fewer at"
                " once, or choose a compression: then they are saved as pictures."
            )
        return True

    def add(self, index: int, source: SourcePage) -> None:
        """Copy a page to a place from 0; the places in between are those of the pictures."""
        self._places.append(_Place(index, source))

    @contextmanager
    def put_into(self, pdf: pikepdf.Pdf, check_canceled: Callable[[], None]) -> Iterator[str]:
        """Put the copies among the pages of a file, which has those at the other places.

        Args:
            pdf: To be saved within the context.
            check_canceled: Called for each page; what it raises ends the copying.

        Yields:
            The first version of PDF that has pages like the copied ones; empty without any.

        Raises:
            InvalidInputError: If a page that could be drawn cannot be copied.
        """
        with ExitStack() as stack:
            pictures = [page.obj for page in pdf.pages]
            copies, version = dict[int, pikepdf.Object](), ""
            for source, places in self._by_file().items():
                check_canceled()
                theirs = stack.enter_context(_open(source))
                version = max(version, theirs.pdf_version)
                for place, copy in zip(places, _copy(pdf, theirs, places), strict=True):
                    copies[place.index] = copy
            if copies:
                _order(pdf, pictures, copies)
            yield version

    def _by_file(self) -> dict[SourcePage, list[_Place]]:
        found: dict[str, list[_Place]] = {}
        for place in self._places:
            found.setdefault(place.page.file.uid, []).append(place)
        return {places[0].page: places for places in found.values()}


def _read_through(source: SourcePage) -> int:
    """The size of a kept file in bytes, after every byte of it was found to be what was written."""
    size = 0
    with source.file.open() as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            size += len(chunk)
    return size


@contextmanager
def _open(source: SourcePage) -> Iterator[pikepdf.Pdf]:
    with (
        source.file.open() as stream,
        pikepdf.open(cast("BinaryIO", stream), access_mode=pikepdf.AccessMode.stream) as pdf,
    ):
        yield pdf


def _copy(pdf: pikepdf.Pdf, theirs: pikepdf.Pdf, places: list[_Place]) -> list[pikepdf.Object]:
    """Append pages of another file, in the order of their places, turned as they were."""
    first = len(pdf.pages)
    numbers = [place.page.number for place in places]
    try:
        pdf.add_pages_from(theirs, [number - 1 for number in numbers])
        merge_layers(pdf, theirs)
    except (pikepdf.PdfError, IndexError, TypeError, ValueError) as error:
        raise InvalidInputError(
            "A page of a PDF that was loaded cannot be copied. Choose a compression: then it is"
            " saved as a picture."
        ) from error
    copies = [pdf.pages[first + number] for number in range(len(places))]
    for copy, place in zip(copies, places, strict=True):
        if place.page.turn:
            copy.rotate(place.page.turn, relative=True)
    return [copy.obj for copy in copies]


def _order(
    pdf: pikepdf.Pdf, pictures: Sequence[pikepdf.Object], copies: dict[int, pikepdf.Object]
) -> None:
    """Give every page its place; after this, the pages are not asked for by number any more."""
    rest = iter(pictures)
    count = len(pictures) + len(copies)
    kids = [copies[index] if index in copies else next(rest) for index in range(count)]
    pdf.Root.Pages.Kids = pikepdf.Array(kids)
    pdf.Root.Pages.Count = count
    for kid in kids:
        kid.Parent = pdf.Root.Pages
