"""Drivers that crash, hang, eat memory or are killed: named in time, and nobody else waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from .conftest import MakeService
from .support.bench import feeder, glass, number_of
from .support.client import JOBS, ApiClient
from .support.pictures import read_picture
from .support.service import LiveService

_ANSWERS = 4
"""How often others are answered meanwhile, at least: somebody who waits gets one answer or two."""


@contextmanager
def others_are_served(bench: LiveService) -> Iterator[None]:
    """Ask for small things all the while; fail if the answers were not worth the name."""
    client, ended, answers = bench.client(), Event(), [0]

    def ask() -> None:
        while not ended.is_set():
            for path in ("/api/hello", "/api/device/scanners"):
                assert client.get(path).status_code == 200
                answers[0] += 1
            ended.wait(0.05)

    thread = Thread(target=ask)
    thread.start()
    try:
        yield
        meanwhile = answers[0]
    finally:
        ended.set()
        thread.join()
    assert meanwhile >= _ANSWERS


@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("Crash", -1001, "driver_crashed"),
        ("Exit", -1001, "driver_crashed"),
        ("Memory", -1002, "out_of_memory"),
    ],
)
def test_driver_that_ends_in_the_middle_is_named_at_once(
    name: str, code: int, error: str, bench: LiveService, api: ApiClient
) -> None:
    """The pages before are safe, another scanner scans meanwhile, and the next job works."""
    mark = bench.ledger.mark()
    with others_are_served(bench):
        uid = api.scan(name, config=feeder())
        other = api.scan("Second", config=feeder(XferCount=2))
        api.wait_for_page(uid)
        job = api.wait_for(uid, "faulted")
        assert api.wait_for_end(other)["status"] == "completed"
    assert (job["code"], job["error"]["error"], job["pages"]) == (code, error, 1)
    assert "Your page is safe." in job["message"]
    (page,) = [read_picture(data).sha256 for data in api.drain(uid)]
    assert page == bench.ledger.delivered(number_of(name), since=mark)[0].sha256
    assert api.wait_for_end(api.scan(name, config=glass()))["status"] == "completed"


def test_crash_says_which_page_may_lie_in_the_scanner(api: ApiClient) -> None:
    """A sheet that went in and became no page is the person's to put back."""
    uid = api.scan("Crash", config=feeder())
    job = api.wait_for(uid, "faulted")
    assert "Page 2 may lie in the scanner: put it back" in job["message"]


@pytest.mark.parametrize(
    ("name", "pages", "step"),
    [("Hang", 1, "send the rest of a page"), ("Hard hang", 0, "open the device")],
    ids=["in a page", "at its opening, deaf to SIGTERM"],
)
def test_device_that_hangs_is_given_up_at_the_limit_of_the_job(
    name: str, pages: int, step: str, bench: LiveService, api: ApiClient
) -> None:
    """`scannerFailureTimeout` stands in place of all limits; the message says what took so long."""
    with others_are_served(bench):
        uid = api.scan(name, config=feeder(), scannerFailureTimeout=1)
        began = time.monotonic()
        job = api.wait_for(uid, "faulted")
        assert time.monotonic() - began > 0.5
    assert (job["code"], job["error"]["error"], job["pages"]) == (-1023, "device_hung", pages)
    assert job["message"].startswith(f"The scanner took too long to {step}.")
    assert len(api.drain(uid)) == pages
    api.scan_after(uid, name, autoRun=False)


@pytest.mark.parametrize("limit", [-1, "1", True])
def test_limit_of_the_job_that_is_no_time_is_refused(limit: object, api: ApiClient) -> None:
    """Seconds, none below zero."""
    body = {"device": "Plain", "scannerFailureTimeout": limit}
    assert api.refusal("POST", JOBS, 400, json=body)["code"] == -2113


def test_hang_without_a_limit_of_the_job_ends_at_those_of_the_settings(
    make_service: MakeService,
) -> None:
    """They hold for every job."""
    service = make_service(ADDONS__VIRTUAL__FAULTS=["hang@2"], BETWEEN_BYTES_S=1)
    api = service.client()
    uid = api.scan(config=feeder(XferCount=2))
    job = api.wait_for(uid, "faulted")
    assert (job["error"]["error"], job["pages"]) == ("device_hung", 1)


def test_killed_worker_leaves_the_pages_before_it(make_service: MakeService) -> None:
    """SIGKILL from outside: the job says so, and the next one works."""
    service = make_service(ADDONS__VIRTUAL__FAULTS=["hang@3"])
    api = service.client()
    uid = api.scan(config=feeder())
    api.wait_for_page(uid, 1)
    service.scanning_worker(uid).kill()
    job = api.wait_for(uid, "faulted")
    assert (job["error"]["error"], job["pages"]) == ("driver_crashed", 2)
    delivered = [each.sha256 for each in service.ledger.delivered(1)]
    assert [read_picture(data).sha256 for data in api.drain(uid)] == delivered
    assert api.wait_for_end(api.scan(config=glass()))["status"] == "completed"


def test_driver_that_crashes_again_and_again_rests(make_service: MakeService) -> None:
    """The breaker opens: the job says when it is worth trying again; after the rest it scans."""
    service = make_service(
        ADDONS__VIRTUAL__FAULTS=["crash@1#1"],
        ADDONS__VIRTUAL__NAMES=["Crash", "Plain"],
        BREAKER_CRASHES=2,
        BREAKER_REST_S=1.5,
    )
    api = service.client()
    api.wait_for_end(api.scan("Plain", config=glass()))
    for _ in range(2):
        job = api.wait_for_end(api.scan("Crash", config=glass()))
        assert job["error"]["error"] == "driver_crashed"
    resting = api.wait_for_end(api.scan("Plain", config=glass()))
    assert (resting["code"], resting["error"]["error"]) == (-1001, "addon_unavailable")
    assert resting["error"]["details"] == {"retry_after_s": 2}
    until = time.monotonic() + 5
    while resting["status"] != "completed":
        assert time.monotonic() < until, "it rests for ever"
        resting = api.wait_for_end(api.scan("Plain", config=glass()))
