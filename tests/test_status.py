"""What the status page is told of the service."""

from __future__ import annotations

from importlib import metadata

import httpx

from .conftest import MakeService
from .support.bench import GRANTED, feeder
from .support.client import ApiClient
from .support.service import LiveService

STATUS = "/api/status"


def test_status_of_a_fresh_service(make_service: MakeService) -> None:
    """Nothing scanned yet, and room on the disk."""
    service = make_service()
    found = service.client().ask("GET", STATUS, 200).json()
    assert found["version"] == metadata.version("flatbed")
    assert found["dataFolder"] == str(service.data)
    assert found["ports"]["main"] == service.port
    assert 0 < found["ports"]["status"] != service.port
    assert 0 < found["disk"]["freeBytes"] <= found["disk"]["totalBytes"]
    assert found["buffer"] == {"pages": 0, "bytes": 0}
    assert 0 <= found["uptimeS"] < 3600
    assert (found["grants"], found["jobs"]) == (0, [])


def test_status_lists_jobs_of_everybody_the_newest_first(make_service: MakeService) -> None:
    """With their pages, their faults and whose they are; the subject is not told."""
    service = make_service(
        ADDONS__VIRTUAL__NAMES=["One", "Two"],
        ADDONS__VIRTUAL__SHEETS=2,
        ADDONS__VIRTUAL__FAULTS=["jam@2#2"],
        ALLOWED_ORIGINS=[GRANTED],
    )
    api, page = service.client(), service.client(GRANTED, subject="ada")
    done = page.scan("One", config=feeder())
    page.wait_for(done, "completed")
    jammed = api.scan("Two", config=feeder())
    api.wait_for(jammed, "faulted")
    found = api.ask("GET", STATUS, 200).json()
    told = [(each["jobuid"], each["scanner"], each["origin"]) for each in found["jobs"]]
    assert told == [(jammed, "Two", "local"), (done, "One", GRANTED)]
    assert [each["status"] for each in found["jobs"]] == ["faulted", "completed"]
    assert [each["pages"] for each in found["jobs"]] == [1, 2]
    assert found["jobs"][0]["error"]["error"] == "paper_jam"
    assert found["jobs"][1]["error"] is None
    assert found["buffer"]["pages"] == 3
    assert found["buffer"]["bytes"] > 0
    assert found["grants"] == 1


def test_status_holds_twenty_jobs_at_most(make_service: MakeService) -> None:
    """A page that is open all day asks for it every few seconds."""
    service = make_service(ADDONS__VIRTUAL__NAMES=["One"], ADDONS__VIRTUAL__PAPER_MM=[40, 50])
    api = service.client()
    uids = []
    for _ in range(21):
        uids.append(api.scan("One", config={"Resolution": 75}))
        api.wait_for(uids[-1], "completed")
    found = api.ask("GET", STATUS, 200).json()["jobs"]
    assert [each["jobuid"] for each in found] == uids[:0:-1]


def test_status_is_not_for_web_pages(page: ApiClient) -> None:
    """A granted one learns nothing of the others."""
    assert page.refusal("GET", STATUS, 403)["error"] == "origin_blocked"


def test_root_shows_the_status_page_on_its_own_port(bench: LiveService) -> None:
    """On the other ports it is the scanning page."""
    status_port = bench.client().get(STATUS).json()["ports"]["status"]
    shown = httpx.get(f"http://127.0.0.1:{status_port}/")
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    other = httpx.get(f"{bench.url}/")
    assert (other.status_code, other.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert ("flatbed-desk" in shown.text, "flatbed-desk" in other.text) == (False, True)
