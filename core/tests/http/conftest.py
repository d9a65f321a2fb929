"""The demo server that most tests here talk to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .demo import DemoServer


@pytest.fixture
def server() -> Iterator[DemoServer]:
    """A listening server over the demo table."""
    with DemoServer() as running:
        yield running
