"""Pages of a document into files: all of the files appear, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from flatbed.cli.document_client import DocumentClient, DocumentFacts
from flatbed.cli.page_files import PartFile, Target
from flatbed.cli.reports import Outcome, PlainReport
from flatbed.errors import PageNotFoundError

COMPRESSIONS = {
    "auto": 0,
    "none": 1,
    "rle": 2,
    "fax3": 3,
    "fax4": 4,
    "lzw": 5,
    "jpeg": 7,
    "deflate": 8,
    "packbits": 32773,
}
"""What a TIFF's pages may be compressed with, by the numbers of the wire contract."""

_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class PageRange:
    """Pages from the first to the last, both from 1; to the end of the document without a last."""

    first: int
    last: int | None

    def places(self, count: int) -> range:
        """The places, from 0, in a document of so many pages.

        Raises:
            PageNotFoundError: If it has fewer.
        """
        last = count if self.last is None else self.last
        if max(self.first, last) > count:
            pages = "1 page" if count == 1 else f"{count} pages"
            raise PageNotFoundError(
                f"There is no page {max(self.first, last)}: the document has {pages}."
                " Nothing was written."
            )
        return range(self.first - 1, last)


@dataclass(frozen=True)
class PageSelection:
    """Ranges of pages, in the order in which they are wanted; all pages without any."""

    ranges: tuple[PageRange, ...] = (PageRange(1, None),)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The ranges of a text such as `1-3,7` or `5-`.

        Raises:
            ValueError: If it is not one.
        """
        return cls(tuple(_parse_range(each) for each in text.split(",")))

    def places(self, count: int) -> list[int]:
        """The places, from 0, in a document of so many pages.

        Raises:
            PageNotFoundError: If it has fewer, or none.
        """
        if not count:
            raise PageNotFoundError("The document has no pages. Nothing was written.")
        return [place for each in self.ranges for place in each.places(count)]


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What a person ordered.

    Attributes:
        target: Where the pages go.
        pages: Which pages.
        settings: `quality` and `compression`, where they were given.
    """

    target: Target
    pages: PageSelection = PageSelection()
    settings: dict[str, int] = field(default_factory=dict)


class Export:
    """One document on its way into files.

    Args:
        client: Asks the service; has the document's password.
        document: Which one.
        order: What of it, and where to.
        report: Tells the person.
    """

    def __init__(
        self,
        client: DocumentClient,
        document: DocumentFacts,
        *,
        order: ExportOrder,
        report: PlainReport,
    ) -> None:
        self._client, self._document = client, document
        self._order, self._target = order, order.target
        self._report = report
        self._parts: list[PartFile] = []

    async def carry_out(self) -> None:
        """Write the files, and say which.

        Raises:
            FlatbedError: If that cannot be done; a file that was there before is as it was.
        """
        began = _now()
        places = self._order.pages.places(len(self._document.pages))
        try:
            files = await self._save(places)
        finally:
            # Those that have got their names are not touched by this.
            for part in self._parts:
                part.discard()
        self._report.ended(
            Outcome(
                status="completed",
                pages=len(places),
                files=files,
                error=None,
                stopped_at=None,
                seconds=_now() - began,
            )
        )

    async def _save(self, places: Sequence[int]) -> list[Path]:
        if self._target.holds_all_pages or len(places) == 1:
            await self._save_part(places, f"Writing {self._target.path}")
            return self._put([self._target.path])
        for number, place in enumerate(places, start=1):
            await self._save_part([place], f"Writing page {number} of {len(places)}")
        return self._put([self._target.numbered(each + 1) for each in range(len(places))])

    async def _save_part(self, places: Sequence[int], doing: str) -> None:
        part = PartFile(self._target)
        self._parts.append(part)
        writer = _ReportedWriter(part, self._report, doing)
        try:
            query = self._query(places)
            warnings = await self._client.save_pages(self._document.uid, query, writer.write)
        except OSError as error:
            raise part.fault(error) from error
        part.close()
        for each in warnings:
            self._report.noted(each)

    def _query(self, places: Sequence[int]) -> dict[str, str | int]:
        query: dict[str, str | int] = {"type": self._target.media_type, **self._order.settings}
        if len(places) == 1:
            # Its place may be another page's by now.
            return query | {"pages": self._document.pages[places[0]]["uid"]}
        return query | {"pages": ",".join(map(str, places))}

    def _put(self, names: Sequence[Path]) -> list[Path]:
        for part, name in zip(self._parts, names, strict=True):
            part.put(name, overwrites=self._target.overwrites)
        return list(names)


class _ReportedWriter:
    """Writes to a file, and tells of each megabyte."""

    def __init__(self, part: PartFile, report: PlainReport, doing: str) -> None:
        self._part, self._report, self._doing = part, report, doing
        self._written = 0
        report.waiting_for(doing)

    def write(self, piece: bytes) -> None:
        """Write one piece."""
        self._part.write(piece)
        before, self._written = self._written, self._written + len(piece)
        if before // _MEGABYTE < self._written // _MEGABYTE:
            self._report.waiting_for(f"{self._doing}, {self._written // _MEGABYTE} MB")


def _parse_range(text: str) -> PageRange:
    first, dash, last = text.partition("-")
    start = _number(first)
    if not dash:
        return PageRange(start, start)
    end = _number(last) if last.strip() else None
    if end is not None and end < start:
        raise ValueError(text)
    return PageRange(start, end)


def _number(text: str) -> int:
    digits = text.strip()
    # More digits than these are no page, and very many take long to read.
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10 and int(digits)):
        raise ValueError(text)
    return int(digits)


def _now() -> float:
    return asyncio.get_running_loop().time()
