"""The pages of a job: the next one, what it is, and any of them again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flatbed.errors import (
    DocumentTypeError,
    PageCorruptError,
    PageNotFoundError,
    WorkerCrashedError,
    WorkerTimeoutError,
    WrongStateError,
)
from flatbed.http.choices import NO_ADDON, AddonHeaders, read_choice
from flatbed.http.guard import RouteFacts
from flatbed.http.jobs import JOBS, NO_JOB
from flatbed.http.page_files import FILE_TYPES, PAGE_TYPES, FileHandler, accept
from flatbed.http.routes import Operation, Route
from flatbed.runtime.choice import EVERYTHING
from flatbed.scan.jobs import ScanJob
from flatbed.storage.stored_page import StoredPage

_PIXEL_TYPES = {"1": 0, "L": 1, "RGB": 2}
_SAMPLES = {"1": 1, "L": 1, "RGB": 3}


class Frame(msgspec.Struct):
    """Where the page lay, in inches from the bed's top left."""

    Left: float
    Top: float
    Right: float
    Bottom: float


class ImageLayout(msgspec.Struct):
    """The page's place in its job."""

    DocumentNumber: int
    PageNumber: int
    FrameNumber: int
    Frame: Frame


class ImageInfo(msgspec.Struct):
    """What a page's picture is."""

    BitsPerPixel: int
    BitsPerSample: list[int]
    Compression: int
    ImageLayout: ImageLayout
    ImageLength: int
    ImageWidth: int
    PixelType: int
    Planar: bool
    SamplesPerPixel: int
    XResolution: float
    YResolution: float


class NextPageInfo(msgspec.Struct):
    """The next page of a job; `url` gives it without using it up, and is a `source`. `results` are
    what the job's `process` found out.
    """

    imageId: int  # noqa: N815 - names of the wire contract
    imageuid: str
    url: str
    imageInfo: ImageInfo  # noqa: N815
    extendedImageInfo: dict[str, Any]  # noqa: N815
    results: dict[str, Any] | UnsetType = UNSET


class NextPageQuery(msgspec.Struct):
    """`type` image/png or image/jpeg; `page` a certain page, which is then not used up."""

    type: str | None = None
    page: str | None = None
    depth: Literal[8, 16] = 8


class ContentQuery(msgspec.Struct):
    """`type` of the file; `page` from 0, or without it the whole job as PDF or TIFF."""

    type: str | None = None
    page: Annotated[int, Meta(ge=0)] | None = None
    depth: Literal[8, 16] = 8


class NextPageHandler(FileHandler):
    """`.../next-page`."""

    async def get(self, jobuid: str) -> None:
        """The next page that nobody has had, waiting for it."""
        query = self.read_query(NextPageQuery)
        media_type = accept(query.type, PAGE_TYPES, otherwise="image/png")
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        if query.page is not None:
            await self.write_job_page(job, self._page_of(job, query.page), media_type, query.depth)
        elif not await self.write_next(job, media_type, depth=query.depth):
            self.set_status(204)

    async def write_next(self, job: ScanJob, media_type: Any, *, depth: int = 8) -> bool:
        """Answer the next page and use it up; False after the last."""
        scan = self.services.scan
        reservation = await scan.handout.next(
            job, "handed_out", is_settled=lambda: scan.is_settled(job)
        )
        if reservation is None:
            return False
        try:
            if await self.write_job_page(job, reservation.page, media_type, depth):
                await scan.handout.mark(reservation, "handed_out")
        finally:
            reservation.release()
        return True

    def _page_of(self, job: ScanJob, uid: str) -> StoredPage:
        page = self.services.buffer.get(uid, origin=None)
        if page.job_uid != job.uid:
            raise PageNotFoundError
        return page


class NextPageInfoHandler(FileHandler):
    """`.../next-page-info`."""

    async def get(self, jobuid: str) -> None:
        """What the next page is, waiting for it; a cursor of its own."""
        scan = self.services.scan
        job = scan.get(jobuid, origin=self.caller.owner)
        reservation = await scan.handout.next(
            job, "info_handed_out", is_settled=lambda: scan.is_settled(job)
        )
        if reservation is None:
            self.set_status(204)
            return
        try:
            if await self.write_delivered(await self._describe(job, reservation.page)):
                await scan.handout.mark(reservation, "info_handed_out")
        finally:
            reservation.release()

    async def _describe(self, job: ScanJob, page: StoredPage) -> NextPageInfo:
        url = f"{self.base_url}{JOBS}/{job.uid}/next-page?page={page.uid}"
        shown = await self.services.scan.finisher.show(job, page)
        image = describe_image(shown, page.ordinal)
        return NextPageInfo(page.ordinal, page.uid, url, image, {}, self.read_results(page))


