"""`flatbed devices`."""

from __future__ import annotations

import pytest

from .home import Home


def test_devices_of_the_running_service_are_a_table(office: Home) -> None:
    """Name, kind, id; by program as by eye."""
    done = office.flatbed("devices")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Name           Kind   Id\n"
        "Desk           sane   f0f04f2f16542e09\n"
        "Jammer         sane   ee8a1f60715d9452\n"
        "Hall           sane   1c73d83ec483537b\n"
        "Cover          sane   a6c92687fcd31dba\n"
        "Snail          sane   b2cca1bc16294122\n"
        "[red]\N{REPLACEMENT CHARACTER}[2JOdd   sane   072b55840a18618d\n"
    )


def test_devices_json_has_what_a_program_hands_back(office: Home) -> None:
    """`device` as the service gave it."""
    desk = office.flatbed("devices", "--json").json[0]
    assert desk == {
        "name": "Desk",
        "kind": "sane",
        "id": "f0f04f2f16542e09",
        "type": 256,
        "device": '{"driver": "virtual", "id": "f0f04f2f16542e09", "name": "Desk"}',
    }


@pytest.mark.parametrize(
    ("types", "count"),
    [(("--type", "sane"), 6), (("--type", "escl"), 0), (("--type", "wia", "--type", "sane"), 6)],
    ids=["one", "other", "two"],
)
def test_devices_by_type_are_only_those(office: Home, types: tuple[str, ...], count: int) -> None:
    """Several types add up."""
    assert len(office.flatbed("devices", "--json", "--refresh", *types).json) == count


def test_devices_without_a_service_starts_one_for_the_moment(home: Home) -> None:
    """It waits until all drivers have answered, and leaves nothing behind."""
    home.set(LIST_SHOWN_S=0.1)
    done = home.flatbed("devices")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "Name                      Kind   Id\nFlatbed virtual scanner   sane   aced58743e73c9bc\n"
    )
    assert home.left_running() == []


def test_devices_where_there_is_none_says_what_to_do(home: Home) -> None:
    """And why a driver may be missing."""
    home.set(ADDONS__VIRTUAL__SHEETS="many")
    done = home.flatbed("devices")
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "No scanner was found. Switch it on, check its cable, then try again.\n"
        "Note: The add-on 'virtual' was not loaded."
        " 'sheets' must be int: Expected `int`, got `str`.\n"
    )
    assert home.flatbed("devices", "--json").out == "[]\n"


def test_devices_with_a_service_that_cannot_start_tells_its_sentence(home: Home) -> None:
    """What the service itself would say; nobody looks into its log for that."""
    home.data.write_text("")
    done = home.flatbed("devices")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        f"{home.data} cannot be used (Not a directory). Nothing was changed; make it a folder of"
        " yours, or choose another.\n"
    )


def test_devices_with_a_lost_key_tells_the_service_s_sentence(home: Home) -> None:
    """The child says it, the command repeats it."""
    assert home.flatbed("devices").code == 0
    for key in (home.folder / "config" / "flatbed").rglob("*"):
        if key.is_file():
            key.unlink()
    done = home.flatbed("devices")
    assert (done.code, done.out) == (69, "")
    assert done.err.startswith("The key of ")
    assert len(done.err.splitlines()) == 1
