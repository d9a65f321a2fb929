"""Pages of documents as their edits make them look; the originals stay as they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from weakref import WeakValueDictionary

from flatbed.editing.turns import quarter_turns
from flatbed.errors import InvalidInputError
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.runtime.operations import Operations
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.registry import Registry
from flatbed.storage.buffer import PageBuffer
from flatbed.storage.document import Document, DocumentPage
from flatbed.storage.documents import Documents
from flatbed.storage.history import Edit
from flatbed.storage.stored_page import StoredPage

_NO_SETTINGS = ("op", "addon")

EDITS_MOST = 200
"""Of one page; each is done anew where its rendition was not kept."""


class Editor:
    """Edits pages, and makes and keeps what they then look like."""

    def __init__(
        self, documents: Documents, buffer: PageBuffer, operations: Operations, registry: Registry
    ) -> None:
        self._documents, self._buffer = documents, buffer
        self._operations, self._registry = operations, registry
        self._making: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def edit(
        self,
        document: Document,
        key: bytes,
        page: str,
        edit: Edit,
        *,
        choice: Choice = EVERYTHING,
    ) -> DocumentPage:
        """Add an edit to those of a page; what cannot be done leaves it as it was.

        Args:
            document: Whose page it is.
            key: Of the document.
            page: Its uid there.
            edit: `op` and its settings, from outside and unchecked.
            choice: The add-ons that may make it; the one that does is noted in it.

        Raises:
            PageNotFoundError: If the document has no such page now.
            AddonMissingError: If no installed add-on has such an edit.
            AddonNotEnabledError: If only one has it that is not in the choice.
            InvalidInputError: If its settings are wrong, or do not fit the page as it looks now.
            TooBigError: If the page would become too large.
            WrongStateError: If other steps changed the page while the edit was tried.
        """
        edit = self._sign(edit, choice)
        # The next edit is tried on what this one makes.
        async with self._lock_of(page):
            before = self._documents.pages.get(document, key, page)
            if len(before.edits) >= EDITS_MOST:
                raise InvalidInputError(f"The page has {EDITS_MOST} edits already. Undo some.")
            await self._render(document, key, before, (*before.edits, edit))
            changed = await self._documents.edit(document, before, edit)
        return self._documents.pages.get(changed, key, page)

    async def show(self, document: Document, key: bytes, page: DocumentPage) -> StoredPage:
        """A page as it now looks: its original, or what its edits make of that.

        One that was only turned by quarters still has the source of its original, turned.

        Args:
            document: Whose page it is.
            key: Of the document.
            page: Which one.
        """
        if not page.edits:
            return page.original
        # Two who ask for the same at once wait for one.
        async with self._lock_of(page.uid):
            shown = await self._render(document, key, page, page.edits)
        turn, source = quarter_turns(page.edits), page.original.source
        if turn is None or source is None:
            return shown
        return replace(shown, source=source.turned(turn))

    async def show_all(
        self, document: Document, key: bytes, pages: Sequence[DocumentPage]
    ) -> list[StoredPage]:
        """Several pages as they now look, made as many at once as there are workers."""
        return await asyncio.gather(*(self.show(document, key, page) for page in pages))

    @asynccontextmanager
    async def apply(self, page: StoredPage, edits: Sequence[Edit]) -> AsyncIterator[Outcome]:
        """What some edits make of a page, as files that are there as long as the context is.

        Args:
            page: As it is before them; it is only read.
            edits: At least one.

        Raises:
            InvalidInputError: If an edit does not fit the page.
        """
        source = self._buffer.for_worker(page)
        async with AsyncExitStack() as stack:
            for edit in edits:
                settings = {name: value for name, value in edit.items() if name not in _NO_SETTINGS}
                choice = self._choice_of(edit)
                outcome = await stack.enter_async_context(
                    self._operations.process(str(edit["op"]), [source], settings, choice=choice)
                )
                source = outcome.page
            yield outcome

    async def _render(
        self, document: Document, key: bytes, page: DocumentPage, edits: Sequence[Edit]
    ) -> StoredPage:
        made, rest = self._nearest(document, key, page, edits)
        if not rest:
            return made
        async with self.apply(made, rest) as written:
            return await self._documents.pages.keep_rendition(
                document, key, page, edits, written=written
            )

    def _sign(self, edit: Edit, choice: Choice) -> Edit:
        """The edit with the name of its add-on, where that does not come with the core."""
        addon = self._registry.find_edit(str(edit["op"]), choice)
        plain = {name: value for name, value in edit.items() if name != "addon"}
        return plain if addon.is_builtin else plain | {"addon": addon.name}

    def _choice_of(self, edit: Edit) -> Choice:
        # In another version, perhaps, than at first: an edit can outlive the one that made it.
        return self._registry.choose([str(edit["addon"])]) if "addon" in edit else EVERYTHING

    def _lock_of(self, page: str) -> asyncio.Lock:
        return self._making.setdefault(page, asyncio.Lock())

    def _nearest(
        self, document: Document, key: bytes, page: DocumentPage, edits: Sequence[Edit]
    ) -> tuple[StoredPage, Sequence[Edit]]:
        """The page by the most of its edits that is there, and the edits that are left."""
        for count in range(len(edits), 0, -1):
            made = self._documents.pages.find_rendition(document, key, page, edits[:count])
            if made is not None:
                return made, edits[count:]
        return page.original, edits
