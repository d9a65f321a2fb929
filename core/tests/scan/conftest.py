"""Scanning with a scripted driver in real workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ..made_addons import Gate, LifeLine
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


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate that the driver can wait at."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.close()


@pytest.fixture
def life_line(tmp_path: Path) -> Iterator[LifeLine]:
    """A life line that the driver can hold."""
    line = LifeLine(tmp_path / "life")
    yield line
    line.close()
