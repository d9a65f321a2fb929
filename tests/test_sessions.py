"""Sessions: which add-ons a page gets, and the scanner given back when the page is gone."""

from __future__ import annotations

import pytest

from .support.bench import GRANTED, OTHER, feeder
from .support.client import JOBS, ApiClient
from .support.events import EventStream
from .support.service import LiveService

SESSIONS = "/api/sessions"


def begin(api: ApiClient, *addons: str) -> str:
    """Begin a session; its id."""
    answer = api.ask("POST", SESSIONS, 201, json={"addons": list(addons)})
    return str(answer.json()["sessionuid"])


def scan_in(api: ApiClient, session: str, device: str, **body: object) -> str:
    """Create a job that belongs to a session."""
    headers = {"Flatbed-Session": session}
    answer = api.ask("POST", JOBS, 201, headers=headers, json={"device": device, **body})
    api.created.append(answer.json()["jobuid"])
    return api.created[-1]


def test_session_tells_the_version_of_each_addon(api: ApiClient) -> None:
    """The newest that fits."""
    answer = api.ask("POST", SESSIONS, 201, json={"addons": ["virtual>=0.1", "imaging"]}).json()
    assert list(answer["addons"]) == ["virtual", "imaging"]
    version = api.get("/api/server/version").json()["moduleVersions"]["core"][0]
    assert set(answer["addons"].values()) == {version}
    assert api.ask("POST", SESSIONS, 201).json()["addons"] == {}


def test_session_with_missing_addons_names_each_of_them(api: ApiClient) -> None:
    """What was wanted, what is there of it, and how to get it."""
    body = {"addons": ["stamp>=1.2,<2", "virtual>=900", "imaging"]}
    refusal = api.refusal("POST", SESSIONS, 409, json=body)
    assert (refusal["code"], refusal["error"]) == (-1126, "addon_unfit")
    missing = {each["wanted"]: each for each in refusal["details"]["missing"]}
    assert set(missing) == {"stamp<2,>=1.2", "virtual>=900"}
    assert missing["stamp<2,>=1.2"]["installed"] == []
    assert "flatbed addons install 'stamp<2,>=1.2'" in missing["stamp<2,>=1.2"]["how"]


@pytest.mark.parametrize(
    "addons", ["barcode", [1], ["not a name!"], ["barcode>>1"], {"barcode": "1"}, [""]]
)
def test_session_with_addons_that_are_none_is_refused(addons: object, api: ApiClient) -> None:
    """A list of names with versions."""
    assert api.refusal("POST", SESSIONS, 400, json={"addons": addons})["code"] == -2113


def test_session_ends_once(page: ApiClient) -> None:
    """After that it is not known any more."""
    session = begin(page)
    page.ask("DELETE", f"{SESSIONS}/{session}", 204)
    refusal = page.refusal("DELETE", f"{SESSIONS}/{session}", 404)
    assert refusal["error"] == "session_not_found"
    headers = {"Flatbed-Session": session}
    body = {"device": "Plain", "autoRun": False}
    assert page.refusal("POST", JOBS, 404, headers=headers, json=body)["code"] == -1040


def test_session_belongs_to_its_origin(bench: LiveService, api: ApiClient) -> None:
    """To another page it is not there; native callers see everything."""
    mine, theirs = bench.client(GRANTED), bench.client(OTHER)
    session = begin(mine)
    assert theirs.refusal("DELETE", f"{SESSIONS}/{session}", 404)["code"] == -1040
    headers = {"Flatbed-Session": session}
    body = {"device": "Plain", "autoRun": False}
    theirs.refusal("POST", JOBS, 404, headers=headers, json=body)
    api.ask("DELETE", f"{SESSIONS}/{session}", 204)


def test_pending_job_of_a_session_that_is_gone_gives_the_scanner_back(
    bench: LiveService, api: ApiClient
) -> None:
    """The tab was closed: no connection for the time that the settings say, half a second here."""
    gone, there = begin(api), begin(api)
    with EventStream(f"{bench.url}/api/events?session={there}"):
        kept = scan_in(api, there, "Second", autoRun=False)
        left = scan_in(api, gone, "Plain", autoRun=False)
        assert api.wait_for(left, "canceled")["status"] == "canceled"
        api.create("Plain", autoRun=False)
        assert api.job(kept)["status"] == "pending"
    # Now this one's tab is closed, too.
    assert api.wait_for(kept, "canceled")["status"] == "canceled"
    api.create("Second", autoRun=False)


def test_running_job_of_a_session_that_is_gone_goes_on(api: ApiClient) -> None:
    """Paper moves: the pages are kept for whoever comes back."""
    left = begin(api)
    running = scan_in(api, left, "Slow", config=feeder(XferCount=2))
    pending = scan_in(api, left, "Plain", autoRun=False)
    api.wait_for(pending, "canceled")
    assert api.wait_for_end(running)["status"] == "completed"


def test_ended_session_gives_the_scanner_back(api: ApiClient) -> None:
    """A page that says good-bye needs not be waited for long."""
    session = begin(api)
    uid = scan_in(api, session, "Plain", autoRun=False)
    api.ask("DELETE", f"{SESSIONS}/{session}", 204)
    assert api.wait_for(uid, "canceled")["status"] == "canceled"
