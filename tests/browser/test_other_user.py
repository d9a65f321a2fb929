"""A service of another user of this computer, who is a real one, before this person's own."""

from __future__ import annotations

import json
import os
import pwd
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from core.tests.http.raw import Request
from core.tests.http.stranger import USER, can_become_stranger, nobody_uid, send_as_stranger
from tests.browser.conftest import OpenBrowser
from tests.browser.rig import LIMIT_MS, PageServer, open_author, wait_for_state
from tests.conftest import MakeService
from tests.support.service import LiveService

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(not can_become_stranger(), reason="only root can become another OS user"),
    pytest.mark.skipif(
        shutil.which("setpriv") is None, reason="setpriv is not installed (apt install util-linux)"
    ),
]

SHEETS = 2
# The interpreter and pytest's folders may stand where only root can look; nobody may look there
# too, and do nothing else that others may not.
RIGHTS = (
    "--clear-groups",
    "--bounding-set=-all,+dac_read_search",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=+dac_read_search",
    "--no-new-privs",
)


@pytest.fixture
def others(tmp_path: Path) -> Iterator[LiveService]:
    """A service that runs as nobody, over a folder that is nobody's."""
    folder = tmp_path / "others"
    folder.mkdir()
    user = pwd.getpwnam(USER)
    os.chown(folder, user.pw_uid, user.pw_gid)
    prefix = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", *RIGHTS)
    service = LiveService(folder, {"ADDONS__VIRTUAL__SHEETS": SHEETS}, prefix=prefix)
    try:
        yield service.start()
    finally:
        service.close()
    assert processes_over(folder) == []


def processes_over(folder: Path) -> list[psutil.Process]:
    """Whoever was started for a folder and still runs."""

    def is_over(process: psutil.Process) -> bool:
        try:
            return any(str(folder) in text for text in process.environ().values())
        except psutil.Error:
            return False

    return [each for each in psutil.process_iter() if is_over(each)]


def requests_at(service: LiveService) -> list[tuple[str, str, int]]:
    """What a service was asked, in order, and with what status it answered."""
    lines = [line.facts for line in service.read_log() if line.event == "request answered"]
    return [(each["verb"], each["route"], each["status"]) for each in lines]


def test_page_that_finds_only_another_users_service_says_so(
    others: LiveService, open_browser: OpenBrowser, author: PageServer
) -> None:
    """It learns whose it is not, and asks nothing else of it."""
    page = open_author(open_browser(), author.origin, others.port)
    assert wait_for_state(page, "foreign") == (
        "Flatbed is in use by another user of this computer."
        " Start it for yourself, then connect again."
    )
    assert page.evaluate("window.flatbed.state.action.label") == "Connect again"
    assert requests_at(others) == [("GET", "/api/hello", 200)]


def test_page_goes_past_another_users_service_and_scans_at_its_own_persons(
    others: LiveService, make_service: MakeService, open_browser: OpenBrowser, author: PageServer
) -> None:
    """Consent, job and pages are all the second port's; the first is only greeted."""
    own = make_service(ADDONS__VIRTUAL__SHEETS=SHEETS, ADDONS__VIRTUAL__PAPER_MM=[105, 148])
    browser = open_browser()
    page = open_author(browser, author.origin, others.port, own.port)
    wait_for_state(page, "consent")
    with browser.expect_page() as opened:
        page.click("#scan")
    consent = opened.value
    consent.wait_for_url(f"{own.url}/consent/*", timeout=LIMIT_MS)
    with consent.expect_event("close", timeout=LIMIT_MS):
        consent.get_by_role("button", name="Allow once").click(timeout=LIMIT_MS)
    page.wait_for_function("window.seen.ended || window.seen.error", timeout=LIMIT_MS)
    seen = page.evaluate("window.seen")
    assert (seen["error"], len(seen["pages"])) == (None, SHEETS)
    assert len(own.stored_jobs()) == 1
    assert others.stored_jobs() == []
    assert set(requests_at(others)) == {("GET", "/api/hello", 200)}


def test_program_of_this_user_is_a_stranger_to_another_users_service(others: LiveService) -> None:
    """A hello and nothing else for this user, root though it be; everything for nobody."""
    hello = httpx.get(f"{others.url}/api/hello")
    assert (hello.status_code, hello.json()["yours"]) == (200, False)
    for path in ("/api/device/scanners", "/api/server", "/status", "/no/such/path"):
        refused = httpx.get(f"{others.url}{path}")
        assert (path, refused.status_code) == (path, 403)
        assert refused.json()["error"] == "another_user"
    asked = httpx.post(f"{others.url}/api/pair", json={}, headers={"Origin": "https://a.example"})
    assert (asked.status_code, asked.json()["error"]) == (403, "another_user")
    headers = (("Host", f"127.0.0.1:{others.port}"),)
    paths = ("/api/hello", "/api/device/scanners")
    hello_again, scanners = send_as_stranger(
        others.port, [Request("GET", path, headers) for path in paths]
    )
    assert json.loads(hello_again.body)["yours"] is True
    assert scanners.status == 200
    running = processes_over(others.folder)
    assert others.pid in {each.pid for each in running}
    assert others.workers() != []
    assert {each.uids().effective for each in running} == {nobody_uid()}
