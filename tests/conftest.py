"""Real services: one that all tests share, with a scanner for each fault, and ones of their own."""

from __future__ import annotations

import ctypes.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .support.bench import GRANTED, SETTINGS
from .support.client import ApiClient
from .support.service import LiveService

MakeService = Callable[..., LiveService]


HAS_SANE = ctypes.util.find_library("sane") is not None


@pytest.fixture(autouse=True)
def needs_sane(request: pytest.FixtureRequest) -> None:
    """Skip what needs SANE's test backend where SANE is not installed."""
    if request.node.get_closest_marker("sane") is not None and not HAS_SANE:
        pytest.skip("libsane is not installed (apt install libsane1)")


@pytest.fixture(scope="session")
def shared_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """The shared service, for fixtures that live longer than a test."""
    backends = ("test",) if HAS_SANE else ()
    service = LiveService(tmp_path_factory.mktemp("bench"), SETTINGS, backends=backends)
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def bench(shared_service: LiveService) -> Iterator[LiveService]:
    """The shared service; see `support.bench` for its scanners.

    After the test its callers are gone, and so are the jobs that they created.
    """
    yield shared_service
    shared_service.close_clients()


@pytest.fixture
def api(bench: LiveService) -> ApiClient:
    """A native caller of the shared service."""
    return bench.client()


@pytest.fixture
def page(bench: LiveService) -> ApiClient:
    """A page of a granted origin at the shared service."""
    return bench.client(GRANTED)


@pytest.fixture(scope="module")
def plain_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    """A service of the module's own, with the add-ons that are installed and nothing set."""
    service = LiveService(tmp_path_factory.mktemp("plain"), {})
    try:
        yield service.start()
    finally:
        service.close()


@pytest.fixture
def make_service(tmp_path: Path) -> Iterator[MakeService]:
    """Starts services of the test's own, each over its own folder."""
    made: list[LiveService] = []

    def make(
        *,
        backends: tuple[str, ...] = (),
        expected_errors: tuple[str, ...] = (),
        **settings: Any,
    ) -> LiveService:
        folder = tmp_path / f"service-{len(made)}"
        folder.mkdir()
        service = LiveService(folder, settings, backends=backends, expected_errors=expected_errors)
        made.append(service)
        return service.start()

    yield make
    for service in made:
        service.close()
