"""Documents and pages of the caller, with the password that the request carries."""

from __future__ import annotations

import time

from flatbed.errors import (
    DocumentNotFoundError,
    JobGoneError,
    JobNotFoundError,
    PageNotFoundError,
    WrongPasswordError,
)
from flatbed.http.document_types import PasswordHeaders
from flatbed.http.page_files import FileHandler
from flatbed.http.sources import Source
from flatbed.storage.document import Document, DocumentPage
from flatbed.storage.stored_page import StoredPage

NO_DOCUMENT = (DocumentNotFoundError, WrongPasswordError)
NO_SOURCE = (JobNotFoundError, JobGoneError, PageNotFoundError)


class DocumentAccess(FileHandler):
    """The base of what is about documents and their pages."""

    async def open(self, uid: str) -> tuple[Document, bytes]:
        """A document of the caller and its key.

        Raises:
            DocumentNotFoundError: If there is none.
            WrongPasswordError: If it has another password than the request carries.
        """
        document = self.services.documents.get(uid, origin=self.caller.owner)
        return document, await self.services.documents.unlock(document, self.read_password())

    def read_password(self) -> str | None:
        """The password that the request carries, of whichever document."""
        headers = self.read_headers(PasswordHeaders)
        return headers.password or headers.older

    async def open_holder(self, page: str) -> tuple[Document, bytes]:
        """The document that a page is in, and its key.

        Raises:
            PageNotFoundError: If no document of the caller has it.
            WrongPasswordError: See `open`.
        """
        try:
            return await self.open(self.services.documents.pages.find_document(page))
        except DocumentNotFoundError as error:
            raise PageNotFoundError from error

    async def find_page(self, uid: str) -> StoredPage:
        """A page of a job, or one of a document as it now looks.

        Raises:
            PageNotFoundError: If the caller has no such page.
        """
        if (page := self.find_job_page(uid)) is not None:
            return page
        document, key = await self.open_holder(uid)
        found = self.services.documents.pages.get(document, key, uid)
        return await self.services.editor.show(document, key, found)

    def find_job_page(self, uid: str) -> StoredPage | None:
        """A page of a job of the caller, if it is one."""
        try:
            page = self.services.buffer.get(uid, origin=self.caller.sees)
        except PageNotFoundError:
            return None
        self.services.scan.touched[page.job_uid] = time.time()
        return page

    async def find_source(self, source: Source) -> StoredPage | DocumentPage:
        """The page that a `source` names, if the caller may see it; one of a document untouched."""
        if source.kind == "job":
            return self._find_in_job(source)
        if source.kind == "page" and (page := self.find_job_page(source.page)) is not None:
            return page
        if source.kind == "page":
            document, key = await self.open_holder(source.page)
        else:
            document, key = await self.open(source.holder)
        page_uid = document.find(source.page)
        return self.services.documents.pages.get(document, key, page_uid)

    def _find_in_job(self, source: Source) -> StoredPage:
        job = self.services.scan.get(source.holder, origin=self.caller.owner)
        for found in self.services.buffer.pages_of(job.uid):
            if source.page in (found.uid, str(found.ordinal)):
                return found
        raise PageNotFoundError
