"""A desk in a folder of the test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ..made_addons import Gate
from .desk import Desk


@pytest.fixture
async def desk(tmp_path: Path, gate: Gate) -> AsyncIterator[Desk]:
    """A desk whose workers end with the test."""
    desk = Desk(tmp_path, visit=gate.visit, stop=gate.stop)
    yield desk
    await desk.close()
