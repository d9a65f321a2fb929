"""Capabilities of a pending job by TWAIN number, as clients in use read them."""

from __future__ import annotations

from typing import Any

import pytest

from .support.bench import feeder, glass
from .support.client import JOBS, ApiClient

ALL = [1, 257, 4098, 4099, 4101, 4103, 4114, 4115, 4353, 4355, 4369, 4370, 4376, 4377, 4386]
ALL += [4387, 4395]
RANGE = {"value": 6, "label": "TWON_RANGE"}
ENUMERATION = {"value": 4, "label": "TWON_ENUMERATION"}
ONE = {"value": 5, "label": "TWON_ONEVALUE"}


def ask(api: ApiClient, uid: str, query: str = "") -> dict[int, dict[str, Any]]:
    """The capabilities of a job by their numbers."""
    found = api.get(f"{JOBS}/{uid}/scanner/capabilities{query}").json()
    return {each["capability"]["value"]: each for each in found}


@pytest.fixture
def pending(api: ApiClient) -> str:
    """A pending job of a virtual scanner."""
    return api.scan("Plain", autoRun=False, config=feeder(PixelType=1, Brightness=250))


def test_capabilities_without_numbers_are_all(pending: str, api: ApiClient) -> None:
    """And the list of them names the same."""
    found = ask(api, pending)
    assert sorted(found) == ALL
    assert [each["value"] for each in found[4101]["curValue"]] == ALL


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("?caps=257,4376", [257, 4376]),
        ("?caps=4376,257", [4376, 257]),
        ("?caps=257,9999", [257]),
        ("?caps=9999", []),
        ("?caps=", ALL),
        ("?caps=257,", [257]),
    ],
)
def test_capabilities_by_number_are_those_and_in_that_order(
    query: str, numbers: list[int], pending: str, api: ApiClient
) -> None:
    """What nobody knows is left out."""
    assert list(ask(api, pending, query)) == numbers


@pytest.mark.parametrize("caps", ["abc", "257;4376", "1.5"])
def test_capabilities_by_something_else_are_refused(
    caps: str, pending: str, api: ApiClient
) -> None:
    """Numbers separated by commas."""
    path = f"{JOBS}/{pending}/scanner/capabilities?caps={caps}"
    assert api.refusal("GET", path, 400)["code"] == -2113


def test_enumeration_has_its_choices_and_where_in_them(pending: str, api: ApiClient) -> None:
    """Chosen is gray, the device's own is colour."""
    (color,) = ask(api, pending, "?caps=257").values()
    gray = {"value": 1, "label": "TWPT_GRAY"}
    rgb = {"value": 2, "label": "TWPT_RGB"}
    assert color == {
        "capability": {"value": 257, "label": "ICAP_PIXELTYPE"},
        "conType": ENUMERATION,
        "valueType": {"value": 4, "label": "TWTY_UINT16"},
        "query": {"value": 31, "label": "TWQC_GET, TWQC_SET"},
        "curValue": gray,
        "defaultValue": rgb,
        "enums": [{"value": 0, "label": "TWPT_BW"}, gray, rgb],
        "curIndex": 1,
        "defIndex": 2,
    }


def test_range_has_its_ends_and_step(pending: str, api: ApiClient) -> None:
    """Brightness as the contract scales it, and as the job has chosen it."""
    (brightness,) = ask(api, pending, "?caps=4353").values()
    assert brightness["conType"] == RANGE
    assert (brightness["minValue"], brightness["maxValue"], brightness["stepSize"]) == (
        -1000,
        1000,
        1,
    )
    assert (brightness["curValue"], brightness["defaultValue"]) == (250, 0)


def test_capabilities_tell_what_the_virtual_scanner_is(pending: str, api: ApiClient) -> None:
    """A feeder with paper, duplex, a bed of 216 x 356 mm, seven resolutions, up to 48 bits."""
    found = ask(api, pending)
    assert (found[4098]["curValue"], found[4099]["curValue"]) == (1, 1)
    assert found[4114]["curValue"]["value"] == 1
    assert found[4115]["enums"] == [0, 1]
    assert (found[4369]["curValue"], found[4370]["curValue"]) == (8.5039, 14.0157)
    assert found[4369]["conType"] == ONE
    assert found[4376]["enums"] == found[4377]["enums"] == [75, 100, 150, 200, 300, 400, 600]
    assert (found[4376]["curValue"], found[4376]["defaultValue"]) == (75, 200)
    assert [each["value"] for each in found[4386]["enums"]] == [0, 1, 3, 4, 5, 13]
    assert found[4395]["enums"] == [1, 8, 16, 24, 48]
    assert found[4395]["curValue"] == 8


@pytest.mark.sane
def test_capabilities_of_sane_come_from_the_device(api: ApiClient) -> None:
    """The test device has a range of resolutions, a feeder without duplex, and a small bed."""
    uid = api.scan("Noname frontend-tester", autoRun=False, config=glass())
    found = ask(api, uid)
    assert found[4376]["conType"] == RANGE
    assert (found[4376]["minValue"], found[4376]["maxValue"]) == (1, 1200)
    assert found[4376]["curValue"] == 75
    assert found[4098]["enums"] == [0, 1]
    assert found[4114]["curValue"]["value"] == 0
    assert found[4115]["enums"] == [0]
    assert found[4369]["curValue"] == 7.874
    assert {each["value"] for each in found[257]["enums"]} == {0, 1, 2}


@pytest.mark.parametrize("part", ["capabilities", "settings"])
def test_scanner_can_only_be_asked_while_the_job_is_pending(part: str, api: ApiClient) -> None:
    """Later the device is at work, or somebody else's."""
    uid = api.scan("Slow", config=feeder(XferCount=1))
    for state in ("running", "completed"):
        api.wait_for(uid, state)
        refusal = api.refusal("GET", f"{JOBS}/{uid}/scanner/{part}", 409)
        assert (refusal["code"], refusal["error"]) == (-1011, "wrong_state")
        assert state in refusal["message"]
