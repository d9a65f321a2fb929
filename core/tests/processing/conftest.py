"""A desk in a folder of the test, and a gate that its add-on can wait at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ..made_addons import Gate
from .desk import Desk


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.close()


@pytest.fixture
async def desk(tmp_path: Path, gate: Gate) -> AsyncIterator[Desk]:
    """A desk whose workers end with the test."""
    desk = Desk(tmp_path, visit=gate.visit, stop=gate.stop)
    yield desk
    await desk.close()
