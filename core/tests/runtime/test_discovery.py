"""Add-ons of the data folder: found beside those of the environment, and again after a change."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from tests.support.wheels import MANIFEST, put_on_shelf, touch_shelf

from flatbed.errors import AddonMissingError, AddonUnfitError
from flatbed.runtime.discovery import builtin_names, discover
from flatbed.runtime.manifest import ManifestError
from flatbed.runtime.registry import Registry
from flatbed.runtime.seal import AddonChangedError, write_seal
from flatbed.runtime.shelf import ShelfStateError

CONFIG = '\n[config]\n{name} = {{ type = "int", default = 1 }}\n'


def found(data: Path, **configs: Any) -> Registry:
    """What is found with a data folder."""
    return discover(configs, data_dir=data)


def manifest(config: str = "", name: str = "stamp") -> str:
    """The usual manifest with a setting of its own."""
    text = MANIFEST.format(name=name, operation="press-stamp")
    return text + (CONFIG.format(name=config) if config else "")


def write_state(data: Path, text: str) -> None:
    """What a person has enabled or disabled."""
    (data / "addons").mkdir(parents=True, exist_ok=True)
    (data / "addons" / "state.json").write_text(text)


def test_discover_finds_every_version_in_the_data_folder(tmp_path: Path) -> None:
    """Each with its own folder of modules and its seal, without importing it."""
    put_on_shelf(tmp_path, "1.9")
    put_on_shelf(tmp_path, "1.10")
    registry = found(tmp_path)
    assert registry.versions()["stamp"] == ["1.9", "1.10"]
    newest = registry.get("stamp")
    assert newest.paths == (str(tmp_path / "addons" / "stamp" / "1.10"),)
    assert (newest.module, newest.distribution, newest.place) == (
        "flatbed_stamp",
        "flatbed-stamp",
        "installed",
    )
    newest.verify()
    assert "flatbed_stamp" not in sys.modules


def test_discover_of_an_addon_among_its_needs_takes_the_one_of_the_name(tmp_path: Path) -> None:
    """An add-on may need a distribution that is one itself."""
    folder = put_on_shelf(tmp_path, "1.0", name="ink")
    other = put_on_shelf(tmp_path, "2.0", name="stamp")
    for each in [*folder.iterdir()]:
        if each.name != "RECORD":
            each.rename(other / each.name)
    (other / "RECORD").unlink()
    (folder / "RECORD").unlink()
    folder.rmdir()
    write_seal(other)
    assert [(each.name, each.version) for each in found(tmp_path) if each.seal] == [
        ("stamp", "2.0")
    ]


def test_discover_without_a_data_folder_finds_the_environment(tmp_path: Path) -> None:
    """Nothing has to be there, and nothing is made."""
    assert found(tmp_path / "none").get("imaging").place == "core"
    assert not (tmp_path / "none").exists()


def test_discover_of_changed_files_leaves_the_version_out_and_says_so(tmp_path: Path) -> None:
    """The other version serves; whoever asks for what only the changed one has hears why not."""
    put_on_shelf(tmp_path, "1.0")
    changed = put_on_shelf(tmp_path, "1.1", manifest=manifest().replace("press-stamp", "peel"))
    (changed / "flatbed_stamp" / "more.py").write_text("")
    registry = found(tmp_path)
    (broken,) = registry.broken
    assert (broken.name, broken.version, broken.place) == ("stamp", "1.1", "installed")
    assert broken.distribution == "flatbed-stamp"
    assert isinstance(broken.error, AddonChangedError)
    assert registry.get("stamp").version == "1.0"
    with pytest.raises(AddonChangedError):
        registry.find_operation("peel")


def test_verify_sees_what_the_glance_of_discovery_does_not(tmp_path: Path) -> None:
    """Other bytes of the same size, before a worker runs them."""
    folder = put_on_shelf(tmp_path, "1.0")
    code = folder / "flatbed_stamp" / "__init__.py"
    code.write_text(code.read_text().replace("None", "True"))
    addon = found(tmp_path).get("stamp")
    with pytest.raises(AddonChangedError):
        addon.verify()


DAMAGE: dict[str, tuple[dict[str, Any], str]] = {
    "no entry point": ({"entry_points": ""}, "No distribution in its folder brings it"),
    "damaged entry points": ({"entry_points": "[a]\nb\n"}, "entry points in its folder cannot"),
    "another name": ({"manifest": manifest(name="glue")}, "The manifest is of 'glue'"),
    "no manifest": ({"manifest": "no = "}, "addon.toml is no valid TOML"),
}


@pytest.mark.parametrize(("how", "words"), DAMAGE.values(), ids=DAMAGE.keys())
def test_discover_of_a_damaged_folder_goes_on_without_it(
    tmp_path: Path, how: dict[str, Any], words: str
) -> None:
    """It is listed with name, version and reason."""
    put_on_shelf(tmp_path, "1.0", **how)
    (broken,) = found(tmp_path).broken
    assert (broken.name, broken.version, broken.place) == ("stamp", "1.0", "installed")
    assert words in broken.error.message


def test_discover_of_a_folder_called_otherwise_goes_on_without_it(tmp_path: Path) -> None:
    """A folder that was copied by hand has a version that it is not."""
    folder = put_on_shelf(tmp_path, "1.0")
    folder.rename(folder.with_name("3.0"))
    (broken,) = found(tmp_path).broken
    assert "Its folder is called 3.0, its distribution 1.0." in broken.error.message


def test_discover_passes_over_what_was_broken_off(tmp_path: Path) -> None:
    """A stage, a link and a file are no versions."""
    folder = put_on_shelf(tmp_path, "1.0")
    (tmp_path / "addons" / ".stage-x" / "1.0").mkdir(parents=True)
    (folder.parent / "2.0").symlink_to(folder)
    (folder.parent / "3.0").write_text("")
    registry = found(tmp_path)
    assert registry.versions()["stamp"] == ["1.0"]
    assert registry.broken == ()


def test_discover_of_a_name_of_the_core_refuses_the_installed_one(tmp_path: Path) -> None:
    """A later core may bring what was installed before."""
    put_on_shelf(tmp_path, "9.0", name="imaging")
    registry = found(tmp_path)
    assert registry.get("imaging").place == "core"
    (broken,) = registry.broken
    assert isinstance(broken.error, ManifestError)
    assert "An add-on of the name 'imaging' comes with the core." in broken.error.message


def test_builtin_names_are_those_of_the_core() -> None:
    """By the distribution of their entry points."""
    assert builtin_names() == {"imaging", "pyinsane2", "sane", "virtual"}


def test_discover_of_one_version_in_both_places_takes_the_installed_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where it is written in another way; another version of the environment stays."""
    around = tmp_path / "environment"
    for version in ("1.0", "2.0"):
        place = put_on_shelf(around, version)
        (place / "RECORD").unlink()
        monkeypatch.syspath_prepend(str(place))
    put_on_shelf(tmp_path, "2.0")
    places = {each.version: each.place for each in found(tmp_path) if each.name == "stamp"}
    # importlib.metadata names a distribution once: the first on the path.
    assert metadata.version("flatbed-stamp") == "2.0"
    assert places == {"2.0": "installed"}
    changed = tmp_path / "addons" / "stamp" / "2.0" / "more.py"
    changed.write_text("")
    assert [each.name for each in found(tmp_path).broken] == ["stamp"]
    assert "stamp" not in found(tmp_path).versions()


