"""What lies in the folder of add-ons, before anybody looks into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.wheels import put_on_shelf, touch_shelf

from flatbed.errors import FolderError
from flatbed.runtime.shelf import Shelf, Slot


def test_slots_are_every_version_by_name(tmp_path: Path) -> None:
    """Each with its folder; there may be none, and no data folder either."""
    assert list(Shelf(tmp_path / "none").slots()) == []
    put_on_shelf(tmp_path, "1.1")
    put_on_shelf(tmp_path, "1.0")
    put_on_shelf(tmp_path, "2.0", name="ink")
    folder = tmp_path / "addons"
    assert list(Shelf(tmp_path).slots()) == [
        Slot("ink", "2.0", folder / "ink" / "2.0"),
        Slot("stamp", "1.0", folder / "stamp" / "1.0"),
        Slot("stamp", "1.1", folder / "stamp" / "1.1"),
    ]


def test_slots_of_a_folder_that_is_none_name_it(tmp_path: Path) -> None:
    """A sentence, not a trace."""
    (tmp_path / "addons").write_text("")
    with pytest.raises(FolderError) as caught:
        list(Shelf(tmp_path).slots())
    assert caught.value.message == (
        f"{tmp_path / 'addons'} cannot be read (Not a directory). Nothing was changed; make it a"
        " folder of yours, or choose another."
    )


def test_seal_is_the_same_thing_while_its_file_is_the_same(tmp_path: Path) -> None:
    """What it has read once is not read again after a look at the shelf."""
    folder = put_on_shelf(tmp_path, "1.0")
    shelf = Shelf(tmp_path)
    (slot,) = shelf.slots()
    first = shelf.seal(slot)
    assert shelf.seal(slot) is first
    folder.rename(tmp_path / "gone")
    put_on_shelf(tmp_path, "1.0", files={"flatbed_stamp/more.py": ""})
    assert shelf.seal(slot) is not first


def test_stamp_tells_of_each_change(tmp_path: Path) -> None:
    """Before the first one it is nothing."""
    put_on_shelf(tmp_path, "1.0")
    shelf = Shelf(tmp_path)
    assert shelf.stamp() == ()
    touch_shelf(tmp_path)
    first = shelf.stamp()
    assert shelf.stamp() == first
    touch_shelf(tmp_path)
    assert len({(), first, shelf.stamp()}) == 3


def test_state_that_is_not_there_switches_nothing(tmp_path: Path) -> None:
    """What stands in it holds; what it says besides is left to a later version."""
    shelf = Shelf(tmp_path)
    assert shelf.read_state().enabled == {}
    (tmp_path / "addons").mkdir()
    (tmp_path / "addons" / "state.json").write_text('{"enabled": {"ink": false}, "more": 1}')
    assert shelf.read_state().enabled == {"ink": False}
