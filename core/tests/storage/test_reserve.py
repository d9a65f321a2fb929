"""The reserve: real room, given up in parts, taken again when there is plenty."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from flatbed import system
from flatbed.storage.reserve import Reserve

SIZE = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where its bigger file goes."""
    return tmp_path / "reserve"


def held(path: Path) -> int:
    """The bytes of the disk that all files beside a path take."""
    return sum(each.stat().st_blocks * 512 for each in path.parent.iterdir())


def test_renew_takes_real_room(path: Path) -> None:
    """Blocks, not a hole: an eighth of them in the smaller file."""
    reserve = Reserve(path, SIZE)
    assert reserve.renew()
    assert reserve.is_whole
    assert held(path) >= SIZE
    assert (path.stat().st_size, path.with_name("reserve-small").stat().st_size) == (
        917504,
        131072,
    )
    assert path.stat().st_mode & 0o777 == 0o600


def test_give_up_frees_all_and_tells_whether_that_helped(path: Path) -> None:
    """The second time there is nothing to give."""
    reserve = Reserve(path, SIZE)
    reserve.renew()
    assert reserve.give_up()
    assert list(path.parent.iterdir()) == []
    assert not reserve.give_up()


def test_part_that_is_given_up_leaves_the_rest_for_deletes(path: Path) -> None:
    """And is taken again with the next renewal."""
    reserve = Reserve(path, SIZE)
    reserve.renew()
    assert reserve.give_up_part()
    assert not reserve.give_up_part()
    assert [each.name for each in path.parent.iterdir()] == ["reserve"]
    assert reserve.renew()
    assert reserve.is_whole


def test_renew_mends_what_holds_no_room(path: Path) -> None:
    """A crash or a copy has left a hole of the right size."""
    path.touch()
    os.truncate(path, SIZE)
    reserve = Reserve(path, SIZE)
    assert not reserve.is_whole
    assert reserve.renew()
    assert held(path) >= SIZE


def test_renew_leaves_little_room_to_the_pages(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody freed is not for the reserve first."""
    monkeypatch.setattr(system, "free_bytes", lambda _: 2 * SIZE - 1)
    assert not Reserve(path, SIZE).renew()
    assert list(path.parent.iterdir()) == []


def test_reserve_of_nothing_is_whole_and_gives_nothing(path: Path) -> None:
    """As the settings may say."""
    reserve = Reserve(path, 0)
    assert reserve.is_whole
    assert reserve.renew()
    assert not reserve.give_up()
    assert list(path.parent.iterdir()) == []


def test_give_up_that_fails_gives_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fails is no reason for another error than the one there was."""
    reserve = Reserve(path, SIZE)
    reserve.renew()

    def unlink(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Path, "unlink", unlink)
    assert not reserve.give_up()
    assert reserve.is_whole
