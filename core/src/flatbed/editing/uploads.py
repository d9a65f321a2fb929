"""Files on their way in: encrypted as they come, and read into pages by an add-on."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.addon.frames import FrameWriter, new_key
from flatbed.addon.media_types import OPENING_BYTES, sniff
from flatbed.addon.types import StoredFile
from flatbed.errors import InvalidInputError, PageCorruptError
from flatbed.runtime.choice import EVERYTHING, Choice
from flatbed.runtime.operations import Operations
from flatbed.runtime.room import disk_named
from flatbed.storage.document import Document
from flatbed.storage.documents import Documents
from flatbed.storage.index import Also, nothing_else

MAX_FILE_BYTES = 200 << 20
"""Of a file from outside."""

_EMPTY = "The body is empty. Send the file as application/octet-stream."
_UNKNOWN = "The file is of no kind that is known here. Send a JPEG, PNG, TIFF, BMP, WebP or GIF."


class Upload:
    """A file in the making.

    Args:
        folder: Of its own; `discard` deletes it.
    """

    def __init__(self, folder: Path) -> None:
        self._uid, self._key = secrets.token_hex(16), new_key()
        self._path = folder / f"{self._uid}.file"
        self._writer = FrameWriter(self._path, key=self._key, uid=self._uid, kind="file")
        self._opening = b""

    @property
    def media_type(self) -> str:
        """What it is by its first bytes; empty for unknown."""
        return sniff(self._opening)

    def write(self, chunk: bytes) -> None:
        """Add the next bytes."""
        if len(self._opening) < OPENING_BYTES:
            self._opening = (self._opening + chunk)[:OPENING_BYTES]
        with disk_named():
            self._writer.write(chunk)

    def finish(self) -> StoredFile:
        """The whole file.

        Raises:
            InvalidInputError: If nothing was written.
        """
        if not self._opening:
            raise InvalidInputError(_EMPTY)
        with disk_named():
            self._writer.seal()
        return StoredFile(uid=self._uid, path=str(self._path), key=self._key.hex())

    def discard(self) -> None:
        """Let go of the file and delete its folder; it is of no use to anybody any more."""
        self._writer.close()
        shutil.rmtree(self._path.parent)


@dataclass(frozen=True)
class Loaded:
    """The document that a file went into, as it is then, and what its reader warned of."""

    document: Document
    warnings: Sequence[str]


class Loader:
    """Turns files into pages of documents."""

    def __init__(self, documents: Documents, operations: Operations) -> None:
        self._documents, self._operations = documents, operations

    async def load(
        self,
        document: Document,
        key: bytes,
        upload: Upload,
        settings: Mapping[str, Any],
        *,
        declared: str = "",
        at: int | None = None,
        choice: Choice = EVERYTHING,
        also: Also[Loaded] = nothing_else,
    ) -> Loaded:
        """Put every page of a file into a document, as one step.

        Args:
            document: Where to; a file that cannot be read leaves it as it was.
            key: Of the document.
            upload: The file.
            settings: For the add-on that reads it, as `dpi` and `password`.
            declared: What the caller says that it is; empty for unknown.
            at: Place of the first page, from 0; at the end without or outside.
            choice: The add-ons that may read it.
            also: What else is written with the pages.

        Raises:
            DocumentTypeError: If no installed add-on reads such files.
            AddonNotEnabledError: If only one does that is not in the choice.
            InvalidInputError: If it is not what it says, or damaged.
            TooBigError: If its bytes, pages or pixels are beyond the limits.
        """
        file, media_type = upload.finish(), upload.media_type or declared
        if not media_type:
            raise InvalidInputError(_UNKNOWN)
        load = self._operations.load_document
        async with load(file, media_type, settings, declared=declared, choice=choice) as outcome:
            if not outcome.pages:
                raise PageCorruptError("The file has no pages.")
            warnings = outcome.warnings

            def note(write: sqlite3.Connection, changed: Document) -> None:
                also(write, Loaded(changed, warnings))

            insert = self._documents.insert_new
            return Loaded(await insert(document, key, outcome, at=at, also=note), warnings)
