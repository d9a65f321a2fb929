"""Documents: ordered lists of pages that outlive their jobs."""

from __future__ import annotations

from typing import Any

import msgspec

from flatbed.editing.uploads import MAX_FILE_BYTES, Loaded, Upload
from flatbed.errors import (
    DocumentNotFoundError,
    DocumentTypeError,
    NameTakenError,
    PageNotFoundError,
    StorageLimitError,
    TooBigError,
    WrongStateError,
)
from flatbed.http.base import ApiHandler
from flatbed.http.choices import NO_ADDON, AddonHeaders, read_choice
from flatbed.http.document_access import NO_DOCUMENT, NO_SOURCE, DocumentAccess
from flatbed.http.document_types import (
    DocumentAnswer,
    DocumentContentQuery,
    DocumentEntry,
    DocumentPatch,
    FileHeaders,
    LoadQuery,
    NamesQuery,
    NewDocument,
    NewOrder,
    NewPage,
    PasswordHeaders,
    to_answer,
    to_entry,
)
from flatbed.http.guard import OCTETS, RouteFacts
from flatbed.http.idempotency import json_answer
from flatbed.http.job_pages import FILE_ERRORS
from flatbed.http.page_files import FILE_TYPES, PAGE_TYPES, accept
from flatbed.http.routes import LOOSE_BODY_BYTES, Operation, Route
from flatbed.http.services import Services
from flatbed.http.sources import parse_source
from flatbed.storage.document import Document
from flatbed.storage.idempotency import Answer

DOCUMENTS = "/api/storage/documents"


class DocumentsHandler(ApiHandler):
    """`/api/storage/documents`."""

    services: Services

    async def get(self) -> None:
        """The documents of the caller."""
        query = self.read_query(NamesQuery)
        found = self.services.documents.list(self.caller.owner, name=query.name)
        self.write_json([to_entry(document) for document in found])

    async def post(self) -> None:
        """Make an empty document."""
        wanted = self.read_body(NewDocument)
        document = await self.services.documents.create(
            self.caller.owner,
            name=wanted.name,
            password=wanted.password,
            also=self.once.noting(self._describe),
        )
        self.write_answer(self._describe(document))

    def _describe(self, document: Document) -> Answer:
        location = f"{self.base_url}{DOCUMENTS}/{document.uid}"
        return json_answer(to_answer(document), 201, Location=location)


class DocumentHandler(DocumentAccess):
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
        document = self.services.documents.get(uid, origin=self.caller.owner)
        await self.services.documents.delete(document)
        self.set_status(204)


class DocumentPagesHandler(DocumentAccess):
    """`/api/storage/documents/{uid}/pages`."""

    _upload: Upload | None = None

    async def receive(self, chunk: bytes) -> None:
        """Keep JSON in memory, and a file encrypted on the disk."""
        if self.request.headers.get("Content-Type") != OCTETS:
            self.keep_within(self.application.limits.max_body_bytes)
            await super().receive(chunk)
            return
        if self._upload is None:
            self.services.quota.check(self.caller.owner)
            self._upload = Upload(self.services.operations.new_folder())
        self._upload.write(chunk)

    async def post(self, uid: str) -> None:
        """Put a page in: of a job or of a document; or every page of a file."""
        if self._upload is not None:
            await self._load(uid, self._upload)
            return
        wanted = self.read_body(NewPage)
        source = parse_source(wanted.source, base_url=self.base_url)
        document, key = await self.open(uid)
        page = await self.find_source(source)
        documents, also = self.services.documents, self.once.noting(_describe)
        if wanted.replace is not None:
            changed = await documents.replace(document, key, wanted.replace, page, also=also)
        else:
            at = wanted.insertPos - 1 if _is_whole(wanted.insertPos) else None
            changed = await documents.insert(document, key, [page], at=at, also=also)
        self.write_answer(_describe(changed))

    async def _load(self, uid: str, upload: Upload) -> None:
        query = self.read_query(LoadQuery)
        document, key = await self.open(uid)
        password = self.read_headers(FileHeaders).password
        settings = query.settings | ({} if password is None else {"password": password})
        at = None if query.insertPos is None else query.insertPos - 1
        load, choice = self.services.loader.load, read_choice(self)
        loaded = await load(
            *(document, key, upload, settings),
            declared=query.type,
            at=at,
            choice=choice,
            also=self.once.noting(_describe_loaded),
        )
        self.write_answer(_describe_loaded(loaded))

    async def patch(self, uid: str) -> None:
        """Put the pages in another order."""
        order = self.read_body(NewOrder).order
        document, _ = await self.open(uid)
        self.write_json(to_answer(await self.services.documents.reorder(document, order)))

    def leave(self) -> None:
        """Throw the copy of the file away, too: its pages are kept, or it was refused."""
        super().leave()
        if self._upload is not None:
            self._upload.discard()
            self._upload = None


