"""What the commands about documents ask of the service."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from flatbed.cli.client import ServiceClient, Write
from flatbed.cli.passwords import to_octets

LOCAL = "local"
"""Whose the documents are that programs of the user made, and no web page."""

DOCUMENTS = "/api/storage/documents"
"""Where documents are at the service."""

_PAGES = "/api/storage/pages"


class DocumentEntry(msgspec.Struct, frozen=True, rename="camel"):
    """A document in the list; `pages` is how many it has."""

    uid: str
    pages: int
    has_password: bool
    name: str | None = None
    origin: str = LOCAL

    @property
    def called(self) -> str:
        """What to call it in a sentence."""
        return f"'{self.name}'" if self.name else self.uid[:8]

    @property
    def is_local(self) -> bool:
        """A program made it, and no web page."""
        return self.origin == LOCAL


class DocumentFacts(msgspec.Struct, frozen=True, rename="camel"):
    """A document as it is now; of each page there is its `uid`, and what else the service tells."""

    uid: str
    pages: list[dict[str, Any]]
    can_undo: bool
    can_redo: bool
    name: str | None = None
    metadata: Any = None


class LoadedDocument(DocumentFacts, frozen=True):
    """A document that a file was put into, and what is to be known of that, a sentence each."""

    warnings: list[str] = []


class DocumentClient(ServiceClient):
    """The documents of one service; see `ServiceClient` for what is raised.

    Attributes:
        password: Opens the document that is asked for, if it has one.
    """

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.password: str | None = None

    async def documents(self) -> list[DocumentEntry]:
        """All documents of the user, whoever made them, oldest first."""
        return await self._ask("GET", DOCUMENTS, list[DocumentEntry])

    async def create_document(self, name: str) -> DocumentFacts:
        """Make an empty document."""
        return await self._ask("POST", DOCUMENTS, DocumentFacts, body={"name": name})

    async def document(self, uid: str) -> DocumentFacts:
        """A document and its pages.

        Raises:
            WrongPasswordError: If it has another password.
        """
        return await self._ask("GET", f"{DOCUMENTS}/{quote(uid)}", DocumentFacts)

    async def page(self, uid: str) -> dict[str, Any]:
        """What a page is as it now looks, in the service's own words."""
        return await self._ask("GET", f"{_PAGES}/{quote(uid)}", dict[str, Any])

    async def delete_document(self, uid: str) -> None:
        """Delete a document; that needs no password."""
        await self._fetch("DELETE", f"{DOCUMENTS}/{quote(uid)}", timeout_s=60.0)

    async def save_pages(self, uid: str, query: dict[str, str | int], write: Write) -> list[str]:
        """Hand a file made of a document's pages to `write`, piece by piece.

        Args:
            uid: The document's.
            query: `type` of the file, `pages`, and settings, as in the wire contract.
            write: Takes the pieces; what it raises is raised here, after the last piece.

        Returns:
            What is to be known of the file, a sentence each.
        """
        path = f"{DOCUMENTS}/{quote(uid)}/content?{urlencode(query, safe=',')}"
        return await self._stream(path, write)

    def _own_headers(self) -> dict[str, str]:
        return {} if self.password is None else {"DWT-DOC-PASSWORD": to_octets(self.password)}
