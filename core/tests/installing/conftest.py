"""A data folder to install into, and a folder of wheels beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.installing.install import Installed, InstallOrder, install
from flatbed.installing.pip import Sources
from flatbed.runtime.shelf import Shelf


class Bench:
    """Where a test installs.

    Attributes:
        data: The data folder.
        wheels: The folder that names and needs are looked up in.
        told: The steps that were told.
    """

    def __init__(self, folder: Path) -> None:
        self.data, self.wheels = folder / "data", folder / "wheels"
        self.shelf = Shelf(self.data)
        self.told: list[str] = []
        self.wheels.mkdir()

    def install(self, wanted: Path | str, **order: Any) -> Installed:
        """Install what a person names."""
        sources = order.pop("sources", Sources(folder=self.wheels))
        made = InstallOrder(wanted=str(wanted), sources=sources, **order)
        return install(made, self.shelf, self.told.append)

    def versions(self) -> list[str]:
        """What is installed."""
        return [f"{each.name} {each.version}" for each in self.shelf.slots()]

    def left(self) -> list[str]:
        """What stands beside the add-ons: nothing but the lock and the switches belongs there."""
        names = (each.name for each in self.shelf.folder.iterdir())
        return sorted(each for each in names if each[0] == "." or each == "state.json")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """An empty one."""
    return Bench(tmp_path)
