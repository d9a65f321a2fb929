"""Operations of add-ons on stored pages, and the files that they write."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flatbed import system
from flatbed.addon.frames import FrameReader, new_key, unwrap_key
from flatbed.addon.types import PageFile
from flatbed.errors import WorkerCrashedError
from flatbed.runtime.manifest import Documents
from flatbed.runtime.pool import Pools
from flatbed.runtime.registry import Registry

_NOT_ONE_FILE = "The add-on did not write the one file that it was asked for."


class Operations:
    """Runs hooks of add-ons on pages."""

    def __init__(self, registry: Registry, pools: Pools, scratch: Path) -> None:
        self._registry, self._pools = registry, pools
        if scratch.exists():
            # Files that were on their way to a caller when the service ended; nobody has the key.
            shutil.rmtree(scratch)
        self._scratch = system.own_folder(scratch)

    @asynccontextmanager
    async def save_document(
        self, pages: Sequence[PageFile], media_type: str, settings: Mapping[str, Any]
    ) -> AsyncIterator[FrameReader]:
        """Write pages into one file, which is there as long as the context is.

        Args:
            pages: In the order of the file.
            media_type: Of the file.
            settings: Those of the writer's manifest; ones that it does not have are left out.

        Raises:
            DocumentTypeError: If no installed add-on writes such files.
        """
        writer = self._registry.get_writer(media_type)
        documents = writer.manifest.documents or Documents()
        declared = documents.settings
        filled = {name: setting.default for name, setting in declared.items()}
        filled |= {name: value for name, value in settings.items() if name in declared}
        folder = system.own_folder(self._scratch / secrets.token_hex(8))
        try:
            key, files = new_key(), list[dict[str, Any]]()
            await self._pools.of(writer).call(
                "save_document",
                {"pages": pages, "settings": filled | {"media_type": media_type}},
                timeout_s=documents.timeout_s,
                out={"folder": str(folder), "key": key.hex()},
                on_item=files.append,
            )
            with _open(folder, key, files) as reader:
                yield reader
        finally:
            shutil.rmtree(folder)

    def prepare(self, media_type: str) -> None:
        """Have a worker ready soon that writes files of a type."""
        writer = self._registry.find_writer(media_type)
        if writer is not None:
            self._pools.of(writer).prepare_call()


def _open(folder: Path, key: bytes, files: Sequence[dict[str, Any]]) -> FrameReader:
    written = [each for each in files if each.get("type") == "file"]
    if len(written) != 1:
        raise WorkerCrashedError(_NOT_ONE_FILE)
    uid = str(written[0]["uid"])
    file_key = unwrap_key(bytes.fromhex(written[0]["key"]), by=key, uid=uid)
    try:
        return FrameReader(folder / f"{Path(uid).name}.file", key=file_key, uid=uid, kind="file")
    except OSError as error:
        raise WorkerCrashedError(_NOT_ONE_FILE) from error
