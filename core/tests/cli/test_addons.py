"""`flatbed addons list`."""

from __future__ import annotations

from importlib import metadata

from .home import Home

VERSION = metadata.version("flatbed")


def test_addons_list_tells_state_and_what_they_bring(home: Home) -> None:
    """Also of those that are switched off."""
    done = home.flatbed("addons", "list")
    assert (done.code, done.err) == (0, "")
    lines = [line.split(maxsplit=3) for line in done.out.splitlines()]
    assert lines[0] == ["Name", "Version", "State", "Brings"]
    assert ["virtual", VERSION, "enabled", "scanners sane"] in lines
    assert ["sane", VERSION, "disabled", "scanners sane"] in lines
    assert [
        *("imaging", VERSION, "enabled"),
        "reads 6 kinds of files; writes image/png, image/jpeg, image/tiff; 4 operations; 17 edits",
    ] in lines


def test_addons_list_names_what_is_broken(home: Home) -> None:
    """With the reason, and without stopping at it."""
    home.set(ADDONS__VIRTUAL__SHEETS="many")
    done = home.flatbed("addons", "list")
    lines = [line.split(maxsplit=3) for line in done.out.splitlines()]
    reason = "'sheets' must be int: Expected `int`, got `str`."
    assert ["virtual", VERSION, "broken", reason] in lines
    assert [*("sane", VERSION, "disabled", "scanners sane")] in lines


def test_addons_list_json_has_all_of_it(home: Home) -> None:
    """One object an add-on, by name."""
    home.set(ADDONS__VIRTUAL__SHEETS="many")
    rows = {row["name"]: row for row in home.flatbed("addons", "list", "--json").json}
    assert rows["sane"]["enabled"] is False
    assert rows["sane"]["brings"] == {
        "scanners": ["sane"],
        "operations": [],
        "edits": [],
        "routes": [],
    }
    assert rows["imaging"]["builtin"] is True
    assert rows["virtual"] == {
        "name": "virtual",
        "version": VERSION,
        "enabled": True,
        "builtin": True,
        "description": "",
        "brings": {},
        "error": "'sheets' must be int: Expected `int`, got `str`.",
    }
