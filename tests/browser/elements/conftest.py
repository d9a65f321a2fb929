"""Somebody else's pages, in which the elements stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.rig import DIST, PAGES, PageServer


@pytest.fixture(scope="module")
def site() -> Iterator[PageServer]:
    """The author's pages, on one origin for all tests of a module."""
    server = PageServer([PAGES, DIST])
    yield server
    server.shutdown()
    server.server_close()
