"""Unknown settings, wrong values and broken files are named with their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flatbed.config.layers import line_of, read_environment, read_file, read_flags
from flatbed.config.table import SETTINGS
from flatbed.errors import InvalidInputError

FILE = """\
# port = 1
log_level = "debug"
allowed_origins = [
    "https://a.example",
]
addons.sane.nets = ["a"]

[ addons . virtual ]
"sheets" = 3
inner = { deep = 1 }
[addons.pdf.limits]
pages = 1
[addons.pdf]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("log_level",), 2),
        (("allowed_origins",), 3),
        (("addons", "sane", "nets"), 6),
        (("addons", "virtual", "sheets"), 9),
        (("addons", "virtual", "inner", "deep"), 10),
        (("addons", "virtual", "other"), 8),
        (("addons", "pdf", "limits", "other"), 11),
        (("port",), None),
    ],
    ids=["key", "list", "dotted", "quoted", "inline", "table only", "inner table", "comment"],
)
def test_line_of_a_value_is_found(path: tuple[str, ...], line: int | None) -> None:
    """Whatever way of writing TOML allows; a comment is no value."""
    assert line_of(FILE, path) == line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", r"There is no setting 'prot' \(.*c.toml line 1\). Did you mean 'port'\?"),
        ("\n[nonsense]\na = 1", r"no setting 'nonsense' \(.*c.toml line 2\). `flatbed config"),
        ("a = 1\nport = x", r"The settings in .*c.toml cannot be read: .*line 2"),
        ('\nport = "x"', r"'port' in .*c.toml line 2: it must be a whole number from 0 to 65535"),
        ("port = true", "it must be a whole number from 0 to 65535, not True"),
        ("port = 65536", "it must be a whole number from 0 to 65535, not 65536"),
        ("port = {a = 1}", "it must be a whole number from 0 to 65535, not {'a': 1}"),
        ("open_s = 0", "'open_s' .* it must be a number from 0.1 to 86400, not 0"),
        ('log_level = "loud"', 'it must be one of "error", "info", "debug", 0, 1, 30'),
        ("log_level = true", "it must be one of"),
        ('data_dir = "here"', "it must be the full path of a folder, or one from ~, not 'here'"),
        ("defaults = 1", r"'defaults' in .* it must be like '\[defaults\]"),
        ("[defaults]\nencode = 1", r"'defaults.encode' in .*line 2: it must be text"),
        ("addons.virtual = 1", "'addons.virtual' in .* it must be like"),
        ("[addons.virtual]\nenabled = 1", "'addons.virtual.enabled' .* must be true or false"),
        ("[addons.virtual]\nday = 2026-11-21", "'addons.virtual.day' .* must be text, a number"),
    ],
)
def test_file_with_a_fault_names_it(tmp_path: Path, text: str, message: str) -> None:
    """The sentence has the setting, the file, the line and what it takes."""
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(InvalidInputError, match=message):
        list(read_file(tmp_path / "c.toml", SETTINGS))


def test_file_of_broken_text_is_named(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are a fault of the file, not of the service."""
    (tmp_path / "c.toml").write_bytes(b'data_dir = "/\xff"')
    with pytest.raises(InvalidInputError, match=r"c\.toml cannot be read"):
        list(read_file(tmp_path / "c.toml", SETTINGS))


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("FLATBED_PORT", "0", ("port",), 0),
        ("FLATBED_OPEN_S", "2.5", ("open_s",), 2.5),
        ("FLATBED_LOG_LEVEL", "30", ("log_level",), 30),
        ("FLATBED_LOG_LEVEL", "error", ("log_level",), 0),
        ("FLATBED_DATA_DIR", "/a b#c", ("data_dir",), Path("/a b#c")),
        ("FLATBED_ADDONS__VIRTUAL__FOLDER", "/a", ("addons", "virtual", "folder"), "/a"),
        ("FLATBED_ADDONS__VIRTUAL__FAULTS", '["jam"]', ("addons", "virtual", "faults"), ["jam"]),
        ("FLATBED_ADDONS__VIRTUAL__NAME", '"20"', ("addons", "virtual", "name"), "20"),
        ("FLATBED_ADDONS__VIRTUAL__NAME", "1\nx = 2", ("addons", "virtual", "name"), "1\nx = 2"),
        ("FLATBED_ADDONS__VIRTUAL__ENABLED", "1", ("addons", "virtual", "enabled"), True),
    ],
)
def test_variable_becomes_a_value(name: str, text: str, path: tuple[str, ...], value: Any) -> None:
    """Text is read by the setting's kind; an add-on's own as TOML where it is TOML."""
    (entry,) = read_environment({name: text, "PORT": "1"}, SETTINGS)
    assert (entry.path, entry.value, entry.source) == (path, value, name)


@pytest.mark.parametrize("text", ["https://a.example, https://b.example,", None], ids=["comma", ""])
def test_variable_with_origins_becomes_a_list(text: str | None) -> None:
    """Comma separated, or as in a file."""
    text = text or '["https://a.example", {origin = "https://b.example"}]'
    (entry,) = read_environment({"FLATBED_ALLOWED_ORIGINS": text}, SETTINGS)
    assert [each.origin for each in entry.value] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("FLATBED_PROT", r"There is no setting 'prot' \(FLATBED_PROT\). Did you mean 'port'\?"),
        ("FLATBED_", r"There is no setting '' \(FLATBED_\)"),
        ("FLATBED_PORT__X", "'port.x' in FLATBED_PORT__X: it must be like 'port = 18622'"),
        ("FLATBED_ADDONS__VIRTUAL", "'addons.virtual' in FLATBED_ADDONS__VIRTUAL"),
        ("FLATBED_ADDONS__VIRTUAL__", "'addons.virtual.' in FLATBED_ADDONS__VIRTUAL__"),
        ("FLATBED_PORT", "'port' in FLATBED_PORT: it must be a whole number"),
    ],
)
def test_variable_with_a_fault_is_named(name: str, message: str) -> None:
    """A variable that nothing reads would be believed to work."""
    with pytest.raises(InvalidInputError, match=message):
        list(read_environment({name: "x"}, SETTINGS))


def test_flag_with_a_fault_is_named_as_it_was_typed() -> None:
    """The command line's own spelling, not the setting's."""
    with pytest.raises(InvalidInputError, match="'tls_port' in --tls-port: it must be a whole"):
        list(read_flags({"tls_port": -1, "port": None}, SETTINGS))
