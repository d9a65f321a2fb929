"""`flatbed addons list` and `info`."""

from __future__ import annotations

from importlib import metadata

from tests.support.wheels import put_on_shelf

from .home import Done, Home

VERSION = metadata.version("flatbed")
HEADINGS = ["Name", "Version", "State", "Where", "Brings"]


def lines(done: Done) -> list[list[str]]:
    """The cells of a list."""
    return [line.split(maxsplit=4) for line in done.out.splitlines()]


def test_addons_list_tells_state_and_what_they_bring(home: Home) -> None:
    """Also of those that are switched off."""
    done = home.flatbed("addons", "list")
    assert (done.code, done.err) == (0, "")
    found = lines(done)
    assert found[0] == HEADINGS
    assert ["virtual", VERSION, "enabled", "core", "scanners sane"] in found
    assert ["sane", VERSION, "disabled", "core", "scanners sane"] in found
    assert [
        *("imaging", VERSION, "enabled", "core"),
        "reads 6 kinds of files; writes image/png, image/jpeg, image/tiff; 4 operations; 17 edits",
    ] in found


def test_addons_list_names_what_is_broken(home: Home) -> None:
    """With the reason, and without stopping at it."""
    home.set(ADDONS__VIRTUAL__SHEETS="many")
    found = lines(home.flatbed("addons", "list"))
    reason = "'sheets' must be int: Expected `int`, got `str`."
    assert ["virtual", VERSION, "broken", "core", reason] in found
    assert ["sane", VERSION, "disabled", "core", "scanners sane"] in found


def test_addons_list_has_every_installed_version(home: Home) -> None:
    """The newest first; what was changed says so."""
    put_on_shelf(home.data, "1.9")
    changed = put_on_shelf(home.data, "1.10")
    (changed / "more.py").write_text("")
    put_on_shelf(home.data, "1.11")
    found = [line for line in lines(home.flatbed("addons", "list")) if line[0] == "stamp"]
    assert found == [
        ["stamp", "1.11", "enabled", "installed", "operations press-stamp"],
        [
            *("stamp", "1.10", "changed", "installed"),
            (
                "The files of the add-on 'stamp' 1.10 were changed after it was installed, so it is"
                " not loaded. Install it again."
            ),
        ],
        ["stamp", "1.9", "enabled", "installed", "operations press-stamp"],
    ]


def test_addons_list_json_has_all_of_it(home: Home) -> None:
    """One object a version, by name."""
    home.set(ADDONS__VIRTUAL__SHEETS="many")
    put_on_shelf(home.data, "1.0")
    rows = {row["name"]: row for row in home.flatbed("addons", "list", "--json").json}
    assert rows["sane"]["enabled"] is False
    assert rows["sane"]["brings"] == {
        "scanners": ["sane"],
        "operations": [],
        "edits": [],
        "routes": [],
    }
    assert (rows["imaging"]["builtin"], rows["imaging"]["where"]) == (True, "core")
    assert rows["stamp"] == {
        "name": "stamp",
        "version": "1.0",
        "state": "enabled",
        "where": "installed",
        "enabled": True,
        "builtin": False,
        "description": "Puts a stamp on pages.",
        "brings": {"operations": ["press-stamp"], "edits": [], "routes": []},
        "error": None,
    }
    assert rows["virtual"] == rows["virtual"] | {
        "name": "virtual",
        "version": VERSION,
        "state": "broken",
        "where": "core",
        "enabled": True,
        "builtin": True,
        "error": "'sheets' must be int: Expected `int`, got `str`.",
    }


MANIFEST = """manifest_version = 1
name = "stamp"
core_api = "1.0"

[operations.press]
hook = "process_page"
help = "Presses the stamp."

[operations.press.settings]
ink = { type = "str", default = "blue", choices = ["blue", "red"], help = "Its colour." }
depth = { type = "float", unit = "mm", minimum = 0.5, maximum = 2 }

[documents]
load = ["image/x-stamp"]

[edits.smear]
help = "Smears it."

[routes."/pads/{name}"]
methods = ["GET", "PUT"]

[config]
pads = { type = "int", default = 2 }
"""


def test_addons_info_tells_all_that_the_manifest_and_the_metadata_say(home: Home) -> None:
    """Of the newest version, with the settings of each operation."""
    put_on_shelf(home.data, "1.0")
    folder = put_on_shelf(home.data, "1.1", manifest=MANIFEST)
    done = home.flatbed("addons", "info", "stamp")
    assert (done.code, done.err) == (0, "")
    assert [line.split(maxsplit=1) for line in done.out.replace("Written for", "For").splitlines()][
        :3
    ] == [["Add-on", "stamp 1.1"], ["State", "enabled"], ["Where", f"installed, {folder}"]]
    for words in (
        "Distribution     flatbed-stamp",
        "Licence          Apache-2.0",
        "Author           A. Writer",
        "Written for      core_api 1.0",
        "Other versions   1.0",
        "Reads            image/x-stamp",
        "Routes           GET|PUT /pads/{name}",
        "Operation press: Presses the stamp.",
        '  ink       str        "blue"    Its colour. (one of blue, red)',
        "  depth     float mm             (from 0.5 to 2)",
        "Edit smear: Smears it.",
        "Configuration, [addons.stamp]",
    ):
        assert words in done.out


def test_addons_info_json_has_the_manifest_whole(home: Home) -> None:
    """And what lies beside the add-on in its folder."""
    put_on_shelf(
        home.data,
        "1.0",
        files={
            "inkpot/__init__.py": "",
            "inkpot-3.1.dist-info/METADATA": "Name: inkpot\nVersion: 3.1\n",
        },
    )
    put_on_shelf(home.data, "1.1")
    told = home.flatbed("addons", "info", "stamp", "--version", "1.0", "--json").json
    assert (told["version"], told["versions"]) == ("1.0", ["1.1", "1.0"])
    assert (told["state"], told["where"], told["error"]) == ("enabled", "installed", None)
    assert told["needs"] == ["inkpot 3.1"]
    assert (told["license"], told["author"]) == ("Apache-2.0", "A. Writer")
    assert told["manifest"]["operations"]["press-stamp"]["hook"] == "process_page"


def test_addons_info_of_what_comes_with_the_core(home: Home) -> None:
    """Who made it stands in the metadata of the core."""
    told = home.flatbed("addons", "info", "imaging", "--json").json
    assert (told["where"], told["folder"], told["needs"]) == ("core", None, [])
    assert (told["distribution"], told["license"]) == ("flatbed", "Apache-2.0")
    assert told["manifest"]["operations"]


def test_addons_info_of_what_is_broken_says_why(home: Home) -> None:
    """As far as anything is known of it."""
    put_on_shelf(home.data, "1.0", manifest="no = ")
    done = home.flatbed("addons", "info", "stamp")
    assert done.code == 0
    assert "broken. addon.toml is no valid TOML" in done.out


def test_addons_info_of_what_is_not_there_names_what_is(home: Home) -> None:
    """Other versions, or the list."""
    put_on_shelf(home.data, "1.0")
    done = home.flatbed("addons", "info", "stamp", "--version", "2.0")
    assert (done.code, done.out) == (1, "")
    assert done.err == "No add-on 'stamp 2.0' is installed. There are the versions 1.0.\n"
    done = home.flatbed("addons", "info", "stmap")
    assert done.err == "No add-on 'stmap' is installed. See what is: flatbed addons list\n"