class DocumentPageHandler(DocumentAccess):
    """`/api/storage/documents/{uid}/pages/{page}`."""

    async def delete(self, uid: str, page: str) -> None:
        """Take a page out, by its uid or its place from 0; undo brings it back."""
        document, _ = await self.open(uid)
        await self.services.documents.remove(document, document.find(page))
        self.set_status(204)


class DocumentContentHandler(DocumentAccess):
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
        pages = [self.services.documents.pages.get(document, key, each) for each in uids]
        shown = await self.services.editor.show_all(document, key, pages)
        choice = read_choice(self)
        await self.write_document(shown, media_type, choice=choice, **query.settings)


class UndoHandler(DocumentAccess):
    """`/api/storage/documents/{uid}/undo`."""

    async def post(self, uid: str) -> None:
        """Take the last step back, whatever it was."""
        document, _ = await self.open(uid)
        self.write_json(to_answer(await self.services.documents.undo(document)))


class RedoHandler(DocumentAccess):
    """`/api/storage/documents/{uid}/redo`."""

    async def post(self, uid: str) -> None:
        """Do the step again that was taken back last."""
        document, _ = await self.open(uid)
        self.write_json(to_answer(await self.services.documents.redo(document)))


def _describe(document: Document) -> Answer:
    return json_answer(to_answer(document))


def _describe_loaded(loaded: Loaded) -> Answer:
    return json_answer(to_answer(loaded.document, loaded.warnings))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _walk(summary: str) -> Operation:
    return Operation(
        summary=summary,
        headers=PasswordHeaders,
        answers={200: DocumentAnswer},
        errors=(*NO_DOCUMENT, WrongStateError),
    )


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
                takes_key=True,
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
                errors=NO_DOCUMENT,
            ),
            "PATCH": Operation(
                summary="Replace a document's metadata",
                body=DocumentPatch,
                max_body_bytes=LOOSE_BODY_BYTES,
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=NO_DOCUMENT,
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
                summary="Put a page, or every page of a file, into a document",
                description="A file comes as application/octet-stream; the query is for it alone.",
                body=NewPage,
                query=LoadQuery,
                headers=(PasswordHeaders, FileHeaders, AddonHeaders),
                answers={200: DocumentAnswer},
                errors=(
                    *NO_DOCUMENT,
                    *NO_SOURCE,
                    *NO_ADDON,
                    DocumentTypeError,
                    StorageLimitError,
                    TooBigError,
                    *FILE_ERRORS,
                ),
                facts=RouteFacts(takes_octets=True),
                max_body_bytes=MAX_FILE_BYTES,
                takes_key=True,
            ),
            "PATCH": Operation(
                summary="Reorder a document",
                body=NewOrder,
                headers=PasswordHeaders,
                answers={200: DocumentAnswer},
                errors=NO_DOCUMENT,
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
                errors=(*NO_DOCUMENT, PageNotFoundError),
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
                headers=(PasswordHeaders, AddonHeaders),
                answers={200: FILE_TYPES},
                errors=(
                    *NO_DOCUMENT,
                    *NO_ADDON,
                    PageNotFoundError,
                    DocumentTypeError,
                    *FILE_ERRORS,
                ),
                facts=RouteFacts(is_attachment=True),
            )
        },
    ),
    Route(f"{DOCUMENTS}/{{uid}}/undo", UndoHandler, {"POST": _walk("Take the last step back")}),
    Route(f"{DOCUMENTS}/{{uid}}/redo", RedoHandler, {"POST": _walk("Do a step again")}),
)
