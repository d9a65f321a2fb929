"""A gate and a life line for each test that asks for them, in core/tests and in tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .made_addons import Gate, LifeLine


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """A gate that made add-ons can wait at."""
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.close()


@pytest.fixture
def life_line(tmp_path: Path) -> Iterator[LifeLine]:
    """A life line that made add-ons and their children can hold."""
    line = LifeLine(tmp_path / "life")
    yield line
    line.close()
