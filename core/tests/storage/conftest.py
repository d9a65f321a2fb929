"""An index in a folder of the test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from flatbed.storage.events import EventLog
from flatbed.storage.index import Index

from .desk import Desk


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """A new index."""
    index = Index(tmp_path / "index.sqlite")
    yield index
    index.close()


@pytest.fixture
def events(index: Index) -> EventLog:
    """Its events."""
    return EventLog(index)


@pytest.fixture
def desk(tmp_path: Path, index: Index, events: EventLog) -> Desk:
    """An empty buffer."""
    return Desk(tmp_path, index, events)
