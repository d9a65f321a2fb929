"""Capabilities set by number, snapshots of settings, and which of all the places wins."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .support.bench import feeder, glass, scan_one
from .support.client import JOBS, ApiClient


def chosen(api: ApiClient, uid: str, *numbers: int) -> dict[int, Any]:
    """What a pending job has chosen for some capabilities."""
    query = ",".join(map(str, numbers))
    found = api.get(f"{JOBS}/{uid}/scanner/capabilities?caps={query}").json()
    return {each["capability"]["value"]: _plain(each["curValue"]) for each in found}


def _plain(value: Any) -> Any:
    return value["value"] if isinstance(value, dict) else value


def _caps(*pairs: tuple[int, Any], exception: str = "ignore") -> dict[str, Any]:
    listed = [{"capability": number, "curValue": value} for number, value in pairs]
    return {"exception": exception, "capabilities": listed}


def test_caps_set_the_job(api: ApiClient) -> None:
    """Values as numbers, and as the pairs of value and label that capabilities are read as."""
    caps = _caps((4098, True), (1, 1), (257, {"value": 1, "label": "TWPT_GRAY"}), (4376, 100))
    page = scan_one(api, caps=caps)
    assert (page.mode, page.dpi) == ("L", 100)


def test_caps_that_cannot_be_set_are_ignored_and_named(api: ApiClient) -> None:
    """The rest of them counts."""
    caps = _caps((4376, 76), (4099, 1), (9999, 1), (257, 7), (4353, 2000), (4355, 500))
    created = api.create("Plain", autoRun=False, caps=caps)
    numbers = [warning.split()[1] for warning in created["warnings"]]
    assert numbers == ["4376", "4099", "9999", "257", "4353"]
    assert chosen(api, created["jobuid"], 4376, 257, 4353, 4355) == {
        4376: 200,
        257: 2,
        4353: 0,
        4355: 500,
    }


@pytest.mark.parametrize(
    ("number", "value"), [(4376, 76), (4099, 1), (9999, 1), (257, 7), (4353, "dark"), (4395, 5)]
)
def test_caps_that_must_not_fail_refuse_the_job(number: int, value: Any, api: ApiClient) -> None:
    """And the refusal names which."""
    body = {"device": "Plain", "caps": _caps((4376, 75), (number, value), exception="fail")}
    refusal = api.refusal("POST", JOBS, 400, json=body)
    assert (refusal["code"], refusal["error"]) == (-1010, "unsupported_setting")
    assert f"capability {number} " in refusal["message"]


@pytest.mark.parametrize(
    ("of_all", "of_one", "status"),
    [("ignore", "fail", 400), ("fail", "ignore", 201)],
    ids=["this one matters", "this one does not"],
)
def test_exception_of_one_capability_wins_over_that_of_all(
    of_all: str, of_one: str, status: int, api: ApiClient
) -> None:
    """`exception` stands beside the list, and may stand at one of its entries."""
    one = {"capability": 4376, "curValue": 76, "exception": of_one}
    body = {"device": "Plain", "autoRun": False}
    caps = {"exception": of_all, "capabilities": [one]}
    answer = api.ask("POST", JOBS, status, json=body | {"caps": caps})
    if status == 201:
        api.created.append(answer.json()["jobuid"])


@pytest.mark.parametrize(
    "caps",
    [
        [],
        "all",
        {"exception": "panic"},
        {"capabilities": [{"curValue": 1}]},
        {"capabilities": [{"capability": "257", "curValue": 1}]},
        {"capabilities": {"257": 1}},
    ],
)
def test_caps_of_a_wrong_shape_are_refused(caps: Any, api: ApiClient) -> None:
    """Ignoring is for what the scanner lacks, not for what nobody can read."""
    refusal = api.refusal("POST", JOBS, 400, json={"device": "Plain", "caps": caps})
    assert refusal["code"] == -2113


def test_settings_come_back_as_they_were_taken(api: ApiClient) -> None:
    """A snapshot of one job makes another one the same, and it is base64 text."""
    first = api.scan(
        "Plain", autoRun=False, config=feeder(PixelType=1, PageSize=5, XferCount=2, Contrast=300)
    )
    answer = api.get(f"{JOBS}/{first}/scanner/settings?showui=true").json()
    assert answer.keys() == {"settings"}
    assert base64.b64decode(answer["settings"], validate=True)
    second = api.scan("Second", autoRun=False, settings=answer["settings"])
    numbers = (1, 257, 4098, 4115, 4353, 4355, 4376, 4386)
    assert chosen(api, second, *numbers) == chosen(api, first, *numbers)
    assert chosen(api, second, 1, 257, 4098, 4376, 4386, 4355) == {
        1: 2,
        257: 1,
        4098: 1,
        4376: 75,
        4386: 5,
        4355: 300,
    }
    assert api.get(f"{JOBS}/{second}/scanner/settings").json() == answer


@pytest.mark.parametrize(
    "settings", ["nothing", "e30=", "W10=", "AAAA", "eyJ3aXNoZXMiOiB7ImRwaSI6ICJoaWdoIn19"],
    ids=["no base64", "empty object", "a list", "bytes", "a wrong value"],
)  # fmt: skip
def test_settings_that_are_none_are_refused(settings: str, api: ApiClient) -> None:
    """Whatever lies in them."""
    refusal = api.refusal("POST", JOBS, 400, json={"device": "Plain", "settings": settings})
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")


def test_settings_give_way_to_caps_and_caps_to_config(api: ApiClient) -> None:
    """The later one wins; what it does not name stays."""
    first = api.scan("Second", autoRun=False, config=glass(PixelType=0, PageSize=5, Brightness=10))
    settings = api.get(f"{JOBS}/{first}/scanner/settings").json()["settings"]
    uid = api.scan(
        "Plain",
        autoRun=False,
        settings=settings,
        caps=_caps((4376, 100), (257, 1), (4353, 20)),
        config={"Resolution": 150, "PixelType": 2},
    )
    assert chosen(api, uid, 4376, 257, 4353, 4386) == {4376: 150, 257: 2, 4353: 20, 4386: 5}