def test_settings_that_some_version_knows_are_no_error(tmp_path: Path) -> None:
    """Each version gets what it knows; what none knows is an error of all."""
    put_on_shelf(tmp_path, "1.0", manifest=manifest("ink"))
    put_on_shelf(tmp_path, "1.1", manifest=manifest("paper"))
    registry = found(tmp_path, stamp={"ink": 3, "paper": 4})
    assert {each.version: each.config for each in registry if each.seal} == {
        "1.0": {"ink": 3},
        "1.1": {"paper": 4},
    }
    wrong = found(tmp_path, stamp={"glue": 1})
    assert sorted((each.version, each.error.message) for each in wrong.broken) == [
        ("1.0", "The add-on 'stamp' has no setting 'glue'. It has: ink."),
        ("1.1", "The add-on 'stamp' has no setting 'glue'. It has: paper."),
    ]


@pytest.mark.parametrize(
    ("own", "state", "configured", "is_on"),
    [
        (True, None, None, True),
        (False, None, None, False),
        (False, True, None, True),
        (True, False, None, False),
        (True, False, True, True),
        (False, True, False, False),
    ],
    ids=["manifest on", "manifest off", "switched on", "switched off", "set on", "set off"],
)
def test_configuration_goes_before_the_switch_and_the_switch_before_the_manifest(
    tmp_path: Path, *, own: bool, state: bool | None, configured: bool | None, is_on: bool
) -> None:
    """What is off is known, but serves nobody."""
    head = "" if own else "enabled = false\n"
    put_on_shelf(tmp_path, "1.0", manifest=head + manifest())
    if state is not None:
        write_state(tmp_path, '{"enabled": {"stamp": %s}}' % ("true" if state else "false"))
    settings = {} if configured is None else {"stamp": {"enabled": configured}}
    inventory = found(tmp_path, **settings).inventory()
    assert ("stamp" in [each.name for each in inventory.enabled]) == is_on
    assert ("stamp" in [each.name for each in inventory.disabled]) == (not is_on)


