"""The fixtures of `flatbed.addon.testing`; only pytest loads this."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flatbed.addon.testing import AddonWorker, LiveService, MakePage, SamplePages
from flatbed.addon.types import PageFile, StoredFile
from flatbed.authoring import samples
from flatbed.authoring.live_service import AddonService
from flatbed.authoring.live_worker import LiveWorker
from flatbed.authoring.project import PYPROJECT, Project, read_project
from flatbed.runtime.entry_points import ENTRY_POINTS


class _Maker:
    """See `flatbed.addon.testing.MakePage`."""

    def __init__(self, maker: samples.PageMaker) -> None:
        self._maker = maker

    def __call__(self, image: Image.Image, dpi: float = samples.DPI) -> PageFile:
        return self._maker.make(image, dpi)

    def file(self, data: bytes) -> StoredFile:
        return self._maker.make_file(data)


@pytest.fixture
def addon_folder(request: pytest.FixtureRequest) -> Path:
    """The project of the add-on under test: the nearest one above the test."""
    for folder in request.path.parents:
        if _has_addon(folder / PYPROJECT):
            return folder
    return pytest.fail(f"No {PYPROJECT} above {request.path} has an entry point of an add-on.")


@pytest.fixture
def addon_config() -> Mapping[str, Any]:
    """Settings of the add-on under test; its defaults unless overridden."""
    return {}


@pytest.fixture
def _project(addon_folder: Path, addon_config: Mapping[str, Any]) -> Project:
    return read_project(addon_folder, addon_config)


@pytest.fixture
def _sample_maker(tmp_path: Path) -> samples.PageMaker:
    return samples.PageMaker(tmp_path / "sample-pages")


@pytest.fixture
def make_page(_sample_maker: samples.PageMaker) -> MakePage:
    """Makes stored pages of Pillow images, and stored files."""
    return _Maker(_sample_maker)


@pytest.fixture
def pages(_sample_maker: samples.PageMaker) -> SamplePages:
    """A sample page of each mode."""
    return samples.SamplePages(_sample_maker)


@pytest.fixture
def page(pages: SamplePages) -> PageFile:
    """A sample page in colour."""
    return pages["RGB"]


@pytest.fixture
def worker(_project: Project, tmp_path: Path) -> Iterator[AddonWorker]:
    """The add-on under test in a worker."""
    made = LiveWorker(_project.addon, tmp_path / "worker")
    yield made
    made.close()


@pytest.fixture
def service(
    _project: Project, addon_config: Mapping[str, Any], tmp_path: Path
) -> Iterator[LiveService]:
    """A service with the add-on under test."""
    folder = tmp_path / "service"
    folder.mkdir()
    made = AddonService(_project, folder, addon_config)
    yield made
    made.close()


def _has_addon(pyproject: Path) -> bool:
    if not pyproject.is_file():
        return False
    declared = tomllib.loads(pyproject.read_text("utf-8"))
    return ENTRY_POINTS in declared.get("project", {}).get("entry-points", {})
