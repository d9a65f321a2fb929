"""Removing add-ons, and switching them on and off."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from tests.support.wheels import put_on_shelf

from flatbed import system
from flatbed.errors import AddonMissingError
from flatbed.installing.faults import AddonsBusyError, NotRemovableError
from flatbed.installing.switching import AmbiguousVersionError, remove, switch
from flatbed.runtime.addons import Inventory
from flatbed.runtime.discovery import discover
from flatbed.runtime.shelf import Shelf


def inventory(data: Path) -> Inventory:
    """All that there is."""
    return discover({}, data_dir=data).inventory()


def take_out(data: Path, name: str, version: str | None = None) -> str:
    """Remove, and tell which version it was."""
    return remove(name, version, shelf=Shelf(data), inventory=inventory(data)).version


def put_switch(data: Path, name: str, *, is_on: bool) -> None:
    """Switch."""
    switch(name, is_on=is_on, shelf=Shelf(data), inventory=inventory(data))


def state(data: Path) -> dict[str, bool]:
    """What the file says."""
    found: dict[str, bool] = json.loads((data / "addons" / "state.json").read_text())["enabled"]
    return found


def test_remove_of_the_only_version_leaves_nothing(tmp_path: Path) -> None:
    """Neither its folder nor the switch: who installs it again wants to use it."""
    put_on_shelf(tmp_path, "1.0")
    put_on_shelf(tmp_path, "1.0", name="ink")
    put_switch(tmp_path, "stamp", is_on=False)
    put_switch(tmp_path, "ink", is_on=False)
    assert take_out(tmp_path, "stamp") == "1.0"
    assert sorted(each.name for each in (tmp_path / "addons").iterdir()) == [
        ".lock",
        "ink",
        "state.json",
    ]
    assert state(tmp_path) == {"ink": False}


def test_remove_of_one_version_leaves_the_other(tmp_path: Path) -> None:
    """Which one has to be said; the switch is of both and stays."""
    for version in ("1.0", "1.1"):
        put_on_shelf(tmp_path, version)
    put_switch(tmp_path, "stamp", is_on=False)
    with pytest.raises(AmbiguousVersionError, match=r"1\.0, 1\.1\. Name one with --version"):
        take_out(tmp_path, "stamp")
    assert take_out(tmp_path, "stamp", "1") == "1.0"
    assert [each.version for each in Shelf(tmp_path).slots()] == ["1.1"]
    assert state(tmp_path) == {"stamp": False}


def test_remove_of_what_was_changed_takes_it_away(tmp_path: Path) -> None:
    """It is what a person wants rid of; also a folder that may not be written."""
    folder = put_on_shelf(tmp_path, "1.0")
    (folder / "more.py").write_text("")
    folder.chmod(0o500)
    assert take_out(tmp_path, "stamp") == "1.0"
    assert list(Shelf(tmp_path).slots()) == []


def test_remove_of_what_comes_with_the_core_says_how_to_switch_it_off(tmp_path: Path) -> None:
    """It would come back with every update."""
    with pytest.raises(NotRemovableError, match="flatbed addons disable virtual"):
        take_out(tmp_path, "virtual")


def test_remove_of_what_lies_in_the_environment_names_the_way_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By pip, with the name of its distribution."""
    monkeypatch.syspath_prepend(str(put_on_shelf(tmp_path / "environment", "1.0")))
    with pytest.raises(NotRemovableError) as caught:
        take_out(tmp_path, "stamp")
    assert caught.value.message == (
        "'stamp' 1.0 is installed in Flatbed's own environment. Remove it there with: pip uninstall"
        " flatbed-stamp"
    )
    with pytest.raises(AddonMissingError, match=r"No add-on 'stamp 2\.0' is installed"):
        take_out(tmp_path, "stamp", "2.0")


def test_remove_and_switch_of_what_is_not_there_say_so(tmp_path: Path) -> None:
    """A slip of the pen is no success."""
    with pytest.raises(AddonMissingError, match="No add-on 'stmap' is installed"):
        take_out(tmp_path, "stmap")
    with pytest.raises(AddonMissingError, match="No add-on 'stmap' is installed"):
        put_switch(tmp_path, "stmap", is_on=True)
    assert not (tmp_path / "addons" / "state.json").exists()


def test_switch_holds_for_every_kind_of_addon(tmp_path: Path) -> None:
    """Also for one that comes with the core; the last word counts."""
    put_on_shelf(tmp_path, "1.0")
    put_switch(tmp_path, "stamp", is_on=False)
    put_switch(tmp_path, "virtual", is_on=True)
    put_switch(tmp_path, "imaging", is_on=False)
    put_switch(tmp_path, "imaging", is_on=True)
    assert state(tmp_path) == {"imaging": True, "stamp": False, "virtual": True}
    enabled = {each.name for each in inventory(tmp_path).enabled}
    assert {"stamp", "virtual", "imaging"} & enabled == {"virtual", "imaging"}


def test_every_change_is_seen_by_a_running_service(tmp_path: Path) -> None:
    """The stamp is another one each time, though the text may be the same."""
    put_on_shelf(tmp_path, "1.0")
    put_on_shelf(tmp_path, "1.1")
    shelf = Shelf(tmp_path)
    stamps = [shelf.stamp()]
    put_switch(tmp_path, "stamp", is_on=True)
    stamps.append(shelf.stamp())
    put_switch(tmp_path, "stamp", is_on=True)
    stamps.append(shelf.stamp())
    take_out(tmp_path, "stamp", "1.0")
    stamps.append(shelf.stamp())
    assert stamps[0] == ()
    assert all(one != other for one, other in pairwise(stamps))


def test_changes_wait_for_each_other(tmp_path: Path) -> None:
    """One command at a time; nothing is changed by the other."""
    put_on_shelf(tmp_path, "1.0")
    with system.FileLock(tmp_path / "addons" / ".lock"):
        with pytest.raises(AddonsBusyError):
            take_out(tmp_path, "stamp")
        with pytest.raises(AddonsBusyError):
            put_switch(tmp_path, "stamp", is_on=False)
    assert take_out(tmp_path, "stamp") == "1.0"
