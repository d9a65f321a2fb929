"""`flatbed config show`."""

from __future__ import annotations

from .home import Home


def test_config_show_names_value_and_place(home: Home) -> None:
    """The whole table, aligned; a sample of it here."""
    (home.work / "mine.toml").write_text('log_level = "debug"\npage_s = 300\n')
    done = home.flatbed("config", "show", "--config", "mine.toml")
    assert (done.code, done.err) == (0, "")
    lines = [line.split(maxsplit=2) for line in done.out.splitlines()]
    assert lines[0] == ["Setting", "Value", "From"]
    assert ["data_dir", str(home.data), "FLATBED_DATA_DIR"] in lines
    assert ["port", "18622", "default"] in lines
    assert ["allowed_origins", "none", "default"] in lines
    assert ["log_level", "debug", "mine.toml line 1"] in lines
    assert ["page_s", "300", "mine.toml line 2"] in lines
    assert ["addons.virtual.enabled", "true", "FLATBED_ADDONS__VIRTUAL__ENABLED"] in lines


def test_config_show_of_a_flag_names_the_flag(home: Home) -> None:
    """A folder is meant from where the command was typed."""
    done = home.flatbed("config", "show", "--data-dir", "here")
    assert done.out.splitlines()[1].split() == [
        *("data_dir", str(home.work / "here"), "--data-dir")
    ]


def test_config_show_does_not_fold_lines_for_programs(home: Home) -> None:
    """However long a value is; and no blanks at the end of a line."""
    origins = [f"https://{number}.example" for number in range(40)]
    home.set(ALLOWED_ORIGINS=origins)
    lines = home.flatbed("config", "show").out.splitlines()
    assert any(", ".join(origins) in line for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []


def test_config_show_json_has_plain_values(home: Home) -> None:
    """With what each setting does."""
    home.set(ALLOWED_ORIGINS='["https://a.example", {origin = "https://b.example", compat = true}]')
    done = home.flatbed("config", "show", "--json")
    rows = {row["key"]: row for row in done.json}
    assert rows["port"] == {
        "key": "port",
        "value": 18622,
        "source": "default",
        "help": "Port of the interface on loopback, http; 0 takes any free one. If a port is taken,"
        " all four move up by 100, up to four times.",
    }
    assert rows["data_dir"]["value"] == str(home.data)
    assert rows["allowed_origins"]["value"] == [
        {"origin": "https://a.example", "compat": False},
        {"origin": "https://b.example", "compat": True},
    ]


def test_config_show_at_a_terminal_fits_it(home: Home) -> None:
    """Long paths are folded there, in their column."""
    shown = home.terminal("config", "show").wait().out
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "\nlog_level " in shown
