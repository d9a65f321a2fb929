"""`flatbed addons install`, `remove`, `enable` and `disable`."""

from __future__ import annotations

import json
import os
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.support.wheels import (
    put_on_shelf,
    write_addon_wheel,
    write_library,
    write_project,
)

from flatbed import system

from .home import LIMIT_S, Home, RunningService

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "command-line.md"


def versions(service: RunningService) -> dict[str, list[str]]:
    """The add-ons that a running service has, with their versions."""
    with urllib.request.urlopen(f"{service.url}/api/server/version", timeout=LIMIT_S) as answer:
        found: dict[str, list[str]] = json.load(answer)["moduleVersions"]
    return found


def installed(home: Home) -> list[str]:
    """The versions of the add-on `stamp` that can be used."""
    rows: list[dict[str, Any]] = home.flatbed("addons", "list", "--json").json
    return [row["version"] for row in rows if row["name"] == "stamp" and row["enabled"]]


def test_install_tells_its_steps_and_what_came_along(home: Home) -> None:
    """The answer on the standard output, the steps beside it."""
    home.set(ADDON_FOLDER=str(home.folder / "wheels"))
    write_library(home.folder / "wheels", "1.0")
    write_addon_wheel(home.folder / "wheels", "1.0", requires=["inkpot<2"])
    done = home.flatbed("addons", "install", "stamp>=1")
    assert (done.code, done.out.splitlines()) == (
        0,
        [f"Installed stamp 1.0 in {home.data}/addons/stamp/1.0.", "With inkpot 1.0."],
    )
    assert done.err.splitlines() == [
        "Looking for flatbed-stamp>=1 ...",
        "Getting what it needs: inkpot<2 ...",
        "Installing stamp 1.0 ...",
    ]
    again = home.flatbed("addons", "install", "stamp")
    assert (again.code, again.err.splitlines()[-1]) == (
        1,
        "'stamp' 1.0 is installed already. Nothing was changed; --force installs it again.",
    )
    told = home.flatbed("addons", "info", "stamp", "--json").json
    assert told["needs"] == ["inkpot 1.0"]


def test_running_service_sees_what_is_installed_and_removed(home: Home) -> None:
    """Without a restart; nothing of it runs."""
    project = write_project(home.work / "stamp", "1.0")
    with home.service() as service:
        assert "stamp" not in versions(service)
        assert home.flatbed("addons", "install", project.name).code == 0
        assert versions(service)["stamp"] == ["1.0"]
        wheel = write_addon_wheel(home.work, "1.1")
        assert home.flatbed("addons", "install", wheel.name).code == 0
        assert versions(service)["stamp"] == ["1.0", "1.1"]
        assert home.flatbed("addons", "remove", "stamp", "--version", "1.0").code == 0
        assert versions(service)["stamp"] == ["1.1"]
        assert home.flatbed("addons", "disable", "stamp").code == 0
        assert "stamp" not in versions(service)
        assert home.flatbed("addons", "enable", "stamp").code == 0
        assert versions(service)["stamp"] == ["1.1"]


def test_chapter_of_the_documentation_does_what_it_says(home: Home) -> None:
    """Every command of it, in turn."""
    write_project(home.work / "hello", "1.0", name="hello")
    chapter = DOCUMENTATION.read_text("utf-8").split("## Add-ons")[1]
    commands = chapter.split("```sh\n")[1].split("```")[0].splitlines()
    assert len(commands) == 6
    for command in commands:
        done = home.flatbed(*command.removeprefix(".venv/bin/flatbed ").split())
        assert (command, done.code) == (command, 0)


def test_install_of_a_name_without_sources_says_what_to_set(home: Home) -> None:
    """No index is asked that nobody has named."""
    done = home.flatbed("addons", "install", "stamp")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "Where to get 'stamp' is not said. Name a wheel or a folder, or set addon_index or"
        " addon_folder in the configuration.\n"
    )


def test_install_of_what_is_switched_off_or_wrongly_set_says_so(home: Home) -> None:
    """It is installed; what keeps it from being used is told."""
    wheel = write_addon_wheel(home.work, "1.0")
    home.set(ADDONS__STAMP__ENABLED=False)
    done = home.flatbed("addons", "install", wheel.name)
    assert (done.code, done.err.splitlines()[-1]) == (
        0,
        "It is switched off. Switch it on with: flatbed addons enable stamp",
    )
    home.set(ADDONS__STAMP__ENABLED=True, ADDONS__STAMP__INK="blue")
    done = home.flatbed("addons", "install", wheel.name, "--force")
    assert (done.code, done.err.splitlines()[-1]) == (
        0,
        ("It cannot be used yet. The add-on 'stamp' has no setting 'ink'. It has: none."),
    )


