"""Homes for commands: empty ones, and one with a service that all tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .home import Home

OFFICE = ["Desk", "Jammer", "Hall", "Cover", "Snail", "[red]\x1b[2JOdd"]
FAULTS = [
    "jam@3!#2",
    "jam@2#3",
    "slow@3!#3",
    "cover_open!#4",
    *(f"slow@{page}!#5" for page in range(1, 5)),
]
"""Desk is fine; Jammer always jams at the third page; Hall jams once, at the second, and needs a
second for the third; Cover's cover is open; Snail needs a second for each page; Odd would like to
clear your screen."""


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Commands must hear signals also where the tests run in the background or under nohup."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A home without a service; nothing may be left running in it."""
    made = Home(tmp_path)
    yield made
    made.close_terminals()
    assert made.left_running() == []


@pytest.fixture(scope="session")
def office_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The home of `office`."""
    made = Home(
        tmp_path_factory.mktemp("office"),
        ADDONS__VIRTUAL__NAMES=OFFICE,
        ADDONS__VIRTUAL__FAULTS=FAULTS,
    )
    with made.service():
        yield made
    assert made.left_running() == []


@pytest.fixture
def office(office_home: Home, tmp_path: Path) -> Iterator[Home]:
    """A home with a service that runs, and an empty folder to work in."""
    office_home.work = tmp_path
    yield office_home
    office_home.close_terminals()
