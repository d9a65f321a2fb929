"""One add-on in real workers, without a service around it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from flatbed import system
from flatbed.addon.frames import new_key
from flatbed.addon.testing.answer import Answer
from flatbed.addon.types import PageFile, Request, StoredFile
from flatbed.errors import AddonMissingError
from flatbed.runtime.addons import Addon
from flatbed.runtime.breaker import BreakerLimits
from flatbed.runtime.manifest import Operation, fill_settings
from flatbed.runtime.operations import ONE_PAGE_HOOKS
from flatbed.runtime.pool import PoolLimits, Pools
from flatbed.runtime.process import WorkerSite

HOOK_TIMEOUT_S = 30
"""For hooks without a limit of their own in the manifest."""

_WORKER = "flatbed.runtime.worker"


class Bench:
    """Calls the hooks of an add-on as the service does: in a worker, with its limits.

    Args:
        addon: What to call.
        folder: Takes what the calls write; whoever made it deletes it.
    """

    def __init__(self, addon: Addon, folder: Path) -> None:
        self.addon = addon
        self._folder = folder
        site = WorkerSite(
            dump_folder=system.own_folder(folder / "dump"),
            state_folder=system.own_folder(folder / "state"),
            environment=system.worker_environment(os.environ),
        )
        # Here every crash is to be seen, so the add-on never rests.
        limits = PoolLimits(breaker=BreakerLimits(crashes=1_000_000))
        self._pools = Pools(site, limits)

    async def call(
        self, hook: str, arguments: Mapping[str, Any], *, timeout_s: float = HOOK_TIMEOUT_S
    ) -> Answer:
        """Call a hook by its arguments but `out`, which is added.

        Raises:
            FlatbedError: As the hook raised it, or as its worker ended.
        """
        folder, key = system.own_folder(self._folder / secrets.token_hex(8)), new_key()
        entries: list[dict[str, Any]] = []
        value = await self._pools.of(self.addon).call(
            hook,
            dict(arguments),
            timeout_s=timeout_s,
            out={"folder": str(folder), "key": key.hex()},
            on_item=entries.append,
        )
        return Answer.of(value, entries, folder, key)

    async def process(
        self, name: str, pages: Sequence[PageFile], settings: Mapping[str, Any]
    ) -> Answer:
        """Carry out an operation or an edit.

        Raises:
            AddonMissingError: If the manifest has none of that name.
            InvalidInputError: If a setting is wrong.
        """
        operation = self._operation(name)
        filled = fill_settings(operation.settings, dict(settings), of=f"'{name}'")
        given = {key: value for key, value in filled.items() if value is not None}
        arguments: dict[str, Any] = {"settings": given}
        is_for_one = operation.hook in ONE_PAGE_HOOKS
        arguments |= {"page": pages[0]} if is_for_one else {"pages": tuple(pages)}
        if operation.hook == "process_page":
            arguments["operation"] = name
        return await self.call(operation.hook, arguments, timeout_s=operation.timeout_s)

    async def load(self, file: StoredFile, media_type: str, settings: Mapping[str, Any]) -> Answer:
        """Read a file into pages."""
        arguments = {"file": file, "settings": self._document_settings(settings, media_type)}
        timeout_s = self._documents.load_timeout_s
        return await self.call("load_document", arguments, timeout_s=timeout_s)

    async def save(
        self, pages: Sequence[PageFile], media_type: str, settings: Mapping[str, Any]
    ) -> Answer:
        """Write pages into a file."""
        filled = self._document_settings(settings, media_type)
        arguments = {"pages": tuple(pages), "settings": filled}
        timeout_s = self._documents.timeout_s
        return await self.call("save_document", arguments, timeout_s=timeout_s)

    async def request(self, request: Request) -> Answer:
        """Ask a declared route."""
        route = self.addon.manifest.routes.get(request.route)
        if route is None or request.method not in route.methods:
            raise AddonMissingError(f"The manifest declares no {request.method} {request.route}.")
        answer = await self.call("handle_request", {"request": request}, timeout_s=route.timeout_s)
        response = answer.value
        return Answer(
            value=response["value"],
            status=response["status"],
            pages=answer.pages,
            files=answer.files,
            warnings=answer.warnings,
        )

    def peak_memory_mb(self) -> float | None:
        """The most memory that a living worker ever had resident, in MiB; `None` without one."""
        peaks = [_peak_mb(each) for each in psutil.Process().children() if _is_worker(each)]
        return round(max(peaks), 1) if peaks else None

    async def close(self) -> None:
        """End the workers."""
        await self._pools.close()

    @property
    def _documents(self) -> Any:
        if self.addon.manifest.documents is None:
            raise AddonMissingError("The manifest declares no [documents].")
        return self.addon.manifest.documents

    def _document_settings(self, given: Mapping[str, Any], media_type: str) -> dict[str, Any]:
        filled = fill_settings(self._documents.settings, dict(given), of="Its [documents]")
        return filled | {"media_type": media_type}

    def _operation(self, name: str) -> Operation:
        operation = self.addon.manifest.find_operation(name)
        if operation is None:
            raise AddonMissingError(f"The manifest declares neither operation nor edit '{name}'.")
        return operation


def _is_worker(process: psutil.Process) -> bool:
    try:
        return _WORKER in process.cmdline()
    except psutil.Error:
        return False


def _peak_mb(process: psutil.Process) -> float:
    status = Path(f"/proc/{process.pid}/status")
    try:
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
        return float(process.memory_info().rss) / 2**20
    except (OSError, psutil.Error):
        return 0.0
