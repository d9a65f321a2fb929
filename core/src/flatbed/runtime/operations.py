"""Operations of add-ons on stored pages and files, each in a worker, into a folder of its own."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flatbed import system
from flatbed.addon.frames import FrameReader, new_key
from flatbed.addon.types import PageFile, StoredFile
from flatbed.runtime.addons import Addon
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.runtime.manifest import Documents, Setting, fill_settings
from flatbed.runtime.outcome import Outcome
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry


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
        settings: Mapping[str, Any],
        *,
        choice: Choice = EVERYTHING,
    ) -> AsyncIterator[Outcome]:
        """Carry out an operation; what it wrote is there as long as the context is.

        Args:
            name: As in `POST /api/process/<name>`.
            pages: The one page, or all pages in order, as the operation takes them.
            settings: From outside; checked here against the manifest.
            choice: The add-ons that may.

        Raises:
            AddonMissingError: If no installed add-on has the operation.
            AddonNotEnabledError: If only one has it that is not in the choice.
            InvalidInputError: For a setting that it does not have or that is wrong.
        """
        addon, operation = self._registry.find_operation(name, choice)
        filled = _fill(operation.settings, settings, of=f"'{name}'")
        arguments: dict[str, Any] = {"settings": filled}
        arguments |= {"page": pages[0]} if operation.input == "page" else {"pages": pages}
        if operation.hook == "process_page":
            arguments["operation"] = name
        async with self._call(addon, operation.hook, arguments, operation.timeout_s) as outcome:
            yield outcome

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
        async with self._call(reader, "load_document", arguments, timeout_s) as outcome:
            yield outcome

    @asynccontextmanager
    async def save_document(
        self,
        pages: Sequence[PageFile],
        media_type: str,
        settings: Mapping[str, Any],
        *,
        choice: Choice = EVERYTHING,
    ) -> AsyncIterator[FrameReader]:
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
        arguments = {"pages": pages, "settings": _own(documents, settings, media_type)}
        timeout_s = documents.timeout_s
        async with self._call(writer, "save_document", arguments, timeout_s) as outcome:
            with outcome.open_file() as reader:
                yield reader

    def prepare(self, media_type: str) -> None:
        """Have a worker ready soon that writes files of a type."""
        writer = self._registry.find_writer(media_type)
        if writer is not None:
            self._pools.of(writer).prepare_call()

    def new_folder(self) -> Path:
        """A folder for files on their way; whoever asked deletes it."""
        return system.own_folder(self._scratch / secrets.token_hex(8))

    @asynccontextmanager
    async def _call(
        self, addon: Addon, hook: str, arguments: dict[str, Any], timeout_s: float
    ) -> AsyncIterator[Outcome]:
        folder, key, entries = self.new_folder(), new_key(), list[dict[str, Any]]()
        try:
            value = await self._pools.of(addon).call(
                hook,
                arguments,
                timeout_s=timeout_s,
                out={"folder": str(folder), "key": key.hex()},
                on_item=entries.append,
            )
            yield Outcome(value=value, folder=folder, key=key, entries=entries)
        finally:
            shutil.rmtree(folder)


def _own(documents: Documents, settings: Mapping[str, Any], media_type: str) -> dict[str, Any]:
    own = {name: value for name, value in settings.items() if name in documents.settings}
    filled = {name: setting.default for name, setting in documents.settings.items()}
    return filled | own | {"media_type": media_type}


def _fill(declared: dict[str, Setting], given: Mapping[str, Any], *, of: str) -> dict[str, Any]:
    filled = fill_settings(declared, dict(given), of=of)
    # What has neither a value nor a default is for the add-on to miss.
    return {name: value for name, value in filled.items() if value is not None}
