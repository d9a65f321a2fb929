"""Operations of add-ons on stored pages and files, each in a worker, into a folder of its own."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

from flatbed import system
from flatbed.addon.frames import new_key
from flatbed.addon.types import PageFile, Request, StoredFile
from flatbed.errors import FlatbedError
from flatbed.runtime.addons import Addon
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.runtime.manifest import Documents, Operation, read_settings
from flatbed.runtime.outcome import Outcome, SavedFile
from flatbed.runtime.pool import Pools
from flatbed.runtime.process import OnProgress
from flatbed.runtime.registry import Registry

ONE_PAGE_HOOKS = frozenset({"read_barcodes", "recognize_text", "find_separator", "process_page"})
"""Hooks that take one page: for several pages they are called for each."""

FindPage: TypeAlias = Callable[[], Awaitable[PageFile]]
"""Makes a page ready for a worker, which may take a while where the page has edits."""

TakeOutcome: TypeAlias = Callable[[int, Outcome | FlatbedError], Awaitable[None]]
"""Takes what became of the page of a number, while it is there."""


class Operations:
    """Runs hooks of add-ons on pages and files."""

    def __init__(self, registry: Registry, pools: Pools, scratch: Path) -> None:
        self._registry, self._pools = registry, pools
        if scratch.exists():
            # Files that were on their way to a caller when the service ended; nobody has the key.
            shutil.rmtree(scratch)
        self._scratch = system.own_folder(scratch)

    @asynccontextmanager
    async def process(
        self,
        name: str,
        pages: Sequence[PageFile],
        settings: Mapping[str, Any] | str,
        *,
        choice: Choice = EVERYTHING,
        on_progress: OnProgress | None = None,
    ) -> AsyncIterator[Outcome]:
        """Carry out an operation; what it wrote is there as long as the context is.

        Args:
            name: As in `POST /api/process/<name>`.
            pages: The one page, or all pages in order, as the operation takes them.
            settings: From outside; checked here against the manifest. A text is its shorthand.
            choice: The add-ons that may.
            on_progress: Takes how far the add-on says that it is.

        Raises:
            AddonMissingError: If no installed add-on has the operation.
            AddonNotEnabledError: If only one has it that is not in the choice.
            InvalidInputError: For a setting that it does not have or that is wrong.
        """
        addon, operation = self._registry.find_operation(name, choice)
        arguments: dict[str, Any] = {"settings": read_settings(operation, settings, of=f"'{name}'")}
        shown = [_as_seen_by(addon, page) for page in pages]
        is_for_one = operation.hook in ONE_PAGE_HOOKS
        arguments |= {"page": shown[0]} if is_for_one else {"pages": shown}
        if operation.hook == "process_page":
            arguments["operation"] = name
        timeout_s = operation.timeout_s
        async with self.call(
            addon, operation.hook, arguments, timeout_s, on_progress=on_progress
        ) as outcome:
            yield outcome

    async def process_each(
        self,
        name: str,
        pages: Sequence[FindPage],
        settings: Mapping[str, Any] | str,
        *,
        take: TakeOutcome,
        choice: Choice = EVERYTHING,
    ) -> None:
        """Carry out an operation on each of several pages, as many at once as there is use for.

        They begin in order and end in any. What goes wrong with a page is its own outcome. No more
        calls are on their way than the add-on has workers and the machine cores, so that others
        who call the add-on get their turns in between.

        Args:
            name: See `process`.
            pages: At least one.
            settings: The same for all of them; see `process`.
            take: Called once for each page.
            choice: The add-ons that may.

        Raises:
            FlatbedError: See `process`, where no page could be worked on.
        """
        addon, _ = self.check(name, settings, choice=choice)
        numbers = iter(range(len(pages)))

        async def work() -> None:
            for number in numbers:
                try:
                    page = await pages[number]()
                    async with self.process(name, [page], settings, choice=choice) as outcome:
                        await take(number, outcome)
                except FlatbedError as error:
                    await take(number, error)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(addon.manifest.workers, os.cpu_count() or 1, len(pages))):
                group.create_task(work())

    def check(
        self, name: str, settings: Mapping[str, Any] | str, *, choice: Choice = EVERYTHING
    ) -> tuple[Addon, Operation]:
        """Who would carry out an operation, and what it declares; see `process` for the rest."""
        addon, operation = self._registry.find_operation(name, choice)
        read_settings(operation, settings, of=f"'{name}'")
        return addon, operation

    @asynccontextmanager
    async def load_document(
        self,
        file: StoredFile,
        media_type: str,
        settings: Mapping[str, Any],
        *,
        declared: str = "",
        choice: Choice = EVERYTHING,
    ) -> AsyncIterator[Outcome]:
        """Read a file into pages, which are there as long as the context is.

        Args:
            file: The encrypted copy.
            media_type: What it is; says which add-on reads it.
            settings: Those of the reader's manifest; ones that it does not have are left out.
            declared: What its owner says that it is, which the reader compares; empty for unknown.
            choice: The add-ons that may.

        Raises:
            DocumentTypeError: If no installed add-on reads such files.
            AddonNotEnabledError: If only one does that is not in the choice.
        """
        reader = self._registry.get_reader(media_type, choice)
        documents = reader.manifest.documents or Documents()
        arguments = {"file": file, "settings": _own(documents, settings, declared)}
        timeout_s = documents.load_timeout_s
        async with self.call(reader, "load_document", arguments, timeout_s) as outcome:
            yield outcome

    @asynccontextmanager
    async def save_document(
        self,
        pages: Sequence[PageFile],
        media_type: str,
        settings: Mapping[str, Any],
        *,
        choice: Choice = EVERYTHING,
    ) -> AsyncIterator[SavedFile]:
        """Write pages into one file, which is there as long as the context is.

        Args:
            pages: In the order of the file.
            media_type: Of the file.
            settings: Those of the writer's manifest; ones that it does not have are left out.
            choice: The add-ons that may.

        Raises:
            DocumentTypeError: If no installed add-on writes such files.
            AddonNotEnabledError: If only one does that is not in the choice.
        """
        writer = self._registry.get_writer(media_type, choice)
        documents = writer.manifest.documents or Documents()
        shown = [_as_seen_by(writer, page) for page in pages]
        arguments = {"pages": shown, "settings": _own(documents, settings, media_type)}
        timeout_s = documents.timeout_s
        async with self.call(writer, "save_document", arguments, timeout_s) as outcome:
            with outcome.open_file() as reader:
                yield SavedFile(reader, outcome.warnings)

    @asynccontextmanager
    async def handle_request(
        self, addon: Addon, request: Request, *, timeout_s: float
    ) -> AsyncIterator[Outcome]:
        """Let an add-on answer at a route that it declares; its file is there as `process` says."""
        arguments = {"request": request}
        async with self.call(addon, "handle_request", arguments, timeout_s) as outcome:
            yield outcome

    def prepare(self, media_type: str) -> None:
        """Have a worker ready soon that writes files of a type."""
        writer = self._registry.find_writer(media_type)
        if writer is not None:
            self._pools.of(writer).prepare_call()

    def new_folder(self) -> Path:
        """A folder for files on their way; whoever asked deletes it."""
        return system.own_folder(self._scratch / secrets.token_hex(8))

    @asynccontextmanager
    async def call(
        self,
        addon: Addon,
        hook: str,
        arguments: dict[str, Any],
        timeout_s: float,
        *,
        on_progress: OnProgress | None = None,
    ) -> AsyncIterator[Outcome]:
        """Run a hook of an add-on; what it wrote is there as long as the context is.

        Args:
            addon: Which version.
            hook: Its name.
            arguments: JSON values and types of the seam.
            timeout_s: How long it may take.
            on_progress: Takes how far the add-on says that it is.
        """
        folder, key, entries = self.new_folder(), new_key(), list[dict[str, Any]]()
        try:
            value = await self._pools.of(addon).call(
                hook,
                arguments,
                timeout_s=timeout_s,
                out={"folder": str(folder), "key": key.hex()},
                on_item=entries.append,
                on_progress=on_progress,
            )
            yield Outcome(value=value, folder=folder, key=key, entries=entries)
        finally:
            shutil.rmtree(folder)


def _as_seen_by(addon: Addon, page: PageFile) -> PageFile:
    """A page without its source, but for add-ons of such files: in there are other pages, too."""
    documents = addon.manifest.documents or Documents()
    if page.source is None or page.source.media_type in (*documents.load, *documents.save):
        return page
    return replace(page, source=None)


def _own(documents: Documents, settings: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    own = {name: value for name, value in settings.items() if name in documents.settings}
    filled = {name: setting.default for name, setting in documents.settings.items()}
    return filled | own | {"media_type": media_type}
