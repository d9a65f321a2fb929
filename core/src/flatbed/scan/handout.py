"""Handing the pages of a job out, each once for each of two cursors, as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from flatbed.errors import JobGoneError
from flatbed.scan.jobs import ScanJob
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.stored_page import StoredPage

Cursor: TypeAlias = Literal["handed_out", "info_handed_out"]

_EMPTY_ANSWERS = 9
"""A client in use asks for ever after the last page; from the tenth time on it hears 410."""


@dataclass(frozen=True)
class _Place:
    job_uid: str
    cursor: Cursor


class Reservation:
    """A page that is on its way to one caller, and to no other."""

    def __init__(self, page: StoredPage, settle: Callable[[str], None]) -> None:
        self.page = page
        self._settle = settle

    def release(self) -> None:
        """Done with it: delivered and marked, or not delivered and free for the next caller."""
        self._settle(self.page.uid)


class Handout:
    """The cursors of all jobs."""

    def __init__(self, buffer: PageBuffer) -> None:
        self._buffer = buffer
        self._reserved: dict[_Place, set[str]] = defaultdict(set)
        self._empty: dict[_Place, int] = defaultdict(int)

    async def next(
        self, job: ScanJob, cursor: Cursor, *, is_settled: Callable[[], bool]
    ) -> Reservation | None:
        """The next page that nobody has had, waiting for it; `None` after the last.

        Args:
            job: Whose pages.
            cursor: Which of the two.
            is_settled: Whether no further page will come.

        Raises:
            JobGoneError: When asked again and again after the last page.
        """
        place = _Place(job.uid, cursor)
        while True:
            changed, was_settled = job.changed, is_settled()
            page = self._find(place)
            if page is not None:
                self._empty.pop(place, None)
                self._reserved[place].add(page.uid)
                return Reservation(page, lambda uid: self._release(job, place, uid))
            if was_settled and not self._reserved[place]:
                self._count_empty(place)
                return None
            await changed.wait()

    async def mark(self, reservation: Reservation, cursor: Cursor) -> None:
        """Remember that a page was delivered to its last byte."""
        await self._buffer.mark_handed_out(reservation.page.uid, column=cursor)

    def forget(self, job: ScanJob) -> None:
        """Drop what is known of a deleted job."""
        for cursor in get_args(Cursor):
            self._reserved.pop(_Place(job.uid, cursor), None)
            self._empty.pop(_Place(job.uid, cursor), None)

    def _find(self, place: _Place) -> StoredPage | None:
        reserved = self._reserved[place]
        for page in self._buffer.pages_of(place.job_uid):
            was_had = (
                page.is_handed_out if place.cursor == "handed_out" else page.is_info_handed_out
            )
            if not was_had and page.uid not in reserved:
                return page
        return None

    def _release(self, job: ScanJob, place: _Place, uid: str) -> None:
        # Of a job that was deleted meanwhile nothing is to be remembered again.
        self._reserved.get(place, set()).discard(uid)
        job.notify()

    def _count_empty(self, place: _Place) -> None:
        self._empty[place] += 1
        if self._empty[place] > _EMPTY_ANSWERS:
            raise JobGoneError("This job has no more pages. Delete it, and create a new one.")
