"""The list of scanners: what it says, how a scanner is named, and that its id stays."""

from __future__ import annotations

import json

import pytest

from .conftest import MakeService
from .support.bench import NAMES, glass
from .support.client import ApiClient


def test_list_names_every_scanner_with_type_and_device(api: ApiClient) -> None:
    """`device` is JSON in ASCII that callers hand back; all our drivers here are SANE's kind."""
    found = api.scanners()
    assert set(NAMES) <= set(found)
    plain = found["Plain"]
    assert plain.keys() == {"name", "type", "device"}
    assert plain["type"] == 0x100
    assert plain["device"].isascii()
    assert json.loads(plain["device"])["name"] == "Plain"


@pytest.mark.parametrize(
    ("types", "is_there"),
    [(0x100, True), (0x110, True), (0x10, False), (0x200, False), (0, False)],
    ids=["SANE", "SANE and TWAIN", "TWAIN", "eSCL", "none"],
)
def test_list_of_some_types_has_no_others(
    types: int,
    is_there: bool,  # noqa: FBT001
    api: ApiClient,
) -> None:
    """A client for TWAIN must not be given what it cannot name."""
    assert ("Plain" in api.scanners(types)) is is_there


@pytest.mark.parametrize("query", ["type=abc", "type=-1", "type="])
def test_list_of_a_wrong_type_is_refused(query: str, api: ApiClient) -> None:
    """The query's one parameter is a number."""
    refusal = api.refusal("GET", f"/api/device/scanners?{query}", 400)
    assert (refusal["code"], refusal["error"]) == (-2113, "invalid_input")
    assert "type" in refusal["message"]


@pytest.mark.parametrize("how", ["device", "id", "name"])
def test_job_takes_the_scanner_that_it_names(how: str, api: ApiClient) -> None:
    """As it was listed, and by the parts that a person could type."""
    device = api.scanners()["Second"]["device"]
    wanted = {"device": device, "id": json.loads(device)["id"], "name": "Second"}[how]
    created = api.create(wanted, autoRun=False)
    assert created["scanner"] == {"name": "Second", "type": 0x100, "device": device}


@pytest.mark.parametrize(
    "device",
    ["nobody", '{"driver": "virtual", "id": "0123", "name": "Plain"}', "{}", "[1]", "\u00fc"],
    ids=["name", "another id", "no id", "a list", "not ASCII"],
)
def test_job_for_an_unknown_scanner_is_refused(device: str, api: ApiClient) -> None:
    """And no other scanner is taken in its place."""
    refusal = api.refusal("POST", "/api/device/scanners/jobs", 404, json={"device": device})
    assert (refusal["code"], refusal["error"]) == (-1040, "scanner_not_found")
    assert "list scanners again" in refusal["message"]


def test_job_without_a_device_takes_the_last_used_scanner(make_service: MakeService) -> None:
    """The first one before any was used; and the choice outlives the service."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One", "Two", "Three"])
    api = service.client()
    assert api.create(autoRun=False)["scanner"]["name"] == "One"
    api.delete_jobs()
    api.create("Three", autoRun=False)
    api.delete_jobs()
    assert api.create(autoRun=False)["scanner"]["name"] == "Three"
    api.delete_jobs()
    service.stop()
    assert service.restart().client().create(autoRun=False)["scanner"]["name"] == "Three"


@pytest.mark.sane
def test_scanner_keeps_its_device_over_restart_and_new_order(make_service: MakeService) -> None:
    """Pages keep `device` for weeks; scanners are switched on in another order, or renumbered."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One", "Two"], backends=("test",))
    before = service.client().scanners()
    assert len(before) == 4
    service.kill()
    service.configure(ADDONS__VIRTUAL__NAMES=["New", "Two", "One"])
    after = service.restart().client().scanners()
    assert {name: after[name] for name in before} == before
    devices = [each["device"] for each in after.values()]
    assert len(set(devices)) == len(after) == 5


@pytest.mark.sane
def test_list_is_shown_in_time_while_a_driver_hangs(make_service: MakeService) -> None:
    """What the others found is listed, and can be used meanwhile."""
    service = make_service(
        ADDONS__VIRTUAL__FAULTS=["hang_list"], LIST_SHOWN_S=1, LIST_HARD_S=300, backends=("test",)
    )
    api = service.client()
    found = api.scanners()
    assert set(found) == {"Noname frontend-tester", "Noname frontend-tester (2)"}
    assert api.get("/api/hello").status_code == 200
    uid = api.scan("Noname frontend-tester", config=glass())
    assert api.wait_for_end(uid)["status"] == "completed"


def test_scanner_that_is_new_is_told_as_an_event(make_service: MakeService) -> None:
    """Everybody hears of it, whatever their origin."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One"], ALLOWED_ORIGINS='["https://a.example"]')
    event = service.events.wait_for(lambda event: event.type == "scanner.added")
    assert event.data == service.client("https://a.example").scanners()["One"]
