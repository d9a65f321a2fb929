"""The tray's file: what it keeps from one process to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.builtin.virtual.faults import parse_fault
from flatbed.builtin.virtual.tray import Tray

BOTH = ("front", "back")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the tray is kept."""
    return tmp_path / "tray-1.json"


def test_tray_is_left_as_it_was(path: Path) -> None:
    """Everything that the next process needs."""
    tray = Tray.refilled(path)
    tray.feed(pages=0, file="a.png")
    tray.feed(pages=2, file="c.png")
    tray.spend(parse_fault("jam@3"))
    assert Tray.as_left(path) == Tray(path, 2, 2, "a.png", "c.png", ["jam@3"])


def test_tray_refilled_forgets_everything(path: Path) -> None:
    """A new job finds a full tray, also in the file."""
    Tray.refilled(path).feed(pages=0, file="a.png")
    Tray.refilled(path)
    assert Tray.as_left(path) == Tray(path)


def test_tray_fed_again_keeps_count_of_the_pages_before(path: Path) -> None:
    """Sheet 2 jams twice: its front counts from where it was fed first."""
    tray = Tray.refilled(path)
    tray.feed(pages=4, file="a.png")
    tray.feed_again(file="b.png")
    assert Tray.as_left(path) == Tray(path, 1, 4, "", "b.png")


@pytest.mark.parametrize(
    ("pages", "left"),
    [(4, ("front", "back")), (5, ("back",)), (6, ())],
    ids=["none", "one", "both"],
)
def test_sides_left_are_those_that_are_no_pages_yet(
    path: Path, pages: int, left: tuple[str, ...]
) -> None:
    """Fed when the job had four pages."""
    tray = Tray.refilled(path)
    tray.feed(pages=4, file="")
    assert tray.sides_left(BOTH, pages=pages) == left


def test_sides_left_before_the_first_sheet_are_none(path: Path) -> None:
    """There is no sheet to feed again."""
    assert Tray.refilled(path).sides_left(BOTH, pages=0) == ()


def test_due_faults_are_those_of_page_and_device_that_have_not_struck(path: Path) -> None:
    """Two of the same wording are two."""
    script = [
        parse_fault(text) for text in ("jam@3", "jam@3", "jam@4", "slow@3", "io_error@3#2", "busy")
    ]
    tray = Tray.refilled(path)
    tray.spend(script[0])
    due = tray.due(script, device=1, page=3)
    assert [fault.text for fault in due] == ["jam@3", "slow@3"]
    assert [fault.text for fault in tray.due(script, device=2, page=3)] == [
        "jam@3",
        "slow@3",
        "io_error@3#2",
    ]
    assert [fault.text for fault in tray.due(script, device=1, page=0)] == ["busy"]
