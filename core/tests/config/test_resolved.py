"""Which value holds, where it came from, and what is refused."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest

from flatbed.config import AllowedOrigin, Config
from flatbed.errors import InvalidInputError


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user without any configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "c"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "d"))
    return tmp_path


def load(home: Path, **options: Any) -> Config:
    """The configuration of a machine whose own file and environment are the test's."""
    everything: dict[str, Any] = {"environ": {}, "system_file": home / "etc.toml", **options}
    return Config.load(**everything)


def test_load_without_anything_gives_the_defaults(home: Path) -> None:
    """The documented ports, limits and folders hold where nobody says otherwise."""
    config = load(home)
    assert config.data_dir == home / "d" / "flatbed"
    assert (config.port, config.tls_port) == (18622, 18623)
    assert (config.status_port, config.status_tls_port) == (18625, 18626)
    assert config.allowed_origins == ()
    assert (config.log_level, config.log_format) == (1, "text")
    assert (config.list_shown_s, config.list_hard_s, config.open_s) == (5, 30, 15)
    assert (config.first_byte_s, config.between_bytes_s, config.page_s) == (60, 30, 180)
    assert (config.cancel_ack_s, config.cancel_term_s, config.cancel_kill_s) == (2, 5, 7)
    assert (config.disk_start_min_mb, config.disk_start_percent) == (1024, 5)
    assert (config.disk_start_max_mb, config.disk_sheet_min_mb) == (5120, 512)
    assert (config.body_limit_mb, config.session_release_s, config.events_kept_h) == (1, 30, 24)
    assert (config.idle_worker_s, config.recycle_calls) == (60, 500)
    assert (config.breaker_crashes, config.breaker_window_s, config.breaker_rest_s) == (3, 60, 30)
    assert (config.defaults, config.addons) == ({}, {})


def test_later_places_win(home: Path) -> None:
    """Machine's file, user's file, environment, flags: each takes over from the one before."""
    machine = "port = 1\ntls_port = 1001\nstatus_port = 1002\nstatus_tls_port = 1003\n"
    (home / "etc.toml").write_text(machine)
    (home / "c" / "flatbed").mkdir(parents=True)
    (home / "c" / "flatbed" / "config.toml").write_text("port = 2\ntls_port = 2\nstatus_port = 3\n")
    environ = {"FLATBED_PORT": "3", "FLATBED_TLS_PORT": "4"}
    config = load(home, environ=environ, flags={"port": 5, "tls_port": None})
    assert (config.port, config.tls_port) == (5, 4)
    assert (config.status_port, config.status_tls_port) == (3, 1003)


def test_named_file_takes_the_place_of_the_users(home: Path) -> None:
    """`--config` replaces the user's file, not the machine's."""
    (home / "etc.toml").write_text("page_s = 11\n")
    (home / "c" / "flatbed").mkdir(parents=True)
    (home / "c" / "flatbed" / "config.toml").write_text("open_s = 12\n")
    (home / "mine.toml").write_text("idle_worker_s = 13\n")
    config = load(home, config_file=home / "mine.toml")
    assert (config.page_s, config.open_s, config.idle_worker_s) == (11, 15, 13)


def test_named_file_must_be_there(home: Path) -> None:
    """A mistyped `--config` is no reason to start with the defaults."""
    with pytest.raises(InvalidInputError, match=r"none\.toml cannot be read: .*No such file"):
        load(home, config_file=home / "none.toml")


def test_file_that_cannot_be_looked_at_is_not_passed_over(home: Path) -> None:
    """A link to itself stands for any file that is there and gives nothing."""
    (home / "etc.toml").symlink_to(home / "etc.toml")
    with pytest.raises(InvalidInputError, match=r"etc\.toml cannot be read"):
        load(home)


