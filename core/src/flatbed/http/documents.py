"""Documents: ordered lists of pages that outlive their jobs."""

from __future__ import annotations

from typing import Any

import msgspec

from flatbed.errors import (
    DocumentNotFoundError,
    DocumentTypeError,
    JobGoneError,
    JobNotFoundError,
    NameTakenError,
    PageNotFoundError,
    WrongPasswordError,
    WrongStateError,
)
from flatbed.http.document_types import (
    DocumentAnswer,
    DocumentContentQuery,
    DocumentEntry,
    DocumentPatch,
    NamesQuery,
    NewDocument,
    NewOrder,
    NewPage,
    PasswordHeaders,
    to_answer,
    to_entry,
)
from flatbed.http.guard import RouteFacts
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.page_files import FILE_TYPES, PAGE_TYPES, FileHandler, accept
from flatbed.http.routes import Operation, Route
from flatbed.http.sources import Source, parse_source
from flatbed.storage.buffer import StoredPage
from flatbed.storage.document import Document

DOCUMENTS = "/api/storage/documents"


class DocumentsHandler(FileHandler):
    """`/api/storage/documents`."""

    async def get(self) -> None:
        """The documents of the caller."""
        query = self.read_query(NamesQuery)
        found = self.services.documents.list(self.caller.origin, name=query.name)
        self.write_json([to_entry(document) for document in found])

    async def post(self) -> None:
        """Make an empty document."""
        wanted = self.read_body(NewDocument)
        document = await self.services.documents.create(
            self.caller.origin, name=wanted.name, password=wanted.password
        )
        self.set_header("Location", f"{self.base_url}{DOCUMENTS}/{document.uid}")
        self.write_json(to_answer(document), 201)


class _DocumentHandler(FileHandler):
    """The base of what is about one document."""

    async def open(self, uid: str) -> tuple[Document, bytes]:
        """A document of the caller and its key."""
        document = self.services.documents.get(uid, origin=self.caller.origin)
        headers = self.read_headers(PasswordHeaders)
        password = headers.password or headers.older
        return document, await self.services.documents.unlock(document, password)

    async def find_source(self, source: Source) -> StoredPage:
        """The page that a `source` names, if the caller may see it."""
        buffer, scan = self.services.buffer, self.services.scan
        if source.kind == "document":
            document, key = await self.open(source.holder)
            page = document.find(source.page)
            return self.services.documents.open_page(document, key, page)
        if source.kind == "page":
            return buffer.get(source.page, origin=self.caller.sees)
        for found in buffer.pages_of(scan.get(source.holder, origin=self.caller.origin).uid):
            if source.page in (found.uid, str(found.ordinal)):
                return found
        raise PageNotFoundError


class DocumentHandler(_DocumentHandler):
    """`/api/storage/documents/{uid}`."""

    async def get(self, uid: str) -> None:
        """A document and its pages."""
        document, _ = await self.open(uid)
        self.write_json(to_answer(document))

    async def patch(self, uid: str) -> None:
        """Replace the metadata."""
        metadata = self.read_body(DocumentPatch).metadata
        document, _ = await self.open(uid)
        text = msgspec.json.encode(metadata).decode()
        self.write_json(to_answer(await self.services.documents.set_metadata(document, text)))

    async def delete(self, uid: str) -> None:
        """Delete a document; who forgot its password can do that too."""
        document = self.services.documents.get(uid, origin=self.caller.origin)
        await self.services.documents.delete(document)
        self.set_status(204)


class DocumentPagesHandler(_DocumentHandler):
    """`/api/storage/documents/{uid}/pages`."""

    async def post(self, uid: str) -> None:
        """Put a page in: of a job or of a document."""
        wanted = self.read_body(NewPage)
        source = parse_source(wanted.source, base_url=self.base_url)
        document, key = await self.open(uid)
        page = await self.find_source(source)
        at = wanted.insertPos - 1 if _is_whole(wanted.insertPos) else None
        documents = self.services.documents
        self.write_json(to_answer(await documents.insert(document, key, [page], at=at)))

    async def patch(self, uid: str) -> None:
        """Put the pages in another order."""
        order = self.read_body(NewOrder).order
        document, _ = await self.open(uid)
        self.write_json(to_answer(await self.services.documents.reorder(document, order)))


