"""The pages that a job has so far, for whoever comes later or has missed their events."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flatbed.http.base import ApiHandler
from flatbed.http.jobs import JOBS, NO_JOB
from flatbed.http.routes import Operation, Route
from flatbed.http.services import Services
from flatbed.storage.stored_page import StoredPage


class JobPage(msgspec.Struct):
    """A page of a job, as the event `page.added` tells it; `ordinal` is its place among the sheets
    that were fed, `document_page` its uid in the document that the job put it into.
    """

    page: str
    ordinal: int
    size_px: tuple[int, int]
    document_page: str | UnsetType = UNSET


class JobPagesQuery(msgspec.Struct, rename={"start": "from"}):
    """`from` is the least ordinal that is told."""

    start: Annotated[int, Meta(ge=0)] = 0


class JobPagesHandler(ApiHandler):
    """`.../pages`."""

    services: Services

    async def get(self, jobuid: str) -> None:
        """The pages that can be seen, in order; nothing is used up and nothing waited for."""
        start = self.read_query(JobPagesQuery).start
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        pages = self.services.buffer.pages_of(job.uid)
        self.write_json([_describe(page) for page in pages if page.ordinal >= start])


def _describe(page: StoredPage) -> JobPage:
    return JobPage(page.uid, page.ordinal, page.size_px, page.placed_as or UNSET)


ROUTES = (
    Route(
        f"{JOBS}/{{jobuid}}/pages",
        JobPagesHandler,
        {
            "GET": Operation(
                summary="List the pages that a job has so far",
                query=JobPagesQuery,
                answers={200: list[JobPage]},
                errors=NO_JOB,
            )
        },
    ),
)
