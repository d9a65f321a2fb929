"""Scanning with a scripted driver in real workers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .desk import ScanDesk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[ScanDesk]:
    """All of scanning, started."""
    desk = ScanDesk(tmp_path)
    desk.start()
    yield desk
    for job in desk.module.jobs():
        await desk.module.delete(job)
    await desk.stop()