class JobContentHandler(FileHandler):
    """`.../content`."""

    async def get(self, jobuid: str) -> None:
        """One page by its place, or the whole job as one file."""
        query = self.read_query(ContentQuery)
        media_type = accept(query.type, FILE_TYPES, otherwise="image/png")
        job = self.services.scan.get(jobuid, origin=self.caller.owner)
        if job.status == "pending":
            raise WrongStateError("The job is pending; start it, then ask for its pages.")
        pages = self.services.buffer.pages_of(job.uid)
        if query.page is None and media_type not in PAGE_TYPES:
            await self._write_whole(job, pages, media_type)
        elif (query.page or 0) < len(pages):
            await self._write_one(job, pages[query.page or 0], media_type, query.depth)
        elif self.services.scan.has_all_pages(job):
            raise PageNotFoundError(f"The job has {len(pages)} pages, counted from 0.")
        else:
            self.set_status(204)

    async def _write_one(self, job: ScanJob, page: StoredPage, media_type: Any, depth: int) -> None:
        # A page is not withheld because a session has ended: only what add-ons write needs one.
        choice = EVERYTHING if media_type in PAGE_TYPES else read_choice(self)
        await self.write_job_page(job, page, media_type, depth, choice=choice)

    async def _write_whole(self, job: ScanJob, pages: list[StoredPage], media_type: Any) -> None:
        if not self.services.scan.has_all_pages(job):
            raise WrongStateError("The job is running; ask for the whole of it when it is done.")
        if not pages:
            raise PageNotFoundError("The job has no pages.")
        show = self.services.scan.finisher.show
        shown = [await show(job, page) for page in pages]
        await self.write_document(shown, media_type, choice=read_choice(self))


def describe_image(page: StoredPage, ordinal: int) -> ImageInfo:
    """What a page's picture is, as it is handed out: 8 bits a sample at most."""
    bits, samples = min(page.bits, 8), _SAMPLES[page.mode]
    right, bottom = (size / dpi for size, dpi in zip(page.size_px, page.dpi, strict=True))
    return ImageInfo(
        BitsPerPixel=bits * samples,
        BitsPerSample=[bits] * samples + [0] * (8 - samples),
        Compression=0,
        ImageLayout=ImageLayout(1, ordinal + 1, 1, Frame(0, 0, round(right, 4), round(bottom, 4))),
        ImageLength=page.size_px[1],
        ImageWidth=page.size_px[0],
        PixelType=_PIXEL_TYPES[page.mode],
        Planar=False,
        SamplesPerPixel=samples,
        XResolution=page.dpi[0],
        YResolution=page.dpi[1],
    )


FILE_ERRORS = (PageCorruptError, WorkerCrashedError, WorkerTimeoutError)

ROUTES = (
    Route(
        f"{JOBS}/{{jobuid}}/next-page",
        NextPageHandler,
        {
            "GET": Operation(
                summary="Hand out the next page",
                description="Waits for it; each page once. 204 after the last.",
                query=NextPageQuery,
                answers={200: PAGE_TYPES, 204: None},
                errors=(*NO_JOB, PageNotFoundError, *FILE_ERRORS),
                has_head=False,
            )
        },
    ),
    Route(
        f"{JOBS}/{{jobuid}}/next-page-info",
        NextPageInfoHandler,
        {
            "GET": Operation(
                summary="Tell what the next page is",
                description="Waits for it; a cursor of its own. 204 after the last.",
                answers={200: NextPageInfo, 204: None},
                errors=NO_JOB,
                has_head=False,
            )
        },
    ),
    Route(
        f"{JOBS}/{{jobuid}}/content",
        JobContentHandler,
        {
            "GET": Operation(
                summary="Hand out a page by its place, or the whole job as one file",
                query=ContentQuery,
                answers={200: FILE_TYPES, 204: None},
                headers=AddonHeaders,
                errors=(
                    *NO_JOB,
                    *NO_ADDON,
                    WrongStateError,
                    PageNotFoundError,
                    DocumentTypeError,
                    *FILE_ERRORS,
                ),
                facts=RouteFacts(is_attachment=True),
            )
        },
    ),
)