class DocumentPageHandler(_DocumentHandler):
    """`/api/storage/documents/{uid}/pages/{page}`."""

    async def delete(self, uid: str, page: str) -> None:
        """Take a page out, by its uid or its place from 0; undo brings it back."""
        document, _ = await self.open(uid)
        await self.services.documents.remove(document, document.find(page))
        self.set_status(204)


class DocumentContentHandler(_DocumentHandler):
    """`/api/storage/documents/{uid}/content`."""

    async def get(self, uid: str) -> None:
        """The document, or some of its pages, as one file."""
        query = self.read_query(DocumentContentQuery)
        media_type = accept(query.type, FILE_TYPES, otherwise="application/pdf")
        document, key = await self.open(uid)
        wanted = [document.find(each.strip()) for each in query.pages.split(",") if each.strip()]
        uids = wanted or list(document.order[:1] if media_type in PAGE_TYPES else document.order)
        if not uids:
            raise PageNotFoundError("The document has no pages.")
        pages = [self.services.documents.open_page(document, key, each) for each in uids]
        settings = {"quality": query.quality, "compression": query.compression}
        await self.write_document(pages, media_type, **settings)


class UndoHandler(_DocumentHandler):
    """`/api/storage/documents/{uid}/undo`."""

    async def post(self, uid: str) -> None:
        """Take the last step back, whatever it was."""
        document, _ = await self.open(uid)
        self.write_json(to_answer(await self.services.documents.undo(document)))


class RedoHandler(_DocumentHandler):
    """`/api/storage/documents/{uid}/redo`."""

    async def post(self, uid: str) -> None:
        """Do the step again that was taken back last."""
        document, _ = await self.open(uid)
        self.write_json(to_answer(await self.services.documents.redo(document)))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_NO_DOCUMENT = (DocumentNotFoundError, WrongPasswordError)
_NO_SOURCE = (JobNotFoundError, JobGoneError, PageNotFoundError)

ROUTES = (
    Route(
        DOCUMENTS,
        DocumentsHandler,
        {
            "GET": Operation(
                summary="List documents",
                query=NamesQuery,
                answers={200: list[DocumentEntry]},
            ),
            "POST": Operation(
                summary="Make a document",
                body=NewDocument,
                answers={201: DocumentAnswer},
                errors=(NameTakenError,),
            ),
        },
    ),
    Route(
        f"{DOCUMENTS}/{{uid}}",
        DocumentHandler,
        {
            "GET": Operation(
                summary="Tell a document's pages",
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=_NO_DOCUMENT,
            ),
            "PATCH": Operation(
                summary="Replace a document's metadata",
                body=DocumentPatch,
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=_NO_DOCUMENT,
            ),
            "DELETE": Operation(
                summary="Delete a document and the keys of its pages",
                answers={204: None},
                errors=(DocumentNotFoundError,),
            ),
        },
    ),
    Route(
        f"{DOCUMENTS}/{{uid}}/pages",
        DocumentPagesHandler,
        {
            "POST": Operation(
                summary="Put a page into a document",
                body=NewPage,
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=(*_NO_DOCUMENT, *_NO_SOURCE),
            ),
            "PATCH": Operation(
                summary="Reorder a document",
                body=NewOrder,
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=_NO_DOCUMENT,
            ),
        },
    ),
    Route(
        f"{DOCUMENTS}/{{uid}}/pages/{{page}}",
        DocumentPageHandler,
        {
            "DELETE": Operation(
                summary="Take a page out of a document",
                headers=PasswordHeaders,
                answers={204: None},
                errors=(*_NO_DOCUMENT, PageNotFoundError),
            )
        },
    ),
    Route(
        f"{DOCUMENTS}/{{uid}}/content",
        DocumentContentHandler,
        {
            "GET": Operation(
                summary="Hand out a document as one file",
                query=DocumentContentQuery,
                headers=PasswordHeaders,
                answers={200: FILE_TYPES},
                errors=(*_NO_DOCUMENT, PageNotFoundError, DocumentTypeError, *FILE_ERRORS),
                facts=RouteFacts(is_attachment=True),
            )
        },
    ),
    Route(
        f"{DOCUMENTS}/{{uid}}/undo",
        UndoHandler,
        {
            "POST": Operation(
                summary="Take the last step back",
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=(*_NO_DOCUMENT, WrongStateError),
            )
        },
    ),
    Route(
        f"{DOCUMENTS}/{{uid}}/redo",
        RedoHandler,
        {
            "POST": Operation(
                summary="Do a step again",
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=(*_NO_DOCUMENT, WrongStateError),
            )
        },
    ),
)
