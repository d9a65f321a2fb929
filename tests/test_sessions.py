"""Sessions: which add-ons a page gets, and the scanner given back when the page is gone."""

from __future__ import annotations

import pytest

from .conftest import MakeService
from .support.bench import GRANTED, OTHER, completed, feeder, glass
from .support.client import JOBS, PAGES, ApiClient
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


def test_pages_are_handed_out_to_a_session_that_is_gone(api: ApiClient) -> None:
    """They are nothing that an add-on was chosen for; a file is, where the session is missed."""
    uid = completed(api, 1)
    page = f"{PAGES}/{api.get(f'{JOBS}/{uid}/next-page-info').json()['imageuid']}"
    headers = {"Flatbed-Session": "0" * 32}
    for path in (f"{JOBS}/{uid}/content", f"{page}/content", f"{JOBS}/{uid}/next-page"):
        # Not stored as JPEG: it is made for each of them.
        answer = api.ask("GET", f"{path}?type=image/jpeg", 200, headers=headers)
        assert answer.content.startswith(b"\xff\xd8\xff")
    for path in (
        f"{page}/content?type=image/tiff",
        f"{JOBS}/{uid}/content?type=image/tiff&page=0",
        f"{JOBS}/{uid}/content?type=image/tiff",
    ):
        refusal = api.refusal("GET", path, 404, headers=headers)
        assert refusal["error"] == "session_not_found"


def test_page_as_pdf_is_for_sessions_that_enabled_the_addon(make_service: MakeService) -> None:
    """By its place in the job, or by itself; without a session any add-on may write it."""
    api = make_service(ALLOWED_ORIGINS=[GRANTED]).client(GRANTED)
    uid = api.scan(config=glass())
    api.wait_for(uid, "completed")
    info = api.get(f"{JOBS}/{uid}/next-page-info").json()
    without, enabled = ({"Flatbed-Session": begin(api, *names)} for names in ([], ["pdf"]))
    for path in (
        f"{PAGES}/{info['imageuid']}/content?type=application/pdf",
        f"{JOBS}/{uid}/content?type=application/pdf&page=0",
        f"{JOBS}/{uid}/content?type=application/pdf",
    ):
        refusal = api.refusal("GET", path, 403, headers=without)
        assert (refusal["code"], refusal["error"]) == (-1126, "addon_not_enabled")
        assert refusal["details"] == {"addon": "pdf"}
        for headers in ({}, enabled, {"Flatbed-Addons": "pdf"}):
            answer = api.ask("GET", path, 200, headers=headers)
            assert answer.content.startswith(b"%PDF-")
