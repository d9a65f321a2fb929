"""How much of the buffer one web origin may fill, all its subjects together."""

from __future__ import annotations

from dataclasses import dataclass

from flatbed.errors import StorageLimitError
from flatbed.storage.events import LOCAL
from flatbed.storage.index import Index
from flatbed.storage.owners import origin_of

_ALL_USAGE = (
    "SELECT coalesce(sum(is_page), 0) AS pages, coalesce(sum(size), 0) AS bytes FROM holdings"
)
_USAGE = f"{_ALL_USAGE} WHERE origin = ?"


@dataclass(frozen=True, kw_only=True)
class QuotaLimits:
    """What one origin may have; 0 for no limit.

    Attributes:
        pages: Of jobs, results and documents; copies of one page count once.
        bytes: Of their files, and of how edited pages look.
    """

    pages: int = 20_000
    bytes: int = 20 << 30


@dataclass(frozen=True)
class Usage:
    """What one origin has; see `QuotaLimits`."""

    pages: int
    bytes: int


class Quota:
    """Refuses what would bring more pages in.

    Only who has not begun yet is refused: sheets that are in a scanner are kept, whatever there
    is. So an origin can have as many pages more as its last jobs brought.
    """

    def __init__(self, index: Index, limits: QuotaLimits) -> None:
        self._index, self._limits = index, limits

    def usage_of(self, owner: str) -> Usage:
        """What the origin of an owner has."""
        (row,) = self._index.read(_USAGE, origin_of(owner))
        return Usage(row["pages"], row["bytes"])

    def usage_of_all(self) -> Usage:
        """What all origins have together."""
        (row,) = self._index.read(_ALL_USAGE)
        return Usage(row["pages"], row["bytes"])

    def check(self, owner: str) -> None:
        """Let an owner bring pages in; local callers always may.

        Raises:
            StorageLimitError: If its origin has as much as it may have.
        """
        if owner == LOCAL:
            return
        usage = self.usage_of(owner)
        if _is_reached(usage.pages, self._limits.pages):
            raise StorageLimitError(pages=usage.pages, pages_most=self._limits.pages)
        if _is_reached(usage.bytes, self._limits.bytes):
            raise StorageLimitError(bytes=usage.bytes, bytes_most=self._limits.bytes)


def _is_reached(has: int, most: int) -> bool:
    return 0 < most <= has
