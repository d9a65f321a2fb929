"""A main process that starts a scan and is killed; run by `test_process.py`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import msgspec

from flatbed.runtime.addons import Addon
from flatbed.runtime.manifest import Manifest
from flatbed.runtime.process import WorkerProcess, WorkerSite


async def main(folder: Path) -> None:
    """Start the add-on in a folder on a job, and wait for the end of the world."""
    facts = {"manifest_version": 1, "name": "made", "core_api": "1.0"}
    addon = Addon(
        manifest=msgspec.convert(facts, Manifest),
        version="1",
        module="made_addon",
        distribution="flatbed-made",
        paths=(str(folder / "addon"),),
    )
    site = WorkerSite(dump_folder=folder, state_folder=folder, environment={})
    worker = await WorkerProcess.start(addon, site)
    out = {"folder": str(folder / "spool"), "key": bytes(32).hex(), "is_job": True}
    worker.begin("acquire_pages", {"scanner_id": "x", "settings": {}}, out=out)
    await worker.wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