def test_what_is_switched_off_says_how_to_switch_it_on(tmp_path: Path) -> None:
    """Installing it once more is not what helps."""
    put_on_shelf(tmp_path, "1.0")
    registry = found(tmp_path, stamp={"enabled": False})
    words = (
        "The add-on 'stamp' is installed, but switched off. Switch it on with: flatbed addons"
        " enable stamp"
    )
    with pytest.raises(AddonMissingError) as caught:
        registry.get("stamp")
    assert caught.value.message == words
    with pytest.raises(AddonMissingError) as caught:
        registry.find_operation("press-stamp")
    assert caught.value.message == words
    with pytest.raises(AddonUnfitError) as unfit:
        registry.choose(["stamp"])
    assert unfit.value.details["missing"][0]["how"] == words


@pytest.mark.parametrize("text", ["", "[1]", '{"enabled": {"stamp": "on"}}'])
def test_discover_with_switches_that_cannot_be_read_stops(tmp_path: Path, text: str) -> None:
    """What a person has switched off must not come on by a damaged file."""
    write_state(tmp_path, text)
    with pytest.raises(ShelfStateError, match=r"state\.json cannot be read\. Delete it"):
        found(tmp_path)


def test_registry_sees_what_was_installed_since(tmp_path: Path) -> None:
    """At the next look after a command has touched its file, not before."""
    registry = found(tmp_path)
    put_on_shelf(tmp_path, "1.0")
    assert "stamp" not in registry.versions()
    touch_shelf(tmp_path)
    assert registry.find_operation("press-stamp")[0].version == "1.0"
    put_on_shelf(tmp_path, "1.1")
    touch_shelf(tmp_path)
    assert registry.choose(["stamp"]).addons == (registry.get("stamp"),)
    assert registry.versions()["stamp"] == ["1.0", "1.1"]


def test_registry_keeps_what_it_knows_where_it_cannot_look_again(tmp_path: Path) -> None:
    """A damaged file takes nothing away; the next change is looked at again."""
    put_on_shelf(tmp_path, "1.0")
    registry = found(tmp_path)
    write_state(tmp_path, "damaged")
    assert registry.get("stamp").version == "1.0"
    put_on_shelf(tmp_path, "1.1")
    touch_shelf(tmp_path)
    assert registry.get("stamp").version == "1.1"


def test_addon_that_nobody_touched_stays_equal_over_a_look(tmp_path: Path) -> None:
    """So its workers need not be replaced; one that was installed again is another."""
    folder = put_on_shelf(tmp_path, "1.0")
    registry = found(tmp_path)
    before = registry.get("stamp")
    touch_shelf(tmp_path)
    assert registry.get("stamp") == before
    folder.rename(tmp_path / "old")
    put_on_shelf(tmp_path, "1.0", files={"flatbed_stamp/more.py": ""})
    touch_shelf(tmp_path)
    assert registry.get("stamp") != before


def test_chosen_version_that_was_removed_says_so(tmp_path: Path) -> None:
    """A page that chose it before hears a sentence, whatever else is there."""
    folder = put_on_shelf(tmp_path, "1.0")
    put_on_shelf(tmp_path, "1.1")
    registry = found(tmp_path)
    choice = registry.choose(["stamp==1.0"])
    addon, _ = registry.find_operation("press-stamp", choice)
    folder.rename(tmp_path / "gone")
    touch_shelf(tmp_path)
    with pytest.raises(AddonMissingError, match=r"'stamp' 1\.0 was removed or switched off"):
        registry.find_operation("press-stamp", choice)
    with pytest.raises(AddonMissingError, match=r"'stamp' 1\.0 was removed meanwhile"):
        addon.verify()


def test_chosen_version_that_was_installed_again_is_the_new_one(tmp_path: Path) -> None:
    """A page that chose it before does not run into a seal that is no more."""
    folder = put_on_shelf(tmp_path, "1.0")
    registry = found(tmp_path)
    choice = registry.choose(["stamp"])
    folder.rename(tmp_path / "old")
    put_on_shelf(tmp_path, "1.0", files={"flatbed_stamp/more.py": ""})
    touch_shelf(tmp_path)
    registry.find_operation("press-stamp", choice)[0].verify()


def test_inventory_has_versions_newest_first(tmp_path: Path) -> None:
    """Enabled and disabled ones, by name."""
    for version in ("1.9", "1.10"):
        put_on_shelf(tmp_path, version)
    put_on_shelf(tmp_path, "1.0", name="ink", manifest="enabled = false\n" + manifest(name="ink"))
    inventory = found(tmp_path).inventory()
    ours = [(each.name, each.version) for each in inventory.addons if each.place == "installed"]
    assert ours == [("ink", "1.0"), ("stamp", "1.10"), ("stamp", "1.9")]