def test_tables_are_joined_value_by_value(home: Path) -> None:
    """One add-on setting from the environment leaves the others of the files standing."""
    (home / "etc.toml").write_text(
        '[addons.virtual]\nenabled = true\nsheets = 3\n[defaults]\nencode = "imaging"\n'
    )
    environ = {
        "FLATBED_ADDONS__VIRTUAL__SHEETS": "20",
        "FLATBED_ADDONS__OCR_PRO__PAGE_LIMIT": "7",
        "FLATBED_DEFAULTS__RECOGNIZE_TEXT": "ocr",
    }
    config = load(home, environ=environ)
    assert config.addons == {
        "virtual": {"enabled": True, "sheets": 20},
        "ocr-pro": {"page_limit": 7},
    }
    assert config.defaults == {"encode": "imaging", "recognize-text": "ocr"}


def test_origins_of_all_writings_are_read(home: Path) -> None:
    """Text and tables may stand beside each other; compat is off unless said."""
    (home / "etc.toml").write_text(
        'allowed_origins = ["https://a.example", {origin = "http://b.example:81", compat = true}]'
    )
    granted = (
        AllowedOrigin("https://a.example"),
        AllowedOrigin("http://b.example:81", is_compat=True),
    )
    assert load(home).allowed_origins == granted
    flags = {"allowed_origins": ("https://c.example",)}
    assert load(home, flags=flags).allowed_origins == (AllowedOrigin("https://c.example"),)


def test_folder_of_a_flag_starts_where_the_command_was_typed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--data-dir here` is meant from the current folder, whatever the service's own is."""
    monkeypatch.chdir(home)
    assert load(home, flags={"data_dir": Path("here")}).data_dir == home / "here"
    assert load(home, environ={"FLATBED_DATA_DIR": "~/x"}).data_dir == home / "x"


def test_explain_names_the_source_of_each_value(home: Path) -> None:
    """File with line, variable, flag or default; tables are shown value by value."""
    (home / "etc.toml").write_text("\nopen_s = 12\n[addons.virtual]\nsheets = 3\n")
    rows = load(home, environ={"FLATBED_PORT": "0"}, flags={"tls_port": 0}).explain()
    found = {row.key: (row.value, row.source) for row in rows}
    assert found["open_s"] == (12.0, f"{home}/etc.toml line 2")
    assert found["addons.virtual.sheets"] == (3, f"{home}/etc.toml line 4")
    assert found["port"] == (0, "FLATBED_PORT")
    assert found["tls_port"] == (0, "--tls-port")
    assert found["page_s"] == (180.0, "default")
    assert "addons" not in found
    assert rows[1].help.startswith("Port of the interface")


def test_config_cannot_be_changed(home: Path) -> None:
    """What the parts of the service were built with stays true."""
    with pytest.raises(FrozenInstanceError):
        load(home).port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"FLATBED_LIST_SHOWN_S": "31"},
            r"list_shown_s \(31, FLATBED_LIST_SHOWN_S\) must not .* list_hard_s \(30, default\)",
        ),
        ({"FLATBED_CANCEL_ACK_S": "5.5"}, "cancel_ack_s .* must not be above cancel_term_s"),
        ({"FLATBED_CANCEL_KILL_S": "4"}, "cancel_term_s .* must not be above cancel_kill_s"),
        ({"FLATBED_PORT": "18626"}, r"status_tls_port \(18626, default\) is the same as port"),
    ],
    ids=["list", "cancel", "kill", "ports"],
)
def test_values_that_contradict_each_other_are_refused(
    home: Path, environ: dict[str, str], message: str
) -> None:
    """Each is fine alone; together they could never do what they say."""
    with pytest.raises(InvalidInputError, match=message):
        load(home, environ=environ)


def test_free_ports_may_all_be_the_same(home: Path) -> None:
    """0 takes any free port, for each of the four another one."""
    flags = {"port": 0, "tls_port": 0, "status_port": 0, "status_tls_port": 0}
    assert load(home, flags=flags).status_tls_port == 0
