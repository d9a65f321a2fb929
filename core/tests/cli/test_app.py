"""The command line as a whole."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata

import pytest

from .home import Home


def test_version_is_that_of_the_distribution(home: Home) -> None:
    """What a bug report needs first."""
    done = home.flatbed("--version")
    assert (done.code, done.out, done.err) == (0, f"flatbed {metadata.version('flatbed')}\n", "")


def test_module_does_the_same_as_the_script(home: Home) -> None:
    """A service of a command's own is started this way."""
    command = [sys.executable, "-m", "flatbed.cli", "--version"]
    done = subprocess.run(
        command, capture_output=True, text=True, env=home.environment, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"flatbed {metadata.version('flatbed')}\n")


@pytest.mark.parametrize("args", [(), ("--help",), ("-h",)], ids=["nothing", "long", "short"])
def test_help_lists_commands_and_exit_codes(home: Home, args: tuple[str, ...]) -> None:
    """Whoever types just the name finds the way."""
    done = home.flatbed(*args)
    shown = done.out or done.err
    for command in ("run ", "scan ", "convert ", "devices ", "doctor ", "addons ", "config "):
        assert f"\n  {command}" in shown
    codes = (
        "Exit codes: 0 done, 1 error, 2 wrong usage, 3 fault of the scanner, 69 service"
        " unavailable, 75 busy or taken, try again later, 130 interrupted."
    )
    assert codes in " ".join(shown.split())


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("scan",),
        ("convert",),
        ("devices",),
        ("doctor",),
        ("addons", "list"),
        ("config", "show"),
    ],
)
def test_help_of_a_command_has_examples(home: Home, command: tuple[str, ...]) -> None:
    """An example is what most people read."""
    done = home.flatbed(*command, "--help")
    assert done.code == 0
    assert f"\n  Examples:\n    flatbed {' '.join(command)}" in done.out


def test_unknown_command_is_wrong_usage(home: Home) -> None:
    """With the nearest one, where there is one."""
    done = home.flatbed("device")
    assert (done.code, done.out) == (2, "")
    assert "No such command 'device'. Did you mean 'devices'?" in done.err


@pytest.mark.parametrize(
    "command",
    [
        ("run",),
        ("devices",),
        ("scan", "-o", "page.jpg"),
        ("convert", "page.tiff", "-o", "page.jpg"),
        ("addons", "list"),
        ("config", "show"),
    ],
    ids=["run", "devices", "scan", "convert", "addons", "config"],
)
def test_mistake_in_the_settings_is_one_sentence(home: Home, command: tuple[str, ...]) -> None:
    """Never a traceback; the line is named."""
    (home.work / "mine.toml").write_text('port = "high"\n')
    done = home.flatbed(*command, "--config", "mine.toml")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "'port' in mine.toml line 1: it must be a whole number from 0 to 65535, not 'high'.\n"
    )
