"""Stored pages by themselves: what they are, how they look, and edits of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from flatbed.errors import (
    DocumentTypeError,
    InvalidInputError,
    PageNotFoundError,
    TooBigError,
    WrongPasswordError,
    WrongStateError,
)
from flatbed.http.choices import NO_ADDON, AddonHeaders, read_choice
from flatbed.http.document_access import DocumentAccess
from flatbed.http.document_types import PasswordHeaders
from flatbed.http.guard import RouteFacts
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.page_files import FILE_TYPES, PAGE_TYPES, accept
from flatbed.http.routes import SMALL_BODY_BYTES, Operation, Route
from flatbed.storage.document import DocumentPage
from flatbed.storage.stored_page import StoredPage

PAGE = "/api/storage/pages/{uid}"

Side = Annotated[int, Meta(ge=0, le=65_535)]


class PageAnswer(msgspec.Struct, omit_defaults=True):
    """A page as it now looks: pixels, dots per inch, and what was done to its original."""

    uid: str
    size_px: tuple[int, int]
    dpi: tuple[float, float]
    mode: Literal["1", "L", "RGB"]
    bits: Literal[1, 8, 16]
    document: str | UnsetType = UNSET
    job: str | UnsetType = UNSET
    edits: list[dict[str, Any]] | UnsetType = UNSET
    results: dict[str, Any] | UnsetType = UNSET


class PageContentQuery(msgspec.Struct):
    """`type` of the file; `width` and `height` that it is scaled down to fit, 0 for its own;
    `quality` of a JPEG; `depth` 16 for all bits of a page that has them, as PNG.
    """

    type: str | None = None
    width: Side = 0
    height: Side = 0
    quality: Annotated[int, Meta(ge=0, le=100)] | None = None
    depth: Literal[8, 16] = 8


class ThumbnailQuery(msgspec.Struct):
    """The longer side in pixels, 320 without it; the next that is kept is answered."""

    size: Annotated[int, Meta(ge=1, le=2560)] = 320


class EditBody(msgspec.Struct):
    """An edit: `op`, and beside it the settings that the add-on's manifest declares for it."""

    op: Annotated[str, Meta(min_length=1, max_length=64)]


class PageHandler(DocumentAccess):
    """`/api/storage/pages/{uid}`."""

    async def get(self, uid: str) -> None:
        """What a page is, and what was done to it."""
        if (page := self.find_job_page(uid)) is not None:
            job = UNSET if self.services.results.has(page.job_uid) else page.job_uid
            results = self.read_results(page)
            self.write_json(describe_page(uid, page, job=job, results=results))
            return
        document, key = await self.open_holder(uid)
        found = self.services.documents.pages.get(document, key, uid)
        shown = await self.services.editor.show(document, key, found)
        answer = to_page_answer(found, shown)
        answer.results = self.read_results(found.original)
        self.write_json(answer)


class PageContentHandler(DocumentAccess):
    """`/api/storage/pages/{uid}/content`."""

    async def get(self, uid: str) -> None:
        """A page as it now looks, scaled down to fit."""
        query = self.read_query(PageContentQuery)
        media_type = accept(query.type, FILE_TYPES, otherwise="image/png")
        page = await self.find_page(uid)
        if query.depth == 16 and (query.width or query.height):
            raise InvalidInputError("A page with 16 bits is handed out in its own size only.")
        settings = {"width": query.width, "height": query.height}
        if query.quality is not None:
            settings["quality"] = query.quality
        elif media_type in PAGE_TYPES and not any(settings.values()):
            await self.write_page(page, media_type, depth=query.depth)
            return
        choice = read_choice(self)
        await self.write_document([page], media_type, choice=choice, **settings)


class ThumbnailHandler(DocumentAccess):
    """`/api/storage/pages/{uid}/thumbnail`."""

    async def get(self, uid: str) -> None:
        """A page as it now looks in small, as JPEG."""
        size = self.read_query(ThumbnailQuery).size
        await self.write_thumbnail(await self.find_page(uid), size)


class PageEditsHandler(DocumentAccess):
    """`/api/storage/pages/{uid}/edits`."""

    async def post(self, uid: str) -> None:
        """Edit a page of a document; its original stays as it is."""
        self.read_body(EditBody)
        edit = self.read_body(dict[str, Any])
        if self.find_job_page(uid) is not None:
            raise WrongStateError("A page is edited in a document. Put it into one first.")
        document, key = await self.open_holder(uid)
        choice = read_choice(self)
        page = await self.services.editor.edit(document, key, uid, edit, choice=choice)
        shown = await self.services.editor.show(document, key, page)
        self.write_json(to_page_answer(page, shown))

    async def delete(self, uid: str) -> None:
        """Take all edits of a page away; undo brings them back."""
        document, key = await self.open_holder(uid)
        changed = await self.services.documents.reset(document, uid)
        page = self.services.documents.pages.get(changed, key, uid)
        self.write_json(to_page_answer(page, page.original))


def to_page_answer(page: DocumentPage, shown: StoredPage) -> PageAnswer:
    """A page of a document as callers see it."""
    return describe_page(page.uid, shown, document=shown.job_uid, edits=list(page.edits))


def describe_page(uid: str, page: StoredPage, **more: Any) -> PageAnswer:
    """A page as callers see it.

    Args:
        uid: Its own.
        page: As it now looks.
        more: The other fields of the answer.
    """
    return PageAnswer(
        uid=uid, size_px=page.size_px, dpi=page.dpi, mode=page.mode, bits=page.bits, **more
    )


_NO_PAGE = (PageNotFoundError, WrongPasswordError, *FILE_ERRORS)

ROUTES = (
    Route(
        PAGE,
        PageHandler,
        {
            "GET": Operation(
                summary="Tell what a page is",
                headers=PasswordHeaders,
                answers={200: PageAnswer},
                errors=_NO_PAGE,
            )
        },
    ),
    Route(
        f"{PAGE}/content",
        PageContentHandler,
        {
            "GET": Operation(
                summary="Hand out a page as it now looks",
                query=PageContentQuery,
                headers=(PasswordHeaders, AddonHeaders),
                answers={200: FILE_TYPES},
                errors=(*_NO_PAGE, *NO_ADDON, DocumentTypeError),
                facts=RouteFacts(is_attachment=True),
            )
        },
    ),
    Route(
        f"{PAGE}/thumbnail",
        ThumbnailHandler,
        {
            "GET": Operation(
                summary="Hand out a page in small",
                query=ThumbnailQuery,
                headers=PasswordHeaders,
                answers={200: ("image/jpeg",)},
                errors=_NO_PAGE,
            )
        },
    ),
    Route(
        f"{PAGE}/edits",
        PageEditsHandler,
        {
            "POST": Operation(
                summary="Edit a page of a document",
                body=EditBody,
                max_body_bytes=SMALL_BODY_BYTES,
                headers=(PasswordHeaders, AddonHeaders),
                answers={200: PageAnswer},
                errors=(*_NO_PAGE, *NO_ADDON, WrongStateError, TooBigError),
            ),
            "DELETE": Operation(
                summary="Take all edits of a page away",
                headers=PasswordHeaders,
                answers={200: PageAnswer},
                errors=_NO_PAGE,
            ),
        },
    ),
)
