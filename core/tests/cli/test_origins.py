"""`flatbed origins`: what a person decides about websites, with a service and without."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from .home import LIMIT_S, Home, RunningService

WORK, OURS = "https://work.example", "https://ours.example:8443"
CONFIG = f"""
allowed_origins = ["{OURS}"]
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Home, RunningService]]:
    """A home with a service, whose configuration lets one website in."""
    home = Home(tmp_path_factory.mktemp("origins"))
    config = home.folder / "config" / "flatbed"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(CONFIG)
    with home.service() as service:
        yield home, service
    assert home.left_running() == []


@pytest.fixture
def house(running: tuple[Home, RunningService], tmp_path: Path) -> Home:
    """The home, with nothing decided."""
    home, _ = running
    home.work = tmp_path
    for entry in home.flatbed("origins", "list", "--json").json:
        if entry["state"] != "configured":
            assert home.flatbed("origins", "revoke", entry["origin"]).code == 0
    return home


def status_for(service: RunningService, origin: str) -> int:
    """What a page of an origin gets when it wants to scan."""
    url = f"{service.url}/api/device/scanners"
    try:
        request = urllib.request.Request(url, headers={"Origin": origin})
        with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_allow_block_and_revoke_hold_at_once(
    house: Home, running: tuple[Home, RunningService]
) -> None:
    """Each says what it has done; the running service does it."""
    _, service = running
    assert status_for(service, WORK) == 403
    for command, said, status in (
        ("allow", f"{WORK} is allowed.", 200),
        ("block", f"{WORK} is blocked.", 403),
        ("allow", f"{WORK} is allowed.", 200),
        ("revoke", f"{WORK} has to ask again.", 403),
    ):
        done = house.flatbed("origins", command, WORK)
        assert (done.code, done.out, done.err) == (0, f"{said}\n", "")
        assert status_for(service, WORK) == status


def test_list_tells_who_is_allowed_by_whom(
    house: Home, running: tuple[Home, RunningService]
) -> None:
    """As a table, and as JSON with the service's own keys."""
    _, service = running
    house.flatbed("origins", "allow", WORK)
    house.flatbed("origins", "block", "https://pushy.example")
    assert status_for(service, WORK) == 200
    table = house.flatbed("origins", "list").out.splitlines()
    assert table[0].split() == ["Origin", "State", "Name", "Since", "Last", "used"]
    moment = r"\d{4}-\d\d-\d\d \d\d:\d\d"
    assert re.fullmatch(rf"{OURS} +allowed by the configuration", table[1])
    assert re.fullmatch(rf"https://pushy.example +blocked +{moment}", table[2])
    assert re.fullmatch(rf"{WORK} +allowed +{moment} +{moment}", table[3])
    ours, pushy, work = house.flatbed("origins", "list", "--json").json
    assert ours == {"origin": OURS, "state": "configured"}
    assert (pushy["state"], work["state"]) == ("blocked", "always")
    assert set(work) == {"origin", "state", "since", "lastUsed"}


def test_name_of_a_page_cannot_write_on_the_terminal(
    house: Home, running: tuple[Home, RunningService]
) -> None:
    """Neither markup nor codes: it is a cell of the table."""
    _, service = running
    name = json.dumps({"name": "[red]\x1b[2JShop"}).encode()
    headers = {"Origin": WORK, "Content-Type": "application/json"}
    asking = urllib.request.Request(f"{service.url}/api/pair", name, headers)
    urllib.request.urlopen(asking, timeout=LIMIT_S).close()
    house.flatbed("origins", "allow", WORK)
    with urllib.request.urlopen(f"{service.url}/api/pair", timeout=LIMIT_S) as answer:
        assert json.load(answer) == []
    out = house.flatbed("origins", "list").out
    assert "[red] [2JShop" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("allow", "https://Work.example/"), "is not an origin: write scheme, host and port"),
        (("allow", "https://work.example:443"), "browsers leave :443 out"),
        (("allow", "null"), "is not an origin"),
        (("block", OURS), "config.toml line 2"),
        (("revoke", OURS), "change it there"),
        (("revoke", "https://nobody.example"), "Nothing was decided about this origin."),
    ],
)
def test_decision_that_cannot_be_says_why(
    arguments: tuple[str, ...], said: str, house: Home
) -> None:
    """One sentence on the standard error, and nothing is changed."""
    before = house.flatbed("origins", "list", "--json").json
    done = house.flatbed("origins", *arguments)
    assert (done.code, done.out) == (1, "")
    assert said in done.err
    assert house.flatbed("origins", "list", "--json").json == before


def test_origins_without_a_service_are_kept_for_the_next_one(home: Home) -> None:
    """It is started for each command; what was decided is there when the person starts one."""
    done = home.flatbed("origins", "list")
    assert (done.code, done.out) == (0, "")
    assert "Nothing was decided about any website yet." in done.err
    assert home.flatbed("origins", "allow", WORK, "http://localhost:8080").code == 0
    assert home.flatbed("origins", "block", "https://pushy.example").code == 0
    assert home.flatbed("origins", "revoke", "http://localhost:8080").code == 0
    with home.service() as service:
        assert status_for(service, WORK) == 200
        assert status_for(service, "http://localhost:8080") == 403
        states = {
            each["origin"]: each["state"] for each in home.flatbed("origins", "list", "--json").json
        }
    assert states == {WORK: "always", "https://pushy.example": "blocked"}


@pytest.mark.parametrize("command", ["list", "allow", "revoke", "block"])
def test_help_shows_examples(command: str, home: Home) -> None:
    """So that nobody has to guess how an origin is spelled."""
    done = home.flatbed("origins", command, "--help")
    assert done.code == 0
    assert f"flatbed origins {command}" in done.out.split("Examples:")[1]
