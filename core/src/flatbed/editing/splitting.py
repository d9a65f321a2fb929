"""A document into documents, at the pages that separate them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from flatbed.addon.types import Separator
from flatbed.errors import FlatbedError, NameTakenError
from flatbed.storage.document import Document, DocumentPage
from flatbed.storage.documents import Documents

NAME_MOST = 200
"""Characters of a document's name."""

_SAME_NAMES_MOST = 10_000
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass
class Part:
    """Pages that belong together.

    Attributes:
        name: By what stood on the separator; empty for none.
        pages: Uids, in order.
    """

    name: str = ""
    pages: list[str] = field(default_factory=list)


def find_parts(pages: Sequence[str], separators: Sequence[Separator | None]) -> list[Part]:
    """Deal the pages of a document out; parts without pages are left out.

    Args:
        pages: Uids, in order.
        separators: What was found on each of them.
    """
    parts = [Part()]
    for page, separator in zip(pages, separators, strict=True):
        if separator is None or separator.page == "last":
            parts[-1].pages.append(page)
        if separator is not None:
            parts.append(Part(_printable(separator.name)))
            parts[-1].pages += [page] if separator.page == "first" else []
    return [part for part in parts if part.pages]


class Splitter:
    """Makes documents of the parts of one, which stays as it is."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def split(
        self,
        document: Document,
        key: bytes,
        separators: Sequence[Separator | None],
        *,
        password: str | None = None,
    ) -> list[Document]:
        """Make a document of each part; all of them, or none.

        Args:
            document: Whose pages are dealt out; they stay in it, too.
            key: Of the document.
            separators: What was found on each of its pages, in its order.
            password: Of the new documents.

        Returns:
            The documents in order, named by their separators where these say a name; a name that
            is taken gets a number.
        """
        made: list[Document] = []
        try:
            for part in find_parts(document.order, separators):
                pages = [self._documents.pages.get(document, key, page) for page in part.pages]
                made.append(await self._make(document.origin, part.name, pages, password))
        except FlatbedError:
            for each in made:
                await self._documents.delete(each)
            raise
        return made

    async def _make(
        self, origin: str, name: str, pages: list[DocumentPage], password: str | None
    ) -> Document:
        made = await self._create(origin, name, password)
        try:
            key = await self._documents.unlock(made, password)
            return await self._documents.insert(made, key, pages, at=None)
        except FlatbedError:
            await self._documents.delete(made)
            raise

    async def _create(self, origin: str, name: str, password: str | None) -> Document:
        number, wanted = 1, name
        while True:
            try:
                return await self._documents.create(origin, name=wanted or None, password=password)
            except NameTakenError:
                number += 1
                if number > _SAME_NAMES_MOST:
                    raise
                ending = f" ({number})"
                wanted = name[: NAME_MOST - len(ending)] + ending


def _printable(name: str) -> str:
    return _UNPRINTABLE.sub(" ", name).strip()[:NAME_MOST]
