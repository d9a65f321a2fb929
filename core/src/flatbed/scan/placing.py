"""What a scan does with its pages besides keeping them: treatment, and a place in a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flatbed.storage.history import Edit, Insert, Replace, Step


@dataclass(frozen=True, kw_only=True)
class Treatment:
    """What is done to each page once it is safe; its original stays below.

    Attributes:
        skips_blank: Pages with nothing on them are left out.
        deskews: Text is set straight.
        crops: The bed around the sheet is cut off.
    """

    skips_blank: bool = False
    deskews: bool = False
    crops: bool = False

    @property
    def is_any(self) -> bool:
        """Whether there is anything to do."""
        return self.skips_blank or self.deskews or self.crops

    def choose_edits(self, *, has_sheet: bool, is_skewed: bool) -> list[Edit]:
        """The edits of a page, of which an add-on found out what there is to mend."""
        crop: list[Edit] = [{"op": "auto-crop"}] if self.crops and has_sheet else []
        straighten: list[Edit] = [{"op": "deskew"}] if self.deskews and is_skewed else []
        return [*crop, *straighten]


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Where the pages of a job go.

    Attributes:
        document: Its uid.
        at: Place of the first page, from 0; at the end without or outside.
        replaces: The page of the document whose place the first one takes.
        fronts: For a second pass, the pages whose backs are scanned, the last one's first.
        is_own: The document was made for this job, and goes with it.
    """

    document: str
    at: int | None = None
    replaces: str | None = None
    fronts: tuple[str, ...] = ()
    is_own: bool = False

    def make_step(self, order: Sequence[str], page: str, *, placed: Sequence[str]) -> Step:
        """The step that puts the next page in.

        Args:
            order: The document's pages as they are now.
            page: The new one.
            placed: The pages that the job has put in, in order.
        """
        if self.replaces is not None and self.replaces in order and not placed:
            return Replace(order.index(self.replaces), self.replaces, page)
        return Insert(self._place(order, placed), (page,))

    def _place(self, order: Sequence[str], placed: Sequence[str]) -> int:
        if self.fronts:
            is_there = len(placed) < len(self.fronts)
            return _after(order, self.fronts[-1 - len(placed)]) if is_there else len(order)
        if placed:
            # Whoever moved the last one wants the next behind it.
            return _after(order, placed[-1])
        return self.at if self.at is not None and 0 <= self.at <= len(order) else len(order)


def _after(order: Sequence[str], page: str) -> int:
    return order.index(page) + 1 if page in order else len(order)