def test_install_while_another_is_at_work_says_so(home: Home) -> None:
    """75: try again later."""
    wheel = write_addon_wheel(home.work, "1.0")
    system.own_folder(home.data / "addons")
    with system.FileLock(home.data / "addons" / ".lock"):
        done = home.flatbed("addons", "install", wheel.name)
    assert (done.code, done.err) == (
        75,
        "Another command is changing the add-ons. Wait until it has ended, then try again.\n",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_install_that_is_interrupted_leaves_nothing(home: Home, number: signal.Signals) -> None:
    """130; neither a stage nor a build that goes on."""
    gate = home.work / "gate"
    os.mkfifo(gate)
    held = f"open({str(gate)!r}, 'wb').write(b'x'); import time; time.sleep(600)"
    write_project(home.work / "stamp", "1.0", before=held)
    with home.start("addons", "install", "stamp") as process, gate.open("rb") as opened:
        process.send_signal(number)
        _, said = process.communicate(timeout=LIMIT_S)
        # What was building held the other end; it is gone.
        assert opened.read() in (b"", b"x")
    assert process.returncode == 130
    assert said.splitlines()[-1] == "Interrupted."
    assert [each.name for each in (home.data / "addons").iterdir()] == [".lock"]


def test_remove_says_what_it_removed(home: Home) -> None:
    """And of several versions, that one has to be named."""
    for version in ("1.0", "1.1"):
        put_on_shelf(home.data, version)
    done = home.flatbed("addons", "remove", "stamp")
    assert (done.code, done.err) == (
        1,
        "Several versions of 'stamp' are installed: 1.0, 1.1. Name one with --version.\n",
    )
    done = home.flatbed("addons", "remove", "stamp", "--version", "1.1")
    assert (done.code, done.out, done.err) == (0, "Removed stamp 1.1.\n", "")
    assert installed(home) == ["1.0"]


def test_remove_of_what_comes_with_the_core_is_refused(home: Home) -> None:
    """With the way out."""
    done = home.flatbed("addons", "remove", "virtual")
    assert (done.code, done.err) == (
        1,
        (
            "'virtual' comes with the core and cannot be removed. Switch it off with: flatbed"
            " addons disable virtual\n"
        ),
    )


def test_disable_and_enable_hold_for_every_version(home: Home) -> None:
    """Written down, so that a restart changes nothing."""
    for version in ("1.0", "1.1"):
        put_on_shelf(home.data, version)
    done = home.flatbed("addons", "disable", "stamp")
    assert (done.code, done.out, done.err) == (0, "'stamp' is disabled.\n", "")
    assert installed(home) == []
    done = home.flatbed("addons", "enable", "stamp")
    assert (done.code, done.out, done.err) == (0, "'stamp' is enabled.\n", "")
    assert installed(home) == ["1.1", "1.0"]


def test_switch_that_the_configuration_has_is_changed_there(home: Home) -> None:
    """The sentence names the place; asked for what holds there already, it is done."""
    put_on_shelf(home.data, "1.0")
    settings = Path(home.environment["XDG_CONFIG_HOME"], "flatbed", "config.toml")
    settings.parent.mkdir(parents=True)
    settings.write_text("[addons.stamp]\nenabled = false\n")
    done = home.flatbed("addons", "enable", "stamp")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"'stamp' is disabled by {settings} line 2, which goes before this command. Nothing was"
        " changed; change it there.\n"
    )
    assert home.flatbed("addons", "disable", "stamp").out == (
        f"'stamp' is disabled, also by {settings} line 2.\n"
    )


def test_enable_of_what_cannot_be_used_says_why(home: Home) -> None:
    """It is switched on, and that is not enough."""
    folder = put_on_shelf(home.data, "1.0")
    (folder / "more.py").write_text("")
    done = home.flatbed("addons", "enable", "stamp")
    assert (done.code, done.out) == (0, "'stamp' is enabled.\n")
    assert done.err.startswith("stamp 1.0 cannot be used. The files of the add-on 'stamp' 1.0")


def test_enable_of_what_is_not_there_is_an_error(home: Home) -> None:
    """A slip of the pen is no success."""
    done = home.flatbed("addons", "enable", "stmap")
    assert (done.code, done.err) == (
        1,
        "No add-on 'stmap' is installed. See what is: flatbed addons list\n",
    )


def test_damaged_switches_are_named_by_every_command(home: Home) -> None:
    """What a person has switched off does not come on by itself."""
    put_on_shelf(home.data, "1.0")
    path = home.data / "addons" / "state.json"
    path.write_text("damaged")
    words = f"{path} cannot be read. Delete it, then enable or disable add-ons again."
    assert home.flatbed("addons", "list").err == words + "\n"
    assert words in home.flatbed("doctor").out
    path.unlink()
    assert installed(home) == ["1.0"]
